"""Transfer: a victim is always fooled by its own examples; what counts as fooled."""

from __future__ import annotations

from dataclasses import replace

import pytest

from seqattack.attack.engine import Engine
from seqattack.attack.settings import AttackSettings
from seqattack.metrics.transfer import Transfer, is_fooled, transfer
from seqattack.records import Prediction
from seqattack.report.further_tables import transfer_table
from seqattack.victim.probabilities import Probabilities
from tests.helpers.corpora import corpus
from tests.helpers.fake_victim import FakeVictim
from tests.helpers.records import leeds_record


class OtherVictim(FakeVictim):
    """The same tags for the same texts, but for every third token."""

    def _one(self, ids: tuple[int, ...]) -> Probabilities:
        rows = super()._one(ids)
        rows[::3] = rows[::3, ::-1]
        return rows


@pytest.mark.parametrize("goal", ["untargeted", "untargeted-strict", "targeted", "invented"])
def test_a_victim_is_fooled_by_its_own_examples(goal: str) -> None:
    chosen = AttackSettings("deepwordbug-i-5", goal, query_budget=60)
    records = list(Engine(FakeVictim(), chosen).attack(corpus(30)))
    successes = sum(record.adversarial is not None for record in records)
    assert successes > 5
    own = transfer(records, "a", FakeVictim(), "a")
    assert (own.examples, own.fooled, own.rate) == (successes, successes, 1.0)
    other = transfer(records, "a", OtherVictim(), "b")
    assert other.examples == successes
    assert 0 < other.fooled < successes


def test_what_was_wrong_before_does_not_count() -> None:
    made = leeds_record("a", ("Leeds", "Untied", "won", "in", "Rome"))
    right = made.original.tags
    wrong = ("B-ORG", "I-ORG", "O", "O", "B-PER")
    assert is_fooled(made, right, wrong)
    assert not is_fooled(made, wrong, wrong)
    assert not is_fooled(made, wrong, right)
    flip = ("B-ORG", "B-ORG", "O", "O", "B-LOC")
    assert is_fooled(made, right, flip)
    assert not is_fooled(replace(made, goal="untargeted-strict"), right, flip)


def test_of_another_number_of_entity_tokens_the_share_counts() -> None:
    made = leeds_record("a", ("Leeds", "Untied", "won", "in", "Rome"))
    shorter = Prediction(("Leeds", "won"), ("B-ORG", "O"), ("B-ORG", "O"), (1.0, 1.0))
    made = replace(made, adversarial=shorter)
    assert is_fooled(made, made.original.tags, ("B-LOC", "O"))
    assert not is_fooled(made, made.original.tags, ("B-ORG", "O"))
    two = Prediction(("Leeds", "Rome"), ("B-ORG", "B-LOC"), ("B-ORG", "B-LOC"), (1.0, 1.0))
    made = replace(made, adversarial=two)
    one_of_three = ("B-ORG", "I-ORG", "O", "O", "O")
    two_of_three = ("B-ORG", "O", "O", "O", "O")
    assert is_fooled(made, one_of_three, ("B-ORG", "O")), "a half is more than a third"
    assert not is_fooled(made, two_of_three, ("B-ORG", "O")), "and less than two thirds"


def test_the_table_has_a_row_for_each_attacked_victim() -> None:
    counts = [
        Transfer(source, target, 4, 4 if source == target else 1)
        for target in ("50", "baseline")
        for source in ("50", "baseline")
    ]
    table = transfer_table("bert-attack", counts)
    assert [row.label for row in table.rows] == ["NERsmall + 50", "NERsmall"]
    assert table.rows[0].values == {"50": 1.0, "baseline": 0.25, "examples": 4}
