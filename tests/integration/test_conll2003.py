"""The reader on the real CoNLL-2003: the official counts."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from seqattack.corpus import corpus_statistics, read_conll, tag_set

FOLDER = os.environ.get("SEQATTACK_CONLL2003")

pytestmark = pytest.mark.skipif(
    FOLDER is None, reason="SEQATTACK_CONLL2003 does not name a folder with CoNLL-2003"
)

OFFICIAL = {
    "train": (14041, 203621, {"LOC": 7140, "MISC": 3438, "ORG": 6321, "PER": 6600}),
    "valid": (3250, 51362, {"LOC": 1837, "MISC": 922, "ORG": 1341, "PER": 1842}),
    "test": (3453, 46435, {"LOC": 1668, "MISC": 702, "ORG": 1661, "PER": 1617}),
}


@pytest.mark.parametrize("split", OFFICIAL)
def test_official_counts(split: str) -> None:
    sentences = read_conll(Path(str(FOLDER)) / f"{split}.txt", split)
    counts = corpus_statistics(sentences)
    assert (counts["sentences"], counts["tokens"], counts["entities"]) == OFFICIAL[split]
    assert len(tag_set(sentences)) == 9
    assert sentences[0].id == f"{split}-1"
