"""A finished run as experiment trackers keep it: its configuration, its figures, its files."""

from __future__ import annotations

import json
import os
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from more_itertools import chunked

from seqattack.errors import BackendError, SeqAttackError
from seqattack.io import read_json
from seqattack.pipeline.layout import SEED, Layout, run_layouts
from seqattack.pipeline.names import TRACKERS
from seqattack.pipeline.yaml_file import read_yaml

PROJECT = "seqattack"
"""The experiment or project that runs are put into, unless the tracker's own variable names one."""

AT_ONCE = 100
"""Figures or settings that MLflow takes in one request."""

_UNUSUAL = re.compile(r"[^/\w.\- ]+")
"""Characters that the names of MLflow's figures and settings may not have."""

CLAIMS = "claims"


@dataclass(frozen=True, slots=True)
class FinishedRun:
    """What a tracker is given of a run.

    Args:
        name: The run's name.
        config: The configuration with every default filled in.
        metrics: The figures of all tables, by ``table/row/column``, and the claims by verdict.
        files: Configuration, provenance, report, summary and tables.
    """

    name: str
    config: Mapping[str, Any]
    metrics: Mapping[str, float]
    files: tuple[Path, ...]

    @property
    def settings(self) -> dict[str, str]:
        """The configuration with one text a key, such as ``subset.size``."""
        return dict(_flat(self.config))


@dataclass(frozen=True, slots=True)
class Reported:
    """Where a tracker put a run.

    Args:
        run: Its id or name there.
        place: The address or folder.
    """

    run: str
    place: str

    def to_json(self) -> dict[str, str]:
        """Return it as a JSON object."""
        return {"run": self.run, "place": self.place}


def finished_runs(results: Path, name: str | None = None) -> list[FinishedRun]:
    """Read a finished run of the pipeline; one for each seed where there are several.

    Args:
        results: The folder of its results.
        name: The run's name; the folder's without one.

    Raises:
        SeqAttackError: There is no finished run, or a file of it cannot be read.
    """
    layouts = run_layouts(results)
    runs = {seed: layout for seed, layout in layouts.items() if layout.config.is_file()}
    if "" in runs and _is_of_one_run(runs[""]):
        runs = {"": runs[""]}
    else:
        runs.pop("", None)
    if not runs:
        raise SeqAttackError(
            f"{results}: no finished run of the pipeline (no config.yaml); name the results folder "
            "of one."
        )
    named = name or "/".join(results.resolve().parts[-2:])
    return [
        _read(layout, f"{named}/{SEED}{seed}" if seed else named) for seed, layout in runs.items()
    ]


def report_to(tracker: str, run: FinishedRun, place: str | None = None) -> Reported:
    """Give a run to a tracker.

    Args:
        tracker: ``mlflow``, ``tensorboard`` or ``wandb``.
        run: The run.
        place: MLflow's tracking address, TensorBoard's folder of logs, or the folder of wandb's
            files; without one the tracker's own default, which its variables may set.

    Raises:
        BackendError: The tracker's package is not installed, or it fails; the message says why.
    """
    try:
        return _WAYS[tracker](run, place)
    except ModuleNotFoundError as error:
        raise BackendError(
            f"{tracker} needs the package {error.name}; run `pip install 'seqattack[{tracker}]'`."
        ) from error
    except Exception as error:  # each tracker has errors of its own, and of its network's
        lines = str(error).strip().splitlines() or [type(error).__name__]
        raise BackendError(f"{tracker} did not take the run: {lines[0]}") from error


def _mlflow(run: FinishedRun, place: str | None) -> Reported:
    import mlflow

    client = mlflow.MlflowClient(place)
    name = os.environ.get("MLFLOW_EXPERIMENT_NAME", PROJECT)
    found = client.get_experiment_by_name(name)
    experiment = found.experiment_id if found else client.create_experiment(name)
    id = client.create_run(experiment, run_name=run.name).info.run_id
    try:
        _log(client, id, run)
    except BaseException:
        with suppress(Exception):  # which would hide what went wrong first
            client.set_terminated(id, "FAILED")
        raise
    client.set_terminated(id)
    return Reported(id, client.tracking_uri)


def _log(client: Any, id: str, run: FinishedRun) -> None:
    """Give MLflow what a run has.

    Args:
        client: Of MLflow.
        id: The run's id there.
        run: The run.
    """
    from mlflow.entities import Metric, Param

    for some in chunked(run.settings.items(), AT_ONCE):
        client.log_batch(id, params=[Param(_usual(name), value) for name, value in some])
    now = int(time.time() * 1000)
    for figures in chunked(run.metrics.items(), AT_ONCE):
        metrics = [Metric(_usual(name), value, now, 0) for name, value in figures]
        client.log_batch(id, metrics)
    for path in run.files:
        client.log_artifact(id, str(path), "tables" if path.parent.name == "tables" else None)


def _usual(name: str) -> str:
    """Return a name as MLflow takes it.

    >>> _usual("classes/clare/A+B/f1")
    'classes/clare/A_B/f1'
    """
    return _UNUSUAL.sub("_", name)


def _tensorboard(run: FinishedRun, place: str | None) -> Reported:
    from torch.utils.tensorboard import SummaryWriter

    folder = Path(place or "runs") / run.name
    with SummaryWriter(str(folder)) as writer:
        for name, value in run.metrics.items():
            writer.add_scalar(name, value, 0)
        writer.add_text("config", _code(json.dumps(run.config, indent=2)))
        for path in run.files:
            if path.suffix == ".md":
                writer.add_text(path.stem, path.read_text(encoding="utf-8"))
    return Reported(run.name, str(folder))


def _wandb(run: FinishedRun, place: str | None) -> Reported:
    import wandb

    project = os.environ.get("WANDB_PROJECT", PROJECT)
    with wandb.init(project=project, name=run.name, config=dict(run.config), dir=place) as started:
        started.summary.update(dict(run.metrics))
        files = wandb.Artifact("run", type="run")
        for path in run.files:
            files.add_file(str(path), f"tables/{path.name}" if path.suffix == ".md" else path.name)
        started.log_artifact(files)
        return Reported(str(started.id), str(started.url or started.dir))


_WAYS: Mapping[str, Callable[[FinishedRun, str | None], Reported]] = dict(
    zip(TRACKERS, (_mlflow, _tensorboard, _wandb), strict=True)
)


def _is_of_one_run(layout: Layout) -> bool:
    """Whether a folder's tables are of the run that its configuration names.

    A run of several seeds writes its means over the tables of a run of one seed before it, and no
    configuration.
    """
    path = layout.table(CLAIMS, ".json")
    rows = read_json(path)["rows"] if path.is_file() else []
    return all("verdict" in row["values"] for row in rows)


def _read(layout: Layout, name: str) -> FinishedRun:
    tables = sorted(layout.tables.glob("*.json"))
    whole = (layout.config, layout.provenance, layout.report, layout.summary, layout.tables_text)
    files = [*whole, *(path.with_suffix(".md") for path in tables)]
    missing = [path for path in files if not path.is_file()]
    if missing:
        raise SeqAttackError(f"{missing[0]} is missing; run the pipeline to its end first.")
    metrics = dict(chain.from_iterable(_figures(read_json(path)) for path in tables))
    return FinishedRun(name, read_yaml(layout.config), metrics, tuple(files))


def _figures(table: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    """Yield the figures of a table by name."""
    rows = table["rows"]
    if table["id"] == CLAIMS:
        verdicts = Counter(row["values"]["verdict"] for row in rows)
        yield from ((f"{CLAIMS}/{name}", float(n)) for name, n in sorted(verdicts.items()))
        return
    for row in rows:
        for column, value in row["values"].items():
            if isinstance(value, int | float):
                yield f"{table['id']}/{row['key'] or row['label']}/{column}", float(value)


def _flat(value: Any, path: Sequence[str] = ()) -> Iterator[tuple[str, str]]:
    """Yield the settings of a configuration by their keys, joined by points."""
    if isinstance(value, Mapping) and value:
        for name, each in value.items():
            yield from _flat(each, (*path, str(name)))
    else:
        yield ".".join(path), value if isinstance(value, str) else json.dumps(value)


def _code(text: str) -> str:
    """Return a text as Markdown shows code."""
    return "\n".join(f"    {line}" for line in text.splitlines())
