"""Recipes of TextAttack's own, without the model that their goal functions ask for."""

from __future__ import annotations

import importlib
import logging
import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch

from seqattack.attack.textattack import ATTACK_RECIPE_NAMES, ModelWrapper
from seqattack.errors import RecipeError, SeqAttackError


class _NoModel(ModelWrapper):  # type: ignore[misc]  # TextAttack is untyped
    """Stands where a recipe's goal function, which is not used, wants its model."""

    model = None

    def __call__(self, text_input_list: list[str], **kwargs: Any) -> Any:
        raise NotImplementedError


def build_recipe(name: str) -> Any:
    """Return TextAttack's `Attack` of a recipe.

    Args:
        name: TextAttack's name of it, such as ``pruthi``.
    """
    module, _, attribute = ATTACK_RECIPE_NAMES[name].rpartition(".")
    before = logging.root.manager.disable
    logging.disable(max(before, logging.WARNING))  # it doubts that there is a model
    try:
        return getattr(importlib.import_module(module), attribute).build(_NoModel())
    finally:
        logging.disable(before)


@contextmanager
def running(name: str, rng: random.Random) -> Iterator[None]:
    """Build and run a recipe of TextAttack's inside, where it can be reproduced.

    Python's, NumPy's and torch's own generators are seeded from the sentence's and restored after.

    Args:
        name: The recipe's name.
        rng: The sentence's generator.

    Raises:
        RecipeError: The recipe failed: it needs data that is not there, or the model's gradients.
    """
    python, numpy = random.getstate(), np.random.get_state()
    with torch.random.fork_rng():
        random.seed(rng.getrandbits(64))
        np.random.seed(rng.getrandbits(32))
        torch.manual_seed(rng.getrandbits(63))
        try:
            yield
        except SeqAttackError:
            raise
        except Exception as error:  # each recipe fails in a way of its own
            lines = [line.strip() for line in str(error).splitlines() if line.strip(" *")]
            reason = f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__
            raise RecipeError(
                f"recipe {name}: TextAttack can't run it here ({reason}). Most such recipes fetch "
                "word vectors or models on first use: run it once with a connection, or choose "
                "another."
            ) from error
        finally:
            random.setstate(python)
            np.random.set_state(numpy)
