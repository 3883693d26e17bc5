"""Plain text typed by a person, tagged by a victim."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seqattack.sentence import Sentence
from seqattack.tags import repair_iob2

if TYPE_CHECKING:
    from seqattack.victim.model import Victim
from seqattack.corpus.plain import tokenize


def tag_text(text: str, victim: Victim) -> Sentence:
    """Return a sentence with the victim's own prediction as its tags.

    Raises:
        CorpusError: The text has no token.
        ModelError: The text is too long for the victim.
    """
    from seqattack.victim.prediction import decode, predict

    tokens = tokenize(text)
    untagged = Sentence("text", tokens, ("O",) * len(tokens))
    victim.encoder.check_fits([untagged])
    (probabilities,) = predict(victim, [tokens])
    return Sentence("text", tokens, tuple(repair_iob2(decode(probabilities, victim.labels))))
