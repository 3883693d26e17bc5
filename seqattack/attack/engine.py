"""The engine: attacks sentences, many at a time, and records what it found."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqattack.attack.journal import Journal
from seqattack.attack.recipes.recipe import AttackContext, Recipe
from seqattack.attack.recipes.registry import find_recipe
from seqattack.errors import ModelError
from seqattack.files.checksums import sha256_json
from seqattack.masked_lm.session import MaskedLMService, MaskedLMSession
from seqattack.models.scheduling import Scheduler
from seqattack.records import AttackRecord, Outcome, Prediction, Stop
from seqattack.scpn.session import ParaphraseSession
from seqattack.sentence import Sentence
from seqattack.sentence_encoder.session import SimilaritySession
from seqattack.victim.gateway import Gateway, Session

if TYPE_CHECKING:
    from seqattack.attack.goals import Best, TokenGoalFunction
    from seqattack.victim.model import Victim
    from seqattack.victim.probabilities import Probabilities
from seqattack.attack.resources import Resources
from seqattack.attack.settings import AttackSettings


@dataclass(slots=True)
class Progress:
    """Counts of a run in progress."""

    total: int
    success: int = 0
    failed: int = 0
    skipped: int = 0
    resumed: int = 0

    @property
    def done(self) -> int:
        """Sentences finished, those of an earlier start included."""
        return self.success + self.failed + self.skipped + self.resumed

    def count(self, outcome: Outcome) -> None:
        """Add one finished sentence."""
        setattr(self, outcome.value, getattr(self, outcome.value) + 1)


class Engine:
    """Attacks sentences with one recipe against one victim.

    Args:
        victim: The model under attack.
        settings: What the outcome depends on.
        resources: What the recipe needs besides the victim.
        in_flight: How many sentences share batches; changes speed, never an outcome.
        batch_tokens: Sub-tokens of a full batch; changes speed, never an outcome where the
            victim's results do not depend on the batch's shape (the gateway measures that).

    Raises:
        RecipeError: The recipe or the goal function is unknown, or something is missing that the
            recipe needs.
    """

    def __init__(
        self,
        victim: Victim,
        settings: AttackSettings,
        resources: Resources | None = None,
        in_flight: int = 32,
        batch_tokens: int = 512,
    ) -> None:
        self.recipe: Recipe = find_recipe(settings.recipe)
        resources = resources or Resources()
        resources.check(self.recipe)
        self.victim = victim
        self.settings = settings
        self.resources = resources
        self.in_flight = in_flight if self.recipe.shares_batches else 1
        self.gateway = Gateway(victim, batch_tokens)
        self._lm = (
            MaskedLMService(resources.masked_lm, batch_tokens) if resources.masked_lm else None
        )

    @property
    def services(self) -> dict[str, Any]:
        """What sends texts through models, by name: the victim, and what the recipe needs."""
        found = {
            "victim": self.gateway,
            "masked LM": self._lm,
            "sentence encoder": self.resources.similarity,
        }
        return {name: service for name, service in found.items() if service is not None}

    def attack(
        self,
        sentences: Sequence[Sentence],
        watch: Callable[[TokenGoalFunction], bool] | None = None,
    ) -> Iterator[AttackRecord]:
        """Attack sentences and yield their records as they finish.

        Args:
            sentences: With distinct ids.
            watch: Called after every evaluation with the sentence's goal function; returning True
                cancels its search, which keeps the best example found so far.

        Raises:
            ModelError: A sentence is too long for the victim or has a tag it does not know;
                raised before any work.
        """
        self.victim.encoder.check_fits(sentences)
        check_tags(sentences, self.victim.labels)
        scheduler: Scheduler[AttackRecord] = Scheduler(self.in_flight)
        yield from scheduler.run(
            partial(self._attack_one, scheduler, sentence, watch) for sentence in sentences
        )

    def run(
        self,
        sentences: Sequence[Sentence],
        output: str | Path,
        on_progress: Callable[[Progress], None] = lambda progress: None,
    ) -> Progress:
        """Attack sentences into a file of records, going on where an earlier start stopped.

        Args:
            sentences: With distinct ids.
            output: JSON lines, one record a sentence, in the sentences' order.
            on_progress: Called after each sentence.

        Returns:
            How many sentences succeeded, failed, were skipped, or were done before.
        """
        progress = Progress(total=len(sentences))
        with Journal(output, self._fingerprint(sentences)) as journal:
            open_sentences = [s for s in sentences if s.id not in journal.finished]
            progress.resumed = len(sentences) - len(open_sentences)
            on_progress(progress)
            for record in self.attack(open_sentences):
                journal.append(record)
                progress.count(record.outcome)
                on_progress(progress)
            journal.finish([sentence.id for sentence in sentences])
        return progress

    def _fingerprint(self, sentences: Sequence[Sentence]) -> dict[str, Any]:
        return {
            "settings": asdict(self.settings),
            "victim": self.victim.checksum,
            "precision": self.victim.precision,
            "sentences": sha256_json([sentence.to_json() for sentence in sentences]),
            **self.resources.checksums(self.recipe),
        }

    def _attack_one(
        self,
        scheduler: Scheduler[AttackRecord],
        sentence: Sentence,
        watch: Callable[[TokenGoalFunction], bool] | None,
    ) -> AttackRecord:
        similarity, scpn = self.resources.similarity, self.resources.paraphraser
        return attack_sentence(
            sentence,
            Session(self.gateway, scheduler.compute),
            self.recipe,
            self.settings,
            clock=scheduler.seconds,
            watch=watch,
            lm=MaskedLMSession(self._lm, scheduler.compute) if self._lm else None,
            similarity=SimilaritySession(similarity, scheduler.compute) if similarity else None,
            entities=self.resources.entities,
            paraphrases=ParaphraseSession(scpn, scheduler.compute) if scpn else None,
        )


def check_tags(sentences: Sequence[Sentence], labels: Sequence[str]) -> None:
    """Check that the victim knows every tag of the sentences.

    Raises:
        ModelError: It doesn't; the message names the sentence and the tag.
    """
    known = set(labels)
    for sentence in sentences:
        for tag in sentence.tags:
            if tag not in known:
                raise ModelError(
                    f"sentence {sentence.id} has the tag {tag}, which the victim does not know "
                    f"(it knows {', '.join(labels)}); use a model trained on these classes."
                )


def attack_sentence(
    sentence: Sentence,
    victim: Session,
    recipe: Recipe,
    settings: AttackSettings,
    clock: Callable[[], float] | None = None,
    watch: Callable[[TokenGoalFunction], bool] | None = None,
    **needs: Any,
) -> AttackRecord:
    """Attack one sentence.

    Args:
        sentence: Tokens and gold tags.
        victim: The sentence's session with the victim.
        recipe: Builds the attack.
        settings: Goal, seed and limits.
        clock: Seconds spent on the sentence so far; asked only with a timeout.
        watch: Called after every evaluation; returning True cancels the search.
        **needs: What the recipe needs besides, as for `AttackContext`.
    """
    from seqattack.attack.goals import build_goal
    from seqattack.attack.text import TaggedText

    goal = build_goal(
        settings.goal,
        victim,
        query_budget=settings.query_budget,
        max_mispredicted=settings.max_mispredicted,
        timeout=settings.timeout,
        clock=clock,
        watch=watch,
    )
    initial = goal.start(TaggedText.from_sentence(sentence))
    skip = _reason_to_skip(goal, sentence)
    if skip is None:
        rng = random.Random(sha256_json([settings.seed, settings.recipe, sentence.id]))
        with recipe.around(rng):
            attack = recipe.build(AttackContext(victim, goal, rng, settings.options, **needs))
            attack.search(initial)
        stop = goal.stop_reason
    else:
        stop = skip
    return _record(sentence, settings, goal, initial.raw_output, stop, skip is not None, victim)


def _reason_to_skip(goal: TokenGoalFunction, sentence: Sentence) -> Stop | None:
    tokens = goal.goal_tokens(sentence.tags)
    if not tokens:
        return Stop.NO_ENTITY
    if goal.already_wrong >= set(tokens):
        return Stop.ALREADY_WRONG
    return None


def _record(
    sentence: Sentence,
    settings: AttackSettings,
    goal: TokenGoalFunction,
    probabilities: Probabilities,
    stop: Stop,
    skipped: bool,
    victim: Session,
) -> AttackRecord:
    original = _prediction(goal, sentence.tokens, sentence.tags, probabilities)
    before = goal.labels_score(original.tags, original.predicted)
    best: Best | None = goal.best
    outcome = Outcome.SUCCESS if best else Outcome.SKIPPED if skipped else Outcome.FAILED
    return AttackRecord(
        id=sentence.id,
        recipe=settings.recipe,
        goal=goal.name,
        outcome=outcome,
        stop=stop,
        original=original,
        adversarial=_prediction(goal, best.text.tokens, best.text.tags, best.probabilities)
        if best
        else None,
        labels_score_before=round(before, 6),
        labels_score=round(best.labels_score if best else before, 6),
        already_wrong=tuple(sorted(goal.already_wrong)),
        newly_broken=best.newly_broken if best else (),
        queries=goal.num_queries,
        forward_passes=victim.forward_passes,
    )


def _prediction(
    goal: TokenGoalFunction,
    tokens: tuple[str, ...],
    tags: tuple[str, ...],
    probabilities: Probabilities,
) -> Prediction:
    confidence = tuple(round(float(row.max()), 4) for row in probabilities)
    return Prediction(tokens, tags, goal.predicted(probabilities), confidence)
