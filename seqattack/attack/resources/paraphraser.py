"""The SCPN, which writes paraphrases."""

from __future__ import annotations

from argparse import Namespace, _ArgumentGroup
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from seqattack.attack.resources.resource import (
    Resource,
    RunFiles,
    Settings,
    Surroundings,
    source_key,
)
from seqattack.attack.settings import Machine
from seqattack.errors import RecipeError
from seqattack.files.artefacts import Artefact, find_artefact
from seqattack.scpn.folder import scpn_folder
from seqattack.scpn.stanza_folder import STANZA

if TYPE_CHECKING:
    from seqattack.models.batching import BatchedModel
    from seqattack.models.scheduling import Compute
    from seqattack.scpn.session import Paraphraser, ParaphraseSession

SHALLOW = "shallow"
"""The parser that needs no server."""


class ParaphraserResource(Resource):
    """A folder with an SCPN in OpenAttack's format, and a parser."""

    name = "paraphraser"

    def load(self, settings: Settings, machine: Machine) -> Paraphraser:
        """Return the SCPN."""
        from seqattack.scpn.session import Paraphraser

        key = source_key(self.name, settings, ("path", "artefact"), ("parser", "parser_path"))
        named = settings[key]
        return Paraphraser.load(
            named if key == "path" else scpn_folder(find_artefact(named)),
            parser=settings.get("parser", SHALLOW),
            parser_path=settings.get("parser_path"),
            device=machine.device,
        )

    def session(self, loaded: Paraphraser, compute: Compute) -> ParaphraseSession:
        """Return the sentence's session."""
        from seqattack.scpn.session import ParaphraseSession

        return ParaphraseSession(loaded, compute)

    def models(self, loaded: Paraphraser) -> Mapping[str, BatchedModel[Any, Any]]:
        """Return its parser and its two networks."""
        return {
            "parser": loaded.trees,
            "parse generator": loaded.parses,
            "paraphraser": loaded.sentences,
        }

    def add_options(self, group: _ArgumentGroup) -> None:
        """Add its folder and its parser."""
        group.add_argument("--paraphraser", help="folder of the SCPN")
        group.add_argument(
            "--parser",
            default=SHALLOW,
            help="the SCPN's parser: shallow, stanza, or the address of a CoreNLP server "
            f"(default: {SHALLOW})",
        )
        group.add_argument(
            "--parser-path", metavar="PATH", help="folder of stanza's files (default: the cache's)"
        )

    def from_options(self, options: Namespace) -> Settings | None:
        """Return its folder and its parser.

        Raises:
            RecipeError: A parser is given without a folder.
        """
        if options.paraphraser is None:
            for option in ("parser", "parser_path"):
                if getattr(options, option) not in (None, SHALLOW):
                    name = option.replace("_", "-")
                    raise RecipeError(f"--{name} needs --paraphraser: name its folder too.")
            return None
        return {"path": options.paraphraser} | _parser(options.parser, options.parser_path)

    def from_config(self, config: Mapping[str, Any], recipe: str, files: RunFiles) -> Settings:
        """Return what ``scpn`` says; see `Resource.from_config`."""
        scpn = config["scpn"]
        parser = _parser(scpn.get("parser", SHALLOW), scpn.get("parser_path"))
        if "artefact" in scpn:
            return {"artefact": scpn["artefact"]} | parser
        return {"path": scpn.get("path") or str(files.models / "scpn")} | parser

    def artefacts(self, settings: Settings) -> Sequence[Artefact]:
        """Return the SCPN's artefact and its parser's, where they have to be fetched."""
        names = [settings["artefact"]] if "artefact" in settings else []
        if settings.get("parser") == STANZA and "parser_path" not in settings:
            names.append(STANZA)
        return [find_artefact(name) for name in names]

    def find(self, surroundings: Surroundings) -> Settings:
        """Return the one that a run trained beside the victim, or the embedded one."""
        if surroundings.victim is not None:
            folder = surroundings.victim.parent / "scpn"
            if (folder / "config.json").is_file():
                return {"path": str(folder)}
        from seqattack.scpn.embedded.model import embedded_scpn

        return {"path": str(embedded_scpn())}


def _parser(name: str, path: str | None) -> dict[str, str]:
    return {"parser": name} | ({"parser_path": path} if path else {})
