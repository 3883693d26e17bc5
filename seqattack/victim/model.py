"""The victim: a token-classification model, and the bulk prediction of tags."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast, get_args

import numpy as np
import torch

from seqattack.batching import bucket_length, is_out_of_memory, model_inputs
from seqattack.errors import ModelError
from seqattack.io import read_json, sha256_file, sha256_json
from seqattack.tags import OUTSIDE, is_tag, tag_class
from seqattack.victim.encoding import Encoded, WordEncoder

if TYPE_CHECKING:
    from transformers import PretrainedConfig

Precision = Literal["float32", "bfloat16"]
Probabilities = np.ndarray[Any, np.dtype[np.float32]]

_OFFSET_POSITIONS = (
    "camembert",
    "data2vec-text",
    "longformer",
    "mpnet",
    "roberta",
    "roberta-prelayernorm",
    "xlm-roberta",
    "xlm-roberta-xl",
    "xmod",
)
"""Families whose positions are counted from behind the padding token's id."""


class Victim:
    """A token-classification model, its tokenizer and its tags.

    The tag of a token is read at its first sub-token, in training as in prediction.

    Args:
        model: The model, on `device`.
        encoder: Its tokenizer.
        labels: The tags in the order of their ids.
        device: Where the model runs.
        precision: Of its weights and forward passes.
        checksum: SHA-256 of the weights file, or the hub's commit.

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
    ) -> None:
        self.model = model
        self.encoder = encoder
        self.labels = labels
        self.device = device
        self.precision: Precision = precision
        self.checksum = checksum

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
            precision: Of the forward passes, whatever the weights are stored in; ``auto`` is
                bfloat16 where the device has it natively.

        Raises:
            ModelError: The model is missing, can't be reached, has no trained token-classification
                head, no fast tokenizer or no IOB tag names, the device is not there, or there is
                no such precision.
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
        return cls(model.eval().to(device), encoder, labels, device, precision, checksum)

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


def predict(
    victim: Victim, texts: Sequence[Sequence[str]], batch_tokens: int = 4096
) -> list[Probabilities]:
    """Return the probabilities of many texts, in their order.

    Texts of one padded length share a batch, so the results do not depend on the other texts; a
    batch that does not fit into memory is halved, and so are those behind it.

    Args:
        victim: The model.
        texts: Token sequences.
        batch_tokens: Sub-tokens, padding included, of a full batch.

    Returns:
        For each text a float32 array of shape (tokens, tags).
    """
    encoded = [victim.encoder.encode(tokens) for tokens in texts]
    buckets: dict[int, list[int]] = {}
    for index, item in enumerate(encoded):
        length = bucket_length(len(item.input_ids), victim.encoder.max_length)
        buckets.setdefault(length, []).append(index)
    found: dict[int, Probabilities] = {}
    for length, indices in sorted(buckets.items(), reverse=True):
        while indices:
            batch = indices[: max(1, batch_tokens // length)]
            try:
                outputs = victim.probabilities([encoded[i] for i in batch], length)
            except RuntimeError as error:
                if len(batch) == 1 or not is_out_of_memory(error):
                    raise
                batch_tokens = len(batch) // 2 * length
                continue
            found.update(zip(batch, outputs, strict=True))
            indices = indices[len(batch) :]
    return [found[index] for index in range(len(encoded))]


def decode(probabilities: Probabilities, labels: Sequence[str]) -> tuple[str, ...]:
    """Return the most probable tag of each token, as it is: not repaired to IOB2.

    Args:
        probabilities: Of shape (tokens, tags).
        labels: The tags in the order of their ids.

    Example:
        >>> decode(np.array([[0.9, 0.1], [0.2, 0.8]], dtype=np.float32), ("O", "B-LOC"))
        ('O', 'B-LOC')
    """
    return tuple(labels[index] for index in probabilities.argmax(axis=1))


def load_config(name: str, revision: str | None, **changes: Any) -> PretrainedConfig:
    """Return the configuration of a model in a folder or on the hub.

    Args:
        name: Folder or hub name.
        revision: Pinned revision of a hub model.
        changes: Values to set in it.

    Raises:
        ModelError: There is none, or the hub cannot be reached.
    """
    from transformers import AutoConfig

    check_folder(name)
    with model_errors(name, "its config.json"):
        config: PretrainedConfig = AutoConfig.from_pretrained(
            name, revision=revision or "main", trust_remote_code=False, **changes
        )
    return config


def load_classifier(
    name: str, revision: str | None, config: PretrainedConfig, precision: Precision
) -> tuple[torch.nn.Module, list[str]]:
    """Return a token-classification model and the names of weights that its file lacks.

    Args:
        name: Folder or hub name.
        revision: Pinned revision of a hub model.
        config: The model's configuration, with its tags.
        precision: Of the weights in memory.

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


def load_encoder(name: str, revision: str | None, config: PretrainedConfig) -> WordEncoder:
    """Return the encoder of a model, limited to what its positions allow.

    A byte-level tokenizer is loaded so that every word is encoded as after a space.

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
    if _lacks_prefix_space(tokenizer):
        tokenizer = load(add_prefix_space=True)
    return WordEncoder(tokenizer, max_length(config, tokenizer.model_max_length))


def max_length(config: PretrainedConfig, tokenizer_limit: int) -> int:
    """Return how many sub-tokens a model takes, special tokens included.

    RoBERTa and its kin number their positions from behind the padding token's id on, so they take
    fewer than they have position embeddings.

    Args:
        config: The model's configuration.
        tokenizer_limit: The tokenizer's own limit (a huge number where it has none).
    """
    limit = int(getattr(config, "max_position_embeddings", None) or tokenizer_limit)
    if limit <= 0:  # no limit of the model's own (XLNet writes -1)
        limit = tokenizer_limit
    if config.model_type in _OFFSET_POSITIONS:
        limit -= int(config.pad_token_id or 0) + 1
    return int(min(limit, tokenizer_limit))


def check_folder(name: str) -> None:
    """Check that `name` is a folder with a model, or can be a hub name.

    Raises:
        ModelError: It is a folder without a model, or a path that leads nowhere.
    """
    path = Path(name)
    if path.is_dir():
        if not (path / "config.json").is_file():
            raise ModelError(
                f"{name}: no config.json in this folder; give the folder that `seqattack train` or "
                "save_pretrained wrote."
            )
    elif path.is_absolute() or name.startswith((".", "~")) or len(path.parts) > 2 or path.exists():
        raise ModelError(
            f"{name}: no such folder; check the path, or train a victim with `seqattack train`."
        )


def check_head(name: str, architectures: Sequence[str] | None) -> None:
    """Check that a model has a token-classification head.

    Raises:
        ModelError: It has another one, or none.
    """
    if not any(each.endswith("ForTokenClassification") for each in architectures or ()):
        raise ModelError(
            f"{name} is a {', '.join(architectures or ['model without a head'])}, not a model for "
            "token classification; fine-tune it with `seqattack train --pretrained` first."
        )


def check_labels(name: str, id2label: Mapping[int, str]) -> tuple[str, ...]:
    """Return a model's tags in the order of their ids.

    Raises:
        ModelError: They are not IOB tags: unnamed, of another form, doubled, without ``O``, or an
            ``I-`` tag has no ``B-`` tag.
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


def resolve_device(device: str) -> str:
    """Return the device to use.

    Args:
        device: ``auto`` (a GPU if there is one), ``cpu``, ``cuda`` or ``cuda:N``.

    Raises:
        ModelError: The device is not there or has no such name.
    """
    if device == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    kind, _, number = device.partition(":")
    if kind not in ("cpu", "cuda") or not (number.isdigit() or device == kind):
        raise ModelError(f"device {device!r} is unknown; write auto, cpu, cuda or cuda:0.")
    if kind == "cuda" and int(number or 0) >= torch.cuda.device_count():
        raise ModelError(
            f"device {device}: torch sees {torch.cuda.device_count()} GPUs; write cpu or auto, or "
            "install a driver and a torch built for it."
        )
    return device


def has_bfloat16(device: str) -> bool:
    """Whether a device computes in bfloat16 natively.

    Args:
        device: ``cpu``, ``cuda`` or ``cuda:N``.
    """
    if device.startswith("cuda"):
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    # Only private checks tell of AVX512_BF16 and AMX; oneDNN's own says yes to emulation too.
    return bool(
        torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()  # type: ignore[no-untyped-call]
    )


def resolve_precision(precision: str, device: str) -> Precision:
    """Return the precision to use.

    Args:
        precision: ``float32``, ``bfloat16``, or ``auto``: bfloat16 where it is native.
        device: As for `has_bfloat16`.

    Raises:
        ModelError: There is no such precision.
    """
    if precision == "auto":
        return "bfloat16" if has_bfloat16(device) else "float32"
    if precision in get_args(Precision):
        return cast(Precision, precision)
    raise ModelError(f"precision {precision!r} is unknown; write auto, float32 or bfloat16.")


def weights_checksum(name: str | os.PathLike[str]) -> str | None:
    """Return the SHA-256 of a folder's weights, or None where `name` is not a folder.

    Of weights in several files it is the SHA-256 of the list of theirs.
    """
    folder = Path(name)
    if (folder / "model.safetensors").is_file():
        return sha256_file(folder / "model.safetensors")
    index = folder / "model.safetensors.index.json"
    if not index.is_file():
        return None
    parts = sorted(set(read_json(index)["weight_map"].values()))
    return sha256_json([sha256_file(folder / part) for part in parts])


def _lacks_prefix_space(tokenizer: Any) -> bool:
    """Whether a tokenizer is byte-level and would glue a sentence's words together."""
    if not tokenizer.is_fast or tokenizer.backend_tokenizer.pre_tokenizer is None:
        return False
    state = json.loads(tokenizer.backend_tokenizer.pre_tokenizer.__getstate__())
    steps = [state, *state.get("pretokenizers", ())]
    return any(step.get("type") == "ByteLevel" and not step["add_prefix_space"] for step in steps)


@contextmanager
def model_errors(name: str, what: str) -> Iterator[None]:
    """Turn the many errors of a failed load into one that says what to do.

    A missing or broken file shows as anything from OSError to TypeError, and the tokenizers
    library raises Exception itself.
    """
    try:
        yield
    except Exception as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        cure = (
            "give a folder with config.json, model.safetensors and tokenizer.json, as "
            "save_pretrained writes them."
            if Path(name).is_dir()
            else "check the name and revision and that the hub can be reached (HF_HUB_OFFLINE "
            "unset), or give the path of a folder with the model."
        )
        raise ModelError(f"{name}: {what} could not be loaded: {reason} To cure it, {cure}") from (
            error
        )
