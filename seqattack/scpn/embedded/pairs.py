"""Pairs of a sentence and a paraphrase to train a small SCPN on, and the vocabulary of both."""

from __future__ import annotations

import io
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass

from seqattack.scpn.embedded import forms
from seqattack.scpn.embedded.forms import FORMS, random_name, rephrase
from seqattack.scpn.embedded.shallow_parser import ShallowParser
from seqattack.scpn.files import Vocabulary
from seqattack.scpn.parsing import CLAUSE_MARKS, linearise
from seqattack.sentence import Sentence
from seqattack.tags import OUTSIDE

WORDS = 2000
"""Sub-words in the vocabulary."""

SENTENCES = 3000
"""Most sentences that pairs are made of."""

LONGEST = 38
"""Most sub-words in a paraphrase: OpenAttack writes at most 40."""

LONGEST_SOURCE = 60
"""Most sub-words in a sentence to paraphrase."""

CONSTITUENTS = (
    "ROOT S SBAR SBARQ SINV SQ FRAG NP VP PP ADJP ADVP CONJP INTJ LST NAC NX PRN PRT QP RRC UCP "
    "WHADJP WHADVP WHNP WHPP X"
)
"""The Penn Treebank's constituents."""

SYMBOLS = ("PAD", *CONSTITUENTS.split(), *CLAUSE_MARKS, "(", ")", "EOP")
"""The symbols of parses, which show a clause's constituents and nothing below them."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A sentence and its paraphrase, as ids with their end symbols.

    Args:
        words: The sentence's sub-words.
        parse: The sentence's parse.
        template: The template that the paraphrase follows.
        target_words: The paraphrase's sub-words.
        target_parse: The paraphrase's parse.
    """

    words: tuple[int, ...]
    parse: tuple[int, ...]
    template: tuple[int, ...]
    target_words: tuple[int, ...]
    target_parse: tuple[int, ...]


def learn_vocabulary(sentences: Sequence[Sentence]) -> Vocabulary:
    """Return sub-words learnt from sentences.

    Every letter is a sub-word, so any name can be written.
    """
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers

    texts = [" ".join(sentence.tokens).lower() for sentence in sentences] + _fillers()
    letters = sorted({letter for text in texts for letter in text if not letter.isspace()})
    tokenizer = Tokenizer(models.BPE(end_of_word_suffix="</w>"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    trainer = trainers.BpeTrainer(
        vocab_size=WORDS,
        min_frequency=2,
        end_of_word_suffix="</w>",
        # Without them, ties are broken at random.
        special_tokens=[f"{letter}</w>" for letter in letters],
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
    """Return the words that forms add, twice, so that they become sub-words."""
    groups = (forms.OPENERS, forms.ASIDES, forms.ADVERBS, forms.CONJUNCTIONS, forms.QUESTIONS)
    return [" ".join(group) for group in groups] * 2


def make_pairs(sentences: Sequence[Sentence], vocabulary: Vocabulary, seed: int) -> list[Pair]:
    """Return pairs of a sentence and one of its ten forms; those that are too long are left out.

    Args:
        sentences: Tagged sentences; at most `SENTENCES` of them, drawn by the seed, are used.
        vocabulary: What the networks read and write.
        seed: The seed of the sentences drawn, of fillers and of invented names.
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
            if len(sources) < 2:  # so that paraphrases are paraphrased, too
                again = parser.parse(made.leaves())
                sources.append((target, encoder.parse(linearise(again, full=False))))
    return pairs


def _renamed(sentence: Sentence, rng: random.Random) -> tuple[str, ...]:
    """Return a sentence's tokens, with invented names for those of entities."""
    return tuple(
        token if tag == OUTSIDE else random_name(rng).capitalize()
        for token, tag in zip(sentence.tokens, sentence.tags, strict=True)
    )


class Encoder:
    """Turns tokens and parses into ids, as OpenAttack does.

    Args:
        vocabulary: What the networks read and write.
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
