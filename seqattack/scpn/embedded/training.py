"""Training a small SCPN on a corpus's own sentences, rephrased."""

from __future__ import annotations

import random
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch

from seqattack.errors import ConfigError
from seqattack.io import atomic_path
from seqattack.models.training import Place, Training, run_training
from seqattack.scpn.decoding import is_paraphraser
from seqattack.scpn.embedded.networks import (
    Example,
    batch_losses,
    build_network,
    example,
    network_arguments,
)
from seqattack.scpn.embedded.pairs import LONGEST_SOURCE, learn_vocabulary, make_pairs
from seqattack.scpn.embedded.settings import ScpnSettings
from seqattack.scpn.files import checksum, write_folder
from seqattack.scpn.folder import PARAPHRASER, PARSE_GENERATOR, check_openattack
from seqattack.sentence import Sentence

PARSE_RATE = 3.0
"""How many times faster the parse generator, which is small, learns than the paraphraser."""

POOL = 16
"""Batches whose pairs are sorted by length together."""

CHECKPOINT_STEPS = 100
"""Steps between two checkpoints."""

HELD_OUT = 100
"""Most dev sentences that the held-out loss is measured on."""


def train_scpn(
    train: Sequence[Sentence],
    dev: Sequence[Sentence],
    *,
    output: str | Path,
    settings: ScpnSettings,
    device: str = "auto",
    threads: int | None = None,
) -> dict[str, Any]:
    """Train an SCPN on sentences and their ten forms, which a parser and rules make.

    A killed training goes on from its last checkpoint, kept in ``<output>.work``. The output
    appears when everything is done.

    Args:
        train: Sentences to learn from; some of their entities are replaced by invented names.
        dev: Sentences for the held-out loss.
        output: Folder of the SCPN, in OpenAttack's format; an earlier one there is replaced.
        settings: What the weights depend on.
        device: ``auto``, ``cpu`` or ``cuda``.
        threads: Processor threads, None for torch's default; the weights depend on them too.

    Returns:
        What ``training.json`` holds: settings, losses and versions.

    Raises:
        ConfigError: There is nothing to train on, or `output` holds something other than a model
            that was trained here.
        BackendError: OpenAttack is not installed.
    """
    check_openattack()
    place = Place.of(output, device, threads)
    if not train or not dev:
        raise ConfigError("an SCPN needs training and dev sentences; give at least one each.")
    return run_training(place, settings, lambda: _ScpnTraining(train, dev, settings, place.device))


class _ScpnTraining(Training):
    """The training of an SCPN's two networks, one after the other.

    Args:
        train: Sentences to learn from.
        dev: Sentences for the held-out loss.
        settings: What the weights depend on.
        device: Where the networks run.

    Raises:
        ConfigError: All training or all dev sentences are too long.
    """

    def __init__(
        self,
        train: Sequence[Sentence],
        dev: Sequence[Sentence],
        settings: ScpnSettings,
        device: str,
    ) -> None:
        self.settings = settings
        self.device = device
        self.vocabulary = learn_vocabulary(train)
        self.pairs = make_pairs(train, self.vocabulary, settings.seed)
        self.held_out = make_pairs(dev[:HELD_OUT], self.vocabulary, settings.seed)
        if not self.pairs or not self.held_out:
            raise ConfigError(
                f"an SCPN needs training and dev sentences of at most {LONGEST_SOURCE} sub-words, "
                f"dev ones among the first {HELD_OUT}; split the long ones."
            )
        self.arguments = network_arguments(settings)
        self.networks: dict[str, Any] = {}
        self._sentences = (train, dev)

    @property
    def identity(self) -> Mapping[str, Any]:
        """Nothing: the networks are trained from nothing."""
        return {}

    @property
    def data(self) -> Any:
        """The training and the dev sentences."""
        return [[sentence.to_json() for sentence in split] for split in self._sentences]

    def fit(self, work: Path) -> Mapping[str, Any]:
        """Train both networks, and return their losses."""
        losses = {name: self._fit_one(name, work) for name in (PARSE_GENERATOR, PARAPHRASER)}
        return {"pairs": len(self.pairs), "losses": losses}

    def write(self, folder: Path) -> str:
        """Write the files of the SCPN, and return a checksum of them."""
        write_folder(folder, self.vocabulary, self.networks, self.arguments)
        return checksum(folder)

    def _fit_one(self, name: str, work: Path) -> dict[str, Any]:
        torch.manual_seed(self.settings.seed)
        net = build_network(name, self.arguments[name], self.vocabulary).to(self.device)
        examples = [example(name, pair) for pair in self.pairs]
        losses = _fit(net, examples, self.settings, work / f"{name}.state")
        self.networks[name] = net.eval()
        held_out = [example(name, pair) for pair in self.held_out]
        dev_loss = _evaluate(net, held_out, self.settings.batch_size)
        return {"loss": losses[49::50], "dev_loss": dev_loss}


def plan(lengths: Sequence[int], steps: int, size: int, seed: int) -> list[list[int]]:
    """Return the indices of each step's examples: shuffled, but of about the same length.

    Args:
        lengths: The lengths of all examples.
        steps: Number of steps.
        size: Examples in a step.
        seed: The seed of the order.

    Example:
        >>> plan([3, 1, 2, 1], steps=2, size=2, seed=0)
        [[2, 0], [1, 3]]
    """
    rng = random.Random(f"{seed} plan")
    batches: list[list[int]] = []
    while len(batches) < steps:
        order = rng.sample(range(len(lengths)), len(lengths))
        for start in range(0, len(order), size * POOL):
            pool = sorted(order[start : start + size * POOL], key=lambda i: (lengths[i], i))
            cut = [pool[at : at + size] for at in range(0, len(pool), size)]
            batches += rng.sample(cut, len(cut))
    return batches[:steps]


def _fit(
    net: Any, examples: Sequence[Example], settings: ScpnSettings, checkpoint: Path
) -> list[float]:
    """Train a network and return the loss of every step; go on from a checkpoint that is there."""
    parts = _parts(net, settings)
    losses = _resume(parts, checkpoint)
    lengths = [len(each.target) for each in examples]
    batches = plan(lengths, settings.steps, settings.batch_size, settings.seed)
    net.train()
    for step in range(len(losses) + 1, settings.steps + 1):
        parts["optimizer"].zero_grad()
        score, guidance = batch_losses(net, [examples[index] for index in batches[step - 1]])
        (score + guidance).backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        parts["optimizer"].step()
        parts["schedule"].step()
        losses.append(round(score.item(), 6))
        if step % CHECKPOINT_STEPS == 0 or step == settings.steps:
            states = {key: part.state_dict() for key, part in parts.items()}
            with atomic_path(checkpoint) as temporary:
                torch.save(states | {"losses": losses}, temporary)
            print(f"{checkpoint.stem}: step {step}, loss {losses[-1]:.3f}", file=sys.stderr)
    return losses


def _parts(net: Any, settings: ScpnSettings) -> dict[str, Any]:
    """Return what changes while a network is trained: itself, its optimizer and its schedule."""
    rate = settings.learning_rate * (1.0 if is_paraphraser(net) else PARSE_RATE)
    optimizer = torch.optim.Adam(net.parameters(), lr=rate)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min(1.0, (step + 1) / 50) * max(0.0, 1 - step / settings.steps)
    )
    return {"net": net, "optimizer": optimizer, "schedule": schedule}


def _resume(parts: Mapping[str, Any], checkpoint: Path) -> list[float]:
    """Load a checkpoint that is there, and return the losses of the steps before it."""
    if not checkpoint.is_file():
        return []
    state = torch.load(checkpoint, weights_only=True)
    for key, part in parts.items():
        part.load_state_dict(state[key])
    return list(state["losses"])


@torch.inference_mode()
def _evaluate(net: Any, examples: Sequence[Example], size: int) -> float:
    """Return the mean loss of a symbol in natural logarithms."""
    total = symbols = 0.0
    for start in range(0, len(examples), size):
        batch = examples[start : start + size]
        count = sum(len(each.target) for each in batch)
        total += float(batch_losses(net, batch)[0]) * count
        symbols += count
    return round(total / symbols, 6)
