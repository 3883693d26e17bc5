"""Fine-tuning a victim with transformers' Trainer: bucketed, resumable, and written whole."""

from __future__ import annotations

import copy
import math
import os
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

import torch
from transformers import Trainer, TrainerCallback, TrainingArguments, set_seed

from seqattack.errors import ConfigError
from seqattack.files.checksums import sha256_file, sha256_json
from seqattack.io import read_json, write_json
from seqattack.models.batching import bucket_length
from seqattack.models.checkpoints import (
    by_length,
    check_output,
    deterministic,
    last_checkpoint,
    publish,
    work_folder,
)
from seqattack.models.device import resolve_device
from seqattack.models.encoding import Encoded, WordEncoder
from seqattack.models.loading import load_config, load_encoder
from seqattack.models.training import origin_of, use_bfloat16, versions
from seqattack.sentence import Sentence
from seqattack.victim.model import Victim, check_labels, load_classifier
from seqattack.victim.settings import TrainingSettings

IGNORED = -100
"""The label of positions that are no token's first sub-token; the loss leaves them out."""


LOGGING_STEPS = 50
"""Steps between two entries of the loss history; the end of every epoch is an entry too."""


class Metrics(Protocol):
    """What is measured of a victim, such as `seqattack.metrics.entities.EntityMetrics`."""

    def to_json(self) -> dict[str, Any]:
        """Return it as a JSON object."""
        ...


Evaluate = Callable[[Victim, Sequence[Sentence]], Metrics]
"""Measures how well a victim tags sentences: `seqattack.metrics.evaluation.evaluate`."""


@dataclass(frozen=True, slots=True)
class _Job:
    """One training: what it learns from, how, and where it keeps its checkpoints."""

    train: Sequence[Sentence]
    dev: Sequence[Sentence]
    test: Sequence[Sentence]
    settings: TrainingSettings
    evaluate: Evaluate
    bfloat16: bool
    work: Path


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

    Trains with Hugging Face's Trainer (AdamW, linear decay), each token labelled at its first
    sub-token. A killed training goes on from its last finished epoch, kept in ``<output>.work``,
    and ends with the weights of an undisturbed one on the same machine. The output appears when
    all is done.

    Args:
        train: Training sentences.
        dev: Evaluated after every epoch.
        test: Evaluated once, at the end.
        labels: The tags in the order of their ids.
        pretrained: Folder or hub name of the pretrained model.
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
        ConfigError: There is nothing to train on, a tag is not among `labels`, the device has no
            bfloat16, or `output` holds something else than a model.

    Example:
        >>> from seqattack.metrics.evaluation import evaluate
        >>> from seqattack.models.pretrained import embedded_model_path
        >>> report = train(sentences, dev, test, labels=("O", "B-PER", "I-PER"),
        ...     pretrained=embedded_model_path(), output="victim", evaluate=evaluate,
        ...     settings=TrainingSettings(learning_rate=2e-4))  # doctest: +SKIP
    """
    pretrained, output = str(pretrained), Path(output)
    device = resolve_device(device)
    check_labels("training data", dict(enumerate(labels)))
    _check_sentences({"train": train, "dev": dev, "test": test}, labels)
    check_output(output)
    bfloat16 = use_bfloat16(settings.precision, device)
    with deterministic(device, threads):
        set_seed(settings.seed)
        victim = _new_victim(pretrained, revision, labels, device, settings.max_length)
        for split in (train, dev, test):
            victim.encoder.check_fits(split)
        origin = origin_of(pretrained, revision)
        identity = {
            "settings": asdict(settings),
            "pretrained": origin,
            "labels": list(labels),
            "bfloat16": bfloat16,
            "device": device,
            "threads": torch.get_num_threads(),
            "versions": versions(),
        }
        work = work_folder(output, _fingerprint(identity, (train, dev, test)))
        job = _Job(train, dev, test, settings, evaluate, bfloat16, work)
        report = identity | _fit(victim, job)
    publish(work, output, report)
    return report


class _Dataset(torch.utils.data.Dataset[dict[str, list[int]]]):
    """Encoded sentences whose first sub-tokens are labelled."""

    def __init__(self, sentences: Sequence[Sentence], victim: Victim) -> None:
        ids = {label: index for index, label in enumerate(victim.labels)}
        encode = victim.encoder.encode
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


class _Epochs(TrainerCallback):  # type: ignore[misc]  # transformers has no types
    """Keeps time and dev metrics of every epoch, the earlier ones of a resumed training included.

    Args:
        reader: A copy of the model to evaluate with: the trained one runs under autocast, and its
            dropout is on.
        job: The training.
    """

    def __init__(self, reader: Victim, job: _Job) -> None:
        self.reader = reader
        self.job = job
        self.path = job.work / "epochs.json"
        self.records: dict[str, Any] = read_json(self.path) if self.path.is_file() else {}
        self.started = 0.0

    def on_epoch_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Start the clock."""
        self.started = time.perf_counter()

    def on_epoch_end(
        self, args: Any, state: Any, control: Any, model: Any = None, **kwargs: Any
    ) -> None:
        """Log the loss, evaluate on the dev set, and write both down before the checkpoint."""
        seconds = time.perf_counter() - self.started
        self.reader.model.load_state_dict(model.state_dict())
        self.records[str(round(state.epoch))] = {
            "seconds": round(seconds, 3),
            "sentences_per_second": round(len(self.job.train) / seconds, 1),
            "dev": self.job.evaluate(self.reader, self.job.dev).to_json() if self.job.dev else None,
        }
        write_json(self.path, self.records)
        control.should_log = True


def _fit(victim: Victim, job: _Job) -> dict[str, Any]:
    """Train, write the finished model into the work folder, and return its history."""
    reader = _twin(victim)
    epochs = _Epochs(reader, job)
    trainer = _trainer(victim, job)
    trainer.add_callback(epochs)
    trainer.train(resume_from_checkpoint=last_checkpoint(job.work))
    reader.model.load_state_dict(victim.model.state_dict())
    finished = job.work / "finished"
    shutil.rmtree(finished, ignore_errors=True)
    model: Any = reader.model
    model.save_pretrained(finished)
    reader.encoder.tokenizer.save_pretrained(finished)
    seconds = sum(record["seconds"] for record in epochs.records.values())
    return {
        "checksum": sha256_file(finished / "model.safetensors"),
        "sentences": {"train": len(job.train), "dev": len(job.dev), "test": len(job.test)},
        "seconds": round(seconds, 3),
        "sentences_per_second": round(len(job.train) * job.settings.epochs / seconds, 1),
        "losses": [_loss(entry) for entry in trainer.state.log_history if "loss" in entry],
        "epochs": epochs.records,
        "dev": epochs.records[str(job.settings.epochs)]["dev"],
        "test": job.evaluate(reader, job.test).to_json() if job.test else None,
    }


def _loss(entry: Mapping[str, float]) -> dict[str, float]:
    return {key: entry[key] for key in ("step", "epoch", "loss", "learning_rate")}


def _new_victim(
    pretrained: str, revision: str | None, labels: Sequence[str], device: str, limit: int | None
) -> Victim:
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
    if limit is not None:
        encoder = WordEncoder(encoder.tokenizer, min(limit, encoder.max_length))
    model, _ = load_classifier(pretrained, revision, config, "float32")
    return Victim(model.to(device), encoder, tuple(labels), device, "float32", "in training")


def _twin(victim: Victim) -> Victim:
    """Return the same victim in evaluation mode, with weights of its own."""
    twin = copy.copy(victim)
    twin.model = copy.deepcopy(victim.model).eval()
    return twin


def _trainer(victim: Victim, job: _Job) -> Any:
    settings = job.settings
    steps = settings.epochs * math.ceil(len(job.train) / settings.batch_size)
    arguments = TrainingArguments(
        output_dir=str(job.work),
        num_train_epochs=settings.epochs,
        learning_rate=settings.learning_rate,
        per_device_train_batch_size=settings.batch_size,
        warmup_steps=math.ceil(steps * settings.warmup_ratio),
        weight_decay=settings.weight_decay,
        seed=settings.seed,
        bf16=job.bfloat16,
        use_cpu=victim.device == "cpu",
        save_strategy="epoch",
        save_total_limit=1,
        logging_steps=LOGGING_STEPS,
        report_to=[],
        disable_tqdm=False,
        dataloader_pin_memory=victim.device != "cpu",
        **by_length(),
    )
    # Several GPUs would share a batch, and the weights would depend on how many there are.
    arguments._n_gpu = min(arguments.n_gpu, 1)
    collator = _Collator(victim.encoder.pad_id, victim.encoder.max_length)
    dataset = _Dataset(job.train, victim)
    return Trainer(victim.model, arguments, data_collator=collator, train_dataset=dataset)


def _check_sentences(splits: Mapping[str, Sequence[Sentence]], labels: Sequence[str]) -> None:
    if not splits["train"]:
        raise ConfigError("there are no training sentences; give at least one.")
    known = set(labels)
    for split, sentences in splits.items():
        for sentence in sentences:
            unknown = set(sentence.tags) - known
            if unknown:
                raise ConfigError(
                    f"{split} sentence {sentence.id} has the tag {min(unknown)}, which is not "
                    f"among the labels ({' '.join(labels)}); add it to them or remove the sentence."
                )


def _fingerprint(identity: Mapping[str, Any], splits: Sequence[Sequence[Sentence]]) -> str:
    sentences = [[sentence.to_json() for sentence in split] for split in splits]
    return sha256_json([identity, sentences])
