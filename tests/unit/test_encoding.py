"""Words to sub-tokens, against transformers' own tokenisation of split words."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from seqattack.errors import ModelError
from seqattack.models.encoding import UNKNOWN, Encoded, WordEncoder
from seqattack.models.loading import max_length
from tests.helpers.tiny_models import FAMILIES, NOTHING, WORDS, make_tokenizer

ODD = ("東京", "ﬁn", "a\u0301", "\U0001f600", "##ing", "don't", "x" * 130, "...", "İ", "ß", "ª")
SPECIAL = ("[UNK]", "[SEP]", "[MASK]", "<unk>", "<mask>", "</s>", "[unk]")


@cache
def encoder(family: str) -> WordEncoder:
    return WordEncoder(make_tokenizer(family), 32)


def ends(tokenizer: Any) -> set[int]:
    """The ids that no word may have; the unknown token is what unknown letters become."""
    return set(tokenizer.all_special_ids) - {tokenizer.unk_token_id}


def expected(tokenizer: Any, tokens: Sequence[str]) -> Encoded:
    """What transformers gives, special tokens read as text, unknown where it gives nothing."""
    encoding = tokenizer(list(tokens), is_split_into_words=True, split_special_tokens=True)
    words = encoding.word_ids()
    inside = [i for i, word in enumerate(words) if word is not None]
    ids = encoding["input_ids"]
    before, after = (ids[: inside[0]], ids[inside[-1] + 1 :]) if inside else (ids[:1], ids[1:])
    joined, first = list(before), []
    for index in range(len(tokens)):
        first.append(len(joined))
        pieces = [ids[i] for i, word in enumerate(words) if word == index]
        joined += pieces or [tokenizer.unk_token_id]
    return Encoded((*joined, *after), tuple(first))


@pytest.mark.parametrize("family", FAMILIES)
def test_same_ids_as_transformers(family: str) -> None:
    words = encoder(family)
    for tokens in (WORDS, ODD, SPECIAL, *([word] for word in (*WORDS, *ODD, *SPECIAL))):
        assert words.encode(tokens) == expected(words.tokenizer, tokens)
        assert not set(words.encode(tokens).input_ids[1:-1]) & ends(words.tokenizer)


@pytest.mark.parametrize("family", FAMILIES)
@given(
    tokens=st.lists(
        st.text(min_size=1, max_size=8).filter(lambda t: not any(c.isspace() for c in t))
        | st.sampled_from((*WORDS, *SPECIAL)),
        min_size=1,
        max_size=6,
    )
)
def test_same_ids_as_transformers_on_any_text(family: str, tokens: list[str]) -> None:
    words = encoder(family)
    encoded = words.encode(tokens)
    assert encoded == expected(words.tokenizer, tokens)
    assert words.length(tokens) == len(encoded.input_ids)
    assert len(encoded.first) == len(tokens)
    assert words.length([]) + sum(map(words.pieces, tokens)) == words.length(tokens)


@pytest.mark.parametrize("family", FAMILIES)
def test_same_ids_as_transformers_on_conll(family: str) -> None:
    folder = os.environ.get("SEQATTACK_CONLL2003")
    if not folder:
        pytest.skip("SEQATTACK_CONLL2003 does not name a folder with CoNLL-2003's files")
    from seqattack.corpus.conll import read_conll

    words = encoder(family)
    for sentence in read_conll(Path(folder, "test.txt"), "test"):
        assert words.encode(sentence.tokens) == expected(words.tokenizer, sentence.tokens)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("token", [*WORDS[:12], "Blackburn", "46.6", "a", NOTHING, UNKNOWN])
def test_sub_tokens_have_all_characters_of_their_word(family: str, token: str) -> None:
    words = encoder(family)
    widths = words.widths(token)
    assert len(widths) == words.pieces(token)
    assert min(widths) >= 0 < max(widths)
    if token not in (NOTHING, UNKNOWN):
        assert sum(widths) == len(token)


@pytest.mark.parametrize("family", FAMILIES)
def test_the_unknown_token_is_one_sub_token(family: str) -> None:
    words = encoder(family)
    encoded = words.encode(["Leeds", UNKNOWN, "won"])
    assert encoded.input_ids[encoded.first[1]] == words.tokenizer.unk_token_id
    assert encoded.first[2] == encoded.first[1] + 1
    assert words.pieces(UNKNOWN) == 1


@pytest.mark.parametrize("family", ["bert-cased", "bert-uncased", "distilbert"])
def test_a_token_that_becomes_nothing_is_unknown(family: str) -> None:
    words = encoder(family)
    assert (
        words.tokenizer([NOTHING], is_split_into_words=True, add_special_tokens=False)["input_ids"]
        == []
    )
    assert words.pieces(NOTHING) == 1
    encoded = words.encode([NOTHING, "won"])
    assert encoded.input_ids[1] == words.tokenizer.unk_token_id
    assert encoded.first == (1, 2)


NUMBERED_LATER = (
    *("camembert", "data2vec-text", "esm", "ibert", "layoutlmv3", "lilt", "longformer", "luke"),
    *("markuplm", "mpnet", "roberta", "roberta-prelayernorm", "xlm-roberta", "xlm-roberta-xl"),
    "xmod",
)
"""Families whose first position is not 0."""

SIZES: dict[str, Any] = {
    "hidden_size": 24,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "intermediate_size": 8,
    "vocab_size": 20,
    "pad_token_id": 1,
    "max_position_embeddings": 12,
}
FURTHER_SIZES: dict[str, dict[str, Any]] = {
    "layoutlmv3": {"coordinate_size": 4, "shape_size": 4, "visual_embed": False},
    "lilt": {"channel_shrink_ratio": 2},
    "longformer": {"attention_window": 4},
    "luke": {"entity_vocab_size": 5, "entity_emb_size": 4},
    "markuplm": {"xpath_unit_hidden_size": 4},
    "xmod": {"languages": ["en_XX"], "default_language": "en_XX"},
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("family", ["bert", *NUMBERED_LATER])
def test_the_longest_text_has_a_position_for_each_sub_token(family: str) -> None:
    from transformers import AutoConfig, AutoModelForTokenClassification

    config = AutoConfig.for_model(family, **SIZES, **FURTHER_SIZES.get(family, {}))
    model = AutoModelForTokenClassification.from_config(config).eval()
    longest = max_length(config, 10**9)

    def run(length: int) -> None:
        with torch.inference_mode():
            model(torch.full((1, length), 5), attention_mask=torch.ones(1, length))

    run(longest)
    with pytest.raises((IndexError, RuntimeError)):
        run(longest + 1)


def test_the_tokenizers_own_truncation_and_padding_are_off() -> None:
    tokenizer = make_tokenizer("bert-uncased")
    tokenizer.backend_tokenizer.enable_truncation(6)
    tokenizer.backend_tokenizer.enable_padding(length=64)
    words = WordEncoder(tokenizer, 32)
    assert words.encode(WORDS) == encoder("bert-uncased").encode(WORDS)
    assert words.pieces("x" * 90) == encoder("bert-uncased").pieces("x" * 90)


def test_a_tokenizer_without_an_unknown_token_is_refused() -> None:
    from tokenizers import Tokenizer
    from tokenizers.models import BPE
    from transformers import PreTrainedTokenizerFast

    tokenizer = PreTrainedTokenizerFast(tokenizer_object=Tokenizer(BPE()))
    with pytest.raises(ModelError, match="no unknown token"):
        WordEncoder(tokenizer, 32)


def test_a_slow_tokenizer_is_refused() -> None:
    from transformers import CanineTokenizer

    with pytest.raises(ModelError, match=r"not a fast one; save .* tokenizer\.json"):
        WordEncoder(CanineTokenizer(), 32)
