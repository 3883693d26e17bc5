"""A sentence in ten syntactic forms, to train a small SCPN on.

A parsed sentence is split into subject, predicate and modifiers, which are combined again in the
ten forms of OpenAttack's templates. The result need not be good English; it has to have the form of
its template and the names of the original.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from nltk import Tree

OPENERS = ("in fact", "in the end", "at last", "for now", "by then", "on the whole")
ADVERBS = ("meanwhile", "now", "then", "still", "again", "also")
ASIDES = ("as it happened", "when it was over", "because it could", "after it was done")
CONJUNCTIONS = ("because", "that", "if", "while")
QUESTIONS = ("when", "why", "how", "where")
NUMBERS = ("1", "2", "3")
LONGEST = 22
"""Most words in a clause, which is cut: OpenAttack's paraphrases have at most 40 sub-words."""


@dataclass(frozen=True, slots=True)
class Clause:
    """A sentence in its parts.

    Args:
        subject: Constituents before the verb.
        predicate: The verb phrase, without `modifiers`.
        modifiers: A prepositional phrase that may come first, or nothing.
        tail: Constituents after the verb phrase.
    """

    subject: tuple[Tree, ...]
    predicate: Tree
    modifiers: tuple[Tree, ...]
    tail: tuple[Tree, ...]

    @property
    def verb_phrase(self) -> Tree:
        """The verb phrase, with modifiers and tail."""
        return Tree("VP", [*self.predicate, *self.modifiers, *self.tail])

    @property
    def length(self) -> int:
        """The number of words."""
        parts = (*self.subject, self.predicate, *self.modifiers, *self.tail)
        return sum(len(part.leaves()) for part in parts)

    def shortened(self, words: int) -> Clause:
        """Return the clause without its last constituents, cut to at most so many words.

        The subject and the verb stay, however long they are.
        """
        if self.length <= words:
            return self
        if self.tail:
            return replace(self, tail=self.tail[:-1]).shortened(words)
        if self.modifiers:
            return replace(self, modifiers=()).shortened(words)
        if len(self.predicate) > 1:
            return replace(self, predicate=Tree("VP", self.predicate[:-1])).shortened(words)
        return self


def take_apart(tree: Tree) -> Clause:
    """Return the clause of a ``ROOT`` tree; a fragment ``X`` becomes ``it is X``."""
    parts = list(tree[0])
    if len(parts) > 1 and parts[-1].label() == ".":
        parts = parts[:-1]
    if parts[0].label() == "S":
        parts = [*parts[0], *parts[1:]]
    fronted: tuple[Tree, ...] = ()
    if len(parts) > 2 and parts[0].label() == "PP" and parts[1].label() == ",":
        fronted, parts = (parts[0],), parts[2:]
    labels = [part.label() for part in parts]
    verb = labels.index("VP") if "VP" in labels else 0
    if "NP" not in labels[:verb]:
        return Clause(
            (_word("PRP", "it", "NP"),), Tree("VP", [_leaf("VBZ", "is"), *parts]), fronted, ()
        )
    predicate = list(parts[verb])
    if not fronted and len(predicate) > 1 and predicate[-1].label() == "PP":
        fronted = (predicate.pop(),)
    return Clause(tuple(parts[:verb]), Tree("VP", predicate), fronted, tuple(parts[verb + 1 :]))


def _statement(clause: Clause, rng: random.Random) -> Tree:
    return _sentence(*_subject(clause), clause.verb_phrase)


def _passive(clause: Clause, rng: random.Random) -> Tree | None:
    verb, *rest = clause.predicate
    if verb.label() not in ("VBD", "VBZ") or not rest or rest[0].label() != "NP" or verb[0] in _BE:
        return None
    was = _leaf(verb.label(), "was" if verb.label() == "VBD" else "is")
    by = Tree("PP", [_leaf("IN", "by"), *_subject(clause)])
    done = _leaf("VBN", _inflect(verb[0], "VBN"))
    return _sentence(
        rest[0], Tree("VP", [was, done, by, *rest[1:], *clause.modifiers, *clause.tail])
    )


def _statement_or_passive(clause: Clause, rng: random.Random) -> Tree:
    passive = _passive(clause, rng) if rng.random() < 0.5 else None
    return passive or _statement(clause, rng)


def _imperative(clause: Clause, rng: random.Random) -> Tree:
    return _sentence(_with_verb(clause.verb_phrase, "VB"))


def _noun_phrase(clause: Clause, rng: random.Random) -> Tree:
    doing = _with_verb(clause.verb_phrase, "VBG")
    return Tree("NP", [Tree("NP", [*_subject(clause), doing]), _STOP])


def _fragment(clause: Clause, rng: random.Random) -> Tree:
    inner = Tree("S", [*_subject(clause), clause.verb_phrase])
    return Tree("FRAG", [Tree("SBAR", [_leaf("IN", rng.choice(CONJUNCTIONS)), inner]), _STOP])


def _two_clauses(clause: Clause, rng: random.Random) -> Tree:
    first = Tree("S", [*_subject(clause), Tree("VP", [*clause.predicate, *clause.tail])])
    more = clause.modifiers or (Tree("ADVP", [_leaf("RB", "so")]),)
    was = Tree("VP", [_leaf("VBD", "was"), *more])
    second = Tree("S", [_word("PRP", "it", "NP"), was])
    return Tree(
        "S", [first, _leaf(",", ","), _leaf("CC", rng.choice(("and", "but"))), second, _STOP]
    )


def _listed(clause: Clause, rng: random.Random) -> Tree:
    number = Tree("LST", [_leaf("LS", rng.choice(NUMBERS))])
    return _sentence(number, _with_verb(clause.verb_phrase, "VB"))


def _question(clause: Clause, rng: random.Random) -> Tree:
    asked = Tree("WHADVP", [_leaf("WRB", rng.choice(QUESTIONS))])
    phrase = clause.verb_phrase
    first = phrase[0]
    if first.label() == "MD" or (first.label().startswith("VB") and first[0] in _BE | _HAVE):
        inverted = [first, *_subject(clause), Tree("VP", list(phrase[1:]))]
    else:
        did = _leaf("VBD", "did")
        inverted = [did, *_subject(clause), _with_verb(phrase, "VB")]
    return Tree(
        "SBARQ", [asked, Tree("SQ", [part for part in inverted if len(part)]), _leaf(".", "?")]
    )


def _opened(clause: Clause, rng: random.Random) -> Tree:
    if clause.modifiers:
        rest = Tree("VP", [*clause.predicate, *clause.tail])
        return _sentence(*clause.modifiers, _leaf(",", ","), *_subject(clause), rest)
    preposition, *noun = rng.choice(OPENERS).split()
    opener = Tree(
        "PP", [_leaf("IN", preposition), Tree("NP", [_leaf("NN", word) for word in noun])]
    )
    return _sentence(opener, _leaf(",", ","), *_subject(clause), clause.verb_phrase)


def _with_adverb(clause: Clause, rng: random.Random) -> Tree:
    adverb = Tree("ADVP", [_leaf("RB", rng.choice(ADVERBS))])
    return _sentence(adverb, *_subject(clause), clause.verb_phrase)


def _with_aside(clause: Clause, rng: random.Random) -> Tree:
    conjunction, subject, *verb = rng.choice(ASIDES).split()
    inner = Tree("S", [_word("PRP", subject, "NP"), Tree("VP", [_leaf("VBD", w) for w in verb])])
    aside = Tree("SBAR", [_leaf("IN", conjunction), inner])
    return _sentence(aside, _leaf(",", ","), *_subject(clause), clause.verb_phrase)


FORMS: tuple[Callable[[Clause, random.Random], Tree], ...] = (
    _statement_or_passive,
    _imperative,
    _noun_phrase,
    _fragment,
    _two_clauses,
    _listed,
    _question,
    _opened,
    _with_adverb,
    _with_aside,
)
"""The forms of OpenAttack's ten templates, in their order."""


def rephrase(tree: Tree, template: int, rng: random.Random) -> Tree:
    """Return a parsed sentence in the form of a template, as a ``ROOT`` tree of lower-case words.

    Args:
        tree: The sentence's ``ROOT`` tree.
        template: The number of the template, from 0 to 9.
        rng: Chooses among openers, adverbs and other fillers.

    Example:
        >>> from seqattack.scpn.embedded.shallow_parser import ShallowParser
        >>> tree = ShallowParser().parse("Leeds beat Jordan in Rome .".split())
        >>> " ".join(rephrase(tree, 7, random.Random(0)).leaves())
        'in rome , leeds beat jordan .'
    """
    made = FORMS[template](take_apart(tree).shortened(LONGEST), rng)
    for position in made.treepositions("leaves"):
        made[position] = made[position].lower()
    return Tree("ROOT", [made])


def random_name(rng: random.Random) -> str:
    """Return an invented name, so that copying is learnt instead of names."""
    syllables = rng.randint(1, 4)
    letters = "".join(
        rng.choice("bcdfghjklmnpqrstvwxyz") + rng.choice("aeiouy") for _ in range(syllables)
    )
    return letters + rng.choice(("", "n", "rt", "s", "l", "m", "x"))


_BE = frozenset(["is", "are", "am", "was", "were", "be", "'s", "'re"])
_HAVE = frozenset(["has", "have", "had", "'ve"])
_STOP = Tree(".", ["."])


def _leaf(tag: str, word: str) -> Tree:
    return Tree(tag, [word])


def _word(tag: str, word: str, phrase: str) -> Tree:
    return Tree(phrase, [_leaf(tag, word)])


def _sentence(*parts: Tree) -> Tree:
    return Tree("S", [*parts, _STOP])


def _subject(clause: Clause) -> Sequence[Tree]:
    """Return the subject as one noun phrase."""
    if len(clause.subject) == 1:
        return clause.subject
    return (Tree("NP", list(clause.subject)),)


def _with_verb(phrase: Tree, tag: str) -> Tree:
    """Return a verb phrase with its first verb in another form, and without a modal verb."""
    made = phrase.copy(deep=True)
    for position in made.treepositions("leaves"):
        parent = made[position[:-1]]
        if parent.label() == "MD" and len(made[position[:-2]]) > 1:
            del made[position[:-1]]
            return _with_verb(made, tag)
        if parent.label().startswith("VB"):
            made[position[:-1]] = _leaf(tag, _inflect(parent[0], tag))
            return made
    return made


def _inflect(verb: str, tag: str) -> str:
    """Return another form of a verb, or the verb itself where the dictionary lacks it."""
    from lemminflect import getAllLemmas, getInflection

    word = verb.lower()
    if word in _BE:
        return {"VB": "be", "VBG": "being", "VBN": "been"}[tag]
    lemmas = getAllLemmas(word, upos="VERB").get("VERB", (word,))
    forms = getInflection(lemmas[0], tag=tag, inflect_oov=False)
    return str(forms[0]) if forms else word
