"""The masked LM, which suggests words."""

from __future__ import annotations

import os
from argparse import Namespace, _ArgumentGroup
from collections.abc import Container, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from seqattack.attack.recipes.recipe import base_recipe
from seqattack.attack.resources.resource import (
    Resource,
    RunFiles,
    Settings,
    Surroundings,
    source_key,
)
from seqattack.attack.settings import Machine
from seqattack.errors import RecipeError
from seqattack.files.artefacts import Artefact, Kind, hub_artefact

if TYPE_CHECKING:
    from seqattack.masked_lm.session import MaskedLMService, MaskedLMSession
    from seqattack.models.batching import BatchedModel
    from seqattack.models.scheduling import Compute


class MaskedLMResource(Resource):
    """A masked LM of transformers: a folder, or a name on the hub with a revision."""

    name = "masked-lm"

    def load(self, settings: Settings, machine: Machine) -> MaskedLMService:
        """Return the masked LM as a model that is asked in batches."""
        from seqattack.masked_lm.model import MaskedLM
        from seqattack.masked_lm.session import MaskedLMService

        source = settings[source_key(self.name, settings, ("path", "name"), ("revision",))]
        revision, device = settings.get("revision"), machine.device
        lm = MaskedLM.load(source, revision=revision, device=device, backend=machine.backend)
        return MaskedLMService(lm)

    def checksum(self, loaded: MaskedLMService) -> str:
        """Return the checksum of its weights."""
        return loaded.model.checksum

    def session(self, loaded: MaskedLMService, compute: Compute) -> MaskedLMSession:
        """Return the sentence's session."""
        from seqattack.masked_lm.session import MaskedLMSession

        return MaskedLMSession(loaded, compute)

    def models(self, loaded: MaskedLMService) -> Mapping[str, BatchedModel[Any, Any]]:
        """Return the masked LM."""
        return {"masked LM": loaded}

    def add_options(self, group: _ArgumentGroup) -> None:
        """Add its folder or name, and its revision."""
        group.add_argument("--masked-lm", help="folder or hub name of the masked LM")
        group.add_argument("--masked-lm-revision", help="its pinned revision on the hub")

    def from_options(self, options: Namespace) -> Settings | None:
        """Return its folder, or its name and revision.

        Raises:
            RecipeError: A revision is given without a name.
        """
        if options.masked_lm is None:
            if options.masked_lm_revision is not None:
                raise RecipeError("--masked-lm-revision needs --masked-lm: name its model too.")
            return None
        return named(options.masked_lm, options.masked_lm_revision)

    def from_config(self, config: Mapping[str, Any], recipe: str, files: RunFiles) -> Settings:
        """Return the recipe's entry of ``masked_lm``, or default; see `Resource.from_config`."""
        entries = config["masked_lm"]
        entry = entry_of(recipe, entries)
        spec = entries[entry]
        if "embedded" in spec:
            return {"path": str(files.models / f"masked-lm-{entry}")}
        return {key: spec[key] for key in ("path", "name", "revision") if key in spec}

    def artefacts(self, settings: Settings) -> Sequence[Artefact]:
        """Return the hub's model, where it is one at a pinned revision."""
        if not {"name", "revision"} <= settings.keys():
            return ()
        return (hub_artefact(Kind.MODEL, settings["name"], settings["revision"]),)

    def find(self, surroundings: Surroundings) -> Settings | None:
        """Return the one that a run trained beside the victim, or the embedded one."""
        if surroundings.victim is not None:
            for entry in _entries(surroundings.recipe):
                folder = surroundings.victim.parent / f"masked-lm-{entry}"
                if (folder / "config.json").is_file():
                    return {"path": str(folder)}
        from seqattack.masked_lm.embedded import embedded_masked_lm

        return {"path": str(embedded_masked_lm())}


def entry_of(recipe: str, entries: Container[str]) -> str:
    """Return which entry of ``masked_lm`` a recipe uses: its own, its base's, or ``default``.

    Args:
        recipe: The recipe's name.
        entries: The names of the entries.

    Example:
        >>> entry_of("clare-published", {"clare", "default"})
        'clare'
    """
    return next((each for each in _entries(recipe) if each in entries), "default")


def _entries(recipe: str) -> tuple[str, ...]:
    return (recipe, base_recipe(recipe), "default")


def named(source: str, revision: str | None) -> Settings:
    """Return a model's folder, or its name on the hub and its revision.

    Args:
        source: Folder or name.
        revision: Pinned revision of a hub model.

    Example:
        >>> named("distilbert/distilroberta-base", "fb53ab8")
        {'name': 'distilbert/distilroberta-base', 'revision': 'fb53ab8'}
    """
    if os.path.isdir(source):
        return {"path": source}
    return {"name": source} | ({"revision": revision} if revision else {})
