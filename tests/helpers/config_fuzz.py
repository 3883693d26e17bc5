"""Wrong configurations, and what must hold of each: a plan, or one line a problem, at once."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterator, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

import yaml

from seqattack.checks import shown
from seqattack.errors import SeqAttackError
from seqattack.pipeline.config import load_config
from seqattack.pipeline.plan import Plan
from seqattack.pipeline.schema import schema
from tests.helpers.configs import minimal_config
from tests.helpers.fuzz import BAD, Tally, damage

ROOT = Path(__file__).resolve().parents[2]
TEXTS = (
    "a: &a [x, x]\nb: *a\n",
    "a: &a [*a]\n",
    "seeds: [2026-99-99]\n",
    f"seeds: [{'9' * 5000}]\n",
    "seeds: [1e999, .nan, .inf]\n",
    "? [a, b]\n: 1\n",
    "1: 2\nnull: 3\n2020-01-01: 4\n",
    "!!python/object/apply:os.system ['true']\n",
    "seeds: [1]\nseeds: [2]\n",
    "a: " + "[" * 3000 + "]" * 3000,
    "".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9) if n else 'x'}]\n" for n in range(12)),
    "{" * 50,
    "",
    "null",
    "[]",
    "\ufeff{}",
)
"""Files that are no configuration."""


def fuzz_configs(folder: Path, count: int, seed: int) -> Tally:
    """Try wrong configurations: the project's own with some keys changed, and damaged files.

    Args:
        folder: For the files.
        count: How many.
        seed: Of what is changed.
    """
    rng = random.Random(seed)
    bases = [minimal_config()]
    for path in sorted((ROOT / "config").glob("*.yaml")):
        bases.append(yaml.safe_load(path.read_text(encoding="utf-8")))
    places = list(schema_places(schema()))
    tally = Tally()
    for number in range(count):
        source, changes = _source(folder, rng, bases, places, number)
        started = time.monotonic()
        outcome, said = _tried(source)
        tally.add(outcome, said, time.monotonic() - started, changes)
    return tally


def _source(
    folder: Path,
    rng: random.Random,
    bases: list[dict[str, Any]],
    places: list[tuple[str, ...]],
    number: int,
) -> tuple[dict[str, Any] | Path, str]:
    value = deepcopy(rng.choice(bases))
    if number < len(TEXTS):
        data = TEXTS[number].encode()
    elif number % 5 == 0:
        data = damage(yaml.safe_dump(value).encode(), rng)
    else:
        changes = [change(value, rng.choice(places), rng) for _ in range(rng.choice((1, 1, 1, 2)))]
        return value, "; ".join(changes)
    path = folder / f"{number}.yaml"
    path.write_bytes(data)
    return path, repr(data[:2000])


def _tried(source: Mapping[str, Any] | Path) -> tuple[str, str]:
    try:
        plan = Plan(load_config(source))
        for name in ("victims", "ready", "training", "scpn_training", "attacks"):
            getattr(plan, name)
        json.dumps(plan.config.to_json(), allow_nan=False)
    except SeqAttackError as error:
        return "refused", str(error)
    except Exception as error:
        return "traceback", repr(error)
    return "taken", ""


def schema_places(
    node: Mapping[str, Any], place: tuple[str, ...] = ()
) -> Iterator[tuple[str, ...]]:
    """Yield the place of every key that the schema knows, and one more in every mapping."""
    if "$ref" in node:
        node = schema()["$defs"][node["$ref"].rpartition("/")[2]]
    for name, each in node.get("properties", {}).items():
        yield (*place, name)
        yield from schema_places(each, (*place, name))
    if node.get("type") == "object":
        yield (*place, "unknown")
    if "items" in node:
        yield from schema_places(node["items"], (*place, "0"))


def change(value: Any, place: tuple[str, ...], rng: random.Random) -> str:
    """Put something wrong at a place, which is made where it is missing; or take it away.

    Args:
        value: The configuration.
        place: The keys that lead to it.
        rng: Chooses.

    Returns:
        What was done.
    """
    *parents, last = place
    for name in parents:
        if isinstance(value, list):
            value[:] = value or [{}]
            value = value[0]
        elif isinstance(value, dict):
            value = value.setdefault(name, {})
    wrong = deepcopy(rng.choice(BAD))
    if isinstance(value, dict):
        if rng.random() < 0.1:
            value.pop(last, None)
        else:
            value[last if rng.random() < 0.97 else rng.choice((1, None, True, 1.5))] = wrong
    elif isinstance(value, list):
        value[:] = [wrong]
    return f"{'.'.join(place)}: {shown(wrong)}"
