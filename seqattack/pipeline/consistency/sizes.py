"""Numbers of sentences that a generated corpus does not have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from seqattack.checks import LARGEST
from seqattack.pipeline.adversarial import AdversarialConfig


def size_problems(value: Mapping[str, Any], robust: Sequence[AdversarialConfig]) -> Iterator[str]:
    """Yield a line for each number that is larger than what there is to take of.

    Args:
        value: The configuration.
        robust: Its entries of ``adversarial_training``.
    """
    newswire: Mapping[str, int] = value["corpus"].get("newswire") or {}
    if value["subset"]["size"] > newswire.get("test", LARGEST):
        yield (
            f"subset.size: {value['subset']['size']} is more than the {newswire['test']} test "
            "sentences of corpus.newswire; lower it or make more"
        )
    most = _attacked(value, newswire)
    for index, entry in enumerate(robust):
        wanted = max(entry.parts(max(entry.sizes, default=0)).values())
        if not entry.picks and wanted > most:
            yield (
                f"adversarial_training.{index}.sizes: {wanted} is more than the {most} sentences "
                "that the small victim is trained on, each of which gives at most one example of a "
                "recipe; lower it"
            )
    for name, victim in value["victims"].items():
        wanted = victim["sentences"]
        if wanted != "all" and wanted > newswire.get("train", LARGEST):
            yield (
                f"victims.{name}.sentences: {wanted} is more than the {newswire['train']} training "
                "sentences of corpus.newswire; lower it or make more"
            )


def _attacked(value: Mapping[str, Any], newswire: Mapping[str, int]) -> int:
    """Return how many sentences adversarial examples are made of, as far as that is known."""
    small = value["victims"]["small"]["sentences"]
    return min(newswire.get("train", LARGEST), LARGEST if small == "all" else int(small))
