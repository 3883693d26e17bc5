"""Where the time of a victim's forward pass goes: matrix products, attention, and the rest.

    python -m benchmarks.forward_pass --model MODEL --sentences FILE [--precision float32]

The shares are the profiler's; the rates are processor time without it. Matrix products are those of
linear layers, and their rate says how near they come to what the processor can do.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from benchmarks.common import inputs_of, parser, timed
from seqattack.cli.process import set_threads
from seqattack.corpus import read_sentences

GROUPS = {
    "matrix products": ("linear", "addmm", "matmul"),
    "attention": ("scaled_dot_product",),
    "GELU": ("gelu",),
    "layer normalization": ("layer_norm",),
}
"""By kind of work, parts of the names that torch gives its operators."""


def main() -> None:
    made = parser(__doc__)
    made.add_argument("--precision", default="bfloat16", choices=("float32", "bfloat16"))
    made.add_argument("--batch", type=int, nargs=2, default=(12, 40), metavar=("ROWS", "LENGTH"))
    made.add_argument("--repeats", type=int, default=40)
    options = made.parse_args()
    set_threads(options.threads)
    import torch

    from seqattack.victim.victim import Victim

    victim: Any = Victim.load(options.model, precision=options.precision, device="cpu")
    rows, length = options.batch
    inputs = inputs_of(victim, read_sentences(options.sentences), rows, length)
    send = torch.inference_mode()(partial(victim.model, **inputs))
    send()  # warm up
    seconds = min(timed(send) for _ in range(options.repeats))
    shares = profiled(send, options.repeats)
    operations = 2 * rows * length * linear_weights(victim.model)
    rate = operations / (seconds * shares["matrix products"])
    print(f"{options.precision}, {rows} x {length}: {rows / seconds:.0f} texts/s")
    for kind, share in shares.items():
        print(f"{kind:20} {share:6.1%}")
    print(f"matrix products reach {rate / 1e9:.0f} thousand million operations a second")


def linear_weights(model: Any) -> int:
    """Return the number of weights of a model's linear layers."""
    import torch

    linear = (layer for layer in model.modules() if isinstance(layer, torch.nn.Linear))
    return sum(layer.weight.numel() for layer in linear)


def profiled(send: Callable[[], object], times: int) -> dict[str, float]:
    """Return the share of each kind of work, the rest last.

    Args:
        send: Does the work.
        times: How often it is done.
    """
    from torch.profiler import ProfilerActivity, profile

    with profile(activities=[ProfilerActivity.CPU]) as profiler:
        for _ in range(times):
            send()
    events = profiler.key_averages()
    total = sum(event.self_cpu_time_total for event in events)
    shares = dict.fromkeys([*GROUPS, "the rest"], 0.0)
    for event in events:
        shares[kind_of(event.key)] += event.self_cpu_time_total / total
    return shares


def kind_of(name: str) -> str:
    """Return the kind of work that an operator does."""
    found = (kind for kind, parts in GROUPS.items() if any(part in name for part in parts))
    return next(found, "the rest")


if __name__ == "__main__":
    main()
