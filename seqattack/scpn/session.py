"""An SCPN with its parser, and the paraphrases for one sentence's attack."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from nltk import Tree

from seqattack.models.memo import Memo
from seqattack.models.scheduling import Compute, compute_now
from seqattack.scpn.decoding import BeamSearchService, Request, Written
from seqattack.scpn.files import checksum, has_full_parses, load_attacker
from seqattack.scpn.parser import Parser, ParseService, Tokens
from seqattack.scpn.parsing import find_parser, linearise

PARSE_STEPS, WORD_STEPS = 150, 40
"""Most symbols in a parse and sub-words in a paraphrase, as in OpenAttack."""


class Paraphraser:
    """OpenAttack's SCPN and a parser.

    Args:
        attacker: OpenAttack's ``SCPNAttacker``.
        parser: Parses its input.
        full_parses: Whether parses go down to each word's part of speech.
        checksum: A checksum of its files, and its parser.

    Attributes:
        trees: Parses a sentence.
        parses: Writes a parse from a parse and a template.
        sentences: Writes a paraphrase from a sentence and a parse. Each of the three has
            `batch_tokens` of its own, which the engine of an attack sets to its own.
    """

    def __init__(self, attacker: Any, parser: Parser, *, full_parses: bool, checksum: str) -> None:
        self.attacker = attacker
        self.trees = ParseService(parser)
        self.full_parses = full_parses
        self.checksum = checksum
        self._end, self._stop = attacker.parse_gen_voc["EOP"], attacker.pp_vocab["EOS"]
        self.templates = [
            tuple(attacker.parse_gen_voc[symbol] for symbol in template.split())
            for template in attacker.templates
        ]
        tokens = ["Leeds", "beat", "Jordan", "in", "Rome", "."]
        parse = Request(self.parse_ids(parser.parse(tokens)), self.templates[0])
        self.parses = BeamSearchService(attacker.parse_net, self._end, PARSE_STEPS, parse)
        words = Request(self.word_ids(tokens), self.templates[0][:-1])
        self.sentences = BeamSearchService(attacker.net, self._stop, WORD_STEPS, words)

    @classmethod
    def load(
        cls,
        path: str | Path,
        *,
        parser: str = "shallow",
        parser_path: str | Path | None = None,
        device: str = "auto",
    ) -> Paraphraser:
        """Load an SCPN from a folder in OpenAttack's format.

        Args:
            path: The folder.
            parser: ``shallow``, ``stanza``, or the address of a Stanford CoreNLP server.
            parser_path: Folder of Stanza's files; None for those in the cache.
            device: ``auto``, ``cpu`` or ``cuda``.

        Raises:
            BackendError: A file or a package is missing, or no server answers.
            ModelError: A file is damaged or not safe to load.
        """
        from seqattack.models.device import resolve_device

        folder, device = Path(path), resolve_device(device)
        attacker = load_attacker(folder, device)
        found = find_parser(parser, Path(parser_path) if parser_path else None, device)
        return cls(
            attacker,
            found,
            full_parses=has_full_parses(folder),
            checksum=f"{checksum(folder)}-{found.name}",
        )

    def word_ids(self, tokens: Sequence[str]) -> tuple[int, ...]:
        """Return a sentence as OpenAttack encodes it: lower-case sub-words, the end symbol last."""
        vocabulary = self.attacker.pp_vocab
        pieces = self.attacker.bpe.segment(" ".join(tokens).lower()).split()
        return (*(vocabulary[piece] for piece in pieces if piece in vocabulary), self._stop)

    def parse_ids(self, tree: Tree) -> tuple[int, ...]:
        """Return a sentence's parse as ids; a category that SCPN doesn't know becomes ``X``."""
        symbols = self.attacker.parse_gen_voc
        parse = linearise(tree, full=self.full_parses)
        known = (symbols.get(symbol, symbols.get("X", 0)) for symbol in parse.split())
        return (*known, self._end)

    def words(self, ids: Sequence[int]) -> tuple[str, ...]:
        """Return the words that sub-words spell."""
        from OpenAttack.attackers.scpn import reverse_bpe

        return tuple(reverse_bpe([self.attacker.rev_pp_vocab[i] for i in ids]).split())


class ParaphraseSession:
    """Paraphrases for one sentence's attack, each written once.

    Args:
        paraphraser: The SCPN.
        compute: Has them written, such as a scheduler's `compute`, which batches requests with
            those of other sentences.
    """

    def __init__(self, paraphraser: Paraphraser, compute: Compute = compute_now) -> None:
        self._paraphraser = paraphraser
        self._trees: Memo[Tokens, Tree] = Memo(compute, paraphraser.trees)
        self._parses: Memo[Request, Written] = Memo(compute, paraphraser.parses)
        self._sentences: Memo[Request, Written] = Memo(compute, paraphraser.sentences)

    def paraphrases(self, tokens: Sequence[str]) -> list[tuple[str, ...]]:
        """Return a sentence's paraphrases in lower case, in the order of their templates.

        A template for which no parse is found gives none.
        """
        scpn = self._paraphraser
        (tree,) = self._trees.ask([tuple(tokens)])
        parse, words = scpn.parse_ids(tree), scpn.word_ids(tokens)
        parses = self._parses.ask([Request(parse, each) for each in scpn.templates])
        requests = [Request(words, each.ids) for each in parses if each.ids]
        return [scpn.words(each.ids) for each in self._sentences.ask(requests)]
