"""What a sentence takes as tokens and tags."""

from __future__ import annotations

from typing import Any

import pytest

from seqattack.errors import CorpusError
from seqattack.sentence import Sentence


def test_lists_are_kept_as_tuples() -> None:
    tokens: Any = ["EU", "rejects"]
    tags: Any = ["B-ORG", "O"]
    made = Sentence("s", tokens, tags)
    assert made == Sentence("s", ("EU", "rejects"), ("B-ORG", "O"))
    assert len({made}) == 1, "it can be hashed"


@pytest.mark.parametrize(
    ("tokens", "tags", "says"),
    [
        ("EU", ("O", "O"), "the tokens are 'EU'; write a list of texts"),
        (("EU",), "O", "the tags are 'O'; write a list of texts"),
        ((1, 2), ("O", "O"), r"the tokens are \(1, 2\); write a list of texts"),
        (None, ("O",), "the tokens are None; write a list of texts"),
    ],
)
def test_what_is_no_list_of_texts_is_refused(tokens: Any, tags: Any, says: str) -> None:
    with pytest.raises(CorpusError, match=f"sentence s: {says}"):
        Sentence("s", tokens, tags)
