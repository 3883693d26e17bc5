"""Attacks on victims without a model, and their records as lines."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from seqattack.attack.engine import Engine
from seqattack.attack.resources.distractors import Distractors
from seqattack.attack.resources.entities import Entities
from seqattack.attack.resources.loaded import Resources
from seqattack.attack.settings import AttackSettings
from seqattack.corpus.inventory import entity_inventory
from seqattack.io import dump_line
from seqattack.masked_lm.model import MaskedLM
from seqattack.masked_lm.session import MaskedLMService
from seqattack.records import AttackRecord
from seqattack.sentence import Sentence
from seqattack.sentence_encoder.sentence_transformers import SentenceTransformersEncoder
from tests.helpers.fake_victim import FakeVictim
from tests.helpers.tiny_models import make_model

NEIGHBOURS = (("said", "disagreed"), ("call", "boycott"), ("won", "lost"), ("commission", "club"))


def small_resources(folder: Path) -> Resources:
    """Return what word-level attacks and swaps of entities need, the masked LM a random one.

    Args:
        folder: Where the masked LM is put.
    """
    names = [
        Sentence("1", ("Ana", "Silva", "in", "Rome"), ("B-PER", "I-PER", "O", "B-LOC")),
        Sentence("2", ("Li", "New", "York", "City"), ("B-PER", "B-LOC", "I-LOC", "I-LOC")),
    ]
    lm = MaskedLM.load(make_model(folder, "bert-uncased", head="MaskedLM"), device="cpu")
    _make_neighbours(lm, NEIGHBOURS)
    return Resources(
        {
            "masked-lm": MaskedLMService(lm),
            "similarity": SentenceTransformersEncoder(),
            "entities": Entities(entity_inventory(names)),
            "distractors": Distractors((("shares", "rose"), ("The", "match", "was", "won", "."))),
        }
    )


def _make_neighbours(lm: MaskedLM, pairs: Sequence[tuple[str, str]]) -> None:
    """Give two words the same direction: by chance no two words of a random model are alike."""
    model: Any = lm.model
    vectors = model.get_input_embeddings().weight.data
    vocabulary = lm.encoder.tokenizer.get_vocab()
    for one, other in pairs:
        vectors[vocabulary[other]] = vectors[vocabulary[one]] * 1.1


def attack(
    recipe: str,
    sentences: Sequence[Sentence],
    resources: Resources,
    victim: type[FakeVictim] = FakeVictim,
    goal: str = "untargeted-strict",
    **machine: Any,
) -> list[AttackRecord]:
    """Attack a victim without a model, with 60 queries a sentence.

    Args:
        recipe: The recipe's name.
        sentences: What to attack.
        resources: What the recipe needs.
        victim: The victim's class.
        goal: The goal's name.
        **machine: Arguments of `Engine` that must not change a record.
    """
    chosen = AttackSettings(recipe, goal, query_budget=60)
    return list(Engine(victim(), chosen, resources, **machine).attack(sentences))


def lines(records: list[AttackRecord]) -> list[str]:
    """Return the records as JSON lines, in the order of their ids."""
    return [dump_line(record.to_json()) for record in sorted(records, key=lambda r: r.id)]
