"""Masked LMs of several families: the words they suggest, compared with transformers' own."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from seqattack.errors import ModelError
from seqattack.masked_lm.model import MaskedLM, Piece
from seqattack.masked_lm.session import MaskedLMService, MaskedLMSession, Slot
from seqattack.masked_lm.training import MaskedTrainer
from seqattack.models.encoding import UNKNOWN
from seqattack.models.trainer import IGNORED
from tests.helpers.tiny_models import WORDS, make_model

TEXT = WORDS[:9]


@pytest.fixture(scope="module", params=["bert-uncased", "roberta", "distilbert"])
def lm(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> MaskedLM:
    folder = tmp_path_factory.mktemp("lm")
    return MaskedLM.load(make_model(folder, request.param, head="MaskedLM"), device="cpu")


def session(lm: MaskedLM) -> MaskedLMSession:
    return MaskedLMSession(MaskedLMService(lm))


def direct(lm: MaskedLM, ids: list[int]) -> np.ndarray:
    """Log-probabilities of every sub-token at every position, by the whole model."""
    with torch.inference_mode():
        logits: torch.Tensor = lm.model(input_ids=torch.tensor([ids])).logits[0]
    return logits.log_softmax(-1).numpy()


def word_starts(lm: MaskedLM) -> list[int]:
    """Ids of whole words, told by what the tokenizer makes of them after a space."""
    tokenizer = lm.encoder.tokenizer
    byte_level = "Roberta" in type(lm.model).__name__
    mark, begins = ("Ġ", True) if byte_level else ("##", False)
    found = []
    for token, identity in tokenizer.get_vocab().items():
        text = token.replace(mark, "")
        is_word = any(c.isalnum() for c in text) and identity not in tokenizer.all_special_ids
        if is_word and token.startswith(mark) == begins:
            found.append(identity)
    return found


def test_masked_words_are_the_models_best(lm: MaskedLM) -> None:
    tokens = list(TEXT)
    for index in (0, 3, len(tokens) - 1):
        for insert in (False, True):
            encoded = lm.encoder.encode([*tokens[:index], UNKNOWN, *tokens[index + (not insert) :]])
            ids = list(encoded.input_ids)
            ids[encoded.first[index]] = lm.mask_id
            scores = direct(lm, ids)[encoded.first[index]]
            ranked = sorted(word_starts(lm), key=lambda i: -scores[i])
            best = list(dict.fromkeys(lm.surfaces[i] for i in ranked))
            (words,) = session(lm).infill(tokens, [Slot(index, insert)], count=5)
            assert words[0] == best[0]
            assert set(words) <= set(best[:8])
            least = float(np.exp(scores[ranked[2]]) * 0.999)
            (probable,) = session(lm).suggestions(tokens, [Slot(index, insert)], 50, least)
            assert 1 <= len(probable) <= 3


def test_words_of_several_pieces_are_the_best_joint_choices(lm: MaskedLM) -> None:
    joined = (a + b for a in WORDS for b in WORDS)
    tokens = [*TEXT, next(word for word in joined if lm.encoder.pieces(word) == 2)]
    index = len(TEXT)
    encoded = lm.encoder.encode(tokens)
    scores = direct(lm, list(encoded.input_ids))[encoded.first[index] :][:2]
    starts = set(word_starts(lm))
    others = [
        i
        for i, text in enumerate(lm.surfaces)
        if i not in starts
        and i not in lm.encoder.tokenizer.all_special_ids
        and any(c.isalnum() for c in text)
        and len(text.split()) == 1
    ]
    joint = sorted(
        itertools.product(sorted(starts), others),
        key=lambda pair: -(scores[0, pair[0]] + scores[1, pair[1]]),
    )
    best = [lm.surfaces[a] + lm.surfaces[b] for a, b in joint[:8]]
    words = session(lm).substitutes(tokens, index, 5)
    assert words[0] == best[0]
    assert set(words) <= set(best)


def test_answers_depend_on_no_neighbour(lm: MaskedLM) -> None:
    texts = [WORDS[i : i + n] for i, n in ((0, 9), (4, 7), (9, 3), (12, 9), (3, 1), (1, 5))]
    together = MaskedLMSession(MaskedLMService(lm, batch_tokens=2048))
    for text in texts:
        slots = [Slot(i, insert) for i in range(len(text)) for insert in (False, True)]
        alone = [session(lm).infill(text, [slot], 20)[0] for slot in slots]
        assert together.infill(text, slots, 20) == alone


def test_neighbours_are_words_near_by(lm: MaskedLM) -> None:
    model: Any = lm.model
    vectors = model.get_input_embeddings().weight.detach().numpy()
    vectors = vectors - vectors.mean(axis=0)
    word = next(lm.surfaces[i] for i in word_starts(lm) if lm.encoder.pieces(lm.surfaces[i]) == 1)
    found = lm.neighbours(word, 4, -1.0)
    assert len(found) == 4
    assert word not in found
    at = lm.encoder.encode([word]).input_ids[lm.encoder.encode([word]).first[0]]

    def cosine(i: int) -> float:
        a, b = vectors[i], vectors[at]
        return float(a @ b / np.linalg.norm(a) / np.linalg.norm(b))

    ranked = sorted((i for i in word_starts(lm) if i != at), key=cosine, reverse=True)
    assert found[0] == lm.surfaces[ranked[0]]
    assert lm.neighbours(word, 4, 1.01) == ()


def test_a_sentence_that_is_too_long_gets_no_words(lm: MaskedLM) -> None:
    tokens = [WORDS[0]] * 400
    assert session(lm).infill(tokens, [Slot(3)], 5) == [[]]
    assert session(lm).substitutes(tokens, 3, 5) == []


def test_a_victim_is_no_masked_lm(tmp_path: Path) -> None:
    folder = make_model(tmp_path, "bert-uncased")
    with pytest.raises(ModelError, match="not a masked LM"):
        MaskedLM.load(folder, device="cpu")


def test_pieces_are_asked_for_by_kind(lm: MaskedLM) -> None:
    service = MaskedLMService(lm)
    question = service.probes()[0]
    answer = service.compute(service.bucket(question), [question])[0]
    starts = set(word_starts(lm))
    for row, piece in enumerate(question.pieces):
        there = answer.ids[row][answer.log_probabilities[row] > -np.inf]
        assert len(there)
        assert all((int(i) in starts) == (piece is Piece.START) for i in there)


def test_training_learns_from_the_masked_places_as_transformers_does(
    lm: MaskedLM, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from transformers import TrainingArguments

    monkeypatch.delenv("ACCELERATE_MIXED_PRECISION", raising=False)  # of an earlier training
    ids = torch.tensor([lm.encoder.encode(TEXT).input_ids] * 2)
    labels = torch.full_like(ids, IGNORED)
    labels[0, 2], labels[1, 3], labels[1, 5] = ids[0, 2], ids[1, 3], ids[1, 5]
    inputs = {"input_ids": ids, "attention_mask": torch.ones_like(ids), "labels": labels}
    with torch.no_grad():
        expected = float(lm.model(**inputs).loss)
        trainer = MaskedTrainer(
            lm.model, TrainingArguments(str(tmp_path), use_cpu=True, report_to=[])
        )
        found = float(trainer.compute_loss(lm.model, dict(inputs)))
    assert found == pytest.approx(expected, rel=1e-5)


def test_a_batch_without_masked_sub_tokens_counts_for_nothing(
    lm: MaskedLM, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from transformers import TrainingArguments

    monkeypatch.delenv("ACCELERATE_MIXED_PRECISION", raising=False)  # of an earlier training
    ids = torch.tensor([lm.encoder.encode(TEXT).input_ids])
    labels = torch.full_like(ids, IGNORED)
    nothing = {"input_ids": ids, "labels": labels}
    something = {"input_ids": ids, "labels": labels.clone()}
    something["labels"][0, 2] = ids[0, 2]
    arguments = TrainingArguments(str(tmp_path), use_cpu=True, report_to=[])
    trainer = MaskedTrainer(lm.model, arguments, data_collator=lambda batch: batch[0])
    loss = trainer.compute_loss(lm.model, dict(nothing))
    assert float(loss.detach()) == 0
    loss.backward()
    assert not any(weight.grad.any() for weight in lm.model.parameters() if weight.grad is not None)
    lm.model.zero_grad()
    trainer.args.per_device_eval_batch_size = 1
    alone = trainer.evaluate([something])["eval_loss"]
    assert alone > 0
    assert trainer.evaluate([something, nothing])["eval_loss"] == alone
    assert "eval_loss" not in trainer.evaluate([nothing])
