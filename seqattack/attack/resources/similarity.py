"""The sentence encoder, which compares candidates with the original."""

from __future__ import annotations

from argparse import Namespace, _ArgumentGroup
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from seqattack.attack.resources.resource import (
    Resource,
    RunFiles,
    Settings,
    Surroundings,
    check_keys,
)
from seqattack.attack.settings import Machine
from seqattack.files.artefacts import Artefact
from seqattack.sentence_encoder.settings import encoder_artefacts

if TYPE_CHECKING:
    from seqattack.models.batching import BatchedModel
    from seqattack.models.scheduling import Compute
    from seqattack.sentence_encoder.encoder import SentenceEncoder
    from seqattack.sentence_encoder.session import SimilaritySession

_OPTIONS = {
    "model": "similarity_model",
    "revision": "similarity_revision",
    "artefact": "similarity_artefact",
}
"""The attributes of parsed options, by the settings that they give."""


class SimilarityResource(Resource):
    """A sentence encoder; if none is named, it is the embedded all-MiniLM-L6-v2."""

    name = "similarity"

    def load(self, settings: Settings, machine: Machine) -> SentenceEncoder:
        """Return the sentence encoder."""
        check_keys(self.name, settings, ("backend", *_OPTIONS))
        from seqattack.sentence_encoder.backends import load_sentence_encoder

        return load_sentence_encoder(settings, machine.device, machine.precision, machine.backend)

    def session(self, loaded: SentenceEncoder, compute: Compute) -> SimilaritySession:
        """Return the sentence's similarities."""
        from seqattack.sentence_encoder.session import SimilaritySession

        return SimilaritySession(loaded, compute)

    def models(self, loaded: Any) -> Mapping[str, BatchedModel[Any, Any]]:
        """Return the sentence encoder."""
        return {"sentence encoder": loaded}

    def add_options(self, group: _ArgumentGroup) -> None:
        """Add its kind, its model, and what pins the model."""
        group.add_argument(
            "--similarity",
            help="sentence encoder: sentence-transformers (the default) or use",
        )
        group.add_argument(
            "--similarity-model",
            help="its folder, or its hub name with --similarity-revision",
        )
        group.add_argument("--similarity-revision", help="its pinned revision on the hub")
        group.add_argument(
            "--similarity-artefact", help="listed artefact that `seqattack fetch` fetched, for use"
        )

    def from_options(self, options: Namespace) -> Settings | None:
        """Return its kind, and what was said of its model."""
        said = {key: getattr(options, name) for key, name in _OPTIONS.items()}
        known = {key: value for key, value in said.items() if value is not None}
        if options.similarity is None and not known:
            return None
        return known | ({"backend": options.similarity} if options.similarity else {})

    def from_config(self, config: Mapping[str, Any], recipe: str, files: RunFiles) -> Settings:
        """Return what ``similarity`` says; see `Resource.from_config`."""
        found: Settings = config["similarity"]
        return found

    def inputs(self, settings: Settings, files: RunFiles) -> list[str]:
        """Return what is known of the encoder once it was fetched and tried."""
        return [str(files.backends / "similarity.json")]

    def artefacts(self, settings: Settings) -> Sequence[Artefact]:
        """Return the encoder's artefact, where it has to be fetched."""
        return encoder_artefacts(settings)

    def find(self, surroundings: Surroundings) -> Settings:
        """Return nothing: that is the embedded sentence encoder."""
        return {}
