"""Write the conda environments of the pipeline's rules from the locks.

A conda environment's file cannot say ``--no-deps``. The packages that need it are left to a script
beside it, which Snakemake runs in the environment that it has made.
"""

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
# `snakemake --use-conda`.
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
    """Return a conda environment with its locks' pins."""
    locks = ENVIRONMENTS[name]
    found = sorted(pins(*locks), key=lambda pin: pin.split("==")[0].lower())
    return HEAD.format(locks=" and ".join(locks)) + "".join(f"      - {pin}\n" for pin in found)


def script() -> str:
    """Return what installs the rest of a conda environment."""
    return SCRIPT.format(pins=" ".join(pins("no-deps.lock")))


def pins(*locks: str) -> list[str]:
    """Return the pins of locks, such as ``torch==2.13.0``."""
    lines = (line for lock in locks for line in (LOCKS / lock).read_text().splitlines())
    return [line.removesuffix(" \\") for line in lines if "==" in line]


def main() -> None:
    for name in ENVIRONMENTS:
        (ROOT / "envs" / f"{name}.yaml").write_text(environment(name), encoding="utf-8")
        (ROOT / "envs" / f"{name}.post-deploy.sh").write_text(script(), encoding="utf-8")


if __name__ == "__main__":
    main()
