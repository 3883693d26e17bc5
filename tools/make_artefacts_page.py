"""Write docs/artefacts.md from seqattack/files/artefacts.yaml."""

from pathlib import Path

from seqattack.files.artefacts import Artefact, artefacts

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "artefacts.md"
HEAD = """\
# External artefacts

Everything that comes from outside the Python packages, made from
`seqattack/files/artefacts.yaml` by `python -m tools.make_artefacts_page`.

Nothing is fetched when the library is imported or tested. The pipeline fetches what its
configuration names, before the jobs that need it, into the cache (`$SEQATTACK_CACHE`, or
`~/.cache/seqattack`; what is on the hub goes into the hub's own cache). `seqattack fetch CONFIG`
does the same without the pipeline, and `seqattack fetch scpn` fetches one of them.

Every file is checked: against the SHA-256 below, against what the hub states, and against what was
fetched the first time on this computer. A download that broke off goes on where it was. If the
first address of an artefact fails, the next one is tried.

A list of your own replaces addresses and checksums, or adds artefacts. The environment variable
`SEQATTACK_ARTEFACTS` names it:

```yml
scpn:
  addresses: [https://mirror.example.org/scpn.zip]
```

| name | what | version or revision | size | licence | config | known SHA-256 |
| --- | --- | --- | ---: | --- | --- | --- |
"""


def row(artefact: Artefact) -> str:
    """Return an artefact's line of the table."""
    what = f"[{artefact.title}]({artefact.addresses[0]})"
    mirrors = [f"[mirror]({address})" for address in artefact.addresses[1:]]
    size = f"{artefact.megabytes} MB" if artefact.megabytes else ""
    known = [f"`{name}`: `{digest}`" for name, digest in artefact.files.items() if digest]
    key = f"`{artefact.config}`" if artefact.config else ""
    return (
        f"| `{artefact.name}` | {', '.join([what, *mirrors])} | {artefact.version} | {size} "
        f"| {artefact.licence} | {key} | {'<br>'.join(known)} |\n"
    )


def page() -> str:
    """Return the whole page."""
    return HEAD + "".join(row(artefact) for artefact in artefacts().values())


def main() -> None:
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
