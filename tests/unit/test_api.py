"""The public face: what `import seqattack` gives, and what it costs."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

import seqattack
from seqattack.attack.engine import Engine
from seqattack.attack.settings import AttackSettings
from seqattack.errors import ConfigError, RecipeError, RecordError
from seqattack.records import Outcome, read_records
from tests.helpers.fake_victim import LABELS, FakeVictim
from tests.helpers.runs import SENTENCES, small_run


def printed(program: str) -> str:
    """What a fresh Python prints."""
    command = [sys.executable, "-c", program]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


@pytest.fixture(scope="module")
def run() -> seqattack.AttackRun:
    return small_run()


def test_importing_it_imports_nothing_else() -> None:
    program = (
        "import sys; before = set(sys.modules); import seqattack; "
        "tops = {name.partition('.')[0] for name in set(sys.modules) - before}; "
        "print(sorted(tops - {'seqattack', *sys.stdlib_module_names}))"
    )
    assert printed(program) == "[]"


def test_every_public_name_is_there_and_documented() -> None:
    for name in seqattack.__all__:
        assert getattr(seqattack, name) is not None
        assert name in dir(seqattack)
        assert name == "__version__" or getattr(seqattack, name).__doc__
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        print(seqattack.nothing)


@pytest.mark.parametrize(
    "program",
    [
        "import seqattack; seqattack.attack",
        "import seqattack.attack.settings, seqattack; seqattack.attack",
        "from seqattack import attack; attack",
        "from seqattack.attack.settings import AttackSettings; import seqattack; seqattack.attack",
    ],
)
def test_attack_is_a_function_however_it_was_imported(program: str) -> None:
    code = f"{program.rpartition('; ')[0]}; print(callable({program.rpartition('; ')[2]}))"
    assert printed(code) == "True"


def test_a_run_is_what_the_engine_finds_in_the_sentences_order(run: seqattack.AttackRun) -> None:
    engine = Engine(FakeVictim(), AttackSettings("deepwordbug-i-5", query_budget=60))
    found = {record.id: record for record in engine.attack(SENTENCES)}
    assert list(run) == [found[sentence.id] for sentence in SENTENCES]
    assert [record.id for record in run[:2]] == ["a", "b"]
    assert len(run.successes) == sum(record.outcome is Outcome.SUCCESS for record in run) > 0
    assert f"{len(run.successes)} of 3" in repr(run)


def test_what_a_summary_says_is_what_the_records_say(run: seqattack.AttackRun) -> None:
    summary = run.summary()
    attacked = [record for record in run if record.outcome is not Outcome.SKIPPED]
    assert summary.attack_rate == len(run.successes) / len(attacked)
    assert summary.labels_score == pytest.approx(
        sum(record.labels_score for record in run.successes) / len(run.successes)
    )
    shown = str(summary)
    assert "deepwordbug-i-5 on the victim" in shown
    assert f"{100 * summary.attack_rate:.0f}%" in shown
    assert "<table" in run._repr_html_()


def test_progress_is_told_before_and_after_each_sentence() -> None:
    told: list[int] = []
    seqattack.attack(
        FakeVictim(), SENTENCES, query_budget=9, on_progress=lambda each: told.append(each.done)
    )
    assert told == [0, 1, 2, 3]


class Counted:
    """A sentence encoder to whom all texts are alike, and a checker of capital letters."""

    name, checksum = "counted", "1"

    def items(self, texts: list[str]) -> list[str]:
        return texts

    def bucket(self, item: str) -> int:
        return 0

    def capacity(self, bucket: int) -> int:
        return 8

    def compute(self, bucket: int, items: Sequence[str]) -> list[np.ndarray]:
        return [np.array([0.6, 0.8], dtype=np.float32) for _ in items]

    def errors(self, texts: Sequence[str]) -> list[int]:
        return [sum(map(str.isupper, text)) for text in texts]


def test_a_summary_by_another_encoder_and_grammar_checker(run: seqattack.AttackRun) -> None:
    found = seqattack.summarize(run, encoder=Counted(), grammar=Counted())
    assert found.similarity == pytest.approx(1)
    assert found.similarity_backend == found.grammar_backend == "counted"
    changes = [
        sum(map(str.isupper, " ".join(each.final.tokens)))
        - sum(map(str.isupper, " ".join(each.original.tokens)))
        for each in run.successes
    ]
    assert found.grammar_error_change == sum(changes) / len(changes)


def test_files_of_a_run(run: seqattack.AttackRun, tmp_path: Path) -> None:
    run.to_jsonl(tmp_path / "records.jsonl")
    assert list(read_records(tmp_path / "records.jsonl")) == list(run)
    run.to_csv(tmp_path / "run.csv")
    with (tmp_path / "run.csv").open(newline="", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    assert [row["id"] for row in rows] == ["a", "b", "c"]
    assert rows[1]["original"].startswith("'=Bob"), "a spreadsheet must not take it for a formula"
    assert [row["outcome"] for row in rows] == [record.outcome.value for record in run]


def test_a_dataset_has_class_labels(run: seqattack.AttackRun) -> None:
    data = run.to_dataset()
    tags = data.features["ner_tags"].feature
    assert tuple(tags.names) == LABELS
    assert [tags.int2str(tag) for tag in data[0]["ner_tags"]] == list(SENTENCES[0].tags)
    assert data.features["outcome"].int2str(data[2]["outcome"]) == "skipped"
    won = run.records.index(run.successes[0])
    adversarial = run.successes[0].adversarial
    assert adversarial
    assert tuple(data[won]["adversarial_tokens"]) == adversarial.tokens


def test_what_cannot_be_attacked_is_refused() -> None:
    with pytest.raises(ConfigError, match="no setting 'budget'; did you mean 'query_budget'"):
        seqattack.attack(FakeVictim(), SENTENCES, budget=3)
    with pytest.raises(ConfigError, match=r"max_mispredicted: 1\.5 is not allowed"):
        seqattack.attack(FakeVictim(), SENTENCES, max_mispredicted=1.5)
    with pytest.raises(RecipeError, match="same id"):
        seqattack.attack(FakeVictim(), [SENTENCES[0], SENTENCES[0]])
    with pytest.raises(RecipeError, match="unknown resource 'masked_lm'; did you mean 'masked-lm'"):
        seqattack.attack(FakeVictim(), SENTENCES, resources={"masked_lm": {"path": "x"}})
    with pytest.raises(RecordError, match="no record"):
        seqattack.summarize([])


def test_settings_and_jobs_survive_json() -> None:
    from seqattack.attack.settings import AttackJob, Machine

    job = AttackJob(
        AttackSettings("clare", timeout=2.5, max_pieces=None),
        {"masked-lm": {"path": "lm"}},
        Machine("cpu", "bfloat16", "openvino"),
    )
    assert AttackJob.from_json(json.loads(json.dumps(job.to_json()))) == job
    with pytest.raises(ConfigError, match="budget"):
        AttackJob.from_json({"settings": {"recipe": "clare", "budget": 1}})
