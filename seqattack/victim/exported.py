"""What exports of transformers models share: a folder as optimum writes it, inputs and outputs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from seqattack.errors import ModelError
from seqattack.models.loading import load_config, load_encoder
from seqattack.models.memory import is_out_of_memory
from seqattack.text import reason_of
from seqattack.victim.encoded import EncodedVictim
from seqattack.victim.heads import read_head
from seqattack.victim.transformers import check_head

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class Graph:
    """A model that a runtime has loaded.

    Args:
        inputs: The names of its inputs.
        run: Returns the logits, of shape (texts, sub-tokens, outputs), for inputs by name.
        checksum: SHA-256 of its files.
    """

    inputs: tuple[str, ...]
    run: Callable[[Mapping[str, Array]], Array]
    checksum: str


class ExportedVictim(EncodedVictim):
    """A token-classification model in the format of another runtime, on the processor.

    Args:
        folder: As optimum writes it: the graph beside ``config.json`` and ``tokenizer.json``.
        tags: Its tags in the order of their ids, where its configuration has none.
        load: Loads the graph of a folder.

    Raises:
        ModelError: Something is missing, or the graph wants an input that has no known value.
    """

    device = "cpu"

    def __init__(self, folder: Path, tags: Sequence[str], load: Callable[[Path], Graph]) -> None:
        name = str(folder)
        if not folder.is_dir():
            raise ModelError(f"{name}: no such folder; give one that optimum exported.")
        config = load_config(name, None)
        check_head(name, config.architectures)
        encoder = load_encoder(name, None, config)
        self.graph = load(folder)
        unknown = set(self.graph.inputs) - {"input_ids", "attention_mask", "token_type_ids"}
        if unknown:
            raise ModelError(
                f"{name}: its graph wants {', '.join(sorted(unknown))}; export it with input_ids, "
                "attention_mask and token_type_ids alone."
            )
        super().__init__(encoder, read_head(name, config.id2label, tags), self.graph.checksum)
        self.folder = folder

    def logits(self, inputs: dict[str, torch.Tensor]) -> torch.Tensor:
        """Send one batch through the graph; see `EncodedVictim.logits`.

        Raises:
            ModelError: It does not take a batch of this shape.
        """
        arrays = {name: tensor.numpy() for name, tensor in inputs.items()}
        arrays["token_type_ids"] = np.zeros_like(arrays["input_ids"])
        try:
            found = self.graph.run({name: arrays[name] for name in self.graph.inputs})
        except Exception as error:
            if is_out_of_memory(error):
                raise
            shape = " x ".join(map(str, arrays["input_ids"].shape))
            raise ModelError(
                f"{self.folder}: its graph failed on {shape} sub-tokens ({reason_of(error)}); "
                "export it with dynamic axes."
            ) from error
        return torch.from_numpy(found)
