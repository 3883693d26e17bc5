"""What noise does to victims, as tables; see `seqattack.metrics.noise`."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import stdev
from typing import Any

from seqattack.metrics.metric import show_interval
from seqattack.metrics.noise import SCORES, ClassScores, SuiteResult, VictimNoise
from seqattack.perturbations.noise import Where
from seqattack.perturbations.suites import find_suite
from seqattack.report.names import noise_source, victim_title
from seqattack.report.tables import Row, Table, columns_of

_BEFORE_AND_AFTER = tuple(key for name in SCORES for key in (f"{name}_before", name))
_CHANGE = ("f1_change", "f1_change_interval")

NOISE_COLUMNS = columns_of("changed_share", *_BEFORE_AND_AFTER, *_CHANGE)
"""The columns of the table of noise."""

FURTHER_NOISE_COLUMNS = columns_of("precision_change", "recall_change", "rate", "changed", "words")
"""Those that only its long form has."""

CLASS_COLUMNS = columns_of("entities", *_BEFORE_AND_AFTER, *_CHANGE)
"""The columns of the table of noise by class."""

FURTHER_CLASS_COLUMNS = columns_of("precision_change", "recall_change", "rate")
"""Those that only its long form has."""

_PLACES = {
    Where.EVERYWHERE: "each word",
    Where.ENTITIES: "each word of an entity",
    Where.CONTEXT: "each word outside entities",
}


def noise_table(victims: Sequence[VictimNoise]) -> Table:
    """Return precision, recall and F1 of victims before and after each suite of noise.

    Args:
        victims: At least one; all were measured alike.
    """
    rows = [
        Row(
            f"{victim_title(each.victim)}: {noise_label(suite)}",
            _figures(suite.overall)
            | {"rate": suite.rate, "changed_share": suite.changed_share}
            | {"changed": suite.changed, "words": suite.words},
            intervals=_intervals(suite.overall),
            n=_sizes(each),
            key=f"{each.victim}/{suite.suite}/{suite.rate:g}",
            sources=[noise_source(each.victim)],
            spread={"f1": stdev(suite.f1_by_draw)} if each.draws > 1 else {},
        )
        for each in victims
        for suite in each.suites
    ]
    first = victims[0]
    meanings = "; ".join(
        f"{name}: {find_suite(name).meaning}"
        for name in dict.fromkeys(suite.suite for suite in first.suites)
    )
    caption = (
        f"Noise without search: of {first.sentences} sentences, {_PLACES[first.where]} is drawn "
        "with the probability in the row's name and written otherwise where the suite can "
        f"({meanings}). {_how_measured(first)}"
    )
    spread = " ±: standard deviation over draws." if first.draws > 1 else ""
    return Table(
        "noise",
        caption,
        "Victim: suite",
        NOISE_COLUMNS,
        rows,
        FURTHER_NOISE_COLUMNS,
        of_run=f"{_how_certain(first)}{spread}",
    )


def noise_classes_table(victims: Sequence[VictimNoise]) -> Table:
    """Return precision, recall and F1 of each class before and after each suite of noise.

    Args:
        victims: At least one; all were measured alike.
    """
    rows = [
        Row(
            f"{victim_title(each.victim)}: {noise_label(suite)}: {name}",
            _figures(scores) | {"entities": scores.entities, "rate": suite.rate},
            intervals=_intervals(scores),
            n=_sizes(each),
            key=f"{each.victim}/{suite.suite}/{suite.rate:g}/{name}",
            sources=[noise_source(each.victim)],
        )
        for each in victims
        for suite in each.suites
        for name, scores in suite.per_class.items()
    ]
    caption = (
        f"Noise without search, each class on its own. {_how_measured(victims[0])} A class that is "
        "never predicted has a precision of 0."
    )
    return Table(
        "noise-classes",
        caption,
        "Victim: suite: class",
        CLASS_COLUMNS,
        rows,
        FURTHER_CLASS_COLUMNS,
        of_run=_how_certain(victims[0]),
    )


def noise_label(suite: SuiteResult) -> str:
    """Return a suite's name with its rate, such as ``typos at 10%``."""
    return f"{suite.suite} at {100 * suite.rate:g}%"


def _how_measured(victim: VictimNoise) -> str:
    draws = f"the mean over {victim.draws} draws" if victim.draws > 1 else "one draw"
    return f"Entities: seqeval, strict IOB2; with noise, {draws}. ΔF1 = F1 − F1 before."


def _how_certain(victim: VictimNoise) -> str:
    return (
        f"Seed of the noise: {victim.seed}. Beside ΔF1 stands its 95 % bootstrap interval over "
        "sentences that both share; the long table has the intervals of all figures."
    )


def _sizes(victim: VictimNoise) -> dict[str, int]:
    return dict.fromkeys(
        (*_BEFORE_AND_AFTER, *(f"{key}_change" for key in SCORES)), victim.sentences
    )


def _figures(scores: ClassScores) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for key in SCORES:
        score = getattr(scores, key)
        values |= {f"{key}_before": score.before, key: score.after, f"{key}_change": score.change}
    return values | {"f1_change_interval": show_interval(scores.f1.change_interval, "percent")}


def _intervals(scores: ClassScores) -> dict[str, tuple[float, float]]:
    bounds: dict[str, tuple[float, float]] = {}
    for key in SCORES:
        score = getattr(scores, key)
        bounds |= {f"{key}_before": score.before_interval, key: score.after_interval}
        bounds[f"{key}_change"] = score.change_interval
    return bounds
