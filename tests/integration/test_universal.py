"""The Universal Sentence Encoder's interfaces, on a small encoder that the test makes."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tarfile
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from seqattack.attack.resources.loaded import Resources
from seqattack.errors import BackendError, ConfigError, ModelError
from seqattack.masked_lm.model import MaskedLM
from seqattack.masked_lm.session import MaskedLMService
from seqattack.models.scheduling import compute_now
from seqattack.sentence_encoder.backends import load_sentence_encoder, prepare_sentence_encoder
from seqattack.sentence_encoder.session import SimilaritySession
from seqattack.sentence_encoder.universal import UniversalSentenceEncoder
from tests.helpers.attacks import attack, lines
from tests.helpers.corpora import english_corpus
from tests.helpers.local_server import serve
from tests.helpers.tiny_models import make_model

needs_tensorflow = pytest.mark.skipif(
    find_spec("tensorflow") is None, reason="TensorFlow is not installed; run `make setup-use`"
)

MAKE = """
import sys
import tensorflow as tf


class Encoder(tf.Module):
    '''Hashed words, averaged and projected: a deep averaging network, like the real one.'''

    def __init__(self, pads):
        super().__init__()
        numbers = tf.random.Generator.from_seed(7)
        self.words = tf.Variable(numbers.normal([1024, 64]))
        self.layer = tf.Variable(numbers.normal([64, 512]) / 8)
        self.pads = tf.constant(float(pads))

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="inputs")])
    def __call__(self, inputs):
        words = tf.strings.split(tf.strings.lower(inputs))
        numbers = tf.ragged.map_flat_values(tf.strings.to_hash_bucket_fast, words, 1024)
        found = tf.ragged.map_flat_values(lambda n: tf.gather(self.words, n), numbers)
        total = tf.reduce_sum(found, 1)
        count = tf.cast(tf.maximum(words.row_lengths(), 1), tf.float32)
        # What a padded batch does to its shorter texts, in the extreme.
        count += self.pads * (tf.reduce_max(count) - count)
        return tf.tanh(total / tf.sqrt(count)[:, None] @ self.layer)


folder = sys.argv[1]
for name, pads in (("callable", False), ("padding", True)):
    encoder = Encoder(pads)
    tf.saved_model.save(encoder, f"{folder}/{name}")

encoder = Encoder(False)
served = tf.Module()
served.encoder = encoder
signature = tf.function(
    lambda text: {"outputs": encoder(text)},
    input_signature=[tf.TensorSpec([None], tf.string, name="text")],
)
tf.saved_model.save(served, f"{folder}/signature", signatures=signature)
tf.saved_model.save(tf.Module(), f"{folder}/neither")
"""

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
    folder = tmp_path_factory.mktemp("models")
    subprocess.run([sys.executable, "-c", MAKE, str(folder)], check=True, capture_output=True)
    return folder


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
    assert torch.get_num_threads() >= 1


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
def test_from_an_address_it_is_fetched_once_and_loaded_offline(
    models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEQATTACK_CACHE", str(tmp_path))
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        archive.add(models / "callable", arcname="./")
    content = out.getvalue()
    with serve({"/use.tar.gz": content}) as server:
        address = f"{server.address}/use.tar.gz"
        spec = {"backend": "use", "model": address, "sha256": sha256(content).hexdigest()}
        with pytest.raises(BackendError, match=f"run `seqattack fetch {address} --sha256"):
            load_sentence_encoder(spec)
        ready = prepare_sentence_encoder(spec)
        assert server.asked == ["/use.tar.gz"]
    backend = load_sentence_encoder(spec)
    assert json.loads(json.dumps(ready)) == {
        "name": "use",
        "checksum": backend.checksum,
    }
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
    with pytest.raises(ConfigError, match=r"use needs similarity\.model"):
        load_sentence_encoder({"backend": "use"})


def test_without_tensorflow_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "saved_model.pb").write_bytes(b"")
    monkeypatch.setitem(sys.modules, "tensorflow", None)
    with pytest.raises(BackendError, match=r"needs TensorFlow; run `make setup-use`"):
        UniversalSentenceEncoder(str(tmp_path))
