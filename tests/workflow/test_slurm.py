"""The pipeline on a SLURM cluster for real: the same bytes as on one machine."""

from __future__ import annotations

import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.helpers.cluster import OPTIONS, Cluster, Job, cluster, is_downloaded, jobs
from tests.helpers.running import TINY, command, results

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not is_downloaded(), reason="run `python -m tests.helpers.cluster`, which needs Debian"
    ),
]

ATTACK = "rule_attack_shard"


def cancel_one(up: Cluster, process: subprocess.Popen[str]) -> Job:
    """Cancel the first attack that runs."""
    while process.poll() is None:
        for job in jobs(up):
            if ATTACK in job.name and job.state == "RUNNING":
                up.run("scancel", job.id)
                return job
        time.sleep(0.2)
    pytest.fail(f"no attack was seen running:\n{process.communicate()[0][-6000:]}")


@dataclass(frozen=True)
class Run:
    """What became of the run."""

    folder: Path
    log: str
    cancelled: Job
    jobs: list[Job]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("cluster")
    with cluster(cpus=2, memory=16_000) as up:
        process = subprocess.Popen(
            command(folder, TINY, *OPTIONS),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=folder,
            env=up.environment,
        )
        try:
            cancelled = cancel_one(up, process)
            log, _ = process.communicate(timeout=1200)
        finally:
            process.kill()
        assert process.returncode == 0, log[-6000:]
        return Run(folder, log, cancelled, jobs(up))


def test_the_records_and_tables_are_those_of_one_machine(run: Run, undisturbed: Path) -> None:
    assert results(run.folder) == results(undisturbed)


def test_a_cancelled_job_is_sent_again_with_more_memory(run: Run) -> None:
    same = [job for job in run.jobs if job.name == run.cancelled.name]
    assert [job.state for job in same] == ["CANCELLED", "COMPLETED"]
    assert [job.memory for job in same] == ["4000M", "8000M"]


def test_shards_are_jobs_and_the_report_s_rules_share_one(run: Run) -> None:
    names = [job.name for job in run.jobs if job.state == "COMPLETED"]
    assert sum(ATTACK in name for name in names) == 6
    assert sum("tables" in name and "summary" in name for name in names) == 1
    assert {job.cpus for job in run.jobs if "rule_train" in job.name} == {"2"}
    assert not any("training_set" in name or "corpus" in name for name in names)
