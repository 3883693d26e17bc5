"""Write the conda environments of the pipeline's rules from the locks."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
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
    folder = ROOT / "requirements"
    development = (folder / "dev.in").read_text()
    tools = {name.lower() for name in re.findall(r"^[A-Za-z][\w-]*", development, re.MULTILINE)}
    locks = ENVIRONMENTS[name]
    lines = [line for lock in locks for line in (folder / lock).read_text().splitlines()]
    pins = sorted(
        (line for line in lines if "==" in line), key=lambda pin: pin.split("==")[0].lower()
    )
    kept = [pin for pin in pins if pin.split("==")[0].lower() not in tools]
    return HEAD.format(locks=" and ".join(locks)) + "".join(f"      - {pin}\n" for pin in kept)


def main() -> None:
    for name in ENVIRONMENTS:
        (ROOT / "envs" / f"{name}.yaml").write_text(environment(name))


if __name__ == "__main__":
    main()
