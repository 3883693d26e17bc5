"""Commands that train a victim, a masked LM or an SCPN."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from seqattack.cli.hardening import add_hardening, hardening_settings
from seqattack.cli.options import (
    add_machine,
    add_reading,
    check_outputs,
    json_object,
    number,
    positive,
    read,
    seed,
    size,
)
from seqattack.cli.process import set_threads
from seqattack.errors import ShortageError
from seqattack.integrity import WORK
from seqattack.io import beside
from seqattack.masked_lm.settings import MaskedLMSettings
from seqattack.models.job import TrainingJob
from seqattack.models.pretrained import EMBEDDED_NAME
from seqattack.scpn.embedded.settings import ScpnSettings
from seqattack.victim.settings import TrainingSettings

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

SettingsT = TypeVar("SettingsT", bound="DataclassInstance")

OPTIONS: dict[str, tuple[Any, str]] = {
    "epochs": (positive, "passes over the training set"),
    "steps": (positive, "optimizer steps"),
    "learning_rate": (number(0, over=True), "highest learning rate"),
    "batch_size": (positive, "sentences a step"),
    "warmup_ratio": (number(0, 1), "share of the steps in which the learning rate rises"),
    "weight_decay": (number(0), "AdamW's weight decay"),
    "seed": (seed, "of every random choice"),
    "precision": (str, "auto (bfloat16 where the processor has it), float32 or bfloat16"),
}
"""The options that set an attribute of a training's settings: their type and their help."""


def add_train(commands: Any) -> None:
    """Add the command that fine-tunes a victim."""
    parser = commands.add_parser("train", help="fine-tune a victim")
    parser.set_defaults(run=_train)
    _add_files(parser, "victim", ("train", "dev", "test"))
    parser.add_argument(
        "--limit", type=size, default=None, help="use the first N training sentences, or all"
    )
    how = _add_job(parser, TrainingSettings, pretrained=True)
    how.add_argument(
        "--from",
        dest="start",
        metavar="VICTIM",
        help="a trained victim (a folder, or a hub name with --revision) whose training goes on, "
        "with its own head and tags",
    )
    add_hardening(parser)


def add_train_masked_lm(commands: Any) -> None:
    """Add the command that trains a masked LM."""
    parser = commands.add_parser(
        "train-masked-lm", help="train a masked LM, which word-level attacks need, on a corpus"
    )
    parser.set_defaults(run=_train_masked_lm)
    _add_files(parser, "masked LM", ("train", "dev"))
    _add_job(parser, MaskedLMSettings, pretrained=True)


def add_train_scpn(commands: Any) -> None:
    """Add the command that trains a small SCPN."""
    parser = commands.add_parser(
        "train-scpn", help="train a small SCPN, which the attack by paraphrases needs, on a corpus"
    )
    parser.set_defaults(run=_train_scpn)
    _add_files(parser, "SCPN", ("train", "dev"))
    _add_job(parser, ScpnSettings, pretrained=False)


def _add_files(parser: argparse.ArgumentParser, what: str, splits: Iterable[str]) -> None:
    for split in splits:
        parser.add_argument(f"--{split}", required=True, type=Path, help=f"the {split} sentences")
    add_reading(parser)
    parser.add_argument("--output", required=True, type=Path, help=f"folder of the trained {what}")


def _add_job(
    parser: argparse.ArgumentParser, settings: type[DataclassInstance], pretrained: bool
) -> argparse._MutuallyExclusiveGroup:
    """Add the options of a training: one for each of its settings, or all of it as JSON.

    Returns:
        The group of those of which exactly one, or at most one, is given.
    """
    says = "all settings at once, as JSON, instead of options: what rules of the pipeline give"
    how = parser.add_mutually_exclusive_group(required=pretrained)
    if pretrained:
        how.add_argument(
            "--pretrained",
            help="'embedded' (all-MiniLM-L6-v2), a folder, or a hub name with --revision",
        )
        parser.add_argument("--revision", help="the hub model's pinned revision")
    how.add_argument("--job", type=json_object, help=says)
    for each in fields(settings):
        if each.name in OPTIONS:
            kind, help_text = OPTIONS[each.name]
            option = f"--{each.name.replace('_', '-')}"
            help_text = f"{help_text} (default: {each.default})"
            parser.add_argument(option, type=kind, default=each.default, help=help_text)
    add_machine(parser)
    return how


def _job(options: argparse.Namespace, settings: type[SettingsT]) -> TrainingJob[SettingsT]:
    """Return the training that the options describe."""
    if options.job is not None:
        return TrainingJob.from_json(options.job, settings)
    names = [each.name for each in fields(settings) if each.name in OPTIONS]
    values = {name: getattr(options, name) for name in names}
    if settings is TrainingSettings:
        values |= {"continued": options.start is not None, **hardening_settings(options)}
    return TrainingJob(settings(**values), _pretrained(options), options.device)


def _pretrained(options: argparse.Namespace) -> dict[str, str]:
    start = getattr(options, "start", None)
    named = start or getattr(options, "pretrained", None)
    if named is None:
        return {}
    if named == "embedded" and start is None:
        return {"embedded": EMBEDDED_NAME}
    if os.path.isdir(named):
        return {"path": named}
    return {"name": named} | ({"revision": options.revision} if options.revision else {})


def _check_output(options: argparse.Namespace, job: TrainingJob[Any], *files: Path) -> None:
    """Check that the model does not take the place of what it is trained on or from."""
    check_outputs(
        [options.output, beside(options.output, WORK)], [*files, job.pretrained.get("path")]
    )


def _train(options: argparse.Namespace) -> None:
    job = _job(options, TrainingSettings)
    _check_output(options, job, options.train, options.dev, options.test)
    set_threads(options.threads)
    from seqattack.corpus import tag_set
    from seqattack.metrics.evaluation import evaluate
    from seqattack.models.pretrained import resolve_pretrained
    from seqattack.victim.training import train

    sentences, dev, test = (
        read(path, options) for path in (options.train, options.dev, options.test)
    )
    if options.limit is not None and options.limit > len(sentences):
        raise ShortageError(
            f"--limit: {options.limit} sentences were asked for, but {options.train} has "
            f"{len(sentences)}; write {len(sentences)} or less, or all."
        )
    name, revision = resolve_pretrained(job.pretrained)
    train(
        sentences[: options.limit],
        dev,
        test,
        labels=tag_set([*sentences, *dev, *test]),
        pretrained=name,
        revision=revision,
        output=options.output,
        evaluate=evaluate,
        settings=job.settings,
        device=job.device,
        threads=options.threads,
    )


def _train_masked_lm(options: argparse.Namespace) -> None:
    job = _job(options, MaskedLMSettings)
    _check_output(options, job, options.train, options.dev)
    set_threads(options.threads)
    from seqattack.masked_lm.training import train_masked_lm
    from seqattack.models.pretrained import resolve_pretrained

    sentences, dev = (read(path, options) for path in (options.train, options.dev))
    name, revision = resolve_pretrained(job.pretrained)
    train_masked_lm(
        sentences,
        dev,
        pretrained=name,
        revision=revision,
        output=options.output,
        settings=job.settings,
        device=job.device,
        threads=options.threads,
    )


def _train_scpn(options: argparse.Namespace) -> None:
    job = _job(options, ScpnSettings)
    _check_output(options, job, options.train, options.dev)
    set_threads(options.threads)
    from seqattack.scpn.embedded.training import train_scpn

    sentences, dev = (read(path, options) for path in (options.train, options.dev))
    train_scpn(
        sentences,
        dev,
        output=options.output,
        settings=job.settings,
        device=job.device,
        threads=options.threads,
    )
