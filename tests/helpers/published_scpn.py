"""An untrained SCPN of the published one's kind: full parses, and no settings of this project."""

from __future__ import annotations

import pickle
from argparse import Namespace
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch

from seqattack.scpn.folder import PARAPHRASER, PARSE_GENERATOR


def write_published_scpn(folder: Path, words: Sequence[str], symbols: Sequence[str]) -> None:
    """Write the networks of an SCPN with random weights, and their vocabularies.

    Args:
        folder: Where ``bpe.codes`` and ``vocab.txt`` lie.
        words: The sub-words, ``PAD`` and ``EOS`` first.
        symbols: Those of parses.
    """
    from OpenAttack.attackers.scpn import models

    tagset = {symbol: number for number, symbol in enumerate(symbols)}
    ids = {word: number for number, word in enumerate(words)}
    vocabularies: Mapping[str, object] = {
        "ptb_tagset.pkl": tagset,
        "parse_vocab.pkl": (ids, dict(enumerate(words))),
    }
    for name, value in vocabularies.items():
        (folder / name).write_bytes(pickle.dumps(value, protocol=2))
    torch.manual_seed(0)
    sizes = Namespace(d_word=30, d_hid=50, d_nt=56, d_trans=32, use_input_parse=False)
    networks = {
        PARAPHRASER: models.SCPN(30, 50, 56, 32, len(words), len(tagset) - 1, False),
        PARSE_GENERATOR: models.ParseNet(56, 50, len(tagset)),
    }
    for name, network in networks.items():
        for weight in network.parameters():
            torch.nn.init.normal_(weight, std=0.05)
        torch.save({"config_args": sizes, "state_dict": network.state_dict()}, folder / name)
