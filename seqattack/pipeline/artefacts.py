"""Which artefacts a run fetches, what needs each of them, and which of them cannot be had."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from seqattack.attack.recipes.registry import find_recipe
from seqattack.attack.resources.registry import find_resource
from seqattack.attack.resources.resource import RunFiles
from seqattack.errors import BackendError
from seqattack.files.artefacts import Artefact, Kind, file_name, find_artefact, hub_artefact
from seqattack.files.fetch.fetching import is_fetched, why_unavailable
from seqattack.metrics.grammar.checker import LANGUAGETOOL
from seqattack.pipeline.adversarial import AdversarialConfig
from seqattack.pipeline.config import Config
from seqattack.sentence_encoder.settings import encoder_artefacts
from seqattack.victim.source import OPTIONS, VictimSource

FOUND_MISSING = "SEQATTACK_UNAVAILABLE"
"""The environment variable in which a run tells its jobs, which plan again, what it left out."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """An artefact that a run fetches.

    Args:
        artefact: What it is.
        key: The configuration's key that names it.
        recipes: The attacks that need it; empty where everything does.
        instead: The line of a configuration that needs no download.
    """

    artefact: Artefact
    key: str
    recipes: tuple[str, ...]
    instead: str

    @property
    def needed_by(self) -> str:
        """What cannot be made without it."""
        if not self.recipes:
            return "every table needs it"
        return f"the rows of {', '.join(self.recipes)} need it"


def wanted_artefacts(config: Config, files: RunFiles) -> dict[str, Wanted]:
    """Return what a run fetches, by the name of the file that says so.

    Args:
        config: The run's.
        files: Where the run keeps what it makes.
    """
    found: dict[str, Wanted] = {}
    for each in (*_shared(config), *_of_recipes(config, files)):
        name = file_name(each.artefact)
        known = found.get(name)
        if known is None:
            found[name] = each
        elif known.recipes and each.recipes:
            both = tuple(dict.fromkeys((*known.recipes, *each.recipes)))
            found[name] = replace(known, recipes=both)
        else:
            found[name] = known if not known.recipes else each
    return found


def unavailable(wanted: Iterable[Wanted]) -> list[tuple[Wanted, str]]:
    """Return what is neither in the cache nor to be had now, and why; nothing is downloaded."""
    asked = [each for each in wanted if not is_fetched(each.artefact)]
    with ThreadPoolExecutor(8) as pool:
        reasons = pool.map(lambda each: why_unavailable(each.artefact), asked)
        return [(each, why) for each, why in zip(asked, reasons, strict=True) if why is not None]


def explain(missing: Wanted, why: str) -> str:
    """Return what cannot be had, who needs it, and the one line that replaces it.

    Args:
        missing: What cannot be had.
        why: The reason.
    """
    line = f"{missing.artefact.title}: cannot be had ({why}), and {missing.needed_by}."
    if missing.instead:
        line += f" To do without it, write `{missing.instead}` in the configuration."
    if missing.recipes:
        line += " Or write `unavailable: skip`, which leaves these rows out and says why."
    return line


def skipped_recipes(config: Config, files: RunFiles) -> dict[str, str]:
    """Return the attacks that a run leaves out because something cannot be had, and why.

    This is empty unless the configuration says ``unavailable: skip``. The jobs of a run are told
    what the run found, so that all of them plan the same.

    Args:
        config: The run's.
        files: Where the run keeps what it makes.

    Raises:
        BackendError: No attack is left.
    """
    if config.unavailable != "skip":
        return {}
    if FOUND_MISSING not in os.environ:
        wanted = [each for each in wanted_artefacts(config, files).values() if each.recipes]
        reasons = {
            recipe: f"{missing.artefact.title} cannot be had ({why})"
            for missing, why in unavailable(wanted)
            for recipe in missing.recipes
        }
        os.environ[FOUND_MISSING] = json.dumps(reasons)
    skipped: dict[str, str] = json.loads(os.environ[FOUND_MISSING])
    if skipped and set(config.attacks.recipes) <= set(skipped):
        raise BackendError(
            "unavailable: skip leaves no attack to run:\n"
            + "\n".join(f"  {recipe}: {why}" for recipe, why in skipped.items())
        )
    return skipped


def without_recipes(config: Config, recipes: Mapping[str, str]) -> Config:
    """Return a configuration without some of its attacks, and the victims whose examples they make.

    Args:
        config: The run's.
        recipes: Those to leave out.
    """
    trained: list[AdversarialConfig] = []
    gone: set[str] = set()
    for entry in config.adversarial_training:
        if set(entry.attacks) & set(recipes):
            gone.update(map(entry.victim, entry.sizes))
        else:
            trained.append(entry)
    victims = {name: each for name, each in config.victims.items() if each.victim not in gone}
    gone.update(set(config.victims) - set(victims))
    attacks = config.attacks
    ranked = attacks.leaderboard and tuple(v for v in attacks.leaderboard if v not in gone)
    attacks = replace(
        attacks,
        recipes=tuple(each for each in attacks.recipes if each not in recipes),
        leaderboard=ranked,
        defences=tuple(victim for victim in attacks.defences if victim not in gone),
    )
    return replace(config, victims=victims, attacks=attacks, adversarial_training=tuple(trained))


def victim_artefact(source: VictimSource) -> Artefact | None:
    """Return a ready victim as an artefact, where it is on the hub.

    Args:
        source: The victim.
    """
    if (
        "revision" not in OPTIONS[source.kind]
        or source.revision is None
        or os.path.isdir(source.name)
    ):
        return None
    return hub_artefact(Kind.MODEL, source.name, source.revision)


def _shared(config: Config) -> Iterator[Wanted]:
    """Yield what every row of the tables needs."""
    hub = config.corpus.hub
    if hub is not None and hub.files and hub.revision:
        paths = [file["path"] for file in hub.files.values()]
        corpus = hub_artefact(Kind.DATASET, hub.name, hub.revision, paths)
        files = "corpus: {conll: {train: FILE, dev: FILE, test: FILE}}"
        yield Wanted(corpus, "corpus.hub", (), files)
    model, ready = config.pretrained, [config.ready_victim(name) for name in config.victims]
    trains = None in ready or bool(config.adversarial_training)
    if model.name is not None and model.revision is not None and trains:
        pretrained = hub_artefact(Kind.MODEL, model.name, model.revision)
        yield Wanted(pretrained, "pretrained", (), "pretrained: {embedded: minilm}")
    for name, word in zip(config.victims, ready, strict=True):
        victim = victim_artefact(VictimSource.of(word)) if word else None
        if victim is not None:
            instead = f"victims: {{{name}: {{path: FOLDER}}}}"
            yield Wanted(victim, f"victims.{name}", (), instead)
    for encoder in encoder_artefacts(config.to_json()["similarity"]):
        instead = "similarity: {backend: sentence-transformers}"
        yield Wanted(encoder, "similarity", (), instead)
    if config.grammar.backend == LANGUAGETOOL and config.grammar.server is None:
        checker = find_artefact(LANGUAGETOOL)
        yield Wanted(checker, "grammar", (), "grammar: {backend: harper}")


def _of_recipes(config: Config, files: RunFiles) -> Iterator[Wanted]:
    """Yield what single attacks need."""
    plain = config.to_json()
    for recipe in config.recipes:
        for name in sorted(find_recipe(recipe).needs):
            resource = find_resource(name)
            for artefact in resource.artefacts(resource.from_config(plain, recipe, files)):
                key, instead = _replacement(config, name, recipe, artefact)
                yield Wanted(artefact, key, (recipe,), instead)


def _replacement(config: Config, resource: str, recipe: str, artefact: Artefact) -> tuple[str, str]:
    """Return the key that names an attack's artefact, and the line that needs no download."""
    if resource == "masked-lm":
        entry = config.masked_lm_entry(recipe)
        return f"masked_lm.{entry}", f"masked_lm: {{{entry}: {{embedded: minilm}}}}"
    if resource == "paraphraser":
        if artefact.name == config.scpn.artefact:
            return "scpn", "scpn: {embedded: small}"
        source = {"path": config.scpn.path, "artefact": config.scpn.artefact}
        (own,) = (f"{key}: {name}" for key, name in source.items() if name is not None)
        return "scpn.parser", f"scpn: {{{own}, parser: shallow}}"
    return f"resources.{resource}", ""
