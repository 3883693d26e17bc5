"""Accepted picks as files to download: CoNLL, JSON lines, SeqAttack's own JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from seqattack.app.seqattack_json import to_seqattack
from seqattack.corpus.conll import conll_text
from seqattack.io import dump_json, dump_line
from seqattack.pipeline.picks import Pick


@dataclass(frozen=True, slots=True)
class Export:
    """A file format.

    Args:
        title: The format's name.
        name: The file's name.
        media_type: The file's media type.
        text: Returns the file's text for picks.
    """

    title: str
    name: str
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
    "conll": Export("CoNLL", "picks.conll", "text/plain", _conll),
    "jsonl": Export("JSON lines", "picks.jsonl", "application/jsonl", _jsonl),
    "seqattack": Export("SeqAttack's JSON", "picks.seqattack.json", "application/json", _seqattack),
}
