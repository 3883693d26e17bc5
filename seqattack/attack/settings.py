"""What an attack depends on: its settings, what its resources are, and how it uses the machine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Literal, get_args

from seqattack.checks import (
    check_auto_or_integer,
    check_boolean,
    check_choice,
    check_integer,
    check_mapping,
    check_number,
    check_seed,
    check_text,
)
from seqattack.errors import ConfigError
from seqattack.models.backend import BACKENDS, BackendChoice
from seqattack.models.batch_size import MOST_BATCH_TOKENS, Auto
from seqattack.models.precisions import PRECISIONS, PrecisionChoice

NewEntityCheck = Literal["default", "published"]
"""How a changed word is found that the victim takes for an entity."""


@dataclass(frozen=True, slots=True)
class AttackSettings:
    """What an attack's outcome depends on, besides victim, sentences and resources.

    The defaults are those of the command line and of the pipeline's configuration too.

    Args:
        recipe: A recipe's name, such as ``deepwordbug-i-5``.
        goal: A goal's name, such as ``untargeted-strict``.
        seed: The run's seed. Each sentence has a generator of its own, seeded by this, the recipe's
            name and the sentence's id.
        query_budget: Goal-function evaluations a sentence.
        max_mispredicted: Share of entity tokens wrong, in (0, 1], at which a search stops.
        timeout: Seconds a sentence, its share of shared batches counted as its own; None for no
            limit. With a limit the outcome may depend on the machine's speed.
        max_pieces: Words of more sub-tokens than this are not attacked; None attacks all.
        ascii_only: Refuse candidates with a non-ASCII character, as the published code does.
        refuse_negations: Refuse candidates with a negation; the published code refuses some.
        new_entity_check: How changed words are found that the victim takes for entities:
            ``default`` looks at all of them, or is the recipe's own; ``published`` looks after the
            last edit only, at a wrong index, as the published code does.

    Raises:
        ConfigError: A value is out of range.
    """

    recipe: str
    goal: str = "untargeted-strict"
    seed: int = 0
    query_budget: int = 512
    max_mispredicted: float = 0.8
    timeout: float | None = None
    max_pieces: int | None = 3
    ascii_only: bool = False
    refuse_negations: bool = False
    new_entity_check: NewEntityCheck = "default"

    def __post_init__(self) -> None:
        check_text("recipe", self.recipe)
        check_text("goal", self.goal)
        check_seed("seed", self.seed)
        check_integer("query_budget", self.query_budget)
        check_number("max_mispredicted", self.max_mispredicted, 0, 1, over=True)
        if self.timeout is not None:
            check_number("timeout", self.timeout, 0, over=True)
        if self.max_pieces is not None:
            check_integer("max_pieces", self.max_pieces)
        for name in ("ascii_only", "refuse_negations"):
            check_boolean(name, getattr(self, name))
        check_choice("new_entity_check", self.new_entity_check, get_args(NewEntityCheck))

    def to_json(self) -> dict[str, Any]:
        """Return the settings as a JSON object; the keys are the attributes' names."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Machine:
    """Where an attack runs and how it fills batches.

    Args:
        device: ``auto``, ``cpu``, ``cuda`` or ``cuda:N``.
        precision: Of the forward passes of victim and sentence encoder: ``auto``, ``float32`` or
            ``bfloat16``.
        backend: What computes the forward passes of victim, masked LM and sentence encoder:
            ``torch``, ``openvino`` or ``auto``.
        in_flight: Sentences that share batches; changes speed, never an outcome. ``auto`` takes as
            many as fill the victim's batches.
        batch_tokens: Sub-tokens of a full batch, padding included; changes speed. It can change an
            outcome only on a device where a batch's size changes results. ``auto`` tries a few
            sizes on the first batches.

    Raises:
        ConfigError: A value is out of range.
    """

    device: str = "auto"
    precision: PrecisionChoice = "float32"
    backend: BackendChoice = "torch"
    in_flight: int | Auto = "auto"
    batch_tokens: int | Auto = "auto"

    def __post_init__(self) -> None:
        check_text("device", self.device)
        check_choice("precision", self.precision, PRECISIONS)
        check_choice("backend", self.backend, BACKENDS)
        check_auto_or_integer("in_flight", self.in_flight)
        check_auto_or_integer("batch_tokens", self.batch_tokens, most=MOST_BATCH_TOKENS)


@dataclass(frozen=True, slots=True)
class AttackJob:
    """All that `seqattack attack` needs besides victim and sentences; rules pass it on as JSON.

    Args:
        settings: What the outcome depends on.
        resources: By resource, what it is made of; one that is not named is looked for.
        machine: Where the attack runs.

    Raises:
        ConfigError: The resources are no mapping of mappings.
    """

    settings: AttackSettings
    resources: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    machine: Machine = field(default_factory=Machine)

    def __post_init__(self) -> None:
        for name, settings in check_mapping("resources", self.resources).items():
            check_mapping(f"resources.{name}", settings)

    def to_json(self) -> dict[str, Any]:
        """Return the job as a JSON object."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> AttackJob:
        """Return the job that `to_json` wrote.

        Raises:
            ConfigError: A key is unknown or missing, or a value is out of range.
        """
        try:
            return cls(
                AttackSettings(**value["settings"]),
                value.get("resources", {}),
                Machine(**value.get("machine", {})),
            )
        except (KeyError, TypeError) as error:
            raise ConfigError(
                f"the attack's settings are not usable ({error}); write an object with the keys "
                "settings, resources and machine."
            ) from error


def default(settings: type, name: str) -> Any:
    """Return the default of a settings class's attribute.

    Args:
        settings: A dataclass.
        name: The attribute.

    Example:
        >>> default(AttackSettings, "query_budget")
        512
    """
    return next(each.default for each in fields(settings) if each.name == name)
