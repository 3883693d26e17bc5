"""What is installed, reachable and cached here, and whether a configuration can run: quickly.

Nothing is downloaded, and nothing is written.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from itertools import chain
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

from seqattack.attack.recipes.registry import find_recipe
from seqattack.errors import SeqAttackError
from seqattack.files.fetch import Archive, find_archive, is_address
from seqattack.metrics.grammar.checker import LANGUAGETOOL
from seqattack.models.pretrained import EMBEDDED_NAME
from seqattack.pipeline.config import (
    Config,
    CorpusConfig,
    GrammarConfig,
    ModelConfig,
    SimilarityConfig,
)
from seqattack.pipeline.provenance import PACKAGES
from seqattack.scpn.folder import check_folder
from seqattack.sentence_encoder.encoder import USE

PATIENCE = 3.0
"""Seconds that a server has to answer."""

JAVA = 17
"""The oldest Java that LanguageTool runs on."""

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
        yield _corpus(config.corpus)
        yield from _models(config)
        yield from _scpn(config)
        yield from _similarity(config.similarity)
        yield from _grammar(config.grammar)
        yield _disk(config)


def missing_backends(config: Config, brought: Sequence[str] = ()) -> list[Finding]:
    """Return what is missing of SCPN, sentence encoder and grammar checker.

    Args:
        config: The run's.
        brought: Subjects that the jobs' own environment brings.
    """
    found = chain(_scpn(config), _similarity(config.similarity), _grammar(config.grammar))
    return [each for each in found if each.state is State.MISSING and each.subject not in brought]


def check_scpn_files(config: Config) -> None:
    """Check that the folder of the SCPN that a configuration names is whole.

    Raises:
        BackendError: It lacks a file; the message says what to do.
    """
    if config.scpn.path is not None and _needing(config, "paraphraser"):
        check_folder(Path(config.scpn.path))


def check_scpn(config: Config) -> None:
    """Check that the SCPN that a configuration names is there, and its parser, if it needs one.

    Raises:
        BackendError: It is not; the message says what to do.
    """
    check_scpn_files(config)
    if config.scpn.path and config.scpn.parser and _needing(config, "paraphraser"):
        from seqattack.scpn.parsing import find_parser

        find_parser(config.scpn.parser)


def _packages() -> Iterator[Finding]:
    for name in PACKAGES:
        try:
            yield Finding(State.OK, name, version(name))
        except PackageNotFoundError:
            wanted = "--no-deps textattack" if name == "textattack" else name
            yield Finding(State.MISSING, name, f"not installed; run `pip install {wanted}`")


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
    yield _tool("conda", conda, "not found; only --sdm conda needs it")
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


def _corpus(source: CorpusConfig) -> Finding:
    if source.newswire:
        return Finding(State.OK, "corpus", "generated")
    if source.hub:
        paths = [file["path"] for file in (source.hub.files or {}).values()] or ["README.md"]
        revision = source.hub.revision or "main"
        return _hub("corpus", source.hub.name, revision, paths, "dataset")
    files = getattr(source, source.kind)
    paths = [files.train, files.dev, files.test]
    absent = [path for path in paths if not os.access(path, os.R_OK)]
    if absent:
        cure = f"put the files there or correct corpus.{source.kind}"
        return Finding(State.MISSING, "corpus", f"{', '.join(absent)}: cannot be read; {cure}")
    return Finding(State.OK, "corpus", ", ".join(paths))


def _models(config: Config) -> Iterator[Finding]:
    """Yield the models that a run starts from."""
    if any(victim.path is None for victim in config.victims.values()):
        yield _model("pretrained", config.pretrained)
    for name, victim in config.victims.items():
        if victim.path is not None:
            yield _model(f"victims.{name}", ModelConfig(path=victim.path))
    entries = {config.masked_lm_entry(recipe) for recipe in _needing(config, "masked-lm")}
    for entry in sorted(entries):
        yield _model(f"masked_lm.{entry}", config.masked_lm[entry])


def _needing(config: Config, resource: str) -> list[str]:
    """Return the recipes of a run that need a resource."""
    return [recipe for recipe in config.recipes if resource in find_recipe(recipe).needs]


def _model(subject: str, model: ModelConfig) -> Finding:
    from seqattack.models.pretrained import resolve_pretrained

    if model.name is not None:
        return _hub(subject, model.name, str(model.revision), ["config.json"], "model")
    kind = "path" if model.path is not None else "embedded"
    try:
        name, _ = resolve_pretrained({kind: model.source})
    except SeqAttackError as error:
        return Finding(State.MISSING, subject, str(error))
    return Finding(State.OK, subject, name if kind == "path" else f"embedded {model.embedded}")


def _scpn(config: Config) -> Iterator[Finding]:
    if not _needing(config, "paraphraser"):
        return
    try:
        check_scpn(config)
    except SeqAttackError as error:
        yield Finding(State.MISSING, "scpn", str(error))
    else:
        yield Finding(State.OK, "scpn", config.scpn.path or "a small one, to be trained")


def _hub(subject: str, name: str, revision: str, paths: list[str], kind: str) -> Finding:
    """Say whether files of the hub are cached or can be fetched."""
    from huggingface_hub import constants, hf_hub_url, try_to_load_from_cache

    cached = [
        try_to_load_from_cache(name, path, revision=revision, repo_type=kind) for path in paths
    ]
    if all(isinstance(path, str) for path in cached):
        return Finding(State.OK, subject, f"{name} at {revision[:8]}, in {constants.HF_HUB_CACHE}")
    if constants.HF_HUB_OFFLINE:
        cure = "unset HF_HUB_OFFLINE, or fill the cache elsewhere"
        return Finding(State.MISSING, subject, f"{name} is not in the hub's cache; {cure}")
    url = hf_hub_url(name, paths[0], revision=revision, repo_type=kind)
    problem = _unreachable(url)
    if problem:
        cure = "connect to the network, or set a path instead"
        return Finding(State.MISSING, subject, f"{url}: {problem}; {cure}")
    return Finding(State.NOTE, subject, f"{name} will be fetched from the hub")


def _unreachable(url: str) -> str | None:
    """Return why an address cannot be read; None if it can."""
    try:
        with urlopen(url, timeout=PATIENCE):
            return None
    except HTTPError as error:
        return f"answers {error.code} {error.reason}"
    except (URLError, OSError) as error:
        return f"cannot be reached ({getattr(error, 'reason', error)})"


def _similarity(encoder: SimilarityConfig) -> Iterator[Finding]:
    """Yield what the sentence encoder lacks, without loading it."""
    if encoder.backend == USE:
        yield from _universal(str(encoder.model), encoder.sha256)
    elif encoder.model is None:
        yield _model("similarity", ModelConfig(embedded=EMBEDDED_NAME))
    elif Path(encoder.model).is_dir():
        yield _model("similarity", ModelConfig(path=encoder.model))
    else:
        revision = encoder.revision or "main"
        yield _model("similarity", ModelConfig(name=encoder.model, revision=revision))


def _universal(model: str, sha256: str | None) -> Iterator[Finding]:
    """Yield what the Universal Sentence Encoder lacks."""
    if find_spec("tensorflow") is None:
        cure = "run `make setup-use`; with --sdm conda it is not needed here"
        yield Finding(State.MISSING, "TensorFlow", f"not installed; {cure}")
    if is_address(model):
        yield _archive("similarity", Archive(model, sha256))
    elif not any(Path(model).rglob("saved_model.pb")):
        detail = f"{model}: no SavedModel there; correct similarity.model"
        yield Finding(State.MISSING, "similarity", detail)
    else:
        yield Finding(State.OK, "similarity", model)


def _archive(subject: str, archive: Archive) -> Finding:
    """Say whether an archive is cached or can be fetched."""
    try:
        folder = find_archive(archive)
    except SeqAttackError as error:
        return Finding(State.MISSING, subject, str(error))
    if folder is not None:
        return Finding(State.OK, subject, f"{archive.address}, in {folder}")
    problem = _unreachable(archive.address)
    if problem:
        cure = "connect to the network, or set a folder instead"
        return Finding(State.MISSING, subject, f"{archive.address}: {problem}; {cure}")
    return Finding(State.NOTE, subject, f"{archive.address} will be fetched")


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
        yield Finding(State.MISSING, "LanguageTool", f"needs Java {JAVA} or newer; {cure}")
    else:
        yield Finding(State.NOTE, "LanguageTool", "will be fetched if it never was, and started")


def _disk(config: Config) -> Finding:
    """Compare the free space with a rough need."""
    folder = Path(config.results).absolute()
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free / 1e9
    trained = sum(victim.path is None for victim in config.victims.values())
    trained += sum(len(entry.sizes) for entry in config.adversarial_training)
    embedded = config.pretrained.embedded is not None
    needed = 1 + trained * (EMBEDDED_SIZE if embedded else SIZE)
    said = f"{free:.0f} GB free in {folder}, at most about {needed:.0f} GB needed"
    if free < needed:
        return Finding(State.MISSING, "disk", f"{said}; free some, or set results elsewhere")
    return Finding(State.OK, "disk", said)
