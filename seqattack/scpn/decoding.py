"""SCPN's two networks, run in batches: OpenAttack's modules and weights with our own beam search.

OpenAttack decodes one sentence at a time in Python lists and always takes 41 and 151 steps. Here a
step is a handful of tensor operations for many sentences, and an item is done as soon as its best
beam has ended: scores only fall, so no other beam can overtake it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from seqattack.models.batch_size import BATCH_TOKENS
from seqattack.models.batching import BatchedModel

BEAMS = 3
"""Width of the beam search, as in OpenAttack."""

State = tuple[Tensor, Tensor]
"""The hidden and the cell state of a decoder, each of shape (layers, rows, hidden)."""


@dataclass(frozen=True, slots=True)
class Context:
    """What a decoder looks at.

    Args:
        ids: The input sequence, padded with 0, shape (items, n).
        memory: The encoder's states, shape (items, n, hidden).
        memory_mask: False for padding, shape (items, n).
        control: The states of the wanted form, shape (items, m, hidden).
        control_mask: False for padding, shape (items, m).
        last: The encoder's last state, shape (items, hidden).
    """

    ids: Tensor
    memory: Tensor
    memory_mask: Tensor
    control: Tensor
    control_mask: Tensor
    last: Tensor


def encode(net: Any, ids: Tensor, lengths: Tensor, control: Tensor, widths: Tensor) -> Context:
    """Return the context of a batch.

    Args:
        net: OpenAttack's ``ParseNet`` or ``SCPN``.
        ids: The input: a parse, or a sentence's sub-words; shape (items, n).
        lengths: The length of each input; the longest is n.
        control: The wanted form: a template, or a parse; shape (items, m).
        widths: The length of each form; the longest is m.
    """
    if is_paraphraser(net):
        memory, last = net.encode_batch(ids, None, lengths)
        form = net.att_parse_proj(net.encode_transformations(control, widths, return_last=False))
    else:
        memory, last = net.encode_batch(ids, lengths)
        form, _ = net.encode_batch(control, widths)
    return Context(ids, memory, _mask(lengths), form, _mask(widths), last)


def is_paraphraser(net: Any) -> bool:
    """Whether a network is the paraphraser and not the parse generator."""
    return hasattr(net, "word_embs")


def embedding(net: Any) -> torch.nn.Embedding:
    """Return the embedding of the symbols that a network writes."""
    found: torch.nn.Embedding = net.word_embs if is_paraphraser(net) else net.trans_embs
    return found


def first_state(net: Any, context: Context) -> State:
    """Return the decoder's initial state."""
    hidden = context.last.expand(net.decoder.num_layers, -1, -1).contiguous()
    return hidden, torch.zeros_like(hidden)


def control_keys(net: Any, context: Context) -> Tensor:
    """Return the keys of the attention over the wanted form, shape (items, m, hidden)."""
    weights: Tensor = net.att_parse_W
    return context.control @ weights.T


def advance(
    net: Any, words: Tensor, state: State, keys: Tensor, context: Context
) -> tuple[Tensor, State]:
    """Feed one symbol to each row of the decoder.

    Args:
        net: The network.
        words: The symbols' embeddings, shape (items, beams, width).
        state: The decoder's state, with items x beams rows.
        keys: The result of `control_keys`.
        context: What the decoder looks at.

    Returns:
        The decoder's input, shape (items, beams, width + hidden), and its next state.
    """
    items, beams, _ = words.shape
    scores = state[0][-1].view(items, beams, -1) @ keys.transpose(1, 2)
    scores = scores.masked_fill(~context.control_mask.unsqueeze(1), -torch.inf)
    inputs = torch.cat([words, scores.softmax(-1) @ context.control], dim=2)
    _, state = net.decoder(inputs.reshape(items * beams, 1, -1), state)
    return inputs, state


@dataclass(frozen=True, slots=True)
class Guess:
    """A network's prediction of the next symbol.

    Args:
        attention: The attention over the input, shape (items, rows, n).
        gate: The weight of copying from the input, in [0, 1], shape (items, rows); the rest is the
            weight of the vocabulary.
        log_probabilities: Natural logarithms over the vocabulary, shape (items, rows, vocabulary).
    """

    attention: Tensor
    gate: Tensor
    log_probabilities: Tensor


def guess(net: Any, inputs: Tensor, hidden: Tensor, context: Context) -> Guess:
    """Return the decoder's attention, gate and output from its inputs and states.

    Args:
        net: The network.
        inputs: The decoder's inputs, of shape (items, rows, width + hidden); see `advance`.
        hidden: The decoder's states, of shape (items, rows, hidden).
        context: The encoded texts.
    """
    scores = (hidden @ net.att_W) @ context.memory.transpose(1, 2)
    scores = scores.masked_fill(~context.memory_mask.unsqueeze(1), -torch.inf)
    attention = scores.softmax(-1)
    seen = attention @ context.memory
    gate = inputs @ net.copy_inp_v + seen @ net.copy_att_v + hidden @ net.copy_hid_v
    logits = net.out_dense_2(net.out_dense_1(torch.cat([hidden, seen], dim=2)))
    return Guess(attention, gate.sigmoid().squeeze(2), logits.log_softmax(-1))


def log_copy(probability: Tensor) -> Tensor:
    """Return the logarithm of the attention on a symbol, as SCPN computes it."""
    return torch.log(probability + 1e-20)


@dataclass(frozen=True, slots=True)
class Request:
    """An input sequence and the form in which it is to be written.

    Args:
        source: The ids of a parse, or of a sentence's sub-words.
        control: The ids of a template, or of a parse.
    """

    source: tuple[int, ...]
    control: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Written:
    """A sequence that a network wrote.

    Args:
        ids: Its ids, without the end symbol.
        score: The sum of its symbols' scores.
    """

    ids: tuple[int, ...]
    score: float


class BeamSearchService(BatchedModel[Request, Written]):
    """Writes sequences with one of SCPN's networks.

    Args:
        net: OpenAttack's ``ParseNet`` or ``SCPN``.
        end: Id of the end symbol.
        most_steps: Most symbols to write, less one, as in OpenAttack.
        probe: A sample request for testing batch invariance.
    """

    tries_sizes = False

    def __init__(self, net: Any, end: int, most_steps: int, probe: Request) -> None:
        super().__init__(BATCH_TOKENS, longest=1 << 30)
        self.net = net
        self.end = end
        self.most_steps = most_steps
        self._probe = probe

    def length(self, item: Request) -> int:
        """Return the length of the longer one of the two sequences."""
        return max(len(item.source), len(item.control))

    def probes(self) -> Sequence[Request]:
        """Return a sample request for testing batch invariance."""
        return [self._probe]

    def arrays(self, result: Written) -> Sequence[np.ndarray[Any, Any]]:
        """Return ids and score."""
        return (np.array(result.ids), np.array([result.score]))

    def forward(self, items: Sequence[Request], length: int) -> Sequence[Written]:
        """Return the sequence written for each request; all are padded to `length`."""
        with torch.inference_mode():
            encoded = {item: self._encode(item) for item in dict.fromkeys(items)}
            return self._search(_padded([encoded[item] for item in items], length))

    def _encode(self, item: Request) -> Context:
        """Encode a request alone, so that its states depend on no neighbour."""
        device = embedding(self.net).weight.device
        source = torch.tensor([item.source], device=device)
        control = torch.tensor([item.control], device=device)
        lengths, widths = torch.tensor([source.shape[1]]), torch.tensor([control.shape[1]])
        return encode(self.net, source, lengths.to(device), control, widths.to(device))

    def _search(self, context: Context) -> list[Written]:
        items, device = len(context.ids), context.ids.device
        keys = control_keys(self.net, context)
        hidden, cell = first_state(self.net, context)
        state = hidden.repeat_interleave(BEAMS, dim=1), cell.repeat_interleave(BEAMS, dim=1)
        scores = torch.full((items, BEAMS), -torch.inf, device=device)
        scores[:, 0] = 0.0  # all beams begin with the same state
        words = embedding(self.net).weight.new_zeros(
            items, BEAMS, embedding(self.net).embedding_dim
        )
        written = torch.full((items, BEAMS, 0), -1, device=device)
        newest = torch.full((items, BEAMS), -1, device=device)
        best: list[Written | None] = [None] * items
        rows = torch.arange(items, device=device).unsqueeze(1)
        for _ in range(self.most_steps + 1):
            inputs, following = advance(self.net, words, state, keys, context)
            found = self._scores(inputs, following[0][-1].view(items, BEAMS, -1), context)
            top = found.topk(BEAMS, dim=2)
            # A beam that has ended is kept as it is; OpenAttack goes on extending it.
            kept = scores.masked_fill(newest != self.end, -torch.inf).unsqueeze(2)
            totals = torch.cat([scores.unsqueeze(2) + top.values, kept], dim=2)
            symbols = torch.cat([top.indices, torch.full_like(newest, -1).unsqueeze(2)], dim=2)
            scores, chosen = totals.flatten(1).topk(BEAMS, dim=1)
            beams, symbol = chosen // (BEAMS + 1), symbols.flatten(1).gather(1, chosen)
            stays = symbol < 0
            written = torch.cat([written[rows, beams], symbol.unsqueeze(2)], dim=2)
            newest = torch.where(stays, newest[rows, beams], symbol)
            at = (rows * BEAMS + beams).flatten()
            stay = stays.view(1, -1, 1)
            hidden = torch.where(stay, state[0][:, at], following[0][:, at])
            state = hidden, torch.where(stay, state[1][:, at], following[1][:, at])
            words = embedding(self.net)(newest)
            self._collect(best, newest, written, scores)
            if all(best):
                break
        return [
            result or Written(self._ids(written[item, 0])[:-1], float(scores[item, 0]))
            for item, result in enumerate(best)
        ]

    def _scores(self, inputs: Tensor, hidden: Tensor, context: Context) -> Tensor:
        """Return each beam's score of every symbol, shape (items, beams, vocabulary)."""
        found = guess(self.net, inputs, hidden, context)
        copied = torch.zeros_like(found.log_probabilities)
        copied.scatter_add_(2, context.ids.unsqueeze(1).expand(-1, BEAMS, -1), found.attention)
        gate = found.gate.unsqueeze(2)
        return gate * log_copy(copied) + (1 - gate) * found.log_probabilities

    def _collect(
        self, best: list[Written | None], newest: Tensor, written: Tensor, scores: Tensor
    ) -> None:
        """Note the items whose best beam has just ended."""
        for item, ended in enumerate((newest[:, 0] == self.end).tolist()):
            if ended and best[item] is None:
                ids = self._ids(written[item, 0])
                best[item] = Written(ids[:-1], float(scores[item, 0]))

    @staticmethod
    def _ids(written: Tensor) -> tuple[int, ...]:
        return tuple(symbol for symbol in written.tolist() if symbol >= 0)


def _mask(lengths: Tensor) -> Tensor:
    """Return False for padding, shape (items, longest)."""
    positions = torch.arange(int(lengths.max()), device=lengths.device)
    return positions < lengths.unsqueeze(1)


def _padded(contexts: Sequence[Context], length: int) -> Context:
    """Return contexts of one item each as a single context, padded to a length."""

    def stacked(parts: Sequence[Tensor]) -> Tensor:
        made = parts[0].new_zeros(len(parts), length, *parts[0].shape[2:])
        for row, part in zip(made, parts, strict=True):
            row[: part.shape[1]] = part[0]
        return made

    return Context(
        stacked([context.ids for context in contexts]),
        stacked([context.memory for context in contexts]),
        stacked([context.memory_mask for context in contexts]),
        stacked([context.control for context in contexts]),
        stacked([context.control_mask for context in contexts]),
        torch.cat([context.last for context in contexts]),
    )
