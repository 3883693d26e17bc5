"""Adversarial examples as files to download: CoNLL, JSON lines, SeqAttack's own JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.responses import Response

from seqattack.app.seqattack_json import to_seqattack
from seqattack.corpus.conll import conll_text
from seqattack.io import dump_json, dump_line
from seqattack.pipeline.picks import Pick


@dataclass(frozen=True, slots=True)
class Export:
    """A file format.

    Args:
        title: The format's name.
        ending: What the file's name ends with.
        media_type: The file's media type.
        text: Returns the file's text for picks.
    """

    title: str
    ending: str
    media_type: str
    text: Callable[[Sequence[Pick]], str]


def _conll(picks: Sequence[Pick]) -> str:
    return conll_text(pick.sentence for pick in picks)


def _jsonl(picks: Sequence[Pick]) -> str:
    return "".join(dump_line(pick.sentence.to_json() | {"note": pick.note}) for pick in picks)


def _seqattack(picks: Sequence[Pick]) -> str:
    value = to_seqattack(pick.record for pick in picks)
    return dump_json(value)


EXPORTS: Mapping[str, Export] = {
    "conll": Export("CoNLL", "conll", "text/plain", _conll),
    "jsonl": Export("JSON lines", "jsonl", "application/jsonl", _jsonl),
    "seqattack": Export("SeqAttack's JSON", "seqattack.json", "application/json", _seqattack),
}


def download(kind: str, name: str, picks: Sequence[Pick]) -> Response:
    """Return examples as a file to download.

    Args:
        kind: A key of `EXPORTS`.
        name: The file's name without its ending.
        picks: The examples, decided or not.

    Raises:
        HTTPException: 404: there is no such format.
    """
    if kind not in EXPORTS:
        raise HTTPException(404, f"There is no such format; choose one of {', '.join(EXPORTS)}.")
    chosen = EXPORTS[kind]
    headers = {"Content-Disposition": f'attachment; filename="{name}.{chosen.ending}"'}
    return Response(chosen.text(picks), media_type=chosen.media_type, headers=headers)
