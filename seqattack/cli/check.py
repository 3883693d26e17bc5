"""The command that holds a victim to a floor of robustness, for continuous integration."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqattack.cli.attack import (
    add_overwrite,
    add_resources,
    add_settings,
    chosen_job,
    fitting,
    load_engine,
)
from seqattack.cli.options import (
    add_model,
    add_sentences,
    check_outputs,
    chosen_victim,
    number,
    positive,
    read_shared,
)
from seqattack.errors import RecordError
from seqattack.integrity import JOURNAL
from seqattack.io import beside
from seqattack.metrics.metric import find_metric, show, show_interval

if TYPE_CHECKING:
    from seqattack.attack.settings import AttackJob
    from seqattack.metrics.summary import AttackSummary
    from seqattack.records import AttackRecord
    from seqattack.victim.victim import Victim

FLOORS = ("precision", "recall", "f1")
"""Metrics that must not be lower under attack than asked for."""

CEILING = "attack_rate"


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit, and what was measured.

    Args:
        metric: The metric's key.
        relation: ``>=`` or ``<=``.
        wanted: The limit, in [0, 1].
        found: The figure.
        interval: Its 95 % bootstrap interval.
        under: What it was measured under.
    """

    metric: str
    relation: str
    wanted: float
    found: float
    interval: tuple[float, float]
    under: str = "attack"

    @property
    def holds(self) -> bool:
        """Whether the figure itself, not its interval, keeps to the limit."""
        if self.relation == ">=":
            return self.found >= self.wanted
        return self.found <= self.wanted

    def __str__(self) -> str:
        """Return the limit in words."""
        metric = find_metric(self.metric)
        name = metric.name if self.metric == CEILING else f"{metric.name} under {self.under}"
        wanted = "at least" if self.relation == ">=" else "at most"
        return (
            f"{name} {show(self.found, 'percent')} {show_interval(self.interval, 'percent')}, "
            f"{wanted} {show(self.wanted, 'percent')} wanted"
        )


def add_check(commands: Any) -> None:
    """Add the command that attacks and compares with limits."""
    parser = commands.add_parser(
        "check",
        help="attack sentences and exit with 1 if the victim is less robust than it has to be",
    )
    parser.set_defaults(run=_check)
    add_model(parser)
    add_sentences(parser)
    add_settings(parser, recipe="deepwordbug-i-5")
    add_resources(parser)
    limits = parser.add_argument_group("limits", "at least one; shares from 0 to 1")
    for name in FLOORS:
        limits.add_argument(
            f"--min-{name}-under-attack",
            type=number(0, 1),
            metavar="SHARE",
            help=f"least {find_metric(name).name} of the sentences with their adversarial examples",
        )
    limits.add_argument(
        "--max-attack-rate",
        type=number(0, 1),
        metavar="SHARE",
        help="largest attack rate: successes / attacked sentences",
    )
    parser.add_argument(
        "--limit", type=positive, help="attack the first so many sentences (default: all)"
    )
    parser.add_argument("--json", action="store_true", help="print the verdict as JSON")
    parser.add_argument("--output", type=Path, help="write the attack records here, as JSON lines")
    add_overwrite(parser)


def _check(options: argparse.Namespace) -> int:
    wanted = list(_wanted(options))
    if not wanted:
        raise RecordError(
            "nothing is asked for; name a limit, such as --min-recall-under-attack 0.9."
        )
    job = chosen_job(options)
    victim, records = _attack(options, job)
    from seqattack.metrics.summary import quick_summary

    summary = quick_summary(records, victim.title, job.settings.seed)
    if not summary.attacked:
        raise RecordError(
            f"{options.sentences}: no sentence could be attacked: they have no entity, or the "
            "victim gets them wrong as they are."
        )
    limits = [_limit(summary, *each) for each in wanted]
    holds = all(limit.holds for limit in limits)
    if options.json:
        print(json.dumps(_verdict(summary, limits), indent=2, allow_nan=False))
    else:
        print(f"{'holds' if holds else 'fails'}: {'; '.join(map(str, limits))}")
        print(
            f"{summary.recipe}, goal {summary.goal}, seed {job.settings.seed}: "
            f"{summary.successes} of {summary.attacked} attacked sentences fooled {summary.victim}"
        )
    return 0 if holds else 1


def _wanted(options: argparse.Namespace) -> Iterator[tuple[str, str, float]]:
    """Yield metric, relation and limit."""
    for name in FLOORS:
        if (least := getattr(options, f"min_{name}_under_attack")) is not None:
            yield name, ">=", least
    if options.max_attack_rate is not None:
        yield CEILING, "<=", options.max_attack_rate


def _limit(summary: AttackSummary, metric: str, relation: str, wanted: float) -> Limit:
    found = getattr(summary, metric)
    return Limit(metric, relation, wanted, found, summary.intervals.get(metric, (found, found)))


def _verdict(summary: AttackSummary, limits: Sequence[Limit]) -> dict[str, Any]:
    return {
        "verdict": "holds" if all(limit.holds for limit in limits) else "fails",
        "limits": [asdict(limit) | {"holds": limit.holds} for limit in limits],
        "victim": summary.victim,
        "recipe": summary.recipe,
        "goal": summary.goal,
        "sentences": summary.sentences,
        "attacked": summary.attacked,
        "successes": summary.successes,
    }


def _attack(options: argparse.Namespace, job: AttackJob) -> tuple[Victim, list[AttackRecord]]:
    """Attack, and return the victim and the records."""
    if options.output:
        outputs = [options.output, beside(options.output, JOURNAL)]
        check_outputs(outputs, [options.sentences, options.model])
    victim = chosen_victim(options, job.machine)
    from seqattack.cli.console import attack_progress
    from seqattack.records import read_records

    sentences = fitting(read_shared(options, victim)[: options.limit], victim)
    engine = load_engine(job, victim, sentences)
    if not options.output:
        return victim, engine.attack_in_order(sentences)
    with attack_progress(job.settings.recipe) as show_progress:
        engine.run(sentences, options.output, show_progress, overwrite=options.overwrite)
    return victim, list(read_records(options.output))
