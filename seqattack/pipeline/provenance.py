"""What made a run: collected from what each of its jobs recorded when it made its part."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from seqattack.errors import SeqAttackError
from seqattack.files.checksums import sha256_json
from seqattack.integrity import MADE
from seqattack.io import read_json
from seqattack.models.training_report import read_report
from seqattack.victim.source import VictimSource

SHOWN = 5
"""The most files that a remark names."""


def provenance(
    config: Mapping[str, Any],
    models: Mapping[str, str | Path],
    parts: Iterable[str | Path],
    now: Mapping[str, Any],
) -> dict[str, Any]:
    """Return what made the outputs of a run; the same on every run of the same things.

    Args:
        config: The run's configuration.
        models: Each victim as commands name it: its folder, or another word.
        parts: The files that the run ends in; what they were made of is followed.
        now: What makes the report, with its ``outputs``; see `seqattack.pipeline.made`.

    Returns:
        ``remarks`` (what a reader has to know first), ``made_by`` (each state of code, versions and
        machine, with the files that it made), ``models`` and ``config``.
    """
    made, unknown = _made(config, map(str, parts))
    states: dict[str, dict[str, Any]] = {}
    for each in (*made, now):
        state = {key: value for key, value in each.items() if key not in ("outputs", "inputs")}
        found = states.setdefault(sha256_json(state), state | {"files": []})
        found["files"] = sorted({*found["files"], *each["outputs"]})
    return {
        "remarks": [*_mixture(list(states.values())), *_unrecorded(unknown)],
        "made_by": list(states.values()),
        "models": {name: training_of(word) for name, word in models.items()},
        "config": config,
    }


def said(state: Mapping[str, Any]) -> str:
    """Return which code a state has, such as ``commit 1a2b3c4d5e6f with uncommitted changes``.

    >>> said({"commit": None, "version": "1.0", "code": "0123456789abcdef", "changes": None})
    'version 1.0 (no commit; code 0123456789ab)'
    """
    if state["commit"] is None:
        return f"version {state['version']} (no commit; code {state['code'][:12]})"
    text = f"commit {state['commit'][:12]}"
    if changes := state["changes"]:
        text += f" with uncommitted changes ({_listed(changes['files'])}; "
        text += f"SHA-256 of the difference {changes['sha256'][:12]})"
    return text


def _made(
    config: Mapping[str, Any], parts: Iterable[str]
) -> tuple[list[dict[str, Any]], list[str]]:
    """Return what the jobs behind some files recorded, and the run's files of which none did."""
    own = [Path(config[name]) for name in ("results", "figures")]
    by_output = {
        output: made for folder in own for made in _records(folder) for output in made["outputs"]
    }
    waiting, seen = list(parts), set(parts)
    found: dict[str, dict[str, Any]] = {}
    unknown = []
    for path in waiting:  # grows
        made = by_output.get(path)
        if made is not None:
            found[made["outputs"][0]] = made
            waiting += [each for each in made["inputs"] if each not in seen]
            seen.update(made["inputs"])
        elif any(Path(path).is_relative_to(folder) for folder in own) and not _named(config, path):
            unknown.append(path)
    return [found[name] for name in sorted(found)], sorted(unknown)


def _records(folder: Path) -> list[dict[str, Any]]:
    """Read what the jobs of a folder recorded."""
    paths = sorted(folder.rglob(f"{MADE}/*.json"))
    try:
        return [read_json(path) for path in paths]
    except ValueError as error:
        raise SeqAttackError(
            f"{folder}: a file in a {MADE} folder is damaged ({error}); delete the {MADE} "
            "folders, or what was made with them, and run again."
        ) from error


def _named(value: Any, path: str) -> bool:
    """Whether a configuration names a file, which then is the user's own."""
    if isinstance(value, Mapping):
        return any(_named(each, path) for each in value.values())
    return any(_named(each, path) for each in value) if isinstance(value, list) else value == path


def _mixture(states: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return remarks where several states of the code, or versions of libraries, made a run."""
    remarks = []
    counts: Counter[str] = Counter()
    for state in states:
        counts[state["code"]] += len(state["files"])
    codes = {state["code"]: said(state) for state in reversed(states)}
    if len(codes) > 1:
        each = "; ".join(f"{text} made {counts[code]} files" for code, text in codes.items())
        remarks.append(f"This run was put together from {len(codes)} versions of the code: {each}.")
    versions = [{"python": state["python"], **state["packages"]} for state in states]
    for name in dict.fromkeys(name for each in versions for name in each):
        found = sorted({each.get(name, "none") for each in versions})
        if len(found) > 1:
            remarks.append(f"It was made with several versions of {name}: {', '.join(found)}.")
    return remarks


def _unrecorded(files: Sequence[str]) -> list[str]:
    if not files:
        return []
    return [
        f"What made {_listed(files)} is not recorded: an earlier version of the project did, or "
        "another run."
    ]


def _listed(names: Sequence[str]) -> str:
    rest = len(names) - SHOWN
    return ", ".join(names[:SHOWN]) + (f" and {rest} more" if rest > 0 else "")


def training_of(victim: str | Path) -> dict[str, Any]:
    """Return what a victim's weights are, and where they were trained if it was here."""
    from seqattack.models.loading import weights_checksum

    source = VictimSource.of(victim)
    folder = Path(source.name)
    checksum = weights_checksum(folder) if source.kind == "transformers" else None
    made: dict[str, Any] = {"checksum": checksum}
    if checksum is None:
        made["victim"] = f"{source.kind}:{source.name}"
    if source.normalise:
        made["normalise"] = True
    if training := read_report(folder):
        made |= {key: training[key] for key in ("device", "threads", "bfloat16")}
    return made
