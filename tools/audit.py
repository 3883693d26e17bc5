"""Ask PyPI whether a package of the locks has a known vulnerability.

    python -m tools.audit

The status is 1 where one has, and also where it cannot be known: without a network, or from an
index without such data.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent.parent / "requirements"
APART = "transformers4.lock"
"""Differs from the locks of the one environment, so that it cannot be asked about with them."""


def ask(locks: Sequence[Path]) -> list[dict[str, Any]]:
    """Return what pip-audit says of each package of locks.

    Raises:
        SystemExit: Nobody answers.
    """
    command = [sys.executable, "-m", "pip_audit", "--disable-pip", "--require-hashes"]
    command += ["--format=json", "--progress-spinner=off"]
    command += [word for lock in locks for word in ("--requirement", str(lock))]
    done = subprocess.run(command, capture_output=True, text=True)
    try:
        dependencies: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
    except ValueError:
        *_, reason = done.stderr.strip().splitlines() or ["pip-audit said nothing"]
        raise SystemExit(f"nothing was audited: {reason}") from None
    return dependencies


def verdict(dependencies: Sequence[dict[str, Any]]) -> list[str]:
    """Return what is wrong with packages, a line each: a vulnerability, or that none is known of.

    Args:
        dependencies: As pip-audit's JSON has them.
    """
    unknown = [each["name"] for each in dependencies if "skip_reason" in each]
    if len(unknown) == len(dependencies):
        return [f"nothing was audited: the index knows none of the {len(unknown)} packages"]
    found = [
        f"{each['name']} {each['version']}: {hole['id']}, "
        f"mended in {', '.join(hole['fix_versions']) or 'no version'}"
        for each in dependencies
        for hole in each.get("vulns", ())
    ]
    return found + [f"{name}: not audited, the index does not know it" for name in unknown]


def main() -> None:
    dependencies = ask(sorted(set(FOLDER.glob("*.lock")) - {FOLDER / APART}))
    wrong = verdict(dependencies)
    print(*wrong or [f"{len(dependencies)} packages, no known vulnerability"], sep="\n")
    raise SystemExit(bool(wrong))


if __name__ == "__main__":
    main()
