"""A finished run, given to experiment trackers."""

from __future__ import annotations

import json
import re
import sys
import time
from dataclasses import replace
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
import yaml

from seqattack.cli.main import main
from seqattack.errors import BackendError, SeqAttackError
from seqattack.io import read_json
from seqattack.pipeline.config import load_config
from seqattack.pipeline.doctor import State, diagnose, missing_parts
from seqattack.pipeline.layout import Layout
from seqattack.pipeline.names import TRACKERS
from seqattack.report import tracking
from seqattack.report.seeds import over_seeds
from seqattack.report.table_files import write_table
from seqattack.report.tables import Row, Table, columns_of
from seqattack.report.tracking import FinishedRun, Reported, finished_runs, report_to
from tests.helpers.configs import minimal_config

CONFIG = minimal_config(seeds=[3])


def finish(results: Path) -> Path:
    """Write what a finished run leaves, as the pipeline writes it."""
    layout = Layout(results)
    rows = [
        Row("CLARE", {"f1": 0.25, "attacked": 8, "attack_rate": None}, key="clare"),
        Row("Original", {"f1": 0.75}),
    ]
    said = {"section": "5.1", "paper": "1 > 0"}
    claims = [
        Row(str(n), said | {"verdict": each}) for n, each in enumerate(("holds", "fails", "holds"))
    ]
    columns = columns_of("f1", "attacked", "attack_rate")
    write_table(Table("table1", "Attacks.", "Attack", columns, rows), layout.tables)
    write_table(Table("claims", "Claims.", "Claim", (), claims), layout.tables)
    layout.config.write_text(yaml.safe_dump(load_config(CONFIG).to_json()))
    for path in (layout.provenance, layout.report, layout.summary, layout.tables_text):
        path.write_text("{}")
    return results


@pytest.fixture
def results(tmp_path: Path) -> Path:
    return finish(tmp_path / "newswire" / "results")


FIGURES = {
    "table1/clare/f1": 0.25,
    "table1/clare/attacked": 8.0,
    "table1/Original/f1": 0.75,
    "claims/holds": 2.0,
    "claims/fails": 1.0,
}


def test_what_a_tracker_is_given(results: Path) -> None:
    (run,) = finished_runs(results)
    assert run.name == "newswire/results"
    assert run.metrics == FIGURES
    assert run.settings["seeds"] == "[3]"
    assert run.settings["subset.size"] == "20"
    assert run.settings["corpus.newswire.train"] == "100"
    assert run.settings["resources"] == "{}"
    assert all(path.is_file() for path in run.files)
    assert {"config.yaml", "report.html", "table1.md"} <= {path.name for path in run.files}
    assert load_config(run.config) == load_config(CONFIG)


def test_each_seed_is_a_run(tmp_path: Path) -> None:
    for seed in (0, 1):
        finish(tmp_path / "results" / f"seed-{seed}")
    found = finished_runs(tmp_path / "results", "mine")
    assert [run.name for run in found] == ["mine/seed-0", "mine/seed-1"]


def test_means_over_seeds_are_no_run_of_their_own(tmp_path: Path) -> None:
    """What a run of one seed left beside them says nothing of them."""
    results = finish(tmp_path / "results")
    claims = Table.from_json(read_json(Layout(results).table("claims", ".json")))
    write_table(over_seeds({0: [claims], 1: [claims]})[0], Layout(results).tables)
    for seed in (0, 1):
        finish(results / f"seed-{seed}")
    found = finished_runs(results, "mine")
    assert [run.name for run in found] == ["mine/seed-0", "mine/seed-1"]
    assert found[0].metrics == FIGURES
    finish(results)
    assert [run.name for run in finished_runs(results, "mine")] == ["mine"]


def test_a_run_that_is_not_finished_is_not_reported(results: Path, tmp_path: Path) -> None:
    with pytest.raises(SeqAttackError, match=r"no finished run of the pipeline"):
        finished_runs(tmp_path)
    Layout(results).report.unlink()
    with pytest.raises(SeqAttackError, match=r"report\.html is missing; run the pipeline to its"):
        finished_runs(results)


def test_the_command_says_where_it_was_put(
    results: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    given: list[Any] = []

    def take(run: FinishedRun, place: str | None) -> Reported:
        given.append((run.name, place))
        return Reported("id", "https://there")

    monkeypatch.setattr(tracking, "_WAYS", {"wandb": take})
    output = results / "reported" / "wandb.json"
    words = ["report-to", "wandb", results, "--name", "mine", "--output", output]
    assert main(list(map(str, words))) == 0
    assert given == [("mine", None)]
    assert json.loads(output.read_text()) == [{"run": "id", "place": "https://there"}]
    assert "mine: 5 figures, https://there" in capsys.readouterr().err


def test_a_tracker_that_fails_is_one_line(results: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (run,) = finished_runs(results)

    def fail(run: FinishedRun, place: str | None) -> Reported:
        raise ConnectionError("no server\nlong story")

    monkeypatch.setattr(tracking, "_WAYS", {"mlflow": fail})
    with pytest.raises(BackendError, match=r"^mlflow did not take the run: no server$"):
        report_to("mlflow", run)

    def lack(run: FinishedRun, place: str | None) -> Reported:
        raise ModuleNotFoundError("none", name="mlflow")

    monkeypatch.setattr(tracking, "_WAYS", {"mlflow": lack})
    with pytest.raises(BackendError, match=r"pip install 'seqattack\[mlflow\]'"):
        report_to("mlflow", run)


def test_a_missing_package_keeps_a_run_from_starting(monkeypatch: pytest.MonkeyPatch) -> None:
    config = load_config(CONFIG | {"report_to": list(TRACKERS)})
    monkeypatch.setattr("seqattack.pipeline.doctor.find_spec", lambda name: None)
    missing = [each for each in missing_parts(config, conda=False) if "report_to" in each]
    assert len(missing) == len(TRACKERS)
    assert "pip install 'seqattack[mlflow]'" in missing[0]
    assert "seqattack report-to wandb" in missing_parts(config, conda=True)[-1]
    monkeypatch.setattr("seqattack.pipeline.doctor.find_spec", lambda name: name)
    assert not [each for each in missing_parts(config, conda=False) if "report_to" in each]
    found = [each for each in diagnose(config) if each.subject in TRACKERS]
    assert [each.state for each in found] == [State.OK] * len(TRACKERS)


class StrictClient:
    """MLflow's client, as far as it refuses names."""

    tracking_uri = "here"

    def __init__(self, place: str | None) -> None:
        self.ends: list[tuple[str, ...]] = []
        self.names: list[str] = []
        clients.append(self)

    def get_experiment_by_name(self, name: str) -> Any:
        return SimpleNamespace(experiment_id="1")

    def create_run(self, experiment: str, run_name: str) -> Any:
        return SimpleNamespace(info=SimpleNamespace(run_id="7"))

    def log_batch(self, id: str, metrics: Any = (), params: Any = ()) -> None:
        self.names += [each[0] for each in (*metrics, *params)]
        if refused := [name for name in self.names if not re.fullmatch(r"[/\w.\- ]*", name)]:
            raise ValueError(f"Invalid metric name: {refused[0]}")

    def log_artifact(self, id: str, path: str, folder: str | None) -> None:
        if Path(path).name == "report.html" and not Path(path).read_text():
            raise OSError("no room")

    def set_terminated(self, *how: str) -> None:
        self.ends.append(how)


clients: list[StrictClient] = []


@pytest.fixture
def strict(monkeypatch: pytest.MonkeyPatch) -> list[StrictClient]:
    """MLflow's clients, as they are made."""
    entities = ModuleType("mlflow.entities")
    vars(entities).update(Metric=lambda *each: each, Param=lambda *each: each)
    package = ModuleType("mlflow")
    vars(package).update(MlflowClient=StrictClient, entities=entities)
    monkeypatch.setitem(sys.modules, "mlflow", package)
    monkeypatch.setitem(sys.modules, "mlflow.entities", entities)
    clients.clear()
    return clients


def test_mlflow_is_given_names_that_it_takes(results: Path, strict: list[StrictClient]) -> None:
    (run,) = finished_runs(results)
    metrics = {"leaderboard/NERsmall + 500 (CLARE)/f1": 0.5, "classes/clare/<b>/f1": 0.1}
    report_to("mlflow", replace(run, metrics=metrics))
    (client,) = strict
    assert client.names[-2:] == ["leaderboard/NERsmall _ 500 _CLARE_/f1", "classes/clare/_b_/f1"]
    assert client.ends == [("7",)]


def test_a_run_that_mlflow_did_not_take_whole_has_failed(
    results: Path, strict: list[StrictClient]
) -> None:
    Layout(results).report.write_text("")
    (run,) = finished_runs(results)
    with pytest.raises(BackendError, match="mlflow did not take the run: no room"):
        report_to("mlflow", run)
    assert strict[0].ends == [("7", "FAILED")]


@pytest.mark.parametrize("store", ["file", "sqlite"])
def test_mlflow_keeps_it(
    results: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, store: str
) -> None:
    mlflow = pytest.importorskip("mlflow", reason="an extra, which is in no lock")
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    monkeypatch.chdir(tmp_path)
    files = {"file": (tmp_path / "mlruns").as_uri(), "sqlite": f"sqlite:///{tmp_path}/mlflow.db"}
    place = files[store]
    (run,) = finished_runs(results)
    reported = report_to("mlflow", run, place)
    assert reported.place == place
    found = mlflow.MlflowClient(place).get_run(reported.run)
    assert found.data.metrics == FIGURES
    assert found.data.params == run.settings
    assert found.info.run_name == run.name
    kept = tmp_path / found.info.artifact_uri.removeprefix("file://")
    assert (kept / "tables" / "table1.md").read_bytes() == (
        results / "tables" / "table1.md"
    ).read_bytes()
    assert (kept / "report.html").is_file()


def test_tensorboard_keeps_it_in_events(results: Path, tmp_path: Path) -> None:
    pytest.importorskip("tensorboard", reason="an extra, which is in no lock")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    (run,) = finished_runs(results)
    reported = report_to("tensorboard", run, str(tmp_path / "logs"))
    events = EventAccumulator(reported.place)
    events.Reload()
    assert {tag: events.Scalars(tag)[0].value for tag in events.Tags()["scalars"]} == FIGURES
    assert {"config/text_summary", "table1/text_summary"} <= set(events.Tags()["tensors"])


def test_wandb_keeps_it_offline(
    results: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("wandb", reason="an extra, which is in no lock")
    monkeypatch.setenv("WANDB_MODE", "offline")
    monkeypatch.setenv("WANDB_SILENT", "true")
    (run,) = finished_runs(results)
    reported = report_to("wandb", run, str(tmp_path))
    (kept,) = (tmp_path / "wandb").glob(f"offline-run-*-{reported.run}/*.wandb")
    latest = time.monotonic() + 20  # its own process writes the file
    while b"report.html" not in kept.read_bytes() and time.monotonic() < latest:
        time.sleep(0.05)
    written = kept.read_bytes()
    assert b"table1/clare/f1" in written
    assert b"report.html" in written
