"""What is installed, reachable and cached here, and whether a configuration can run: quickly.

Nothing is downloaded, and nothing is written.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from http.client import HTTPException
from importlib.util import find_spec
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

from seqattack.attack.recipes.registry import find_recipe
from seqattack.errors import BackendError, SeqAttackError
from seqattack.files.cache import cache_folder
from seqattack.files.fetch.fetching import find_fetched, is_fetched
from seqattack.files.packages import REQUIRED, package_version
from seqattack.metrics.grammar.checker import LANGUAGETOOL
from seqattack.models.pretrained import EMBEDDED_NAME
from seqattack.pipeline.artefacts import explain, unavailable, victim_artefact, wanted_artefacts
from seqattack.pipeline.config import Config, CorpusConfig, GrammarConfig, ModelConfig
from seqattack.pipeline.layout import Layout
from seqattack.scpn.folder import check_folder
from seqattack.scpn.stanza_folder import STANZA, check_stanza_folder
from seqattack.sentence_encoder.settings import USE
from seqattack.victim.source import FOLDERS, VictimSource

PATIENCE = 3.0
"""Seconds that a server has to answer."""

JAVA = 17
"""The oldest Java that LanguageTool runs on."""

OPENVINO = "openvino"
PACKAGE_OF = {"spacy": "spacy", "gliner": "gliner", "onnx": "onnxruntime", OPENVINO: OPENVINO}
"""The package that a kind of victim needs."""

EMBEDDED_SIZE, SIZE = 0.4, 2.0
"""Gigabytes of a victim and the checkpoints of its training: of the embedded model, of others."""


class State(StrEnum):
    """What a finding means."""

    OK = "ok"
    NOTE = "note"
    MISSING = "MISSING"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the diagnosis.

    Args:
        state: Only what is missing keeps a configuration from running.
        subject: What was looked at.
        detail: What was found, and what to do where something is missing.
    """

    state: State
    subject: str
    detail: str


def diagnose(config: Config | None) -> Iterator[Finding]:
    """Yield what is there, and what a configuration lacks.

    Args:
        config: None looks at this computer alone.
    """
    yield Finding(State.OK, "Python", f"{platform.python_version()} on {platform.machine()}")
    yield from _packages()
    yield _device(config.device if config else "auto")
    yield from _tools()
    if config:
        yield from _corpus(config.corpus)
        yield from _victims(config)
        yield from _models(config)
        yield from _artefacts(config)
        yield from _scpn(config)
        yield from _similarity(config)
        yield from _grammar(config.grammar)
        yield from _trackers(config)
        yield from _backend(config)
        yield from _disk(config)


def missing_parts(config: Config, *, conda: bool) -> list[str]:
    """Return what keeps a run from starting: artefacts, ready victims, and backends.

    Args:
        config: The run's, without what it leaves out.
        conda: Whether jobs run in an environment of their own, which brings packages and Java.
    """
    wanted = wanted_artefacts(config, Layout.of(config).run_files).values()
    lines = [explain(*each) for each in unavailable(wanted)]
    if not conda and any(each.state is State.MISSING for each in _packages()):
        return [
            *lines,
            "the pipeline's packages are not installed here; add --use-conda, or run "
            "`make setup` and `. .venv/bin/activate`.",
        ]
    found = [*_victims(config, conda=conda), *_scpn(config, conda=conda)]
    found += [*_grammar(config.grammar), *_trackers(config, conda=conda)]
    found += [*_backend(config, conda=conda), *([] if conda else _similarity(config))]
    brought = ("Java", STANZA) if conda else ()
    lines += [
        f"{each.subject}: {each.detail}"
        for each in found
        if each.state is State.MISSING and each.subject not in brought
    ]
    return lines


def check_scpn_files(config: Config) -> None:
    """Check that the folders of SCPN and its parser that a configuration names are whole.

    Raises:
        BackendError: One lacks a file; the message says what to do.
    """
    if not _needing(config, "paraphraser"):
        return
    if config.scpn.path is not None:
        check_folder(Path(config.scpn.path))
    if config.scpn.parser_path is not None:
        check_stanza_folder(Path(config.scpn.parser_path))


def _packages() -> Iterator[Finding]:
    for name in REQUIRED:
        if (found := package_version(name)) is not None:
            yield Finding(State.OK, name, found)
        else:
            wanted = "--no-deps textattack" if name == "textattack" else name
            yield Finding(State.MISSING, name, f"not installed; run `pip install {wanted}`")


def _trackers(config: Config, *, conda: bool = False) -> Iterator[Finding]:
    """Yield whether the trackers of `report_to` can be had; conda's environment has none."""
    for tracker in config.report_to:
        cure = f"run `pip install 'seqattack[{tracker}]'`"
        if conda:
            cure = f"leave it out and run `seqattack report-to {tracker}` after the run"
        elif find_spec(tracker):
            yield Finding(State.OK, tracker, "installed, for report_to")
            continue
        yield Finding(State.MISSING, tracker, f"not installed, but named in report_to; {cure}")


def _backend(config: Config, *, conda: bool = False) -> Iterator[Finding]:
    """Yield whether the backend can be had; conda's environment has torch alone."""
    if config.backend != OPENVINO:
        return
    cure = f"run `pip install 'seqattack[{OPENVINO}]'`, or set backend: torch"
    if conda:
        cure = "set backend: torch, or run without --use-conda"
    elif find_spec(OPENVINO):
        yield Finding(State.OK, OPENVINO, "installed, for backend")
        return
    yield Finding(State.MISSING, OPENVINO, f"not installed, but named in backend; {cure}")


def _device(wanted: str) -> Finding:
    from seqattack.models.device import has_bfloat16, resolve_device

    try:
        device = resolve_device(wanted)
    except SeqAttackError as error:
        return Finding(State.MISSING, "device", str(error))
    precision = "bfloat16" if has_bfloat16(device) else "float32 (no native bfloat16)"
    return Finding(State.OK, "device", f"{device}, {os.cpu_count()} cores, trains in {precision}")


def _tools() -> Iterator[Finding]:
    """Yield what some ways to run need, and others don't."""
    conda = next(filter(None, map(shutil.which, ("conda", "mamba", "micromamba"))), None)
    yield _tool("conda", conda, "not found; only --use-conda needs it")
    slurm = shutil.which("sbatch")
    yield _tool("SLURM", slurm, "no sbatch; only --profile profiles/slurm needs it")
    java = _java()
    said = f"version {java}" if java else None
    yield _tool("Java", said, "not found; only LanguageTool needs it")


def _tool(name: str, found: str | None, otherwise: str) -> Finding:
    return Finding(State.OK, name, found) if found else Finding(State.NOTE, name, otherwise)


def _java() -> int | None:
    """Return the major version of the Java on the PATH."""
    try:
        said = subprocess.run(
            ["java", "-version"], capture_output=True, text=True, timeout=10, check=True
        ).stderr
    except (OSError, subprocess.SubprocessError):
        return None
    match = re.search(r'version "(?:1\.)?(\d+)', said)
    return int(match[1]) if match else None


def _corpus(source: CorpusConfig) -> Iterator[Finding]:
    if source.newswire is not None:
        yield Finding(State.OK, "corpus", "generated")
        return
    if source.hub is not None:
        if not source.hub.files:  # else it is an artefact
            detail = f"{source.hub.name}: the job `corpus` will load it from the hub"
            yield Finding(State.NOTE, "corpus", detail)
        return
    files = getattr(source, source.kind)
    paths = [files.train, files.dev, files.test]
    absent = [path for path in paths if not os.access(path, os.R_OK)]
    if absent:
        cure = f"put the files there or correct corpus.{source.kind}"
        yield Finding(State.MISSING, "corpus", f"{', '.join(absent)}: cannot be read; {cure}")
    else:
        yield Finding(State.OK, "corpus", ", ".join(paths))


def _models(config: Config) -> Iterator[Finding]:
    """Yield the models that a run starts from and does not fetch."""
    models: dict[str, ModelConfig] = {}
    if None in map(config.ready_victim, config.victims):
        models["pretrained"] = config.pretrained
    for recipe in _needing(config, "masked-lm"):
        entry = config.masked_lm_entry(recipe)
        models[f"masked_lm.{entry}"] = config.masked_lm[entry]
    for subject, model in sorted(models.items()):
        if model.name is None:
            yield _model(subject, model)


def _victims(config: Config, *, conda: bool = False) -> Iterator[Finding]:
    """Yield whether the ready victims are there; one behind a filter is another victim's model."""
    for name, victim in config.victims.items():
        word = config.ready_victim(name)
        if word is not None and victim.victim is None:
            yield from _victim(f"victims.{name}", VictimSource.of(word), conda=conda)


def _victim(subject: str, source: VictimSource, *, conda: bool) -> Iterator[Finding]:
    """Yield whether a ready victim is there, as far as that is quickly seen."""
    kind, name = source.kind, source.name
    package = PACKAGE_OF.get(kind)
    if kind == "http":
        # A server whose tags are given is never asked with GET, and may not know it.
        problem = _unreachable(name, may_refuse=bool(source.tags))
        said = f"{name} {problem}; start the server" if problem else name
        yield Finding(State.MISSING if problem else State.OK, subject, said)
    elif package and (conda or find_spec(package) is None):
        where, cure = "here", f"run `pip install 'seqattack[{kind}]'`"
        if conda:
            where, cure = "in conda's environment", "run without --use-conda"
        yield Finding(State.MISSING, subject, f"{package} is not installed {where}; {cure}")
    elif kind == "spacy" and not _has_pipeline(name):
        cure = f"run `python -m spacy download {name}`, or name a folder"
        yield Finding(State.MISSING, subject, f"there is no spaCy pipeline {name} here; {cure}")
    elif kind in FOLDERS and victim_artefact(source) is None:
        yield _model(subject, ModelConfig(path=name))
    elif kind not in FOLDERS:
        yield Finding(State.OK, subject, f"{kind}:{name}")


def _has_pipeline(name: str) -> bool:
    """Whether there is a spaCy pipeline: a folder or an installed package."""
    try:
        return os.path.exists(name) or find_spec(name) is not None
    except (ImportError, ValueError):  # no name of a module
        return False


def _needing(config: Config, resource: str) -> list[str]:
    """Return the recipes of a run that need a resource."""
    return [recipe for recipe in config.recipes if resource in find_recipe(recipe).needs]


def _model(subject: str, model: ModelConfig) -> Finding:
    """Return whether a model that is not on the hub is there."""
    if model.path is not None:
        if (Path(model.path) / "config.json").is_file():
            return Finding(State.OK, subject, model.path)
        detail = f"{model.path}: no model there; give a folder with a config.json"
        return Finding(State.MISSING, subject, detail)
    from seqattack.models.pretrained import resolve_pretrained

    try:
        resolve_pretrained({"embedded": model.source})
    except SeqAttackError as error:
        return Finding(State.MISSING, subject, str(error))
    return Finding(State.OK, subject, f"embedded {model.embedded}")


def _scpn(config: Config, *, conda: bool = False) -> Iterator[Finding]:
    """Yield whether SCPN's files are there, and its parser, if it needs one."""
    if not _needing(config, "paraphraser"):
        return
    if config.scpn.parser == STANZA and find_spec(STANZA) is None:
        yield Finding(State.MISSING, STANZA, "not installed; run `pip install stanza`")
    try:
        check_scpn_files(config)
        _check_parser(config.scpn.parser or "", conda=conda)
    except SeqAttackError as error:
        yield Finding(State.MISSING, "scpn", str(error))
        return
    if config.scpn.artefact is None:
        yield Finding(State.OK, "scpn", config.scpn.path or "a small one, to be trained")


def _check_parser(parser: str, *, conda: bool) -> None:
    """Check that a parser's server answers; with conda, its client need not be installed here.

    Raises:
        BackendError: It does not.
    """
    if not parser.startswith("http"):
        return
    if not conda:
        from seqattack.scpn.parsing import find_parser

        find_parser(parser)
    elif problem := _unreachable(parser, may_refuse=True):
        raise BackendError(
            f"{parser} {problem}; start the server, or set scpn.parser to stanza or shallow."
        )


def _artefacts(config: Config) -> Iterator[Finding]:
    """Yield, for each artefact that a run fetches, whether it is cached or can be had."""
    wanted = wanted_artefacts(config, Layout.of(config).run_files).values()
    missing = {each.key: why for each, why in unavailable(wanted)}
    for each in wanted:
        if each.key in missing:
            skips = each.recipes and config.unavailable == "skip"
            state = State.NOTE if skips else State.MISSING
            yield Finding(state, each.key, explain(each, missing[each.key]))
        elif (found := find_fetched(each.artefact)) is not None:
            size = f"{found.size / 1e6:.0f} MB"
            yield Finding(State.OK, each.key, f"{each.artefact.title}: {size} in {found.folder}")
        elif is_fetched(each.artefact):
            yield Finding(State.OK, each.key, f"{each.artefact.title}: in the hub's cache")
        else:
            yield Finding(State.NOTE, each.key, f"will be fetched: {each.artefact.said}")


def _unreachable(url: str, *, may_refuse: bool = False) -> str | None:
    """Return why an address cannot be read; None if it can.

    Args:
        url: The address.
        may_refuse: Whether an answer such as 404 is good, too: something is there.
    """
    try:
        with urlopen(url, timeout=PATIENCE):
            return None
    except HTTPError as error:
        return None if may_refuse else f"answers {error.code} {error.reason}"
    except (OSError, HTTPException, ValueError) as error:
        return f"cannot be reached ({getattr(error, 'reason', error)})"


def _similarity(config: Config) -> Iterator[Finding]:
    """Yield what the sentence encoder lacks, without loading or fetching it."""
    encoder = config.similarity
    if encoder.backend == USE and find_spec("tensorflow") is None:
        cure = "run `make setup-use`; with --use-conda it is not needed here"
        yield Finding(State.MISSING, "TensorFlow", f"not installed; {cure}")
    if encoder.backend == USE and encoder.model is not None:
        if any(Path(encoder.model).rglob("saved_model.pb")):
            yield Finding(State.OK, "similarity", encoder.model)
        else:
            detail = f"{encoder.model}: no SavedModel there; correct similarity.model"
            yield Finding(State.MISSING, "similarity", detail)
    elif encoder.backend != USE and encoder.model is None:
        yield _model("similarity", ModelConfig(embedded=EMBEDDED_NAME))
    elif encoder.model is not None and Path(encoder.model).is_dir():
        yield _model("similarity", ModelConfig(path=encoder.model))


def _grammar(checker: GrammarConfig) -> Iterator[Finding]:
    if checker.backend != LANGUAGETOOL:
        return
    server = checker.server
    if server:
        problem = _unreachable(f"{server.rstrip('/')}/v2/languages")
        cure = "start the server, or correct grammar.server"
        yield (
            Finding(State.MISSING, "LanguageTool", f"{server} {problem}; {cure}")
            if problem
            else Finding(State.OK, "LanguageTool", server)
        )
    elif (_java() or 0) < JAVA:
        cure = f"install Java {JAVA}, or set grammar.server"
        yield Finding(State.MISSING, "Java", f"LanguageTool needs Java {JAVA} or newer; {cure}")


def _disk(config: Config) -> Iterator[Finding]:
    """Compare the free space with a rough need, for results and for the cache."""
    trained = sum(config.ready_victim(name) is None for name in config.victims)
    trained += sum(len(entry.sizes) for entry in config.adversarial_training)
    embedded = config.pretrained.embedded is not None
    needed = 1 + len(config.seeds) * trained * (EMBEDDED_SIZE if embedded else SIZE)
    yield _space("disk", Path(config.results), needed, "set results elsewhere")
    wanted = wanted_artefacts(config, Layout.of(config).run_files).values()
    absent = [each.artefact for each in wanted if not is_fetched(each.artefact)]
    if absent:  # an archive and what is in it are there at the same time
        needed = sum(2 * (artefact.megabytes or 0) for artefact in absent) / 1000
        yield _space("cache", cache_folder(), needed, "set SEQATTACK_CACHE elsewhere")


def _space(subject: str, folder: Path, needed: float, otherwise: str) -> Finding:
    """Compare the free space in a folder with what is needed there, in gigabytes."""
    folder = folder.absolute()
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free / 1e9
    said = f"{free:.0f} GB free in {folder}, at most about {needed:.0f} GB needed"
    if free < needed:
        return Finding(State.MISSING, subject, f"{said}; free some, or {otherwise}")
    return Finding(State.OK, subject, said)
