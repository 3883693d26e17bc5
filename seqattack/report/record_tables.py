"""Tables of attacks from their records alone, without a run of the pipeline."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from seqattack.errors import RecordError
from seqattack.metrics.entity_outcomes import entity_outcomes
from seqattack.metrics.scores import ScoredExample, score_record, score_records
from seqattack.metrics.significance import compare_attacks
from seqattack.metrics.summary import (
    NOT_MEASURED,
    AttackSummary,
    final_metrics,
    original_metrics,
    summarize,
)
from seqattack.records import AttackRecord, read_records
from seqattack.report.further_tables import classes_table, outcomes_table, stops_table
from seqattack.report.names import recipe_name
from seqattack.report.paper_tables import T_TESTS, TEST_COLUMNS, UNCORRECTED, test_row
from seqattack.report.tables import Table, summary_table


@dataclass(frozen=True, slots=True)
class MeasuredAttack:
    """An attack's records and what was measured of them.

    Args:
        label: Its name in tables.
        records: One a sentence.
        scored: Their scores, in the same order.
        summary: Its metrics.
    """

    label: str
    records: tuple[AttackRecord, ...]
    scored: tuple[ScoredExample, ...]
    summary: AttackSummary


def measure_files(
    paths: Sequence[Path], *, quick: bool = False, seed: int = 0
) -> list[MeasuredAttack]:
    """Measure attacks from their records.

    Args:
        paths: JSON lines of attack records, one file an attack. Attacks of one recipe are told
            apart by what is different in their paths.
        quick: Whether similarity and grammar errors, which need models, are left out.
        seed: Of the bootstrap.

    Raises:
        RecordError: There are no records, or one cannot be read; the message says where.
        BackendError: The sentence encoder or the grammar checker is not installed.
    """
    read = named_records(paths)
    encoder = grammar = NOT_MEASURED
    if quick:
        scored = [[score_record(record) for record in records] for _, records in read]
    else:
        from seqattack.metrics.grammar.backends import grammar_backend
        from seqattack.sentence_encoder.backends import load_sentence_encoder
        from seqattack.sentence_encoder.session import SimilaritySession

        similarity, checker = load_sentence_encoder({}), grammar_backend({})
        session = SimilaritySession(similarity)
        scored = [score_records(records, session, checker) for _, records in read]
        encoder, grammar = similarity.name, checker.name
    return [
        MeasuredAttack(
            label, records, tuple(scores), summarize(records, scores, "", seed, (encoder, grammar))
        )
        for (label, records), scores in zip(read, scored, strict=True)
    ]


def named_records(paths: Sequence[Path]) -> list[tuple[str, tuple[AttackRecord, ...]]]:
    """Return, for each attack, its name in tables and its records.

    Args:
        paths: JSON lines of attack records, one file an attack. Attacks of one recipe are told
            apart by what is different in their paths.

    Raises:
        RecordError: There are no records, or one cannot be read; the message says where.
    """
    read = [_read(path) for path in paths]
    labels = _labels([records[0].recipe for records in read], different_parts(paths))
    return list(zip(labels, read, strict=True))


def _read(path: Path) -> tuple[AttackRecord, ...]:
    records = tuple(read_records(path))
    if not records:
        raise RecordError(f"{path}: there is no record to summarize; attack at least one sentence.")
    return records


def _labels(recipes: Sequence[str], names: Sequence[str]) -> list[str]:
    """Return a name of each attack: its recipe, and its path where others have that recipe."""
    counts = Counter(recipes)
    return [
        f"{recipe_name(recipe)}, {name}" if counts[recipe] > 1 else recipe_name(recipe)
        for recipe, name in zip(recipes, names, strict=True)
    ]


def different_parts(paths: Sequence[Path]) -> list[str]:
    """Return what tells paths apart: without the folders before and the names after that all share.

    Example:
        >>> different_parts([Path("runs/full/records.jsonl"), Path("runs/small/records.jsonl")])
        ['full', 'small']
    """
    parts = [path.parts for path in paths]
    least = min(map(len, parts))
    before = next((i for i in range(least) if len({each[i] for each in parts}) > 1), least)
    after = next((i for i in range(least) if len({each[-1 - i] for each in parts}) > 1), least)
    return ["/".join(each[before : len(each) - after]) or str(Path(*each)) for each in parts]


def attack_tables(attacks: Sequence[MeasuredAttack]) -> dict[str, Table]:
    """Return what there is to say of attacks, by table.

    Args:
        attacks: At least one.

    Returns:
        ``attacks`` (the metrics), ``classes``, ``outcomes`` (what became of the entities) and
        ``stops`` (why searches stopped).
    """
    classes = [
        classes_table(original_metrics(each.records), {each.label: final_metrics(each.records)})
        for each in attacks
    ]
    tables = (
        _summary_table(attacks),
        replace(classes[0], rows=[row for table in classes for row in table.rows]),
        outcomes_table({each.label: entity_outcomes(each.records) for each in attacks}),
        _stops_table(attacks),
    )
    return {table.id: table for table in tables}


def comparison_tables(first: MeasuredAttack, second: MeasuredAttack) -> dict[str, Table]:
    """Return how two attacks on the same sentences differ, by table.

    Args:
        first: Such as an attack on a victim.
        second: Such as the same attack on a robust victim.

    Returns:
        ``attacks`` and ``significance``: paired tests over the sentences that both have.

    Raises:
        RecordError: They have no sentence in common, or a sentence differs.
    """
    _check_same(first, second)
    label = f"{first.label} → {second.label}"
    rows = [
        test_row(test.metric, label, test, None, [])
        for test in compare_attacks(first.scored, second.scored)
    ]
    caption = (
        f"Paired tests of two attacks on the same sentences. {T_TESTS} The attack rate: McNemar's "
        f"exact test over the sentences that both attacked. {UNCORRECTED}"
    )
    tests = Table("significance", caption, "Attacks", TEST_COLUMNS, rows)
    return {"attacks": _summary_table([first, second]), tests.id: tests}


def _summary_table(attacks: Sequence[MeasuredAttack]) -> Table:
    return _named(summary_table([each.summary for each in attacks]), attacks)


def _stops_table(attacks: Sequence[MeasuredAttack]) -> Table:
    return _named(stops_table({each.label: each.summary for each in attacks}), attacks)


def _named(table: Table, attacks: Sequence[MeasuredAttack]) -> Table:
    """Return a table of attacks with their labels as the rows' names."""
    rows = [
        replace(row, label=each.label, sources=())
        for row, each in zip(table.rows, attacks, strict=True)
    ]
    return replace(table, rows=rows)


def _check_same(first: MeasuredAttack, second: MeasuredAttack) -> None:
    originals = {record.id: record.original for record in first.records}
    shared = [record for record in second.records if record.id in originals]
    if not shared:
        raise RecordError(
            f"{first.label} and {second.label} have no sentence in common; compare attacks on the "
            "same sentences."
        )
    for record in shared:
        one, other = record.original, originals[record.id]
        if (one.tokens, one.tags) != (other.tokens, other.tags):
            raise RecordError(
                f"sentence {record.id} of {second.label} is not that of {first.label}; compare "
                "attacks on the same sentences."
            )
