"""The Universal Sentence Encoder's interfaces, on a small encoder that the test makes."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tarfile
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from seqattack.attack.resources.loaded import Resources
from seqattack.errors import BackendError, ModelError
from seqattack.files.artefacts import artefacts
from seqattack.files.fetch.fetching import fetch_artefact
from seqattack.masked_lm.model import MaskedLM
from seqattack.masked_lm.session import MaskedLMService
from seqattack.models.scheduling import compute_now
from seqattack.sentence_encoder.backends import load_sentence_encoder, prepare_sentence_encoder
from seqattack.sentence_encoder.session import SimilaritySession
from seqattack.sentence_encoder.settings import encoder_artefacts
from seqattack.sentence_encoder.universal import UniversalSentenceEncoder
from tests.helpers.attacks import attack, lines
from tests.helpers.corpora import english_corpus
from tests.helpers.tiny_models import make_model
from tests.helpers.use_models import make_use_models
from tests.helpers.world import World, a_world

needs_tensorflow = pytest.mark.skipif(
    find_spec("tensorflow") is None, reason="TensorFlow is not installed; run `make setup-use`"
)

TEXTS = [
    "Leeds sold striker Tony Yeboah to Hamburg .",
    "Leeds sold striker Tony Yeboa to Hamburg .",
    "Heavy rain stopped play .",
    "",
    "Rain",
]


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one SavedModel of each kind, made in a process of its own."""
    return make_use_models(tmp_path_factory.mktemp("models"))


def vectors(backend: UniversalSentenceEncoder, texts: list[str]) -> list[bytes]:
    return [vector.tobytes() for vector in compute_now(backend, texts)]


@needs_tensorflow
@pytest.mark.parametrize("kind", ["callable", "signature"])
def test_both_interfaces_give_unit_vectors_that_know_near_from_far(models: Path, kind: str) -> None:
    backend = load_sentence_encoder({"backend": "use", "model": str(models / kind)})
    session = SimilaritySession(backend)
    same, near, far = session.similarities([(TEXTS[0], text) for text in TEXTS[:3]])
    assert same == pytest.approx(1, abs=1e-3)
    assert 1 > near > 0.6 > far
    assert backend.name == "use"
    for vector in compute_now(backend, TEXTS[:3]):
        assert vector.shape == (512,)
        assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)


@needs_tensorflow
def test_the_interfaces_agree(models: Path) -> None:
    made = [UniversalSentenceEncoder(str(models / kind)) for kind in ("callable", "signature")]
    assert vectors(made[0], TEXTS) == vectors(made[1], TEXTS)


@needs_tensorflow
@pytest.mark.parametrize("kind", ["callable", "padding"])
def test_a_vector_does_not_depend_on_what_shares_its_batch(models: Path, kind: str) -> None:
    backend = UniversalSentenceEncoder(str(models / kind), batch_size=8)
    alone = [vectors(backend, [text])[0] for text in TEXTS]
    assert vectors(backend, TEXTS) == alone
    assert vectors(backend, TEXTS * 5) == alone * 5
    assert vectors(backend, TEXTS[::-1]) == alone[::-1]


@needs_tensorflow
def test_an_encoder_that_pads_gets_its_texts_one_by_one(models: Path) -> None:
    averaging = UniversalSentenceEncoder(str(models / "callable"), batch_size=8)
    padding = UniversalSentenceEncoder(str(models / "padding"), batch_size=8)
    assert averaging.capacity(1) == 8
    assert padding.capacity(1) == 1


@needs_tensorflow
@pytest.mark.slow
def test_torch_and_tensorflow_share_a_process_and_its_threads(models: Path) -> None:
    import torch

    threads = torch.get_num_threads()
    texts = [(TEXTS[0], TEXTS[1]), (TEXTS[0], TEXTS[2])]
    both = [
        SimilaritySession(load_sentence_encoder(spec))
        for spec in ({}, {"backend": "use", "model": str(models / "callable")})
    ]
    once = [session.similarities(texts) for session in both]
    again = [session.similarities(texts) for session in both]
    assert once == again
    program = (
        "import sys, torch; torch.set_num_threads(1);"
        "from seqattack.sentence_encoder.backends import load_sentence_encoder;"
        "load_sentence_encoder({'backend': 'use', 'model': sys.argv[1]});"
        "import tensorflow as tf;"
        "print(tf.config.threading.get_intra_op_parallelism_threads())"
    )
    command = [sys.executable, "-c", program, str(models / "callable")]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert done.stdout.split() == ["1"]
    assert torch.get_num_threads() == threads


@needs_tensorflow
@pytest.mark.slow
def test_an_attack_s_records_do_not_depend_on_what_is_in_flight(
    models: Path, tmp_path: Path
) -> None:
    lm = MaskedLM.load(make_model(tmp_path, "bert-uncased", head="MaskedLM"), device="cpu")
    encoder = UniversalSentenceEncoder(str(models / "callable"))
    resources = Resources({"masked-lm": MaskedLMService(lm), "similarity": encoder})
    sentences = english_corpus(6)
    alone = lines(attack("bert-attack", sentences, resources, in_flight=1))
    assert lines(attack("bert-attack", sentences, resources, in_flight=6)) == alone
    assert encoder.rows > 0


@needs_tensorflow
def test_the_checksum_is_the_model_s(models: Path) -> None:
    kinds = ("callable", "callable", "padding")
    one, same, other = (UniversalSentenceEncoder(str(models / kind)).checksum for kind in kinds)
    assert one == same != other


@needs_tensorflow
def test_as_an_artefact_it_is_fetched_once_and_loaded_offline(
    models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        archive.add(models / "callable", arcname="./")
    own = tmp_path / "own.yaml"
    monkeypatch.setenv("SEQATTACK_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("SEQATTACK_ARTEFACTS", str(own))
    artefacts.cache_clear()
    with a_world(World({"/use.tar.gz": out.getvalue()}), tmp_path) as world:
        own.write_text(f"universal-sentence-encoder: {{addresses: [{world.address}/use.tar.gz]}}")
        spec = {"backend": "use"}
        with pytest.raises(BackendError, match="run `seqattack fetch universal-sentence-encoder`"):
            load_sentence_encoder(spec)
        (encoder,) = encoder_artefacts(spec)
        fetch_artefact(encoder)
    ready = prepare_sentence_encoder(spec)
    backend = load_sentence_encoder(spec)
    monkeypatch.undo()
    artefacts.cache_clear()
    assert json.loads(json.dumps(ready)) == {"name": "use", "checksum": backend.checksum}
    assert backend.checksum == UniversalSentenceEncoder(str(models / "callable")).checksum


@needs_tensorflow
def test_a_model_that_is_no_sentence_encoder_is_refused(models: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"neither callable nor with a signature"):
        UniversalSentenceEncoder(str(models / "neither"))
    (tmp_path / "saved_model.pb").write_bytes(b"not a graph")
    with pytest.raises(ModelError, match="cannot load this SavedModel"):
        UniversalSentenceEncoder(str(tmp_path))


def test_a_folder_without_a_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"no SavedModel there; give the folder"):
        UniversalSentenceEncoder(str(tmp_path))


def test_without_tensorflow_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "saved_model.pb").write_bytes(b"")
    monkeypatch.setitem(sys.modules, "tensorflow", None)
    with pytest.raises(BackendError, match=r"needs TensorFlow; run `make setup-use`"):
        UniversalSentenceEncoder(str(tmp_path))
