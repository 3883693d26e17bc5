"""The six files of an SCPN in OpenAttack's format, read without running any code in them."""

from __future__ import annotations

import argparse
import io
import pickle
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from nltk import Tree

from seqattack.errors import ModelError
from seqattack.files.checksums import sha256_file, sha256_json
from seqattack.io import read_json, write_json, write_text
from seqattack.scpn.folder import (
    FILES,
    PARAPHRASER,
    PARSE_GENERATOR,
    check_folder,
    check_openattack,
)
from seqattack.text import reason_of

NAME = "AttackAssist.SCPN"
"""OpenAttack's name of the folder."""

SETTINGS = "config.json"
"""The settings of an SCPN that this project trained; the published one has no such file."""

WORD_COUNT = 50
"""Frequency in vocab.txt from which on OpenAttack keeps a sub-word."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What the two networks read and write.

    Args:
        words: Sub-words by id, ``PAD`` and ``EOS`` first; ``@@`` marks one that does not end its
            word.
        symbols: The symbols of parses by id, ``EOP`` last.
        merges: Byte-pair merges, in the order in which they are made.
    """

    words: tuple[str, ...]
    symbols: tuple[str, ...]
    merges: tuple[tuple[str, str], ...]


def load_attacker(folder: Path, device: str) -> Any:
    """Return OpenAttack's ``SCPNAttacker`` with a folder's weights.

    Before OpenAttack reads them, pickled files are checked with an unpickler that makes nothing but
    plain containers, and weights with torch's ``weights_only``; so a hostile file is refused
    instead of run.

    Args:
        folder: Holds the six files.
        device: ``cpu`` or ``cuda``.

    Raises:
        BackendError: A file is missing, or OpenAttack.
        ModelError: A file is damaged, or not safe to load.
    """
    check_folder(folder)
    check_openattack()
    for name in ("parse_vocab.pkl", "ptb_tagset.pkl"):
        read_plain_pickle(folder / name)
    for name in (PARAPHRASER, PARSE_GENERATOR):
        _read_weights(folder / name)
    from OpenAttack import DataManager
    from OpenAttack.attackers.scpn import SCPNAttacker

    tools = _english_tools()
    DataManager.set_path(str(folder), NAME)
    # Else OpenAttack would take the files of an earlier folder.
    DataManager.data_reference[NAME] = None
    try:
        with torch.serialization.safe_globals([argparse.Namespace]):
            attacker = SCPNAttacker(device=device, tokenizer=tools, parser=tools)
    except (LookupError, ValueError, RuntimeError, AttributeError, TypeError) as error:
        raise ModelError(
            f"{folder}: OpenAttack can't load this SCPN ({type(error).__name__}: {error}); put its "
            "six published files there unchanged."
        ) from error
    return attacker


def read_plain_pickle(path: Path) -> Any:
    """Return the value of a pickle that holds nothing but numbers, texts and containers.

    Raises:
        ModelError: It holds something else, or is not a pickle.
    """
    try:
        return _PlainUnpickler(io.BytesIO(path.read_bytes())).load()
    except (pickle.UnpicklingError, EOFError, ValueError, IndexError, KeyError) as error:
        raise ModelError(
            f"{path}: not a pickle of plain containers ({error}). A pickle can run any program, so "
            "this one was not loaded; get the file from where it is published."
        ) from error


class _PlainUnpickler(pickle.Unpickler):
    """Makes numbers, texts, lists, tuples, sets and dicts, and refuses to import anything."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("collections", "OrderedDict"):
            return super().find_class(module, name)
        raise pickle.UnpicklingError(f"it asks for {module}.{name}")


def _read_weights(path: Path) -> Mapping[str, Any]:
    try:
        with torch.serialization.safe_globals([argparse.Namespace]):
            value: Mapping[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
        made = {"state_dict": value["state_dict"], "config_args": value["config_args"]}
        broken = [key for key, part in made["state_dict"].items() if not part.isfinite().all()]
    except Exception as error:  # of a damaged file, the unpickler may raise anything
        raise ModelError(
            f"{path}: not the weights of an SCPN ({reason_of(error)}); get it from where it is "
            "published."
        ) from error
    if broken:
        raise ModelError(f"{path}: {broken[0]} holds NaN or infinity; get the file again.")
    return made


def _english_tools() -> Any:
    """Return a replacement for OpenAttack's tokenizer and parser, whose data NLTK can't load.

    The tokenizer splits at spaces, as texts are tokenized already. The parser always returns an
    empty noun phrase, as `seqattack.scpn.session` does the parsing.
    """
    from OpenAttack.tags import TAG_English
    from OpenAttack.text_process.constituency_parser import ConstituencyParser
    from OpenAttack.text_process.tokenizer import Tokenizer

    class Tools(Tokenizer, ConstituencyParser):  # type: ignore[misc]
        TAGS = frozenset({TAG_English})

        def do_tokenize(self, x: str, pos_tagging: bool) -> list[str]:
            return x.split()

        def parse(self, sentence: str) -> str:
            return str(Tree("ROOT", [Tree("NP", [])]))

    return Tools()


def has_full_parses(folder: Path) -> bool:
    """Whether a folder's parse generator takes parses down to each word's part of speech."""
    settings = folder / SETTINGS
    return not settings.is_file() or bool(read_json(settings)["full_parses"])


def checksum(folder: Path) -> str:
    """Return a checksum of all six files, and of the settings where there are any."""
    names = (*FILES, SETTINGS) if (folder / SETTINGS).is_file() else FILES
    return sha256_json([sha256_file(folder / name) for name in names])


def write_folder(
    folder: Path,
    vocabulary: Vocabulary,
    networks: Mapping[str, torch.nn.Module],
    arguments: Mapping[str, Mapping[str, Any]],
) -> None:
    """Write the files of a trained SCPN.

    Args:
        folder: The folder; made if it is missing.
        vocabulary: What the networks read and write.
        networks: The networks by file name: `PARAPHRASER` and `PARSE_GENERATOR`.
        arguments: The arguments of their constructors by file name, as OpenAttack reads them.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name, network in networks.items():
        state = {key: value.detach().cpu() for key, value in network.state_dict().items()}
        found = argparse.Namespace(**arguments[name])
        torch.save({"config_args": found, "state_dict": state}, folder / name)
    ids = {word: number for number, word in enumerate(vocabulary.words)}
    _write_pickle(folder / "parse_vocab.pkl", (ids, dict(enumerate(vocabulary.words))))
    symbols = {symbol: number for number, symbol in enumerate(vocabulary.symbols)}
    _write_pickle(folder / "ptb_tagset.pkl", symbols)
    merges = [f"{left} {right}\n" for left, right in vocabulary.merges]
    write_text(folder / "bpe.codes", "#version: 0.2\n" + "".join(merges))
    lines = [f"{word} {WORD_COUNT}\n" for word in vocabulary.words[2:]]
    write_text(folder / "vocab.txt", "".join(lines))
    write_json(folder / SETTINGS, {"model_type": "scpn", "full_parses": False})


def _write_pickle(path: Path, value: Any) -> None:
    path.write_bytes(pickle.dumps(value, protocol=2))
