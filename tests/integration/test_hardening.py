"""Noise and attacks on embeddings in the training loop, beside plain references."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import torch

from seqattack.errors import ModelError
from seqattack.metrics.evaluation import evaluate
from seqattack.models.trainer import trainer_arguments
from seqattack.sentence import Sentence
from seqattack.victim.embedding_attack import EmbeddingAttackTrainer, Perturbation
from seqattack.victim.hardening import EmbeddingAttackSettings, NoiseSettings
from seqattack.victim.settings import TrainingSettings
from seqattack.victim.training import _Collator, _Dataset, _new_victim
from seqattack.victim.transformers import TransformersVictim
from seqattack.victim.victim import Victim
from tests.helpers.quick_training import (
    DEV,
    LABELS,
    QUICK,
    TRAIN,
    KilledError,
    fit,
    kill_in_epoch,
    sentences,
)
from tests.helpers.tiny_families import CHARACTERS, FURTHER, make_further_model
from tests.helpers.tiny_models import FAMILIES, make_model

# Epochs of less than a second: the Trainer then orders checkpoints by their numbers, rightly.
pytestmark = pytest.mark.filterwarnings("ignore:mtime may not be reliable:UserWarning")

FGM = EmbeddingAttackSettings("fgm", epsilon=0.7)
FREELB = EmbeddingAttackSettings("freelb", epsilon=0.5, steps=3, step_size=0.3)
NOISE = NoiseSettings(("typos", "spacing"), rate=0.5, share=0.5)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small pretrained model."""
    return make_model(tmp_path_factory.mktemp("small"), "bert-uncased", head="MaskedLM")


def victim_of(pretrained: Path) -> TransformersVictim:
    torch.manual_seed(0)
    return _new_victim(str(pretrained), None, LABELS, "cpu")


def trainer_of(
    victim: TransformersVictim, attack: EmbeddingAttackSettings, work: Path, **own: Any
) -> Any:
    train = own.pop("train", TRAIN)
    own = {"bfloat16": False, "batch_size": 8, "max_steps": 1} | own
    arguments = trainer_arguments(work, device="cpu", seed=0, save_strategy="no", **own)
    return EmbeddingAttackTrainer(
        victim.model,
        arguments,
        attack=attack,
        special_ids=victim.encoder.special_ids,
        data_collator=_Collator(victim.encoder.pad_id, victim.encoder.max_length),
        train_dataset=_Dataset(train, victim),
    )


def batch_of(victim: TransformersVictim, texts: Sequence[Sentence]) -> dict[str, torch.Tensor]:
    dataset = _Dataset(texts, victim)
    collate = _Collator(victim.encoder.pad_id, victim.encoder.max_length)
    return collate([dataset[index] for index in range(len(dataset))])


@pytest.fixture
def deltas(monkeypatch: pytest.MonkeyPatch) -> list[torch.Tensor]:
    """Every perturbation that is added to embeddings."""
    seen: list[torch.Tensor] = []
    add = Perturbation._add

    def keep(self: Perturbation, module: Any, args: Any, embedded: torch.Tensor) -> torch.Tensor:
        made = add(self, module, args, embedded)
        assert self.delta is not None
        seen.append(self.delta.detach().clone())
        return made

    monkeypatch.setattr(Perturbation, "_add", keep)
    return seen


def reference(
    model: Any, batch: dict[str, torch.Tensor], first: torch.Tensor, attack: EmbeddingAttackSettings
) -> list[torch.Tensor]:
    """The gradients of one step, sentence by sentence, written out from the papers.

    The dropout masks are those of generators in one state.
    """
    state = torch.get_rng_state()
    embedded = model.get_input_embeddings()(batch["input_ids"]).detach()
    length = batch["attention_mask"].sum(dim=1)
    delta = first
    for left in reversed(range(attack.passes)):
        torch.set_rng_state(state)
        shift = delta.clone().requires_grad_()
        table = model.get_input_embeddings()(batch["input_ids"])
        assert torch.equal(table, embedded)
        mask = batch["attention_mask"]
        out = model(inputs_embeds=table + shift, attention_mask=mask).logits
        loss = torch.nn.functional.cross_entropy(
            out.view(-1, out.shape[-1]), batch["labels"].view(-1)
        )
        (loss / attack.passes).backward()  # type: ignore[no-untyped-call]
        if not left:
            break
        rows = []
        for row, n in enumerate(length):  # without [CLS], [SEP] and padding
            assert shift.grad is not None
            g = shift.grad[row, 1 : n - 1]
            new = delta[row, 1 : n - 1] + attack.ascent * g / g.square().sum().sqrt()
            norm = new.square().sum().sqrt()
            padded = torch.zeros_like(delta[row])
            padded[1 : n - 1] = new * min(1.0, attack.epsilon / float(norm))
            rows.append(padded)
        delta = torch.stack(rows)
    return [each.grad.clone() for each in model.parameters()]


@pytest.mark.parametrize("attack", [FGM, FREELB], ids=["fgm", "freelb"])
def test_gradients_are_those_written_out_from_the_papers(
    small: Path,
    tmp_path: Path,
    deltas: list[torch.Tensor],
    attack: EmbeddingAttackSettings,
) -> None:
    victim = victim_of(small)
    trainer = trainer_of(victim, attack, tmp_path)
    batch = batch_of(victim, TRAIN[:5])
    assert not batch["attention_mask"].all()
    victim.model.train()
    trainer.current_gradient_accumulation_steps = 1
    state = torch.get_rng_state()
    trainer.training_step(victim.model, batch)
    after = torch.get_rng_state()
    got = [each.grad.clone() for each in victim.model.parameters() if each.grad is not None]
    assert len(deltas) == attack.passes
    assert (attack.method == "fgm") == (not deltas[0].any())
    victim.model.zero_grad()
    torch.set_rng_state(state)
    wanted = reference(victim.model, batch, deltas[0], attack)
    for one, other in zip(got, wanted, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-5)
    assert torch.equal(torch.get_rng_state(), after), "the generator has moved by one pass"


@pytest.mark.parametrize("family", [*FAMILIES, *FURTHER, *CHARACTERS])
@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_every_family_is_perturbed_within_the_ball(
    tmp_path: Path, deltas: list[torch.Tensor], family: str, precision: str
) -> None:
    make = make_model if family in FAMILIES else make_further_model
    victim = victim_of(make(tmp_path / "model", family))
    victim.model.to(getattr(torch, precision))
    attack = dataclasses.replace(FREELB, step_size=2.0)  # each step leaves the ball
    trainer = trainer_of(victim, attack, tmp_path / "work")
    trainer.current_gradient_accumulation_steps = 1
    batch = batch_of(victim, TRAIN[:5])
    victim.model.train()
    assert trainer.training_step(victim.model, batch).isfinite()
    assert len(deltas) == 3
    first, *others = [each.flatten(1).norm(dim=1) for each in deltas]
    assert (first > 0.1).all()
    assert (first <= attack.epsilon).all()
    for norms in others:
        torch.testing.assert_close(norms, torch.full_like(norms, attack.epsilon))
    special = torch.tensor(sorted(victim.encoder.special_ids))
    still = torch.isin(batch["input_ids"], special) | ~batch["attention_mask"].bool()
    assert still[:, 0].any() or still[:, -1].any()
    for each in deltas:
        moved = each.any(dim=2)
        assert not moved[still].any()
        assert moved[~still].all()


@pytest.mark.parametrize("precision", ["float32", "auto"])
@pytest.mark.parametrize("method", ["fgm", "freelb"])
def test_a_ball_of_radius_0_is_plain_training_bit_for_bit(
    small: Path, tmp_path: Path, method: Any, precision: Any
) -> None:
    plain = dataclasses.replace(QUICK, precision=precision)
    attack = EmbeddingAttackSettings(method, epsilon=0)
    nothing = dataclasses.replace(plain, embedding_attack=attack)
    wanted = fit(small, tmp_path / "plain", settings=plain)
    got = fit(small, tmp_path / "nothing", settings=nothing)
    assert got["checksum"] == wanted["checksum"]
    assert got["losses"] == wanted["losses"]
    moved = EmbeddingAttackSettings(method, epsilon=0.5)
    other = fit(small, tmp_path / "o", settings=dataclasses.replace(plain, embedding_attack=moved))
    assert other["checksum"] != wanted["checksum"]


def test_gradients_accumulate_over_small_batches(small: Path, tmp_path: Path) -> None:
    """FGM's perturbation of a sentence does not depend on its batch, so the weights do not."""
    victim = victim_of(small)
    for module in victim.model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
    alike = [each for each in sentences("alike", 100) if len(each.tokens) == 7][:8]
    before = {name: each.clone() for name, each in victim.model.state_dict().items()}
    ends = []
    for size, number in ((8, 1), (4, 2), (2, 4)):
        victim.model.load_state_dict(before)
        sizes = {"batch_size": size, "gradient_accumulation_steps": number, "learning_rate": 0.1}
        own = sizes | {"optim": "sgd", "max_grad_norm": 0.05}
        trainer = trainer_of(victim, FGM, tmp_path, train=alike, **own)
        trainer.train()
        assert trainer.state.log_history[-1]["train_loss"] > 0
        ends.append(torch.cat([each.flatten() for each in victim.model.state_dict().values()]))
    start = torch.cat([each.flatten() for each in before.values()])
    length = (ends[0] - start).norm()
    assert abs(length - 0.1 * 0.05) < 1e-5, "clipped"
    for end in ends[1:]:
        assert (end - ends[0]).norm() < 0.01 * length


def test_a_model_that_has_no_embeddings_is_refused(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    victim = victim_of(small)
    monkeypatch.setattr(victim.model, "get_input_embeddings", lambda: None)
    with pytest.raises(ModelError, match="BertForTokenClassification has no input embeddings"):
        trainer_of(victim, FGM, tmp_path)


def test_each_epoch_has_noise_of_its_own_and_dev_has_none(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[Sequence[Sentence]] = []
    monkeypatch.setattr(_Dataset, "show", _keeping(shown))
    measured = []

    def measure(victim: Victim, given: Sequence[Sentence]) -> Any:
        measured.append(list(given))
        return evaluate(victim, given)

    monkeypatch.setattr("tests.helpers.quick_training.evaluate", measure)
    report = fit(small, tmp_path / "a", settings=dataclasses.replace(QUICK, noise=NOISE))
    clean, *epochs = shown
    assert clean == TRAIN
    assert len(epochs) == 3
    assert len({tuple(s.tokens for s in each) for each in epochs}) == 3
    for each in epochs:
        assert [s.id for s in each] == [s.id for s in TRAIN]
        changed = sum(new != old for new, old in zip(each, TRAIN, strict=True))
        assert 12 < changed < 36, "about half of 48"
        for new, old in zip(each, TRAIN, strict=True):
            assert [e.label for e in new.entities] == [e.label for e in old.entities]
    assert measured[:3] == [DEV] * 3
    assert report["settings"]["noise"] == {
        "suites": ("typos", "spacing"),
        "rate": 0.5,
        "share": 0.5,
    }
    again = fit(small, tmp_path / "b", settings=dataclasses.replace(QUICK, noise=NOISE))
    assert again["checksum"] == report["checksum"]
    assert fit(small, tmp_path / "c")["checksum"] != report["checksum"]


def test_what_noise_makes_unfit_stays_clean(small: Path, tmp_path: Path) -> None:
    """Too long a sentence, and an I- tag of a class that has only B-."""
    splits = NoiseSettings(("spacing",), rate=1.0, share=1.0)
    tokens = ("London", "lost", "on", "Friday", "on", "Friday", ".")
    tags = ("B-LOC", "O", "O", "O", "O", "O", "O")
    clean = [Sentence(f"s-{number}", tokens, tags) for number in range(8)]
    changed = []
    for labels, limit in ((LABELS, None), (LABELS[:4], None), (LABELS, 9)):
        shown: list[Sequence[Sentence]] = []
        settings = dataclasses.replace(QUICK, noise=splits, max_length=limit)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(_Dataset, "show", _keeping(shown))
            patch.setattr("tests.helpers.quick_training.DEV", clean)
            patch.setattr("tests.helpers.quick_training.TEST", clean)
            fit(small, tmp_path / "a", settings=settings, train=clean, labels=labels)
        made = [each for epoch in shown[1:] for each in epoch]
        assert len(made) == 3 * 8
        assert {tag for each in made for tag in each.tags} <= set(labels)
        changed.append(sum(each.tokens != tokens for each in made))
    assert changed[0] > changed[1] > changed[2] == 0


def _keeping(shown: list[Sequence[Sentence]]) -> Any:
    show = _Dataset.show

    def keep(self: Any, given: Sequence[Sentence]) -> None:
        shown.append(given)
        show(self, given)

    return keep


def test_a_killed_hardening_ends_with_the_same_bytes(small: Path, tmp_path: Path) -> None:
    settings = dataclasses.replace(QUICK, noise=NOISE, embedding_attack=FREELB)
    whole = fit(small, tmp_path / "whole", settings=settings)
    output = tmp_path / "killed"
    for epoch in (1, 2, 3):
        with pytest.MonkeyPatch.context() as patch:
            kill_in_epoch(patch, epoch)
            with pytest.raises(KilledError):
                fit(small, output, settings=settings)
    resumed = fit(small, output, settings=settings)
    assert resumed["checksum"] == whole["checksum"]
    assert resumed["losses"] == whole["losses"]
    written = json.loads((output / "training.json").read_text())["settings"]
    assert TrainingSettings(**written) == settings


def test_the_work_of_other_options_is_discarded(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A resumed training would have learned half its epochs otherwise than it says."""
    settings = dataclasses.replace(QUICK, embedding_attack=FGM)
    with monkeypatch.context() as patch:
        kill_in_epoch(patch, 2)
        with pytest.raises(KilledError):
            fit(small, tmp_path / "victim", settings=QUICK)
    whole = fit(small, tmp_path / "whole", settings=settings)
    assert fit(small, tmp_path / "victim", settings=settings)["checksum"] == whole["checksum"]
