"""Whether a loaded model is what its files say, and fit to be asked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from seqattack.errors import ModelError
from seqattack.models.encoding import WordEncoder
from seqattack.text import clipped

if TYPE_CHECKING:
    from torch.nn import Module

_UNUSED = re.compile(r"(^|[._])(pooler|position_ids|inv_freq|masked_bias)(\.|$)|\.attn\.bias$")
"""Weights of a backbone that no head reads, or that are made anew."""


def check_unused(name: str, model: Any, unused: Iterable[str], *, is_whole: bool) -> None:
    """Check that a model does not leave out weights of its file that matter.

    A configuration of fewer layers than the file has would run, as another model.

    Args:
        name: Folder or hub name, as errors call it.
        model: The model.
        unused: The names of the weights that it has no place for.
        is_whole: Whether the file is of this very model; else another head may be in it.

    Raises:
        ModelError: It leaves out some.
    """
    prefix = f"{model.base_model_prefix}."
    left = sorted(
        key for key in unused if not _UNUSED.search(key) and (is_whole or key.startswith(prefix))
    )
    if left:
        raise ModelError(
            f"{name}: its weights file has {len(left)} weights that config.json has no place for, "
            f"such as {left[0]}, so another model would run than was saved; give the config.json "
            "that belongs to the weights."
        )


def check_finite(name: str, model: Module) -> None:
    """Check that every weight of a model is a number.

    Raises:
        ModelError: One holds NaN or infinity; the message names it.
    """
    import torch

    for key, weight in model.named_parameters():
        # The sum is quick; that of large numbers may overflow, so it alone decides nothing.
        if not torch.isfinite(weight.detach().sum()) and not torch.isfinite(weight).all():
            raise ModelError(
                f"{name}: its weight {key} holds NaN or infinity, and so would its answers; train "
                "the model again, or get its file again."
            )


def check_answers(name: str, answers: Iterable[Any], texts: Sequence[str] = ()) -> None:
    """Check that what a model answers are numbers.

    Args:
        name: The model, as errors call it.
        answers: An array for each text.
        texts: The texts, where they are known.

    Raises:
        ModelError: An array holds NaN or infinity.
    """
    for place, answer in enumerate(answers):
        if not np.isfinite(answer).all():
            asked = f" for the text {clipped(texts[place])!r}" if texts else ""
            raise ModelError(
                f"{name} answers NaN or infinity{asked}, so it is broken; train it again, or give "
                "another one."
            )


def check_vocabulary(name: str, model: Any, encoder: WordEncoder) -> None:
    """Check that a model has an embedding for every sub-token that its tokenizer gives.

    Args:
        name: Folder or hub name, as errors call it.
        model: The model.
        encoder: Its tokenizer.

    Raises:
        ModelError: The tokenizer gives ids that are too large.
    """
    try:
        rows = int(model.get_input_embeddings().num_embeddings)
    except (AttributeError, NotImplementedError):  # CANINE has no table of them
        return
    largest = encoder.largest_id
    if largest >= rows:
        raise ModelError(
            f"{name}: its tokenizer gives sub-tokens up to the id {largest}, but the model has "
            f"{rows} embeddings; give the tokenizer that the model was trained with."
        )
