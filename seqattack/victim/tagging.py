"""A text that a person typed, tagged by a victim."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seqattack.corpus.plain import tokenize
from seqattack.sentence import Sentence
from seqattack.tags import repair_iob2

if TYPE_CHECKING:
    from seqattack.victim.victim import Victim


def tag_text(text: str, victim: Victim) -> Sentence:
    """Return a text as a sentence whose tags are the victim's prediction.

    Raises:
        CorpusError: The text has no token.
        ModelError: The text is too long for the victim.
    """
    from seqattack.victim.prediction import decode, predict

    tokens = tokenize(text)
    untagged = Sentence("text", tokens, ("O",) * len(tokens))
    victim.check_fits([untagged])
    (probabilities,) = predict(victim, [tokens], batch_tokens=1)  # needs no full batch
    return Sentence("text", tokens, tuple(repair_iob2(decode(probabilities, victim.labels))))
