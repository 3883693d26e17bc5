"""Certainty under attack as tables; see `seqattack.metrics.certainty`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from seqattack.metrics.certainty import AttackCertainty, Certainty, VictimCertainty
from seqattack.metrics.metric import show
from seqattack.report.names import recipe_name, victim_title
from seqattack.report.tables import Row, Table, columns_of

_MEASURES = ("calibration_error", "coverage", "set_size")

CERTAINTY_COLUMNS = columns_of(
    *(key for name in _MEASURES for key in (f"{name}_before", name)), "entity_tokens"
)
"""The columns of the table of certainty."""

CLASS_COLUMNS = columns_of(
    "coverage_before", "coverage", "set_size_before", "set_size", "class_tokens"
)
"""The columns of the table of certainty by class."""


AttackSources = Mapping[tuple[str, str], str]
"""By victim and recipe, the source id of the attack in the report."""


def certainty_table(
    victims: Sequence[VictimCertainty], sources: AttackSources = MappingProxyType({})
) -> Table:
    """Return calibration error, coverage and set size before and under each attack.

    Args:
        victims: At least one; all promise the same coverage.
        sources: What stands behind the rows; a test set's are all attacks on its victim.
    """
    rows = [row for each in victims for row in _rows(each, sources)]
    caption = (
        f"{_promise(victims)} Over entity tokens of the attacked sentences, before the attack and "
        "with each success replaced by its adversarial example. The whole test set, where it has a "
        "row, is not attacked: its figures are the same twice. A run attacks sentences that "
        "NERfull tags well, so before the attack they are covered more often than the test set."
    )
    intervals = "The long table has 95 % bootstrap intervals over sentences."
    return Table("certainty", caption, "Victim: attack", CERTAINTY_COLUMNS, rows, of_run=intervals)


def certainty_classes_table(
    victims: Sequence[VictimCertainty], sources: AttackSources = MappingProxyType({})
) -> Table:
    """Return coverage and set size of each class before and under each attack.

    Args:
        victims: At least one; all promise the same coverage.
        sources: What stands behind the rows.
    """
    rows = [
        Row(
            f"{victim_title(victim.victim)}: {recipe_name(attack)}: {name}",
            {
                "coverage_before": before.coverage if before else None,
                "coverage": after.coverage,
                "set_size_before": before.set_size if before else None,
                "set_size": after.set_size,
                "class_tokens": after.tokens,
            },
            intervals={"coverage": after.coverage_interval}
            | ({"coverage_before": before.coverage_interval} if before else {}),
            key=f"{victim.victim}/{attack}/{name}",
            sources=_behind(victim.victim, [attack], sources),
        )
        for victim in victims
        for attack, each in victim.attacks.items()
        for name, after in each.after.per_class.items()
        for before in [each.before.per_class.get(name)]
    ]
    caption = f"{_promise(victims)} Over the tokens of each class, O included."
    return Table("certainty-classes", caption, "Victim: attack: class", CLASS_COLUMNS, rows)


def _promise(victims: Sequence[VictimCertainty]) -> str:
    promised = show(victims[0].promised, "percent")
    return (
        "How far a victim's probabilities can be trusted. Prediction sets are calibrated on "
        "sentences that are not attacked (in a run, the dev set) to hold the true tag of "
        f"{promised} of the tokens of each class (split conformal, a threshold for each class)."
    )


def _behind(victim: str, attacks: Iterable[str], sources: AttackSources) -> list[str]:
    return [sources[victim, each] for each in attacks if (victim, each) in sources]


def _rows(victim: VictimCertainty, sources: AttackSources) -> Iterator[Row]:
    title = victim_title(victim.victim)
    texts = {f"{title}: {recipe_name(name)}": (name, each) for name, each in victim.attacks.items()}
    if victim.unattacked is not None:
        whole = AttackCertainty(victim.unattacked, victim.unattacked)
        texts = {f"{title}: test set, unattacked": ("test", whole), **texts}
    for label, (name, each) in texts.items():
        old, bounds = _figures("_before", each.before)
        new, further = _figures("", each.after)
        yield Row(
            label,
            old | new | {"entity_tokens": each.after.tokens},
            intervals=bounds | further,
            key=f"{victim.victim}/{name}",
            sources=_behind(victim.victim, victim.attacks if name == "test" else [name], sources),
        )


def _figures(ending: str, each: Certainty) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the figures and the intervals of one text set, by column."""
    values = {f"{key}{ending}": getattr(each, key) for key in _MEASURES}
    bounds = {f"{key}{ending}": getattr(each, f"{key}_interval") for key in _MEASURES}
    return values, {key: found for key, found in bounds.items() if found is not None}
