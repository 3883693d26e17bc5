"""The pipeline for real, small: every table cell filled, and nothing left to do afterwards."""

from __future__ import annotations

import csv
import html
import json
import re
import shlex
import shutil
import zipfile
from collections import Counter
from dataclasses import replace
from pathlib import Path
from statistics import mean
from typing import Any

import pytest
from huggingface_hub import ModelCard

from seqattack.attack.settings import AttackJob
from seqattack.corpus import read_jsonl, write_jsonl
from seqattack.corpus.newswire import generate_newswire
from seqattack.explain.explanation import read_explanations
from seqattack.integrity import State, compare
from seqattack.metrics.metric import EXAMPLE_METRICS
from seqattack.metrics.noise import VictimNoise
from seqattack.pipeline.layout import AttackFolder
from seqattack.pipeline.picks import Decision, PickStore
from seqattack.records import read_records
from seqattack.report.page import anchor
from seqattack.tags import tag_class
from tests.helpers.records import missed_record
from tests.helpers.running import snakemake

CONFIG: dict[str, Any] = {
    "corpus": {"newswire": {"seed": 1, "train": 400, "dev": 20, "test": 200}},
    "pretrained": {"embedded": "minilm"},
    "training": {"learning_rate": 0.0003, "epochs": 2, "threads": 1},
    "victims": {"full": {"sentences": "all"}, "small": {"sentences": 150}},
    "subset": {"size": 8},
    "attack": {"shard_size": 4, "query_budget": 96},
    "certainty": 0.9,
    "masked_lm": {"default": {"embedded": "minilm", "steps": 40}},
    "scpn": {"embedded": "small", "steps": 100},
    "attacks": {"recipes": ["deepwordbug-i-5", "bert-attack", "scpn", "entity-swap"]},
    "adversarial_training": [
        {"recipe": "deepwordbug-i-5", "sizes": [6, 12]},
        {"recipe": "bert-attack", "sizes": [2, 3], "minimal": True},
        {"picks": "picks.json", "sizes": [2]},
    ],
}


OTHERS = (
    "significance",
    "distributions",
    "classes",
    "outcomes",
    "stops",
    "certainty",
    "certainty-classes",
    "claims",
    "transfer-deepwordbug-i-5",
    "transfer-bert-attack",
    "robustness-picks",
    "standard-picks",
    "transfer-picks",
)


def write_picks(folder: Path, split: str) -> None:
    """Accept adversarial examples of two sentences of a split, as the web application does."""
    store = PickStore(folder / "picks.json")
    sentences = [s for s in generate_newswire(**CONFIG["corpus"]["newswire"])[split] if s.entities]
    for sentence in sentences[:2]:
        record = missed_record(sentence)
        store.change("augmentation/deepwordbug-i-5", record, 0, decision=Decision.ACCEPTED)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the small run is done."""
    folder = tmp_path_factory.mktemp("run")
    write_picks(folder, "train")
    done = snakemake(folder, CONFIG)
    assert done.returncode == 0, done.stderr[-4000:]
    assert "Where everything is" in done.stdout
    return folder


def explained(row: dict[str, str]) -> set[str]:
    """Return the cells of a row that are empty for a reason that the row itself gives."""
    if row["row"] == "Original":
        return set(row)
    if row.get("successes") == "0":
        return {metric.key for metric in EXAMPLE_METRICS}
    if row.get("examples") == "0":
        return set(row)
    if row.get("p", "").startswith(("fewer than", "all pairs")):
        return {"mean_a", "mean_b", "difference", "t", "wilcoxon_p"}
    if row.get("test") == "McNemar":
        return {"t", "wilcoxon_p"}
    if row.get("skewness") == "no score":
        return {"mean", "median"}
    return {"interval"} if row.get("verdict") == "not decidable" else set()


@pytest.mark.slow
def test_every_cell_is_filled(finished: Path) -> None:
    tables = finished / "results" / "tables"
    for name in (*(f"table{number}" for number in range(1, 6)), *OTHERS):
        with (tables / f"{name}.csv").open() as lines:
            rows = list(csv.DictReader(lines))
        assert rows
        for row in rows:
            empty = {key for key, value in row.items() if value in ("", "–")}
            empty -= {key for key in empty if key.endswith("_paper")}
            assert empty <= explained(row), (name, row["row"], empty)
        for ending in (".md", ".tex", "-long.csv"):
            assert (tables / f"{name}{ending}").stat().st_size > 0
    with (tables / "transfer-deepwordbug-i-5.csv").open() as lines:
        rows = list(csv.DictReader(lines))
    for row, size in zip(rows, ("6", "12", "baseline"), strict=True):
        assert float(row[size]) == 1, "a victim is fooled by its own examples"
    for name in (
        "figure4-deepwordbug-i-5",
        "figure4-bert-attack",
        "examples-bert-attack",
        "figure1",
        "figure2",
        "figure3",
        "certainty-full",
        "certainty-robust-deepwordbug-i-5-6",
    ):
        for ending in (".pdf", ".svg", ".png"):
            assert (finished / "figures" / f"{name}{ending}").stat().st_size > 4000
        assert r"\includegraphics" in (finished / "figures" / f"{name}.tex").read_text()


@pytest.mark.slow
def test_every_row_of_the_report_leads_to_what_is_behind_it(finished: Path) -> None:
    page = (finished / "results" / "report.html").read_text()
    places = set(re.findall(r' id="([^"]+)"', page))
    links = set(re.findall(r'href="([^"]+)"', page))
    outside = {link for link in links if not link.startswith("#")}
    assert outside
    assert all(link.startswith("http://127.0.0.1:8765/run?run=attacks/") for link in outside)
    assert {link[1:] for link in links - outside} <= places
    for name in (*(f"table{number}" for number in range(1, 6)), *OTHERS):
        table = json.loads((finished / "results" / "tables" / f"{name}.json").read_text())
        for row in table["rows"]:
            assert row["sources"], (name, row["label"])
            for source in row["sources"]:
                place = f"row/{source}" if name == "claims" else source
                assert f"#{anchor(place)}" in links, (name, row["label"])
    for path in re.findall(r"<code>(results/[^<]+)</code>", page):
        assert (finished / path).exists(), path


@pytest.mark.slow
def test_a_command_of_the_report_makes_one_row_again(finished: Path) -> None:
    page = (finished / "results" / "report.html").read_text()
    commands = [html.unescape(text) for text in re.findall(r"<pre>(snakemake [^<]+)</pre>", page)]
    repeated = {each for each, count in Counter(commands).items() if count > 1}
    assert repeated
    assert all("/small" in each for each in repeated), "tables share the undefended victim's only"
    (command,) = (each for each in commands if "full/entity-swap" in each)
    again = snakemake(finished, CONFIG, "--dry-run", *shlex.split(command)[3:])
    assert again.returncode == 0, again.stderr
    planned = set(re.findall(r"^rule (\w+):|^localrule (\w+):", again.stdout + again.stderr, re.M))
    assert {a or b for a, b in planned} == {"attack_shard", "score_comparison"}
    assert set(re.findall(r"recipe=([\w-]+)", again.stdout + again.stderr)) == {"entity-swap"}


@pytest.mark.slow
def test_cards_of_the_trained_victims(finished: Path, tmp_path: Path) -> None:
    run = shutil.copytree(finished, tmp_path / "run")
    done = snakemake(run, CONFIG, "--", "cards")
    assert done.returncode == 0, done.stderr[-4000:]
    cards = sorted((run / "results" / "cards").glob("*.md"))
    assert {path.stem for path in cards} == {
        path.name for path in (run / "results" / "models").iterdir() if _is_victim(path)
    }
    for path in cards:
        folder = run / "results" / "models" / path.stem
        assert (folder / "README.md").read_bytes() == path.read_bytes()
        assert compare(folder / "README.md").state is State.INTACT
        f1 = json.loads((folder / "training.json").read_text())["test"]["f1"]
        found = {each.metric_type: each for each in ModelCard.load(path).data.eval_results}
        assert found["f1"].metric_value == f1
    assert "| Entity swap " in (run / "results" / "cards" / "full.md").read_text()
    again = snakemake(run, CONFIG, "--dry-run", "--", "all", "cards")
    assert "Nothing to be done" in again.stdout + again.stderr, "cards change no victim"


def _is_victim(folder: Path) -> bool:
    return not folder.name.startswith((".", "masked-lm", "scpn"))


@pytest.mark.slow
def test_snakemake_s_own_report_has_tables_and_figures(finished: Path, tmp_path: Path) -> None:
    packed = tmp_path / "report.zip"
    done = snakemake(finished, CONFIG, "--report", str(packed))
    assert done.returncode == 0, done.stderr[-4000:]
    with zipfile.ZipFile(packed) as files:
        names = {Path(name).name for name in files.namelist()}
        index = files.read("report/report.html").decode()
    assert {"report.html", "table1.csv", "table1-long.csv", "claims.csv"} <= names
    assert {"figure1.html", "figure2.html", "figure3.html", "figure4-bert-attack.png"} <= names
    assert "The paper's claims, each as a relation between figures" in index


@pytest.mark.slow
def test_examples_are_reduced_and_explained_where_asked(finished: Path, tmp_path: Path) -> None:
    log = (finished / "logs" / "adversarial-examples-bert-attack.log").read_text()
    assert re.search(r"\d+ of \d+ edits of 3 adversarial examples are needed", log)
    run = shutil.copytree(finished, tmp_path / "run")
    folder = AttackFolder(run / "results/attacks/comparison/full/deepwordbug-i-5")
    config = CONFIG | {"attack": {**CONFIG["attack"], "explain": True}}
    done = snakemake(run, config, str(folder.explained.relative_to(run)))
    assert done.returncode == 0, done.stderr[-4000:]
    successes = [each.id for each in read_records(folder.records) if each.adversarial]
    assert [each.id for each in read_explanations(folder.explained)] == successes


@pytest.mark.slow
def test_nothing_is_left_to_do(finished: Path) -> None:
    again = snakemake(finished, CONFIG, "--dry-run")
    assert "Nothing to be done" in again.stdout + again.stderr


@pytest.mark.slow
def test_shards_do_not_change_the_tables(finished: Path, tmp_path: Path) -> None:
    """The same models, attacked in one shard instead of two."""
    other = tmp_path / "one-shard"
    shutil.copytree(finished, other)
    for made in ("attacks", "augmentation", "tables"):
        shutil.rmtree(other / "results" / made)
    config = CONFIG | {"attack": CONFIG["attack"] | {"shard_size": 64, "in_flight": 3}}
    # The robust models exist, so that Snakemake would not ask for what they were trained on.
    examples = [
        f"results/augmentation/{entry['recipe']}/examples.jsonl"
        for entry in CONFIG["adversarial_training"]
        if "recipe" in entry
    ]
    done = snakemake(other, config, "--rerun-triggers", "input", "--", "all", *examples)
    assert done.returncode == 0, done.stderr[-4000:]
    for path in sorted((finished / "results").rglob("*")):
        if path.name in ("records.jsonl", "summary.json", "examples.jsonl") or path.suffix == ".md":
            copy = other / path.relative_to(finished)
            assert copy.read_bytes() == path.read_bytes(), path


@pytest.mark.slow
def test_picks_are_what_the_robust_victim_is_trained_on(finished: Path) -> None:
    training = finished / "results" / "training"
    small = read_jsonl(training / "small.jsonl")
    robust = read_jsonl(training / "robust-picks-2.jsonl")
    assert robust[: len(small)] == small
    assert [sentence.tokens[-1] for sentence in robust[len(small) :]] == ["!?", "!?"]
    table = (finished / "results/tables/robustness-picks.md").read_text()
    assert "number of picked examples added" in table


def test_picks_of_test_sentences_stop_the_run(tmp_path: Path) -> None:
    write_picks(tmp_path, "test")
    wanted = "results/augmentation/picks/examples.jsonl"
    done = snakemake(tmp_path, CONFIG, wanted)
    assert done.returncode != 0
    assert "are made of test sentences" in (tmp_path / "logs/picked-examples.log").read_text()
    allowed = {"picks": "picks.json", "sizes": [2], "allow_test_sentences": True}
    done = snakemake(tmp_path, CONFIG | {"adversarial_training": [allowed]}, wanted)
    assert done.returncode == 0, done.stderr[-4000:]
    assert len(read_jsonl(tmp_path / wanted)) == 2


@pytest.mark.slow
def test_provenance_names_what_made_the_run(finished: Path) -> None:
    made = json.loads((finished / "results" / "provenance.json").read_text())
    assert set(made["models"]) == {
        "full",
        "small",
        "robust-deepwordbug-i-5-6",
        "robust-deepwordbug-i-5-12",
        "robust-bert-attack-2",
        "robust-bert-attack-3",
        "robust-picks-2",
    }
    assert all(len(each["checksum"]) == 64 for each in made["models"].values())
    assert {each["device"] for each in made["models"].values()} == {"cpu"}
    assert made["config"]["subset"]["size"] == 8
    (state,) = made["made_by"]
    assert state["packages"]["torch"]
    assert made["remarks"] == []
    known = {finished / path for path in state["files"]}
    for path in (finished / "results").rglob("*"):
        if path.is_file() and path.parent.name != ".made" and not path.name.startswith("."):
            assert {path, *path.parents} & known, path


@pytest.mark.slow
def test_other_classes_need_nothing_but_a_config(tmp_path: Path) -> None:
    """A corpus with two classes of its own, one of which no English word names."""
    names = {"PER": "GENE_OR_PROTEIN", "LOC": "Événement"}
    paths = {}
    for split, sentences in generate_newswire(seed=3, train=400, dev=20, test=200).items():
        relabelled = [
            replace(s, tags=tuple(_renamed(tag, names) for tag in s.tags)) for s in sentences
        ]
        paths[split] = str(tmp_path / f"{split}.jsonl")
        write_jsonl(paths[split], relabelled)
    config = CONFIG | {
        "corpus": {"jsonl": paths},
        "noise": {"suites": ["typos", "ocr+case"], "rates": [0.1, 0.5]},
        "attacks": {"recipes": ["deepwordbug-i-5", "entity-swap"]},
        "adversarial_training": [],
    }
    done = snakemake(tmp_path, config)
    assert done.returncode == 0, done.stderr[-4000:]
    with (tmp_path / "results" / "tables" / "table1.csv").open() as lines:
        attacks = {row["row"]: row for row in csv.DictReader(lines)}
    assert int(attacks["DeepWordBug-I-5"]["successes"]) > 0
    summary = json.loads((tmp_path / "results/evaluation/small.json").read_text())
    assert set(summary["per_class"]) == set(names.values())
    assert "Événement" in (tmp_path / "figures" / "examples-deepwordbug-i-5.html").read_text()
    check_noise(tmp_path / "results", set(names.values()))


def check_noise(results: Path, classes: set[str]) -> None:
    """Check that noise of two suites at two rates is measured on both victims, and reported."""
    page = (results / "report.html").read_text()
    of_class = [f": {name}" for name in sorted(classes)]
    for name, endings in (("noise", [""]), ("noise-classes", of_class)):
        rows = json.loads((results / "tables" / f"{name}.json").read_text())["rows"]
        assert [row["label"] for row in rows] == [
            f"NER{victim}: {suite} at {rate}%{ending}"
            for victim in ("full", "small")
            for suite in ("typos", "ocr+case")
            for rate in (10, 50)
            for ending in endings
        ]
        # Of so few sentences, one row alone may gain by chance.
        after, before = (mean(row["values"][key] for row in rows) for key in ("f1", "f1_before"))
        assert after < before
        for row in rows:
            (source,) = row["sources"]
            assert f'<details id="{anchor(source)}"' in page
    found = VictimNoise.from_json(json.loads((results / "noise" / "small.json").read_text()))
    metrics = json.loads((results / "evaluation" / "small.json").read_text())
    assert all(each.overall.f1.before == pytest.approx(metrics["f1"]) for each in found.suites)


@pytest.mark.slow
def test_several_seeds_give_means_over_runs_of_their_own(tmp_path: Path) -> None:
    config = {
        **CONFIG,
        "seeds": [1, 2],
        "corpus": {"newswire": {"seed": 1, "train": 200, "dev": 20, "test": 100}},
        "training": {"learning_rate": 0.0005, "epochs": 1},
        "victims": {"full": {"sentences": "all"}, "small": {"sentences": 150}},
        "subset": {"size": 4},
        "attacks": {"recipes": ["deepwordbug-i-5"], "leaderboard": ["full", "small"]},
        "adversarial_training": [{"recipe": "deepwordbug-i-5", "sizes": [2]}],
    }
    done = snakemake(tmp_path, config)
    assert done.returncode == 0, done.stderr[-4000:]
    assert "Mean ± standard deviation over 2 runs (seeds 1, 2)" in done.stdout
    results = tmp_path / "results"
    with (results / "tables" / "table1.csv").open() as lines:
        over_both = next(csv.DictReader(lines))
    rates = []
    for seed in (1, 2):
        summary = "attacks/comparison/full/deepwordbug-i-5/summary.json"
        rates.append(json.loads((results / f"seed-{seed}" / summary).read_text())["attack_rate"])
    assert float(over_both["attack_rate"]) == pytest.approx(mean(rates), abs=1e-6)
    with (results / "tables" / "leaderboard.csv").open() as lines:
        ranked = list(csv.DictReader(lines))
    assert [row["rank"] for row in ranked] in (["1", "2"], ["1", "1"])
    attacked = next(row for row in ranked if row["row"] == "NERfull")
    assert float(attacked["mean_attack_rate"]) == pytest.approx(mean(rates), abs=1e-6)
    assert "p" not in attacked, "each seed has a test of its own"
    models = [results / f"seed-{seed}" / "models/full/model.safetensors" for seed in (1, 2)]
    assert models[0].read_bytes() != models[1].read_bytes()
    again = snakemake(tmp_path, config, "--dry-run")
    assert "Nothing to be done" in again.stdout + again.stderr
    (results / "seed-2/attacks/comparison/full/deepwordbug-i-5/scored.jsonl").unlink()
    again = snakemake(tmp_path, config, "--dry-run")
    assert "seed_2_score" in again.stdout
    assert "seed_1_score" not in again.stdout


def _renamed(tag: str, names: dict[str, str]) -> str:
    kept = names.get(tag_class(tag))
    return f"{tag[:2]}{kept}" if kept else "O"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"atacks": {}}, "unknown key 'atacks'; did you mean 'attacks'?"),
        ({"attacks": {"recipes": ["deepwordbug-i5"]}}, "did you mean 'deepwordbug-i-5'?"),
        ({"corpus": {}}, "exactly one of newswire, conll, jsonl"),
    ],
)
def test_a_wrong_config_stops_before_any_work(
    tmp_path: Path, change: dict[str, Any], message: str
) -> None:
    done = snakemake(tmp_path, CONFIG | change, "--dry-run")
    assert done.returncode != 0
    assert message in done.stdout + done.stderr
    assert not (tmp_path / "results").exists()


@pytest.mark.slow
def test_a_missing_backend_stops_before_any_work(tmp_path: Path) -> None:
    grammar = {"backend": "languagetool", "server": "http://127.0.0.1:9"}
    done = snakemake(tmp_path, CONFIG | {"grammar": grammar, "adversarial_training": []})
    assert done.returncode != 0
    assert "127.0.0.1:9 cannot be reached" in done.stderr
    assert "correct grammar.server" in done.stderr
    assert not (tmp_path / "results").exists()


@pytest.mark.slow
def test_another_backend_reruns_what_uses_it_and_nothing_else(finished: Path) -> None:
    grammar = {"backend": "languagetool", "server": "http://127.0.0.1:9"}
    plan = snakemake(finished, CONFIG | {"grammar": grammar}, "--dry-run").stdout
    jobs = set(re.findall(r"^(\w+) +\d+$", plan, re.MULTILINE)) - {"total"}
    assert {"grammar_backend", "score_comparison", "tables"} <= jobs
    assert not jobs & {"corpus", "train", "masked_lm", "subset", "attack_shard", "test_metrics"}


def test_the_configuration_reaches_the_attack(tmp_path: Path) -> None:
    attack = {"max_pieces": None, "ascii_only": True, "refuse_negations": True, "query_budget": 77}
    config = CONFIG | {"attack": attack, "adversarial_training": []}
    done = snakemake(tmp_path, config, "--dry-run", "--printshellcmds")
    commands = [line for line in done.stdout.splitlines() if "seqattack attack " in line]
    assert commands
    for command in commands:
        words = shlex.split(command)
        settings = AttackJob.from_json(json.loads(words[words.index("--job") + 1])).settings
        assert {name: getattr(settings, name) for name in attack} == attack
