"""Victims of many families and label schemes, compared with transformers' own pipeline."""

from __future__ import annotations

import random
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch

from seqattack.corpus.newswire import generate_newswire
from seqattack.models.encoding import UNKNOWN, adds_space
from seqattack.tags import repair_iob2
from seqattack.victim.prediction import decode, predict
from seqattack.victim.transformers import TransformersVictim, load_transformers
from tests.helpers.tiny_families import CHARACTERS, FURTHER, make_further_model
from tests.helpers.tiny_models import FAMILIES, LABELS, WORDS, make_model

IOB1 = ("B-LOC", "B-MISC", "I-LOC", "I-MISC", "I-PER", "O")
BARE = ("O", "person", "location")
SCHEMES = {"iob2": LABELS, "iob1": IOB1, "bare": BARE}
SENTENCES = 200


@cache
def sentences() -> list[tuple[str, ...]]:
    """Generated sentences and random ones of the words that the tokenizers know."""
    made = [s.tokens for s in generate_newswire(seed=3, train=SENTENCES, dev=1, test=1)["train"]]
    rng = random.Random(3)
    return [tuple(rng.sample([*tokens, *WORDS], 10)) for tokens in made]


def texts(victim: TransformersVictim) -> list[tuple[str, ...]]:
    """The sentences, without tokens that the pipeline takes for several words.

    It splits words at punctuation, and where a word begins with a space alone.
    """
    ids = {token: victim.encoder.encode([token]) for each in sentences() for token in each}
    firsts = {token: one.input_ids[one.first[0]] for token, one in ids.items()}
    pieces = victim.encoder.tokenizer.convert_ids_to_tokens
    fine = {t for t, one in firsts.items() if t.isalnum() and pieces(one) not in ("Ġ", "▁")}
    return [tuple(token for token in each if token in fine) for each in sentences()]


def make(folder: Path, family: str, labels: Sequence[str] = LABELS) -> TransformersVictim:
    if family in FAMILIES:
        make_model(folder, family, labels=labels)
    else:
        make_further_model(folder, family, labels)
    return load_transformers(str(folder), device="cpu")


def piped(victim: TransformersVictim, tokens: Sequence[str], lead: str) -> list[str]:
    """The tags of transformers' pipeline, as IOB2."""
    from transformers import pipeline

    words = pipeline(
        "token-classification",
        model=victim.model,
        tokenizer=victim.encoder.tokenizer,
        aggregation_strategy="first",
        device="cpu",
    )
    groups = words(lead + " ".join(tokens))
    tags, at = [], len(lead)
    for token in tokens:
        own = [each for each in groups if each["start"] <= at < each["end"]]
        begins = [each for each in own if each["start"] in (at, at - 1)]
        tags.append(f"{'B' if begins else 'I'}-{own[0]['entity_group']}" if own else "O")
        at += len(token) + 1
    return tags


@pytest.mark.filterwarnings("ignore:Tokenizer does not support real words:UserWarning")
@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("family", [*FAMILIES, *FURTHER])
def test_tags_are_those_of_transformers_pipeline(family: str, scheme: str, tmp_path: Path) -> None:
    victim = make(tmp_path, family, SCHEMES[scheme])
    lead = "" if adds_space(victim.encoder.tokenizer) else " "
    assert sum(map(len, texts(victim))) > 3 * SENTENCES
    found = set()
    for tokens, rows in zip(texts(victim), predict(victim, texts(victim)), strict=True):
        tags = repair_iob2(decode(rows, victim.labels))
        assert tags == piped(victim, tokens, lead), tokens
        found.update(tags)
        np.testing.assert_allclose(rows.sum(axis=1), 1, atol=1e-5)
    assert len(found) > 1


@pytest.mark.parametrize("family", CHARACTERS)
def test_character_models_read_the_text_with_its_spaces(family: str, tmp_path: Path) -> None:
    victim = make(tmp_path, family)
    tokens = ("EU", "rejects", "Müller", "'s", "call")
    encoded = victim.encoder.encode(tokens)
    inputs = victim.encoder.tokenizer(" ".join(tokens), return_tensors="pt")
    assert list(encoded.input_ids) == inputs["input_ids"][0].tolist()
    assert victim.length(tokens) == len(encoded.input_ids)
    with torch.inference_mode():
        logits = victim.model(**inputs).logits[0, list(encoded.first)]
    (rows,) = predict(victim, [tokens])
    np.testing.assert_allclose(rows, logits.softmax(dim=-1).numpy(), atol=2e-5)
    assert victim.pieces("Blackburn") == 1


@pytest.mark.parametrize("family", [*FAMILIES, *FURTHER, *CHARACTERS])
def test_no_word_is_a_real_special_token(family: str, tmp_path: Path) -> None:
    victim = make(tmp_path, family)
    tokenizer = victim.encoder.tokenizer
    special = set(tokenizer.all_special_ids) - {tokenizer.unk_token_id}
    for word in ("</s>", "<s>", "[SEP]", "[CLS]", "<mask>", "<pad>", "[PAD]", "<unk>"):
        victim.encoder.tokenizer("a call of the tokenizer changes nothing")
        encoded = victim.encoder.encode(["won", word, "won"])
        inside = encoded.input_ids[encoded.first[0] : encoded.first[2]]
        assert not special & set(inside), word
    whole = victim.encoder.encode(["won", UNKNOWN, "won"])
    assert whole.first[2] - whole.first[1] == 1 + (family in CHARACTERS)


@pytest.mark.parametrize("family", ["modernbert", "llama"])
def test_words_are_not_glued_where_a_reload_does_not_help(family: str, tmp_path: Path) -> None:
    victim = make(tmp_path, family)
    assert not adds_space(victim.encoder.tokenizer)
    ids = victim.encoder.tokenizer(" " + " ".join(WORDS))["input_ids"]
    assert list(victim.encoder.encode(WORDS).input_ids) == ids


def test_given_tags_replace_those_without_names(tmp_path: Path) -> None:
    unnamed = [f"LABEL_{n}" for n in range(5)]
    make_model(tmp_path, "bert-cased", labels=unnamed)
    victim = load_transformers(str(tmp_path), device="cpu", tags=LABELS)
    make_model(tmp_path / "named", "bert-cased")
    named = load_transformers(str(tmp_path / "named"), device="cpu")
    assert victim.labels == LABELS
    for got, want in zip(predict(victim, [WORDS]), predict(named, [WORDS]), strict=True):
        np.testing.assert_array_equal(got, want)


def test_labels_of_special_tokens_are_masked(tmp_path: Path) -> None:
    labels = ["[PAD]", "O", "B-PER", "I-PER", "X", "[CLS]", "[SEP]"]
    victim = make(tmp_path, "bert-cased", labels)
    assert victim.labels == ("O", "B-PER", "I-PER")
    (rows,) = predict(victim, [WORDS[:9]])
    every = victim.encoder.encode(WORDS[:9])
    with torch.inference_mode():
        logits = victim.model(torch.tensor([every.input_ids])).logits[0, list(every.first)]
    raw = logits.softmax(dim=-1).numpy()[:, 1:4]
    np.testing.assert_allclose(rows, raw / raw.sum(axis=1, keepdims=True), atol=2e-5)
