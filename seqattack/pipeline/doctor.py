"""What is installed, reachable and cached here, and whether a configuration can run: quickly.

Nothing is downloaded, and nothing is written.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

from seqattack.attack.recipes.recipe import Need
from seqattack.attack.recipes.registry import find_recipe
from seqattack.errors import SeqAttackError
from seqattack.files.fetch import Archive, find_archive, is_address
from seqattack.models.pretrained import EMBEDDED_NAME
from seqattack.pipeline.config import Config
from seqattack.pipeline.provenance import PACKAGES
from seqattack.scpn.folder import check_folder
from seqattack.sentence_encoder.encoder import USE

PATIENCE = 3.0
"""Seconds that a server has to answer."""

JAVA = 17
"""The oldest Java that LanguageTool runs on."""

SIZES = {"embedded": 0.4, "path": 2.0, "name": 2.0}
"""Gigabytes of a victim and the checkpoints of its training, by where it is trained from."""


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
        yield from diagnose_backends(config)
        yield _disk(config)


def diagnose_backends(config: Config) -> Iterator[Finding]:
    """Yield what the similarity and grammar backends lack."""
    yield from _similarity(config.similarity)
    yield from _grammar(config.grammar)


def check_scpn(config: Config) -> None:
    """Check that the SCPN that a configuration names is there, and its parser, if it needs one.

    Raises:
        BackendError: It is not; the message says what to do.
    """
    recipes = {*config.attacks.recipes, *(each.recipe for each in config.adversarial_training)}
    if "path" not in config.scpn or not any(
        Need.PARAPHRASER in find_recipe(recipe).needs for recipe in recipes
    ):
        return
    check_folder(Path(config.scpn["path"]))
    if "parser" in config.scpn:
        from seqattack.scpn.parsing import find_parser

        find_parser(config.scpn["parser"])


def _packages() -> Iterator[Finding]:
    for name in PACKAGES:
        try:
            yield Finding(State.OK, name, version(name))
        except PackageNotFoundError:
            yield Finding(State.MISSING, name, f"not installed; run `pip install {name}`")


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


def _corpus(source: Mapping[str, Any]) -> Finding:
    (kind, value), *_ = source.items()
    if kind == "newswire":
        return Finding(State.OK, "corpus", "generated")
    if kind == "hub":
        paths = [file["path"] for file in value["files"].values()]
        return _hub("corpus", value["name"], value["revision"], paths, "dataset")
    absent = [path for path in value.values() if not os.access(path, os.R_OK)]
    if absent:
        cure = f"put the files there or correct corpus.{kind}"
        return Finding(State.MISSING, "corpus", f"{', '.join(absent)}: cannot be read; {cure}")
    return Finding(State.OK, "corpus", ", ".join(map(str, value.values())))


def _models(config: Config) -> Iterator[Finding]:
    """Yield the models that a run starts from."""
    if any(victim.path is None for victim in config.victims.values()):
        yield _model("pretrained", config.pretrained)
    for name, victim in config.victims.items():
        if victim.path is not None:
            yield _model(f"victims.{name}", {"path": victim.path})
    for entry in sorted(_masked_lms(config)):
        yield _model(f"masked_lm.{entry}", config.masked_lm[entry])


def _recipes(config: Config) -> set[str]:
    trained_against = {entry.recipe for entry in config.adversarial_training}
    return trained_against | set(config.attacks.recipes)


def _masked_lms(config: Config) -> set[str]:
    """Return the entries of the masked LMs that the attacks need."""
    return {
        config.masked_lm_entry(recipe)
        for recipe in _recipes(config)
        if Need.MASKED_LM in find_recipe(recipe).needs
    }


def _model(subject: str, spec: Mapping[str, Any]) -> Finding:
    from seqattack.models.pretrained import resolve_pretrained

    if "name" in spec:
        return _hub(subject, spec["name"], spec["revision"], ["config.json"], "model")
    try:
        name, _ = resolve_pretrained(spec)
    except SeqAttackError as error:
        return Finding(State.MISSING, subject, str(error))
    return Finding(State.OK, subject, name if "path" in spec else f"embedded {spec['embedded']}")


def _scpn(config: Config) -> Iterator[Finding]:
    if not any(Need.PARAPHRASER in find_recipe(recipe).needs for recipe in _recipes(config)):
        return
    try:
        check_scpn(config)
    except SeqAttackError as error:
        yield Finding(State.MISSING, "scpn", str(error))
    else:
        yield Finding(State.OK, "scpn", config.scpn.get("path", "a small one, to be trained"))


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


def _similarity(settings: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield what the sentence encoder lacks, without loading it."""
    if settings["backend"] == USE:
        yield from _universal(settings["model"], settings.get("sha256"))
    else:
        model = settings.get("model")
        spec = {"embedded": EMBEDDED_NAME} if model is None else {"path": model}
        if model is not None and not Path(model).is_dir():
            spec = {"name": model, "revision": settings.get("revision", "main")}
        yield _model("similarity", spec)


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


def _grammar(settings: Mapping[str, Any]) -> Iterator[Finding]:
    if settings["backend"] != "languagetool":
        return
    server = settings.get("server")
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
    needed = 1 + trained * SIZES[next(kind for kind in SIZES if kind in config.pretrained)]
    said = f"{free:.0f} GB free in {folder}, at most about {needed:.0f} GB needed"
    if free < needed:
        return Finding(State.MISSING, "disk", f"{said}; free some, or set results elsewhere")
    return Finding(State.OK, "disk", said)
