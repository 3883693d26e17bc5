"""Attacks during a training: logged by a real Trainer, which trains as if there were none."""

from __future__ import annotations

import math
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from transformers import (
    AutoModelForTokenClassification,
    AutoTokenizer,
    DataCollatorForTokenClassification,
    EarlyStoppingCallback,
    Trainer,
    TrainingArguments,
    set_seed,
)

import seqattack
from seqattack.attack.resources.loaded import Resources
from seqattack.attack.settings import Machine
from seqattack.errors import ConfigError, ModelError, RecipeError
from seqattack.models.device import has_bfloat16
from seqattack.sentence import Sentence
from tests.helpers.tiny_models import LABELS, make_model

# Epochs of less than a second: the Trainer then orders checkpoints by their numbers, rightly.
pytestmark = pytest.mark.filterwarnings("ignore:mtime may not be reliable:UserWarning")

TRAIN = [
    Sentence(f"s-{number}", (name, "went", "to", place, "."), ("B-PER", "O", "O", "B-LOC", "O"))
    for number, (name, place) in enumerate(
        (name, place)
        for name in ("Peter", "Blackburn", "O'Neill", "Müller")
        for place in ("London", "Leeds", "BRUSSELS", "Zürich")
    )
]
BUDGET = 5


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_model(tmp_path_factory.mktemp("tiny"), "bert-cased")


def trainer_of(folder: Path, output: Path, **arguments: Any) -> Any:
    """Return a Trainer that the bytes of its training depend on the seed alone."""
    set_seed(7)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForTokenClassification.from_pretrained(folder)
    rows = []
    for sentence in TRAIN:
        row = tokenizer(list(sentence.tokens), is_split_into_words=True, truncation=True)
        words = row.word_ids()
        labels = [
            -100 if word in (None, before) else LABELS.index(sentence.tags[word])
            for before, word in zip([None, *words], words, strict=False)
        ]
        rows.append({"input_ids": row["input_ids"], "labels": labels})
    given = {
        "num_train_epochs": 4,
        "per_device_train_batch_size": 4,
        "learning_rate": 3e-4,
        "eval_strategy": "epoch",
        "logging_steps": 2,
        "report_to": [],
        "disable_tqdm": True,
        "use_cpu": True,
        "dataloader_pin_memory": False,
        **arguments,
    }
    return Trainer(
        model,
        TrainingArguments(str(output), **given),
        data_collator=DataCollatorForTokenClassification(tokenizer),
        train_dataset=rows,
        eval_dataset=rows,
        processing_class=tokenizer,
    )


def history(trainer: Any, with_attacks: bool) -> list[dict[str, float]]:
    """Return what was logged, without what depends on the clock."""
    timed = ("_runtime", "_per_second", "_seconds")
    return [
        {key: value for key, value in entry.items() if not key.endswith(timed)}
        for entry in trainer.state.log_history
        if ("eval_attack_rate" in entry) == with_attacks
    ]


@pytest.mark.parametrize("bf16", [False, pytest.param(True, id="autocast")])
@pytest.mark.parametrize("steps", [None, 2])
def test_the_training_is_the_same_without_it(
    folder: Path, tmp_path: Path, bf16: bool, steps: int | None
) -> None:
    if bf16 and not has_bfloat16("cpu"):
        pytest.skip("this processor has no bfloat16")
    trainings = [trainer_of(folder, tmp_path / str(n), bf16=bf16) for n in range(2)]
    drawn = []
    for trainer, is_attacked in zip(trainings, (False, True), strict=True):
        if is_attacked:
            callback = seqattack.AttackCallback(trainer, TRAIN, steps=steps, query_budget=BUDGET)
            trainer.add_callback(callback)
        set_seed(7)
        trainer.train()
        drawn.append((random.random(), np.random.random(), torch.rand(1).item()))
    plain, attacked = trainings
    assert drawn[0] == drawn[1]
    for name, weight in plain.model.state_dict().items():
        assert torch.equal(weight, attacked.model.state_dict()[name]), name
    assert history(plain, False) == history(attacked, False)
    found = history(attacked, True)
    assert [entry["step"] for entry in found] == (
        [4, 8, 12, 16] if steps is None else [2, 4, 6, 8, 10, 12, 14, 16]
    )
    assert attacked.model.training == plain.model.training


def test_it_finds_what_an_attack_on_the_saved_model_finds(folder: Path, tmp_path: Path) -> None:
    trainer = trainer_of(folder, tmp_path, save_strategy="epoch")
    callback = seqattack.AttackCallback(trainer, TRAIN, limit=8, query_budget=BUDGET)
    trainer.add_callback(callback)
    trainer.train()
    logged = history(trainer, True)
    for entry in logged:
        victim = seqattack.Victim.load(tmp_path / f"checkpoint-{entry['step']}", device="cpu")
        run = seqattack.attack(victim, TRAIN[:8], query_budget=BUDGET)
        summary = run.summary()
        assert entry["eval_recall_under_attack"] == summary.recall
        assert entry["eval_precision_under_attack"] == summary.precision
        for name in ("attack_rate", "entity_attack_rate"):
            expected = getattr(summary, name)
            logged_rate = entry[f"eval_{name}"]
            assert math.isnan(logged_rate) if expected is None else logged_rate == expected
    assert callback.run is not None
    assert [r.final for r in callback.run] == [r.final for r in run]
    assert 0 < logged[0]["eval_attack_rate"] < 1


def test_the_best_model_is_the_one_with_the_best_figure(folder: Path, tmp_path: Path) -> None:
    trainer = trainer_of(
        folder,
        tmp_path,
        num_train_epochs=12,
        save_strategy="epoch",
        load_best_model_at_end=True,
        metric_for_best_model="typos_recall_under_attack",
        greater_is_better=True,
    )
    trainer.add_callback(
        seqattack.AttackCallback(trainer, TRAIN, prefix="eval_typos", query_budget=BUDGET)
    )
    trainer.add_callback(EarlyStoppingCallback(early_stopping_patience=2))
    trainer.train()
    key = "eval_typos_recall_under_attack"
    figures = {e["step"]: e[key] for e in trainer.state.log_history if key in e}
    best = max(figures.values())
    assert trainer.state.best_metric == best
    first = min(step for step, figure in figures.items() if figure == best)
    assert trainer.state.best_global_step == first
    assert len(figures) == min(12, first // 4 + 2), "it stops two epochs after the best one"
    assert trainer.evaluate()[key] == best, "of the model that was loaded at the end"


def test_the_trainers_own_reporting_gets_the_figures(folder: Path, tmp_path: Path) -> None:
    pytest.importorskip("tensorboard", reason="an extra, which is in no lock")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    place = tmp_path / "runs"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TENSORBOARD_LOGGING_DIR", str(place))
        trainer = trainer_of(folder, tmp_path, report_to=["tensorboard"])
        trainer.add_callback(seqattack.AttackCallback(trainer, TRAIN, query_budget=BUDGET))
        trainer.train()
    events = EventAccumulator(str(next(place.rglob("events.*")).parent))
    events.Reload()
    found = {each.step: each.value for each in events.Scalars("eval/recall_under_attack")}
    logged = history(trainer, True)
    assert found == pytest.approx({e["step"]: e["eval_recall_under_attack"] for e in logged})


def test_resources_and_a_tokenizer_can_be_given(folder: Path, tmp_path: Path) -> None:
    trainer = trainer_of(folder, tmp_path / "training")
    tokenizer, trainer.processing_class = trainer.processing_class, None
    masked_lm = make_model(tmp_path / "masked-lm", "bert-cased", head="MaskedLM")
    named = {"masked-lm": {"path": str(masked_lm)}}
    found = []
    loaded = Resources.of("boundary", named, machine=Machine("cpu"))
    for resources in (named, loaded):
        given: dict[str, Any] = {
            "tokenizer": tokenizer,
            "resources": resources,
            "query_budget": BUDGET,
        }
        callback = seqattack.AttackCallback(trainer, TRAIN, "boundary", **given)
        callback.on_evaluate(trainer.args, trainer.state, trainer.control, metrics={})
        assert callback.run is not None
        found.append([record.to_json() for record in callback.run])
    assert found[0] == found[1]
    assert any(record["queries"] > 1 for record in found[0])


def test_what_cannot_be_attacked_is_refused_before_the_training(
    folder: Path, tmp_path: Path
) -> None:
    trainer = trainer_of(folder, tmp_path)
    make = seqattack.AttackCallback
    with pytest.raises(ConfigError, match="none of the 1 sentences to attack has an entity"):
        make(trainer, [Sentence("1", ("It", "rained"), ("O", "O"))])
    with pytest.raises(ModelError, match="has the tag B-ORG, which the victim does not know"):
        make(trainer, [Sentence("1", ("Reuters",), ("B-ORG",))])
    with pytest.raises(RecipeError, match="same id"):
        make(trainer, [TRAIN[0], TRAIN[0]])
    with pytest.raises(RecipeError, match="did you mean"):
        make(trainer, TRAIN, "deepwordbug-j-5")
    with pytest.raises(RecipeError, match="did you mean"):
        make(trainer, TRAIN, goal="untargetd")
    with pytest.raises(ConfigError, match="no setting 'budget'"):
        make(trainer, TRAIN, budget=3)
    with pytest.raises(ConfigError, match="steps: 0"):
        make(trainer, TRAIN, steps=0)
    with pytest.raises(RecipeError, match="recipe boundary needs --masked-lm"):
        make(trainer, TRAIN, "boundary", resources=Resources())
    trainer.processing_class = None
    with pytest.raises(ModelError, match="the Trainer has no tokenizer"):
        make(trainer, TRAIN)
