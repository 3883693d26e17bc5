"""Write docs/artefacts.md from seqattack/files/artefacts.yaml."""

from pathlib import Path

from seqattack.files.artefacts import Artefact, artefacts

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "artefacts.md"
HEAD = """\
# External artefacts

Everything that comes from outside the Python packages, made from
`seqattack/files/artefacts.yaml` by `python -m tools.make_artefacts_page`.
Nothing is fetched when the library is imported or tested:
rules and commands fetch what their configuration names, and check it where a SHA-256 is known.
Where it is not known, the hub's revision is pinned, or the first fetch prints the SHA-256, to be
written into the configuration.

| what | version or revision | licence | config | SHA-256 |
| --- | --- | --- | --- | --- |
"""


def row(artefact: Artefact) -> str:
    """Return an artefact's line of the table."""
    sums = "<br>".join(
        f"`{name}`: {f'`{checksum}`' if checksum else 'not known'}"
        for name, checksum in artefact.files.items()
    )
    key = f"`{artefact.config}`" if artefact.config else ""
    return (
        f"| [{artefact.title}]({artefact.address}) | {artefact.version} | {artefact.licence} "
        f"| {key} | {sums} |\n"
    )


def page() -> str:
    """Return the whole page."""
    return HEAD + "".join(row(artefact) for artefact in artefacts().values())


def main() -> None:
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
