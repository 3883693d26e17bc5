"""What noise does to a victim: figures against seqeval's, their intervals, tables and command."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from statistics import fmean

import numpy as np
import pytest

from seqattack.cli.main import main
from seqattack.corpus import read_sentences, write_jsonl
from seqattack.errors import CorpusError
from seqattack.io import write_json
from seqattack.metrics.entities import entity_metrics
from seqattack.metrics.noise import SCORES, VictimNoise, victim_noise
from seqattack.metrics.summary import entity_counts
from seqattack.perturbations.noise import Noise, Where, noisy_sentences
from seqattack.perturbations.suites import SUITES, find_suite
from seqattack.pipeline.config import load_config
from seqattack.report.noise import noise_classes_table, noise_table
from seqattack.report.sources import noise_sources
from seqattack.report.tables import to_csv, to_long_csv, to_text
from seqattack.sentence import Sentence
from seqattack.victim.prediction import decode, predict
from seqattack.victim.probabilities import Probabilities
from seqattack.victim.victim import Victim
from tests.helpers.fake_victim import FakeVictim

TAGS = ("B-LOC", "I-LOC", "O", "B-PER", "O", "O")
SENTENCES = [
    Sentence(f"t-{n}", tuple(f"Word{n}{letter}" for letter in "abcdef"), TAGS) for n in range(40)
]
NOISES = [Noise(find_suite(name), rate) for name in ("typos", "spacing") for rate in (0.0, 0.4)]
SEED, DRAWS = 3, 2
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def found() -> VictimNoise:
    return victim_noise(FakeVictim(), "full", SENTENCES, NOISES, SEED, DRAWS)


def tagged(sentences: Sequence[Sentence]) -> list[tuple[str, ...]]:
    victim = FakeVictim()
    return [decode(rows, victim.labels) for rows in predict(victim, [s.tokens for s in sentences])]


def test_figures_are_seqeval_s_of_the_noisy_sentences(found: VictimNoise) -> None:
    before = entity_metrics([s.tags for s in SENTENCES], tagged(SENTENCES))
    assert [(each.suite, each.rate) for each in found.suites] == [
        (noise.suite.name, noise.rate) for noise in NOISES
    ]
    for noise, result in zip(NOISES, found.suites, strict=True):
        drawn = [list(noisy_sentences(noise, SENTENCES, SEED, draw)) for draw in range(DRAWS)]
        texts = [[each.sentence for each in draw] for draw in drawn]
        after = [entity_metrics([s.tags for s in text], tagged(text)) for text in texts]
        for key in SCORES:
            score = getattr(result.overall, key)
            assert score.before == pytest.approx(getattr(before, key))
            assert score.after == pytest.approx(fmean(getattr(each, key) for each in after))
            for name in ("LOC", "PER"):
                score = getattr(result.per_class[name], key)
                assert score.before == pytest.approx(getattr(before.per_class[name], key))
                of_class = [getattr(each.per_class[name], key) for each in after]
                assert score.after == pytest.approx(fmean(of_class))
        assert result.overall.entities == before.support == 80
        assert result.f1_by_draw == pytest.approx([each.f1 for each in after])
        assert result.changed == sum(each.changed for draw in drawn for each in draw)
        assert result.words == DRAWS * len(TAGS) * len(SENTENCES)


def test_without_a_changed_word_nothing_changes(found: VictimNoise) -> None:
    for result in found.suites[::2]:
        assert (result.rate, result.changed_share) == (0, 0)
        for scores in (result.overall, *result.per_class.values()):
            for key in SCORES:
                score = getattr(scores, key)
                assert (score.change, score.change_interval) == (0, (0, 0))
                assert score.before_interval == score.after_interval


def test_intervals_of_changes_are_paired(found: VictimNoise) -> None:
    """Against a plain loop that resamples whole sentences, with and without noise at once."""
    noise, result = NOISES[1], found.suites[1]
    drawn = [noisy_sentences(noise, SENTENCES, SEED, draw) for draw in range(DRAWS)]
    texts = [SENTENCES, *([each.sentence for each in draw] for draw in drawn)]
    counts = np.array(
        [
            [entity_counts(s.tags, tags) for s, tags in zip(text, tagged(text), strict=True)]
            for text in texts
        ]
    )
    rng, n = np.random.default_rng(0), len(SENTENCES)
    changes = []
    for _ in range(2000):
        right, answered, gold = counts[:, rng.integers(n, size=n)].sum(axis=1).T
        before, *after = 2 * right / (answered + gold)
        changes.append(fmean(after) - before)
    low, high = np.percentile(changes, [2.5, 97.5])
    assert result.overall.f1.change_interval == pytest.approx((low, high), abs=0.01)
    wide = result.overall.f1.after_interval
    assert wide[0] < result.overall.f1.after < wide[1]


def test_figures_do_not_depend_on_the_order_or_on_other_suites(found: VictimNoise) -> None:
    again = victim_noise(FakeVictim(), "full", SENTENCES, NOISES[::-1], SEED, DRAWS)
    assert again.suites[::-1] == found.suites
    turned = victim_noise(FakeVictim(), "full", SENTENCES[::-1], NOISES, SEED, DRAWS)
    for one, other in zip(turned.suites, found.suites, strict=True):
        assert (one.changed, one.f1_by_draw) == (other.changed, other.f1_by_draw)


def test_each_text_is_asked_about_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Sequence[str]] = []

    def counted(victim: Victim, texts: Sequence[Sequence[str]]) -> list[Probabilities]:
        asked.extend(texts)
        return predict(victim, texts)

    monkeypatch.setattr("seqattack.metrics.evaluation.predict", counted)
    victim_noise(FakeVictim(), "full", [*SENTENCES, *SENTENCES], NOISES, SEED)
    assert len(asked) == len(set(asked)) > len(SENTENCES)


def test_a_class_that_only_the_victim_knows_costs_precision() -> None:
    only_places = [replace(s, tags=("B-LOC", "I-LOC", "O", "O", "O", "O")) for s in SENTENCES]
    found = victim_noise(FakeVictim(), "full", only_places, NOISES[:1], SEED).suites[0]
    assert list(found.per_class) == ["LOC"]
    assert found.overall.precision.before < found.per_class["LOC"].precision.before


def test_sentences_without_an_entity_are_refused() -> None:
    bare = [Sentence("s", ("no", "names"), ("O", "O"))]
    with pytest.raises(CorpusError, match="none of the sentences has an entity"):
        victim_noise(FakeVictim(), "full", bare, NOISES, 0)


def test_figures_are_read_as_they_are_written(found: VictimNoise) -> None:
    assert VictimNoise.from_json(json.loads(json.dumps(found.to_json()))) == found


def test_tables_hold_all_of_it(found: VictimNoise) -> None:
    others = replace(found, victim="robust-clare-500")
    table, classes = noise_table([found, others]), noise_classes_table([found, others])
    assert len(table.rows) == 8
    assert len(classes.rows) == 16
    assert len({row.key for row in (*table.rows, *classes.rows)}) == 24
    text = to_text(table)
    assert "NERfull: typos at 40%" in text
    assert SUITES["typos"].meaning in " ".join(text.split())
    assert "±" in text
    long = to_long_csv(table)
    for key in ("precision_change", "recall_change", "changed", "words", "rate"):
        assert f"NERsmall + 500 (CLARE): spacing at 0%,{key}," in long
    assert to_csv(classes).count("\n") == 17


def test_behind_the_rows_are_sentences_before_and_after_noise(
    found: VictimNoise, tmp_path: Path
) -> None:
    write_json(tmp_path / "full.json", found.to_json())
    write_jsonl(tmp_path / "test.jsonl", SENTENCES)
    config = load_config(ROOT / "config" / "demo.yaml")
    paths = [str(tmp_path / name) for name in ("full.json", "test.jsonl")]
    (source,) = noise_sources(paths[:1], paths[1], config)
    assert {source.id} == {each for row in noise_table([found]).rows for each in row.sources}
    assert re.search(r"(typos|spacing) at 40% cost it most", source.says)
    assert [each.id for each in source.examples] == ["t-0, typos at 40%", "t-1, spacing at 40%"]
    for example in source.examples:
        before, after = example.lines
        assert [piece.name for piece in before if piece.name] == ["LOC", "PER"]
        assert [piece.name for piece in after if piece.name] == ["LOC", "PER"]
        assert any(part.changed for piece in after for token in piece.tokens for part in token)


@pytest.fixture
def words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setattr("seqattack.victim.kinds.load_victim", lambda *args, **options: FakeVictim())
    write_jsonl(tmp_path / "test.jsonl", SENTENCES)
    return ["noise", "--model=x", f"--sentences={tmp_path}/test.jsonl"]


def test_the_command_prints_and_writes(
    words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--suite=upper,typos+ocr", "--rate=0.1,1", "--draws=2", "--where=entities"]
    assert main([*words, *options, "--format=json", f"--noisy={tmp_path}/noisy"]) == 0
    found = json.loads(capsys.readouterr().out)
    labels = ["upper at 10%", "upper at 100%", "typos+ocr at 10%", "typos+ocr at 100%"]
    assert [row["label"] for row in found["noise"]["rows"]] == [
        f"the victim: {each}" for each in labels
    ]
    assert {row["n"]["f1"] for row in found["noise"]["rows"]} == {len(SENTENCES)}
    names = {path.name for path in (tmp_path / "noisy").iterdir()}
    assert len(names) == 8
    assert {"upper-1.conll", "upper-1-1.conll", "typos+ocr-0.1.conll"} <= names
    kept = read_sentences(tmp_path / "noisy" / "upper-1.conll")
    assert [s.tags for s in kept] == [s.tags for s in SENTENCES]
    assert kept[0].tokens == ("WORD0A", "WORD0B", "Word0c", "WORD0D", "Word0e", "Word0f")


def test_floors_decide_the_exit_status(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*words, "--suite=typos", "--min-f1=0", "--format=csv"]) == 0
    said = capsys.readouterr()
    assert "holds" in said.err
    assert said.out.startswith("row,")
    assert main([*words, "--suite=typos,case", "--rate=0,0.9", "--min-recall=0.99"]) == 1
    assert "recall under typos at 90%" in capsys.readouterr().err


def test_suites_are_listed_without_a_victim(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(["noise", "--list"])
    listed = capsys.readouterr().out
    assert [line.split()[0] for line in listed.splitlines()] == list(SUITES)


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("--suite=tyops", "did you mean 'typos'"),
        ("--suite=typos,", "there is no suite ''"),
        ("--rate=1.5", "1.5"),
        ("--rate=", "number"),
        ("--draws=0", "draws"),
        ("--where=names", "names"),
    ],
)
def test_wrong_words_are_named(
    option: str, said: str, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main([*words, option])
    assert said in capsys.readouterr().err


def test_seed_intervals_and_draws_are_said_of_one_run_only(found: VictimNoise) -> None:
    table, classes = noise_table([found]), noise_classes_table([found])
    assert "±: standard deviation over draws." in table.of_run
    for each in (table, classes):
        assert f"Seed of the noise: {SEED}." in each.of_run
        assert "bootstrap" in each.of_run
        assert not any(word in each.caption for word in ("bootstrap", "seed", "±"))


def test_places_have_a_caption(found: VictimNoise) -> None:
    captions = {noise_table([replace(found, where=where)]).caption for where in Where}
    assert len(captions) == len(Where)
