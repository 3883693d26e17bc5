"""Leaderboards: ranks against a plain reference, files that come back, and what must agree."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from statistics import mean, stdev
from typing import Any

import numpy as np
import pytest

from seqattack.cli.main import main
from seqattack.errors import ConfigError, RecordError
from seqattack.io import write_json
from seqattack.metrics.entities import EntityMetrics
from seqattack.metrics.ranking import rank_victims
from seqattack.metrics.scores import score_record
from seqattack.metrics.summary import final_metrics, summarize
from seqattack.metrics.victim_results import VictimResults, victim_results
from seqattack.pipeline.config import load_config
from seqattack.pipeline.plan import Attack, Plan
from seqattack.report.leaderboard import disagreements, leaderboard_table, read_victims
from seqattack.report.seeds import over_seeds
from seqattack.report.tables import to_csv
from tests.helpers.configs import minimal_config
from tests.helpers.records import N, leeds_records

CLEAN = EntityMetrics(0.9, 0.8, 0.85, 0.99, 100, {})
SETTINGS = {"goal": "untargeted", "query_budget": 64, "seed": 0}


def results(
    name: str, successes: Sequence[int], recipes: Sequence[str] = ("clare", "bae"), **changes: Any
) -> VictimResults:
    attacks = {}
    for recipe, won in zip(recipes, successes, strict=True):
        found = leeds_records(won, recipe)
        scored = [score_record(record) for record in found]
        attacks[recipe] = found, summarize(found, scored, name, 0, ("", "")), SETTINGS
    made = victim_results(name, {"checksum": f"of {name}"}, "c0de", CLEAN, attacks)
    return replace(made, **changes)


def test_the_figures_of_a_file_are_those_of_the_records() -> None:
    value = json.loads(json.dumps(results("full", [10, 0]).to_json()))
    attacked = value["recipes"]["clare"]
    plain = final_metrics(leeds_records(10, "clare"))
    assert (attacked["n"], attacked["attacked"], attacked["successes"]) == (N, N - 1, 10)
    assert attacked["attack_rate"] == pytest.approx(10 / (N - 1))
    for name in ("precision", "recall", "f1"):
        assert attacked[name] == pytest.approx(getattr(plain, name))
        low, high = attacked["intervals"][name]
        assert low <= attacked[name] <= high
    assert value["clean"] == {"precision": 0.9, "recall": 0.8, "f1": 0.85}
    assert value["subset"]["classes"] == ["LOC", "ORG"]
    assert value["subset"]["f1"] == 1.0
    assert VictimResults.from_json(value) == results("full", [10, 0])


def test_ranks_are_those_of_a_plain_bootstrap() -> None:
    won = {"weak": [20, 18], "middle": [9, 8], "twin": [8, 9], "strong": [0, 0]}
    standings = rank_victims(
        {name: results(name, each) for name, each in won.items()}, ["clare", "bae"], 3
    )
    assert [each.label for each in standings] == ["strong", "middle", "twin", "weak"]
    assert [each.rank for each in standings] == [1, 2, 2, 4]
    random, drawn = np.random.default_rng(7), []
    for _ in range(500):
        chosen = random.integers(0, N, N)
        # A success loses one of two entities: F1 = 2 right / (answered + gold).
        lost = {n: [sum(chosen < k) for k in won[n]] for n in won}
        f1 = {n: np.mean([2 * (2 * N - k) / (4 * N - k) for k in lost[n]]) for n in won}
        drawn.append({n: 1 + sum(other > f1[n] for other in f1.values()) for n in won})
    for each in standings:
        ranks = [one[each.label] for one in drawn]
        assert each.ranks == tuple(np.percentile(ranks, [2.5, 97.5]))
    first, middle, _, last = standings
    assert first.test is not None
    assert first.test.p is not None
    assert first.test.p < 0.01
    assert first.ahead == pytest.approx(first.mean_f1 - middle.mean_f1)
    assert first.ahead_interval is not None
    assert first.ahead_interval[0] > 0
    assert (last.test, last.ahead) == (None, None)


def test_over_several_seeds_victims_are_ranked_by_their_means() -> None:
    won = {"small": (20, 4), "tiny": (8, 22), "spacy": (1, 2)}
    runs = {
        seed: [leaderboard_table({v: results(v, [k[n]] * 2) for v, k in won.items()}, seed)]
        for n, seed in enumerate((3, 5))
    }
    (found,) = over_seeds(runs)
    # A success loses one of two entities: F1 = 2 right / (answered + gold).
    f1 = {v: [2 * (2 * N - k) / (4 * N - k) for k in ks] for v, ks in won.items()}
    assert [row.key for row in found.rows] == sorted(f1, key=lambda name: -mean(f1[name]))
    for place, row in enumerate(found.rows, 1):
        assert row.values["rank"] == place
        assert row.values["mean_f1"] == pytest.approx(mean(f1[row.key]))
        assert row.spread["mean_f1"] == pytest.approx(stdev(f1[row.key]))
        rates = [k / (N - 1) for k in won[row.key]]
        assert row.values["mean_attack_rate"] == pytest.approx(mean(rates))
        assert "rank" not in row.spread
    assert [row.values["ranks"] for row in found.rows] == ["1", "2–3", "2–3"]
    assert {"Rank", "Ranks", "Mean F1", "F1, CLARE"} <= set(found.headings)
    assert not {"Ahead", "Ahead, 95 %", "p", "Rank, 95 %"} & set(found.headings)
    assert "(seeds 3, 5)" in found.caption
    assert "ranked by the mean over the seeds" in found.caption
    assert "bootstrap" not in found.caption, "that is of one run"
    assert to_csv(found).count("\n") == 1 + len(won)


def test_rows_have_the_names_of_their_victims_where_no_two_share_one() -> None:
    robust = results("robust-deepwordbug-i-5-5", [1, 1])
    victims = {"NERsmall + 5 (DeepWordBug-I-5)": robust, "NERfull, mine": results("full", [2, 2])}
    rows = leaderboard_table(victims, 0).rows
    assert [row.label for row in rows] == list(victims)
    assert [row.key for row in rows] == ["robust-deepwordbug-i-5-5", "NERfull, mine"]


def write(folder: Path, *victims: VictimResults) -> Path:
    for each in victims:
        write_json(folder / "leaderboard" / f"{each.name}.json", each.to_json())
    return folder


def test_two_people_s_runs_become_one_table(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mine = write(tmp_path / "mine", results("full", [10, 10]), results("tiny", [20, 20]))
    more = results("tiny", [20, 3], ["clare", "morpheus"])
    theirs = write(tmp_path / "theirs", results("spacy", [2, 2]), more)
    assert main(["leaderboard", str(mine), str(theirs), "--format", "json"]) == 0
    table = json.loads(capsys.readouterr().out)["leaderboard"]
    assert [row["label"] for row in table["rows"]] == ["spacy", "NERfull", "tiny"]
    assert [row["values"]["rank"] for row in table["rows"]] == [1, 2, 3]
    assert "attacked with (CLARE, BAE)" in table["caption"]
    assert table["rows"][2]["values"]["morpheus_attack_rate"] == pytest.approx(3 / (N - 1))
    for form in ("text", "markdown", "latex", "csv"):
        assert main(["leaderboard", str(mine), str(theirs), "--format", form]) == 0
        assert "spacy" in capsys.readouterr().out


def test_another_victim_of_the_same_name_is_told_apart(tmp_path: Path) -> None:
    mine = write(tmp_path / "mine", results("full", [10, 10]))
    theirs = write(tmp_path / "theirs", results("full", [4, 4], model={"checksum": "other"}))
    assert set(read_victims([mine, theirs])) == {"NERfull, mine", "NERfull, theirs"}
    assert set(read_victims([mine, mine / "leaderboard", mine / "leaderboard/full.json"])) == {
        "NERfull"
    }


def test_what_does_not_agree_is_refused_or_marked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mine = write(tmp_path / "mine", results("full", [10, 10]), results("tiny", [20, 20]))
    cheap = results("cheap", [2, 2], code="0ther")
    poor = {"clare": replace(cheap.recipes["clare"], settings={**SETTINGS, "query_budget": 8})}
    cheap = replace(cheap, recipes={**cheap.recipes, **poor})
    theirs = write(tmp_path / "theirs", cheap)
    assert main(["leaderboard", str(mine), str(theirs)]) == 2
    said = capsys.readouterr().err
    assert "code: c0de (NERfull; tiny), 0ther (cheap)" in said
    assert "query_budget of clare: 64 (NERfull; tiny), 8 (cheap)" in said
    assert "seed" not in said.replace("--mark", "")
    assert main(["leaderboard", str(mine), str(theirs), "--mark", "--format", "json"]) == 0
    rows = json.loads(capsys.readouterr().out)["leaderboard"]["rows"]
    marks = {row["label"]: row["values"]["differs"] for row in rows}
    assert marks == {"cheap": "code, query_budget of clare", "NERfull": "", "tiny": ""}


def test_another_subset_is_never_ranked() -> None:
    mine = results("full", [10, 10])
    other = replace(results("tiny", [10, 10]), subset="another")
    both = {"full": mine, "tiny": other}
    assert [each.what for each in disagreements(both)] == ["subset"]
    with pytest.raises(RecordError, match="different subsets"):
        leaderboard_table(both, 0, list(disagreements(both)))


def test_victims_need_a_recipe_in_common() -> None:
    both = {"a": results("a", [1], ["clare"]), "b": results("b", [1], ["bae"])}
    with pytest.raises(RecordError, match="no recipe was tried on all"):
        leaderboard_table(both, 0)


@pytest.mark.parametrize(
    "change",
    [
        {"version": 2},
        {"recipes": {}},
        {"recipes": []},
        {"clean": {"precision": 1}},
        {"subset": {"checksum": "x", "classes": [], "counts": [[2, 1, 1]]}},
        {"subset": {"checksum": "x", "classes": [], "counts": [[1, 1, 1.5]]}},
        {"subset": {"checksum": "x", "classes": [], "counts": [[1, 1, 1]]}},
    ],
)
def test_other_files_are_refused_by_name(change: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "full.json"
    write_json(path, results("full", [1, 1]).to_json() | change)
    with pytest.raises(RecordError, match=r"full\.json: no results of a victim"):
        read_victims([path])
    with pytest.raises(RecordError, match="empty: no results of a victim"):
        read_victims([tmp_path / "empty"])


def test_a_run_attacks_further_victims_and_robust_ones() -> None:
    victims = {"full": {}, "small": {"sentences": 50}, "tiny": {}}
    alone = Plan(load_config(minimal_config()))
    assert (alone.leaderboard, alone.has_leaderboard) == (("full",), False)
    plan = Plan(load_config(minimal_config(victims=victims)))
    assert plan.leaderboard == ("full", "tiny")
    assert plan.config.victims["tiny"] == plan.config.victims["full"]
    assert Attack("comparison", "tiny", "deepwordbug-i-5") in plan.attacks
    assert plan.compared == alone.compared
    attacks = {"recipes": ["deepwordbug-i-5"], "leaderboard": ["robust-clare-5", "small"]}
    training = [{"recipe": "clare", "sizes": [5]}]
    chosen = minimal_config(victims=victims, attacks=attacks, adversarial_training=training)
    assert Plan(load_config(chosen)).leaderboard == ("full", "robust-clare-5", "small")


@pytest.mark.parametrize("name", ["Tiny", "robust-clare-5", "scpn", "masked-lm-clare", "a/b", "-"])
def test_names_of_victims_that_paths_cannot_have_are_refused(name: str) -> None:
    with pytest.raises(ConfigError, match=r"victims: .* is not allowed; write a name"):
        load_config(minimal_config(victims={"full": {}, "small": {}, name: {}}))


def test_an_unknown_victim_of_the_leaderboard_is_refused() -> None:
    attacks = {"recipes": ["deepwordbug-i-5"], "leaderboard": ["smalls"]}
    with pytest.raises(ConfigError, match=r"leaderboard\.0: there is no victim smalls.*small"):
        load_config(minimal_config(attacks=attacks))
