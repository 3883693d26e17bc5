"""Certainty: calibration error and conformal sets against plain references, and their promise."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from seqattack.cli.main import main
from seqattack.corpus import write_jsonl as write_sentences
from seqattack.errors import ModelError
from seqattack.io import write_jsonl
from seqattack.metrics.certainty import (
    BINS,
    VictimCertainty,
    certainty,
    thresholds,
    victim_certainty,
)
from seqattack.report.certainty import certainty_classes_table, certainty_table
from seqattack.report.certainty_figure import certainty_figure_files, write_certainty_figure
from seqattack.sentence import Sentence
from seqattack.tags import tag_class
from seqattack.victim.probabilities import Probabilities
from tests.helpers.fake_victim import LABELS, FakeVictim
from tests.helpers.records import missed_record


def sample(
    seed: int, texts: int, sharpness: float = 1.0
) -> tuple[list[Probabilities], list[tuple[str, ...]]]:
    """Return probabilities and tags that are drawn from them; `sharpness` makes them too sure."""
    rng = np.random.default_rng(seed)
    rows, tags = [], []
    for _ in range(texts):
        logits = rng.normal(size=(int(rng.integers(1, 9)), len(LABELS))) * 2
        true, said = (
            np.exp(scale * logits) / np.exp(scale * logits).sum(axis=1, keepdims=True)
            for scale in (1.0, sharpness)
        )
        rows.append(said.astype(np.float32))
        tags.append(tuple(LABELS[rng.choice(len(LABELS), p=row)] for row in true))
    return rows, tags


def flat(
    rows: Sequence[Probabilities], tags: Sequence[Sequence[str]]
) -> list[tuple[list[float], str]]:
    return [
        ([float(p) for p in row], tag)
        for text, truth in zip(rows, tags, strict=True)
        for row, tag in zip(text, truth, strict=True)
    ]


def test_the_calibration_error_is_that_of_its_definition() -> None:
    rows, tags = sample(1, 200, sharpness=2.0)
    entities = [(row, tag) for row, tag in flat(rows, tags) if tag != "O"]
    expected = 0.0
    for k in range(BINS):
        held = [
            (max(row), LABELS[row.index(max(row))] == tag)
            for row, tag in entities
            if k / BINS < max(row) <= (k + 1) / BINS
        ]
        if held:
            gap = sum(p for p, _ in held) / len(held) - sum(ok for _, ok in held) / len(held)
            expected += len(held) / len(entities) * abs(gap)
    found = certainty(rows, tags, LABELS, thresholds(rows, tags, LABELS, 0.9), seed=0)
    assert found.calibration_error == pytest.approx(expected)
    assert found.tokens == len(entities) == sum(each.tokens for each in found.bins)
    low, high = found.calibration_error_interval or (1, 0)
    assert low <= high


def test_probabilities_that_are_true_are_calibrated_and_sharper_ones_are_not() -> None:
    labels = ("B-A", "B-B", "B-C", "B-D", "B-E")  # no O: whether a token counts says nothing
    names = dict(zip(LABELS, labels, strict=True))
    errors = []
    for sharpness in (1.0, 3.0):
        rows, drawn = sample(2, 1000, sharpness)
        tags = [tuple(map(names.__getitem__, each)) for each in drawn]
        limits = thresholds(rows, tags, labels, 0.9)
        errors.append(certainty(rows, tags, labels, limits, seed=0).calibration_error or 0)
    assert errors[0] < 0.03
    assert errors[1] > 0.1


def test_sets_and_coverage_are_those_of_their_definition() -> None:
    rows, tags = sample(3, 60)
    other_rows, other_tags = sample(4, 60)
    promised = 0.8
    limits = thresholds(rows, tags, LABELS, promised)
    for name in ("O", "LOC", "PER"):
        scores = sorted(
            1 - row[LABELS.index(tag)] for row, tag in flat(rows, tags) if tag_class(tag) == name
        )
        assert limits[name].tokens == len(scores)
        assert limits[name].score == scores[math.ceil((len(scores) + 1) * promised) - 1]
    found = certainty(other_rows, other_tags, LABELS, limits, seed=0)
    covered: dict[str, list[bool]] = {}
    sizes: dict[str, list[int]] = {}
    for row, tag in flat(other_rows, other_tags):
        taken = [
            label
            for label, p in zip(LABELS, row, strict=True)
            if 1 - p <= limits[tag_class(label)].score
        ]
        covered.setdefault(tag_class(tag), []).append(tag in taken)
        sizes.setdefault(tag_class(tag), []).append(len(taken))
    for name, each in found.per_class.items():
        assert each.tokens == len(covered[name])
        assert each.coverage == pytest.approx(np.mean(covered[name]))
        assert each.set_size == pytest.approx(np.mean(sizes[name]))
    entities = covered["LOC"] + covered["PER"]
    assert found.coverage == pytest.approx(np.mean(entities))


@pytest.mark.parametrize("promised", [0.5, 0.9])
def test_the_promise_holds_for_exchangeable_tokens(promised: float) -> None:
    found: dict[str, list[float]] = {"O": [], "LOC": [], "PER": []}
    for draw in range(60):
        limits = thresholds(*sample(2 * draw, 40), LABELS, promised)
        tested = certainty(*sample(2 * draw + 1, 40), LABELS, limits, seed=0)
        for name, each in tested.per_class.items():
            found[name].append(each.coverage)
    for values in found.values():
        error = 3 * np.std(values) / math.sqrt(len(values))
        assert promised - error <= np.mean(values) <= promised + 0.06 + error


def test_a_class_with_too_few_tokens_takes_every_tag() -> None:
    rows = [np.array([[0.1, 0.6, 0.1, 0.1, 0.1]] * 8, dtype=np.float32)]
    assert thresholds(rows, [("B-LOC",) * 8], LABELS, 0.9)["LOC"].score == 1
    rows = [np.repeat(rows[0][:1], 9, axis=0)]
    assert thresholds(rows, [("B-LOC",) * 9], LABELS, 0.9)["LOC"].score == pytest.approx(0.4)


def test_a_tag_that_the_victim_lacks_is_never_covered() -> None:
    rows, tags = sample(5, 30)
    limits = thresholds(rows, tags, LABELS, 0.9)
    found = certainty(rows[:1], [("B-EVENT",) * len(rows[0])], LABELS, limits, seed=0)
    assert found.coverage == 0
    assert found.per_class["EVENT"].tokens == len(rows[0])


def test_without_an_entity_there_is_no_figure() -> None:
    rows, tags = sample(6, 30)
    limits = thresholds(rows, tags, LABELS, 0.9)
    found = certainty(rows[:1], [("O",) * len(rows[0])], LABELS, limits, seed=0)
    assert (found.tokens, found.calibration_error, found.coverage) == (0, None, None)
    assert list(found.per_class) == ["O"]


CALIBRATION = [
    Sentence(
        f"c{k}", tuple(f"word{k}-{i}" for i in range(6)), ("B-LOC", "I-LOC", "O", "B-PER", "O", "O")
    )
    for k in range(30)
]


RECORDS = [missed_record(sentence) for sentence in CALIBRATION[::3]]


def measured() -> VictimCertainty:
    records = {"deepwordbug-i-5": RECORDS}
    return victim_certainty(FakeVictim(), "full", CALIBRATION, records, 0.9, 0, CALIBRATION)


def test_originals_and_examples_are_asked_about_and_the_file_says_the_same() -> None:
    found = measured()
    each = found.attacks["deepwordbug-i-5"]
    assert each.before != each.after
    assert VictimCertainty.from_json(json.loads(json.dumps(found.to_json()))) == found
    assert found.unattacked is not None
    # On the calibration sentences themselves a threshold covers what it promises.
    for name in ("LOC", "PER"):
        assert found.unattacked.per_class[name].coverage >= 0.9


def test_tables_have_a_row_an_attack_and_figures_are_written(tmp_path: Path) -> None:
    found = measured()
    table = certainty_table([found])
    assert [row.key for row in table.rows] == ["full/test", "full/deepwordbug-i-5"]
    each = found.attacks["deepwordbug-i-5"]
    assert table.rows[1].values["coverage"] == each.after.coverage
    assert table.rows[1].intervals["coverage_before"] == each.before.coverage_interval
    classes = certainty_classes_table([found])
    assert {row.key for row in classes.rows} == {
        f"full/deepwordbug-i-5/{name}" for name in each.after.per_class
    }
    for stem in ("a", "b"):
        write_certainty_figure(found, tmp_path / stem / "figure")
    for path in (tmp_path / "a").iterdir():
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes()
    names = {path.name.removeprefix("figure") for path in (tmp_path / "a").iterdir()}
    assert names == {".pdf", ".svg", ".png", ".tex", ".txt", "-dark.svg"}
    assert {*certainty_figure_files(tmp_path / "a" / "figure")} == {*(tmp_path / "a").iterdir()}


class HardVictim(FakeVictim):
    hard_labels = True


def test_a_victim_without_probabilities_is_refused() -> None:
    with pytest.raises(ModelError, match="no certainty to measure"):
        victim_certainty(HardVictim(), "full", CALIBRATION, {}, 0.9, 0)


def test_the_command_prints_and_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("seqattack.victim.kinds.load_victim", lambda *args, **options: FakeVictim())
    write_sentences(tmp_path / "valid.jsonl", CALIBRATION)
    write_jsonl(tmp_path / "attack.jsonl", [record.to_json() for record in RECORDS])
    words = ["certainty", "--model=x", f"--sentences={tmp_path}/valid.jsonl"]
    words += [f"--records={tmp_path}/attack.jsonl", f"--output={tmp_path}/c.json"]
    assert main(words) == 0
    assert "DeepWordBug-I-5" in capsys.readouterr().out
    assert VictimCertainty.from_json(json.loads((tmp_path / "c.json").read_text())).attacks
