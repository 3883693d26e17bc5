"""A mixture, a continued and a hardened training and a filter, added to a run that is done."""

from __future__ import annotations

import csv
import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from seqattack.corpus import read_jsonl
from seqattack.metrics.entities import EntityMetrics
from seqattack.metrics.victim_results import scores
from seqattack.report.page import anchor
from tests.helpers.running import TINY, results, snakemake

DEFENCES = ("small-normalised", "robust-mixture-continued-3", "hardened")
VICTIMS = ("small", *DEFENCES)
HARDENING = {"noise": {"suites": ["typos", "case"]}, "embedding_attack": {"method": "fgm"}}
CONFIG: dict[str, Any] = TINY | {
    "victims": TINY["victims"]
    | {"small-normalised": {"victim": "small", "normalise": True}}
    | {"hardened": TINY["victims"]["small"] | {"training": HARDENING}},
    "attacks": {
        "recipes": ["deepwordbug-i-5", "homoglyph"],
        "leaderboard": [],
        "defences": list(DEFENCES),
    },
    "adversarial_training": [
        *TINY["adversarial_training"],
        {
            "recipes": {"deepwordbug-i-5": 2, "homoglyph": 1},
            "start": "victim",
            "training": {"epochs": 1},
        },
    ],
}


@pytest.fixture(scope="module")
def defended(undisturbed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the tiny run, to which the defences were added."""
    folder = tmp_path_factory.mktemp("defended") / "run"
    shutil.copytree(undisturbed, folder)
    done = snakemake(folder, CONFIG)
    assert done.returncode == 0, done.stderr[-4000:]
    made = set(re.findall(r"wildcards: .*victim=([\w-]+)", done.stdout + done.stderr))
    assert "robust-deepwordbug-i-5-2" not in made, "what was there is made again"
    return folder


@pytest.mark.slow
def test_what_was_made_before_stays(defended: Path, undisturbed: Path) -> None:
    before, after = results(undisturbed), results(defended)
    kept = [path for path in before if not path.startswith("tables/")]
    assert kept
    assert all(after[path] == before[path] for path in kept)


@pytest.mark.slow
def test_the_continued_victim_is_trained_on_the_mixture_from_the_small_one(defended: Path) -> None:
    made = defended / "results"
    small = read_jsonl(made / "training/small.jsonl")
    mixed = read_jsonl(made / "training/robust-mixture-continued-3.jsonl")
    assert mixed[: len(small)] == small
    recipes = ("deepwordbug-i-5", "deepwordbug-i-5", "homoglyph")
    added = mixed[len(small) :]
    assert all(s.id.endswith(f"-{recipe}") for s, recipe in zip(added, recipes, strict=True))
    report = json.loads((made / "models/robust-mixture-continued-3/training.json").read_text())
    start = json.loads((made / "models/small/training.json").read_text())
    assert report["pretrained"] == {"path": "small", "checksum": start["checksum"]}
    assert report["settings"] == start["settings"] | {"continued": True, "epochs": 1}


@pytest.mark.slow
def test_every_attack_is_compared_with_that_on_the_undefended_victim(defended: Path) -> None:
    made = defended / "results"
    with (made / "tables/defences-attacks.csv").open() as lines:
        rows = {row["row"]: row for row in csv.DictReader(lines)}
    assert len(rows) == len(VICTIMS) * 2
    undefended = float(rows["NERsmall: Homoglyphs"]["attack_rate"])
    filtered = rows["small-normalised: Homoglyphs"]
    assert float(filtered["attack_rate"]) == 0 < undefended
    assert float(filtered["attack_rate_change"]) == pytest.approx(-undefended)
    same = rows["small-normalised: DeepWordBug-I-5"]
    assert float(same["f1_change"]) == 0, "the filter does not touch plain letters"
    with (made / "tables/defences.csv").open() as lines:
        overview = list(csv.DictReader(lines))
    for row, victim in zip(overview, VICTIMS, strict=True):
        clean = EntityMetrics.from_json(
            json.loads((made / f"evaluation/{victim}.json").read_text())
        )
        counts = json.loads((made / f"evaluation/counts/{victim}.json").read_text())
        assert scores(counts["counts"])["f1"] == pytest.approx(clean.f1)
        assert float(row["f1_test"]) == pytest.approx(clean.f1, abs=1e-6)
    assert [row["sentences_seen"] for row in overview] == ["240", "240", "123", "240"]


@pytest.mark.slow
def test_every_row_leads_to_its_examples(defended: Path) -> None:
    page = (defended / "results/report.html").read_text()
    places = set(re.findall(r' id="([^"]+)"', page))
    links = set(re.findall(r'href="#([^"]+)"', page))
    assert links <= places
    for name in ("defences", "defences-attacks"):
        table = json.loads((defended / f"results/tables/{name}.json").read_text())
        for row in table["rows"]:
            assert row["sources"]
            assert {anchor(source) for source in row["sources"]} <= links
    again = snakemake(defended, CONFIG, "--dry-run")
    assert "Nothing to be done" in again.stdout + again.stderr
