"""Tables of a run that the paper does not have: entities, reasons for stopping, transfer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from seqattack.metrics.entity_outcomes import EntityOutcomes
from seqattack.metrics.metric import find_metric
from seqattack.metrics.summary import AttackSummary
from seqattack.metrics.transfer import Transfer
from seqattack.records import Stop
from seqattack.report.names import (
    comparison_source,
    recipe_name,
    robustness_source,
    table_name,
    victim_name,
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


def stops_table(summaries: Mapping[str, AttackSummary]) -> Table:
    """Return why the searches stopped, including sentences that could not be attacked.

    Args:
        summaries: All attacks of a run, by their source ids.
    """
    rows = [
        Row(
            f"{recipe_name(each.recipe)} on {each.victim}",
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
        source: Where the robust victims' examples come from: the attack, or ``picks``.
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
        f"{table_name(identity)}. The rows' victims were attacked, and the adversarial examples "
        "were given to the columns' victims. Each figure is a share of the examples: those with an "
        "entity token that the column's victim gets wrong, but gets right in the original."
    )
    return Table(identity, caption, "Made against", (*columns, *columns_of("examples")), rows)
