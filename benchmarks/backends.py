"""Texts a second through victim, masked LM and sentence encoder: torch and OpenVINO.

    python -m benchmarks.backends --model MODEL --masked-lm MODEL --sentences FILE

The backends take turns on the same batches, and the least processor time of several turns counts.
Beside each rate of OpenVINO stand the ratio to torch in the same precision, the largest difference
of its answers from torch's in float32, and = where a text's bytes are the same in every batch. The
masked LM, which attacks run in float32, is counted without its head, which is always torch's.
"""

from __future__ import annotations

import platform
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Literal

import numpy as np

from benchmarks.common import parser, timed
from seqattack.cli.process import set_threads
from seqattack.corpus import read_sentences

BATCHES = ((1, 24), (8, 24), (32, 16), (16, 32), (64, 24))
TEXTS = 64
TURNS = 3

Inputs = Mapping[str, Any]
Array = np.ndarray[Any, Any]
Forward = Callable[[Inputs], Array]
Backend = Literal["torch", "openvino"]
Precision = Literal["float32", "bfloat16"]
Name = tuple[Backend, Precision]

PRECISIONS: Mapping[str, tuple[Precision, ...]] = {
    "victim": ("float32", "bfloat16"),
    "masked LM": ("float32",),
    "sentence encoder": ("float32", "bfloat16"),
}


def main() -> None:
    made = parser(__doc__)
    made.add_argument("--masked-lm", required=True)
    options = made.parse_args()
    set_threads(options.threads)
    import torch

    from seqattack.victim.victim import Victim

    victim: Any = Victim.load(options.model, device="cpu")
    encoded = [victim.encoder.encode(s.tokens).input_ids for s in read_sentences(options.sentences)]
    print(f"{processor()}, {options.threads} thread(s), torch {torch.__version__}")
    for what, precisions in PRECISIONS.items():
        names: list[Name] = [(b, p) for p in precisions for b in ("torch", "openvino")]
        forwards = {name: forward_of(what, options, *name) for name in names}
        print(f"{what:>16}" + "".join(f"{' '.join(name):>26}" for name in names))
        for size, batches in batches_of(encoded, victim.encoder.pad_id):
            report(size, forwards, batches)


def batches_of(
    encoded: Sequence[Sequence[int]], pad_id: int
) -> Iterator[tuple[str, Sequence[Inputs]]]:
    """Yield, for each size, its name and batches of it."""
    from seqattack.models.batching import model_inputs

    for rows, length in BATCHES:
        fitting = [ids for ids in encoded if length - 8 < len(ids) <= length]
        texts = [fitting[number % len(fitting)] for number in range(max(TEXTS, rows))]
        parts = [texts[start : start + rows] for start in range(0, len(texts), rows)]
        yield f"{rows} x {length}", [model_inputs(part, length, pad_id, "cpu") for part in parts]


def forward_of(what: str, options: Any, backend: Backend, precision: Precision) -> Forward:
    """Return the forward pass of a model.

    Args:
        what: The victim, the masked LM or the sentence encoder.
        options: As parsed.
        backend: What computes it.
        precision: Of the forward pass.
    """
    import torch

    from seqattack.masked_lm.model import MaskedLM
    from seqattack.sentence_encoder.sentence_transformers import SentenceTransformersEncoder
    from seqattack.victim.victim import Victim

    model: Any
    if what == "victim":
        loaded: Any = Victim.load(options.model, device="cpu", precision=precision, backend=backend)
        model = loaded.model
    elif what == "masked LM":
        model = MaskedLM.load(options.masked_lm, device="cpu", backend=backend).body
    else:
        model = SentenceTransformersEncoder(precision=precision, backend=backend).network

    def forward(inputs: Inputs) -> Array:
        with torch.inference_mode():
            return np.asarray(model(**inputs)[0].float().numpy())

    return forward


def report(size: str, forwards: Mapping[Name, Forward], batches: Sequence[Inputs]) -> None:
    """Print texts a second, the ratio to torch, the difference and whether bytes are the same.

    Args:
        size: Of the batches.
        forwards: By backend and precision, torch's float32 first.
        batches: All of one size.
    """
    least = dict.fromkeys(forwards, float("inf"))
    for _ in range(TURNS):
        for name, forward in forwards.items():
            seconds = timed(partial(deque, map(forward, batches), maxlen=0))
            least[name] = min(least[name], seconds)
    texts = sum(len(batch["input_ids"]) for batch in batches)
    expected, *_ = (forward(batches[0]) for forward in forwards.values())
    cells = []
    for name, forward in forwards.items():
        together = forward(batches[0])
        error = np.abs(together - expected).max()
        same = "=" if is_invariant(forward, batches[0], together) else "≠"
        ratio = least["torch", name[1]] / least[name]
        cells.append(f"{texts / least[name]:7.0f} ({ratio:.2f}) {error:.4f} {same}")
    print(f"{size:>16}" + "".join(f"{cell:>26}" for cell in cells), flush=True)


def is_invariant(forward: Forward, batch: Inputs, together: Array) -> bool:
    """Whether the first rows of a batch have the same bytes in batches of 1, 2, 3 and 5 rows.

    Args:
        forward: A forward pass.
        batch: Its inputs.
        together: What it gives for the whole batch.
    """
    return all(
        np.array_equal(forward({name: v[:rows] for name, v in batch.items()}), together[:rows])
        for rows in (1, 2, 3, 5)
        if rows <= len(together)
    )


def processor() -> str:
    """Return the processor's name and which of the kernels for bfloat16 it has."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    said = {name.strip(): value.strip() for name, _, value in (x.partition(":") for x in lines)}
    has = [each for each in ("avx512_bf16", "amx_bf16") if each in said.get("flags", "").split()]
    return f"{said.get('model name', platform.processor())} ({', '.join(has) or 'no bfloat16'})"


if __name__ == "__main__":
    main()
