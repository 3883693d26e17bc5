"""Tables of a run that the paper does not have: entities, reasons for stopping, transfer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from seqattack.metrics.distribution import Distribution
from seqattack.metrics.entities import ClassMetrics, EntityMetrics
from seqattack.metrics.entity_outcomes import EntityOutcomes
from seqattack.metrics.metric import find_metric
from seqattack.metrics.summary import AttackSummary
from seqattack.metrics.transfer import Transfer
from seqattack.records import Stop
from seqattack.report.names import (
    comparison_source,
    recipe_name,
    robustness_source,
    training_name,
    victim_name,
    victim_title,
)
from seqattack.report.tables import Column, Row, Table, columns_of

OUTCOME_COLUMNS = columns_of(
    "entities",
    "found",
    "type",
    "boundary",
    "missed",
    "spurious",
    "newly_broken",
    "already_wrong",
)
"""The columns of the table of entities."""

CLASS_COLUMNS = columns_of(
    "entities", "precision_before", "precision", "recall_before", "recall", "f1_before", "f1"
)
"""The columns of the table of classes."""

DISTRIBUTION_COLUMNS = (
    Column("metric", "Metric", "text"),
    *columns_of("n", "mean", "median", "skewness"),
)
"""The columns of the table of distributions."""

STOP_COLUMNS = (
    Column("goal", "Goal", "text"),
    *(Column(stop.value, stop.value.replace("-", " ").capitalize(), "count") for stop in Stop),
)
"""The columns of the table of reasons for stopping."""


def outcomes_table(outcomes: Mapping[str, EntityOutcomes]) -> Table:
    """Return what became of the entities under each attack.

    Args:
        outcomes: By recipe.
    """
    rows = [
        Row(
            recipe_name(recipe),
            {column.key: getattr(each, column.key) for column in OUTCOME_COLUMNS},
            key=recipe,
            sources=[comparison_source(recipe)],
        )
        for recipe, each in outcomes.items()
    ]
    metrics = [find_metric(column.key) for column in OUTCOME_COLUMNS]
    meanings = "; ".join(f"{metric.heading} = {metric.meaning}" for metric in metrics)
    caption = (
        "What became of the true entities; a success counts with its adversarial example, every "
        f"other sentence with its original. {meanings}. Predictions are repaired to IOB2 for this "
        "table only."
    )
    return Table("outcomes", caption, "Attack", OUTCOME_COLUMNS, rows)


def classes_table(original: EntityMetrics, attacked: Mapping[str, EntityMetrics]) -> Table:
    """Return precision, recall and F1 of each class before and after each attack.

    Args:
        original: The metrics on the unattacked subset.
        attacked: By recipe, with each success replaced by its adversarial example.
    """
    rows = [
        _class_row(recipe, name, original.per_class, after.per_class)
        for recipe, after in attacked.items()
        for name in sorted({*original.per_class, *after.per_class})
    ]
    caption = (
        "Each class on its own, before and after each attack, over the subset in which each "
        "success is replaced by its adversarial example (seqeval, strict IOB2). A class that is "
        "never predicted has a precision of 0."
    )
    return Table("classes", caption, "Attack: class", CLASS_COLUMNS, rows)


def _class_row(
    recipe: str,
    name: str,
    before: Mapping[str, ClassMetrics],
    after: Mapping[str, ClassMetrics],
) -> Row:
    none = ClassMetrics(0.0, 0.0, 0.0, 0)
    old, new = before.get(name, none), after.get(name, none)
    values = {
        "entities": new.support,
        **{f"{key}_before": getattr(old, key) for key in ("precision", "recall", "f1")},
        **{key: getattr(new, key) for key in ("precision", "recall", "f1")},
    }
    label, key = f"{recipe_name(recipe)}: {name}", f"{recipe}/{name}"
    return Row(label, values, key=key, sources=[comparison_source(recipe)])


def distributions_table(
    attacks: Mapping[str, Mapping[str, Sequence[Distribution]]],
) -> Table:
    """Return Figure 4 as numbers: on which side the scores of each victim lie.

    Args:
        attacks: By source (see `seqattack.report.names.training_name`) and number of adversarial
            examples.
    """
    rows = [
        _distribution_row(source, size, each)
        for source, victims in attacks.items()
        for size, both in victims.items()
        for each in both
    ]
    caption = (
        "Figure 4 as numbers: how one attack's scores on each victim are distributed, the labels "
        "score over all sentences, the modification rate over successes. Skewness: scipy's; the "
        "lower it is, the further right the mass lies."
    )
    intervals = "The long table has the 95 % bootstrap interval of the skewness."
    return Table(
        "distributions", caption, "Attack: victim", DISTRIBUTION_COLUMNS, rows, of_run=intervals
    )


def _distribution_row(source: str, size: str, each: Distribution) -> Row:
    values = {column.key: getattr(each, column.key) for column in DISTRIBUTION_COLUMNS}
    if each.note:
        values["skewness"] = each.note
    return Row(
        f"{training_name(source)}: {victim_name(size)}",
        values,
        intervals={} if each.interval is None else {"skewness": each.interval},
        n=dict.fromkeys(("mean", "median", "skewness"), each.n),
        key=f"{source}/{size}/{each.metric}",
        sources=[robustness_source(source, size)],
    )


def stops_table(summaries: Mapping[str, AttackSummary]) -> Table:
    """Return why the searches stopped, including sentences that could not be attacked.

    Args:
        summaries: All attacks of a run, by their source ids.
    """
    rows = [
        Row(
            f"{recipe_name(each.recipe)} on {victim_title(each.victim)}",
            {"goal": each.goal, **{stop.value: each.stops.get(stop.value, 0) for stop in Stop}},
            key=source,
            sources=[source],
        )
        for source, each in summaries.items()
    ]
    caption = (
        "Why each search stopped: enough entity tokens were wrong (goal reached), no candidate was "
        "left, SCPN had paraphrased as many texts as it may (source limit), or the query budget or "
        "the time limit was used up. A search that stopped before it reached the goal may still "
        "have found an adversarial example. Sentences under No entity and Already wrong were not "
        "attacked."
    )
    return Table("stops", caption, "Attack", STOP_COLUMNS, rows)


def transfer_table(source: str, counts: Sequence[Transfer]) -> Table:
    """Return how often examples made against one victim fool the others.

    Args:
        source: Of the robust victims' examples; see `seqattack.report.names.training_name`.
        counts: One for every pair of victims.
    """
    targets = list(dict.fromkeys(each.target for each in counts))
    columns = [Column(target, victim_name(target)) for target in targets]
    rows = []
    for victim in dict.fromkeys(each.source for each in counts):
        tried = {each.target: each for each in counts if each.source == victim}
        rates = {target: tried[target].rate for target in targets}
        n = {target: tried[target].examples for target in targets}
        values = rates | {"examples": next(iter(n.values()))}
        made = [robustness_source(source, victim)]
        rows.append(Row(victim_name(victim), values, n=n, key=victim, sources=made))
    identity = f"transfer-{source}"
    caption = (
        "The rows' victims were attacked, and the adversarial examples "
        "were given to the columns' victims. Each figure is a share of the examples: those with an "
        "entity token that the column's victim gets wrong, but gets right in the original."
    )
    return Table(identity, caption, "Made against", (*columns, *columns_of("examples")), rows)
