"""Certainty: do a victim's probabilities mean what they say, before and under attack?

Calibration is the expected calibration error (Guo et al., "On Calibration of Modern Neural
Networks", ICML 2017, section 2). Prediction sets are split conformal ones with the score 1 − p(true
tag) (Sadinle et al., "Least Ambiguous Set-Valued Classifiers With Bounded Error Levels", JASA 2019)
and a threshold for each class (class-conditional, or Mondrian, conformal prediction; Vovk 2012).
They promise that, of tokens that are exchangeable with those of the calibration sentences, at least
a given share of each class has its true tag in its set. An attack breaks that assumption: how far
the promise falls is measured here.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from seqattack.errors import ModelError
from seqattack.metrics.bootstrap import Interval, bootstrap_interval
from seqattack.tags import OUTSIDE, tag_class

if TYPE_CHECKING:
    from seqattack.records import AttackRecord, Prediction
    from seqattack.sentence import Sentence
    from seqattack.victim.probabilities import Probabilities
    from seqattack.victim.victim import Victim

BINS = 15
"""Bins of equal width of the calibration error, as Guo et al. have them."""


@dataclass(frozen=True, slots=True)
class Bin:
    """The tokens whose confidence lies in one bin.

    Args:
        tokens: Their number.
        confidence: Mean probability of their predicted tags.
        accuracy: Share of them whose predicted tag is right.
    """

    tokens: int
    confidence: float
    accuracy: float


@dataclass(frozen=True, slots=True)
class ClassCertainty:
    """The prediction sets of the tokens of one class.

    Args:
        tokens: Tokens whose true tag is of the class.
        coverage: Share of them whose set has their true tag, in [0, 1].
        coverage_interval: Its 95 % bootstrap interval over sentences.
        set_size: Mean number of tags in their sets.
    """

    tokens: int
    coverage: float
    coverage_interval: Interval
    set_size: float


@dataclass(frozen=True, slots=True)
class Certainty:
    """How certain a victim is of the entity tokens of some texts, and with what right.

    All but `per_class` is over entity tokens, whose true tag is not O.

    Args:
        tokens: Number of entity tokens.
        calibration_error: Expected calibration error: the mean of |accuracy − confidence| over
            `bins`, weighted by their tokens; in [0, 1]. None without a token.
        calibration_error_interval: Its 95 % bootstrap interval over sentences.
        coverage: Share whose prediction set has the true tag, in [0, 1]; None without a token.
        coverage_interval: Its 95 % bootstrap interval over sentences.
        set_size: Mean number of tags in the sets; None without a token.
        set_size_interval: Its 95 % bootstrap interval over sentences.
        bins: Those of confidence that hold a token, from 0 to 1.
        per_class: By class, O included.
    """

    tokens: int
    calibration_error: float | None
    calibration_error_interval: Interval | None
    coverage: float | None
    coverage_interval: Interval | None
    set_size: float | None
    set_size_interval: Interval | None
    bins: Sequence[Bin]
    per_class: Mapping[str, ClassCertainty]

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Certainty:
        """Return what `dataclasses.asdict` made of one."""
        classes = {
            name: ClassCertainty(**{**each, "coverage_interval": _pair(each["coverage_interval"])})
            for name, each in value["per_class"].items()
        }
        intervals = {key: _pair(each) for key, each in value.items() if key.endswith("_interval")}
        bins = [Bin(**each) for each in value["bins"]]
        return cls(**{**value, **intervals, "bins": bins, "per_class": classes})


@dataclass(frozen=True, slots=True)
class Threshold:
    """The largest score with which a tag of a class is in a prediction set.

    Args:
        tokens: Calibration tokens of the class.
        score: 1 − the least probability, in [0, 1]; 1 takes every tag, where the class has too few
            tokens for the promised coverage.
    """

    tokens: int
    score: float


@dataclass(frozen=True, slots=True)
class AttackCertainty:
    """The certainty of a victim on the sentences of one attack.

    Args:
        before: On the original sentences.
        after: On the same sentences, with each success replaced by its adversarial example.
    """

    before: Certainty
    after: Certainty


@dataclass(frozen=True, slots=True)
class VictimCertainty:
    """The certainty of a victim, unattacked and under attacks.

    Args:
        victim: Its name.
        promised: The share of tokens of each class that prediction sets promise to cover.
        thresholds: By class.
        unattacked: On the unattacked test set; None where none was given.
        attacks: By the attack's name.
    """

    victim: str
    promised: float
    thresholds: Mapping[str, Threshold]
    unattacked: Certainty | None
    attacks: Mapping[str, AttackCertainty]

    def to_json(self) -> dict[str, Any]:
        """Return the figures as a JSON object."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> VictimCertainty:
        """Return what `to_json` made."""
        unattacked = value["unattacked"]
        return cls(
            value["victim"],
            value["promised"],
            {name: Threshold(**each) for name, each in value["thresholds"].items()},
            Certainty.from_json(unattacked) if unattacked else None,
            {
                name: AttackCertainty(
                    Certainty.from_json(each["before"]), Certainty.from_json(each["after"])
                )
                for name, each in value["attacks"].items()
            },
        )


def victim_certainty(
    victim: Victim,
    name: str,
    calibration: Sequence[Sentence],
    attacks: Mapping[str, Sequence[AttackRecord]],
    promised: float,
    seed: int,
    unattacked: Sequence[Sentence] = (),
) -> VictimCertainty:
    """Measure how certain a victim is, before and under attacks.

    Args:
        victim: The model.
        name: The victim's name.
        calibration: Sentences that it was neither trained nor is attacked on, such as the dev set.
        attacks: Records of attacks on it, by the attack's name.
        promised: The coverage that the prediction sets promise, in (0, 1).
        seed: Seed of the bootstrap.
        unattacked: A test set to measure without any attack.

    Raises:
        ModelError: The victim gives tags without probabilities.
    """
    from seqattack.victim.prediction import predict

    if victim.hard_labels:
        raise ModelError(
            f"{victim.name} gives tags without probabilities, so there is no certainty to measure."
        )
    labels = tuple(victim.labels)

    @cache  # attacks on the same sentences share their originals
    def measured(texts: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]) -> Certainty:
        found = predict(victim, [tokens for tokens, _ in texts])
        return certainty(found, [tags for _, tags in texts], labels, limits, seed)

    known = predict(victim, [each.tokens for each in calibration])
    limits = thresholds(known, [each.tags for each in calibration], labels, promised)
    return VictimCertainty(
        name,
        promised,
        limits,
        measured(_texts(unattacked)) if unattacked else None,
        {
            attack: AttackCertainty(
                measured(_texts(record.original for record in records)),
                measured(_texts(record.final for record in records)),
            )
            for attack, records in attacks.items()
        },
    )


def _texts(
    texts: Iterable[Sentence | Prediction],
) -> tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]:
    return tuple((text.tokens, text.tags) for text in texts)


def thresholds(
    probabilities: Sequence[Probabilities],
    tags: Sequence[Sequence[str]],
    labels: Sequence[str],
    promised: float,
) -> dict[str, Threshold]:
    """Return, for each class of the labels, the largest score of a tag in a prediction set.

    Of the n calibration tokens of a class it is the ⌈(n + 1) · promised⌉-th smallest score; every
    tag is taken where n is smaller than that.

    Args:
        probabilities: The victim's, for each calibration text of shape (tokens, tags).
        tags: The true tags of each text.
        labels: The tags in the order of their columns.
        promised: The coverage that is promised, in (0, 1).

    Example:
        >>> rows = np.array([[0.9, 0.1], [0.6, 0.4], [0.2, 0.8]], dtype=np.float32)
        >>> thresholds([rows], [["O", "O", "B-PER"]], ["O", "B-PER"], 0.5)["O"].score.__round__(3)
        0.4
    """
    scores: dict[str, list[float]] = {tag_class(label): [] for label in labels}
    columns = _columns(labels)
    for rows, truth in zip(probabilities, tags, strict=True):
        for row, tag in zip(rows, truth, strict=True):
            scores.setdefault(tag_class(tag), []).append(_score(row, columns.get(tag)))
    found = {}
    for name, each in sorted(scores.items()):
        rank = math.ceil((len(each) + 1) * promised - 1e-9)
        found[name] = Threshold(len(each), sorted(each)[rank - 1] if rank <= len(each) else 1.0)
    return found


def certainty(
    probabilities: Sequence[Probabilities],
    tags: Sequence[Sequence[str]],
    labels: Sequence[str],
    limits: Mapping[str, Threshold],
    seed: int,
) -> Certainty:
    """Return how certain a victim is of texts, and with what right.

    Args:
        probabilities: The victim's, for each text of shape (tokens, tags).
        tags: The true tags of each text; one that the victim lacks is never in a set.
        labels: The tags in the order of their columns.
        limits: Of `thresholds`.
        seed: Seed of the bootstrap.
    """
    texts = [
        _tokens(rows, truth, labels, limits)
        for rows, truth in zip(probabilities, tags, strict=True)
    ]
    entities = [[token for token in text if token.name != OUTSIDE] for text in texts]
    n = sum(map(len, entities))
    names = sorted({token.name for text in texts for token in text})
    by_class = {
        name: [[token for token in text if token.name == name] for text in texts] for name in names
    }
    none = (None, None)
    error, error_interval = _calibration_error(entities, seed) if n else none
    covered, covered_interval = _mean(entities, "covered", seed) if n else none
    size, size_interval = _mean(entities, "size", seed) if n else none
    return Certainty(
        tokens=n,
        calibration_error=error,
        calibration_error_interval=error_interval,
        coverage=covered,
        coverage_interval=covered_interval,
        set_size=size,
        set_size_interval=size_interval,
        bins=_bins(entities),
        per_class={name: _of_class(found, seed) for name, found in by_class.items()},
    )


@dataclass(frozen=True, slots=True)
class _Token:
    """What is known of a token: its class, and how the victim fares on it."""

    name: str
    confidence: float
    right: bool
    covered: bool
    size: int

    @property
    def bin(self) -> int:
        """The bin of its confidence: the k-th is (k / BINS, (k + 1) / BINS]."""
        return max(0, math.ceil(self.confidence * BINS) - 1)


_Texts = Sequence[Sequence[_Token]]


def _tokens(
    rows: Probabilities,
    truth: Sequence[str],
    labels: Sequence[str],
    limits: Mapping[str, Threshold],
) -> list[_Token]:
    columns = _columns(labels)
    least = np.array([limits[tag_class(label)].score for label in labels])
    scores = 1.0 - np.asarray(rows, dtype=float)
    inside = scores <= least
    return [
        _Token(
            name=tag_class(tag),
            confidence=min(1.0, float(row.max())),
            right=labels[int(row.argmax())] == tag,
            covered=tag in columns and bool(taken[columns[tag]]),
            size=int(taken.sum()),
        )
        for row, taken, tag in zip(rows, inside, truth, strict=True)
    ]


def _columns(labels: Sequence[str]) -> dict[str, int]:
    return {label: index for index, label in enumerate(labels)}


def _score(row: Probabilities, column: int | None) -> float:
    return 1.0 if column is None else 1.0 - float(row[column])


def _bins(texts: _Texts) -> list[Bin]:
    tokens = [token for text in texts for token in text]
    found = []
    for place in range(BINS):
        held = [token for token in tokens if token.bin == place]
        if held:
            confidence = sum(token.confidence for token in held) / len(held)
            found.append(Bin(len(held), confidence, sum(t.right for t in held) / len(held)))
    return found


def _calibration_error(texts: _Texts, seed: int) -> tuple[float, Interval]:
    """Return the expected calibration error, and its interval over sentences."""
    gaps = np.zeros((len(texts), BINS))
    for index, text in enumerate(texts):
        for token in text:
            gaps[index, token.bin] += token.confidence - token.right
    columns = {str(place): gaps[:, place].tolist() for place in range(BINS)}
    columns["n"] = [float(len(text)) for text in texts]

    def error(sums: Mapping[str, Any]) -> Any:
        total = sum(abs(sums[str(place)]) for place in range(BINS))
        return total / sums["n"]

    whole = float(np.abs(gaps.sum(axis=0)).sum() / sum(columns["n"]))
    return whole, bootstrap_interval(columns, error, seed)


def _mean(texts: _Texts, key: str, seed: int) -> tuple[float, Interval]:
    """Return the mean of an attribute over all tokens, and its interval over sentences."""
    columns = {
        "sum": [float(sum(getattr(token, key) for token in text)) for text in texts],
        "n": [float(len(text)) for text in texts],
    }
    whole = sum(columns["sum"]) / sum(columns["n"])
    return whole, bootstrap_interval(columns, lambda sums: sums["sum"] / sums["n"], seed)


def _of_class(texts: _Texts, seed: int) -> ClassCertainty:
    tokens = sum(map(len, texts))
    coverage, interval = _mean(texts, "covered", seed)
    return ClassCertainty(tokens, coverage, interval, _mean(texts, "size", seed)[0])


def _pair(value: Iterable[float] | None) -> Interval | None:
    if value is None:
        return None
    low, high = value
    return low, high
