"""Write envs/seqattack.yaml, the conda environment of all rules, from requirements.lock."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HEAD = """\
# Made by `make lock` from requirements/requirements.lock; the pipeline's rules run in it with
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


def environment(lock: str, development: str) -> str:
    """Return the conda environment with the lock's pins, without the development tools."""
    tools = {name.lower() for name in re.findall(r"^[A-Za-z][\w-]*", development, re.MULTILINE)}
    pins = [line for line in lock.splitlines() if "==" in line]
    kept = [pin for pin in pins if pin.split("==")[0].lower() not in tools]
    return HEAD + "".join(f"      - {pin}\n" for pin in kept)


def main() -> None:
    folder = ROOT / "requirements"
    text = environment((folder / "requirements.lock").read_text(), (folder / "dev.in").read_text())
    (ROOT / "envs" / "seqattack.yaml").write_text(text)


if __name__ == "__main__":
    main()
