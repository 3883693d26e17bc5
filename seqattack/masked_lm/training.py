"""Training a masked LM, its encoder and a new head, on a corpus's own sentences."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from transformers import (
    DataCollatorForLanguageModeling,
    get_linear_schedule_with_warmup,
    set_seed,
)

from seqattack.errors import ConfigError
from seqattack.masked_lm.model import head_of, load_masked_lm
from seqattack.masked_lm.settings import MaskedLMSettings
from seqattack.models.checkpoints import last_checkpoint
from seqattack.models.encoding import WordEncoder
from seqattack.models.loading import load_config, load_encoder
from seqattack.models.trainer import (
    IGNORED,
    Trainer,
    TrainerCallback,
    check_trainer_device,
    losses,
    save_model,
    trainer_arguments,
)
from seqattack.models.training import Place, Training, origin_of, run_training, use_bfloat16
from seqattack.sentence import Sentence

HEAD_RATE = 3.0
"""How many times faster the head, which is new, learns than the encoder."""

MASKED = 0.15
"""Share of the sub-tokens to predict (Devlin et al., 2019)."""

CHECKPOINT_STEPS = 250
"""The fewest steps between two checkpoints."""


def train_masked_lm(
    train: Sequence[Sentence],
    dev: Sequence[Sentence],
    *,
    pretrained: str | os.PathLike[str],
    output: str | os.PathLike[str],
    settings: MaskedLMSettings,
    revision: str | None = None,
    device: str = "auto",
    threads: int | None = None,
) -> dict[str, Any]:
    """Train a masked LM from a pretrained encoder, and write it with its losses.

    A killed training goes on from its last checkpoint, kept in ``<output>.work``. The output
    appears when everything is done.

    Args:
        train: Sentences to learn from; their tags have no effect.
        dev: Sentences for the held-out loss.
        pretrained: Folder or hub name of the pretrained model.
        output: Folder of the masked LM; an earlier one there is replaced.
        settings: What the weights depend on.
        revision: Pinned revision of a hub model.
        device: ``auto``, ``cpu`` or ``cuda``.
        threads: Processor threads, None for torch's default; the weights depend on them too.

    Returns:
        What ``training.json`` holds: settings, losses (mean negative natural logarithm of the
        probability of a masked sub-token; the held-out one is None where nothing was masked) and
        versions.

    Raises:
        ModelError: The pretrained model can't be had.
        ConfigError: There is nothing to train on, the device is a GPU other than the first, or
            `output` holds something other than a model.
    """
    place = Place.of(output, device, threads)
    check_trainer_device(place.device)
    if not train or not dev:
        raise ConfigError("a masked LM needs training and dev sentences; give at least one each.")
    bfloat16 = use_bfloat16(settings.precision, place.device)

    def begin() -> Training:
        set_seed(settings.seed)
        name = str(pretrained)
        encoder = load_encoder(name, revision, load_config(name, revision))
        model = load_masked_lm(name, revision, trained=False).to(place.device)
        identity = {"pretrained": origin_of(name, revision), "bfloat16": bfloat16}
        return _MaskedLMTraining(model, encoder, (train, dev), settings, identity)

    return run_training(place, settings, begin)


class _MaskedLMTraining(Training):
    """The training of a masked LM.

    Args:
        model: The masked LM, on its device.
        encoder: Its tokenizer.
        splits: Training and dev sentences; those that are too long for the model are left out.
        settings: What the weights depend on.
        identity: The pretrained model and the precision.

    Raises:
        ConfigError: All training or all dev sentences are too long.
    """

    def __init__(
        self,
        model: Any,
        encoder: WordEncoder,
        splits: tuple[Sequence[Sentence], Sequence[Sentence]],
        settings: MaskedLMSettings,
        identity: Mapping[str, Any],
    ) -> None:
        self.model = model
        self.encoder = encoder
        self.settings = settings
        self._identity = identity
        self._texts = [[sentence.tokens for sentence in split] for split in splits]
        self._train, self._dev = map(self._encoded, self._texts)
        if not self._train or not self._dev:
            raise ConfigError(
                f"a masked LM needs training and dev sentences of at most {encoder.max_length} "
                "sub-tokens; split the long ones."
            )

    @property
    def identity(self) -> Mapping[str, Any]:
        """The pretrained model and the precision."""
        return self._identity

    @property
    def data(self) -> Any:
        """The tokens of the training and the dev sentences."""
        return self._texts

    def fit(self, work: Path) -> Mapping[str, Any]:
        """Train, and return the losses."""
        trainer = self._trainer(work)
        trainer.train(resume_from_checkpoint=last_checkpoint(work))
        set_seed(self.settings.seed)
        dev_loss = trainer.evaluate().get("eval_loss")
        return {
            "sentences": {"train": len(self._train), "dev": len(self._dev)},
            "losses": losses(trainer, ("step", "loss")),
            "dev_loss": None if dev_loss is None else round(float(dev_loss), 6),
        }

    def write(self, folder: Path) -> str:
        """Write the model and its tokenizer, and return the SHA-256 of the weights."""
        return save_model(self.model, self.encoder.tokenizer, folder)

    def _trainer(self, work: Path) -> Any:
        settings = self.settings
        arguments = trainer_arguments(
            work,
            device=self.model.device.type,
            bfloat16=self._identity["bfloat16"],
            batch_size=settings.batch_size,
            seed=settings.seed,
            max_steps=settings.steps,
            per_device_eval_batch_size=settings.batch_size,
            save_strategy="no",
        )
        optimizer = torch.optim.AdamW(_groups(self.model, settings.learning_rate))
        warmup = int(settings.warmup_ratio * settings.steps)
        schedule = get_linear_schedule_with_warmup(optimizer, warmup, settings.steps)
        return MaskedTrainer(
            self.model,
            arguments,
            data_collator=DataCollatorForLanguageModeling(
                self.encoder.tokenizer, mlm_probability=MASKED, pad_to_multiple_of=8
            ),
            train_dataset=self._train,
            eval_dataset=self._dev,
            optimizers=(optimizer, schedule),
            callbacks=[_Saving()],
        )

    def _encoded(self, texts: Sequence[Sequence[str]]) -> list[dict[str, list[int]]]:
        encoder = self.encoder
        fitting = (tokens for tokens in texts if encoder.fits(tokens))
        return [{"input_ids": list(encoder.encode(tokens).input_ids)} for tokens in fitting]


class _Saving(TrainerCallback):  # type: ignore[misc]  # transformers has no types
    """Writes a checkpoint at the end of an epoch, if the one before is `CHECKPOINT_STEPS` old.

    Only from there the Trainer goes on with the order and the masks of an undisturbed training.
    """

    saved = 0

    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Count from the checkpoint that the training goes on from."""
        self.saved = state.global_step

    def on_epoch_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Have a checkpoint written where it is due."""
        if state.global_step - self.saved >= CHECKPOINT_STEPS:
            control.should_save = True
            self.saved = state.global_step


class MaskedTrainer(Trainer):  # type: ignore[misc]  # transformers has no types
    """Sends only the masked sub-tokens through the head, which costs more than all the rest."""

    def compute_loss(
        self, model: Any, inputs: dict[str, Any], return_outputs: bool = False, **kwargs: Any
    ) -> Any:
        """Return the mean cross-entropy of the masked sub-tokens; 0 where none is masked.

        Args:
            model: The model, perhaps wrapped by the trainer.
            inputs: A batch, with ``labels`` that are `IGNORED` where nothing is masked.
            return_outputs: Whether the model's outputs are returned too.
            **kwargs: As the trainer's own.
        """
        head = head_of(model)
        masked = inputs["labels"] != IGNORED
        if head is None and masked.any():
            return super().compute_loss(model, inputs, return_outputs, **kwargs)
        labels = inputs.pop("labels")
        if head is None or not masked.any():
            loss = model(**inputs)[0].float().sum() * 0  # the mean of nothing would be NaN
        else:
            with self.accelerator.autocast():
                logits = head(model.base_model(**inputs)[0][masked])
            loss = torch.nn.functional.cross_entropy(logits.float(), labels[masked])
        return (loss, {"loss": loss}) if return_outputs else loss

    def prediction_step(
        self,
        model: Any,
        inputs: dict[str, Any],
        prediction_loss_only: bool,
        ignore_keys: list[str] | None = None,
    ) -> Any:
        """Return the loss of a batch, to which one without masked sub-tokens adds nothing.

        Args:
            model: As for `compute_loss`.
            inputs: As for `compute_loss`.
            prediction_loss_only: As the trainer's own.
            ignore_keys: As the trainer's own.
        """
        if not (inputs["labels"] != IGNORED).any():
            return None, None, None
        return super().prediction_step(model, inputs, prediction_loss_only, ignore_keys)


def _groups(model: Any, rate: float) -> list[dict[str, Any]]:
    """Return the encoder's and the head's weights, each with their learning rate."""
    encoder = {id(weight) for weight in model.base_model.parameters()}
    head = [weight for weight in model.parameters() if id(weight) not in encoder]
    return [
        {"params": list(model.base_model.parameters()), "lr": rate},
        {"params": head, "lr": rate * HEAD_RATE},
    ]
