"""Which victim is the most robust: ranks with intervals, and tests of neighbours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from seqattack.metrics.bootstrap import Floats, Interval, percentile_interval
from seqattack.metrics.metric import find_metric
from seqattack.metrics.significance import PairedTest, paired_test
from seqattack.metrics.summary import resampled_entity_counts
from seqattack.metrics.victim_results import VictimResults, scores


@dataclass(frozen=True, slots=True)
class Standing:
    """A victim's place among others.

    Args:
        label: The victim's name among them.
        rank: 1 + the number of victims with a higher `mean_f1`.
        ranks: The 95 % bootstrap interval of the rank.
        mean_f1: F1 under attack, the mean over recipes.
        interval: Its 95 % bootstrap interval.
        ahead: By how much its `mean_f1` is above the next victim's; None for the last.
        ahead_interval: The 95 % interval of `ahead` over resamples that both victims share.
        test: The paired t-test of both victims' F1 of each sentence, the mean over recipes.
    """

    label: str
    rank: int
    ranks: tuple[int, int]
    mean_f1: float
    interval: Interval
    ahead: float | None = None
    ahead_interval: Interval | None = None
    test: PairedTest | None = None


def rank_victims(
    victims: Mapping[str, VictimResults], recipes: Sequence[str], seed: int
) -> list[Standing]:
    """Rank victims by their F1 under attack, the mean over recipes, the most robust first.

    Every victim is measured on the same resamples of the sentences, so that ranks and differences
    are those of paired samples.

    Args:
        victims: By label; all attacked on one subset.
        recipes: Recipes that all victims were attacked with.
        seed: Seed of the resamples.
    """
    means = {label: _mean_f1(each, recipes) for label, each in victims.items()}
    order = sorted(victims, key=lambda label: -means[label])
    drawn = np.array([_resampled_f1(victims[label], recipes, seed) for label in order])
    ranks = _ranks(drawn)
    standings = []
    for place, label in enumerate(order):
        low, high = percentile_interval(ranks[place])
        alone = Standing(
            label,
            rank=1 + sum(other > means[label] for other in means.values()),
            ranks=(int(np.floor(low)), int(np.ceil(high))),
            mean_f1=means[label],
            interval=percentile_interval(drawn[place]),
        )
        standings.append(alone)
    for place, (label, after) in enumerate(pairwise(order)):
        both = [_f1_by_sentence(victims[each], recipes) for each in (after, label)]
        standings[place] = replace(
            standings[place],
            ahead=means[label] - means[after],
            ahead_interval=percentile_interval(drawn[place] - drawn[place + 1]),
            test=paired_test(find_metric("f1").name, *both),
        )
    return standings


def _mean_f1(victim: VictimResults, recipes: Sequence[str]) -> float:
    return float(np.mean([scores(victim.recipes[each].counts)["f1"] for each in recipes]))


def _resampled_f1(victim: VictimResults, recipes: Sequence[str], seed: int) -> Floats:
    """Return the mean F1 on each resample; a resample without any entity has 0."""
    drawn = [resampled_entity_counts(victim.recipes[each].counts, seed)["f1"] for each in recipes]
    means: Floats = np.nan_to_num(np.mean(drawn, axis=0))
    return means


def _ranks(drawn: Floats) -> Floats:
    """Return the rank of each victim (rows) on each resample (columns)."""
    return np.array([1.0 + (drawn > row).sum(axis=0) for row in drawn])


def _f1_by_sentence(victim: VictimResults, recipes: Sequence[str]) -> list[float]:
    """Return each sentence's F1, the mean over recipes; 1 where nothing is true or predicted."""
    attacked = [victim.recipes[recipe].counts for recipe in recipes]
    found = [[_sentence_f1(*counts) for counts in each] for each in attacked]
    return [float(value) for value in np.mean(found, axis=0)]


def _sentence_f1(right: int, answered: int, gold: int) -> float:
    return 2 * right / (answered + gold) if answered + gold else 1.0
