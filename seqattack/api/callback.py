"""Attacks during a training with transformers' Trainer, logged where the training is."""

from __future__ import annotations

import copy
import math
import random
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch

from seqattack.api.attacking import attack, check_ids, chosen_settings
from seqattack.api.run import AttackRun
from seqattack.attack.engine import check_known_tags
from seqattack.attack.goals import find_goal
from seqattack.attack.recipes.registry import find_recipe
from seqattack.attack.resources.loaded import Resources
from seqattack.attack.resources.resource import Settings, Surroundings
from seqattack.attack.settings import Machine
from seqattack.checks import check_integer
from seqattack.errors import ConfigError, ModelError
from seqattack.metrics.summary import AttackSummary, quick_summary
from seqattack.models.encoding import make_encoder
from seqattack.models.loading import max_length
from seqattack.models.precisions import Precision
from seqattack.models.trainer import TrainerCallback
from seqattack.sentence import Sentence
from seqattack.victim.heads import read_head
from seqattack.victim.transformers import TransformersVictim
from seqattack.victim.windows import leave_out_long

NAME = "the model in training"


class AttackCallback(TrainerCallback):  # type: ignore[misc]  # transformers has no types
    """Attacks the model in training, and logs what it finds through its Trainer.

    A copy of the model is attacked, in evaluation mode and in the precision of its weights, so the
    figures are those of `seqattack.attack` on the model saved at that step, and the training goes
    on as if there had been no attack: the same weights, byte for byte.

    Logged are, behind `prefix`: ``attack_rate``, ``entity_attack_rate``,
    ``precision_under_attack``, ``recall_under_attack`` and ``f1_under_attack`` (shares in [0, 1];
    NaN for a rate of nothing, as of a new model that finds no entity) and ``attack_seconds``. They
    are metrics of an evaluation too, so `metric_for_best_model` can name one.

    Every process of a distributed training attacks its own copy; weights that are spread over
    several devices (FSDP, DeepSpeed's ZeRO 3) cannot be copied.

    Args:
        trainer: The Trainer that the callback is added to.
        sentences: With tags that the model knows; those with an entity are attacked, which the
            model can take whole.
        recipe: A recipe's name.
        steps: Attack after every so many steps; None attacks after every evaluation.
        limit: Attack the first so many of the sentences.
        prefix: Before the names of the metrics; ``eval_...`` where there are several callbacks.
        tokenizer: The model's, where the Trainer was not given it.
        resources: As for `seqattack.attack`.
        **settings: As for `seqattack.attack`.

    Attributes:
        run: What the last attack found; None before the first.

    Raises:
        ConfigError: A setting is unknown or out of range, or there is no sentence to attack.
        RecipeError: The recipe, its goal or a resource is unknown, or a resource is missing.
        ModelError: A sentence has a tag that the model does not know, or there is no tokenizer.
    """

    def __init__(
        self,
        trainer: Any,
        sentences: Sequence[Sentence],
        recipe: str = "deepwordbug-i-5",
        *,
        steps: int | None = None,
        limit: int = 32,
        prefix: str = "eval",
        tokenizer: Any = None,
        resources: Resources | Mapping[str, Settings] | None = None,
        **settings: Any,
    ) -> None:
        if steps is not None:
            check_integer("steps", steps)
        self.trainer = trainer
        self.steps = steps
        self.prefix = prefix
        self.run: AttackRun | None = None
        self._settings = chosen_settings(recipe, settings)
        self._encoder = _encoder(trainer, tokenizer)
        self._head = read_head(NAME, trainer.model.config.id2label)
        self._sentences = self._attackable(sentences, check_integer("limit", limit))
        find_goal(self._settings.goal)
        self._resources = self._loaded(resources)
        self._done: tuple[int, dict[str, float]] | None = None

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Attack after every `steps` steps; see `TrainerCallback.on_step_end`."""
        if self.steps and state.global_step % self.steps == 0:
            should_log = control.should_log
            self._attack(state.global_step)
            control.should_log = should_log  # logging unsets it, and the loss would be left out

    def on_evaluate(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Attack, and add what was found to the metrics; see `TrainerCallback.on_evaluate`."""
        is_new = self._done is None or self._done[0] != state.global_step
        if self.steps is None and is_new:
            self._attack(state.global_step)
        if self._done and self._done[0] == state.global_step:
            kwargs["metrics"].update(self._done[1])

    def on_train_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Forget the last figures; see `TrainerCallback.on_train_end`.

        The model may be another now, that of the best step.
        """
        self._done = None

    def _attack(self, step: int) -> None:
        started = time.perf_counter()
        with _same_random_numbers():
            settings = self._settings.to_json()
            self.run = attack(
                self._victim(step), self._sentences, resources=self._resources, **settings
            )
            found = _metrics(quick_summary(self.run.records, NAME, self._settings.seed))
        found["attack_seconds"] = round(time.perf_counter() - started, 3)
        named = {f"{self.prefix}_{name}": value for name, value in found.items()}
        self._done = step, named
        self.trainer.log(dict(named))

    def _attackable(self, sentences: Sequence[Sentence], limit: int) -> list[Sentence]:
        with_entities = [sentence for sentence in sentences if sentence.entities]
        found = leave_out_long(with_entities, self._encoder.fits)[0][:limit]
        if not found:
            raise ConfigError(
                f"none of the {len(sentences)} sentences to attack has an entity and fits into the "
                "model; give others."
            )
        check_known_tags(found, self._head.tags)
        check_ids(found)
        return found

    def _victim(self, step: int) -> TransformersVictim:
        """Return a copy of the model as it is now, without the Trainer's autocast."""
        twin = copy.deepcopy(self.trainer.model)
        model = self.trainer.accelerator.unwrap_model(twin, keep_fp32_wrapper=False).eval()
        weights = next(model.parameters())
        precision: Precision = "bfloat16" if weights.dtype == torch.bfloat16 else "float32"
        device = str(weights.device)
        checksum = f"{NAME}, after {step} steps"  # of no file
        return TransformersVictim(model, self._encoder, self._head, device, precision, checksum)

    def _loaded(self, resources: Resources | Mapping[str, Settings] | None) -> Resources:
        recipe = self._settings.recipe
        if isinstance(resources, Resources):
            resources.check(find_recipe(recipe))
            return resources
        surroundings = Surroundings(None, recipe, self._sentences)
        machine = Machine(str(self.trainer.args.device))
        return Resources.of(recipe, resources, surroundings=surroundings, machine=machine)


def _encoder(trainer: Any, tokenizer: Any) -> Any:
    given = tokenizer or getattr(trainer, "processing_class", None)
    if given is None:
        raise ModelError(
            "the Trainer has no tokenizer; give it one (processing_class=...), or give one to the "
            "callback (tokenizer=...)."
        )
    own = copy.deepcopy(given)  # an encoder switches truncation and padding off
    return make_encoder(own, max_length(trainer.model.config, own.model_max_length))


def _metrics(summary: AttackSummary) -> dict[str, float]:
    rates = {
        "attack_rate": summary.attack_rate,
        "entity_attack_rate": summary.entity_attack_rate,
        "precision_under_attack": summary.precision,
        "recall_under_attack": summary.recall,
        "f1_under_attack": summary.f1,
    }
    return {name: math.nan if rate is None else float(rate) for name, rate in rates.items()}


@contextmanager
def _same_random_numbers() -> Iterator[None]:
    """Leave every global generator as it was: the training's order and dropout come from them."""
    python, numpy = random.getstate(), np.random.get_state()
    with torch.random.fork_rng(range(torch.cuda.device_count())):
        try:
            yield
        finally:
            random.setstate(python)
            np.random.set_state(numpy)
