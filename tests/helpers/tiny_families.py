"""Random models of further families, each with a tokenizer of its own kind."""

from __future__ import annotations

import string
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from tokenizers import Regex, Tokenizer, models, processors, trainers
from tokenizers import pre_tokenizers as pre

from tests.helpers.tiny_models import LABELS, TEXT

FURTHER = ("xlm-roberta", "deberta-v3", "modernbert", "llama")
CHARACTERS = ("canine", "byt5")
POSITIONS = 512
LETTERS = " ".join(string.ascii_letters + string.digits + string.punctuation)
SPECIAL = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]

_LLAMA = r"(?i:'s|'t|'re)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+|\s+"
_SIZES: dict[str, Any] = {
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 64,
    "initializer_range": 0.5,
}


def make_further_tokenizer(family: str) -> Any:
    """Return a small tokenizer of a family, made from the words of the other small ones."""
    from transformers import ByT5Tokenizer, CanineTokenizer, PreTrainedTokenizerFast

    if family in CHARACTERS:
        return CanineTokenizer() if family == "canine" else ByT5Tokenizer()
    made = _unigram(family) if family in ("xlm-roberta", "deberta-v3") else _byte_level(family)
    ends = [(name, made.token_to_id(name)) for name in ("<s>", "</s>")]
    made.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair=None, special_tokens=ends
    )
    unknown = {} if family == "llama" else {"unk_token": "<unk>", "mask_token": "<mask>"}
    return PreTrainedTokenizerFast(
        tokenizer_object=made,
        bos_token="<s>",
        eos_token="</s>",
        pad_token="<pad>",
        model_max_length=POSITIONS,
        **unknown,
    )


def _unigram(family: str) -> Tokenizer:
    made = Tokenizer(models.Unigram())
    always = pre.Metaspace(prepend_scheme="always")
    made.pre_tokenizer = (
        always if family == "deberta-v3" else pre.Sequence([pre.WhitespaceSplit(), always])
    )
    trainer = trainers.UnigramTrainer(
        vocab_size=250, special_tokens=SPECIAL, unk_token="<unk>", show_progress=False
    )
    made.train_from_iterator([TEXT, LETTERS] * 5, trainer)
    return made


def _byte_level(family: str) -> Tokenizer:
    made = Tokenizer(models.BPE())
    if family == "llama":
        split = pre.Split(Regex(_LLAMA), "isolated")
        last = pre.ByteLevel(add_prefix_space=False, use_regex=False)
        made.pre_tokenizer = pre.Sequence([split, last])
    else:
        made.pre_tokenizer = pre.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(
        vocab_size=600,
        special_tokens=SPECIAL,
        initial_alphabet=pre.ByteLevel.alphabet(),
        show_progress=False,
    )
    made.train_from_iterator([TEXT, LETTERS] * 5, trainer)
    return made


def make_further_model(folder: Path, family: str, labels: Sequence[str] = LABELS) -> Path:
    """Save a small random model of a family, and its tokenizer, into `folder`."""
    import transformers

    tokenizer = make_further_tokenizer(family)
    names = {
        "xlm-roberta": "XLMRoberta",
        "deberta-v3": "DebertaV2",
        "modernbert": "ModernBert",
        "llama": "Llama",
        "canine": "Canine",
        "byt5": "T5",
    }
    config = getattr(transformers, f"{names[family]}Config")(
        vocab_size=len(tokenizer),
        pad_token_id=tokenizer.pad_token_id,
        id2label=dict(enumerate(labels)),
        label2id={label: index for index, label in enumerate(labels)},
        **_sizes(family),
    )
    torch.manual_seed(1)
    model = getattr(transformers, f"{names[family]}ForTokenClassification")(config)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def _sizes(family: str) -> dict[str, Any]:
    own: dict[str, dict[str, Any]] = {
        "xlm-roberta": {"max_position_embeddings": POSITIONS + 2},
        "deberta-v3": {
            "max_position_embeddings": POSITIONS,
            "relative_attention": True,
            "pos_att_type": ["p2c", "c2p"],
            "position_buckets": 16,
            "share_att_key": True,
            "type_vocab_size": 0,
        },
        "modernbert": {
            "max_position_embeddings": POSITIONS,
            "bos_token_id": 0,
            "eos_token_id": 2,
            "cls_token_id": 0,
            "sep_token_id": 2,
        },
        "llama": {"max_position_embeddings": POSITIONS, "bos_token_id": 0, "eos_token_id": 2},
        "canine": {"num_hash_buckets": 64, "num_hidden_layers": 1},
    }
    if family == "byt5":
        return {"d_model": 32, "d_kv": 16, "d_ff": 64, "num_layers": 2, "num_heads": 2}
    return _SIZES | own[family]
