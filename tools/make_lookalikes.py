"""Write seqattack/perturbations/lookalikes.txt from Unicode's confusables.txt.

    python -m tools.make_lookalikes confusables.txt LICENSE

The file comes from https://www.unicode.org/Public/security/VERSION/confusables.txt.
"""

import argparse
import re
import unicodedata
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TABLE = ROOT / "seqattack" / "perturbations" / "lookalikes.txt"
HEAD = """\
# Letters and digits of ASCII, and characters that look like them.
# From Unicode's confusables.txt (UTS #39), version {version}, by tools/make_lookalikes.py.
#
{licence}
"""
ALPHABETS = 0x180
"""Letters below are in the alphabets of European languages, so they are no disguise."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("confusables", type=Path, help="Unicode's confusables.txt")
    parser.add_argument("licence", type=Path, help="the text of the Unicode License")
    options = parser.parse_args()
    source = options.confusables.read_text(encoding="utf-8-sig")
    version = re.search(r"^# Version: (\S+)", source, re.MULTILINE)
    if version is None:
        parser.error(f"{options.confusables}: names no version; give Unicode's confusables.txt")
    licence = options.licence.read_text(encoding="utf-8").strip().splitlines()
    head = HEAD.format(
        version=version[1], licence="\n".join(f"# {line}".rstrip() for line in licence)
    )
    lines = (f"{plain}\t{others}\n" for plain, others in sorted(lookalikes(source).items()))
    TABLE.write_text(head + "".join(lines), encoding="utf-8")


def lookalikes(source: str) -> dict[str, str]:
    """Return the characters that look like each letter or digit of ASCII, by code point.

    Args:
        source: The text of confusables.txt.
    """
    skeletons = dict(_skeletons(source))
    plain: dict[str, str] = {}
    for number in range(128):
        if chr(number).isalnum():
            skeleton = skeletons.get(chr(number), chr(number))
            plain[skeleton] = plain.get(skeleton, "") + chr(number)
    found: dict[str, str] = {}
    for character, skeleton in sorted(skeletons.items()):
        if _is_disguise(character) and (like := _like(character, skeleton, plain)):
            found[like] = found.get(like, "") + character
    return found


def _skeletons(source: str) -> Iterator[tuple[str, str]]:
    for line in source.splitlines():
        fields = line.partition("#")[0].split(";")
        if len(fields) == 3:
            character, skeleton = ("".join(chr(int(n, 16)) for n in f.split()) for f in fields[:2])
            yield character, skeleton


def _is_disguise(character: str) -> bool:
    """Whether a character is a letter or digit that moves nothing and no alphabet here has."""
    return (
        ord(character) >= ALPHABETS
        and unicodedata.category(character)[0] in "LN"
        and unicodedata.bidirectional(character) not in ("R", "AL", "AN")
        and unicodedata.normalize("NFC", character) == character
    )


def _like(character: str, skeleton: str, plain: Mapping[str, str]) -> str | None:
    """Return which of the letters and digits with a skeleton a character stands for.

    That is the one of its own category: U+0406 is a capital, so ``I`` and not ``l``.
    """
    category = unicodedata.category(character)
    alike = plain.get(skeleton, "")
    same = [each for each in alike if unicodedata.category(each) == category]
    if same:
        return same[0]
    return skeleton if skeleton in alike else None


if __name__ == "__main__":
    main()
