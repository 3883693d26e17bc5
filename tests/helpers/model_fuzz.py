"""Damaged model folders, and what must hold of each: it answers, or one line says what is wrong."""

from __future__ import annotations

import json
import random
import shutil
import signal
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np

from seqattack.errors import SeqAttackError
from seqattack.victim.kinds import load_victim
from seqattack.victim.prediction import decode, predict
from tests.helpers.fuzz import BAD, SLOW, Tally, damage
from tests.helpers.tiny_models import FAMILIES, make_model

JSON = ("config.json", "tokenizer.json", "tokenizer_config.json")
WEIGHTS = "model.safetensors"
TEXTS = (("Leeds", "won", "3-1", "."), ("O'Neill", "[SEP]", "\u200b", "x" * 300))
VALUES = tuple(
    each
    for each in BAD
    if not isinstance(each, bytes) and not hasattr(each, "year") and each != 10**5000
)
"""What JSON can hold."""


def fuzz_models(folder: Path, count: int, seed: int) -> Tally:
    """Try damaged folders of small models: changed metadata, damaged files, broken weights.

    Args:
        folder: For the models.
        count: How many.
        seed: Of what is changed.
    """
    rng = random.Random(seed)
    whole = [make_model(folder / family, family) for family in FAMILIES]
    tally = Tally()
    for _ in range(count):
        source = rng.choice(whole)
        broken = folder / "broken"
        shutil.rmtree(broken, ignore_errors=True)
        shutil.copytree(source, broken)
        change = _change(broken, rng)
        started = time.monotonic()
        outcome, said = _tried(broken)
        tally.add(outcome, said, time.monotonic() - started, f"{source.name}: {change}")
    return tally


def _change(folder: Path, rng: random.Random) -> str:
    kind = rng.random()
    names = sorted(path.name for path in folder.iterdir())
    if kind < 0.05:
        name = rng.choice(names)
        (folder / name).unlink()
        return f"without {name}"
    if kind < 0.2:
        name = rng.choice(names)
        data = (folder / name).read_bytes()
        (folder / name).write_bytes(damage(data, rng))
        return f"{name} damaged"
    if kind < 0.3:
        return _change_header(folder / WEIGHTS, rng)
    name = rng.choice(JSON)
    value = json.loads((folder / name).read_text(encoding="utf-8"))
    said = [_change_value(value, rng) for _ in range(rng.choice((1, 1, 2)))]
    (folder / name).write_text(json.dumps(value), encoding="utf-8")
    return f"{name}: {'; '.join(said)}"


def _change_header(path: Path, rng: random.Random) -> str:
    """Change what a file of weights says of itself, or one weight to what is no number."""
    data = path.read_bytes()
    (size,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + size])
    if rng.random() < 0.4:
        numbers = np.frombuffer(data[8 + size :], dtype=np.float32).copy()
        numbers[rng.randrange(len(numbers))] = rng.choice((np.nan, np.inf, -np.inf, 3e38))
        path.write_bytes(data[: 8 + size] + numbers.tobytes())
        return "a weight is no number"
    said = _change_value(header, rng)
    made = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(made)) + made + data[8 + size :])
    return f"header: {said}"


def _change_value(value: Any, rng: random.Random) -> str:
    """Change, remove or rename one value, wherever it is."""
    places = list(_places(value))
    where, key = rng.choice(places)
    action = rng.random()
    if action < 0.15:
        del where[key]
        return f"{key} removed"
    if action < 0.25 and isinstance(where, dict):
        where[f"{key}x"] = where.pop(key)
        return f"{key} renamed"
    where[key] = deepcopy(rng.choice(VALUES))
    return f"{key}: {where[key]!r:.80}"


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield every container and key; of long lists and mappings, the first and the last few."""
    keys = list(value) if isinstance(value, dict) else list(range(len(value)))
    for key in keys if len(keys) < 40 else [*keys[:10], *keys[-10:]]:
        yield value, key
        if isinstance(value[key], dict | list):
            yield from _places(value[key])


def _tried(folder: Path) -> tuple[str, str]:
    try:
        with _in_time(3 * SLOW):
            victim = load_victim(folder)
            for rows in predict(victim, TEXTS):
                assert np.isfinite(rows).all()
                assert len(decode(rows, victim.labels)) == len(rows)
    except SeqAttackError as error:
        return "refused", str(error)
    except BaseException as error:  # the tokenizers' library panics with one of these
        if isinstance(error, KeyboardInterrupt):
            raise
        return "traceback", repr(error)
    return "taken", ""


@contextmanager
def _in_time(seconds: float) -> Iterator[None]:
    """Stop what takes longer."""

    def stop(*_: object) -> None:
        raise TimeoutError(f"more than {seconds} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
