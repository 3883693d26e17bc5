"""A one-node SLURM cluster on loopback, from Debian's packages, in a folder of its own.

`python -m tests.helpers.cluster` downloads the packages of SLURM and munge and unpacks them into
`.slurm`. Nothing is installed: with `scontrol` on the PATH and no controller up, every call of
Snakemake would take ten seconds longer, as its plugin asks at the start. No root is needed either.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2] / ".slurm"
"""Where the unpacked packages lie."""

CLIENTS = ("sbatch", "srun", "squeue", "scancel", "scontrol", "sinfo", "sacct")

OPTIONS = (
    f"--profile={ROOT.parent / 'profiles' / 'slurm'}",
    "--latency-wait=10",
    # There is no accounting.
    "--slurm-no-account",
    "--slurm-status-command=squeue",
    "--slurm-init-seconds-before-status-checks=2",
    "--slurm-keep-successful-logs",
)
"""What Snakemake is called with."""

CONFIGURATION = """\
ClusterName=solo
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={controller_port}
SlurmdPort={node_port}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
PluginDir={plugins}
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmdParameters=config_overrides
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
SchedulerParameters=sched_min_interval=0,bf_interval=5
AccountingStorageType=accounting_storage/none
MinJobAge=3600
ReturnToService=2
KillWait=5
NodeName={host} NodeAddr=127.0.0.1 CPUs={cpus} RealMemory={memory} State=UNKNOWN
PartitionName=all Nodes={host} Default=YES MaxTime=INFINITE DefMemPerCPU=256 State=UP
"""


def download() -> None:
    """Download the packages of SLURM and munge that this system lacks, and unpack them."""
    with tempfile.TemporaryDirectory() as name:
        archives = Path(name)
        (archives / "partial").mkdir()
        quietly = ["--quiet", "--option", "Debug::NoLocking=true"]
        subprocess.run(["apt-get", *quietly, "update"], check=False, stdout=subprocess.DEVNULL)
        fetch = ["install", "--yes", "--no-install-recommends", "--download-only", "--reinstall"]
        where = ["--option", f"Dir::Cache::archives={archives}", "--option", "APT::Sandbox::User="]
        packages = ["slurmctld", "slurmd", "slurm-client", "munge"]
        subprocess.run(
            ["apt-get", *quietly, *where, *fetch, *packages],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        unpacked = archives / "unpacked"
        for package in sorted(archives.glob("*.deb")):
            subprocess.run(["dpkg-deb", "--extract", package, unpacked], check=True)
        shutil.rmtree(ROOT, ignore_errors=True)
        shutil.move(unpacked, ROOT)


def is_downloaded() -> bool:
    """Whether `download` has been run."""
    return (ROOT / "usr/sbin/slurmctld-wlm").is_file()


@dataclass(frozen=True)
class Cluster:
    """A cluster that is up.

    Args:
        environment: What commands need to reach it.
    """

    environment: dict[str, str]

    def run(self, *command: str) -> str:
        """Return what one of SLURM's commands prints."""
        done = subprocess.run(
            command, env=self.environment, capture_output=True, text=True, timeout=60, check=True
        )
        return done.stdout


@dataclass(frozen=True)
class Job:
    """A line of squeue."""

    id: str
    state: str
    memory: str
    cpus: str
    name: str


def jobs(up: Cluster) -> list[Job]:
    """Return all jobs that the cluster has had, in the order of their submission."""
    lines = up.run("squeue", "--noheader", "--states=all", "--format=%A %T %m %C %k").splitlines()
    return sorted((Job(*line.split(maxsplit=4)) for line in lines), key=lambda job: int(job.id))


@contextmanager
def cluster(cpus: int, memory: int) -> Iterator[Cluster]:
    """Bring a cluster up, and down again whatever happens.

    Args:
        cpus: Of its node, whether this machine has them or not.
        memory: The same, in MB.
    """
    folder = Path(tempfile.mkdtemp(prefix="slurm-"))
    folder.chmod(0o755)
    daemons: list[subprocess.Popen[bytes]] = []
    up = Cluster(_configure(folder, cpus, memory))
    try:
        sbin = ROOT / "usr/sbin"
        key = ["--key-file", str(folder / "munge.key"), "--socket", str(folder / "munge.socket")]
        files = [f"--{name}-file={folder}/munge.{name}" for name in ("pid", "log", "seed")]
        daemons.append(
            _start([sbin / "munged", "--foreground", "--force", *key, *files], up, folder)
        )
        _wait(lambda: (folder / "munge.socket").exists(), "munged")
        daemons.append(_start([sbin / "slurmctld-wlm", "-D"], up, folder))
        daemons.append(
            _start([sbin / "slurmd-wlm", "-D", "-d", sbin / "slurmstepd-wlm"], up, folder)
        )
        _wait(lambda: "idle" in up.run("sinfo", "-h", "-o", "%T"), "the node")
        yield up
    finally:
        _cancel_all(up)
        _take_down(daemons, folder)


def _configure(folder: Path, cpus: int, memory: int) -> dict[str, str]:
    """Write the configuration and the clients' wrappers; return the environment."""
    for name in ("state", "spool", "bin"):
        (folder / name).mkdir()
    key = folder / "munge.key"
    key.write_bytes(os.urandom(128))
    key.chmod(0o600)
    libraries = next((ROOT / "usr/lib").glob("*-linux-gnu"))
    controller_port, node_port = _free_ports(2)
    (folder / "slurm.conf").write_text(
        CONFIGURATION.format(
            host=socket.gethostname().partition(".")[0],
            user=pwd.getpwuid(os.getuid()).pw_name,
            folder=folder,
            plugins=libraries / "slurm-wlm",
            controller_port=controller_port,
            node_port=node_port,
            cpus=cpus,
            memory=memory,
        )
    )
    variables = {
        "SLURM_CONF": str(folder / "slurm.conf"),
        "LD_LIBRARY_PATH": f"{libraries}/slurm-wlm:{libraries}",
    }
    # Wrappers, since the plugin takes SLURM_CONF out of its jobs' environment.
    exports = "".join(f'export {name}="{value}"\n' for name, value in variables.items())
    for name in CLIENTS:
        wrapper = folder / "bin" / name
        wrapper.write_text(f'#!/bin/sh\n{exports}exec "{ROOT}/usr/bin/{name}" "$@"\n')
        wrapper.chmod(wrapper.stat().st_mode | stat.S_IXUSR)
    return os.environ | variables | {"PATH": f"{folder}/bin:{os.environ['PATH']}"}


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def _start(command: list[str | Path], up: Cluster, folder: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        # They end with this process, however it ends.
        ["setpriv", "--pdeathsig", "TERM", *map(str, command)],
        env=up.environment,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _wait(is_so: Callable[[], bool], what: str) -> None:
    for _ in range(150):
        with suppress(subprocess.CalledProcessError):  # the controller does not answer yet
            if is_so():
                return
        time.sleep(0.2)
    raise RuntimeError(f"waited for {what} in vain")


def _cancel_all(up: Cluster) -> None:
    """Cancel what still runs, and wait until it has ended."""
    with suppress(subprocess.SubprocessError, RuntimeError):
        up.run("scancel", "--user", pwd.getpwuid(os.getuid()).pw_name)
        _wait(lambda: not up.run("squeue", "--noheader"), "the end of all jobs")


def _take_down(daemons: list[subprocess.Popen[bytes]], folder: Path) -> None:
    for signal_number in (signal.SIGTERM, signal.SIGKILL):
        for daemon in reversed(daemons):
            if daemon.poll() is None:
                daemon.send_signal(signal_number)
        for daemon in daemons:
            try:
                daemon.wait(timeout=10)
            except subprocess.TimeoutExpired:
                continue
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    if not is_downloaded():
        download()
    sys.exit(0 if is_downloaded() else 1)
