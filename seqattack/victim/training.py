"""Fine-tuning a victim with transformers' Trainer."""

from __future__ import annotations

import copy
import math
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import torch
from transformers import set_seed

from seqattack.errors import ConfigError, ModelError
from seqattack.io import read_json, write_json
from seqattack.models.batching import bucket_length
from seqattack.models.checkpoints import last_checkpoint
from seqattack.models.encoding import Encoded, make_encoder
from seqattack.models.loading import load_config, load_encoder
from seqattack.models.trainer import (
    IGNORED,
    Trainer,
    TrainerCallback,
    check_trainer_device,
    losses,
    save_model,
    trainer_arguments,
)
from seqattack.models.training import Place, Training, origin_of, run_training, use_bfloat16
from seqattack.sentence import Sentence
from seqattack.tags import is_tag
from seqattack.victim.embedding_attack import EmbeddingAttackTrainer, input_embeddings
from seqattack.victim.fresh_noise import FreshNoise
from seqattack.victim.hardening import NoiseSettings
from seqattack.victim.heads import read_head
from seqattack.victim.settings import TrainingSettings
from seqattack.victim.transformers import (
    TransformersVictim,
    load_classifier,
    load_transformers,
)
from seqattack.victim.victim import Victim


class Metrics(Protocol):
    """How well a victim tags, such as `seqattack.metrics.entities.EntityMetrics`."""

    def to_json(self) -> dict[str, Any]:
        """Return the metrics as a JSON object."""
        ...


Evaluate = Callable[[Victim, Sequence[Sentence]], Metrics]
"""Measures how well a victim tags sentences, such as `seqattack.metrics.evaluation.evaluate`."""


@dataclass(frozen=True, slots=True)
class Splits:
    """The sentences of a training.

    Args:
        train: What the victim learns from.
        dev: Evaluated after every epoch.
        test: Evaluated once, at the end.
    """

    train: Sequence[Sentence]
    dev: Sequence[Sentence]
    test: Sequence[Sentence]

    def named(self) -> dict[str, Sequence[Sentence]]:
        """Return the splits by name."""
        return {"train": self.train, "dev": self.dev, "test": self.test}


def train(
    train: Sequence[Sentence],
    dev: Sequence[Sentence],
    test: Sequence[Sentence],
    *,
    labels: Sequence[str],
    pretrained: str | os.PathLike[str],
    output: str | os.PathLike[str],
    settings: TrainingSettings,
    evaluate: Evaluate,
    revision: str | None = None,
    device: str = "auto",
    threads: int | None = None,
) -> dict[str, Any]:
    """Fine-tune a victim and write it, with its metrics in ``training.json``.

    Trains with transformers' Trainer (AdamW, linear decay); each token is labelled at its first
    sub-token. A killed training goes on from its last finished epoch, kept in ``<output>.work``,
    and ends with the weights of an undisturbed one on the same machine. The output appears when
    everything is done.

    Args:
        train: Training sentences.
        dev: Evaluated after every epoch.
        test: Evaluated once, at the end.
        labels: The tags in the order of their ids; a victim that is trained on keeps its own tags,
            which must include these.
        pretrained: Folder or hub name of the pretrained model, or of the victim that is trained on.
        output: Folder of the trained victim; an earlier victim there is replaced.
        settings: What the weights depend on.
        evaluate: Measures the victim on dev and test sentences.
        revision: Pinned revision of a hub model.
        device: ``auto``, ``cpu`` or ``cuda``.
        threads: Processor threads, None for torch's default; the weights depend on them too.

    Returns:
        What ``training.json`` holds: settings, losses, metrics, speed and versions.

    Raises:
        ModelError: The pretrained model can't be had, or a sentence is too long for it.
        ConfigError: There is nothing to train on, a tag is not among `labels` or those of the
            victim that is trained on, the device has no bfloat16 or is a GPU other than the first,
            or `output` holds something other than a model.

    Example:
        >>> from seqattack.metrics.evaluation import evaluate
        >>> from seqattack.models.pretrained import embedded_model_path
        >>> report = train(sentences, dev, test, labels=("O", "B-PER", "I-PER"),
        ...     pretrained=embedded_model_path(), output="victim", evaluate=evaluate,
        ...     settings=TrainingSettings(learning_rate=2e-4))  # doctest: +SKIP
    """
    place = Place.of(output, device, threads)
    check_trainer_device(place.device)
    _check_labels(labels)
    splits = Splits(train, dev, test)
    _check_sentences(splits, labels)
    bfloat16 = use_bfloat16(settings.precision, place.device)

    def begin() -> Training:
        set_seed(settings.seed)
        name = str(pretrained)
        if settings.continued:
            victim = _trained_victim(name, revision, place.device)
            _check_known(name, labels, victim.labels)
        else:
            victim = _new_victim(name, revision, labels, place.device)
        if settings.max_length is not None:
            _limit(victim, settings.max_length)
        for split in splits.named().values():
            victim.check_fits(split)
        if settings.embedding_attack is not None:
            input_embeddings(victim.model)
        return _VictimTraining(
            victim, splits, settings, evaluate, bfloat16, origin_of(name, revision)
        )

    return run_training(place, settings, begin)


class _VictimTraining(Training):
    """The fine-tuning of a victim.

    Args:
        victim: The model, with a new head or its own.
        splits: The sentences.
        settings: What the weights depend on.
        evaluate: Measures the victim.
        bfloat16: Whether to train with bfloat16 autocast.
        origin: Where the pretrained model comes from.
    """

    def __init__(
        self,
        victim: TransformersVictim,
        splits: Splits,
        settings: TrainingSettings,
        evaluate: Evaluate,
        bfloat16: bool,
        origin: Mapping[str, Any],
    ) -> None:
        self.victim = victim
        self.splits = splits
        self.settings = settings
        self.bfloat16 = bfloat16
        self.origin = origin
        self._evaluate = evaluate
        self._copy = _evaluation_copy(victim)

    @property
    def identity(self) -> Mapping[str, Any]:
        """The pretrained model, the labels and the precision."""
        labels = list(self.victim.labels)
        return {"pretrained": self.origin, "labels": labels, "bfloat16": self.bfloat16}

    @property
    def data(self) -> Any:
        """The sentences of all splits."""
        return [[s.to_json() for s in split] for split in self.splits.named().values()]

    def measure(self, sentences: Sequence[Sentence]) -> dict[str, Any] | None:
        """Return the metrics of the victim as it is now; None where there are no sentences."""
        return self._evaluate(self._current(), sentences).to_json() if sentences else None

    def fit(self, work: Path) -> Mapping[str, Any]:
        """Train, and return the history of losses and metrics."""
        epochs = _Epochs(self, work)
        dataset = _Dataset(self.splits.train, self.victim)
        trainer = self._trainer(work, dataset)
        trainer.add_callback(epochs)
        if self.settings.noise is not None:
            trainer.add_callback(self._fresh_noise(self.settings.noise, dataset))
        trainer.train(resume_from_checkpoint=last_checkpoint(work))
        seconds = sum(record["seconds"] for record in epochs.records.values())
        seen = len(self.splits.train) * self.settings.epochs
        return {
            "sentences": {name: len(split) for name, split in self.splits.named().items()},
            "seconds": round(seconds, 3),
            "sentences_per_second": round(seen / seconds, 1),
            "losses": losses(trainer, ("step", "epoch", "loss", "learning_rate")),
            "epochs": epochs.records,
            "dev": epochs.records[str(self.settings.epochs)]["dev"],
            "test": self.measure(self.splits.test),
        }

    def write(self, folder: Path) -> str:
        """Write the model and its tokenizer, and return the SHA-256 of the weights."""
        victim = self._current()
        return save_model(victim.model, victim.encoder.tokenizer, folder)

    def _current(self) -> TransformersVictim:
        """Return a copy of the victim as it is now.

        The model in training runs under autocast and with dropout, so it cannot be measured.
        """
        self._copy.model.load_state_dict(self.victim.model.state_dict())
        return self._copy

    def _fresh_noise(self, noise: NoiseSettings, dataset: _Dataset) -> FreshNoise:
        known = set(self.victim.labels)

        def is_usable(sentence: Sentence) -> bool:
            return known.issuperset(sentence.tags) and self.victim.encoder.fits(sentence.tokens)

        return FreshNoise(noise, self.settings.seed, self.splits.train, is_usable, dataset.show)

    def _trainer(self, work: Path, dataset: _Dataset) -> Any:
        settings, victim = self.settings, self.victim
        steps = settings.epochs * math.ceil(len(self.splits.train) / settings.batch_size)
        arguments = trainer_arguments(
            work,
            device=victim.device,
            bfloat16=self.bfloat16,
            batch_size=settings.batch_size,
            seed=settings.seed,
            num_train_epochs=settings.epochs,
            learning_rate=settings.learning_rate,
            warmup_steps=math.ceil(steps * settings.warmup_ratio),
            weight_decay=settings.weight_decay,
            save_strategy="epoch",
        )
        collator = _Collator(victim.encoder.pad_id, victim.encoder.max_length)
        given = {"data_collator": collator, "train_dataset": dataset}
        if settings.embedding_attack is None:
            return Trainer(victim.model, arguments, **given)
        special = victim.encoder.special_ids
        attack = settings.embedding_attack
        return EmbeddingAttackTrainer(
            victim.model, arguments, attack=attack, special_ids=special, **given
        )


class _Epochs(TrainerCallback):  # type: ignore[misc]  # transformers has no types
    """Keeps time and dev metrics of every epoch, also of those before a resumed training.

    Args:
        training: The training.
        work: Its work folder, which holds the records of earlier epochs.
    """

    def __init__(self, training: _VictimTraining, work: Path) -> None:
        self.training = training
        self.path = work / "epochs.json"
        self.records: dict[str, Any] = read_json(self.path) if self.path.is_file() else {}
        self.started = 0.0

    def on_epoch_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Start the clock."""
        self.started = time.perf_counter()

    def on_epoch_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Measure the victim on the dev set and write that down, before the checkpoint."""
        seconds = time.perf_counter() - self.started
        splits = self.training.splits
        self.records[str(round(state.epoch))] = {
            "seconds": round(seconds, 3),
            "sentences_per_second": round(len(splits.train) / seconds, 1),
            "dev": self.training.measure(splits.dev),
        }
        write_json(self.path, self.records)
        control.should_log = True


class _Dataset(torch.utils.data.Dataset[dict[str, list[int]]]):
    """Encoded sentences; each token is labelled at its first sub-token."""

    def __init__(self, sentences: Sequence[Sentence], victim: TransformersVictim) -> None:
        self._victim = victim
        self.show(sentences)

    def show(self, sentences: Sequence[Sentence]) -> None:
        """Hold these sentences from now on; the Trainer knows the first ones' lengths and order."""
        ids = {label: index for index, label in enumerate(self._victim.labels)}
        encode = self._victim.encoder.encode
        self.items = [_labelled(encode(s.tokens), s.tags, ids) for s in sentences]

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, index: int) -> dict[str, list[int]]:
        return self.items[index]


def _labelled(
    encoded: Encoded, tags: Sequence[str], ids: Mapping[str, int]
) -> dict[str, list[int]]:
    labels = [IGNORED] * len(encoded.input_ids)
    for position, tag in zip(encoded.first, tags, strict=True):
        labels[position] = ids[tag]
    return {"input_ids": list(encoded.input_ids), "labels": labels}


@dataclass(frozen=True, slots=True)
class _Collator:
    """Pads a batch to a multiple of 8, as prediction does."""

    pad_id: int
    longest: int

    def __call__(self, items: Sequence[dict[str, list[int]]]) -> dict[str, torch.Tensor]:
        length = bucket_length(max(len(item["input_ids"]) for item in items), self.longest)
        shape = (len(items), length)
        ids = torch.full(shape, self.pad_id)
        mask = torch.zeros(shape, dtype=torch.long)
        labels = torch.full(shape, IGNORED)
        for row, item in enumerate(items):
            n = len(item["input_ids"])
            ids[row, :n] = torch.tensor(item["input_ids"])
            labels[row, :n] = torch.tensor(item["labels"])
            mask[row, :n] = 1
        return {"input_ids": ids, "attention_mask": mask, "labels": labels}


def _trained_victim(name: str, revision: str | None, device: str) -> TransformersVictim:
    """Return a victim whose training can go on."""
    victim = load_transformers(name, revision=revision, device=device, trainable=True)
    if victim.head.scheme != "iob2" or victim.head.columns is not None:
        raise ModelError(
            f"{name}: its tags are not IOB2, or it has outputs that are no tags, so it can't be "
            "trained on; train a new head on it with --pretrained."
        )
    return victim


def _new_victim(
    pretrained: str, revision: str | None, labels: Sequence[str], device: str
) -> TransformersVictim:
    """Return the pretrained model with a new head."""
    names = dict(enumerate(labels))
    config = load_config(
        pretrained,
        revision,
        num_labels=len(labels),
        id2label=names,
        label2id={label: index for index, label in names.items()},
    )
    encoder = load_encoder(pretrained, revision, config)
    model = load_classifier(pretrained, revision, config, "float32", trained=False)
    head = read_head("training data", names)
    return TransformersVictim(model.to(device), encoder, head, device, "float32", "in training")


def _limit(victim: TransformersVictim, limit: int) -> None:
    """Have a victim take no more sub-tokens than so many."""
    victim.encoder = make_encoder(victim.encoder.tokenizer, min(limit, victim.max_length))
    victim.max_length = victim.encoder.max_length


def _evaluation_copy(victim: TransformersVictim) -> TransformersVictim:
    """Return the same victim in evaluation mode, with weights of its own."""
    twin = copy.copy(victim)
    twin.model = copy.deepcopy(victim.model).eval()
    return twin


def _check_labels(labels: Sequence[str]) -> None:
    head = read_head("training data", dict(enumerate(labels)))
    wrong = [label for label in labels if label not in head.names or not is_tag(label)]
    if wrong:
        raise ModelError(f"training data: {wrong[0]} is no IOB2 tag; write O, B-CLASS or I-CLASS.")
    if head.scheme != "iob2":
        orphan = next(x for x in labels if x[:2] == "I-" and f"B-{x[2:]}" not in labels)
        raise ModelError(
            f"training data: {orphan} has no B-{orphan[2:]} beside it, so its tags are not IOB2; "
            "give every class a B- tag."
        )


def _check_known(name: str, labels: Sequence[str], known: Sequence[str]) -> None:
    unknown = [label for label in labels if label not in known]
    if unknown:
        raise ConfigError(
            f"{name}: has no tag {unknown[0]}, which the sentences have (its own: "
            f"{' '.join(known)}); rename their classes with --map, or train a new head with "
            "--pretrained."
        )


def _check_sentences(splits: Splits, labels: Sequence[str]) -> None:
    if not splits.train:
        raise ConfigError("there are no training sentences; give at least one.")
    known = set(labels)
    for split, sentences in splits.named().items():
        for sentence in sentences:
            unknown = set(sentence.tags) - known
            if unknown:
                raise ConfigError(
                    f"{split} sentence {sentence.id} has the tag {min(unknown)}, which is not "
                    f"among the labels ({' '.join(labels)}); add it to them or remove the sentence."
                )
