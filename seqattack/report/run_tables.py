"""Which tables a run has, and the caption of each in Snakemake's own report."""

from __future__ import annotations

from collections.abc import Iterable

from seqattack.pipeline.layout import LEADERBOARD
from seqattack.report.names import DEFENCES, DEFENCES_ATTACKS, TABLE_PUBLISHED, table_ids


def table_captions(
    sources: Iterable[str],
    published: bool = False,
    certainty: bool = False,
    leaderboard: bool = False,
    noise: bool = False,
    defences: bool = False,
) -> dict[str, str]:
    """Return the name of each table's caption file.

    Args:
        sources: Of the adversarial trainings' examples; see `seqattack.report.names.training_name`.
        published: Whether there is a Table 1 as published.
        certainty: Whether the victims' certainty is measured.
        leaderboard: Whether there are victims to rank.
        noise: Whether noise without search is measured.
        defences: Whether there are defended victims to compare.

    Example:
        >>> list(table_captions(["bert-attack"]))[:4]
        ['table1', 'table3', 'table5', 'transfer-bert-attack']
    """
    sources = list(sources)
    captions = {"table1": "comparison"}
    captions |= {TABLE_PUBLISHED: "published"} if published else {}
    captions |= {LEADERBOARD: "leaderboard"} if leaderboard else {}
    captions |= dict.fromkeys((DEFENCES, DEFENCES_ATTACKS), "defences") if defences else {}
    for source in sources:
        captions |= dict(zip(table_ids(source), ("robustness", "standard"), strict=True))
        captions[f"transfer-{source}"] = "transfer"
    if sources:
        captions |= {"significance": "significance", "distributions": "distributions"}
    if certainty:
        captions |= dict.fromkeys(("certainty", "certainty-classes"), "certainty")
    if noise:
        captions |= dict.fromkeys(("noise", "noise-classes"), "noise")
    return captions | {name: name for name in ("classes", "outcomes", "stops", "claims")}
