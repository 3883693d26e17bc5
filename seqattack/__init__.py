"""SeqAttack, rebuilt: adversarial attacks on named-entity recognition models.

The library extends TextAttack to token classification, after Simoncini & Spanakis,
"SeqAttack: On Adversarial Attacks for Named Entity Recognition" (EMNLP 2021). Three lines attack a
model and print its scores:

    victim = seqattack.Victim.load("path/to/a/model")
    run = seqattack.attack(victim, seqattack.read_sentences("test.conll"), "bert-attack")
    print(run.summary())

Importing it costs nothing: each name is imported when it is first used, and models, TextAttack and
plotting where they are needed.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from seqattack.api.attacking import attack as attack
    from seqattack.api.callback import AttackCallback as AttackCallback
    from seqattack.api.robustness import RobustnessMetric as RobustnessMetric
    from seqattack.api.run import AttackRun as AttackRun
    from seqattack.api.summary import summarize as summarize
    from seqattack.attack.engine import Engine as Engine
    from seqattack.attack.recipes.registry import find_recipe as find_recipe
    from seqattack.attack.resources.loaded import Resources as Resources
    from seqattack.attack.settings import AttackSettings as AttackSettings
    from seqattack.corpus import read_sentences as read_sentences
    from seqattack.metrics.evaluation import evaluate as evaluate
    from seqattack.sentence import Sentence as Sentence
    from seqattack.victim.victim import Victim as Victim

__version__ = "0.2.0"

# Read when transformers is imported, which would else import TensorFlow wherever it is installed,
# and fail on its Keras 3. Only `seqattack.sentence_encoder.universal` uses TensorFlow.
os.environ.setdefault("USE_TF", "0")

# Read when torch loads its OpenMP library. Threads that wait for each other sleep instead of
# spinning: on a machine that does other work too, spinning makes two threads many times slower.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

_PUBLIC = {
    "AttackCallback": "api.callback",
    "AttackRun": "api.run",
    "AttackSettings": "attack.settings",
    "Engine": "attack.engine",
    "Resources": "attack.resources.loaded",
    "RobustnessMetric": "api.robustness",
    "Sentence": "sentence",
    "Victim": "victim.victim",
    "evaluate": "metrics.evaluation",
    "find_recipe": "attack.recipes.registry",
    "read_sentences": "corpus",
    "summarize": "api.summary",
}
"""Where each public name comes from; `attack` is the package of that name, which can be called."""

__all__ = ["__version__", "attack", *_PUBLIC]


class _AttackPackage(ModuleType):
    """The package `seqattack.attack`, which is the function of the same name too."""

    def __call__(self, *args: Any, **kwargs: Any) -> AttackRun:
        """Attack sentences; see `seqattack.api.attacking.attack`."""
        function: Any = import_module("seqattack.api.attacking").attack
        found: AttackRun = function(*args, **kwargs)
        return found


class _Face(ModuleType):
    """This package: Python sets a submodule as an attribute when it is first imported."""

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "attack" and type(value) is ModuleType:
            value.__class__ = _AttackPackage
        super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Face


def __getattr__(name: str) -> Any:
    if name == "attack":
        return import_module("seqattack.attack")
    if name not in _PUBLIC:
        raise AttributeError(f"module 'seqattack' has no attribute {name!r}")
    value = getattr(import_module(f"seqattack.{_PUBLIC[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
