"""Figures 1 to 3 and 5 to 9 of a run: examples of different sentences, and captions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from seqattack.metrics.summary import read_summary
from seqattack.pipeline.layout import AttackFolder
from seqattack.records import AttackRecord, read_records
from seqattack.report.examples import (
    FLIP_RULE,
    LABELLED,
    PREDICTED,
    RULE,
    Example,
    caption,
    choose,
    choose_labelled,
    figure_number,
    figure_title,
    is_shown,
    only_flips,
)
from seqattack.report.names import comparison_source, recipe_name, victim_title

COUNT = 5
"""The most examples of a recipe's figure."""


@dataclass(frozen=True, slots=True)
class ExampleFigure:
    """A figure with examples.

    Args:
        id: Its name in files and links, such as ``figure1``.
        title: Its heading.
        caption: What was attacked, what is shown, and how it was chosen.
        sources: Ids of what stands behind it.
        examples: What it shows.
    """

    id: str
    title: str
    caption: str
    sources: Sequence[str]
    examples: Sequence[Example]


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A figure before its examples are chosen: attacks, how to choose of them, and words."""

    id: str
    title: str
    folders: Sequence[Path]
    count: int = 1
    allows: Callable[[AttackRecord], bool] = lambda record: True
    rule: str = RULE
    meaning: str = PREDICTED

    def records(self) -> Iterator[AttackRecord]:
        return chain.from_iterable(read_records(AttackFolder(f).records) for f in self.folders)

    @property
    def possible(self) -> int:
        """The number of examples to choose from."""
        return sum(is_shown(each) and self.allows(each) for each in self.records())

    def examples(self, shown: set[str]) -> list[Example]:
        if self.meaning == LABELLED:
            return choose_labelled(self.records(), self.count, shown)
        return choose(self.records(), self.count, self.allows, shown)


def example_figures(
    comparison: Sequence[Path],
    robustness: Sequence[Path],
    word_level: str | None,
    sentence_level: str | None,
    budget: int,
) -> list[ExampleFigure]:
    """Return the figures of a run; each shows other sentences, where there are enough.

    The figure with the fewest possible examples chooses first.

    Args:
        comparison: Folders of the attacks of Table 1.
        robustness: Folders of the attacks under the goal untargeted.
        word_level: The recipe of Figure 1; None draws none.
        sentence_level: The recipe of Figure 2; None draws none.
        budget: The most queries a sentence.
    """
    wanted = list(_wanted(comparison, robustness, word_level, sentence_level))
    shown: set[str] = set()
    chosen: dict[str, list[Example]] = {}
    for figure in sorted(wanted, key=lambda each: each.possible):
        chosen[figure.id] = figure.examples(shown)
        shown |= {example.id for example in chosen[figure.id]}
    return [
        ExampleFigure(
            figure.id,
            figure.title,
            f"{_what(figure, budget)} {caption(chosen[figure.id], figure.rule, figure.meaning)}",
            [comparison_source(folder.name) for folder in figure.folders if folder in comparison],
            chosen[figure.id],
        )
        for figure in wanted
    ]


def _wanted(
    comparison: Sequence[Path],
    robustness: Sequence[Path],
    word_level: str | None,
    sentence_level: str | None,
) -> Iterator[_Wanted]:
    by_recipe = {folder.name: folder for folder in comparison}
    if word_level:
        title = "A word-level adversarial example (Figure 1)"
        yield _Wanted("figure1", title, [by_recipe[word_level]])
    if sentence_level:
        title = "A paraphrase with its labels (Figure 2)"
        yield _Wanted("figure2", title, [by_recipe[sentence_level]], meaning=LABELLED)
    if robustness:
        title = "The two goal functions (Figure 3)"
        yield _Wanted("figure3", title, robustness, allows=only_flips, rule=FLIP_RULE)
    for recipe, folder in sorted(by_recipe.items(), key=lambda each: figure_number(each[0]) or 99):
        yield _Wanted(f"examples-{recipe}", figure_title(recipe), [folder], COUNT)


def _what(figure: _Wanted, budget: int) -> str:
    """Return the attacks, goal, budget and n behind a figure in a sentence."""
    summaries = [read_summary(AttackFolder(folder).summary) for folder in figure.folders]
    attacks = dict.fromkeys(recipe_name(each.recipe) for each in summaries)
    victims = dict.fromkeys(victim_title(each.victim) for each in summaries)
    found, attacked = (sum(getattr(s, n) for s in summaries) for n in ("successes", "attacked"))
    return (
        f"{' and '.join(attacks)} on {', '.join(victims)}, goal {summaries[0].goal}, at most "
        f"{budget} queries a sentence: {found} of {attacked} attacks succeeded."
    )
