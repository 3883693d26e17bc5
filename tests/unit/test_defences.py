"""Mixtures, continued training and the tables of defences: names, plans, and figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from seqattack.cli.main import build_parser
from seqattack.cli.train import _job as training_job
from seqattack.errors import ConfigError
from seqattack.metrics.bootstrap import RESAMPLES
from seqattack.metrics.entities import entity_metrics
from seqattack.metrics.scores import score_record
from seqattack.metrics.summary import entity_counts, summarize
from seqattack.pipeline.adversarial import AdversarialConfig
from seqattack.pipeline.artefacts import without_recipes
from seqattack.pipeline.config import load_config
from seqattack.pipeline.plan import Attack, Plan
from seqattack.records import AttackRecord, Outcome
from seqattack.report.defences import Attacked, DefenceResults, defences_tables
from seqattack.report.names import victim_title
from seqattack.report.resamples import AttackResults
from seqattack.victim.settings import TrainingSettings
from tests.helpers.configs import minimal_config
from tests.helpers.records import N, leeds_records

MIXTURE: dict[str, Any] = {"recipes": {"deepwordbug-i-5": 20, "homoglyph": 10}}
HOMOGLYPHS: dict[str, Any] = {"recipe": "homoglyph", "sizes": [3]}


def entries(*given: dict[str, Any], **changes: Any) -> tuple[AdversarialConfig, ...]:
    config = load_config(minimal_config(adversarial_training=list(given), **changes))
    assert load_config(config.to_json()) == config
    return config.adversarial_training


def test_a_mixture_keeps_its_proportions_and_its_sets_are_nested() -> None:
    (mixture,) = entries(MIXTURE | {"sizes": [3, 15, 30]})
    parts = [mixture.parts(size) for size in mixture.sizes]
    assert parts == [
        {"deepwordbug-i-5": 2, "homoglyph": 1},
        {"deepwordbug-i-5": 10, "homoglyph": 5},
        {"deepwordbug-i-5": 20, "homoglyph": 10},
    ]
    assert mixture.recipe == "deepwordbug-i-5"
    assert mixture.origins == ("deepwordbug-i-5", "homoglyph")
    (whole,) = entries(MIXTURE)
    assert whole.sizes == (30,)


def test_victims_have_names_of_their_own() -> None:
    found = entries(
        {"recipe": "deepwordbug-i-5", "sizes": [5]},
        {"recipe": "deepwordbug-i-5", "sizes": [5], "start": "victim"},
        MIXTURE,
        MIXTURE | {"start": "victim"},
        MIXTURE | {"name": "letters"},
    )
    victims = [each.victim(each.sizes[0]) for each in found]
    assert {name: victim_title(name) for name in victims} == {
        "robust-deepwordbug-i-5-5": "NERsmall + 5 (DeepWordBug-I-5)",
        "robust-deepwordbug-i-5-continued-5": "NERsmall + 5 (DeepWordBug-I-5, continued)",
        "robust-mixture-30": "NERsmall + 30 (mixture)",
        "robust-mixture-continued-30": "NERsmall + 30 (mixture, continued)",
        "robust-letters-30": "NERsmall + 30 (letters)",
    }


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"adversarial_training": [MIXTURE, MIXTURE]}, r"1\.recipes: mixture comes twice"),
        ({"adversarial_training": [MIXTURE | {"sizes": [4]}]}, "write multiples of 3"),
        (
            {"adversarial_training": [{"recipes": {"homoglyph": 3}}]},
            r"adversarial_training\.0\.recipes: .* is not allowed; Several attacks",
        ),
        (
            {"adversarial_training": [{"recipes": {"homoglyph": 3, "deepwordbug-i5": 3}}]},
            r"0\.recipes\.deepwordbug-i5: .*did you mean",
        ),
        (
            {"adversarial_training": [{"recipes": {"homoglyph": 3, "case": 51}}]},
            r"sizes: 51 is more than the 50 sentences",
        ),
        (
            {"adversarial_training": [MIXTURE | {"name": "clare"}]},
            "clare is the name of a recipe",
        ),
        (
            {"adversarial_training": [MIXTURE | {"picks": "p.json", "sizes": [3]}]},
            "recipes and picks are both given",
        ),
        (
            {"adversarial_training": [MIXTURE, HOMOGLYPHS | {"minimal": True}]},
            r"1\.minimal: must be that of the other entry with homoglyph.*: False",
        ),
        (
            {"adversarial_training": [MIXTURE, HOMOGLYPHS | {"timeout": 9}]},
            "goal and timeout must be those of the other entry with homoglyph",
        ),
        (
            {
                "victims": {"full": {}, "small": {"spacy": "en_core_web_sm"}},
                "adversarial_training": [MIXTURE | {"start": "victim"}],
            },
            r"0\.start: victims\.small cannot be trained on",
        ),
        (
            {
                "victims": {"full": {}, "small": {"path": "m"}},
                "labels": {"A": "B"},
                "adversarial_training": [MIXTURE | {"start": "victim"}],
            },
            r"0\.start: victims\.small cannot be trained on",
        ),
        ({"victims": {"full": {}, "small": {}, "x": {"victim": "small2"}}}, "did you mean 'small'"),
        ({"victims": {"full": {}, "small": {}, "x": {"victim": "small"}}}, "normalise: true"),
        (
            {"victims": {"full": {}, "small": {"victim": "full", "normalise": True}}},
            "small is the start of all others",
        ),
        (
            {
                "victims": {
                    "full": {},
                    "small": {},
                    "x": {"victim": "small", "normalise": True},
                    "y": {"victim": "x", "normalise": True},
                }
            },
            "x is another victim behind a filter itself",
        ),
        (
            {
                "victims": {
                    "full": {},
                    "small": {},
                    "x": {"victim": "small", "normalise": True, "tags": ["O"]},
                }
            },
            "tags is that of small",
        ),
        (
            {"attacks": {"recipes": ["homoglyph"], "defences": ["robust-mixture-30"]}},
            r"attacks\.defences\.0: there is no victim robust-mixture-30",
        ),
    ],
)
def test_what_is_wrong_is_named(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        load_config(minimal_config(**changes))


def plan(**changes: Any) -> Plan:
    attacks = {"recipes": ["deepwordbug-i-5", "homoglyph"], "leaderboard": []}
    given = minimal_config(
        victims={
            "full": {},
            "small": {"sentences": 50},
            "mine": {"sentences": 50},
            "filtered": {"victim": "robust-mixture-30", "normalise": True},
        },
        adversarial_training=[
            {"recipe": "deepwordbug-i-5", "sizes": [5, 25]},
            MIXTURE | {"start": "victim", "training": {"epochs": 1, "learning_rate": 1e-5}},
            MIXTURE,
        ],
    )
    given["attacks"] = attacks | changes
    return Plan(load_config(given))


def test_trainings_that_share_examples_make_them_once() -> None:
    made = plan()
    assert {origin: made.wanted(origin) for origin in made.origins} == {
        "deepwordbug-i-5": 25,
        "homoglyph": 10,
    }
    (own,) = made.added("deepwordbug-i-5").values()
    assert own in made.added("mixture").values()
    assert made.job("robustness", "homoglyph").settings.recipe == "homoglyph"


def test_a_continued_training_starts_from_the_small_victim_with_its_own_settings() -> None:
    made = plan()
    continued, anew = map(made.training, ("robust-mixture-continued-30", "robust-mixture-30"))
    assert continued.pretrained == {"path": "results/models/small"}
    assert continued.settings == replace(
        anew.settings, continued=True, epochs=1, learning_rate=1e-5
    )
    assert anew == made.training("small")
    assert made.training_files("robust-mixture-continued-30") == ["results/models/small"]
    assert made.training_files("robust-mixture-30") == []


def test_the_command_line_trains_on_from_a_victim(tmp_path: Path) -> None:
    files = ["--train=a", "--dev=b", "--test=c", "--output=d"]
    parse = build_parser().parse_args
    job = training_job(
        parse(["train", *files, f"--from={tmp_path}", "--epochs=1"]), TrainingSettings
    )
    assert job.pretrained == {"path": str(tmp_path)}
    assert job.settings == TrainingSettings(epochs=1, continued=True)
    anew = training_job(parse(["train", *files, f"--pretrained={tmp_path}"]), TrainingSettings)
    assert anew.settings == TrainingSettings()
    with pytest.raises(SystemExit):
        parse(["train", *files, f"--from={tmp_path}", "--pretrained=embedded"])


def test_every_defence_stands_below_what_it_defends() -> None:
    defences = ["robust-mixture-30", "filtered", "mine"]
    made = plan(defences=defences)
    assert list(map(str, made.defences)) == [
        "small=small",
        "robust-mixture-30=small",
        "filtered=small",
        "mine=small",
    ]
    compared = {(each.victim, each.recipe) for each in made.of_experiment("comparison")}
    both = ("deepwordbug-i-5", "homoglyph")
    assert compared == {(v, r) for v in ("full", "small", *defences) for r in both}
    assert '"path": "results/models/robust-mixture-30"' in made.model("filtered")
    assert made.model_files("filtered") == ["results/models/robust-mixture-30"]


def test_no_attack_is_made_twice() -> None:
    """The robustness tables take the comparison's attacks where both want the same."""
    apart = plan(defences=["robust-mixture-30"], goal="leak")
    same = plan(defences=["robust-mixture-30"], goal="untargeted")
    robust = Attack("robustness", "robust-mixture-30", "deepwordbug-i-5")
    assert robust in apart.attacks
    assert robust not in same.attacks
    assert len(same.attacks) == len(apart.attacks) - 2
    folders = same.robust_attacks("mixture")
    assert folders["30"] == same.folder(replace(robust, experiment="comparison"))
    assert {folder.path for folder in same.tried} <= {same.folder(a).path for a in same.attacks}


def test_what_cannot_be_fetched_takes_its_victims_along() -> None:
    config = without_recipes(plan(defences=["filtered", "mine"]).config, {"homoglyph": "gone"})
    assert config.attacks.defences == ("mine",)
    assert set(config.victims) == {"full", "small", "mine"}
    assert [each.source for each in config.adversarial_training] == ["deepwordbug-i-5"]


def attacked(successes: int, victim: str, recipe: str) -> tuple[list[AttackRecord], Attacked]:
    """Return an attack of which the first so many succeed; the last sentence is not attacked."""
    records = leeds_records(successes, recipe)
    scored = [score_record(record) for record in records]
    summary = summarize(records, scored, victim, 0, ("", ""))
    return records, Attacked(AttackResults(records, scored), summary, f"{victim}/{recipe}")


def results(
    victim: str, successes: Sequence[int], counts: Sequence[tuple[int, int, int]]
) -> DefenceResults:
    recipes = ("deepwordbug-i-5", "homoglyph")
    attacks = {
        recipe: attacked(won, victim, recipe)[1]
        for recipe, won in zip(recipes, successes, strict=True)
    }
    return DefenceResults(victim, "small", tuple(counts), 300, attacks, seed=0)


def test_the_tables_say_what_a_defence_brings_and_costs() -> None:
    small = results("small", (20, 10), [(2, 2, 2)] * 30)
    robust = results("robust-mixture-30", (8, 10), [(1, 2, 2), *[(2, 2, 2)] * 29])
    overview, attacks = defences_tables([small, robust])
    first, second = overview.rows
    assert "f1_test_change" not in first.values
    assert second.label == "NERsmall + 30 (mixture)"
    assert second.values["f1_test_change"] == pytest.approx(59 / 60 - 1)
    assert second.values["mean_attack_rate_change"] == pytest.approx((8 + 10 - 20 - 10) / 23 / 2)
    assert second.values["deepwordbug-i-5"] == pytest.approx(8 / 23)
    low, high = second.intervals["mean_attack_rate_change"]
    assert low < (8 + 10 - 20 - 10) / 23 / 2 < high < 0
    rows = {row.key: row for row in attacks.rows}
    same = rows["robust-mixture-30/homoglyph"]
    assert same.values["attack_rate_change"] == 0
    assert same.intervals["attack_rate_change"] == (0, 0)
    assert same.values["attack_rate_change_interval"] == "[0, 0]"
    better = rows["robust-mixture-30/deepwordbug-i-5"].intervals["f1_change"]
    assert 0 < better[0] < better[1]
    assert all(row.sources for table in (overview, attacks) for row in table.rows)
    assert second.count == N - 1, "attacked sentences, not those of the test set"
    for table in (overview, attacks):
        assert "bootstrap" in table.of_run
        assert "bootstrap" not in table.caption


def test_intervals_are_of_paired_sentences() -> None:
    """Against a plain bootstrap that draws sentences one by one."""
    won = {"small": (20, 9), "robust-mixture-30": (8, 9)}
    small, robust = (results(name, each, [(1, 1, 1)]) for name, each in won.items())
    row = defences_tables([small, robust])[1].rows[2]
    records = [attacked(first, "", "deepwordbug-i-5")[0] for first, _ in won.values()]
    won_at = [np.array([r.outcome is Outcome.SUCCESS for r in each]) for each in records]
    tried = np.array([1.0] * (N - 1) + [0.0])
    drawn = np.random.default_rng(1).integers(N, size=(RESAMPLES, N))
    rates = [w[drawn].sum(axis=1) / tried[drawn].sum(axis=1) for w in won_at]
    plain = np.percentile(rates[1] - rates[0], [2.5, 97.5])
    assert row.intervals["attack_rate_change"] == pytest.approx(tuple(plain), abs=0.03)


def test_the_counts_of_the_test_set_give_its_f1() -> None:
    gold = [("B-PER", "I-PER", "O"), ("O", "B-LOC"), ("B-PER",)]
    answers = [("B-PER", "I-PER", "O"), ("B-LOC", "I-LOC"), ("I-PER",)]
    counts = [entity_counts(*pair) for pair in zip(gold, answers, strict=True)]
    table, _ = defences_tables([results("small", (1, 1), counts)])
    assert table.rows[0].values["f1_test"] == pytest.approx(entity_metrics(gold, answers).f1)
