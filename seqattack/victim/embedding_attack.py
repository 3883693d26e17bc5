"""Training on perturbed input embeddings: FGM and FreeLB."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from typing import Any

import torch

from seqattack.errors import ModelError
from seqattack.files.checksums import sha256_json
from seqattack.models.trainer import Trainer
from seqattack.victim.hardening import FREELB, EmbeddingAttackSettings


class EmbeddingAttackTrainer(Trainer):  # type: ignore[misc]  # transformers has no types
    """Trains on batches whose input embeddings are perturbed toward a higher loss.

    The perturbation of a sentence is one vector of all its sub-tokens but the special ones and
    padding, which no attacker can write; its L2 norm is bounded. Every pass over a batch has the
    same dropout masks (Zhu et al., 2020, section 3.3), and the gradients of all passes are
    averaged:

    - FGM (Miyato et al., 2017, section 3): a pass without perturbation and one at epsilon along
      that pass's gradient. Their mean is the published sum of both losses at half the scale, which
      AdamW does not see.
    - FreeLB (Zhu et al., 2020, algorithm 1): K passes, the first at a random place in the ball,
      each next one a projected gradient step further.

    Args:
        model: The model.
        arguments: The Trainer's.
        attack: The method and its numbers.
        special_ids: The ids of special tokens and of padding.
        **own: Further arguments of the Trainer.

    Raises:
        ModelError: The model has no input embeddings that can be perturbed.
    """

    def __init__(
        self,
        model: Any,
        arguments: Any,
        *,
        attack: EmbeddingAttackSettings,
        special_ids: frozenset[int],
        **own: Any,
    ) -> None:
        super().__init__(model, arguments, **own)
        self.attack = attack
        self._embeddings = input_embeddings(model)
        self._special_ids = torch.tensor(sorted(special_ids))
        self._drawn_at = -1
        self._random = torch.Generator()

    def training_step(self, model: Any, inputs: Any, num_items_in_batch: Any = None) -> Any:
        """Send a batch through the model and back as often as the method says.

        Args:
            model: The model as the Trainer wraps it.
            inputs: The batch: ``input_ids``, ``attention_mask`` and ``labels``, each of shape
                (sentences, sub-tokens).
            num_items_in_batch: The labels of the whole step, as the Trainer counts them.

        Returns:
            The mean loss of all passes, detached.
        """
        inputs = self._prepare_inputs(inputs)
        perturbation = Perturbation(self.attack, self._may_change(inputs), self._generator())
        losses = []
        with perturbation.on(self._embeddings):
            for left in reversed(range(self.attack.passes)):
                with self._same_dropout() if left else nullcontext():
                    losses.append(super().training_step(model, dict(inputs), num_items_in_batch))
                if left:
                    perturbation.ascend()
        return torch.stack(losses).sum()

    def compute_loss(self, *args: Any, **kwargs: Any) -> Any:
        """Return the loss of one pass: its share of the mean."""
        return super().compute_loss(*args, **kwargs) / self.attack.passes

    def _may_change(self, inputs: Any) -> torch.Tensor:
        """Return which sub-tokens may be perturbed, of shape (sentences, sub-tokens)."""
        ids = inputs["input_ids"]
        special = torch.isin(ids, self._special_ids.to(ids.device))
        may: torch.Tensor = inputs["attention_mask"].bool() & ~special
        return may

    def _generator(self) -> torch.Generator:
        """Return the step's generator, so that a resumed training draws as an undisturbed one."""
        step = self.state.global_step
        if step != self._drawn_at:
            self._drawn_at = step
            key = sha256_json(["embedding attack", self.args.seed, step])
            self._random.manual_seed(int(key[:8], 16))
        return self._random

    def _same_dropout(self) -> AbstractContextManager[None]:
        """Give the next pass the dropout masks of this one, by the same state of the generators."""
        cuda = [self.args.device] if self.args.device.type == "cuda" else []
        return torch.random.fork_rng(cuda)


class Perturbation:
    """What is added to the input embeddings of a batch.

    Args:
        attack: The method and its numbers.
        may_change: Which sub-tokens may be perturbed, of shape (sentences, sub-tokens).
        generator: Draws FreeLB's first perturbation, on the processor, so that it is the same on
            every device.

    Attributes:
        delta: The perturbation, of shape (sentences, sub-tokens, dimensions) and float32; None
            before the first pass.
    """

    def __init__(
        self,
        attack: EmbeddingAttackSettings,
        may_change: torch.Tensor,
        generator: torch.Generator,
    ) -> None:
        self.attack = attack
        self.delta: torch.Tensor | None = None
        self._may_change = may_change.unsqueeze(2).float()
        self._generator = generator

    @contextmanager
    def on(self, embeddings: Iterable[torch.nn.Module]) -> Iterator[None]:
        """Add it to what modules give for as long as the context lasts.

        Args:
            embeddings: Give tensors of shape (sentences, sub-tokens, dimensions).
        """
        with ExitStack() as hooks:
            for each in embeddings:
                hooks.enter_context(each.register_forward_hook(self._add))
            yield

    def ascend(self) -> None:
        """Move along the gradient of the last pass, and back onto the ball.

        Raises:
            ModelError: The model did not use the embeddings.
        """
        if self.delta is None or self.delta.grad is None:
            raise ModelError(
                "the model does not use its input embeddings; remove embedding_attack."
            )
        gradient = self.delta.grad * self._may_change
        moved = self.delta.detach() + self.attack.ascent * gradient / _norms(gradient)
        shrink = (self.attack.epsilon / _norms(moved)).clamp(max=1)
        self.delta = (moved * shrink).requires_grad_()

    def _add(self, module: torch.nn.Module, args: Any, embedded: torch.Tensor) -> torch.Tensor:
        if self.delta is None:
            self.delta = self._first(embedded).requires_grad_()
        return embedded + self.delta.to(embedded.dtype)

    def _first(self, embedded: torch.Tensor) -> torch.Tensor:
        """Return the perturbation of the first pass: none, or FreeLB's random one.

        Its numbers are uniform up to epsilon divided by the root of how many there are, so that its
        norm is at most epsilon.
        """
        if self.attack.method != FREELB:
            return torch.zeros_like(embedded, dtype=torch.float32)
        drawn = torch.rand(embedded.shape, generator=self._generator).to(embedded.device) * 2 - 1
        numbers = self._may_change.sum(dim=1, keepdim=True) * embedded.shape[2]
        return drawn * self._may_change * self.attack.epsilon / numbers.clamp(min=1).sqrt()


def input_embeddings(model: Any) -> list[torch.nn.Module]:
    """Return the modules that turn ids into vectors: all that share the model's table.

    T5 has two, of which it uses its encoder's. CANINE has no table, it hashes characters: what is
    perturbed there is the normalised sum of their hashed and position embeddings.

    Args:
        model: A model of transformers.

    Raises:
        ModelError: The model has none.
    """
    try:
        found = model.get_input_embeddings()
    except NotImplementedError:
        found = getattr(model.base_model, "char_embeddings", None)
    if not isinstance(found, torch.nn.Module):
        raise ModelError(
            f"{type(model).__name__} has no input embeddings that embedding_attack could perturb; "
            "remove it, or choose another pretrained model."
        )
    table = getattr(found, "weight", None)
    shared = [each for each in model.modules() if getattr(each, "weight", None) is table]
    return [found] if table is None else shared


def _norms(vectors: torch.Tensor) -> torch.Tensor:
    """Return the L2 norm of each sentence's vector, never 0: of shape (sentences, 1, 1)."""
    norms = vectors.flatten(1).norm(dim=1).clamp(min=torch.finfo(torch.float32).tiny)
    shaped: torch.Tensor = norms.view(-1, 1, 1)
    return shaped
