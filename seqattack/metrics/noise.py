"""What noise does to a victim: precision, recall and F1 before and after, without any search.

Noise falls on sentences whatever the victim makes of them, so these figures are of an accident,
and those of an attack are of the worst case. Entities are those of `seqattack.metrics.entities`:
seqeval, strict IOB2.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from seqattack.errors import CorpusError
from seqattack.metrics.bootstrap import Floats, Interval, percentile_interval, resampled
from seqattack.metrics.entities import answered_entities, exact_entities
from seqattack.perturbations.noise import Noise, Where, noisy_sentences

if TYPE_CHECKING:
    from seqattack.sentence import Sentence
    from seqattack.victim.victim import Victim

SCORES = ("precision", "recall", "f1")
"""What is measured of each class, in the order of the arrays here."""

Watch = Callable[[Sequence[tuple[Noise, int]]], Iterable[tuple[Noise, int]]]
"""Goes through noises and draws, and may show how far it is."""


@dataclass(frozen=True, slots=True)
class Score:
    """A figure before and after noise, in [0, 1], with 95 % bootstrap intervals over sentences.

    Args:
        before: On the sentences as they are.
        after: On those with noise, the mean over draws.
        before_interval: Of `before`.
        after_interval: Of `after`.
        change_interval: Of `change`, over resamples that both share.
    """

    before: float
    after: float
    before_interval: Interval
    after_interval: Interval
    change_interval: Interval

    @property
    def change(self) -> float:
        """After − before."""
        return self.after - self.before

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Score:
        """Return what `dataclasses.asdict` made of one."""
        bounds = {key: tuple(each) for key, each in value.items() if key.endswith("_interval")}
        return cls(**{**value, **bounds})


@dataclass(frozen=True, slots=True)
class ClassScores:
    """Precision, recall and F1 of one class, or of all (micro-averaged).

    Args:
        entities: True entities; noise neither makes nor loses one.
        precision: Correct entities / predicted entities; 0 where none is predicted.
        recall: Correct entities / true entities; 0 where none is true.
        f1: Harmonic mean of precision and recall.
    """

    entities: int
    precision: Score
    recall: Score
    f1: Score

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> ClassScores:
        """Return what `dataclasses.asdict` made of one."""
        scores = {name: Score.from_json(value[name]) for name in SCORES}
        return cls(value["entities"], **scores)


@dataclass(frozen=True, slots=True)
class SuiteResult:
    """What noise of one suite at one rate does to a victim.

    Args:
        suite: The suite's name.
        rate: The probability that a word is drawn.
        words: Words that noise could fall on, over all draws.
        changed: Those of them that it changed.
        f1_by_draw: F1 of each draw.
        overall: Over all classes.
        per_class: By class.
    """

    suite: str
    rate: float
    words: int
    changed: int
    f1_by_draw: tuple[float, ...]
    overall: ClassScores
    per_class: Mapping[str, ClassScores]

    @property
    def changed_share(self) -> float:
        """Changed words / words that noise could fall on; 0 without any."""
        return self.changed / self.words if self.words else 0.0

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> SuiteResult:
        """Return what `dataclasses.asdict` made of one."""
        classes = {name: ClassScores.from_json(each) for name, each in value["per_class"].items()}
        overall = ClassScores.from_json(value["overall"])
        draws = tuple(value["f1_by_draw"])
        return cls(**{**value, "f1_by_draw": draws, "overall": overall, "per_class": classes})


@dataclass(frozen=True, slots=True)
class VictimNoise:
    """What noise does to a victim.

    Args:
        victim: Its name.
        sentences: Their number.
        where: Which words got noise.
        seed: Of the noise and of the bootstrap.
        draws: How often each sentence got noise of each kind.
        suites: One for each suite and rate.
    """

    victim: str
    sentences: int
    where: Where
    seed: int
    draws: int
    suites: tuple[SuiteResult, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the figures as a JSON object."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> VictimNoise:
        """Return what `to_json` made."""
        suites = tuple(map(SuiteResult.from_json, value["suites"]))
        return cls(**{**value, "where": Where(value["where"]), "suites": suites})


def victim_noise(
    victim: Victim,
    name: str,
    sentences: Sequence[Sentence],
    noises: Sequence[Noise],
    seed: int,
    draws: int = 1,
    watch: Watch = iter,
) -> VictimNoise:
    """Measure what noise does to a victim.

    Args:
        victim: The model.
        name: The victim's name.
        sentences: Sentences with their true tags, at least one of them with an entity.
        noises: At least one, each once; all fall on the same words (`Noise.where`).
        seed: Of the noise and of the bootstrap.
        draws: How often each sentence gets noise of each kind.
        watch: Goes through noises and draws.

    Raises:
        CorpusError: No sentence has an entity.
    """
    classes = sorted({entity.label for each in sentences for entity in each.entities})
    if not classes:
        raise CorpusError("none of the sentences has an entity; give some that have.")
    known: dict[tuple[str, ...], tuple[str, ...]] = {}
    clean = _counts(sentences, _tagged(victim, sentences, known), classes)
    found: dict[Noise, list[tuple[_Counts, int, int]]] = {noise: [] for noise in noises}
    for noise, draw in watch([(noise, draw) for noise in noises for draw in range(draws)]):
        noisy = list(noisy_sentences(noise, sentences, seed, draw))
        texts = [each.sentence for each in noisy]
        counts = _counts(texts, _tagged(victim, texts, known), classes)
        words = sum(each.words for each in noisy), sum(each.changed for each in noisy)
        found[noise].append((counts, *words))
    suites = tuple(_result(noise, classes, clean, each, seed) for noise, each in found.items())
    return VictimNoise(name, len(sentences), noises[0].where, seed, draws, suites)


_Counts = NDArray[np.int64]
"""Correct, predicted and true entities, of shape (sentences, 1 + classes, 3); all classes first."""


def _tagged(
    victim: Victim,
    sentences: Sequence[Sentence],
    known: dict[tuple[str, ...], tuple[str, ...]],
) -> list[tuple[str, ...]]:
    """Return the victim's tags of sentences; each text is asked about once."""
    from seqattack.metrics.evaluation import predicted_tags

    new = {each.tokens: each for each in sentences if each.tokens not in known}
    known |= zip(new, predicted_tags(victim, list(new.values())), strict=True)
    return [known[each.tokens] for each in sentences]


def _counts(
    sentences: Sequence[Sentence], predicted: Sequence[Sequence[str]], classes: Sequence[str]
) -> _Counts:
    found = np.zeros((len(sentences), 1 + len(classes), len(SCORES)), dtype=np.int64)
    places = {name: 1 + place for place, name in enumerate(classes)}
    for row, sentence, answer in zip(found, sentences, predicted, strict=True):
        sides = exact_entities(sentence.tags, answer), answered_entities(answer), sentence.entities
        for kind, side in enumerate(sides):
            row[0, kind] = len(side)
            for entity in side:
                if entity.label in places:
                    row[places[entity.label], kind] += 1
    return found


def _scores(sums: Floats) -> Floats:
    """Return precision, recall and F1 in the place of correct, predicted and true entities."""
    right, answered, gold = np.moveaxis(sums, -1, 0)
    tops = np.stack((right, right, 2 * right), axis=-1)
    bottoms = np.stack((answered, gold, answered + gold), axis=-1)
    scores: Floats = np.divide(tops, bottoms, out=np.zeros(tops.shape), where=bottoms > 0)
    return scores


def _result(
    noise: Noise,
    classes: Sequence[str],
    clean: _Counts,
    drawn: Sequence[tuple[_Counts, int, int]],
    seed: int,
) -> SuiteResult:
    """Return the figures of one noise.

    Args:
        noise: What went wrong.
        classes: Of the true entities.
        clean: Without noise.
        drawn: Of each draw the counts, the words that noise could fall on and those it changed.
        seed: Of the bootstrap.
    """
    texts = np.stack([clean, *(counts for counts, _, _ in drawn)])
    whole = _scores(texts.sum(axis=1).astype(float))
    columns = texts.transpose(0, 2, 3, 1).reshape(-1, len(clean)).tolist()

    def statistic(sums: Mapping[str, Any]) -> Floats:
        return _scores(np.stack(list(sums.values()), axis=-1).reshape(-1, *whole.shape))

    resamples = resampled({str(n): each for n, each in enumerate(columns)}, statistic, seed)
    parts = [
        ClassScores(
            int(clean[:, place, -1].sum()),
            *(_score(whole[:, place, n], resamples[:, :, place, n]) for n in range(len(SCORES))),
        )
        for place in range(1 + len(classes))
    ]
    return SuiteResult(
        noise.suite.name,
        noise.rate,
        words=sum(words for _, words, _ in drawn),
        changed=sum(changed for _, _, changed in drawn),
        f1_by_draw=tuple(map(float, whole[1:, 0, SCORES.index("f1")])),
        overall=parts[0],
        per_class=dict(zip(classes, parts[1:], strict=True)),
    )


def _score(values: Floats, resamples: Floats) -> Score:
    """Return a figure: without noise, and the mean over draws, which stand behind it."""
    before, after = resamples[:, 0], resamples[:, 1:].mean(axis=1)
    bounds = [percentile_interval(each) for each in (before, after, after - before)]
    intervals = [(round(low, 6), round(high, 6)) for low, high in bounds]
    return Score(float(values[0]), float(values[1:].mean()), *intervals)
