"""Fresh noise for the training sentences of every epoch."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from itertools import compress
from typing import Any

from seqattack.models.trainer import TrainerCallback
from seqattack.perturbations.noise import Noise, noisy_sentences
from seqattack.sentence import Sentence
from seqattack.victim.hardening import NoiseSettings


class FreshNoise(TrainerCallback):  # type: ignore[misc]  # transformers has no types
    """Gives a training other noise at the beginning of each epoch.

    The noise depends on the seed and the epoch alone, so that it is the same after a resume.

    Args:
        settings: What noise, and how much.
        seed: The training's.
        sentences: The clean training sentences.
        is_usable: Whether the model can learn a sentence; one stays clean that noise makes too long
            or gives a tag that no clean sentence has (I- to a split word of a class whose entities
            are all of one word).
        show: Gives the training the sentences of the epoch, in the order of the clean ones.
    """

    def __init__(
        self,
        settings: NoiseSettings,
        seed: int,
        sentences: Sequence[Sentence],
        is_usable: Callable[[Sentence], bool],
        show: Callable[[Sequence[Sentence]], None],
    ) -> None:
        self.settings = settings
        self.seed = seed
        self.sentences = sentences
        self._is_usable = is_usable
        self._show = show

    def on_epoch_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Make and show the epoch's sentences; see `TrainerCallback.on_epoch_begin`."""
        epoch = round(state.epoch)
        noisy = with_noise(self.sentences, self.settings, self.seed, epoch)
        pairs = zip(self.sentences, noisy, strict=True)
        self._show([new if self._is_usable(new) else clean for clean, new in pairs])


def with_noise(
    sentences: Sequence[Sentence], settings: NoiseSettings, seed: int, epoch: int
) -> list[Sentence]:
    """Return the sentences of an epoch, of which a share has noise.

    Args:
        sentences: The clean sentences.
        settings: What noise, and how much.
        seed: The training's.
        epoch: Its number, from 0.

    Example:
        >>> sentence = Sentence("s-1", ("Rome", "fell"), ("B-LOC", "O"))
        >>> settings = NoiseSettings(("upper",), rate=1.0, share=1.0)
        >>> with_noise([sentence], settings, seed=0, epoch=0)[0].text
        'ROME FELL'
    """
    rng = random.Random(f"noisy sentences {seed} {epoch}")
    noise = Noise(settings.suite, settings.rate)
    chosen = [rng.random() < settings.share for _ in sentences]
    made = noisy_sentences(noise, list(compress(sentences, chosen)), seed, epoch)
    return [
        next(made).sentence if is_noisy else clean
        for clean, is_noisy in zip(sentences, chosen, strict=True)
    ]
