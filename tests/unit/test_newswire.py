"""The generated corpus has what the demo needs of it."""

from __future__ import annotations

import dataclasses

import pytest

from seqattack.corpus import SPLITS, load_corpus, newswire, tag_set
from seqattack.corpus.newswire import generate_newswire, patterns
from seqattack.errors import ConfigError, CorpusError
from seqattack.sentence import Sentence

SIZES = {"train": 900, "dev": 150, "test": 400}


@pytest.fixture(scope="module")
def corpus() -> dict[str, list[Sentence]]:
    return generate_newswire(seed=1, **SIZES)


def surfaces(sentences: list[Sentence]) -> dict[tuple[str, ...], set[str]]:
    found: dict[tuple[str, ...], set[str]] = {}
    for sentence in sentences:
        for entity in sentence.entities:
            found.setdefault(sentence.tokens[entity.start : entity.end], set()).add(entity.label)
    return found


def test_sizes_and_classes(corpus: dict[str, list[Sentence]]) -> None:
    assert {split: len(corpus[split]) for split in SPLITS} == SIZES
    classes = {tag[2:] for tag in tag_set(corpus["train"])[1:]}
    assert classes == {"PER", "LOC", "ORG", "MISC"}
    assert len(set(patterns())) >= 60


def test_the_seed_decides(corpus: dict[str, list[Sentence]]) -> None:
    assert generate_newswire(seed=1, **SIZES) == corpus
    assert generate_newswire(seed=2, **SIZES) != corpus
    assert load_corpus({"newswire": {"seed": 1, **SIZES}}) == corpus


def test_no_sentence_comes_twice(corpus: dict[str, list[Sentence]]) -> None:
    texts = [sentence.tokens for split in SPLITS for sentence in corpus[split]]
    assert len(set(texts)) == len(texts)
    assert max(map(len, texts)) <= 40


def test_names_are_ambiguous(corpus: dict[str, list[Sentence]]) -> None:
    ambiguous = [name for name, labels in surfaces(corpus["train"]).items() if len(labels) > 1]
    assert len(ambiguous) >= 20


def test_the_test_split_has_unseen_names(corpus: dict[str, list[Sentence]]) -> None:
    known = {token for s in corpus["train"] + corpus["dev"] for token in s.tokens}
    test = surfaces(corpus["test"])
    unseen = [name for name in test if not known & set(name)]
    assert len(unseen) >= 0.05 * len(test)


def test_more_than_the_patterns_give_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    few = dataclasses.replace(newswire._grammar(), patterns=("Attendance : {digit}",))
    monkeypatch.setattr(newswire, "_grammar", lambda: few)
    with pytest.raises(CorpusError, match="gave only 5 distinct train sentences, not 6"):
        generate_newswire(seed=1, train=6, dev=1, test=1)


def test_a_source_is_needed() -> None:
    with pytest.raises(ConfigError, match="exactly one source"):
        load_corpus({})
    with pytest.raises(ConfigError, match=r"corpus\.csv: unknown source"):
        load_corpus({"csv": {}})
