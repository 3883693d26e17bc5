"""The commands, configs and programs that README, docs and the other pages show."""

from __future__ import annotations

import re
import shlex
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = [
    *(ROOT / f"{name}.md" for name in ("README", "CONTRIBUTING", "SECURITY")),
    *(ROOT / name / "README.md" for name in ("config", "benchmarks", "figures")),
    *sorted((ROOT / "docs").rglob("*.md")),
]
LANGUAGES = ("", "bibtex", "python", "sh", "text", "toml", "yaml", "yml")
PROGRAMS = ("seqattack", "snakemake", "make", "python")

_BLOCK = re.compile(
    r'^(?P<indent> *)```(?P<language>\w*)(?: title="(?P<title>[^"]+)")?\n(?P<text>.*?)^ *```$',
    re.MULTILINE | re.DOTALL,
)
_INLINE = re.compile(rf"`((?:{'|'.join(PROGRAMS)}) [^`]+)`")


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block of a page."""

    language: str
    title: str | None
    text: str


def blocks(page: Path) -> list[Block]:
    """Return a page's fenced blocks in their order."""
    return [
        Block(match["language"], match["title"], textwrap.dedent(match["text"]))
        for match in _BLOCK.finditer(page.read_text(encoding="utf-8"))
    ]


def shell_lines(block: Block) -> list[list[str]]:
    """Return the words of each line of a block of shell commands."""
    lines = block.text.replace("\\\n", " ").splitlines()
    return [words for line in lines if (words := shlex.split(line, comments=True))]


def inline_commands(page: Path) -> Iterator[list[str]]:
    """Yield the commands in a page's running text."""
    prose = _BLOCK.sub("", page.read_text(encoding="utf-8"))
    for match in _INLINE.finditer(prose):
        yield shlex.split(match[1])


def commands(page: Path) -> list[list[str]]:
    """Return the words of every command of a page, fenced and in running text."""
    fenced = [words for b in blocks(page) if b.language == "sh" for words in shell_lines(b)]
    return [*fenced, *inline_commands(page)]
