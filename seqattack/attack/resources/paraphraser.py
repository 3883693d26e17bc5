"""The SCPN, which writes paraphrases."""

from __future__ import annotations

from argparse import Namespace, _ArgumentGroup
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from seqattack.attack.resources.resource import Resource, RunFiles, Settings, Surroundings
from seqattack.attack.settings import Machine

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

        parser = settings.get("parser", SHALLOW)
        return Paraphraser.load(
            settings["path"],
            parser=parser,
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
        """Return its folder and its parser."""
        if options.paraphraser is None:
            return None
        return _settings(options.paraphraser, options.parser, options.parser_path)

    def from_config(self, config: Mapping[str, Any], recipe: str, files: RunFiles) -> Settings:
        """Return what ``scpn`` says; see `Resource.from_config`."""
        scpn = config["scpn"]
        path = scpn.get("path") or str(files.models / "scpn")
        return _settings(path, scpn.get("parser", SHALLOW), scpn.get("parser_path"))

    def find(self, surroundings: Surroundings) -> Settings:
        """Return the one that a run trained beside the victim, or the embedded one."""
        if surroundings.victim is not None:
            folder = surroundings.victim.parent / "scpn"
            if (folder / "config.json").is_file():
                return {"path": str(folder)}
        from seqattack.scpn.embedded.model import embedded_scpn

        return {"path": str(embedded_scpn())}


def _settings(path: str, parser: str, parser_path: str | None) -> Settings:
    return {"path": path, "parser": parser} | ({"parser_path": parser_path} if parser_path else {})
