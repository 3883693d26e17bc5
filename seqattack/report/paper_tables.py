"""The paper's tables, made of a run's results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from seqattack.metrics.entities import EntityMetrics
from seqattack.metrics.entity_outcomes import EntityOutcomes
from seqattack.metrics.scores import EXAMPLE_METRICS, ScoredExample
from seqattack.metrics.significance import PairedTest, compare_attacks
from seqattack.metrics.summary import AttackSummary
from seqattack.metrics.transfer import Transfer
from seqattack.records import Stop
from seqattack.report.paper import PaperResults, table_ids, table_title
from seqattack.report.tables import Column, Row, Table

BASELINE = "baseline"
ORIGINAL = "original"

ENTITY_COLUMNS = (
    Column("precision", "Precision (Acc in the paper)"),
    Column("recall", "Recall"),
    Column("f1", "F1"),
    Column("token_accuracy", "Token accuracy"),
)
ATTACK_COLUMNS = (
    *ENTITY_COLUMNS,
    Column("attack_rate", "A-Rate", arrow="↑"),
    Column("modification_rate", "Mod", arrow="↓"),
    Column("labels_score", "L-Score", arrow="↑"),
    Column("similarity", "Sim", arrow="↑"),
    Column("grammar_error_change", "ΔGErr", "number", "↓"),
    Column("attacked", "n", "count"),
    Column("successes", "Successes", "count"),
    Column("timeouts", "Timeouts", "count"),
    Column("queries", "Queries", "count"),
)
TEST_COLUMNS = (
    Column("metric", "Metric", "text"),
    Column("n", "n", "count"),
    Column("mean_a", "Mean of the first", "number"),
    Column("mean_b", "Mean of the second", "number"),
    Column("difference", "Difference", "number"),
    Column("t", "t", "number"),
    Column("p", "p", "p"),
    Column("wilcoxon_p", "Wilcoxon p", "p"),
)

OUTCOME_COLUMNS = (
    Column("entities", "Entities", "count"),
    Column("found", "Found", "count"),
    Column("type", "Type", "count"),
    Column("boundary", "Boundary", "count"),
    Column("missed", "Missed", "count"),
    Column("spurious", "Spurious", "count"),
    Column("newly_broken", "Tokens newly broken", "count"),
    Column("already_wrong", "Tokens already wrong", "count"),
)

STOP_COLUMNS = (
    Column("goal", "Goal", "text"),
    *(Column(stop.value, stop.value.replace("-", " ").capitalize(), "count") for stop in Stop),
)

RECIPE_NAMES = {
    "bae": "BAE",
    "bert-attack": "BERT-Attack",
    "clare": "CLARE",
    "entity-swap": "Entity swap",
    "morpheus": "Morpheus",
    "picks": "picked examples",
    "scpn": "SCPN",
    "textfooler": "TextFooler",
}


def comparison_source(recipe: str) -> str:
    """Return what the report calls an attack of Table 1; `ORIGINAL` is the unattacked subset."""
    return f"comparison/{recipe}"


def robustness_source(source: str, size: str) -> str:
    """Return what the report calls an attack on a robust victim or on the undefended one.

    Args:
        source: Where the robust victims' examples come from: the attack, or ``picks``.
        size: How many of them.
    """
    return f"robustness/{source}/{size}"


def evaluation_source(source: str, size: str) -> str:
    """Return what the report calls a victim's metrics on the test set."""
    return f"evaluation/{source}/{size}"


def recipe_name(recipe: str) -> str:
    """Return a recipe's name as the paper writes it.

    >>> recipe_name("deepwordbug-ii-30")
    'DeepWordBug-II-30'
    """
    if recipe.startswith("deepwordbug-i"):
        _, version, distance = recipe.split("-")
        return f"DeepWordBug-{version.upper()}-{distance}"
    return RECIPE_NAMES.get(recipe, recipe)


def victim_name(size: str) -> str:
    """Return what the tables call the victim with `size` adversarial examples in its training set.

    >>> victim_name("500"), victim_name(BASELINE)
    ('NERsmall 500', 'NERsmall (baseline)')
    """
    return "NERsmall (baseline)" if size == BASELINE else f"NERsmall {size}"


def comparison_table(
    summaries: Sequence[AttackSummary], original: EntityMetrics, paper: PaperResults
) -> Table:
    """Return Table 1: attacks on one victim, and the unattacked subset last.

    Args:
        summaries: One attack each, on the same victim.
        original: Metrics of the unattacked subset.
        paper: The paper's figures.
    """
    first = summaries[0]
    rows = [
        _attack_row(
            s.recipe,
            recipe_name(s.recipe),
            s,
            paper.row("table1", s.recipe),
            comparison_source(s.recipe),
        )
        for s in summaries
    ]
    printed = paper.row("table1", ORIGINAL)
    source = comparison_source(ORIGINAL)
    rows.append(_entity_row(ORIGINAL, "Original", original, printed, first.sentences, source))
    caption = (
        f"Table 1. Attacks on the {first.victim} victim over {first.sentences} test sentences, "
        f"goal {first.goal}. {_how_to_read(first)}"
    )
    return Table("table1", caption, "Attack", ATTACK_COLUMNS, rows)


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
    caption = (
        "What became of the true entities, each success after its attack: found; predicted with "
        "another class; with their class and other bounds; missed. Spurious: predicted entities "
        "that share no token with a true one. Predictions are repaired to IOB2 for this table. "
        "The last two columns count entity tokens."
    )
    return Table("outcomes", caption, "Attack", OUTCOME_COLUMNS, rows)


def stops_table(summaries: Mapping[str, AttackSummary]) -> Table:
    """Return why the searches stopped, sentences that could not be attacked included.

    Args:
        summaries: Of all attacks of a run, by what the report calls them.
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
        "Why each search stopped: the goal of so many wrong entity tokens was reached, no "
        "candidate was left, or a limit was. A search that stopped without reaching the goal may "
        "have succeeded all the same. The last two columns count sentences that were not attacked."
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
    caption = (
        f"Transfer of {recipe_name(source)}: the rows' victims were attacked, the columns' victims "
        "are shown the adversarial examples; the share in which an entity token is wrong that the "
        "column's victim has right in the original."
    )
    shown = (*columns, Column("examples", "Examples", "count"))
    return Table(f"transfer-{source}", caption, "Made against", shown, rows)


def robustness_table(
    source: str, summaries: Mapping[str, AttackSummary], paper: PaperResults
) -> Table:
    """Return Table 2 or 3: one attack on the small victim and its robust counterparts.

    Args:
        source: Where the robust victims' examples come from: the attack, or ``picks``.
        summaries: By number of adversarial examples, the undefended victim as ``baseline``.
        paper: The paper's figures.
    """
    first = summaries[BASELINE]
    identity, _ = table_ids(source)
    whose = "the attack's examples" if source == first.recipe else "the examples that were picked"
    rows = [
        _attack_row(
            size,
            victim_name(size),
            summary,
            paper.row(identity, size),
            robustness_source(source, size),
        )
        for size, summary in summaries.items()
    ]
    caption = (
        f"{table_title(identity)}. {recipe_name(first.recipe)} on NERsmall and on the same model "
        f"trained with so many of {whose} added, over {first.sentences} test "
        f"sentences, goal {first.goal}. {_how_to_read(first)}"
    )
    return Table(identity, caption, "Model", ATTACK_COLUMNS, rows)


def standard_table(
    source: str, metrics: Mapping[str, EntityMetrics], n: int, paper: PaperResults
) -> Table:
    """Return Table 4 or 5: the unattacked test set.

    Args:
        source: Where the robust victims' examples come from: a recipe, or ``picks``.
        metrics: By number of adversarial examples, the undefended victim as ``baseline``.
        n: Sentences of the test set.
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
        f"{table_title(identity)}. The whole unattacked test set ({n} sentences) for victims "
        f"trained with examples of {recipe_name(source)}. Strict IOB2 metrics (seqeval)."
    )
    return Table(identity, caption, "Examples", ENTITY_COLUMNS, rows)


def significance_table(
    scored: Mapping[str, Mapping[str, Sequence[ScoredExample]]], paper: PaperResults
) -> Table:
    """Return the paired tests of section 5.2.

    Each robust victim is compared with the undefended one, and with the smallest robust one.

    Args:
        scored: By source (a recipe, or ``picks``) and number of adversarial examples, the
            undefended victim as ``baseline``.
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
                label = f"{recipe_name(source)}: {a} → {b}"
                sources = [robustness_source(source, size) for size in (a, b)]
                rows.append(_test_row(key, label, test, published, sources))
    caption = (
        "Paired t-tests (section 5.2) of one attack on two victims: the modification "
        "rate over sentences where both attacks succeeded, the labels score over all sentences, an "
        "unattacked one with its own score."
    )
    return Table("significance", caption, "Attack: victims", TEST_COLUMNS, rows)


def _how_to_read(summary: AttackSummary) -> str:
    return (
        "Precision, recall and F1 (seqeval, strict IOB2) after the attack, each success replaced "
        "by its adversarial example; A-Rate: successes by n sentences attacked; Mod, L-Score, Sim "
        f"({summary.similarity_backend}) and ΔGErr ({summary.grammar_backend}) are means over "
        f"successes; Queries: mean a sentence. ↑ (↓): higher (lower) is better for the attack."
    )


def _attack_row(
    key: str, label: str, summary: AttackSummary, paper: Mapping[str, float], source: str
) -> Row:
    values = {column.key: getattr(summary, column.key) for column in ATTACK_COLUMNS}
    n = dict.fromkeys(("precision", "recall", "f1", "token_accuracy"), summary.sentences)
    n |= dict.fromkeys(("attack_rate", "queries"), summary.attacked)
    n |= dict.fromkeys(EXAMPLE_METRICS, summary.successes)
    return Row(label, values, paper, summary.intervals, n, key, sources=[source])


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


def _test_row(
    key: str, label: str, test: PairedTest, paper_p: float | None, sources: Sequence[str]
) -> Row:
    values = {column.key: getattr(test, column.key) for column in TEST_COLUMNS}
    if test.note:
        values["p"] = test.note
    paper = {} if paper_p is None else {"p": paper_p}
    return Row(label, values, paper, key=key, sources=sources)
