"""Write the conda environments of the pipeline's rules from the locks."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ROOT / "requirements"
ENVIRONMENTS = {
    "seqattack": ("requirements.lock",),
    "seqattack-use": ("requirements.lock", "use.lock"),
}
"""Environments, and the locks that each is made of."""

HEAD = """\
# Made by `make lock` from requirements/{locks}; the pipeline's rules run in it with
# `snakemake --sdm conda`.
channels:
  - conda-forge
  - nodefaults
dependencies:
  - python=3.11
  - pip
  - openjdk=17
  - pip:
"""


def environment(name: str) -> str:
    """Return a conda environment with its locks' pins, without the development tools."""
    locks = ENVIRONMENTS[name]
    lines = [line for lock in locks for line in (LOCKS / lock).read_text().splitlines()]
    pins = {line.split("==")[0].lower(): line for line in lines if "==" in line}
    kept = [pins[package] for package in sorted(set(pins) - development_tools())]
    return HEAD.format(locks=" and ".join(locks)) + "".join(f"      - {pin}\n" for pin in kept)


def development_tools() -> set[str]:
    """Return the packages that tests and linters need and the pipeline does not."""
    wanted = (LOCKS / "dev.in").read_text()
    return {name.lower() for name in re.findall(r"^[A-Za-z][\w-]*", wanted, re.MULTILINE)}


def main() -> None:
    for name in ENVIRONMENTS:
        (ROOT / "envs" / f"{name}.yaml").write_text(environment(name), encoding="utf-8")


if __name__ == "__main__":
    main()
