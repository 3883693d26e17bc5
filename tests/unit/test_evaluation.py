"""The leak rate: what a redactor leaves readable."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from seqattack.attack.goals import Leak
from seqattack.metrics.evaluation import leak_rate
from seqattack.sentence import Sentence

TAGS = st.sampled_from(("O", "B-PER", "I-PER", "B-LOC", "I-LOC"))
ROWS = st.lists(st.tuples(st.text("abc", min_size=1, max_size=9), TAGS, TAGS), min_size=1)


@given(ROWS)
def test_it_is_what_the_goal_leak_counts(rows: list[tuple[str, str, str]]) -> None:
    tokens, tags, predicted = zip(*rows, strict=True)
    sentence = Sentence("s", tokens, tuple("B" + tag[1:] if tag != "O" else tag for tag in tags))
    found = leak_rate([sentence], [predicted])
    if set(tags) == {"O"}:
        assert found is None
    else:
        assert found is not None
        assert abs(found - Leak().labels_score(sentence, list(predicted))) < 1e-6


def test_longer_sentences_weigh_more() -> None:
    one, other = (Sentence("s", (word,), ("B-PER",)) for word in ("a", "bcd"))
    assert leak_rate([one, other], [["O"], ["I-PER"]]) == 0.25
