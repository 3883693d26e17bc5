"""The two networks of a small SCPN: their sizes, their initial weights, and their losses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from seqattack.scpn.decoding import (
    Context,
    advance,
    control_keys,
    embedding,
    encode,
    first_state,
    guess,
    is_paraphraser,
    log_copy,
)
from seqattack.scpn.embedded.pairs import Pair
from seqattack.scpn.embedded.settings import ScpnSettings
from seqattack.scpn.files import Vocabulary
from seqattack.scpn.folder import PARAPHRASER, PARSE_GENERATOR

FORM_GAIN = 4.0
"""Factor of the initial weights that the wanted form goes through; a small training overlooks the
form without it."""

WORD_SCALE = 0.3
"""Factor of the initial word vectors; torch's own are so large that they keep an LSTM's gates shut.
"""


@dataclass(frozen=True, slots=True)
class Example:
    """What one network learns from a pair, as ids.

    Args:
        source: The input.
        control: The wanted form.
        target: The output, with its end symbol.
    """

    source: tuple[int, ...]
    control: tuple[int, ...]
    target: tuple[int, ...]


def example(name: str, pair: Pair) -> Example:
    """Return what a network, named by its file, learns from a pair."""
    if name == PARAPHRASER:
        return Example(pair.words, pair.target_parse[:-1], pair.target_words)
    return Example(pair.parse, pair.template, pair.target_parse)


def network_arguments(settings: ScpnSettings) -> dict[str, dict[str, Any]]:
    """Return the sizes of both networks by file name, under OpenAttack's names."""
    half = settings.hidden // 2
    return {
        PARAPHRASER: {
            "d_word": settings.hidden,
            "d_hid": settings.hidden,
            "d_nt": 32,
            "d_trans": half,
            "use_input_parse": False,
        },
        PARSE_GENERATOR: {"d_nt": 32, "d_hid": half},
    }


def build_network(name: str, arguments: Mapping[str, Any], vocabulary: Vocabulary) -> Any:
    """Return one of OpenAttack's networks, with initial weights from torch's generator.

    Args:
        name: `PARAPHRASER` or `PARSE_GENERATOR`.
        arguments: Its sizes.
        vocabulary: What it reads and writes.
    """
    from OpenAttack.attackers.scpn import models

    words, symbols = len(vocabulary.words), len(vocabulary.symbols)
    if name == PARAPHRASER:
        net = models.SCPN(**arguments, len_voc=words, len_trans_voc=symbols - 1)
    else:
        net = models.ParseNet(**arguments, len_voc=symbols)
    for weight_name, weight in net.named_parameters():
        if weight_name.startswith(("att_W", "att_parse_W", "copy_")):
            gain = FORM_GAIN if weight_name == "att_parse_W" else 1.0
            torch.nn.init.xavier_uniform_(weight, gain)  # OpenAttack does not initialise these
    if is_paraphraser(net):
        with torch.no_grad():
            net.word_embs.weight.mul_(WORD_SCALE)
            net.att_parse_proj.weight.mul_(FORM_GAIN)
    return net


def batch_losses(net: Any, examples: Sequence[Example]) -> tuple[Tensor, Tensor]:
    """Return the mean loss of the targets' symbols, each given those before it, and guidance.

    As in SCPN, a symbol's score is a gated mean of two logarithms: of the attention on it in the
    input (it is copied) and of its probability in the vocabulary (it is generated). With this loss
    alone, copying, generating and the gate learn more slowly than a small training lasts. Guidance
    therefore adds a loss for each of them: symbols that the input holds are to be copied, and all
    others to be generated.

    Args:
        net: The network.
        examples: A batch.

    Returns:
        The mean loss of a symbol in natural logarithms, and the guidance.
    """
    device = embedding(net).weight.device
    source, lengths = _batch([each.source for each in examples], device)
    control, widths = _batch([each.control for each in examples], device)
    target, counts = _batch([each.target for each in examples], device)
    context = encode(net, source, lengths, control, widths)
    inputs, hidden = _unroll(net, target, context)
    found = guess(net, inputs, hidden, context)
    places = source.unsqueeze(1) == target.unsqueeze(2)
    copied = log_copy((found.attention * places).sum(2))
    made = found.log_probabilities.gather(2, target.unsqueeze(2)).squeeze(2)
    scores = found.gate * copied + (1 - found.gate) * made
    real = torch.arange(target.shape[1], device=device) < counts.unsqueeze(1)
    held = places.any(2)
    ways = torch.where(held, copied, made)[real].mean()
    choice = torch.nn.functional.binary_cross_entropy(found.gate[real], held[real].float())
    return -scores[real].mean(), choice - ways


def _unroll(net: Any, target: Tensor, context: Context) -> tuple[Tensor, Tensor]:
    """Return the decoder's inputs and states while it writes the targets, one row per step."""
    words = embedding(net)(target)
    words = torch.cat([torch.zeros_like(words[:, :1]), words[:, :-1]], dim=1)
    state, keys = first_state(net, context), control_keys(net, context)
    inputs, hidden = [], []
    for step in range(target.shape[1]):
        each, state = advance(net, words[:, step : step + 1], state, keys, context)
        inputs.append(each)
        hidden.append(state[0][-1].unsqueeze(1))
    return torch.cat(inputs, dim=1), torch.cat(hidden, dim=1)


def _batch(rows: Sequence[Sequence[int]], device: torch.device) -> tuple[Tensor, Tensor]:
    lengths = torch.tensor([len(row) for row in rows])
    made = torch.zeros(len(rows), int(lengths.max()), dtype=torch.int64)
    for row, values in zip(made, rows, strict=True):
        row[: len(values)] = torch.tensor(values)
    return made.to(device), lengths.to(device)
