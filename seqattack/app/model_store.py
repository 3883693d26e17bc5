"""What live attacks are made of: the victims, masked LMs and entities of a results folder."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqattack.attack.recipes.recipe import Need
from seqattack.attack.recipes.registry import KNOWN_RECIPES, find_recipe
from seqattack.attack.recipes.textattack import TEXTATTACK_RECIPES
from seqattack.errors import ModelError, RecipeError
from seqattack.io import read_json
from seqattack.suggest import did_you_mean

if TYPE_CHECKING:
    from seqattack.attack.resources import Resources
    from seqattack.victim.model import Victim

MASKED_LM = "masked-lm-default"
RECIPES = tuple(name for name in KNOWN_RECIPES if name not in TEXTATTACK_RECIPES)
"""Recipes to choose from; TextAttack's own fetch data on first use."""

KEPT = 3
"""Models that stay in memory."""


class ModelStore:
    """Finds and loads what live attacks need; the models used last stay in memory.

    Args:
        results: The results folder.
        models: Further victims by name.
        device: Where models run.
    """

    def __init__(
        self, results: Path, models: Mapping[str, Path] | None = None, device: str = "auto"
    ) -> None:
        self.results = results
        self.models = dict(models or {})
        self.device = device
        self._loaded: OrderedDict[tuple[str, str], Any] = OrderedDict()
        self._lock = threading.Lock()

    def victims(self) -> dict[str, str]:
        """Return the victims' names and folders."""
        found = {name: str(path) for name, path in self.models.items()}
        for folder in sorted(self.results.glob("models/*")) + sorted(
            self.results.glob("seed-*/models/*")
        ):
            if _is_classifier(folder):
                found.setdefault(folder.relative_to(self.results).as_posix(), str(folder))
        return {name.removeprefix("models/"): path for name, path in found.items()}

    def victim(self, name: str) -> Victim:
        """Return a victim.

        Raises:
            ModelError: There is none of this name, or it cannot be loaded.
        """
        victims = self.victims()
        if name not in victims:
            raise ModelError(f"no victim is called {name[:60]!r}{did_you_mean(name, victims)}")
        from seqattack.victim.model import Victim

        load = partial(Victim.load, device=self.device)
        victim: Victim = self._load("victim", victims[name], load)
        return victim

    def missing(self, recipe: str) -> str:
        """Return why a recipe cannot be used here; nothing where it can."""
        needs = find_recipe(recipe).needs
        if Need.MASKED_LM in needs and self._masked_lm(recipe) is None:
            return f"needs a masked LM in models/{MASKED_LM}"
        if Need.ENTITIES in needs and not self._corpus.is_file():
            return "needs the entities of corpus/train.jsonl"
        if Need.PARAPHRASER in needs and not self._scpn.is_dir():
            return "needs an SCPN in models/scpn"
        return ""

    def resources(self, recipe: str) -> Resources:
        """Return what a recipe needs besides the victim.

        Raises:
            RecipeError: The recipe is unknown here, or something is missing.
        """
        from seqattack.attack.resources import Resources

        if recipe not in RECIPES:
            raise RecipeError(f"recipe {recipe[:60]!r} is unknown{did_you_mean(recipe, RECIPES)}")
        reason = self.missing(recipe)
        if reason:
            raise RecipeError(f"recipe {recipe} {reason}; choose another one.")
        needs = find_recipe(recipe).needs
        found: dict[str, Any] = {}
        if Need.MASKED_LM in needs:
            from seqattack.masked_lm.model import MaskedLM

            load = partial(MaskedLM.load, device=self.device)
            found["masked_lm"] = self._load("masked-lm", str(self._masked_lm(recipe)), load)
        if Need.SIMILARITY in needs:
            from seqattack.sentence_encoder.backends import similarity_backend

            found["similarity"] = self._load(
                "similarity", "default", lambda _: similarity_backend({}, self.device)
            )
        if Need.ENTITIES in needs:
            found["entities"] = self._load("entities", str(self._corpus), _entities)
        if Need.PARAPHRASER in needs:
            from seqattack.scpn.session import Paraphraser

            load_scpn = partial(Paraphraser.load, device=self.device)
            found["paraphraser"] = self._load("scpn", str(self._scpn), load_scpn)
        return Resources(**found)

    @property
    def _corpus(self) -> Path:
        return self.results / "corpus" / "train.jsonl"

    @property
    def _scpn(self) -> Path:
        return self.results / "models" / "scpn"

    def _masked_lm(self, recipe: str) -> Path | None:
        folders = [self.results / "models" / name for name in (f"masked-lm-{recipe}", MASKED_LM)]
        return next((folder for folder in folders if (folder / "config.json").is_file()), None)

    def _load(self, kind: str, name: str, load: Callable[[str], Any]) -> Any:
        with self._lock:
            key = (kind, name)
            if key not in self._loaded:
                self._loaded[key] = load(name)
            self._loaded.move_to_end(key)
            while len([k for k in self._loaded if k[0] == kind]) > KEPT:
                del self._loaded[next(k for k in self._loaded if k[0] == kind)]
            return self._loaded[key]


def _is_classifier(folder: Path) -> bool:
    """Whether a folder holds a token-classification model."""
    try:
        config = read_json(folder / "config.json")
        names: Sequence[str] = config.get("architectures") or []
    except (OSError, ValueError, AttributeError):
        return False
    return any(name.endswith("ForTokenClassification") for name in names)


def _entities(path: str) -> Any:
    from seqattack.corpus import read_sentences
    from seqattack.corpus.inventory import entity_inventory

    return entity_inventory((s.tokens, s.tags) for s in read_sentences(path))
