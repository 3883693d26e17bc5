"""The victim: a token-classification model and what it takes for granted."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch

from seqattack.errors import ModelError
from seqattack.io import sha256_file
from seqattack.tags import OUTSIDE, is_tag
from seqattack.victim.encoding import Encoded, WordEncoder

Precision = Literal["float32", "bfloat16"]
Probabilities = np.ndarray[Any, np.dtype[np.float32]]


def bucket_length(length: int, longest: int) -> int:
    """Return the padded length of a text: a multiple of 8 that follows from its own length alone.

    >>> bucket_length(17, 512), bucket_length(24, 512), bucket_length(511, 511)
    (24, 24, 511)
    """
    return min(-(-length // 8) * 8, max(longest, length))


def is_out_of_memory(error: BaseException) -> bool:
    """Whether `error` says that the device's memory ran out."""
    return isinstance(error, torch.OutOfMemoryError) or "out of memory" in str(error).lower()


class Victim:
    """A token-classification model, its tokenizer and its tags.

    The tag of a token is read at its first sub-token, in training as in prediction.

    Attributes:
        encoder: Turns tokens into sub-tokens.
        labels: The tags in the order of their ids.
        device: Where the model runs.
        precision: Of its forward passes.
        checksum: SHA-256 of the weights, or the hub's commit.
    """

    def __init__(
        self,
        model: torch.nn.Module,
        encoder: WordEncoder,
        labels: tuple[str, ...],
        device: str,
        precision: Precision,
        checksum: str,
    ) -> None:
        self.model = model
        self.encoder = encoder
        self.labels = labels
        self.device = device
        self.precision = precision
        self.checksum = checksum

    @classmethod
    def load(
        cls,
        name: str | os.PathLike[str],
        *,
        revision: str | None = None,
        device: str = "auto",
        precision: Precision = "float32",
    ) -> Victim:
        """Load a victim from a folder or from the hub.

        Args:
            name: Folder or hub name.
            revision: Pinned revision of a hub model.
            device: ``auto``, ``cpu`` or ``cuda``.
            precision: Of the forward passes.

        Raises:
            ModelError: The model is missing, has no token-classification head, no fast tokenizer
                or no IOB tag names, or the device is not there.
        """
        from transformers import AutoConfig, AutoModelForTokenClassification

        device = resolve_device(device)
        try:
            config = AutoConfig.from_pretrained(name, revision=revision)
            check_head(str(name), config.architectures)
            labels = check_labels(str(name), config.id2label)
            model = AutoModelForTokenClassification.from_pretrained(
                name,
                revision=revision,
                config=config,
                dtype=getattr(torch, precision),
                use_safetensors=True,
            )
        except (OSError, ValueError) as error:
            raise ModelError(
                f"{name}: the model could not be loaded: {str(error).splitlines()[0]} Give a folder "
                "with config.json, model.safetensors and tokenizer.json, or a hub name that can be "
                "reached."
            ) from error
        encoder = load_encoder(name, revision, config)
        checksum = _checksum(name, config)
        return cls(model.eval().to(device), encoder, labels, device, precision, checksum)

    def probabilities(self, batch: Sequence[Encoded], padded_length: int) -> list[Probabilities]:
        """Send one batch through the model.

        Args:
            batch: Encoded texts, none longer than `padded_length`.
            padded_length: Every text is padded to this many sub-tokens.

        Returns:
            For each text an array of shape (tokens, tags): the probabilities at each token's first
            sub-token.
        """
        ids = torch.zeros(len(batch), padded_length, dtype=torch.long)
        mask = torch.zeros(len(batch), padded_length, dtype=torch.long)
        for row, item in enumerate(batch):
            ids[row, : len(item.input_ids)] = torch.tensor(item.input_ids)
            mask[row, : len(item.input_ids)] = 1
        rows = [row for row, item in enumerate(batch) for _ in item.first]
        columns = [position for item in batch for position in item.first]
        with torch.inference_mode():
            logits = self.model(
                input_ids=ids.to(self.device), attention_mask=mask.to(self.device)
            ).logits
            flat = logits[rows, columns].float().softmax(dim=-1).cpu().numpy()
        return np.split(flat, np.cumsum([len(item.first) for item in batch])[:-1])


def predict(
    victim: Victim, texts: Sequence[Sequence[str]], batch_tokens: int = 4096
) -> list[Probabilities]:
    """Return the probabilities of many texts, in their order.

    Args:
        victim: The model.
        texts: Token sequences.
        batch_tokens: Sub-tokens, padding included, of a batch.

    Returns:
        For each text an array of shape (tokens, tags).
    """
    encoded = [victim.encoder.encode(tokens) for tokens in texts]
    lengths = [bucket_length(len(e.input_ids), victim.encoder.max_length) for e in encoded]
    order = sorted(range(len(texts)), key=lambda i: lengths[i])
    results: list[Any] = [None] * len(texts)
    while order:
        length = lengths[order[0]]
        size = max(1, batch_tokens // length)
        batch = [i for i in order[:size] if lengths[i] == length]
        try:
            outputs = victim.probabilities([encoded[i] for i in batch], length)
        except RuntimeError as error:
            if len(batch) == 1 or not is_out_of_memory(error):
                raise
            batch_tokens //= 2
            continue
        for i, output in zip(batch, outputs, strict=True):
            results[i] = output
        order = order[len(batch) :]
    return results


def decode(probabilities: Probabilities, labels: Sequence[str]) -> tuple[str, ...]:
    """Return the most probable tag of each token."""
    return tuple(labels[index] for index in probabilities.argmax(axis=1))


def load_encoder(name: str | os.PathLike[str], revision: str | None, config: Any) -> WordEncoder:
    """Return the encoder of a model, limited to what its positions allow.

    Raises:
        ModelError: The tokenizer is missing or not a fast one.
    """
    from transformers import AutoTokenizer

    options = {"add_prefix_space": True} if config.model_type in _BYTE_LEVEL else {}
    try:
        tokenizer = AutoTokenizer.from_pretrained(name, revision=revision, use_fast=True, **options)
    except (OSError, ValueError) as error:
        raise ModelError(f"{name}: the tokenizer could not be loaded: {error}") from error
    return WordEncoder(tokenizer, max_length(config, tokenizer.model_max_length))


_BYTE_LEVEL = ("roberta", "longformer", "deberta", "bart", "gpt2")


def max_length(config: Any, tokenizer_limit: int) -> int:
    """Return how many sub-tokens a model takes; RoBERTa's positions begin after the padding's."""
    limit = getattr(config, "max_position_embeddings", tokenizer_limit)
    if config.model_type in ("roberta", "xlm-roberta", "camembert"):
        limit -= config.pad_token_id + 1
    return int(min(limit, max(tokenizer_limit, 1)))


def check_head(name: str, architectures: Sequence[str] | None) -> None:
    """Check that a model has a token-classification head.

    Raises:
        ModelError: It has another one, or none.
    """
    if not any(a.endswith("ForTokenClassification") for a in architectures or ()):
        raise ModelError(
            f"{name} is a {', '.join(architectures or ['model without a head'])}, not a model for "
            "token classification; fine-tune it with `seqattack train --pretrained` first."
        )


def check_labels(name: str, id2label: dict[int, str]) -> tuple[str, ...]:
    """Return a model's tags in the order of their ids.

    Raises:
        ModelError: They are not IOB tags.
    """
    labels = tuple(id2label[index] for index in sorted(id2label))
    bad = [label for label in labels if not is_tag(label)]
    if bad or OUTSIDE not in labels:
        raise ModelError(
            f"{name}: its labels ({', '.join(labels[:6])} ...) are not IOB tags such as O, B-PER, "
            "I-PER; set id2label and label2id in its config.json."
        )
    return labels


def resolve_device(device: str) -> str:
    """Return the device to use.

    Raises:
        ModelError: CUDA was asked for and is not there.
    """
    available = torch.cuda.is_available()
    if device == "auto":
        return "cuda" if available else "cpu"
    if device.startswith("cuda") and not available:
        raise ModelError(f"device {device}: no GPU is visible to torch; write device: cpu.")
    return device


def _checksum(name: str | os.PathLike[str], config: Any) -> str:
    weights = Path(name) / "model.safetensors"
    if weights.is_file():
        return sha256_file(weights)
    index = Path(name) / "model.safetensors.index.json"
    if index.is_file():
        parts = sorted(set(json.loads(index.read_text())["weight_map"].values()))
        return "-".join(sha256_file(Path(name) / part) for part in parts)
    return str(getattr(config, "_commit_hash", None) or name)
