"""The leaderboard: victims and attacks in one table, of one run or merged from several people's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from seqattack.errors import RecordError
from seqattack.io import read_json
from seqattack.metrics.metric import Value, find_metric, show_interval
from seqattack.metrics.ranking import Standing, rank_victims
from seqattack.metrics.scores import mean
from seqattack.metrics.victim_results import RecipeResult, VictimResults, scores
from seqattack.pipeline.layout import LEADERBOARD
from seqattack.report.names import recipe_name, victim_title
from seqattack.report.record_tables import different_parts
from seqattack.report.tables import Column, Row, Table, columns_of

FAVOURED = (
    "The sentences are those that the victim of Table 1 tags almost without errors, which favours "
    "it: look at F1 before, too."
)
"""What to keep in mind, in captions."""


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Something that victims of one leaderboard do not share.

    Args:
        what: Such as ``query_budget of deepwordbug-i-5``.
        found: The value of each victim, by its label.
    """

    what: str
    found: Mapping[str, Any]

    @property
    def odd(self) -> list[str]:
        """The victims whose value is another one than the first victim's."""
        first = next(iter(self.found.values()))
        return [label for label, value in self.found.items() if value != first]

    def __str__(self) -> str:
        """Return each value with the victims that have it."""
        values = list(self.found.values())
        parts = []
        for index, value in enumerate(values):
            if value not in values[:index]:
                labels = [label for label, each in self.found.items() if each == value]
                parts.append(f"{value} ({'; '.join(labels)})")
        return f"{self.what}: {', '.join(parts)}"


def read_victims(paths: Sequence[Path]) -> dict[str, VictimResults]:
    """Read the results of victims, by the labels that a table gives them.

    The same victim in two files becomes one if the files agree on all that both have. Victims of
    one name are told apart by what is different in their files' paths.

    Args:
        paths: Results of runs, folders of such files, or the files themselves.

    Raises:
        RecordError: A folder has no such file, or a file holds something else.
    """
    files = list(dict.fromkeys(file for path in paths for file in _files(path)))
    merged: list[tuple[Path, VictimResults]] = []
    for file in files:
        results = _read(file)
        for index, (first, known) in enumerate(merged):
            both = _joined(known, results)
            if both is not None:
                merged[index] = first, both
                break
        else:
            merged.append((file, results))
    names = [results.name for _, results in merged]
    places = different_parts([file for file, _ in merged])
    labels = [
        f"{victim_title(name)}, {place}" if names.count(name) > 1 else victim_title(name)
        for name, place in zip(names, places, strict=True)
    ]
    return dict(zip(labels, (results for _, results in merged), strict=True))


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    for folder in (path / LEADERBOARD, path):
        found = sorted(folder.glob("*.json")) if folder.is_dir() else []
        if found and (folder.name == LEADERBOARD or not (path / LEADERBOARD).is_dir()):
            return found
    raise RecordError(
        f"{path}: no results of a victim; name the results of a run, its folder {LEADERBOARD} or "
        "JSON files of it."
    )


def _read(path: Path) -> VictimResults:
    try:
        return VictimResults.from_json(read_json(path))
    except (OSError, ValueError) as error:
        raise RecordError(
            f"{path}: no results of a victim ({error}); name files that a run wrote to its "
            f"folder {LEADERBOARD}."
        ) from error


def _joined(one: VictimResults, other: VictimResults) -> VictimResults | None:
    """Return the results of one victim of two files; None where they are not of one."""
    alone = replace(one, recipes={})
    shared = set(one.recipes) & set(other.recipes)
    same = all(one.recipes[each] == other.recipes[each] for each in shared)
    if alone != replace(other, recipes={}) or not same:
        return None
    return replace(one, recipes={**one.recipes, **other.recipes})


def disagreements(victims: Mapping[str, VictimResults]) -> Iterator[Disagreement]:
    """Yield what the victims of a leaderboard should share and do not.

    Args:
        victims: By label.
    """
    for what, found in (
        ("subset", {label: each.subset[:12] for label, each in victims.items()}),
        ("code", {label: each.code for label, each in victims.items()}),
    ):
        if len(set(found.values())) > 1:
            yield Disagreement(what, found)
    for recipe in _recipes(victims):
        tried = {label: v.recipes[recipe] for label, v in victims.items() if recipe in v.recipes}
        for name in dict.fromkeys(name for each in tried.values() for name in each.settings):
            values = {label: each.settings.get(name) for label, each in tried.items()}
            if any(value != next(iter(values.values())) for value in values.values()):
                yield Disagreement(f"{name} of {recipe}", values)


def leaderboard_table(
    victims: Mapping[str, VictimResults], seed: int, found: Sequence[Disagreement] = ()
) -> Table:
    """Return the leaderboard, the most robust victim first.

    Args:
        victims: By label; all attacked on one subset.
        seed: Seed of the resamples.
        found: What the victims do not share, which marks their rows.

    Raises:
        RecordError: The subsets differ, or no recipe was tried on all victims.
    """
    if len({each.subset for each in victims.values()}) > 1:
        raise RecordError("the victims were attacked on different subsets; nothing can be paired.")
    recipes = _recipes(victims)
    shared = [name for name in recipes if all(name in each.recipes for each in victims.values())]
    if not shared:
        raise RecordError(
            f"no recipe was tried on all victims ({', '.join(recipes)}); attack each victim with "
            "the same ones."
        )
    standings = rank_victims(victims, shared, seed)
    columns = [
        *columns_of("rank", "ranks", "f1_test", "f1_before", "mean_f1"),
        *(Column(name, f"F1, {recipe_name(name)}") for name in recipes),
        *columns_of("mean_attack_rate", "ahead", "ahead_interval", "p"),
        *columns_of(*(["classes"] if len({v.classes for v in victims.values()}) > 1 else [])),
        *columns_of(*(["differs"] if found else [])),
    ]
    rows = [_row(each, victims[each.label], shared, found) for each in standings]
    n = len(next(iter(victims.values())).counts)
    caption = _caption(n, shared, recipes, len(victims))
    return Table(LEADERBOARD, caption, "Victim", columns, rows, _further(recipes))


def _recipes(victims: Mapping[str, VictimResults]) -> list[str]:
    return list(dict.fromkeys(name for each in victims.values() for name in each.recipes))


FURTHER = ("attack_rate", "precision", "recall")
"""What the long form has of each attack, besides F1."""


def _further(recipes: Sequence[str]) -> list[Column]:
    return [
        Column(f"{name}_{key}", f"{find_metric(key).heading}, {recipe_name(name)}")
        for name in recipes
        for key in FURTHER
    ]


def _row(
    standing: Standing,
    victim: VictimResults,
    shared: Sequence[str],
    found: Sequence[Disagreement],
) -> Row:
    low, high = standing.ranks
    values: dict[str, Value] = {
        "rank": standing.rank,
        "ranks": str(low) if low == high else f"{low}–{high}",
        "f1_test": victim.clean["f1"],
        "f1_before": scores(victim.counts)["f1"],
        "mean_f1": standing.mean_f1,
        "mean_attack_rate": mean([victim.recipes[name].attack_rate for name in shared]),
        "ahead": standing.ahead,
        "ahead_interval": _shown(standing.ahead_interval),
        "p": (standing.test.note or standing.test.p) if standing.test else None,
        "classes": ", ".join(victim.classes),
        "differs": ", ".join(each.what for each in found if standing.label in each.odd),
    }
    intervals, n = {"mean_f1": standing.interval}, dict.fromkeys(values, len(victim.counts))
    if standing.ahead_interval:
        intervals["ahead"] = standing.ahead_interval
    for recipe, result in victim.recipes.items():
        values |= _of_recipe(recipe, result)
        names = {"f1": recipe, **{key: f"{recipe}_{key}" for key in FURTHER}}
        intervals |= {names[key]: bounds for key, bounds in result.intervals.items()}
        n |= {name: len(result.counts) for name in names.values()}
        n[f"{recipe}_attack_rate"] = result.attacked
    del n["f1_test"]
    has_own_name = standing.label == victim_title(victim.name)
    key = victim.name if has_own_name else standing.label
    return Row(standing.label, values, intervals=intervals, n=n, key=key)


def _shown(interval: tuple[float, float] | None) -> str | None:
    return None if interval is None else show_interval(interval, "percent")


def _of_recipe(recipe: str, result: RecipeResult) -> dict[str, Value]:
    after = scores(result.counts)
    return {
        recipe: after["f1"],
        f"{recipe}_attack_rate": result.attack_rate,
        **{f"{recipe}_{key}": after[key] for key in ("precision", "recall")},
    }


def _caption(n: int, shared: Sequence[str], recipes: Sequence[str], victims: int) -> str:
    over = "all recipes"
    if len(shared) < len(recipes):
        names = ", ".join(map(recipe_name, shared))
        over = f"the recipes that all victims were attacked with ({names})"
    return (
        f"{victims} victims under attack on the same {n} sentences, ranked by their F1 (seqeval, "
        f"strict IOB2, each success replaced by its adversarial example), the mean over {over}. "
        "Ranks: 95 % bootstrap interval, all victims on the same resamples of the sentences. "
        "Ahead: mean F1 − that of the victim in the next row, with its paired bootstrap interval; "
        "p: paired t-test of both victims' F1 of each sentence, not corrected for the number of "
        f"tests. ↑: a higher attack rate is better for the attack. {FAVOURED}"
    )
