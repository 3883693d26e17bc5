"""SavedModels like the Universal Sentence Encoder, made in a process of their own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

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


def make_use_models(folder: Path) -> Path:
    """Write one SavedModel of each kind into `folder`: callable, padding, signature, neither."""
    subprocess.run([sys.executable, "-c", MAKE, str(folder)], check=True, capture_output=True)
    return folder
