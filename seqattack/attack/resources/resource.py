"""What a resource is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from argparse import Namespace, _ArgumentGroup
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqattack.attack.settings import Machine
from seqattack.errors import ConfigError
from seqattack.files.artefacts import Artefact, file_name
from seqattack.sentence import Sentence
from seqattack.suggest import did_you_mean

if TYPE_CHECKING:
    from seqattack.models.batching import BatchedModel
    from seqattack.models.scheduling import Compute

Settings = Mapping[str, Any]
"""What a resource is made of, such as ``{"path": "models/masked-lm"}``: plain JSON."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where a resource that nobody named is looked for.

    Args:
        victim: The victim's folder; None for a model of the hub.
        recipe: The recipe that needs the resource.
        sentences: Those to be attacked.
    """

    victim: Path | None = None
    recipe: str = ""
    sentences: Sequence[Sentence] = ()

    def training_sentences(self) -> Path | None:
        """Return the file of a run's training sentences beside the victim, if it is there."""
        if self.victim is None:
            return None
        path = self.victim.parent.parent / "corpus" / "train.jsonl"
        return path if path.is_file() else None


@dataclass(frozen=True, slots=True)
class RunFiles:
    """Where a run of the pipeline keeps what resources are made of.

    Args:
        models: Folder of the models that the run trains.
        training_sentences: The corpus's training sentences.
        backends: Folder of what is known of tried backends.
        artefacts: Folder of what is known of fetched artefacts.
    """

    models: Path
    training_sentences: Path
    backends: Path
    artefacts: Path

    def artefact(self, artefact: Artefact) -> Path:
        """Return what is known of an artefact once it was fetched."""
        return self.artefacts / f"{file_name(artefact)}.json"


class Resource(ABC):
    """Something that a recipe needs besides the victim: a model, a list of words, a server.

    Engine, command line, pipeline and web application know a resource by its name alone and ask it
    for the rest. A subclass must say how to `load` it; the other methods have answers that fit a
    resource made of one file.

    Attributes:
        name: As recipes, options and records have it, such as ``masked-lm``.
        help: What the command line says of its option.
    """

    name: str
    help: str = "its file or folder"

    @abstractmethod
    def load(self, settings: Settings, machine: Machine) -> Any:
        """Return the loaded resource.

        Args:
            settings: What it is made of.
            machine: Where models run.

        Raises:
            SeqAttackError: It is not there or not usable.
        """

    def checksum(self, loaded: Any) -> str:
        """Return a checksum of what the outcome of an attack depends on.

        Args:
            loaded: What `load` returned.
        """
        return str(loaded.checksum)

    def session(self, loaded: Any, compute: Compute) -> Any:
        """Return what the attack of one sentence is given; the loaded resource itself by default.

        Args:
            loaded: What `load` returned.
            compute: Sends a model's items through it in batches with other sentences'.
        """
        return loaded

    def models(self, loaded: Any) -> Mapping[str, BatchedModel[Any, Any]]:
        """Return the models that texts are sent through, by what they are called.

        Args:
            loaded: What `load` returned.
        """
        return {}

    def add_options(self, group: _ArgumentGroup) -> None:
        """Add the command-line options that say what the resource is made of.

        Args:
            group: Of the command's parser.
        """
        group.add_argument(f"--{self.name}", metavar="PATH", help=self.help)

    def from_options(self, options: Namespace) -> Settings | None:
        """Return what the options say; None where they name nothing.

        Args:
            options: As parsed.
        """
        path = getattr(options, self.name.replace("-", "_"))
        return None if path is None else {"path": str(path)}

    def from_config(self, config: Mapping[str, Any], recipe: str, files: RunFiles) -> Settings:
        """Return what a configuration of the pipeline says: its ``resources``, by default.

        Args:
            config: The configuration as JSON, with every default filled in.
            recipe: The recipe that needs the resource.
            files: Where the run keeps what it makes.
        """
        found: Settings = config.get("resources", {}).get(self.name, {})
        return found

    def inputs(self, settings: Settings, files: RunFiles) -> list[str]:
        """Return the files that an attack of the pipeline has to wait for.

        Args:
            settings: Of `from_config`.
            files: Where the run keeps what it makes.
        """
        made = [str(settings["path"])] if "path" in settings else []
        return [*made, *(str(files.artefact(each)) for each in self.artefacts(settings))]

    def artefacts(self, settings: Settings) -> Sequence[Artefact]:
        """Return what has to be fetched first; see `seqattack.files.artefacts`.

        Args:
            settings: Of `from_config`.
        """
        return ()

    def find(self, surroundings: Surroundings) -> Settings | None:
        """Return what the resource is made of where nobody said so; None where nothing is found.

        Args:
            surroundings: Where to look.
        """
        return None


def check_keys(resource: str, settings: Settings, known: Sequence[str]) -> None:
    """Check that there is no other key in a resource's settings than those that it knows.

    Args:
        resource: The resource's name.
        settings: What it is made of.
        known: The keys.

    Raises:
        ConfigError: There is one; the message names it.
    """
    for key in settings:
        if key not in known:
            raise ConfigError(
                f"resources.{resource}: {key!r} is not known{did_you_mean(str(key), known)}"
            )


def source_key(
    resource: str, settings: Settings, sources: Sequence[str], others: Sequence[str] = ()
) -> str:
    """Return the first key of a resource's settings that says what it is made of.

    Args:
        resource: The resource's name.
        settings: What it is made of.
        sources: The keys that say so, in the order in which they count.
        others: More keys that there may be.

    Raises:
        ConfigError: There is none, or a key that is not known.

    Example:
        >>> source_key("masked-lm", {"name": "a/b"}, ["path", "name"], ["revision"])
        'name'
    """
    check_keys(resource, settings, (*sources, *others))
    found = next((key for key in sources if key in settings), None)
    if found is None:
        raise ConfigError(
            f"resources.{resource}: no source is given; write {' or '.join(sources)}."
        )
    return found


class TrainingSentencesResource(Resource):
    """A resource made of tagged sentences: those of the run's training set where none are named."""

    def from_config(self, config: Mapping[str, Any], recipe: str, files: RunFiles) -> Settings:
        """Return its entry in ``resources`` or training sentences; see `Resource.from_config`."""
        own = super().from_config(config, recipe, files)
        return own or {"path": str(files.training_sentences)}

    def find(self, surroundings: Surroundings) -> Settings:
        """Return training sentences beside the victim, or `others`; see `Resource.find`."""
        path = surroundings.training_sentences()
        return {"path": str(path)} if path else {"sentences": self.others(surroundings)}

    @abstractmethod
    def others(self, surroundings: Surroundings) -> list[Sentence]:
        """Return the sentences that it is made of where there is no run.

        Args:
            surroundings: Where to look.
        """
