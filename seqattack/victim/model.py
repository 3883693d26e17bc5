"""The victim: a token-classification model with its tokenizer and tags."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
import torch

from seqattack.errors import ModelError
from seqattack.models.batching import model_inputs
from seqattack.models.device import Precision, resolve_device, resolve_precision
from seqattack.models.encoding import Encoded, WordEncoder
from seqattack.models.loading import load_config, load_encoder, model_errors, weights_checksum
from seqattack.tags import OUTSIDE, is_tag, tag_class
from seqattack.victim.probabilities import Probabilities

if TYPE_CHECKING:
    from transformers import PretrainedConfig


class Victim:
    """A token-classification model, its tokenizer and its tags.

    The tag of a token is read at its first sub-token, both in training and in prediction.

    Args:
        model: The model, on `device`.
        encoder: Its tokenizer.
        labels: The tags in the order of their ids.
        device: Where the model runs.
        precision: The precision of its weights and forward passes.
        checksum: SHA-256 of the weights file, or the hub's commit.
        folder: Where it was loaded from; None for a model of the hub.

    Attributes:
        model: As given; so are the others.

    Example:
        >>> victim = Victim.load("results/models/full")  # doctest: +SKIP
        >>> decode(predict(victim, [("Leeds", "won")])[0], victim.labels)  # doctest: +SKIP
        ('B-ORG', 'O')
    """

    def __init__(
        self,
        model: torch.nn.Module,
        encoder: WordEncoder,
        labels: tuple[str, ...],
        device: str,
        precision: Precision,
        checksum: str,
        folder: Path | None = None,
    ) -> None:
        self.model = model
        self.encoder = encoder
        self.labels = labels
        self.device = device
        self.precision: Precision = precision
        self.checksum = checksum
        self.folder = folder

    @classmethod
    def load(
        cls,
        name: str | os.PathLike[str],
        *,
        revision: str | None = None,
        device: str = "auto",
        precision: Precision | Literal["auto"] = "float32",
    ) -> Victim:
        """Load a victim from a folder or from the hub.

        Args:
            name: Folder or hub name.
            revision: Pinned revision of a hub model.
            device: ``auto``, ``cpu`` or ``cuda``.
            precision: The precision of the forward passes, whatever that of the stored weights;
                ``auto`` is bfloat16 where the device has it natively.

        Raises:
            ModelError: The model is missing, can't be reached, or lacks a trained
                token-classification head, a fast tokenizer or IOB tag names; the device is
                missing; or there is no such precision.
        """
        name = str(name)
        device = resolve_device(device)
        precision = resolve_precision(precision, device)
        config = load_config(name, revision)
        check_head(name, config.architectures)
        labels = check_labels(name, config.id2label)
        encoder = load_encoder(name, revision, config)
        model, missing = load_classifier(name, revision, config, precision)
        if missing:
            raise ModelError(
                f"{name}: its weights file lacks {', '.join(missing[:3])}, so its tags would be "
                "random; give a model that was fine-tuned (`seqattack train`) and saved whole."
            )
        checksum = weights_checksum(name) or str(getattr(config, "_commit_hash", None) or name)
        folder = Path(name) if Path(name).is_dir() else None
        model = model.eval().to(device)
        return cls(model, encoder, labels, device, precision, checksum, folder)

    def probabilities(self, batch: Sequence[Encoded], padded_length: int) -> list[Probabilities]:
        """Send one batch through the model, in one forward pass.

        Args:
            batch: Encoded texts, none longer than `padded_length`.
            padded_length: Every text is padded to exactly this many sub-tokens.

        Returns:
            For each text a float32 array of shape (tokens, tags): the probabilities at each
            token's first sub-token.

        Raises:
            ModelError: `padded_length` is more than the model takes.
        """
        if not batch:
            return []
        if padded_length > self.encoder.max_length:
            raise ModelError(
                f"a text of {padded_length} sub-tokens is too long: the model takes at most "
                f"{self.encoder.max_length}; split it or leave it out."
            )
        texts = [item.input_ids for item in batch]
        inputs = model_inputs(texts, padded_length, self.encoder.pad_id, self.device)
        rows = torch.tensor([row for row, item in enumerate(batch) for _ in item.first])
        columns = torch.tensor([position for item in batch for position in item.first])
        with torch.inference_mode():
            logits = self.model(**inputs).logits
            wanted = logits[rows.to(self.device), columns.to(self.device)]
            flat = wanted.float().softmax(dim=-1).cpu().numpy()
        return np.split(flat, np.cumsum([len(item.first) for item in batch])[:-1])


def load_classifier(
    name: str, revision: str | None, config: PretrainedConfig, precision: Precision
) -> tuple[torch.nn.Module, list[str]]:
    """Return a token-classification model and the names of weights that its file lacks.

    Args:
        name: Folder or hub name.
        revision: Pinned revision of a hub model.
        config: The model's configuration, with its tags.
        precision: The precision of the weights in memory.

    Raises:
        ModelError: The weights are missing, not in safetensors, or do not fit the configuration.
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
    return model, sorted(loading["missing_keys"])


def check_head(name: str, architectures: Sequence[str] | None) -> None:
    """Check that a model has a token-classification head.

    Raises:
        ModelError: It has another head, or none.
    """
    if not any(each.endswith("ForTokenClassification") for each in architectures or ()):
        raise ModelError(
            f"{name} is a {', '.join(architectures or ['model without a head'])}, not a model for "
            "token classification; fine-tune it with `seqattack train --pretrained` first."
        )


def check_labels(name: str, id2label: Mapping[int, str]) -> tuple[str, ...]:
    """Return a model's tags in the order of their ids.

    Raises:
        ModelError: They are not IOB tags: they have no names or another form, one occurs twice,
            ``O`` is missing, or an ``I-`` tag has no ``B-`` tag.
    """
    labels = tuple(id2label[index] for index in sorted(id2label))
    cure = "set id2label and label2id in its config.json to the tags it was trained on."
    if all(label == f"LABEL_{index}" for index, label in enumerate(labels)):
        raise ModelError(f"{name}: its labels have no names (LABEL_0 ...); {cure}")
    wrong = [label for label in labels if not is_tag(label)]
    if wrong:
        raise ModelError(
            f"{name}: its labels are not IOB tags such as O, B-PER, I-PER: {', '.join(wrong[:6])}; "
            f"{cure}"
        )
    orphans = [
        label for label in labels if label[:2] == "I-" and f"B-{tag_class(label)}" not in labels
    ]
    if orphans:
        raise ModelError(
            f"{name}: {orphans[0]} has no B-{tag_class(orphans[0])} beside it, so its tags are not "
            "IOB2; choose a model with B- and I- tags, or fine-tune one with `seqattack train`."
        )
    if OUTSIDE not in labels or len(set(labels)) != len(labels):
        raise ModelError(f"{name}: its labels lack O or have one twice: {' '.join(labels)}; {cure}")
    return labels
