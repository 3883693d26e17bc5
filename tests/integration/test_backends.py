"""The default backends on real text, and what is said of those that are not there."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from seqattack.errors import BackendError, ConfigError
from seqattack.metrics.grammar.backends import grammar_backend, prepare_grammar
from seqattack.metrics.grammar.harper import TOKENIZATION_RULES
from seqattack.models.pretrained import embedded_model_path
from seqattack.sentence_encoder.backends import load_sentence_encoder, prepare_sentence_encoder
from seqattack.sentence_encoder.sentence_transformers import SentenceTransformersEncoder
from seqattack.sentence_encoder.session import SimilaritySession


def test_similarity_orders_texts_as_a_reader_would() -> None:
    session = SimilaritySession(load_sentence_encoder({"backend": "sentence-transformers"}))
    text = "Shares in the bank fell sharply in Paris on Friday ."
    same, near, far = session.similarities(
        [
            (text, text),
            (text, "The bank 's stock dropped on Friday in Paris ."),
            (text, "Heavy rain stopped the cricket match ."),
        ]
    )
    assert same == pytest.approx(1, abs=1e-3)
    assert 1 > near > 0.6 > far
    alone = SimilaritySession(load_sentence_encoder({})).similarities(
        [(text, "Heavy rain stopped the cricket match .")]
    )
    assert alone == [far]
    assert session.similarities([]) == []


def test_the_weights_of_every_module_count(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(embedded_model_path(), folder, copy_function=os.symlink)
    before = SentenceTransformersEncoder(str(folder)).checksum
    (folder / ".cache").mkdir()
    (folder / ".cache" / "download.lock").touch()
    assert SentenceTransformersEncoder(str(folder)).checksum == before
    (folder / "2_Dense").mkdir()
    (folder / "2_Dense" / "model.safetensors").write_bytes(b"weights")
    assert SentenceTransformersEncoder(str(folder)).checksum != before


def test_half_precision_moves_similarities_little() -> None:
    texts = [
        "Shares in the bank fell sharply in Paris on Friday .",
        "Shares in the bank fell shraply in Paris on Friday .",
        "Shares in the fund rose slowly in Rome on Monday .",
        "Heavy rain stopped the cricket match .",
    ]
    pairs = [(texts[0], text) for text in texts[1:]]
    full = SimilaritySession(load_sentence_encoder({})).similarities(pairs)
    half_backend = load_sentence_encoder({}, "cpu", "bfloat16")
    half = SimilaritySession(half_backend).similarities(pairs)
    assert half == pytest.approx(full, abs=0.02)
    assert half != full
    assert isinstance(half_backend, SentenceTransformersEncoder)
    (vector,) = half_backend.forward(half_backend.items(texts[:1]), 16)
    assert vector.dtype == np.float32


def test_grammar_counts_typos_but_not_tokenization() -> None:
    backend = grammar_backend({"backend": "harper"})
    clean = "The minister said on Friday that prices would rise , but gave no date ."
    typo = "The ministr said on Friday that pricse would rise , but gave no date ."
    assert backend.errors([clean, typo, clean]) == [0, 2, 0]


def test_the_rules_that_are_off_exist() -> None:
    import harper

    assert set(TOKENIZATION_RULES) <= set(harper.Linter().get_lint_config())


def test_a_model_s_folder_is_as_good_as_the_embedded_one(tmp_path: Path) -> None:
    (tmp_path / "mine").symlink_to(embedded_model_path())
    embedded = load_sentence_encoder({})
    mine = load_sentence_encoder({"model": str(tmp_path / "mine")})
    pair = [("Leeds won in Rome .", "Rome lost to Leeds .")]
    assert SimilaritySession(mine).similarities(pair) == SimilaritySession(embedded).similarities(
        pair
    )
    assert mine.checksum == embedded.checksum
    assert (embedded.name, mine.name) == (
        "sentence-transformers all-MiniLM-L6-v2",
        "sentence-transformers mine",
    )


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({"model": "no/such"}, r"no such folder; a model on the hub needs .*\.revision"),
        ({"model": "no/such", "revision": "0" * 40}, r"could not be loaded .* Check the name"),
    ],
)
def test_a_model_that_is_not_there_is_named(spec: dict[str, str], message: str) -> None:
    with pytest.raises(BackendError, match=message):
        load_sentence_encoder(spec)


def test_the_default_backends_are_ready() -> None:
    ready = prepare_sentence_encoder({})
    assert ready["name"] == "sentence-transformers all-MiniLM-L6-v2"
    assert len(ready["checksum"]) == 64
    assert prepare_grammar({}) == {"name": "harper"}


@pytest.mark.parametrize(
    ("module", "prepare", "settings", "message"),
    [
        (
            "sentence_transformers",
            prepare_sentence_encoder,
            {},
            "pip install sentence-transformers",
        ),
        ("harper", prepare_grammar, {}, "pip install harper-py"),
        (
            "language_tool_python",
            prepare_grammar,
            {"backend": "languagetool"},
            "pip install language-tool",
        ),
    ],
)
def test_a_package_that_is_missing_is_named(
    module: str,
    prepare: Callable[[dict[str, str]], object],
    settings: dict[str, str],
    message: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(BackendError, match=message):
        prepare(settings)


@pytest.mark.parametrize("build", [load_sentence_encoder, grammar_backend])
def test_unknown_backends_are_refused(build: Callable[[dict[str, str]], object]) -> None:
    with pytest.raises(ConfigError, match=r"write one of|did you mean"):
        build({"backend": "gramarly"})
