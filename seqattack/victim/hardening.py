"""What a fine-tuning does to make a victim robust: noise and attacks inside the training loop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from typing import Any, Literal, TypeVar

from seqattack.checks import check_choice, check_integer, check_mapping, check_number, shown
from seqattack.errors import ConfigError
from seqattack.perturbations.suites import PLUS, SUITES, Suite, find_suite
from seqattack.suggest import did_you_mean

FGM, FREELB = "fgm", "freelb"

SettingsT = TypeVar("SettingsT", "NoiseSettings", "EmbeddingAttackSettings")


@dataclass(frozen=True, slots=True)
class NoiseSettings:
    """Fresh noise for the training sentences of every epoch.

    Args:
        suites: Names of noise suites; a word gets noise of one of them.
        rate: The probability that a word of a noisy sentence gets noise, in [0, 1].
        share: The probability that a sentence is noisy in an epoch, in [0, 1]; the others are seen
            as they are.

    Raises:
        ConfigError: There is no such suite, one comes twice, or a number is out of range.
    """

    suites: tuple[str, ...]
    rate: float = 0.1
    share: float = 0.5

    def __post_init__(self) -> None:
        names: Any = self.suites
        if not isinstance(names, Sequence) or isinstance(names, str) or not names:
            raise ConfigError(
                f"noise.suites: {shown(names)} is not allowed; write a list of suites, such as "
                "[typos, case]."
            )
        for name in names:
            check_choice("noise.suites", name, SUITES)
        object.__setattr__(self, "suites", tuple(names))
        find_suite(PLUS.join(names))  # none twice
        check_number("noise.rate", self.rate, 0, 1)
        check_number("noise.share", self.share, 0, 1)

    @property
    def suite(self) -> Suite:
        """All suites as one."""
        return find_suite(PLUS.join(self.suites))


@dataclass(frozen=True, slots=True)
class EmbeddingAttackSettings:
    """Adversarial training in the space of input embeddings.

    Args:
        method: ``fgm`` (Miyato et al., 2017) or ``freelb`` (Zhu et al., 2020).
        epsilon: Largest L2 norm of the perturbation of a sentence's sub-tokens, 0 or more, in the
            unit of the model's own embeddings.
        steps: FreeLB's K, the forward and backward passes of a batch (2 where not given); None for
            FGM, which makes two, a clean one and an adversarial one.
        step_size: FreeLB's α, the L2 norm of an ascent step (half of `epsilon` where not given);
            None for FGM, whose step is `epsilon` long.

    Raises:
        ConfigError: There is no such method, a number is out of range, or FGM is given what only
            FreeLB has.
    """

    method: Literal["fgm", "freelb"]
    epsilon: float = 1.0
    steps: int | None = None
    step_size: float | None = None

    def __post_init__(self) -> None:
        check_choice("embedding_attack.method", self.method, (FGM, FREELB))
        check_number("embedding_attack.epsilon", self.epsilon, 0)
        own = {"steps": self.steps, "step_size": self.step_size}
        given = [name for name, value in own.items() if value is not None]
        if self.method == FGM and given:
            raise ConfigError(
                f"embedding_attack.{given[0]}: FGM makes one step, epsilon long; remove the key, "
                "or write method: freelb."
            )
        if self.method == FREELB:
            steps = 2 if self.steps is None else self.steps
            size = self.epsilon / 2 if self.step_size is None else self.step_size
            object.__setattr__(self, "steps", check_integer("embedding_attack.steps", steps))
            check_number("embedding_attack.step_size", size, 0)
            object.__setattr__(self, "step_size", size)

    @property
    def passes(self) -> int:
        """Forward and backward passes of a batch."""
        return 2 if self.steps is None else self.steps

    @property
    def ascent(self) -> float:
        """The L2 norm of an ascent step."""
        return self.epsilon if self.step_size is None else self.step_size


def settings_of(name: str, kind: type[SettingsT], value: Any) -> SettingsT | None:
    """Return settings that may be given as an object of JSON; None stays None.

    Args:
        name: What messages call them.
        kind: Their class.
        value: The settings, their keys and values, or None.

    Raises:
        ConfigError: It is no such object, or a key is unknown or missing.
    """
    if value is None or isinstance(value, kind):
        return value
    given: Mapping[str, Any] = check_mapping(name, value)
    known = {each.name: each.default is MISSING for each in fields(kind)}
    for key in given:
        if key not in known:
            raise ConfigError(f"{name}: unknown key {shown(key)}{did_you_mean(key, known)}")
    for key, needed in known.items():
        if needed and key not in given:
            raise ConfigError(f"{name}: {key} is missing; write it.")
    return kind(**given)
