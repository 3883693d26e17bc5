"""What the names of a model's outputs mean, and how probabilities are folded."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqattack.errors import ModelError
from seqattack.tags import repair_iob2
from seqattack.victim.heads import Head, read_head
from seqattack.victim.probabilities import Probabilities, with_tags

BIOES = ("O", "B-PER", "I-PER", "E-PER", "S-PER", "S-LOC", "B-LOC", "E-LOC")
BILOU = ("O", "B-PER", "I-PER", "L-PER", "U-PER", "U-LOC", "B-LOC", "L-LOC")
FOLDED = ("O", "B-PER", "I-PER", "B-LOC", "I-LOC")


def from_bioes(tags: Sequence[str]) -> list[str]:
    """BIOES or BILOU tags as IOB2, plainly."""
    prefixes = {"S-": "B-", "U-": "B-", "E-": "I-", "L-": "I-"}
    return repair_iob2([prefixes.get(tag[:2], tag[:2]) + tag[2:] for tag in tags])


def head(*labels: str) -> Head:
    return read_head("model", dict(enumerate(labels)))


def rows_of(seed: int, tokens: int, labels: int) -> Probabilities:
    rng = np.random.default_rng(seed)
    return rng.dirichlet(np.full(labels, 0.4), size=tokens).astype(np.float32)


@pytest.mark.parametrize(
    ("labels", "scheme", "tags"),
    [
        (("O", "B-PER", "I-PER", "B-LOC"), "iob2", ("O", "B-PER", "I-PER", "B-LOC")),
        (("o", "b-per", "i-per"), "iob2", ("O", "B-per", "I-per")),
        (("I-PER", "O", "I-LOC"), "iob1", FOLDED),
        (("B-LOC", "I-PER", "I-LOC", "O"), "iob1", ("O", "B-LOC", "I-LOC", "B-PER", "I-PER")),
        (("O", "PER", "LOC"), "iob1", FOLDED),
        (("O", "person"), "iob1", ("O", "B-person", "I-person")),
        (BIOES, "bioes", FOLDED),
        (BILOU, "bioes", FOLDED),
        (("O", "B-PER", "M-PER", "E-PER", "S-PER"), "bioes", ("O", "B-PER", "I-PER")),
        (("[PAD]", "O", "B-PER", "X", "I-PER", "<s>"), "iob2", ("O", "B-PER", "I-PER")),
        (("O", "X"), "iob1", ("O", "B-X", "I-X")),
    ],
)
def test_schemes_are_told_by_their_names(
    labels: tuple[str, ...], scheme: str, tags: tuple[str, ...]
) -> None:
    found = head(*labels)
    assert (found.scheme, found.tags) == (scheme, tags)
    rows = found.read(rows_of(0, 5, len(found.names)))
    assert rows.shape == (5, len(tags))
    assert rows.dtype == np.float32
    np.testing.assert_allclose(rows.sum(axis=1), 1, atol=1e-5)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (("LABEL_0", "LABEL_1"), "no names .*give them with --tags"),
        (("O", "B-PER", "LOC"), "these have none: LOC"),
        (("B-PER", "I-PER"), "lack O"),
        (("O", "B-PER", "b-PER", "I-PER"), "one twice"),
    ],
)
def test_other_names_are_refused(labels: tuple[str, ...], message: str) -> None:
    with pytest.raises(ModelError, match=f"model: .*{message}"):
        head(*labels)


def test_labels_are_those_of_their_ids_in_any_order() -> None:
    names = {2: "I-X", 0: "B-X", 1: "O"}
    assert read_head("model", names) == head("B-X", "O", "I-X")


def test_given_tags_have_to_be_as_many_as_the_outputs() -> None:
    names = {0: "LABEL_0", 1: "LABEL_1", 2: "LABEL_2"}
    assert read_head("model", names, ["O", "B-X", "I-X"]).tags == ("O", "B-X", "I-X")
    with pytest.raises(ModelError, match="2 tags were given, but the model has 3 outputs"):
        read_head("model", names, ["O", "B-X"])


def is_path(names: tuple[str, ...]) -> bool:
    """Whether BIOES tags are whole, read by hand."""
    opened = None
    for name in names:
        if (name[0] in "IE" and opened != name[2:]) or (name[0] in "OBS" and opened):
            return False
        opened = name[2:] if name[0] in "BI" else None
    return opened is None


@settings(max_examples=60)
@given(st.integers(0, 10_000), st.integers(1, 4))
def test_bioes_is_the_best_whole_path_and_its_marginals(seed: int, tokens: int) -> None:
    rows = rows_of(seed, tokens, len(BIOES))
    weights = {
        names: float(np.prod([row[BIOES.index(n)] for row, n in zip(rows, names, strict=True)]))
        for names in product(BIOES, repeat=tokens)
        if is_path(names)
    }
    expected = np.zeros((tokens, len(FOLDED)))
    for names, weight in weights.items():
        for index, tag in enumerate(from_bioes(names)):
            expected[index, FOLDED.index(tag)] += weight
    expected /= sum(weights.values())
    best = from_bioes(max(weights.items(), key=lambda pair: pair[1])[0])
    found = head(*BIOES).read(rows)
    assert [FOLDED[column] for column in found.argmax(axis=1)] == best
    ids = [FOLDED.index(tag) for tag in best]
    np.testing.assert_allclose(found, with_tags(expected, ids), atol=1e-5)
    other = head(*BILOU).read(rows)
    np.testing.assert_array_equal(found, other)


@settings(max_examples=60)
@given(st.integers(0, 10_000), st.integers(1, 4))
def test_io_begins_an_entity_where_the_class_before_is_another(seed: int, tokens: int) -> None:
    labels = ("O", "PER", "LOC")
    rows = rows_of(seed, tokens, 3)
    expected = np.zeros((tokens, len(FOLDED)))
    for names in product(labels, repeat=tokens):
        weight = np.prod([row[labels.index(n)] for row, n in zip(rows, names, strict=True)])
        iob2 = repair_iob2([name if name == "O" else f"I-{name}" for name in names])
        for index, tag in enumerate(iob2):
            expected[index, FOLDED.index(tag)] += weight
    path = repair_iob2([f"I-{labels[i]}" if i else "O" for i in rows.argmax(axis=1)])
    found = head(*labels).read(rows)
    assert [FOLDED[column] for column in found.argmax(axis=1)] == path
    ids = [FOLDED.index(tag) for tag in path]
    np.testing.assert_allclose(found, with_tags(expected, ids), atol=1e-5)


def test_a_certain_model_stays_certain() -> None:
    rows = np.eye(len(BIOES), dtype=np.float32)[[1, 2, 3, 0, 5]]
    found = head(*BIOES).read(rows)
    assert found.argmax(axis=1).tolist() == [1, 2, 2, 0, 3]
    np.testing.assert_allclose(found.max(axis=1), 1, atol=1e-6)


def test_the_given_tag_is_the_most_probable_even_in_a_tie() -> None:
    rows = np.array([[0.5, 0.5], [0.25, 0.75]])
    made = with_tags(rows, [1, 0])
    assert made.argmax(axis=1).tolist() == [1, 0]
    np.testing.assert_allclose(made, [[0.5, 0.5], [0.75, 0.25]], atol=1e-6)
