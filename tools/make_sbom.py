"""Write the bill of materials of the installed packages: name, version, hashes and licence.

    python -m tools.make_sbom dist/sbom.cdx.json

It is CycloneDX 1.6 as JSON, of the packages of `requirements.lock` and `no-deps.lock`. Licences are
read from the installed packages, without a network; one without a known licence is an error.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from typing import Any

from seqattack import __version__
from seqattack.io import write_json

FOLDER = Path(__file__).resolve().parent.parent / "requirements"
LOCKS = ("requirements", "no-deps")
"""The locks of what runs; tests and linters are not shipped."""

LONGEST = 60
"""Characters of the longest text that names a licence; others are the licence itself."""

LICENCES = {
    "axe-playwright-python": "MIT",
    "conda-inject": "MIT",
    "snakemake-interface-common": "MIT",
    "snakemake-interface-logger-plugins": "MIT",
    "snakemake-interface-report-plugins": "MIT",
    "snakemake-interface-scheduler-plugins": "MIT",
    "snakemake-interface-storage-plugins": "MIT",
    "torch": "BSD-3-Clause",
    "word2number": "MIT",
}
"""Of packages whose metadata do not name it: as their licence's text or their repository says."""


def locked(*names: str) -> Iterator[tuple[str, str, list[str]]]:
    """Yield name, version and SHA-256 hashes of each package of locks.

    Args:
        names: The locks' names, without their ending.
    """
    for name in names:
        text = (FOLDER / f"{name}.lock").read_text(encoding="utf-8")
        for found in re.finditer(r"^([\w.-]+)==(\S+)((?: \\\n    --hash=\S+)*)", text, re.M):
            yield found[1], found[2], re.findall(r"sha256:(\w+)", found[3])


def licence(package: str) -> str:
    """Return the licence of an installed package; empty where its metadata do not say it.

    Raises:
        PackageNotFoundError: It is not installed.
    """
    said = metadata(package)
    for key in ("License-Expression", "License"):
        text = str((said.get_all(key) or [""])[0]).strip()
        if text and text != "UNKNOWN" and len(text) <= LONGEST and "\n" not in text:
            return text
    classes = [each for each in said.get_all("Classifier") or [] if each.startswith("License ::")]
    names = [each.rpartition(" :: ")[2] for each in classes]
    return " AND ".join(sorted(names)) or LICENCES.get(package, "")


def _release(name: str, version: str, hashes: list[str]) -> dict[str, Any]:
    """Return where a release is, with the hashes of all its files."""
    return {
        "type": "distribution",
        "url": f"https://pypi.org/project/{name}/{version}/",
        "hashes": [{"alg": "SHA-256", "content": each} for each in hashes],
    }


def bill() -> dict[str, Any]:
    """Return the bill of materials.

    Raises:
        SystemExit: The licence of a package is not known, or a package is not installed.
    """
    components, unknown = [], []
    for name, version, hashes in locked(*LOCKS):
        try:
            said = licence(name)
        except PackageNotFoundError:
            said = ""
        if not said:
            unknown.append(name)
        components.append(
            {
                "type": "library",
                "name": name,
                "version": version,
                "purl": f"pkg:pypi/{re.sub('[-_.]+', '-', name).lower()}@{version}",
                "licenses": [{"license": {"name": said}}],
                "externalReferences": [_release(name, version, hashes)],
            }
        )
    if unknown:
        sys.exit(f"no licence is known of {', '.join(unknown)}; add it to LICENCES, or install it.")
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {"type": "application", "name": "seqattack", "version": __version__}
        },
        "components": components,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("output", type=Path)
    write_json(parser.parse_args().output, bill())


if __name__ == "__main__":
    main()
