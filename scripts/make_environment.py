"""Write the conda environments of the pipeline's rules from the locks.

A conda environment's file cannot say ``--no-deps``. The packages that need it are left to a script
beside it, which Snakemake runs in the environment that it has made.
"""

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
dependencies:
  - python=3.11
  - pip
  - openjdk=17
  - pip:
"""

SCRIPT = """\
#!/bin/sh
# Made by `make lock` from requirements/no-deps.lock; Snakemake runs it in the new environment.
python -m pip install --no-deps {pins}
"""


def environment(name: str) -> str:
    """Return a conda environment with its locks' pins, without the development tools."""
    development = (ROOT / "requirements" / "dev.in").read_text()
    tools = {name.lower() for name in re.findall(r"^[A-Za-z][\w-]*", development, re.MULTILINE)}
    locks = ENVIRONMENTS[name]
    pins = sorted(_pins(*locks), key=lambda pin: pin.split("==")[0].lower())
    kept = [pin for pin in pins if pin.split("==")[0].lower() not in tools]
    return HEAD.format(locks=" and ".join(locks)) + "".join(f"      - {pin}\n" for pin in kept)


def script() -> str:
    """Return what installs the rest of a conda environment."""
    return SCRIPT.format(pins=" ".join(_pins("no-deps.lock")))


def _pins(*locks: str) -> list[str]:
    folder = ROOT / "requirements"
    lines = [line for lock in locks for line in (folder / lock).read_text().splitlines()]
    return [line for line in lines if "==" in line]


def main() -> None:
    for name in ENVIRONMENTS:
        (ROOT / "envs" / f"{name}.yaml").write_text(environment(name))
        (ROOT / "envs" / f"{name}.post-deploy.sh").write_text(script())


if __name__ == "__main__":
    main()
