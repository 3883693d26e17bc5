"""The run's plan and layout, and what all rules share; nothing here computes."""

import atexit
import json
import os
import re
import shlex
import signal
import sys
from contextlib import ExitStack
from functools import cache
from pathlib import Path

sys.path.insert(0, workflow.basedir)

from seqattack.errors import SeqAttackError
from seqattack.files.code_hash import library_hash
from seqattack.files.lock import alone
from seqattack.integrity import CARD, RECORDING
from seqattack.io import check_writable, read_json
from seqattack.pipeline.config import check_place, load_config, of_one_seed, with_types
from seqattack.pipeline.damage import damaged_outputs, set_aside
from seqattack.pipeline.doctor import check_scpn_files, missing_parts
from seqattack.pipeline.names import NAME, PICKS, RECIPE
from seqattack.pipeline.plan import Plan
from seqattack.report.run_tables import table_captions
from snakemake.exceptions import WorkflowError

try:
    check_place(workflow.basedir, os.getcwd())
    if workflow.is_main_process:
        check_writable(
            Path.cwd()
        )  # before Snakemake, which would not say it in one line
    TYPED = with_types(config, workflow.config_settings.config)
    GIVEN = load_config(TYPED)
    check_scpn_files(GIVEN)  # before Snakemake says that they are missing
    PLAN = Plan(GIVEN)
except SeqAttackError as error:
    raise WorkflowError(str(error))

CONFIG = PLAN.config
LAYOUT = PLAN.layout
LOGS = LAYOUT.logs
ATTACK = LAYOUT.attack("{experiment}", "{victim}", "{recipe}")
AUGMENTATION = LAYOUT.augmentation("{recipe}")
CAPTIONS = table_captions(
    PLAN.adversarial,
    published=CONFIG.attacks.published,
    certainty=CONFIG.certainty is not None,
    leaderboard=PLAN.has_leaderboard,
    noise=bool(PLAN.with_noise),
    defences=bool(PLAN.defences),
)

# TensorFlow is installed only for those who use the Universal Sentence Encoder.
WITH_USE = CONFIG.similarity.backend == "use"
ENVIRONMENT = f"{workflow.basedir}/envs/seqattack{'-use' if WITH_USE else ''}.yaml"

# What a job asks of a cluster, enough for BERT on CoNLL-2003: megabytes of its first attempt, and
# minutes. Measured there with MiniLM: trainings 1800 (masked LM: 3800), attacks 1300, predictions
# 850 MB. An attack that runs out of time goes on where it stopped. Rules without resources take
# what the profile says; those with `localrule` take seconds, or need the network, and run where
# Snakemake does.
MEMORY = {"train": 6000, "attack": 4000, "predict": 2000, "score": 2000}
RUNTIME = {"train": 480, "attack": 480, "predict": 60, "score": 60}
GPUS = 1 if CONFIG.device == "cuda" else 0

# The library reaches the jobs of every environment and executor. Jobs in a conda environment use its
# Python and nothing of the user's own; the others use the Python that runs Snakemake.
USES_CONDA = "conda" in map(str, workflow.deployment_settings.deployment_method)
PATHS = {"PYTHONPATH": workflow.basedir}
if not USES_CONDA:
    PATHS["PATH"] = os.path.dirname(sys.executable)
EXPORTS = "".join(
    f"export {name}={shlex.quote(path)}${{{{{name}:+:${name}}}}}; "
    for name, path in PATHS.items()
)
# What is on the hub has been fetched, so jobs need no network; those that fetch take what was given.
OFFLINE = os.environ.get("HF_HUB_OFFLINE", "")
HUB = f"GIVEN_HUB_OFFLINE={OFFLINE} HF_HUB_OFFLINE={OFFLINE or 1}"
if USES_CONDA and workflow.is_main_process and not os.path.exists(".snakemake/conda"):
    SIZE = "4 GB, or 8 GB" if WITH_USE else "2.5 GB, or 7 GB"
    print(
        f"The jobs' environment is made once: some minutes, and {SIZE} where torch comes with CUDA.",
        file=sys.stderr,
    )
# Jobs record what they make of what, and with which code and versions.
MAKING = """making() {{ export SEQATTACK_MAKING="$(printf '%s\\n' "$@")"; }}; """
# A process that the system kills says nothing, and one that ends inside a library says it in words of
# that library, so its shell does. Statuses: SIGABRT (C++), SIGBUS, SIGKILL, SIGSEGV (OpenBLAS).
KILLED = (
    "killed by SIG$(kill -l $status), most likely because the memory ran out: run fewer jobs at a time "
    "(--cores) or give it more (on a cluster: --set-resources RULE:mem_mb=...), and run the same "
    "command again"
)
ENDED = f"""ended() {{{{ status=$?; case $status in 134|135|137|139) echo "{KILLED}" >> "${{{{log:-/dev/stderr}}}}";; esac; }}}}; trap ended EXIT; """
shell.prefix(
    f"set -euo pipefail; export PYTHONNOUSERSITE=1 {RECORDING}=1 {HUB}; {EXPORTS}"
    + MAKING
    + ENDED
)


def command(words, fetches=False, log="&> {log:q}"):
    """Return the command of a job, which records what it makes of what and says the rest in its log.

    Args:
        words: What Python runs, such as ``seqattack train``, and its arguments.
        fetches: Whether it may use the network, where the user allows that.
        log: Where its messages go.
    """
    hub = "HF_HUB_OFFLINE=$GIVEN_HUB_OFFLINE " if fetches else ""
    return f"log={{log:q}}; making {{output:q}} --from {{input:q}}; {hub}python -m {words} {log}"


wildcard_constraints:
    victim="|".join(map(re.escape, PLAN.victims)),
    recipe=RECIPE,
    source=NAME,
    experiment="comparison|robustness|published",
    shard=r"\d+",
    wave=r"\d+",
    size=r"\d+",
    tracker="[a-z]+",


def check_parts():
    """Stop before any work where something cannot be had, or a server does not answer.

    Jobs plan again, on a cluster each on its node; by then it has been asked.
    """
    if workflow.is_main_process:
        missing = missing_parts(CONFIG, conda=USES_CONDA)
        if missing:
            raise WorkflowError(*missing)


HELD = ExitStack()
"""The locks of a run's folders."""
atexit.register(HELD.close)


def work_alone():
    """Refuse a second run in the same folders, wherever it was started, as long as this one lives."""
    places = (LAYOUT.results, LAYOUT.figures, LAYOUT.logs)
    for folder in dict.fromkeys(path.resolve() for path in places):
        refusal = f"{folder}: another run works here; wait for its end, or end it"
        try:
            HELD.enter_context(alone(folder / ".lock", refusal))
        except SeqAttackError as error:
            raise WorkflowError(str(error))


def heed_hangup():
    """Where the terminal is closed, let running jobs end and start no more, as after a SIGTERM."""
    if signal.getsignal(signal.SIGHUP) is signal.SIG_DFL:  # else nohup ignores it
        signal.signal(signal.SIGHUP, lambda *_: os.kill(os.getpid(), signal.SIGTERM))


def make_damaged_again(wildcards):
    """Have Snakemake make again what is not as it was made: asked when it plans all jobs.

    Nothing is touched here, so that a dry run may ask; no file is added to the inputs.
    """
    workflow.dag.forcefiles.update(damaged())
    return []


@cache
def damaged():
    """Return the outputs that are not as they were made, found and said once."""
    found = damaged_outputs(LAYOUT)
    for output, wrong in found.items():
        print(
            f"{wrong}; a start without targets makes {output} again if it needs it",
            file=sys.stderr,
        )
    return found


def set_damaged_aside():
    """Keep what a user may have changed on purpose."""
    if workflow.touch:
        return
    needed = {path for job in workflow.dag.needrun_jobs() for path in job.output}
    for said in set_aside(damaged(), needed):
        print(
            f"{said}. To keep that, put it back and name it to `seqattack verify --accept`.",
            file=sys.stderr,
        )


def memory(kind):
    """Return the megabytes of a kind of job, more with each attempt."""
    return lambda wildcards, attempt: MEMORY[kind] * attempt


def as_json(value):
    """Return settings as one word for a command; the same words for the same settings."""
    return json.dumps(value.to_json() if hasattr(value, "to_json") else value)
