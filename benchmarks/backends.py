"""Texts a second through a victim: torch and OpenVINO, in float32 and in bfloat16.

    python -m benchmarks.backends --model MODEL --sentences FILE

The four take turns on the same batches, and the least processor time of several turns counts.
OpenVINO converts the torch model in memory, with dynamic shapes. Beside each rate stand the ratio
to torch float32's, the largest difference of a probability from it, and = where a text's bytes are
the same in every batch.
"""

from __future__ import annotations

import platform
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.common import parser, timed
from seqattack.cli.process import set_threads
from seqattack.corpus import read_sentences

BATCHES = ((1, 24), (8, 24), (32, 16), (16, 32), (64, 24))
TEXTS = 64
TURNS = 3

Inputs = Mapping[str, Any]
Forward = Callable[[Inputs], np.ndarray[Any, Any]]


def main() -> None:
    options = parser(__doc__).parse_args()
    set_threads(options.threads)
    import torch

    from seqattack.models.batching import model_inputs
    from seqattack.victim.victim import Victim

    victim: Any = Victim.load(options.model, device="cpu")
    half: Any = Victim.load(options.model, device="cpu", precision="bfloat16")
    encoded = [victim.encoder.encode(s.tokens).input_ids for s in read_sentences(options.sentences)]
    backends = {
        "torch float32": of_torch(victim.model),
        "torch bfloat16": of_torch(half.model),
        "OpenVINO float32": of_openvino(victim.model, "f32", options.threads),
        "OpenVINO bfloat16": of_openvino(victim.model, "bf16", options.threads),
    }
    print(f"{processor()}, {options.threads} thread(s), torch {torch.__version__}")
    print(f"{'batch':>10}" + "".join(f"{name:>26}" for name in backends))
    for rows, length in BATCHES:
        fitting = [ids for ids in encoded if length - 8 < len(ids) <= length]
        texts = [fitting[number % len(fitting)] for number in range(max(TEXTS, rows))]
        parts = [texts[start : start + rows] for start in range(0, len(texts), rows)]
        batches = [model_inputs(part, length, victim.encoder.pad_id, "cpu") for part in parts]
        report(f"{rows} x {length}", backends, batches)


def report(name: str, backends: Mapping[str, Forward], batches: Sequence[Inputs]) -> None:
    """Print texts a second, the ratio to torch float32, the error and whether bytes are the same.

    Args:
        name: Of the size of the batches.
        backends: Forward passes by name, torch float32's first.
        batches: All of one size.
    """
    least = dict.fromkeys(backends, float("inf"))
    for _ in range(TURNS):
        for backend, forward in backends.items():
            seconds = timed(partial(deque, map(forward, batches), maxlen=0))
            least[backend] = min(least[backend], seconds)
    texts = sum(len(batch["input_ids"]) for batch in batches)
    first, *_ = least.values()
    expected, *_ = (softmax(forward(batches[0])) for forward in backends.values())
    cells = []
    for backend, forward in backends.items():
        together = forward(batches[0])
        error = np.abs(softmax(together) - expected).max()
        same = "=" if is_invariant(forward, batches[0], together) else "≠"
        rate = texts / least[backend]
        cells.append(f"{rate:7.0f} ({first / least[backend]:.2f}) {error:.4f} {same}")
    print(f"{name:>10}" + "".join(f"{cell:>26}" for cell in cells), flush=True)


def is_invariant(forward: Forward, batch: Inputs, together: np.ndarray[Any, Any]) -> bool:
    """Whether the first rows of a batch have the same bytes in batches of 1, 2, 3 and 5 rows.

    Args:
        forward: A forward pass.
        batch: Its inputs.
        together: The logits of the whole batch.
    """
    return all(
        np.array_equal(forward({name: v[:rows] for name, v in batch.items()}), together[:rows])
        for rows in (1, 2, 3, 5)
        if rows <= len(together)
    )


def softmax(logits: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return probabilities of the last axis.

    Args:
        logits: Of any shape.
    """
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True))


def of_torch(model: Any) -> Forward:
    """Return the forward pass of a torch model.

    Args:
        model: The model.
    """
    import torch

    def forward(inputs: Inputs) -> np.ndarray[Any, Any]:
        with torch.inference_mode():
            return np.asarray(model(**inputs).logits.float().numpy())

    return forward


def of_openvino(model: Any, precision: str, threads: int) -> Forward:
    """Return the forward pass of the same model in OpenVINO.

    Args:
        model: The torch model, in float32.
        precision: ``f32`` or ``bf16``.
        threads: Processor threads.
    """
    import openvino
    import torch

    example = {
        name: torch.ones((2, 8), dtype=torch.long) for name in ("input_ids", "attention_mask")
    }
    converted = openvino.convert_model(model, example_input=example)
    settings = {"INFERENCE_PRECISION_HINT": precision, "INFERENCE_NUM_THREADS": threads}
    compiled = openvino.Core().compile_model(converted, "CPU", settings)
    names = [each.get_any_name() for each in compiled.inputs]

    def forward(inputs: Inputs) -> np.ndarray[Any, Any]:
        found = compiled({name: inputs[name].numpy() for name in names})
        return np.array(found[0], dtype=np.float32)

    return forward


def processor() -> str:
    """Return the processor's name and which of the kernels for bfloat16 it has."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    said = {name.strip(): value.strip() for name, _, value in (x.partition(":") for x in lines)}
    has = [each for each in ("avx512_bf16", "amx_bf16") if each in said.get("flags", "").split()]
    return f"{said.get('model name', platform.processor())} ({', '.join(has) or 'no bfloat16'})"


if __name__ == "__main__":
    main()
