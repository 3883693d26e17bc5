"""Loading victims of several families, their probabilities, and what is refused."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from seqattack.attack.engine import Engine
from seqattack.attack.settings import AttackSettings
from seqattack.errors import ModelError
from seqattack.files.checksums import sha256_file
from seqattack.models.batching import bucket_length
from seqattack.models.device import resolve_device
from seqattack.models.loading import load_encoder, weights_checksum
from seqattack.sentence import Sentence
from seqattack.victim.kinds import load_victim
from seqattack.victim.prediction import decode, predict
from seqattack.victim.probabilities import Probabilities
from seqattack.victim.source import WordTag
from seqattack.victim.transformers import TransformersVictim, load_transformers
from seqattack.victim.victim import Victim
from tests.helpers.tiny_models import (
    FAMILIES,
    LABELS,
    NOTHING,
    POSITIONS,
    WORDS,
    make_model,
    make_tokenizer,
)

TEXTS = [WORDS[i : i + n] for i, n in ((0, 9), (9, 3), (12, 12), (3, 1), (20, 9), (1, 5), (2, 12))]


def load(folder: Path, **options: Any) -> TransformersVictim:
    return load_transformers(str(folder), device="cpu", **options)


@pytest.fixture(scope="module")
def bert(tmp_path_factory: pytest.TempPathFactory) -> TransformersVictim:
    return load(make_model(tmp_path_factory.mktemp("bert"), "bert-uncased"))


def direct(folder: Path, victim: TransformersVictim, tokens: Sequence[str]) -> Any:
    """The same probabilities, without our batching, padding or encoding."""
    from transformers import AutoModelForTokenClassification

    loaded = AutoModelForTokenClassification.from_pretrained(folder, dtype=torch.float32).eval()
    encoding = victim.encoder.tokenizer(
        list(tokens), is_split_into_words=True, return_tensors="pt", return_token_type_ids=False
    )
    words = encoding.word_ids()
    first = [words.index(index) for index in range(len(tokens))]
    with torch.inference_mode():
        return loaded(**encoding).logits[0, first].softmax(dim=-1).numpy()


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16])
@pytest.mark.parametrize("family", FAMILIES)
def test_families_load_and_give_transformers_probabilities(
    family: str, dtype: torch.dtype, tmp_path: Path
) -> None:
    folder = make_model(tmp_path, family, dtype=dtype)
    victim = load(folder)
    assert victim.labels == LABELS
    assert victim.device == "cpu"
    assert victim.checksum == sha256_file(folder / "model.safetensors")
    assert victim.max_length == POSITIONS
    assert {p.dtype for p in victim.model.parameters()} == {torch.float32}
    for tokens, rows in zip(TEXTS, predict(victim, TEXTS), strict=True):
        assert rows.shape == (len(tokens), len(LABELS))
        assert rows.dtype == np.float32
        np.testing.assert_allclose(rows, direct(folder, victim, tokens), atol=2e-5)


@pytest.mark.parametrize("family", FAMILIES)
def test_the_longest_text_goes_through(family: str, tmp_path: Path) -> None:
    victim = load(make_model(tmp_path, family))
    tokens = [victim.unk_token] * (POSITIONS - 2)
    assert victim.fits(tokens)
    (rows,) = predict(victim, [tokens])
    assert rows.shape == (POSITIONS - 2, len(LABELS))
    with pytest.raises(ModelError, match="a text of 81 sub-tokens is too long"):
        victim.probabilities([[*tokens, "won"]], POSITIONS + 1)
    (rows,) = predict(victim, [[*tokens, "won"]])  # in windows
    assert rows.shape == (POSITIONS - 1, len(LABELS))


def test_byte_level_tokenizers_get_their_space(tmp_path: Path) -> None:
    folder = make_model(tmp_path, "roberta")
    settings = json.loads((folder / "tokenizer_config.json").read_text())
    (folder / "tokenizer_config.json").write_text(
        json.dumps(settings | {"add_prefix_space": False})
    )
    state = json.loads((folder / "tokenizer.json").read_text())
    state["pre_tokenizer"]["add_prefix_space"] = False
    (folder / "tokenizer.json").write_text(json.dumps(state))
    victim = load(folder)
    ids = make_tokenizer("roberta")(WORDS, is_split_into_words=True)["input_ids"]
    assert list(victim.encoder.encode(WORDS).input_ids) == ids


def test_results_depend_on_no_neighbour_order_or_batch_size(bert: TransformersVictim) -> None:
    texts = [*TEXTS, *([WORDS[i : i + 6] for i in range(12)])]
    alone = [predict(bert, [tokens])[0] for tokens in texts]
    for batch_tokens in (1, 64, 4096):
        for got, want in zip(predict(bert, texts, batch_tokens), alone, strict=True):
            np.testing.assert_array_equal(got, want)
    backward = predict(bert, texts[::-1])[::-1]
    for got, want in zip(backward, alone, strict=True):
        np.testing.assert_array_equal(got, want)


def test_padding_hardly_matters(bert: TransformersVictim) -> None:
    short, long = (bert.probabilities([WORDS[:5]], length)[0] for length in (16, 64))
    np.testing.assert_allclose(short, long, atol=1e-5)


def test_every_token_has_a_prediction(bert: TransformersVictim) -> None:
    (rows,) = predict(bert, [["won", NOTHING, "東京", "x" * 200]])
    assert rows.shape == (4, len(LABELS))
    np.testing.assert_allclose(rows.sum(axis=1), 1, atol=1e-5)
    assert predict(bert, []) == []
    assert bert.probabilities([], 8) == []


WAYS: tuple[WordTag, ...] = ("vote", "first")


def test_the_sub_tokens_of_a_word_vote(tmp_path: Path) -> None:
    """Against transformers' own answers, with a loop over the sub-tokens of each word."""
    folder = make_model(tmp_path, "bert-uncased")
    victim, first = (load(folder, word_tag=how) for how in WAYS)
    tokens = [*WORDS[:5], WORDS[1] + WORDS[2], WORDS[7] + WORDS[3] + WORDS[4], "."]
    assert max(map(victim.pieces, tokens)) > 1
    encoding = victim.encoder.tokenizer(tokens, is_split_into_words=True, return_tensors="pt")
    spans = [word for word in encoding.word_ids() if word is not None]
    inputs = {name: encoding[name] for name in ("input_ids", "attention_mask")}
    with torch.inference_mode():
        rows = victim.logits(inputs)[0, 1:-1].softmax(dim=-1).numpy()
    ((found,), (plain,)) = (
        each.probabilities([tokens], each.length(tokens)) for each in (victim, first)
    )
    pieces = encoding.tokens()[1:-1]
    for index in range(len(tokens)):
        own = [place for place, word in enumerate(spans) if word == index]
        votes = np.zeros(len(victim.labels))
        for place in own:
            votes[rows[place].argmax()] += len(pieces[place].removeprefix("##")) * rows[place].max()
        assert found[index].argmax() == votes.argmax()
        if len(own) == 1:
            np.testing.assert_allclose(found[index], plain[index], atol=1e-5)
    assert not np.allclose(found, plain, atol=1e-3)
    checksums = {load_victim(folder, device="cpu", word_tag=how).checksum for how in WAYS}
    assert len(checksums) == 2


def test_bfloat16_is_close_to_float32(tmp_path: Path) -> None:
    folder = make_model(tmp_path, "bert-uncased")
    exact = predict(Victim.load(folder, device="cpu"), TEXTS)
    victim = load(folder, precision="bfloat16")
    assert {p.dtype for p in victim.model.parameters()} == {torch.bfloat16}
    for rows, want in zip(predict(victim, TEXTS), exact, strict=True):
        assert rows.dtype == np.float32
        np.testing.assert_allclose(rows, want, atol=0.2)


class Crowded(Victim):
    """A victim whose memory holds only so many sub-tokens at a time."""

    def __init__(self, victim: Victim, room: int, error: Exception) -> None:
        self.victim, self.room, self.error = victim, room, error
        self.labels, self.max_length = victim.labels, victim.max_length
        self.refused = 0

    def length(self, tokens: Sequence[str]) -> int:
        return self.victim.length(tokens)

    def probabilities(
        self, texts: Sequence[Sequence[str]], padded_length: int
    ) -> list[Probabilities]:
        if len(texts) * padded_length > self.room:
            self.refused += 1
            raise self.error
        return self.victim.probabilities(texts, padded_length)


@pytest.mark.parametrize(
    "error", [torch.OutOfMemoryError("CUDA"), RuntimeError("... out of memory ...")]
)
def test_batches_are_halved_when_memory_runs_out(
    bert: TransformersVictim, error: Exception
) -> None:
    texts = TEXTS * 8
    crowded = Crowded(bert, 128, error)
    for got, want in zip(predict(crowded, texts), predict(bert, texts), strict=True):
        np.testing.assert_array_equal(got, want)
    assert 0 < crowded.refused < 8


def test_an_error_that_no_smaller_batch_cures_is_raised(bert: TransformersVictim) -> None:
    tight = Crowded(bert, 7, torch.OutOfMemoryError("CUDA"))
    with pytest.raises(torch.OutOfMemoryError):
        predict(tight, TEXTS)
    broken = Crowded(bert, 7, RuntimeError("shapes differ"))
    with pytest.raises(RuntimeError, match="shapes differ"):
        predict(broken, TEXTS)
    assert broken.refused == 1


def test_decode_takes_the_most_probable_tag_unrepaired() -> None:
    rows = np.array([[0.1, 0.2, 0.7], [0.5, 0.3, 0.2]], dtype=np.float32)
    assert decode(rows, ("O", "B-PER", "I-PER")) == ("I-PER", "O")


def test_bucket_length_is_a_multiple_of_8_within_the_limit() -> None:
    for length in range(1, 100):
        bucket = bucket_length(length, 99)
        assert length <= bucket <= 99
        assert bucket % 8 == 0 or bucket == 99


def edit_config(folder: Path, **changes: Any) -> None:
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def with_labels(*labels: str) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        names = {str(index): label for index, label in enumerate(labels)}
        edit_config(folder, id2label=names, label2id={v: int(k) for k, v in names.items()})

    return spoil


def without_head(folder: Path) -> None:
    """A weights file that lacks the head, as where an encoder was renamed by hand."""
    edit_weights(folder, lambda name, each: None if "classifier" in name else each)


def edit_weights(folder: Path, change: Callable[[str, torch.Tensor], torch.Tensor | None]) -> None:
    """Change each weight of a folder; None takes it away."""
    from safetensors.torch import load_file, save_file

    weights = load_file(folder / "model.safetensors")
    changed = {name: change(name, each) for name, each in weights.items()}
    kept = {name: each for name, each in changed.items() if each is not None}
    save_file(kept, folder / "model.safetensors", metadata={"format": "pt"})


def with_row(row: int, value: float) -> Callable[[Path], None]:
    """Set a row of the table of embeddings."""

    def change(name: str, each: torch.Tensor) -> torch.Tensor:
        if "word_embeddings" in name:
            each[row] = value
        return each

    return lambda folder: edit_weights(folder, change)


def with_few_words(folder: Path) -> None:
    edit_config(folder, vocab_size=60)
    edit_weights(folder, lambda name, each: each[:60].clone() if "word_emb" in name else each)


def with_head_times(factor: float) -> Callable[[Path], None]:
    return lambda folder: edit_weights(
        folder, lambda name, each: each * factor if name.startswith("classifier") else each
    )


def without_tokenizer(folder: Path) -> None:
    for path in folder.glob("*token*"):
        path.unlink()
    (folder / "vocab.txt").unlink(missing_ok=True)  # transformers 5 writes none


def without_unknown_token(folder: Path) -> None:
    path = folder / "tokenizer.json"
    value = json.loads(path.read_text(encoding="utf-8"))
    value["model"]["vocab"] = {"a": 1}
    path.write_text(json.dumps(value), encoding="utf-8")


SPOILT: list[tuple[str, Callable[[Path], object], str]] = [
    ("no config", lambda f: (f / "config.json").unlink(), r"no config\.json in this folder; give"),
    ("no weights", lambda f: (f / "model.safetensors").unlink(), r"weights .* save_pretrained"),
    ("cut weights", lambda f: os.truncate(f / "model.safetensors", 900), r"weights .* loaded"),
    ("no head", without_head, r"lacks classifier\.bias.* random; give"),
    ("no tokenizer", without_tokenizer, r"tokenizer .*could not be loaded"),
    (
        "broken tokenizer",
        lambda f: (f / "tokenizer.json").write_text('{"version": '),
        r"tokenizer .*could not be loaded",
    ),
    ("no unknown token", without_unknown_token, r"tokenizer .*Missing \[UNK\] token"),
    ("another head", lambda f: edit_config(f, architectures=["BertForMaskedLM"]), r"fine-tune it"),
    ("no architecture", lambda f: edit_config(f, architectures=None), r"model without a head"),
    ("unknown family", lambda f: edit_config(f, model_type="nonesuch"), r"config\.json could not"),
    ("unnamed", with_labels(*(f"LABEL_{i}" for i in range(5))), r"no names .* set id2label"),
    ("mixed", with_labels("O", "PER", "LOC", "B-X", "I-X"), r"these have none: PER, LOC"),
    ("twice", with_labels("O", "B-PER", "I-PER", "b-PER", "I-LOC"), r"one twice: O B-PER"),
    ("a number", lambda f: edit_config(f, id2label={"0": 5}), r"5 is no name of a tag"),
    ("odd ids", lambda f: edit_config(f, id2label={"0": "O", "2": "B-X"}), r"do not run from 0"),
    ("a class O", with_labels("O", "B-O", "I-O", "B-X", "I-X"), r"no class may be called O"),
    ("two lines", with_labels("O", "B-a\nb", "I-a\nb", "B-X", "I-X"), r"white space .*B-a\\nb"),
    ("no layer", lambda f: edit_config(f, num_hidden_layers=0), r"has no place for, such as bert"),
    ("too many layers", lambda f: edit_config(f, num_hidden_layers=10**9), r"more than any model"),
    ("NaN", with_row(9, float("nan")), r"word_embeddings\.weight holds NaN or infinity"),
    ("infinity", with_head_times(float("inf")), r"classifier\.\w+ holds NaN or infinity"),
    ("too large", with_head_times(2e38), r"answers NaN or infinity for the text 'Reuters said"),
    ("few words", with_few_words, r"up to the id \d+, but the model has 60 embeddings"),
    ("no O", with_labels("B-PER", "I-PER", "B-LOC", "I-LOC", "B-X"), r"lack O"),
]


@pytest.mark.parametrize(("spoil", "message"), [s[1:] for s in SPOILT], ids=[s[0] for s in SPOILT])
def test_what_is_no_victim_is_refused(
    spoil: Callable[[Path], object], message: str, tmp_path: Path
) -> None:
    folder = make_model(tmp_path, "bert-uncased")
    spoil(folder)
    with pytest.raises(ModelError, match=message) as caught:
        Victim.load(folder, device="cpu")
    assert str(folder) in str(caught.value)


def test_answers_that_are_no_numbers_are_refused_whenever_they_come(tmp_path: Path) -> None:
    folder = make_model(tmp_path, "bert-uncased")
    victim = Victim.load(folder, device="cpu")
    assert isinstance(victim, TransformersVictim)
    row = victim.encoder.tokenizer.convert_tokens_to_ids("boycott")
    with_row(row, 3e38)(folder)
    victim = Victim.load(folder, device="cpu")
    assert np.isfinite(predict(victim, [("Leeds", "won")])[0]).all()
    sentences = [
        Sentence("a", ("Leeds", "won"), ("B-LOC", "O")),
        Sentence("b", ("boycott", "Leeds"), ("O", "B-LOC")),
    ]
    engine = Engine(victim, AttackSettings("deepwordbug-i-5", query_budget=10))
    with pytest.raises(ModelError, match="NaN or infinity for the text 'boycott Leeds'"):
        engine.run(sentences, tmp_path / "records.jsonl")
    assert not (tmp_path / "records.jsonl").exists()


def test_a_path_that_leads_nowhere_is_refused(tmp_path: Path) -> None:
    for name in (tmp_path / "none", "./none", "results/models/none"):
        with pytest.raises(ModelError, match=r"none: no such folder; check the path"):
            Victim.load(name)


def test_a_hub_model_without_a_network_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    import huggingface_hub.constants

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(ModelError, match=r"nobody/no-such-model: .* hub can be reached"):
        Victim.load("nobody/no-such-model", revision="abc")


def test_devices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 0)
    assert resolve_device("auto") == "cpu"
    for device in ("cuda", "cuda:0"):
        with pytest.raises(ModelError, match="torch sees 0 GPUs; write cpu"):
            resolve_device(device)
    for device in ("gpu", "cuda:", "cuda:x", "mps", ""):
        with pytest.raises(ModelError, match="is unknown; write auto"):
            resolve_device(device)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    assert resolve_device("auto") == "cuda"
    assert resolve_device("cuda:0") == "cuda:0"
    with pytest.raises(ModelError, match="torch sees 1 GPUs"):
        resolve_device("cuda:1")


def test_the_embedded_models_own_truncation_is_off() -> None:
    from transformers import AutoConfig

    from seqattack.models.pretrained import embedded_model_path

    folder = str(embedded_model_path())
    encoder = load_encoder(folder, None, AutoConfig.from_pretrained(folder))
    assert encoder.max_length == 512
    encoded = encoder.encode(["Leeds"] * 400)
    assert len(encoded.input_ids) == 402
    assert encoder.encode(["won"]).input_ids == (101, 2180, 102)


def test_weights_in_parts_have_one_checksum(tmp_path: Path) -> None:
    index = {"weight_map": {"a": "part-1.safetensors", "b": "part-2.safetensors"}}
    (tmp_path / "model.safetensors.index.json").write_text(json.dumps(index))
    for part in (1, 2):
        (tmp_path / f"part-{part}.safetensors").write_bytes(bytes([part]))
    whole = weights_checksum(tmp_path)
    assert whole is not None
    assert len(whole) == 64
    (tmp_path / "part-2.safetensors").write_bytes(b"other")
    assert weights_checksum(tmp_path) != whole
    assert weights_checksum("bert-base-cased") is None
