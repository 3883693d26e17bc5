"""The default backends on real text."""

from __future__ import annotations

import pytest

from seqattack.errors import ConfigError
from seqattack.metrics.grammar import TOKENIZATION_RULES, grammar_backend
from seqattack.metrics.similarity import SimilaritySession, similarity_backend


def test_similarity_orders_texts_as_a_reader_would() -> None:
    session = SimilaritySession(similarity_backend({"backend": "minilm"}))
    text = "Shares in the bank fell sharply in Paris on Friday ."
    same, near, far = session.similarities(
        [
            (text, text),
            (text, "The bank 's stock dropped on Friday in Paris ."),
            (text, "Heavy rain stopped the cricket match ."),
        ]
    )
    assert same == pytest.approx(1, abs=1e-3)
    assert 1 > near > 0.6 > far
    alone = SimilaritySession(similarity_backend({})).similarities(
        [(text, "Heavy rain stopped the cricket match .")]
    )
    assert alone == [far]
    assert session.similarities([]) == []


def test_grammar_counts_typos_but_not_tokenization() -> None:
    backend = grammar_backend({"backend": "harper"})
    clean = "The minister said on Friday that prices would rise , but gave no date ."
    typo = "The ministr said on Friday that pricse would rise , but gave no date ."
    assert backend.errors([clean, typo, clean]) == [0, 2, 0]


def test_the_rules_that_are_off_exist() -> None:
    import harper

    assert set(TOKENIZATION_RULES) <= set(harper.Linter().get_lint_config())


@pytest.mark.parametrize("build", [similarity_backend, grammar_backend])
def test_unknown_backends_are_refused(build) -> None:
    with pytest.raises(ConfigError, match=r"write one of|did you mean"):
        build({"backend": "languagetool"})
