"""SeqAttack, rebuilt: adversarial attacks on named-entity recognition models.

The library extends TextAttack to token classification, after Simoncini & Spanakis,
"SeqAttack: On Adversarial Attacks for Named Entity Recognition" (EMNLP 2021). Importing it costs
nothing: models, TextAttack and plotting are imported where they are used.
"""

__version__ = "0.1.0"
