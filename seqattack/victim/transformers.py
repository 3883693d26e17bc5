"""Victims of transformers: token-classification models with their tokenizers."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import torch

from seqattack.errors import ModelError
from seqattack.files.checksums import sha256_json
from seqattack.models.backend import Backend, BackendChoice
from seqattack.models.device import resolve_device, resolve_precision
from seqattack.models.encoding import WordEncoder
from seqattack.models.loading import (
    load_config,
    load_encoder,
    model_errors,
    settings_checksums,
    weights_checksum,
)
from seqattack.models.openvino import Part, converted
from seqattack.models.packed import pack
from seqattack.models.precisions import Precision, PrecisionChoice
from seqattack.models.soundness import check_finite, check_unused, check_vocabulary
from seqattack.text import clipped
from seqattack.victim.encoded import EncodedVictim
from seqattack.victim.heads import Head, read_head
from seqattack.victim.source import WordTag

if TYPE_CHECKING:
    from transformers import PretrainedConfig


class TransformersVictim(EncodedVictim):
    """A token-classification model of transformers.

    Args:
        model: The model, on `device`; its first output are the logits.
        encoder: Its tokenizer.
        head: What its outputs mean.
        device: Where the model runs.
        precision: The precision of its weights and forward passes.
        checksum: SHA-256 of the weights file, or the hub's commit.
        folder: Where it was loaded from; None for a model of the hub.

    Attributes:
        model: As given; so are the others.
    """

    def __init__(
        self,
        model: torch.nn.Module,
        encoder: WordEncoder,
        head: Head,
        device: str,
        precision: Precision,
        checksum: str,
        folder: Path | None = None,
    ) -> None:
        super().__init__(encoder, head, checksum)
        self.model = model
        self.device = device
        self.precision = precision
        self.folder = folder

    def logits(self, inputs: dict[str, torch.Tensor]) -> torch.Tensor:
        """Send one batch through the model, in one forward pass; see `EncodedVictim.logits`."""
        found: torch.Tensor = self.model(**inputs)[0]
        return found


def load_transformers(
    name: str,
    *,
    revision: str | None = None,
    device: str = "auto",
    precision: PrecisionChoice = "float32",
    tags: Sequence[str] = (),
    word_tag: WordTag = "first",
    trainable: bool = False,
    backend: BackendChoice = "torch",
) -> TransformersVictim:
    """Load a victim from a folder or from the hub.

    Args:
        name: Folder or hub name.
        revision: Pinned revision of a hub model.
        device: ``auto``, ``cpu`` or ``cuda``.
        precision: The precision of the forward passes, whatever that of the stored weights;
            ``auto`` is bfloat16 where the device has it natively.
        tags: Its tags in the order of their ids, where its configuration has none.
        word_tag: Where a token's tag is read: at its ``first`` sub-token, or by a ``vote`` of all.
        trainable: Whether its weights may change; else they are packed for speed.
        backend: What computes its forward passes: ``torch``, ``openvino`` or ``auto``.

    Raises:
        ModelError: The model is missing, can't be reached, or lacks a trained token-classification
            head, a tokenizer or names of tags; the device is missing; there is no such precision
            or backend; or the backend cannot run the model.
        BackendError: The backend is not installed.
    """
    device = resolve_device(device)
    precision = resolve_precision(precision, device)
    config = load_config(name, revision)
    check_head(name, config.architectures)
    head = read_head(name, config.id2label, tags)
    encoder = load_encoder(name, revision, config)

    def load(precision: Precision) -> torch.nn.Module:
        model = load_classifier(name, revision, config, precision)
        check_vocabulary(name, model, encoder)
        return model.eval()

    checksum = weights_checksum(name) or str(getattr(config, "_commit_hash", None) or name)
    whole = sha256_json([checksum, settings_checksums(name)])
    model = converted(
        Part(name, "logits", whole, partial(load, "float32")), backend, device, precision
    )
    chosen: Backend = "torch" if model is None else "openvino"
    if model is None:
        model = load(precision).to(device)
        if not trainable:
            pack(model)
    folder = Path(name) if os.path.isdir(name) else None
    victim = TransformersVictim(model, encoder, head, device, precision, checksum, folder)
    victim.word_tag, victim.backend = word_tag, chosen
    return victim


def load_classifier(
    name: str,
    revision: str | None,
    config: PretrainedConfig,
    precision: Precision,
    *,
    trained: bool = True,
) -> torch.nn.Module:
    """Return a token-classification model.

    Args:
        name: Folder or hub name.
        revision: Pinned revision of a hub model.
        config: The model's configuration, with its tags.
        precision: The precision of the weights in memory.
        trained: Whether it has the head of the file; else a new one, even where the file has one.

    Raises:
        ModelError: The weights are missing, not in safetensors, do not fit the configuration, or
            hold NaN or infinity.
    """
    from transformers import AutoModelForTokenClassification

    with model_errors(name, "its weights (model.safetensors)"):
        model, loading = AutoModelForTokenClassification.from_pretrained(
            name,
            revision=revision or "main",
            config=config,
            dtype=getattr(torch, precision),
            use_safetensors=True,
            trust_remote_code=False,
            output_loading_info=True,
        )
    missing = sorted(loading["missing_keys"])
    if trained and missing:
        raise ModelError(
            f"{name}: its weights file lacks {', '.join(missing[:3])}, so its tags would be "
            "random; give a model that was fine-tuned (`seqattack train`) and saved whole."
        )
    check_unused(name, model, loading["unexpected_keys"], is_whole=trained)
    check_finite(name, model)
    if not trained:
        _renew_head(model, missing)
    return cast("torch.nn.Module", model)


def _renew_head(model: Any, missing: Sequence[str]) -> None:
    """Draw the output layer anew where it came from the file: it is that of other tags."""
    for name, module in model.named_modules():
        is_output = getattr(module, "out_features", None) == model.config.num_labels
        is_inside = name.startswith(f"{model.base_model_prefix}.")
        if is_output and not is_inside and f"{name}.weight" not in missing:
            deviation = getattr(model.config, "initializer_range", 0.02)
            torch.nn.init.normal_(module.weight, std=deviation)
            if module.bias is not None:
                torch.nn.init.zeros_(module.bias)


def check_head(name: str, architectures: Sequence[str] | None) -> None:
    """Check that a model has a token-classification head.

    Raises:
        ModelError: It has another head, or none.
    """
    named = [str(each) for each in architectures] if isinstance(architectures, list) else []
    if not any(each.endswith("ForTokenClassification") for each in named):
        raise ModelError(
            f"{name} is a {clipped(', '.join(named) or 'model without a head')}, not a model for "
            "token classification; fine-tune it with `seqattack train --pretrained` first."
        )
