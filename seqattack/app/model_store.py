"""What live attacks are made of: a results folder's victims, and what recipes need besides."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqattack.app.runs import Run
from seqattack.attack.recipes.registry import KNOWN_RECIPES, find_recipe
from seqattack.attack.recipes.textattack import TEXTATTACK_RECIPES
from seqattack.attack.resources.registry import find_resource
from seqattack.attack.settings import Machine
from seqattack.errors import ConfigError, ModelError, RecipeError
from seqattack.io import read_json
from seqattack.models.backend import BackendChoice
from seqattack.models.pretrained import EMBEDDED_NAME
from seqattack.pipeline.config import load_config
from seqattack.pipeline.layout import MODELS, SEED, run_layouts
from seqattack.suggest import did_you_mean

if TYPE_CHECKING:
    from seqattack.attack.resources.loaded import Resources
    from seqattack.attack.resources.resource import Settings
    from seqattack.victim.victim import Victim

RECIPES = tuple(name for name in KNOWN_RECIPES if name not in TEXTATTACK_RECIPES)
"""Recipes to choose from; TextAttack's own fetch data on first use."""

STANDARD = {"masked_lm": {"default": {"embedded": EMBEDDED_NAME}}, "similarity": {}, "scpn": {}}
"""What resources are in a results folder without a configuration."""

KEPT = 3
"""Models of a kind that stay in memory."""


class ModelStore:
    """Finds and loads what live attacks need; the models used last stay in memory.

    Resources are those of the run, as its configuration in the results folder names them, and of
    several seeds those of the first.

    Args:
        results: The results folder.
        models: Further victims by name.
        device: Where models run.
        backend: What computes their forward passes.
    """

    def __init__(
        self,
        results: Path,
        models: Mapping[str, str | Path] | None = None,
        device: str = "auto",
        backend: BackendChoice = "torch",
    ) -> None:
        self.results = results
        self.models = dict(models or {})
        self.machine = Machine(device, backend=backend)
        self._loaded: OrderedDict[tuple[str, str], Any] = OrderedDict()
        self._lock = threading.Lock()
        self._loading = threading.Lock()

    def victims(self) -> dict[str, str]:
        """Return the victims' names and folders.

        One of the results folder with the name of a further victim is called by its path.
        """
        found = {name: str(path) for name, path in self.models.items()}
        places = (f"{MODELS}/*", f"{SEED}*/{MODELS}/*")
        for folder in (f for place in places for f in sorted(self.results.glob(place))):
            if _is_classifier(folder):
                key = folder.relative_to(self.results).as_posix()
                name = key.removeprefix(f"{MODELS}/")
                found.setdefault(key if name in self.models else name, str(folder))
        return found

    def victim(self, name: str) -> Victim:
        """Return a victim.

        Raises:
            ModelError: There is none of this name, or it cannot be loaded.
        """
        victims = self.victims()
        if name not in victims:
            raise ModelError(f"no victim has the name {name[:60]!r}{did_you_mean(name, victims)}")
        from seqattack.victim.kinds import load_victim

        device, backend = self.machine.device, self.machine.backend
        load = partial(load_victim, victims[name], device=device, backend=backend)
        victim: Victim = self._load("victim", victims[name], load)
        return victim

    def attacked(self, run: Run) -> str:
        """Return the name of the victim that a run attacked; empty where it is not here."""
        if run.is_imported:
            return ""
        key = f"{SEED}{run.seed}/{MODELS}/{run.victim}" if run.seed else f"{MODELS}/{run.victim}"
        names, victims = (key, key.removeprefix(f"{MODELS}/")), self.victims()
        return next((name for name in names if name in victims), "")

    def is_loaded(self, name: str) -> bool:
        """Whether a victim is in memory, so that it answers at once."""
        return ("victim", self.victims().get(name, "")) in self._loaded

    def missing(self, recipe: str) -> str:
        """Return why a recipe cannot be used here; nothing where it can."""
        try:
            settings = self._settings(recipe)
        except ConfigError as error:
            return str(error)
        absent = [
            f"{name} in {made['path']}" for name, made in settings.items() if not _is_there(made)
        ]
        return f"needs {', '.join(absent)}" if absent else ""

    def resources(self, recipe: str) -> Resources:
        """Return what a recipe needs besides the victim.

        Raises:
            RecipeError: The recipe is unknown here, or something is missing.
        """
        from seqattack.attack.resources.loaded import Resources

        if recipe not in RECIPES:
            raise RecipeError(f"recipe {recipe[:60]!r} is unknown{did_you_mean(recipe, RECIPES)}")
        if reason := self.missing(recipe):
            raise RecipeError(f"recipe {recipe} {reason}; choose another one.")
        return Resources(
            {
                name: self._load(
                    name, repr(made), partial(find_resource(name).load, made, self.machine)
                )
                for name, made in self._settings(recipe).items()
            }
        )

    def _settings(self, recipe: str) -> dict[str, Settings]:
        """Return, by resource that a recipe needs, what it is made of in this results folder."""
        layouts = run_layouts(self.results)
        layout = next((e for e in layouts.values() if e.config.is_file()), layouts[""])
        config: Mapping[str, Any] = STANDARD
        if layout.config.is_file():
            config = load_config(layout.config).to_json()
        return {
            name: find_resource(name).from_config(config, recipe, layout.run_files)
            for name in sorted(find_recipe(recipe).needs)
        }

    def _load(self, kind: str, name: str, load: Callable[[], Any]) -> Any:
        """Return what is loaded under a name; many requests at once load it once."""
        key = (kind, name)
        found = self._known(key)
        if found is not None:
            return found
        with self._loading:  # one at a time; what is loaded already need not wait
            found = self._known(key)
            if found is None:
                found = load()
                self._keep(key, found)
        return found

    def _known(self, key: tuple[str, str]) -> Any:
        with self._lock:
            if key in self._loaded:
                self._loaded.move_to_end(key)
            return self._loaded.get(key)

    def _keep(self, key: tuple[str, str], found: Any) -> None:
        """Keep what was loaded, and forget the model of its kind that was used the longest ago."""
        with self._lock:
            self._loaded[key] = found
            same = [each for each in self._loaded if each[0] == key[0]]
            for old in same[: max(0, len(same) - KEPT)]:
                del self._loaded[old]


def _is_there(settings: Settings) -> bool:
    return "path" not in settings or Path(settings["path"]).exists()


def _is_classifier(folder: Path) -> bool:
    """Whether a folder holds a token-classification model."""
    try:
        config = read_json(folder / "config.json")
        names: Sequence[str] = config.get("architectures") or []
    except (OSError, ValueError, AttributeError):
        return False
    return any(name.endswith("ForTokenClassification") for name in names)
