"""Training a masked-LM head, and the encoder below it, on a corpus's own sentences."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from transformers import (
    DataCollatorForLanguageModeling,
    Trainer,
    TrainingArguments,
    get_linear_schedule_with_warmup,
    set_seed,
)

from seqattack.errors import ConfigError
from seqattack.files.checksums import sha256_file, sha256_json
from seqattack.masked_lm.model import head_of, load_masked_lm
from seqattack.masked_lm.settings import MaskedLMSettings
from seqattack.models.checkpoints import (
    by_length,
    check_output,
    deterministic,
    last_checkpoint,
    publish,
    work_folder,
)
from seqattack.models.device import resolve_device
from seqattack.models.loading import load_config, load_encoder
from seqattack.models.training import origin_of, use_bfloat16, versions
from seqattack.sentence import Sentence

HEAD_RATE = 3.0
"""How many times faster the head, which is new, learns than the encoder."""


MASKED = 0.15
"""Share of the sub-tokens to predict (Devlin et al., 2019)."""


IGNORED = -100
"""The label of a sub-token that is not to be predicted, as in torch."""


CHECKPOINT_STEPS = 250
"""Steps between two checkpoints."""


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
    """Train a masked LM from a pretrained encoder and write it, with its losses.

    A killed training goes on from its last checkpoint, kept in ``<output>.work``. The output
    appears when all is done.

    Args:
        train: Sentences to learn from; their tags are not looked at.
        dev: Sentences for the held-out loss.
        pretrained: Folder or hub name of the pretrained model.
        output: Folder of the masked LM; an earlier one there is replaced.
        settings: What the weights depend on.
        revision: Pinned revision of a hub model.
        device: ``auto``, ``cpu`` or ``cuda``.
        threads: Processor threads, None for torch's default; the weights depend on them too.

    Returns:
        What ``training.json`` holds: settings, losses (natural logarithm, a masked sub-token) and
        versions.

    Raises:
        ModelError: The pretrained model can't be had.
        ConfigError: There is nothing to train on, or `output` holds something else than a model.
    """
    pretrained, output = str(pretrained), Path(output)
    device = resolve_device(device)
    if not train or not dev:
        raise ConfigError("a masked LM needs training and dev sentences; give at least one each.")
    check_output(output)
    bfloat16 = use_bfloat16(settings.precision, device)
    with deterministic(device, threads):
        set_seed(settings.seed)
        encoder = load_encoder(pretrained, revision, load_config(pretrained, revision))
        model: Any = load_masked_lm(pretrained, revision, trained=False)
        identity = {
            "settings": asdict(settings),
            "pretrained": origin_of(pretrained, revision),
            "bfloat16": bfloat16,
            "device": device,
            "threads": torch.get_num_threads(),
            "versions": versions(),
        }
        texts = [[sentence.tokens for sentence in split] for split in (train, dev)]
        work = work_folder(output, sha256_json([identity, texts]))
        sets = [
            [{"input_ids": list(encoder.encode(t).input_ids)} for t in split if encoder.fits(t)]
            for split in texts
        ]
        arguments = TrainingArguments(
            output_dir=str(work),
            max_steps=settings.steps,
            per_device_train_batch_size=settings.batch_size,
            per_device_eval_batch_size=settings.batch_size,
            seed=settings.seed,
            bf16=bfloat16,
            use_cpu=device == "cpu",
            save_steps=CHECKPOINT_STEPS,
            save_total_limit=1,
            logging_steps=50,
            report_to=[],
            disable_tqdm=False,
            dataloader_pin_memory=device != "cpu",
            **by_length(),
        )
        arguments._n_gpu = min(arguments.n_gpu, 1)
        optimizer = torch.optim.AdamW(_groups(model, settings.learning_rate))
        warmup = int(settings.warmup_ratio * settings.steps)
        trainer = MaskedTrainer(
            model.to(device),
            arguments,
            data_collator=DataCollatorForLanguageModeling(
                encoder.tokenizer, mlm_probability=MASKED, pad_to_multiple_of=8
            ),
            train_dataset=sets[0],
            eval_dataset=sets[1],
            optimizers=(
                optimizer,
                get_linear_schedule_with_warmup(optimizer, warmup, settings.steps),
            ),
        )
        trainer.train(resume_from_checkpoint=last_checkpoint(work))
        set_seed(settings.seed)
        held_out = float(trainer.evaluate()["eval_loss"])
    finished = work / "finished"
    shutil.rmtree(finished, ignore_errors=True)
    model.save_pretrained(finished)
    encoder.tokenizer.save_pretrained(finished)
    report = identity | {
        "checksum": sha256_file(finished / "model.safetensors"),
        "sentences": {"train": len(sets[0]), "dev": len(sets[1])},
        "losses": [
            {key: entry[key] for key in ("step", "loss")}
            for entry in trainer.state.log_history
            if "loss" in entry
        ],
        "dev_loss": round(held_out, 6),
    }
    publish(work, output, report)
    return report


class MaskedTrainer(Trainer):  # type: ignore[misc]  # transformers has no types
    """Sends only the masked sub-tokens through the head, which is most of the model's cost."""

    def compute_loss(
        self, model: Any, inputs: dict[str, Any], return_outputs: bool = False, **kwargs: Any
    ) -> Any:
        """Return the mean cross-entropy of the masked sub-tokens.

        Args:
            model: The model, perhaps wrapped by the trainer.
            inputs: A batch, with ``labels`` of -100 where nothing is masked.
            return_outputs: Whether the model's outputs are returned too.
            **kwargs: As the trainer's own.
        """
        head = head_of(model)
        if head is None:
            return super().compute_loss(model, inputs, return_outputs, **kwargs)
        labels = inputs.pop("labels")
        masked = labels != IGNORED
        with self.accelerator.autocast():
            logits = head(model.base_model(**inputs)[0][masked])
        loss = torch.nn.functional.cross_entropy(logits.float(), labels[masked])
        return (loss, {"loss": loss}) if return_outputs else loss


def _groups(model: Any, rate: float) -> list[dict[str, Any]]:
    """Return the encoder's weights and the head's, each with its learning rate."""
    encoder = {id(weight) for weight in model.base_model.parameters()}
    head = [weight for weight in model.parameters() if id(weight) not in encoder]
    return [
        {"params": list(model.base_model.parameters()), "lr": rate},
        {"params": head, "lr": rate * HEAD_RATE},
    ]
