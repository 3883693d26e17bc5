"""Commands that attack sentences."""

from __future__ import annotations

import argparse
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from seqattack.attack.resources.registry import all_resources
from seqattack.attack.settings import AttackJob, AttackSettings, Machine, NewEntityCheck, default
from seqattack.checks import LARGEST
from seqattack.cli.options import (
    add_map,
    add_model,
    add_sentences,
    auto_or_integer,
    check_outputs,
    chosen_victim,
    integer,
    json_object,
    number,
    positive,
    read_shared,
    seconds,
    seed,
)
from seqattack.errors import ShortageError
from seqattack.integrity import JOURNAL
from seqattack.io import beside
from seqattack.models.batch_size import MOST_BATCH_TOKENS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from seqattack.attack.engine import Engine
    from seqattack.sentence import Sentence
    from seqattack.victim.victim import Victim


def add_attack(commands: Any) -> argparse.ArgumentParser:
    """Add the command that attacks sentences, and return its parser."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "attack", help="attack sentences and record what was found"
    )
    parser.set_defaults(run=_attack)
    add_model(parser)
    add_sentences(parser)
    add_settings(parser)
    add_resources(parser)
    parser.add_argument(
        "--start", type=integer(0), default=0, help="index of the first sentence (default: 0)"
    )
    parser.add_argument(
        "--stop", type=positive, help="index after the last sentence (default: the end)"
    )
    for name, says, changes, most in (
        ("in_flight", "sentences that share batches", "changes speed only", LARGEST),
        (
            "batch_tokens",
            "sub-tokens of a full batch",
            "changes speed, and an outcome only on a device where a batch's size changes results",
            MOST_BATCH_TOKENS,
        ),
    ):
        standard = default(Machine, name)
        parser.add_argument(
            f"--{name.replace('_', '-')}",
            type=auto_or_integer(1, most),
            default=standard,
            help=f"{says}, or auto, which measures it; {changes} (default: {standard})",
        )
    parser.add_argument("--output", required=True, type=Path, help="JSON lines of attack records")
    add_overwrite(parser)
    return parser


def add_overwrite(parser: argparse.ArgumentParser) -> None:
    """Add the option that lets go of what another attack left unfinished."""
    parser.add_argument(
        "--overwrite",
        action="store_true",
        help="start afresh where an earlier start was of another model, code or setting",
    )


def add_attack_text(commands: Any) -> None:
    """Add the command that attacks one typed sentence."""
    parser = commands.add_parser(
        "attack-text", help="attack one sentence against the victim's own tags and show the result"
    )
    parser.set_defaults(run=_attack_text)
    parser.add_argument("text", help="the sentence")
    add_model(parser, default="results/models/full")
    add_map(parser)
    add_settings(parser, recipe="deepwordbug-i-5")
    add_resources(parser)
    parser.set_defaults(in_flight=1)


def add_settings(parser: argparse.ArgumentParser, recipe: str | None = None) -> None:
    """Add the options that say how to attack, with this recipe if none is given."""
    batches = {name: default(Machine, name) for name in ("in_flight", "batch_tokens")}
    parser.set_defaults(**batches)

    def add(name: str, says: str, **how: Any) -> None:
        standard = default(AttackSettings, name)
        said = "none" if standard is None else standard
        option = f"--{name.replace('_', '-')}"
        parser.add_argument(option, default=standard, help=f"{says} (default: {said})", **how)

    how = parser.add_mutually_exclusive_group(required=recipe is None)
    how.add_argument(
        "--recipe",
        default=recipe,
        help="deepwordbug-i-K or deepwordbug-ii-K (K: largest Levenshtein distance), bert-attack, "
        "clare, clare-spread, scpn, textfooler, bae, morpheus, the first four with -published for "
        "their published reading, an attack on entities (entity-swap, entity-typo, longer-entity, "
        "oov-entity, cross-category, boundary, context, concat), an obfuscation (homoglyph, "
        "zero-width, bidi, full-width, combining, ocr, keyboard, case, spacing, leet, obfuscate), "
        "a recipe of TextAttack's, or one that a package brings"
        + (f" (default: {recipe})" if recipe else ""),
    )
    how.add_argument(
        "--job",
        type=json_object,
        help="all settings at once, as JSON, instead of options: what rules of the pipeline give",
    )
    goals = "untargeted, untargeted-strict (or -published), targeted, targeted:CLASS"
    add("goal", f"{goals}, missed, leak, invented, or one that a package brings")
    add("seed", "of every random choice", type=seed)
    add("query_budget", "goal-function evaluations a sentence", type=positive)
    add(
        "max_mispredicted",
        "share of entity tokens wrong at which a search stops",
        type=number(0, 1, over=True),
    )
    add("timeout", "seconds a sentence; none keeps runs reproducible", type=seconds)
    add("max_pieces", "words of more sub-tokens are not attacked; none attacks all", type=_pieces)
    add(
        "new_entity_check",
        "default, or published: at the published code's wrong index",
        choices=get_args(NewEntityCheck),
    )
    for name, says in (
        ("ascii_only", "refuse candidates with non-ASCII characters"),
        ("refuse_negations", "refuse candidates with a negation"),
    ):
        parser.add_argument(f"--{name.replace('_', '-')}", action="store_true", help=says)


def _pieces(text: str) -> int | None:
    return None if text == "none" else positive(text)


def add_resources(parser: argparse.ArgumentParser) -> None:
    """Add the options that say what a recipe needs besides the victim."""
    group = parser.add_argument_group(
        "resources",
        "what the recipe needs besides the victim; what is not named is taken from the run beside "
        "the victim, or embedded",
    )
    for resource in all_resources().values():
        resource.add_options(group)


def chosen_job(options: argparse.Namespace) -> AttackJob:
    """Return the job that the options of `add_settings` and `add_resources` describe."""
    if options.job is not None:
        return AttackJob.from_json(options.job)
    names = [each.name for each in fields(AttackSettings)]
    said = {each.name: each.from_options(options) for each in all_resources().values()}
    return AttackJob(
        AttackSettings(**{name: getattr(options, name) for name in names}),
        {name: settings for name, settings in said.items() if settings is not None},
        Machine(
            options.device,
            options.precision,
            options.backend,
            options.in_flight,
            options.batch_tokens,
        ),
    )


def fitting(sentences: Sequence[Sentence], victim: Victim) -> list[Sentence]:
    """Return the sentences that a victim takes whole; the others are named on stderr.

    Args:
        sentences: All sentences.
        victim: The model under attack.
    """
    from seqattack.corpus import say
    from seqattack.victim.windows import leave_out_long, left_out_line

    kept, too_long = leave_out_long(sentences, victim.fits)
    if too_long:
        say(left_out_line(too_long))
    return kept


def load_engine(job: AttackJob, victim: Victim, sentences: Sequence[Sentence]) -> Engine:
    """Return what attacks, with all that the recipe needs besides the victim.

    Args:
        job: The attack.
        victim: The model under attack.
        sentences: Those that are attacked.
    """
    from seqattack.attack.engine import Engine
    from seqattack.attack.resources.loaded import Resources
    from seqattack.attack.resources.resource import Surroundings

    recipe, machine = job.settings.recipe, job.machine
    surroundings = Surroundings(victim.folder, recipe, sentences)
    resources = Resources.of(recipe, job.resources, surroundings=surroundings, machine=machine)
    return Engine(victim, job.settings, resources, machine.in_flight, machine.batch_tokens)


def _attack(options: argparse.Namespace) -> None:
    check_outputs(
        [options.output, beside(options.output, JOURNAL)], [options.sentences, options.model]
    )
    job = chosen_job(options)
    victim = chosen_victim(options, job.machine)
    from seqattack.cli.console import attack_progress
    from seqattack.corpus import say

    sentences = _part(read_shared(options, victim), options.start, options.stop)
    if options.job is None:
        sentences = fitting(sentences, victim)
    else:  # the pipeline joins shards in which no sentence is missing
        victim.check_fits(sentences)
    engine = load_engine(job, victim, sentences)
    with attack_progress(job.settings.recipe) as show:
        engine.run(sentences, options.output, show, overwrite=options.overwrite)
    if "auto" in (job.machine.in_flight, job.machine.batch_tokens):
        say(f"in flight: {engine.in_flight} sentences; full batches: {_sizes(engine)}")
    if job.machine.backend == "auto":
        found = (f"{model.backend} ({name})" for name, model in engine.models.items())
        say(f"backend: {', '.join(found)}")


def _sizes(engine: Engine) -> str:
    """Return how large full batches were in the end."""
    sizes = {name: model.batch_tokens for name, model in engine.models.items() if model.tries_sizes}
    return ", ".join(f"{size} sub-tokens ({name})" for name, size in sizes.items())


def _part(sentences: Sequence[Sentence], start: int, stop: int | None) -> Sequence[Sentence]:
    """Return the sentences from `start` up to, not including, `stop`, which may be past the end."""
    chosen = sentences[start:stop]
    if not chosen:
        raise ShortageError(
            f"--start {start}, --stop {stop}: no sentence is there, of {len(sentences)}; write a "
            f"start below the stop and below {len(sentences)}."
        )
    return chosen


def _attack_text(options: argparse.Namespace) -> None:
    job = chosen_job(options)
    victim = chosen_victim(options, job.machine)
    from rich.console import Console

    from seqattack.cli.console import render_record
    from seqattack.victim.tagging import tag_text

    sentence = tag_text(options.text, victim)
    (record,) = load_engine(job, victim, [sentence]).attack([sentence])
    console = Console(soft_wrap=True, highlight=False)
    for line in render_record(record):
        console.print(line)
