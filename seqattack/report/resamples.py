"""The figures of a run's tables on resamples of its sentences: how sure a comparison is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from seqattack.metrics.bootstrap import RESAMPLES, Floats
from seqattack.metrics.distribution import distributions
from seqattack.metrics.entities import EntityMetrics
from seqattack.metrics.scores import ScoredExample
from seqattack.metrics.summary import resampled_entity_metrics, resampled_metrics
from seqattack.records import AttackRecord
from seqattack.report.names import ORIGINAL, table_ids

Resamples = Mapping[str, Floats]
"""By name of a figure (``table/row/metric``), its value on each resample of the sentences."""


@dataclass(frozen=True, slots=True)
class AttackResults:
    """What an attack found.

    Args:
        records: One for each sentence of the subset.
        scored: Their scores, in the same order.
    """

    records: Sequence[AttackRecord]
    scored: Sequence[ScoredExample]


def comparison_resamples(attacks: Mapping[str, AttackResults], seed: int) -> Resamples:
    """Return the resampled figures of Table 1.

    Args:
        attacks: By recipe, all on one subset, so that the same resamples are drawn for all.
        seed: Seed of the resamples.
    """
    found = _named("table1", attacks, seed)
    originals = [record.original for record in next(iter(attacks.values())).records]
    unattacked = resampled_entity_metrics(originals, seed)
    return found | {f"table1/{ORIGINAL}/{name}": v for name, v in unattacked.items()}


def robustness_resamples(source: str, attacks: Mapping[str, AttackResults], seed: int) -> Resamples:
    """Return the resampled figures of Table 2 or 3, and of its distributions.

    Args:
        source: Of the robust victims' examples; see `seqattack.report.names.training_name`.
        attacks: By number of adversarial examples, with ``baseline``; all on one subset.
        seed: Seed of the resamples.
    """
    found = _named(table_ids(source)[0], attacks, seed)
    for size, results in attacks.items():
        for each in distributions(results.scored, seed):
            found[f"distributions/{source}/{size}/{each.metric}/skewness"] = each.resamples
    return found


def standard_resamples(source: str, metrics: Mapping[str, EntityMetrics], seed: int) -> Resamples:
    """Return the F1 scores of Table 4 or 5 on resamples of the entities.

    Each true entity is found with the probability `recall`. The victims' resamples do not belong
    together, so that the interval of a difference is wider than a paired one.

    Args:
        source: Of the robust victims' examples; see `seqattack.report.names.training_name`.
        metrics: By number of adversarial examples, with ``baseline``.
        seed: Seed of the resamples.
    """
    _, identity = table_ids(source)
    random = np.random.default_rng(seed)
    found = {}
    for size, each in metrics.items():
        answered = each.recall * each.support / each.precision if each.precision else 0.0
        right = random.binomial(each.support, each.recall, RESAMPLES)
        found[f"{identity}/{size}/f1"] = 2 * right / max(1.0, answered + each.support)
    return found


def _named(table: str, attacks: Mapping[str, AttackResults], seed: int) -> dict[str, Floats]:
    return {
        f"{table}/{row}/{metric}": values
        for row, results in attacks.items()
        for metric, values in resampled_metrics(results.records, results.scored, seed).items()
    }
