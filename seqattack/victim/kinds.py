"""The kinds of victims, and loading one by its name."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from seqattack.errors import ModelError, SeqAttackError
from seqattack.models.backend import BackendChoice
from seqattack.models.batching import PROBES
from seqattack.models.loading import is_failure
from seqattack.models.memory import is_out_of_memory
from seqattack.models.precisions import PrecisionChoice
from seqattack.text import clipped, reason_of
from seqattack.victim.source import CONFIGURABLE, VictimSource, WordTag
from seqattack.victim.victim import Victim

ASKED = ("python", "http")
"""The kinds that are asked for a first answer when they are made."""

UNHEARD = "\u2603\ufe0e\u16a0x"
"""A token that no vocabulary has."""


def load_victim(
    name: str | os.PathLike[str] | VictimSource,
    *,
    revision: str | None = None,
    device: str = "auto",
    precision: PrecisionChoice = "float32",
    backend: BackendChoice = "torch",
    tags: Sequence[str] = (),
    labels: Mapping[str, str] | None = None,
    per_second: float | None = None,
    word_tag: WordTag | None = None,
) -> Victim:
    """Load a victim of any kind.

    Args:
        name: The folder or hub name of a transformers model; ``spacy:PACKAGE``, ``gliner:NAME``,
            ``onnx:FOLDER``, ``openvino:FOLDER``, ``python:MODULE:FUNCTION``; an address
            (``http://...``); ``normalise:`` before one of these; or a JSON object as in the
            configuration.
        revision: Pinned revision of a hub model.
        device: Where a transformers model or a GLiNER runs: ``auto``, ``cpu`` or ``cuda``.
        precision: Of a model of transformers or OpenVINO; other kinds run in float32.
        backend: What computes a model of transformers: ``torch``, ``openvino`` or ``auto``.
        tags: The tags in the order of their ids, where the victim does not say them; the classes
            that a GLiNER looks for.
        labels: Classes by those of the victim that they replace; an empty one drops a class.
        per_second: Most requests a second to a server.
        word_tag: Where a transformers model's tag of a token is read: at its ``first`` sub-token,
            or by a ``vote`` of all, as the published code has it.

    Raises:
        ModelError: There is no such victim, or it cannot be used; the message says why.
        BackendError: A package that its kind needs is missing, or a server does not answer.
    """
    given = {
        "revision": revision,
        "tags": tags,
        "labels": labels,
        "per_second": per_second,
        "word_tag": word_tag,
    }
    options = {option: value for option, value in given.items() if value or value == 0}
    source = name if isinstance(name, VictimSource) else VictimSource.of(name, **options)
    victim = _load(source, device, precision, backend)
    victim.name = source.name if source.kind == "transformers" else f"{source.kind}:{source.name}"
    if source.kind not in ASKED:
        _probe(victim)
    if source.tags:
        victim.checksum = f"{victim.checksum} {' '.join(source.tags)}"
    if source.word_tag == "vote":
        victim.checksum = f"{victim.checksum} vote"
    if source.normalise:
        from seqattack.victim.normalised import NormalisedVictim

        victim = NormalisedVictim(victim)
    if not source.labels:
        return victim
    from seqattack.victim.mapped import MappedVictim

    return MappedVictim(victim, source.labels)


def _probe(victim: Victim) -> None:
    """Ask a victim about some texts, so that a broken one is refused before any work."""
    from seqattack.victim.prediction import predict

    try:
        predict(victim, (*PROBES, (UNHEARD,)), batch_tokens=1)
    except SeqAttackError:
        raise
    except BaseException as error:
        if not is_failure(error) or is_out_of_memory(error):
            raise
        reason = clipped(reason_of(error), 300)
        raise ModelError(
            f"{victim.name}: fails on a first text ({reason}); check that its files belong "
            "together, or give another model."
        ) from error


def _load(
    source: VictimSource,
    device: str,
    precision: PrecisionChoice,
    backend: BackendChoice,
) -> Victim:
    name, tags = source.name, source.tags
    if source.kind not in CONFIGURABLE:
        _check_plain(source, precision, backend)
    if source.kind == "transformers":
        from seqattack.victim.transformers import load_transformers

        return load_transformers(
            name,
            revision=source.revision,
            device=device,
            precision=precision,
            tags=tags,
            word_tag=source.word_tag or "first",
            backend=backend,
        )
    if source.kind == "openvino":
        from seqattack.victim.openvino import load_openvino

        return load_openvino(name, tags, precision)
    if source.kind == "spacy":
        from seqattack.victim.spacy import load_spacy

        return load_spacy(name)
    if source.kind == "gliner":
        from seqattack.victim.gliner import load_gliner

        return load_gliner(name, tags, revision=source.revision, device=device)
    if source.kind == "python":
        from seqattack.victim.function import load_function

        return load_function(name, tags)
    if source.kind == "http":
        from seqattack.victim.http import HttpVictim

        return HttpVictim(name, tags, source.per_second)
    from seqattack.victim.onnx import load_onnx

    return load_onnx(name, tags)


def _check_plain(source: VictimSource, precision: PrecisionChoice, backend: BackendChoice) -> None:
    """Raise ModelError for a precision or a backend that the kind does not have."""
    if precision == "bfloat16":
        raise ModelError(
            f"{source.kind}:{source.name}: only models of transformers and OpenVINO run in "
            "bfloat16; set the precision to float32 or auto."
        )
    if backend == "openvino":
        raise ModelError(
            f"{source.kind}:{source.name}: only models of transformers have a choice of backends; "
            "set the backend to torch or auto."
        )
