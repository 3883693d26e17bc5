"""Small tokenizers and random models of several families, made in a moment."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch

TEXT = (
    "EU rejects German call to boycott British lamb . Peter Blackburn BRUSSELS 1996-08-22 The "
    "European Commission said on Thursday it disagreed with the club 's O'Neill and U.S. 3-1 "
    "%-point Müller São Zürich naïve # ## won lost against Leeds United in London on Friday ."
)
WORDS = TEXT.split()
"""The words that the tokenizers know."""
NOTHING = "\u200b\u200b"
"""A word that tokenizers drop."""

FAMILIES = ("bert-cased", "bert-uncased", "distilbert", "roberta")
LABELS = ("O", "B-PER", "I-PER", "B-LOC", "I-LOC")
POSITIONS = 80
"""The longest input of the models, in sub-tokens."""


def make_tokenizer(family: str) -> Any:
    """Return a small tokenizer of a family, made from `WORDS`."""
    from transformers import BertTokenizerFast, DistilBertTokenizerFast, RobertaTokenizerFast

    with TemporaryDirectory() as folder:
        if family == "roberta":
            return _byte_level(Path(folder), RobertaTokenizerFast)
        uncased = family != "bert-cased"
        tokenizer_class = DistilBertTokenizerFast if family == "distilbert" else BertTokenizerFast
        words = [word.lower() for word in WORDS] if uncased else WORDS
        letters = sorted({letter for word in words for letter in word} | set("abcdefghijklmno"))
        special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
        pieces = [*special, *letters, *(f"##{letter}" for letter in letters), *words]
        vocabulary = Path(folder, "vocab.txt")
        vocabulary.write_text("\n".join(dict.fromkeys(pieces)), encoding="utf-8")
        return tokenizer_class(str(vocabulary), do_lower_case=uncased, model_max_length=32)


def _byte_level(folder: Path, tokenizer_class: Any) -> Any:
    from tokenizers import ByteLevelBPETokenizer

    trainer = ByteLevelBPETokenizer()
    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    trainer.train_from_iterator(
        [TEXT] * 5, vocab_size=400, special_tokens=special, show_progress=False
    )
    trainer.save_model(str(folder))
    return tokenizer_class(
        str(folder / "vocab.json"),
        str(folder / "merges.txt"),
        add_prefix_space=True,
        model_max_length=32,
    )


def make_model(
    folder: Path,
    family: str,
    *,
    labels: Sequence[str] = LABELS,
    dtype: torch.dtype = torch.float32,
    head: str = "TokenClassification",
) -> Path:
    """Save a small random model of a family, and its tokenizer, into `folder`."""
    import transformers

    tokenizer = make_tokenizer(family)
    tokenizer.model_max_length = 512
    name = {"roberta": "Roberta", "distilbert": "DistilBert"}.get(family, "Bert")
    sizes: dict[str, Any] = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2}
    sizes["intermediate_size"] = 64
    if family == "distilbert":
        sizes = {"dim": 32, "n_layers": 2, "n_heads": 2, "hidden_dim": 64}
    config = getattr(transformers, f"{name}Config")(
        vocab_size=len(tokenizer),
        max_position_embeddings=POSITIONS + 2 * (family == "roberta"),
        pad_token_id=tokenizer.pad_token_id,
        initializer_range=0.5,
        id2label=dict(enumerate(labels)),
        label2id={label: index for index, label in enumerate(labels)},
        **sizes,
    )
    torch.manual_seed(1)
    model = getattr(transformers, f"{name}For{head}")(config)
    model.to(dtype).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder
