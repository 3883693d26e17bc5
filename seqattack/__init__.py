"""SeqAttack, rebuilt: adversarial attacks on named-entity recognition models.

The library extends TextAttack to token classification, after Simoncini & Spanakis,
"SeqAttack: On Adversarial Attacks for Named Entity Recognition" (EMNLP 2021). Importing it costs
nothing: models, TextAttack and plotting are imported where they are used.
"""

import os

__version__ = "0.1.0"

# Read when transformers is imported, which would else import TensorFlow wherever it is installed,
# and fail on its Keras 3. Only `seqattack.sentence_encoder.universal` uses TensorFlow.
os.environ.setdefault("USE_TF", "0")
