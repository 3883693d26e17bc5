"""Loading a model's configuration and tokenizer, from a folder or from the hub."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqattack import integrity
from seqattack.checks import shown
from seqattack.errors import ModelError, SeqAttackError
from seqattack.files.checksums import sha256_file, sha256_json
from seqattack.io import read_json
from seqattack.models.deferred import deferred
from seqattack.models.encoding import WordEncoder, adds_space, make_encoder
from seqattack.models.memory import is_out_of_memory
from seqattack.models.training_report import REPORT
from seqattack.text import clipped, reason_of

if TYPE_CHECKING:
    from transformers import PretrainedConfig


_OFFSET_POSITIONS = (
    "camembert",
    "data2vec-text",
    "esm",
    "ibert",
    "layoutlmv3",
    "lilt",
    "longformer",
    "luke",
    "markuplm",
    "mpnet",
    "roberta",
    "roberta-prelayernorm",
    "xlm-roberta",
    "xlm-roberta-xl",
    "xmod",
)
"""Families that number positions from the padding token's id + 1 on."""
MOST_LAYERS, LARGEST_SIZE = 1000, 10**8
"""What no model has more of: layers, and anything else that its configuration counts."""


def load_config(name: str, revision: str | None, **changes: Any) -> PretrainedConfig:
    """Return the configuration of a model in a folder or on the hub.

    Args:
        name: Folder or hub name.
        revision: Pinned revision of a hub model.
        **changes: Values to set in it.

    Raises:
        ModelError: There is no configuration, or the hub cannot be reached.
    """
    with deferred():
        from transformers import AutoConfig

    check_folder(name)
    with model_errors(name, "its config.json"):
        config: PretrainedConfig = AutoConfig.from_pretrained(
            name, revision=revision or "main", trust_remote_code=False, **changes
        )
    _check_sizes(name, config)
    return config


def _check_sizes(name: str, config: PretrainedConfig) -> None:
    """Refuse sizes that no model has, and that would fill the memory before anything is read."""
    for key, value in config.to_dict().items():
        most = MOST_LAYERS if "layers" in key or key == "n_layer" else LARGEST_SIZE
        if isinstance(value, int) and abs(value) > most:
            raise ModelError(
                f"{name}: {key} is {shown(value)} in its config.json, more than any model has; "
                "give the config.json that belongs to the weights."
            )


def load_encoder(name: str, revision: str | None, config: PretrainedConfig) -> WordEncoder:
    """Return the encoder of a model, limited to what its positions allow.

    A byte-level tokenizer is loaded so that every word is encoded as after a space.

    Args:
        name: Folder or hub name.
        revision: Pinned revision of a hub model.
        config: The model's configuration.

    Raises:
        ModelError: The tokenizer is missing, not a fast one, or has no unknown token.
    """
    from transformers import AutoTokenizer

    def load(**options: Any) -> Any:
        with model_errors(name, "its tokenizer (tokenizer.json)"):
            tokenizer = AutoTokenizer.from_pretrained(
                name,
                revision=revision or "main",
                use_fast=True,
                trust_remote_code=False,
                **options,
            )
            # Where there are no files, transformers 5 makes a tokenizer that knows no word.
            if set(tokenizer.get_vocab()) <= set(tokenizer.all_special_tokens):
                raise OSError("there is no vocabulary")
            return tokenizer

    tokenizer = load()
    with model_errors(name, "its tokenizer (tokenizer.json)"):
        if tokenizer.is_fast and not adds_space(tokenizer):
            tokenizer = load(add_prefix_space=True)
        return make_encoder(tokenizer, max_length(config, tokenizer.model_max_length))


def max_length(config: PretrainedConfig, tokenizer_limit: int) -> int:
    """Return how many sub-tokens a model takes, special tokens included.

    RoBERTa and related models number positions from the padding token's id + 1 on, so they take
    fewer sub-tokens than they have position embeddings.

    Args:
        config: The model's configuration.
        tokenizer_limit: The tokenizer's own limit (a huge number where it has none).
    """
    limit = int(getattr(config, "max_position_embeddings", None) or tokenizer_limit)
    if limit <= 0:  # the model has no limit (XLNet writes -1)
        limit = tokenizer_limit
    if config.model_type in _OFFSET_POSITIONS:
        limit -= int(config.pad_token_id or 0) + 1
    return int(min(limit, tokenizer_limit))


def check_folder(name: str) -> None:
    """Check that `name` is a folder with a model, or may be a hub name.

    Raises:
        ModelError: It is a folder without a model, or a path that does not exist.
        IntegrityError: It is a run's model, and a file of it changed since it was made.
    """
    path = Path(name)
    if os.path.isdir(name):
        if not (path / "config.json").is_file():
            raise ModelError(
                f"{name}: no config.json in this folder; give the folder that `seqattack train` or "
                "save_pretrained wrote."
            )
        integrity.check_folder(name)
        return
    is_path = path.is_absolute() or name.startswith((".", "~")) or len(path.parts) > 2
    if is_path or os.path.exists(name):
        raise ModelError(
            f"{name}: no such folder; check the path, or train a victim with `seqattack train`."
        )


def weights_checksum(name: str | os.PathLike[str]) -> str | None:
    """Return the SHA-256 of a folder's weights, or None where `name` is not a folder.

    For weights in several files it is the SHA-256 of the list of their checksums.
    """
    folder = Path(name)
    if (folder / "model.safetensors").is_file():
        return sha256_file(folder / "model.safetensors")
    index = folder / "model.safetensors.index.json"
    if not index.is_file():
        return None
    parts = sorted(set(read_json(index)["weight_map"].values()))
    return sha256_json([sha256_file(folder / part) for part in parts])


def settings_checksums(folder: str | os.PathLike[str]) -> dict[str, str]:
    """Return the SHA-256 of all files of a model but its weights: configuration and tokenizer.

    What a training leaves beside them does not count.

    Args:
        folder: Of the model.

    Returns:
        By path inside the folder, in their order.
    """
    root = Path(folder)
    paths = [path for path in sorted(root.rglob("*")) if path.suffix in (".json", ".txt", ".model")]
    names = {path.relative_to(root): path for path in paths if path.is_file()}
    return {
        name.as_posix(): sha256_file(path)
        for name, path in names.items()
        if path.name not in (REPORT, "model.safetensors.index.json")
        and not any(part.startswith(".") for part in name.parts)
    }


def model_checksum(name: str | os.PathLike[str]) -> str | None:
    """Return one SHA-256 of a folder's weights, configuration and tokenizer.

    It is None where `name` is not a folder with weights.
    """
    weights = weights_checksum(name)
    return None if weights is None else sha256_json([weights, settings_checksums(name)])


@contextmanager
def quietly() -> Iterator[None]:
    """Load models inside without the progress bars and reports that transformers 5 prints."""
    with deferred():
        from transformers.utils import logging

    shown, level = logging.is_progress_bar_enabled(), logging.get_verbosity()
    logging.disable_progress_bar()
    logging.set_verbosity_error()
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if shown:
            logging.enable_progress_bar()


def is_failure(error: BaseException) -> bool:
    """Whether an error is a library's own, so not an interruption.

    The tokenizers library panics with an error that is no `Exception`.
    """
    return isinstance(error, Exception) or type(error).__name__ == "PanicException"


@contextmanager
def model_errors(name: str, what: str) -> Iterator[None]:
    """Turn the many errors of a failed load into one that says what to do.

    A missing or broken file raises anything from OSError to TypeError, and the tokenizers library
    raises plain Exception.

    Args:
        name: Folder or hub name of the model.
        what: The part that is loaded.

    Raises:
        ModelError: Something went wrong in the block.
    """
    try:
        with quietly(), deferred():
            yield
    except SeqAttackError:
        raise
    except BaseException as error:
        if not is_failure(error):
            raise
        if is_out_of_memory(error):
            raise ModelError(
                f"{name}: the memory ran out while {what} was loaded; give more memory, or run "
                "fewer jobs at a time, and run the same command again."
            ) from error
        reason = clipped(reason_of(error), 300)
        cure = (
            "give a folder with config.json, model.safetensors and tokenizer.json, as "
            "save_pretrained writes them."
            if os.path.isdir(name)
            else "check the name and revision and that the hub can be reached (HF_HUB_OFFLINE "
            "unset); where the model is cached and there is no network, set HF_HUB_OFFLINE=1; or "
            "give the path of a folder with the model."
        )
        raise ModelError(f"{name}: {what} could not be loaded ({reason}); {cure}") from (error)
