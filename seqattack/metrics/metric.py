"""The list of all metrics: what each is called, what it means, and which way is better."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

Kind = Literal["percent", "number", "count", "p", "text"]
"""How a figure is shown; ``percent`` is a fraction shown as a percentage."""

Value = float | int | str | None


class Of(StrEnum):
    """What a figure is a mean or a share over; its n is their number."""

    SUBSET = "sentences of the subset"
    ATTACKED = "attacked sentences"
    SUCCESSES = "successes"
    FOUND = "entities found exactly before the attack"
    NOTHING = ""
    """A count, or a figure that says its n beside it."""


class Direction(StrEnum):
    """Which way is better for the attack, as the arrow beside a heading."""

    UP = "↑"
    DOWN = "↓"
    NONE = ""


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric.

    Args:
        key: Its name in files and in Python, such as ``attack_rate``.
        heading: Its name in tables, as in the paper.
        meaning: What it is, in a few words.
        direction: Which way is better for the attack.
        kind: How it is shown.
        of: What it is a mean or a share over.
    """

    key: str
    heading: str
    meaning: str
    direction: Direction = Direction.NONE
    kind: Kind = "percent"
    of: Of = Of.NOTHING

    @property
    def name(self) -> str:
        """The name in running text, such as ``attack rate``."""
        return self.key.replace("_", " ")

    @property
    def explanation(self) -> str:
        """The meaning, with what it is a mean over."""
        is_mean = self.of in (Of.ATTACKED, Of.SUCCESSES)
        says_so = self.meaning.endswith(f"/ {self.of}")
        return f"{self.meaning}, mean over {self.of}" if is_mean and not says_so else self.meaning


CHANGES = (
    ("f1_test", "F1, test set", "F1 on the whole unattacked test set − the undefended victim's"),
    ("f1", "F1", "F1 under attack − the undefended victim's, or F1 with noise − F1 before"),
    ("mean_attack_rate", "Mean A-Rate", "mean attack rate − the undefended victim's"),
    ("attack_rate", "A-Rate", "attack rate − the undefended victim's"),
    ("entity_attack_rate", "Entity A-Rate", "entity attack rate − the undefended victim's"),
)
"""The metrics whose changes have intervals: key, heading, what the change is."""

METRICS = (
    Metric(
        "precision",
        "Precision (Acc in the paper)",
        "correct entities / predicted entities",
        of=Of.SUBSET,
    ),
    Metric("recall", "Recall", "correct entities / true entities", of=Of.SUBSET),
    Metric("f1", "F1", "harmonic mean of precision and recall", of=Of.SUBSET),
    Metric("token_accuracy", "Token accuracy", "tokens with the right tag / tokens", of=Of.SUBSET),
    Metric("attack_rate", "A-Rate", "successes / attacked sentences", Direction.UP, of=Of.ATTACKED),
    Metric(
        "entity_attack_rate",
        "Entity A-Rate",
        "entities not found exactly any more after the attack / entities found exactly before the "
        "attack",
        Direction.UP,
        of=Of.FOUND,
    ),
    Metric(
        "modification_rate",
        "Mod",
        "changed tokens / original tokens",
        Direction.DOWN,
        of=Of.SUCCESSES,
    ),
    Metric(
        "positional_modification_rate",
        "Mod by position",
        "places with different tokens / original tokens",
        Direction.DOWN,
        of=Of.SUCCESSES,
    ),
    Metric(
        "labels_score",
        "L-Score",
        "wrong entity tokens / entity tokens",
        Direction.UP,
        of=Of.SUCCESSES,
    ),
    Metric(
        "similarity",
        "Sim",
        "cosine of the sentence embeddings before and after the attack",
        Direction.UP,
        of=Of.SUCCESSES,
    ),
    Metric(
        "grammar_error_change",
        "ΔGErr",
        "grammar errors after the attack − before it",
        Direction.DOWN,
        "number",
        Of.SUCCESSES,
    ),
    Metric("attacked", "n", "number of attacked sentences", kind="count"),
    Metric("successes", "Successes", "attacks that found an adversarial example", kind="count"),
    Metric(
        "only_invented",
        "Only invented entities",
        "successes in which no entity token is wrong that was right before",
        kind="count",
    ),
    Metric("timeouts", "Timeouts", "searches that the time limit ended", kind="count"),
    Metric("queries", "Queries", "goal-function evaluations", kind="count", of=Of.ATTACKED),
    Metric(
        "forward_passes",
        "Forward passes",
        "sequences sent through the victim",
        kind="count",
        of=Of.ATTACKED,
    ),
    # Before the attack or the noise, where both stand in one table.
    Metric("precision_before", "Precision before", "precision before the attack or the noise"),
    Metric("recall_before", "Recall before", "recall before the attack or the noise"),
    Metric("f1_before", "F1 before", "F1 before the attack or the noise"),
    # What noise does.
    Metric("precision_change", "ΔPrecision", "precision with noise − precision before"),
    Metric("recall_change", "ΔRecall", "recall with noise − recall before"),
    Metric("rate", "Rate", "probability that a word is drawn"),
    Metric("changed_share", "Words changed", "changed words / words that noise could fall on"),
    Metric("changed", "Changed", "words that noise changed, in all draws", kind="count"),
    Metric("words", "Words", "words that noise could fall on, in all draws", kind="count"),
    # What becomes of the entities.
    Metric("entities", "Entities", "true entities", kind="count"),
    Metric("found", "Found", "predicted with their bounds and class", kind="count"),
    Metric("type", "Type", "predicted with another class", kind="count"),
    Metric("boundary", "Boundary", "predicted with their class but other bounds", kind="count"),
    Metric("missed", "Missed", "no predicted entity shares a token with them", kind="count"),
    Metric(
        "spurious",
        "Spurious",
        "predicted entities that share no token with a true one",
        kind="count",
    ),
    Metric(
        "newly_broken",
        "Tokens newly broken",
        "entity tokens that are wrong after the attack and were right before",
        kind="count",
    ),
    Metric(
        "already_wrong",
        "Tokens already wrong",
        "entity tokens that were wrong before the attack",
        kind="count",
    ),
    # Paired tests, and transfer.
    Metric("n", "n", "number of sentences or pairs of sentences", kind="count"),
    Metric("mean", "Mean", "arithmetic mean", kind="number"),
    Metric("median", "Median", "middle value", kind="number"),
    Metric(
        "skewness",
        "Skewness",
        "third moment about the mean / third power of the standard deviation; the lower it is, the "
        "further right the mass lies",
        kind="number",
    ),
    Metric("mean_a", "Mean of the first", "mean of the first victim's scores", kind="number"),
    Metric("mean_b", "Mean of the second", "mean of the second victim's scores", kind="number"),
    Metric("difference", "Difference", "second mean − first mean", kind="number"),
    Metric("t", "t", "statistic of the paired t-test", kind="number"),
    Metric("p", "p", "two-sided p-value of the test", kind="p"),
    Metric("wilcoxon_p", "Wilcoxon p", "p-value of Wilcoxon's signed-rank test", kind="p"),
    Metric("examples", "Examples", "adversarial examples tried", kind="count"),
    # Certainty.
    Metric("calibration_error", "ECE", "expected calibration error: |accuracy − confidence|"),
    Metric(
        "calibration_error_before", "ECE before", "expected calibration error before the attack"
    ),
    Metric("coverage", "Coverage", "tokens with their true tag in their prediction set / tokens"),
    Metric("coverage_before", "Coverage before", "coverage before the attack"),
    Metric("set_size", "Set size", "mean number of tags in a prediction set", kind="number"),
    Metric("set_size_before", "Set size before", "set size before the attack", kind="number"),
    Metric("entity_tokens", "Entity tokens", "tokens whose true tag is not O", kind="count"),
    Metric("class_tokens", "Tokens", "tokens whose true tag is of the class", kind="count"),
    # Leaderboards.
    Metric("rank", "Rank", "1 + the number of victims with a higher mean F1", kind="count"),
    Metric("ranks", "Rank, 95 %", "95 % bootstrap interval of the rank", kind="text"),
    Metric("f1_test", "F1, test set", "F1 on the whole unattacked test set"),
    Metric("mean_f1", "Mean F1", "F1 under attack, the mean over recipes"),
    Metric("mean_attack_rate", "Mean A-Rate", "attack rate, the mean over recipes", Direction.UP),
    Metric("ahead", "Ahead", "mean F1 − that of the next victim"),
    Metric("ahead_interval", "Ahead, 95 %", "95 % bootstrap interval of Ahead", kind="text"),
    # Defences, and noise.
    *(Metric(f"{key}_change", f"Δ{heading}", what) for key, heading, what in CHANGES),
    *(
        Metric(
            f"{key}_change_interval",
            f"Δ{heading}, 95 %",
            f"95 % bootstrap interval of Δ{heading}",
            kind="text",
        )
        for key, heading, _ in CHANGES
    ),
    Metric(
        "sentences_seen",
        "Sentences seen",
        "training sentences, each as often as the training passed over it",
        kind="count",
    ),
    Metric("classes", "Classes", "the classes of entities that were attacked", kind="text"),
    Metric("differs", "Differs in", "what the victim's attacks don't share", kind="text"),
)
"""All metrics: tables, captions, the application's cards and filters, and tests read this list."""

EXAMPLE_METRICS = tuple(metric for metric in METRICS if metric.of is Of.SUCCESSES)
"""The metrics of an adversarial example; an attack's figure is their mean over successes."""

_BY_KEY = {metric.key: metric for metric in METRICS}


def find_metric(key: str) -> Metric:
    """Return the metric with this key.

    Raises:
        KeyError: There is none.

    >>> find_metric("attack_rate").heading
    'A-Rate'
    """
    return _BY_KEY[key]


def show_interval(bounds: tuple[float, float], kind: Kind) -> str:
    """Return an interval as a reader sees it beside its figure, which has the unit.

    >>> show_interval((0.375, 0.61), "percent")
    '[38, 61]'
    """
    return f"[{', '.join(show(bound, kind).removesuffix('%') for bound in bounds)}]"


def show(value: Value, kind: Kind) -> str:
    """Return a figure as a reader sees it.

    >>> show(0.478, "percent"), show(1.5439, "number"), show(None, "percent"), show(2.42e-9, "p")
    ('48%', '1.54', '–', '2.4e-09')
    >>> show(-0.001, "percent"), show(-0.001, "number")
    ('0%', '0.00')
    """
    if value is None:
        return "–"
    if isinstance(value, str):
        return value
    if kind == "percent":
        return f"{100 * value:z.0f}%"  # z: no minus before a zero
    if kind == "count":
        return f"{value:.0f}"
    if kind == "p":
        return f"{value:.2g}"
    return f"{value:z.2f}"
