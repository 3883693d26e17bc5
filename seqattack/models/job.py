"""A training without its sentences, as the rules of the pipeline pass it to a command."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from seqattack.checks import check_mapping, check_text
from seqattack.errors import ConfigError

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

SettingsT = TypeVar("SettingsT", bound="DataclassInstance")


@dataclass(frozen=True, slots=True)
class TrainingJob(Generic[SettingsT]):
    """How a model is trained, from what, and where.

    Args:
        settings: What the weights depend on, besides data, pretrained model and machine.
        pretrained: What `seqattack.models.pretrained.resolve_pretrained` takes; empty for a model
            that is trained from nothing.
        device: ``auto``, ``cpu`` or ``cuda``.

    Raises:
        ConfigError: `pretrained` or `device` is something else.
    """

    settings: SettingsT
    pretrained: Mapping[str, str] = field(default_factory=dict)
    device: str = "auto"

    def __post_init__(self) -> None:
        for name, value in check_mapping("pretrained", self.pretrained).items():
            if value is not None:
                check_text(f"pretrained.{name}", value)
        check_text("device", self.device)

    def to_json(self) -> dict[str, Any]:
        """Return the job as a JSON object."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: Mapping[str, Any], kind: type[SettingsT]) -> TrainingJob[SettingsT]:
        """Return the job that `to_json` wrote.

        Args:
            value: The JSON object.
            kind: The class of its settings.

        Raises:
            ConfigError: A key is unknown or missing.
        """
        try:
            return cls(**{**value, "settings": kind(**value["settings"])})
        except (KeyError, TypeError) as error:
            raise ConfigError(
                f"the training's settings are not usable ({error}); write an object with the keys "
                "settings, pretrained and device."
            ) from error
