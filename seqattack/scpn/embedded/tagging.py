"""Parts of speech (Penn Treebank) from a dictionary and the words before, without a download."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

_CLOSED: Mapping[str, str] = {
    word: tag
    for tag, words in {
        "DT": "the a an this that these those some any no each every another both all either "
        "neither",
        "IN": "of in on at by for from with about against between into through during before after "
        "above below under over since until among amid despite without within off as than because "
        "if while although though whether that upon across along behind near toward towards via "
        "per unless except like around beyond outside inside",
        "TO": "to",
        "CC": "and or but nor & yet",
        "PRP": "i you he she it we they me him her us them himself herself itself themselves",
        "PRP$": "my your his its our their",
        "MD": "will would can could may might shall should must 'll 'd wo ca",
        "WP": "who whom what",
        "WDT": "which",
        "WP$": "whose",
        "WRB": "when where why how",
        "EX": "there",
        "VBZ": "is has does 's",
        "VBP": "are am have do 're 've",
        "VBD": "was were had did",
        "VB": "be",
        "VBN": "been done",
        "VBG": "being having",
        "RB": "not n't also again now then still too very so just only never already however "
        "meanwhile here soon later once ago",
        "CD": "one two three four five six seven eight nine ten eleven twelve hundred thousand "
        "million billion",
        "RP": "up down out",
        "JJ": "other last next first second third more most many few much several such own",
    }.items()
    for word in words.split()
}
"""The tags of words of closed classes; for a word listed twice the last line counts."""

_PUNCTUATION: Mapping[str, str] = {
    **dict.fromkeys(".?!", "."),
    **dict.fromkeys((",",), ","),
    **dict.fromkeys((":", ";", "-", "--", "...", "/"), ":"),
    **dict.fromkeys("([{", "-LRB-"),
    **dict.fromkeys(")]}", "-RRB-"),
    **dict.fromkeys(("``",), "``"),
    **dict.fromkeys(("''", '"', "'", "`"), "''"),
    "$": "$",
    "#": "#",
}
_OPEN = {
    "NOUN": ("NN", "NNS"),
    "VERB": ("VB", "VBD", "VBG", "VBN", "VBP", "VBZ"),
    "ADJ": ("JJ", "JJR", "JJS"),
    "ADV": ("RB", "RBR", "RBS"),
}
_BE = frozenset(["is", "are", "am", "was", "were", "be", "been", "being", "'s", "'re"])
_HAVE = frozenset(["has", "have", "had", "having", "'ve"])

# By the word before: tags in order of preference, of which a word gets the first that it can have.
_NOMINAL = "NN NNS JJ JJR JJS VBG VBN RB VB VBP VBZ VBD"
_VERBAL = "VBD VBZ VBP NN NNS VBN VBG JJ RB JJR RBR VB"
_ORDER: Mapping[str, tuple[str, ...]] = {
    name: tuple(order.split())
    for name, order in {
        "nominal": _NOMINAL,
        "verbal": _VERBAL,
        "base": "VB RB NN NNS JJ VBN VBD VBG VBP VBZ",
        "have": "VBN RB NN NNS JJ VBD VBG VB VBP VBZ",
        "be": "VBG VBN RB JJ NN NNS JJR RBR VBD VB VBP VBZ",
        "object": "NN NNS JJ JJR VBG RB VBN VBD VB VBP VBZ",
    }.items()
}


@lru_cache(maxsize=65536)
def possible_tags(word: str) -> frozenset[str]:
    """Return the tags of open classes that lemminflect's dictionary has for a lower-case word.

    >>> sorted(possible_tags("jailed")), sorted(possible_tags("xyzzyblah"))
    (['VBD', 'VBN'], [])
    """
    from lemminflect import getAllInflections, getAllLemmas

    found = set()
    for part, lemmas in getAllLemmas(word).items():
        for lemma in lemmas:
            inflections = getAllInflections(lemma)
            inflections.setdefault("VBN", inflections.get("VBD", ()))
            for tag, forms in inflections.items():
                if tag in _OPEN.get(part, ()) and word in forms:
                    found.add(tag)
    return frozenset(found)


def tag_words(words: Sequence[str]) -> list[str]:
    """Return the Penn Treebank tag of each word.

    Capitals mark proper nouns, except in a headline; so do words that the dictionary lacks.

    Example:
        >>> tag_words("Leeds beat Jordan 3-1 in the cup on Friday .".split())
        ['NNP', 'VBD', 'NNP', 'CD', 'IN', 'DT', 'NN', 'IN', 'NNP', '.']
    """
    letters = [word for word in words if any(map(str.isalpha, word))]
    headline = len(letters) > 2 and sum(map(str.isupper, letters)) > 0.7 * len(letters)
    tags: list[str] = []
    for index, word in enumerate(words):
        following = words[index + 1].lower() if index + 1 < len(words) else "."
        named = word[:1].isupper() and not headline and index > 0
        tags.append(_tag(word, named, list(words[:index]), tags, following))
    return tags


def _tag(word: str, named: bool, before: list[str], tags: list[str], following: str) -> str:
    lower = word.lower()
    if word in _PUNCTUATION:
        return _PUNCTUATION[word]
    if not any(map(str.isalnum, word)) or any(map(str.isdigit, word)):
        return "CD" if any(map(str.isdigit, word)) else ("POS" if word == "'" else ":")
    if lower == "'s":
        return "POS" if tags and tags[-1].startswith("NN") else "VBZ"
    if lower in _CLOSED and not (named and len(word) > 1 and not word.isupper()):
        return _closed(lower, tags)
    possible = possible_tags(lower)
    if named or not possible:
        return (
            "NNP" if named or word[:1].isupper() or (not possible and not word.islower()) else "NN"
        )
    order = _ORDER[_context(before, tags, following)]
    return next(tag for tag in order if tag in possible) if possible & set(order) else "NN"


def _closed(lower: str, tags: list[str]) -> str:
    if lower == "that":
        return "IN" if tags and tags[-1].startswith("VB") else "DT"
    if lower == "her":
        return "PRP$"
    return _CLOSED[lower]


def _context(before: list[str], tags: list[str], following: str) -> str:
    """Return the order of preference for the next word."""
    position = len(tags) - 1
    while position >= 0 and tags[position] == "RB":
        position -= 1
    if position < 0:
        return "nominal"
    tag, word = tags[position], before[position].lower()
    if tag in ("TO", "MD") or word in ("do", "does", "did"):
        return "base"
    if word in _HAVE:
        return "have"
    if word in _BE:
        return "be"
    if tag in ("NN", "NNS", "NNP", "NNPS", "PRP", "EX", "WDT", "WP", "-RRB-", "CD") or (
        tag == "," and any(t.startswith("NN") for t in tags)
    ):
        verb_follows = following in _BE | _HAVE or _CLOSED.get(following) == "MD"
        verb_follows = verb_follows or "VBD" in possible_tags(following)
        return "object" if verb_follows else "verbal"
    return "object" if tag.startswith("VB") else "nominal"
