"""Training a small SCPN on a corpus's own sentences, rephrased."""

from __future__ import annotations

import io
import json
import random
import shutil
import sys
from argparse import Namespace
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from seqattack.errors import ConfigError
from seqattack.files.checksums import sha256_json
from seqattack.io import atomic_path
from seqattack.models.checkpoints import check_output, deterministic, publish, work_folder
from seqattack.models.device import resolve_device
from seqattack.models.training import versions
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
from seqattack.scpn.embedded import forms
from seqattack.scpn.embedded.forms import FORMS, random_name, rephrase
from seqattack.scpn.embedded.settings import ScpnSettings
from seqattack.scpn.embedded.shallow_parser import ShallowParser
from seqattack.scpn.files import Vocabulary, checksum, write_folder
from seqattack.scpn.parsing import linearise
from seqattack.sentence import Sentence
from seqattack.tags import OUTSIDE

WORDS = 2000
"""Sub-words of the vocabulary."""


SENTENCES = 3000
"""Most sentences that pairs are made of."""


LONGEST = 38
"""Sub-words of a paraphrase: OpenAttack writes at most 40."""


LONGEST_SOURCE = 60
"""Sub-words of a sentence to paraphrase."""


PARSE_RATE = 3.0
"""How many times faster the parse generator, which is small, learns than the paraphraser."""


FORM_GAIN = 4.0
"""Widens the first weights of what the wanted form goes through; it is overlooked for long without.
"""


WORD_SCALE = 0.3
"""Narrows the first word vectors; an LSTM's gates are shut for long by torch's own."""


POOL = 16
"""Batches whose pairs are sorted by length together."""


CHECKPOINT_STEPS = 100
"""Steps between two checkpoints."""


CONSTITUENTS = (
    "ROOT S SBAR SBARQ SINV SQ FRAG NP VP PP ADJP ADVP CONJP INTJ LST NAC NX PRN PRT QP RRC UCP "
    "WHADJP WHADVP WHNP WHPP X"
)


PUNCTUATION = ". , : CC `` ''"


SYMBOLS = ("PAD", *CONSTITUENTS.split(), *PUNCTUATION.split(), "(", ")", "EOP")
"""Of parses, which give a clause's constituents and nothing below them."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A sentence and its paraphrase, each as ids of words and of parse."""

    words: tuple[int, ...]
    parse: tuple[int, ...]
    template: tuple[int, ...]
    target_words: tuple[int, ...]
    target_parse: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Example:
    """What one network learns from a pair: input, wanted form, output with its end symbol."""

    source: tuple[int, ...]
    control: tuple[int, ...]
    target: tuple[int, ...]


def train_scpn(
    train: Sequence[Sentence],
    dev: Sequence[Sentence],
    *,
    output: str | Path,
    settings: ScpnSettings,
    device: str = "auto",
    threads: int | None = None,
) -> dict[str, Any]:
    """Train an SCPN on sentences and the ten forms that a parser and rules give them.

    A killed training goes on from its last checkpoint, kept in ``<output>.work``. The output
    appears when all is done.

    Args:
        train: Sentences to learn from; their entities are at times replaced by names made up.
        dev: Sentences for the held-out loss.
        output: Folder of the SCPN, in OpenAttack's format; an earlier one there is replaced.
        settings: What the weights depend on.
        device: ``auto``, ``cpu`` or ``cuda``.
        threads: Processor threads, None for torch's default; the weights depend on them too.

    Returns:
        What ``training.json`` holds: settings, losses and versions.

    Raises:
        ConfigError: There is nothing to train on, or `output` holds something else than a model.
    """
    output, device = Path(output), resolve_device(device)
    if not train or not dev:
        raise ConfigError("an SCPN needs training and dev sentences; give at least one each.")
    check_output(output)
    with deterministic(device, threads):
        identity = {
            "settings": asdict(settings),
            "device": device,
            "threads": torch.get_num_threads(),
            "versions": versions(),
        }
        texts = [[sentence.to_json() for sentence in split] for split in (train, dev)]
        work = work_folder(output, sha256_json([identity, texts]))
        vocabulary = learn_vocabulary(train)
        pairs = make_pairs(train, vocabulary, settings.seed)
        held_out = make_pairs(dev[:100], vocabulary, settings.seed)
        arguments = network_arguments(settings)
        losses = {}
        networks = {}
        for name in ("parse_generator.pt", "scpn.pt"):
            torch.manual_seed(settings.seed)
            net = build_network(name, arguments[name], vocabulary).to(device)
            examples = [example(name, pair) for pair in pairs]
            losses[name] = _fit(net, examples, settings, work / f"{name}.state")
            networks[name] = net.eval()
            dev_examples = [example(name, pair) for pair in held_out]
            losses[name]["dev_loss"] = _evaluate(net, dev_examples, settings.batch_size)
    finished = work / "finished"
    shutil.rmtree(finished, ignore_errors=True)
    write_folder(finished, vocabulary, networks, arguments)
    report = identity | {"checksum": checksum(finished), "pairs": len(pairs), "losses": losses}
    publish(work, output, report)
    return report


def learn_vocabulary(sentences: Sequence[Sentence]) -> Vocabulary:
    """Return sub-words learnt from sentences; every letter is one, so any name can be written."""
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers

    texts = [" ".join(sentence.tokens).lower() for sentence in sentences] + _fillers()
    letters = sorted({letter for text in texts for letter in text if not letter.isspace()})
    tokenizer = Tokenizer(models.BPE(end_of_word_suffix="</w>"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    trainer = trainers.BpeTrainer(
        vocab_size=WORDS,
        min_frequency=2,
        end_of_word_suffix="</w>",
        special_tokens=[f"{letter}</w>" for letter in letters],  # otherwise ties fall at random
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    merges = [tuple(pair) for pair in json.loads(tokenizer.to_str())["model"]["merges"]]
    letters = sorted({*letters, *filter(_is_small_letter, map(chr, range(33, 383)))})
    words = [*letters, *(f"{letter}@@" for letter in letters)]
    for left, right in merges:
        joined = left + right
        words.append(joined.removesuffix("</w>") if joined.endswith("</w>") else f"{joined}@@")
    return Vocabulary(("PAD", "EOS", *dict.fromkeys(words)), SYMBOLS, tuple(merges))


def _is_small_letter(letter: str) -> bool:
    return letter.isprintable() and not letter.isspace() and letter == letter.lower()


def _fillers() -> list[str]:
    """Return the words that forms bring along, twice, so that they are sub-words."""
    groups = (forms.OPENERS, forms.ASIDES, forms.ADVERBS, forms.CONJUNCTIONS, forms.QUESTIONS)
    return [" ".join(group) for group in groups] * 2


def make_pairs(sentences: Sequence[Sentence], vocabulary: Vocabulary, seed: int) -> list[Pair]:
    """Return pairs of sentences in the ten forms, those that are not too long.

    Args:
        sentences: Of which at most 3000, drawn by the seed, are used.
        vocabulary: Of the networks.
        seed: Of the sentences, of fillers and of names made up.
    """
    rng = random.Random(f"{seed} pairs")
    parser, encoder = ShallowParser(), Encoder(vocabulary)
    pairs = []
    for sentence in rng.sample(sentences, min(SENTENCES, len(sentences))):
        tokens = _renamed(sentence, rng) if rng.random() < 0.3 else sentence.tokens
        words = encoder.words(tokens)
        if len(words) > LONGEST_SOURCE:
            continue
        tree = parser.parse(tokens)
        sources = [(words, encoder.parse(linearise(tree, full=False)))]
        for template in rng.sample(range(len(FORMS)), len(FORMS)):
            made = rephrase(tree, template, rng)
            target = encoder.words(made.leaves())
            if len(target) > LONGEST:
                continue
            parse = encoder.parse(linearise(made, full=False))
            source = rng.choice(sources)
            pairs.append(Pair(*source, encoder.template(template), target, parse))
            if len(sources) < 2:  # a paraphrase is paraphrased again
                again = parser.parse(made.leaves())
                sources.append((target, encoder.parse(linearise(again, full=False))))
    return pairs


def _renamed(sentence: Sentence, rng: random.Random) -> tuple[str, ...]:
    """Return a sentence's tokens, those of entities replaced by names made up."""
    return tuple(
        token if tag == OUTSIDE else random_name(rng).capitalize()
        for token, tag in zip(sentence.tokens, sentence.tags, strict=True)
    )


class Encoder:
    """Turns tokens and parses into ids, as OpenAttack does.

    Args:
        vocabulary: Of the networks.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        from OpenAttack.attackers.scpn import DEFAULT_TEMPLATES
        from OpenAttack.attackers.scpn.subword import BPE

        self._words = {word: number for number, word in enumerate(vocabulary.words)}
        self._symbols = {symbol: number for number, symbol in enumerate(vocabulary.symbols)}
        codes = "".join(f"{left} {right}\n" for left, right in vocabulary.merges)
        self._bpe = BPE(
            io.StringIO(f"#version: 0.2\n{codes}"), "@@", set(vocabulary.words[2:]), None
        )
        self._templates = [self._ids(template) for template in DEFAULT_TEMPLATES]

    def words(self, tokens: Sequence[str]) -> tuple[int, ...]:
        """Return tokens as ids of sub-words, the end symbol last."""
        pieces = self._bpe.segment(" ".join(tokens).lower()).split()
        return (*(self._words[p] for p in pieces if p in self._words), self._words["EOS"])

    def parse(self, parse: str) -> tuple[int, ...]:
        """Return a parse as ids, the end symbol last."""
        return (*self._ids(parse), self._symbols["EOP"])

    def template(self, number: int) -> tuple[int, ...]:
        """Return one of OpenAttack's templates, with its end symbol, as ids."""
        return self._templates[number]

    def _ids(self, text: str) -> tuple[int, ...]:
        unknown = self._symbols.get("X", 0)
        return tuple(self._symbols.get(symbol, unknown) for symbol in text.split())


def example(name: str, pair: Pair) -> Example:
    """Return what a network, named by its file, learns from a pair."""
    if name == "scpn.pt":
        return Example(pair.words, pair.target_parse[:-1], pair.target_words)
    return Example(pair.parse, pair.template, pair.target_parse)


def network_arguments(settings: ScpnSettings) -> dict[str, dict[str, Any]]:
    """Return the sizes of both networks, by file name and as OpenAttack calls them."""
    half = settings.hidden // 2
    return {
        "scpn.pt": {
            "d_word": settings.hidden,
            "d_hid": settings.hidden,
            "d_nt": 32,
            "d_trans": half,
            "use_input_parse": False,
        },
        "parse_generator.pt": {"d_nt": 32, "d_hid": half},
    }


def build_network(name: str, arguments: Mapping[str, Any], vocabulary: Vocabulary) -> Any:
    """Return one of OpenAttack's networks with first weights from torch's generator.

    Args:
        name: ``scpn.pt`` or ``parse_generator.pt``.
        arguments: Its sizes.
        vocabulary: What it reads and writes.
    """
    from OpenAttack.attackers.scpn import models

    a = Namespace(**arguments)
    if name == "scpn.pt":
        words, symbols = len(vocabulary.words), len(vocabulary.symbols) - 1
        net = models.SCPN(a.d_word, a.d_hid, a.d_nt, a.d_trans, words, symbols, a.use_input_parse)
    else:
        net = models.ParseNet(a.d_nt, a.d_hid, len(vocabulary.symbols))
    for weight_name, weight in net.named_parameters():
        if weight_name.startswith(("att_W", "att_parse_W", "copy_")):
            gain = FORM_GAIN if weight_name == "att_parse_W" else 1.0
            torch.nn.init.xavier_uniform_(weight, gain)  # OpenAttack leaves these to chance
    if is_paraphraser(net):
        with torch.no_grad():
            net.word_embs.weight.mul_(WORD_SCALE)
            net.att_parse_proj.weight.mul_(FORM_GAIN)
    return net


def plan(lengths: Sequence[int], steps: int, size: int, seed: int) -> list[list[int]]:
    """Return the indices of each step's examples: shuffled, with others of about their length.

    Args:
        lengths: Of all examples.
        steps: Number of steps.
        size: Examples a step.
        seed: Of the order.

    Example:
        >>> plan([3, 1, 2, 1], steps=2, size=2, seed=0)
        [[2, 0], [1, 3]]
    """
    rng = random.Random(f"{seed} plan")
    batches: list[list[int]] = []
    while len(batches) < steps:
        order = rng.sample(range(len(lengths)), len(lengths))
        for start in range(0, len(order), size * POOL):
            pool = sorted(order[start : start + size * POOL], key=lambda i: (lengths[i], i))
            cut = [pool[at : at + size] for at in range(0, len(pool), size)]
            batches += rng.sample(cut, len(cut))
    return batches[:steps]


def _fit(
    net: Any, examples: Sequence[Example], settings: ScpnSettings, checkpoint: Path
) -> dict[str, Any]:
    """Train a network and return its losses; go on from the checkpoint where there is one."""
    rate = settings.learning_rate * (1.0 if is_paraphraser(net) else PARSE_RATE)
    optimizer = torch.optim.Adam(net.parameters(), lr=rate)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min(1.0, (step + 1) / 50) * max(0.0, 1 - step / settings.steps)
    )
    parts = {"net": net, "optimizer": optimizer, "schedule": schedule}
    done, losses = 0, []
    if checkpoint.is_file():
        state = torch.load(checkpoint, weights_only=True)
        done, losses = state["step"], state["losses"]
        for key, part in parts.items():
            part.load_state_dict(state[key])
    lengths = [len(each.target) for each in examples]
    batches = plan(lengths, settings.steps, settings.batch_size, settings.seed)
    net.train()
    for step in range(done, settings.steps):
        optimizer.zero_grad()
        score, guidance = batch_losses(net, [examples[index] for index in batches[step]])
        (score + guidance).backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        optimizer.step()
        schedule.step()
        losses.append(round(score.item(), 6))
        if (step + 1) % CHECKPOINT_STEPS == 0 or step + 1 == settings.steps:
            states = {key: part.state_dict() for key, part in parts.items()}
            with atomic_path(checkpoint) as temporary:
                torch.save(states | {"step": step + 1, "losses": losses}, temporary)
            print(f"{checkpoint.stem}: step {step + 1}, loss {losses[-1]:.3f}", file=sys.stderr)
    return {"loss": losses[49::50]}


@torch.inference_mode()
def _evaluate(net: Any, examples: Sequence[Example], size: int) -> float:
    """Return the mean loss of a symbol, in natural logarithms."""
    total = symbols = 0.0
    for start in range(0, len(examples), size):
        batch = examples[start : start + size]
        count = sum(len(each.target) for each in batch)
        total += float(batch_losses(net, batch)[0]) * count
        symbols += count
    return round(total / max(symbols, 1), 6)


def batch_losses(net: Any, examples: Sequence[Example]) -> tuple[Tensor, Tensor]:
    """Return the mean loss of the targets' symbols, each given those before it, and guidance.

    As in SCPN, a symbol's score is the gated mean of two logarithms: of the attention on it in the
    input and of its probability in the vocabulary. Learnt from that mean alone, each way waits
    for the other and the gate for both, for longer than a small training lasts. So guidance adds
    a loss of each way, over the symbols that are its own, and of the gate: what the input holds is
    to be copied, all else comes from the vocabulary.
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
    """Return the decoder's inputs and states while it writes the targets."""
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
