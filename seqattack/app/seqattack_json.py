"""The JSON files of the original SeqAttack, read as attack records and written from them.

A file is ``{"config": {...}, "attacked_examples": [...]}``. An example has texts with one space
between tokens, and true and predicted tags as numbers and, if the model has names for them, as
labels.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seqattack.attack.goals import Goal, find_goal
from seqattack.corpus import tag_set
from seqattack.errors import RecipeError, RecordError
from seqattack.io import read_json
from seqattack.metrics.alignment import modification_rate, token_positions
from seqattack.records import AttackRecord, Outcome, Prediction, Stop
from seqattack.sentence import Sentence
from seqattack.tags import entity_around, is_tag, repair_iob2

LABELS = ("O", "B-MISC", "I-MISC", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC")
"""The tags that numbers stand for in files without labels: the order of SeqAttack's model."""

FACTS = {
    "model": "model",
    "recipe": "recipe",
    "goal function": "goal_function",
    "query budget": "query_budget",
    "seed": "random_seed",
    "time limit": "attack_timeout",
    "dataset": "dataset",
    "split": "split",
}
"""Keys of the file's ``config``, by what a page calls them."""

LONGEST_TEXT = 5000
"""Tokens of the longest text that is read; aligning two takes time and memory by their square."""

LONGEST_FACT = 100
"""Characters that are shown of one."""

STATUS = {
    "Successful": Outcome.SUCCESS,
    "Maximized": Outcome.SUCCESS,
    "Failed": Outcome.FAILED,
    "Skipped": Outcome.SKIPPED,
}


@dataclass(frozen=True, slots=True)
class Imported:
    """The examples of a file.

    Args:
        records: The examples that could be read.
        left_out: How many could not, because tags and tokens differ in number, for example, or a
            text has more than `LONGEST_TEXT` tokens.
        facts: What the file says of its attack, by the keys of `FACTS`.
    """

    records: list[AttackRecord]
    left_out: int
    facts: Mapping[str, str]


def read_seqattack(path: Path) -> Imported:
    """Read a file of the original SeqAttack.

    Such files have no confidences, so these are empty, and do not say why a search stopped.

    Raises:
        RecordError: It is not a file of SeqAttack, or none of its examples can be read.
    """
    try:
        value = read_json(path)
    except (OSError, ValueError) as error:
        raise RecordError(f"{path.name}: not a JSON file ({error}).") from error
    return parse_seqattack(value, path.name)


def parse_seqattack(value: Any, name: str) -> Imported:
    """Return the records of a parsed file; see `read_seqattack`.

    Args:
        value: The parsed JSON.
        name: The file's name, for messages.
    """
    examples = value.get("attacked_examples") if isinstance(value, dict) else None
    if not isinstance(examples, list):
        raise RecordError(
            f"{name}: no list of attacked_examples in it; SeqAttack writes one with its attacks."
        )
    config = value.get("config")
    config = config if isinstance(config, dict) else {}
    records = []
    for number, example in enumerate(examples, 1):
        try:
            records.append(_record(example, f"example-{number}", config))
        except (KeyError, TypeError, ValueError, ArithmeticError, IndexError, AttributeError):
            continue
    if examples and not records:
        raise RecordError(f"{name}: none of its {len(examples)} examples could be read.")
    return Imported(records, len(examples) - len(records), _facts(config))


def _facts(config: Mapping[str, Any]) -> dict[str, str]:
    values = {name: config.get(key) for name, key in FACTS.items()}
    return {
        name: str(value)[:LONGEST_FACT]
        for name, value in values.items()
        if isinstance(value, str | int | float) and str(value)
    }


def _record(
    example: Mapping[str, Any], sentence_id: str, config: Mapping[str, Any]
) -> AttackRecord:
    own = {**config, **example}  # our own files say where an example is of another attack
    goal = _goal(str(own.get("goal_function", "")))
    outcome = STATUS[example["status"]]
    original = _prediction(example, "original_text", "ground_truth", "original_pred")
    adversarial = None
    if outcome is Outcome.SUCCESS:
        adversarial = _prediction(example, "perturbed_text", "final_ground_truth", "perturbed_pred")
    final = adversarial or original
    before = goal.wrong(original.tags, original.predicted)
    after = goal.wrong(final.tags, final.predicted)
    return AttackRecord(
        id=sentence_id,
        recipe=str(own.get("recipe", "unknown")),
        goal=goal.name,
        outcome=outcome,
        stop=Stop.UNKNOWN,
        original=original,
        adversarial=adversarial,
        labels_score_before=round(goal.labels_score(original, original.predicted), 6),
        labels_score=round(goal.labels_score(final, final.predicted), 6),
        already_wrong=before,
        newly_broken=_newly_broken(original, adversarial, before, after) if adversarial else (),
        queries=int(example.get("num_queries", 0)),
        forward_passes=int(example.get("num_queries", 0)),
    )


def _goal(name: str) -> Goal:
    """Return a goal by its name; the original SeqAttack has other names for two of ours."""
    try:
        return find_goal(name)
    except RecipeError:
        return find_goal("untargeted-strict" if "strict" in name.lower() else "untargeted")


def _prediction(example: Mapping[str, Any], text: str, gold: str, predicted: str) -> Prediction:
    tokens = tuple(str(example[text]).split())
    if len(tokens) > LONGEST_TEXT:
        raise ValueError("the text is too long")
    tags = repair_iob2(_tags(example, gold))
    sentence = Sentence("imported", tokens, tuple(tags))
    found = _tags(example, predicted)
    if len(found) != len(tokens):
        raise ValueError("tags and tokens differ in number")
    return Prediction(sentence.tokens, sentence.tags, tuple(found), ())


def _label(number: int) -> str:
    if number < 0:  # Python would count from the end
        raise ValueError(f"there is no label {number}")
    return LABELS[number]


def _tags(example: Mapping[str, Any], key: str) -> list[str]:
    labels = example.get(f"{key}_labels")
    tags = [str(tag) for tag in labels] if labels else [_label(int(i)) for i in example[key]]
    if not all(map(is_tag, tags)):
        raise ValueError("not IOB tags")
    return tags


def _newly_broken(
    original: Prediction, adversarial: Prediction, before: Sequence[int], after: Sequence[int]
) -> tuple[int, ...]:
    """Return the tokens that are wrong and were right before the attack.

    One that is new in an entity counts where a token of that entity was right, as in attacks.

    Args:
        original: The text before the attack.
        adversarial: The text after it.
        before: Indices of the original's wrong tokens.
        after: Indices of the adversarial example's.
    """
    places = token_positions(original.tokens, adversarial.tokens)
    right = {new for old, new in places.items() if old not in before}
    new = set(range(len(adversarial.tokens))) - set(places.values())
    return tuple(
        index
        for index in after
        if index in right
        or (index in new and right.intersection(entity_around(adversarial.tags, index)))
    )


def to_seqattack(records: Iterable[AttackRecord]) -> dict[str, Any]:
    """Return records as the original SeqAttack writes its results.

    The labels scores stand where it writes the scores of its goal function. Goal and recipe stand
    with an example where the records have several.
    """
    records = list(records)
    sentences = [
        Sentence(r.id, text.tokens, tuple(repair_iob2(tags)))
        for r in records
        for text in (r.original, r.final)
        for tags in (text.tags, text.predicted)
    ]
    labels = tag_set(sentences)
    shared = {
        "goal_function": ", ".join(dict.fromkeys(record.goal for record in records)),
        "recipe": ", ".join(dict.fromkeys(record.recipe for record in records)),
    }
    examples = []
    for record in records:
        own = {"goal_function": record.goal, "recipe": record.recipe}
        differs = {key: value for key, value in own.items() if value != shared[key]}
        examples.append(_example(record, labels) | differs)
    config = {**shared, "examples_count": len(records), "label_names": list(labels)}
    return {"config": config, "attacked_examples": examples}


def _example(record: AttackRecord, labels: Sequence[str]) -> dict[str, Any]:
    final = record.final
    names = {outcome: name for name, outcome in STATUS.items() if name != "Maximized"}
    tags = {
        "ground_truth": record.original.tags,
        "original_pred": record.original.predicted,
        "perturbed_pred": final.predicted,
        "final_ground_truth": final.tags,
    }
    return {
        "original_text": " ".join(record.original.tokens),
        "status": names[record.outcome],
        "original_score": record.labels_score_before,
        "perturbed_score": record.labels_score,
        "perturbed_text": " ".join(final.tokens),
        "percent_words_perturbed": modification_rate(record.original.tokens, final.tokens),
        "num_queries": record.queries,
        **{key: [labels.index(tag) for tag in value] for key, value in tags.items()},
        **{f"{key}_labels": list(value) for key, value in tags.items()},
    }
