"""The paper's tables, made from a run's results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from seqattack.attack.recipes.recipe import base_recipe
from seqattack.metrics.entities import EntityMetrics
from seqattack.metrics.metric import find_metric
from seqattack.metrics.scores import ScoredExample
from seqattack.metrics.significance import PairedTest, compare_attacks
from seqattack.metrics.summary import AttackSummary
from seqattack.pipeline.names import BASELINE
from seqattack.records import Outcome
from seqattack.report.names import (
    ORIGINAL,
    TABLE_PUBLISHED,
    comparison_source,
    evaluation_source,
    examples_name,
    published_source,
    recipe_name,
    robustness_source,
    table_ids,
    training_name,
    victim_name,
    victim_title,
)
from seqattack.report.paper import PaperResults
from seqattack.report.tables import (
    ATTACK_COLUMNS,
    FURTHER_ATTACK_COLUMNS,
    Column,
    Row,
    Table,
    attack_row,
    columns_of,
    how_to_read,
)

ENTITY_COLUMNS = columns_of("precision", "recall", "f1", "token_accuracy")
"""The columns of a table of the unattacked test set."""

BY_POSITION, ONLY_INVENTED = columns_of("positional_modification_rate", "only_invented")
"""What Table 1 as published has besides the columns of a table of attacks."""

TEST_COLUMNS = (
    Column("metric", "Metric", "text"),
    Column("test", "Test", "text"),
    *columns_of("n", "mean_a", "mean_b", "difference", "t", "p", "wilcoxon_p"),
)
"""The columns of the table of paired tests."""

T_TESTS = (
    "t-tests: the labels score over all sentences (without a success, a sentence has the labels "
    "score of its original), all other scores over sentences where both attacks succeeded."
)
UNCORRECTED = "The p-values are not corrected for their number."
"""What a caption says of the tests."""


def comparison_table(
    summaries: Sequence[AttackSummary],
    original: EntityMetrics,
    paper: PaperResults,
    skipped: Mapping[str, str] | None = None,
    too_long: Sequence[str] = (),
) -> Table:
    """Return Table 1: attacks on one victim, and the unattacked subset as the last row.

    Args:
        summaries: The attacks, all on the same victim.
        original: The metrics on the unattacked subset.
        paper: The paper's figures.
        skipped: Why an attack was left out of the run, by recipe.
        too_long: Ids of test sentences that were left out because they are too long for the victim.
    """
    first = summaries[0]
    rows = [
        attack_row(
            each,
            recipe_name(each.recipe),
            each.recipe,
            paper.row("table1", each.recipe),
            [comparison_source(each.recipe)],
        )
        for each in summaries
    ]
    for recipe, why in (skipped or {}).items():
        label = f"{recipe_name(recipe)} (not run: {why})"
        rows.append(Row(label, {}, paper.row("table1", recipe), key=recipe))
    printed = paper.row("table1", ORIGINAL)
    source = comparison_source(ORIGINAL)
    rows.append(_entity_row(ORIGINAL, "Original", original, printed, first.sentences, source))
    caption = (
        f"Attacks on {victim_title(first.victim)} over {first.sentences} test sentences, "
        f"goal {first.goal}. {how_to_read(first)}"
    )
    left_out = f"Left out, because too long for the victim: {listed(too_long)}." if too_long else ""
    return Table(
        "table1", caption, "Attack", ATTACK_COLUMNS, rows, FURTHER_ATTACK_COLUMNS, of_run=left_out
    )


def only_invented(scored: Sequence[ScoredExample]) -> int:
    """Return the number of successes that break no entity token: they only invent entities."""
    return sum(each.outcome == Outcome.SUCCESS and not each.newly_broken for each in scored)


def published_table(
    summaries: Sequence[AttackSummary],
    invented: Sequence[int],
    original: EntityMetrics,
    paper: PaperResults,
) -> Table:
    """Return Table 1 as published: its attacks with the published code's goal and bugs.

    Args:
        summaries: The attacks, all on the same victim.
        invented: For each of them, the number of successes that break no entity.
        original: The metrics on the unattacked subset.
        paper: The paper's figures.
    """
    first = summaries[0]
    rows = []
    for each, count in zip(summaries, invented, strict=True):
        base, source = base_recipe(each.recipe), published_source(each.recipe)
        printed = paper.row("table1", base)
        row = attack_row(each, recipe_name(base), base, printed, [source])
        rows.append(replace(row, values={**row.values, ONLY_INVENTED.key: count}))
    printed, source = paper.row("table1", ORIGINAL), comparison_source(ORIGINAL)
    rows.append(_entity_row(ORIGINAL, "Original", original, printed, first.sentences, source))
    invention = find_metric(ONLY_INVENTED.key)
    columns = _with(BY_POSITION, "modification_rate", ATTACK_COLUMNS)
    caption = (
        "The attacks as the published code makes them, on "
        f"{victim_title(first.victim)} over {first.sentences} test sentences, goal {first.goal}: "
        "a token outside entities that is taken for one counts as an error, and so does one that "
        f"was wrong before. {invention.heading} = {invention.meaning}. "
        f"{how_to_read(first, columns)}"
    )
    columns = _with(ONLY_INVENTED, "successes", columns)
    further = [column for column in FURTHER_ATTACK_COLUMNS if column != BY_POSITION]
    return Table(TABLE_PUBLISHED, caption, "Attack", columns, rows, further)


def _with(new: Column, after: str, columns: Sequence[Column]) -> tuple[Column, ...]:
    """Return columns with a new one after that of a metric."""
    place = [column.key for column in columns].index(after) + 1
    return (*columns[:place], new, *columns[place:])


def listed(ids: Sequence[str], most: int = 10) -> str:
    """Return ids in a sentence, the first few of many, with their number.

    >>> listed(["a", "b", "c"], most=2)
    '3 sentences (a, b and 1 more)'
    """
    more = f" and {len(ids) - most} more" if len(ids) > most else ""
    return f"{len(ids)} sentence{'s' * (len(ids) > 1)} ({', '.join(ids[:most])}{more})"


def robustness_table(
    source: str, summaries: Mapping[str, AttackSummary], paper: PaperResults
) -> Table:
    """Return Table 2 or 3: one attack on the small victim and its robust counterparts.

    Args:
        source: Of the robust victims' examples; see `seqattack.report.names.training_name`.
        summaries: By number of adversarial examples, with `BASELINE` for the undefended victim.
        paper: The paper's figures.
    """
    first = summaries[BASELINE]
    identity, _ = table_ids(source)
    rows = [
        attack_row(
            summary,
            victim_name(size),
            size,
            paper.row(identity, size),
            [robustness_source(source, size)],
        )
        for size, summary in summaries.items()
    ]
    caption = (
        f"{recipe_name(first.recipe)} on NERsmall, and on the same model "
        f"trained with the given number of {examples_name(source)} added, over {first.sentences} "
        f"test sentences, goal {first.goal}. {how_to_read(first)}"
    )
    return Table(identity, caption, "Model", ATTACK_COLUMNS, rows, FURTHER_ATTACK_COLUMNS)


def standard_table(
    source: str, metrics: Mapping[str, EntityMetrics], n: int, paper: PaperResults
) -> Table:
    """Return Table 4 or 5: the victims on the unattacked test set.

    Args:
        source: Of the robust victims' examples; see `seqattack.report.names.training_name`.
        metrics: By number of adversarial examples, with `BASELINE` for the undefended victim.
        n: Number of sentences of the test set.
        paper: The paper's figures.
    """
    _, identity = table_ids(source)
    rows = [
        _entity_row(
            size,
            victim_name(size),
            each,
            paper.row(identity, size),
            n,
            evaluation_source(source, size),
        )
        for size, each in metrics.items()
    ]
    caption = (
        f"The whole unattacked test set ({n} sentences) for victims "
        f"trained with {examples_name(source)}. Strict IOB2 metrics (seqeval)."
    )
    return Table(identity, caption, "Model", ENTITY_COLUMNS, rows)


def significance_table(
    scored: Mapping[str, Mapping[str, Sequence[ScoredExample]]], paper: PaperResults
) -> Table:
    """Return the paired tests of section 5.2.

    Each robust victim is compared with the undefended one, and with the smallest robust one.

    Args:
        scored: By source (see `seqattack.report.names.training_name`) and number of adversarial
            examples, with `BASELINE` for the undefended victim.
        paper: The paper's p-values.
    """
    rows = []
    for source, victims in scored.items():
        sizes = [size for size in victims if size != BASELINE]
        pairs = [(BASELINE, size) for size in sizes] + [(sizes[0], size) for size in sizes[1:]]
        for a, b in pairs:
            for test in compare_attacks(victims[a], victims[b]):
                published = paper.p_values.get((source, a, b, test.metric))
                key = f"{source}/{a}/{b}/{test.metric}"
                label = f"{training_name(source)}: {victim_name(a)} → {victim_name(b)}"
                sources = [robustness_source(source, size) for size in (a, b)]
                rows.append(test_row(key, label, test, published, sources))
    caption = (
        f"Paired tests of one attack on two victims, as in section 5.2. {T_TESTS} The attack rate: "
        "McNemar's exact test over the sentences that were attacked on both victims. "
        f"{UNCORRECTED}"
    )
    return Table("significance", caption, "Attack: victims", TEST_COLUMNS, rows)


def _entity_row(
    key: str,
    label: str,
    metrics: EntityMetrics,
    paper: Mapping[str, float],
    n: int,
    source: str,
) -> Row:
    values = {column.key: getattr(metrics, column.key) for column in ENTITY_COLUMNS}
    counts = dict.fromkeys(values, n)
    return Row(label, values, paper, n=counts, key=key, sources=[source])


def test_row(
    key: str, label: str, test: PairedTest, paper_p: float | None, sources: Sequence[str]
) -> Row:
    """Return the row of a paired test.

    Args:
        key: The row's name in claims.
        label: The row's name.
        test: The test.
        paper_p: The paper's p-value.
        sources: Ids of what stands behind the row.
    """
    values = {column.key: getattr(test, column.key) for column in TEST_COLUMNS}
    if test.note:
        values["p"] = test.note
    paper = {} if paper_p is None else {"p": paper_p}
    intervals = {} if test.interval is None else {"difference": test.interval}
    return Row(label, values, paper, intervals, key=key, sources=sources)
