"""The tables of defences: every attack on every defended victim, beside its undefended one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from seqattack.metrics.bootstrap import Floats, Interval, percentile_interval
from seqattack.metrics.metric import Value, find_metric, show_interval
from seqattack.metrics.scores import mean
from seqattack.metrics.summary import (
    AttackSummary,
    resampled_entity_counts,
    resampled_metrics,
)
from seqattack.metrics.victim_results import Counts, scores
from seqattack.report.names import DEFENCES, DEFENCES_ATTACKS, recipe_name, victim_title
from seqattack.report.resamples import AttackResults
from seqattack.report.tables import Column, Row, Table, columns_of

COMPARED = ("attack_rate", "entity_attack_rate", "f1")
"""The metrics of an attack that are compared with those of the undefended victim."""


@dataclass(frozen=True)
class Attacked:
    """An attack on a victim.

    Args:
        results: Its records and scores.
        summary: Its metrics.
        source: Id of what stands behind it.
    """

    results: AttackResults
    summary: AttackSummary
    source: str


@dataclass(frozen=True)
class DefenceResults:
    """A victim under all attacks.

    Args:
        victim: Its name.
        undefended: The name of the victim that it is compared with; its own where it is that one.
        clean: How many entities it finds in each unattacked test sentence.
        trained: Sentences that its training saw, each as often as it was passed over; None where
            it was not trained here.
        attacks: By recipe, all on one subset.
        seed: Seed of the resamples.
    """

    victim: str
    undefended: str
    clean: Counts
    trained: int | None
    attacks: Mapping[str, Attacked]
    seed: int

    @property
    def is_defended(self) -> bool:
        """Whether there is another victim to compare it with."""
        return self.victim != self.undefended

    @cached_property
    def resamples(self) -> dict[str, Mapping[str, Floats]]:
        """By recipe, the metrics on each resample of the subset, the same for all victims."""
        return {
            recipe: resampled_metrics(each.results.records, each.results.scored, self.seed)
            for recipe, each in self.attacks.items()
        }

    @cached_property
    def mean_rate(self) -> Floats:
        """The attack rate, the mean over recipes, on each resample of the subset."""
        rates: Floats = np.mean([each["attack_rate"] for each in self.resamples.values()], axis=0)
        return rates

    @cached_property
    def clean_f1(self) -> Floats:
        """F1 on each resample of the test set."""
        return resampled_entity_counts(self.clean, self.seed)["f1"]


def defences_tables(results: Sequence[DefenceResults]) -> list[Table]:
    """Return the two tables of defences: one row a victim, and one row an attack on it.

    Args:
        results: All victims under the same recipes on one subset, each undefended one among them.
    """
    undefended = {each.victim: each for each in results}
    pairs = [(each, undefended[each.undefended]) for each in results]
    return [_overview(pairs), _attacks(pairs)]


Pairs = Sequence[tuple[DefenceResults, DefenceResults]]
"""Each victim with its undefended one."""


def _overview(pairs: Pairs) -> Table:
    (first, _), rate = pairs[0], find_metric("attack_rate")
    columns = [
        *columns_of("f1_test", "f1_test_change", "f1_test_change_interval", "sentences_seen"),
        *columns_of("mean_attack_rate", *_changes("mean_attack_rate")),
        *(
            Column(name, f"{rate.heading}, {recipe_name(name)}", arrow=rate.direction.value)
            for name in first.attacks
        ),
    ]
    n = len(next(iter(first.attacks.values())).results.records)
    caption = (
        f"What each defence costs on the whole unattacked test set ({len(first.clean)} sentences) "
        f"and what it brings under each attack, which was made anew against each victim, on "
        f"{n} test sentences. A row without Δ is an undefended victim; below it stand the victims "
        "that are compared with it. Δ: the victim's figure − that of the undefended one. "
        f"{find_metric('sentences_seen').heading} = {find_metric('sentences_seen').meaning}; for a "
        "victim that was trained on from another one's weights, the sentences that the other one "
        "saw are not counted. The sentences under attack are those that the victim of Table 1 tags "
        "almost without errors."
    )
    intervals = (
        "Beside Δ stands its 95 % bootstrap interval over resamples of the sentences that both "
        "share."
    )
    rows = [_overview_row(*pair) for pair in pairs]
    return Table(DEFENCES, caption, "Victim", columns, rows, of_run=intervals)


def _overview_row(victim: DefenceResults, other: DefenceResults) -> Row:
    rates = {name: each.summary.attack_rate for name, each in victim.attacks.items()}
    values: dict[str, Value] = {
        "f1_test": scores(victim.clean)["f1"],
        "sentences_seen": victim.trained,
        "mean_attack_rate": mean(list(rates.values())),
        **rates,
    }
    intervals = {
        "f1_test": percentile_interval(victim.clean_f1),
        "mean_attack_rate": percentile_interval(victim.mean_rate),
        **{
            name: each.summary.intervals["attack_rate"]
            for name, each in victim.attacks.items()
            if "attack_rate" in each.summary.intervals
        },
    }
    if victim.is_defended:
        theirs = mean([each.summary.attack_rate for each in other.attacks.values()])
        before = {"f1_test": scores(other.clean)["f1"], "mean_attack_rate": theirs}
        drawn = {
            "f1_test": victim.clean_f1 - other.clean_f1,
            "mean_attack_rate": victim.mean_rate - other.mean_rate,
        }
        for name, resamples in drawn.items():
            _compare(name, values, intervals, before[name], resamples)
    n = {name: each.summary.attacked for name, each in victim.attacks.items()}
    sources = [each.source for each in victim.attacks.values()]
    title = victim_title(victim.victim)
    return Row(title, values, intervals=intervals, n=n, key=victim.victim, sources=sources)


def _attacks(pairs: Pairs) -> Table:
    columns = columns_of(*(key for name in COMPARED for key in (name, *_changes(name))), "attacked")
    rows = [
        _attack_row(victim, other, recipe) for victim, other in pairs for recipe in victim.attacks
    ]
    goal = next(iter(pairs[0][0].attacks.values())).summary.goal
    meanings = "; ".join(f"{each.heading} = {each.meaning}" for each in map(find_metric, COMPARED))
    caption = (
        f"Every attack on every defended victim and its undefended one, goal {goal}. {meanings}, "
        "over the subset with each success replaced by its adversarial example. Δ: the victim's "
        "figure − that of the undefended one. A victim that errs more without an attack leaves "
        "fewer sentences to attack, which Δ of F1 shows."
    )
    intervals = "Beside Δ stands its paired 95 % bootstrap interval."
    return Table(DEFENCES_ATTACKS, caption, "Victim: attack", columns, rows, of_run=intervals)


def _attack_row(victim: DefenceResults, other: DefenceResults, recipe: str) -> Row:
    mine, theirs = victim.attacks[recipe], other.attacks[recipe]
    values: dict[str, Value] = {name: getattr(mine.summary, name) for name in COMPARED}
    values["attacked"] = mine.summary.attacked
    intervals = {k: v for k, v in mine.summary.intervals.items() if k in COMPARED}
    n = {
        name: size
        for name in COMPARED
        if (size := mine.summary.sample_size(find_metric(name))) is not None
    }
    if victim.is_defended:
        for name in COMPARED:
            drawn = victim.resamples[recipe][name] - other.resamples[recipe][name]
            _compare(name, values, intervals, getattr(theirs.summary, name), drawn)
    label = f"{victim_title(victim.victim)}: {recipe_name(recipe)}"
    key = f"{victim.victim}/{recipe}"
    return Row(label, values, intervals=intervals, n=n, key=key, sources=[mine.source])


def _changes(name: str) -> tuple[str, str]:
    """Return the keys of a metric's difference to the undefended victim, and of its interval."""
    return f"{name}_change", f"{name}_change_interval"


def _compare(
    name: str,
    values: dict[str, Value],
    intervals: dict[str, Interval],
    before: Value,
    resamples: Floats,
) -> None:
    """Add the difference of a metric to that of the undefended victim.

    Args:
        name: The metric.
        values: The row's figures, with the metric's.
        intervals: The row's intervals.
        before: The undefended victim's figure.
        resamples: The difference on each resample.
    """
    mine = values[name]
    change, interval = _changes(name)
    if not isinstance(mine, int | float) or not isinstance(before, int | float):
        values |= {change: None, interval: None}
        return
    values[change] = mine - before
    intervals[change] = percentile_interval(resamples)
    values[interval] = show_interval(intervals[change], "percent")
