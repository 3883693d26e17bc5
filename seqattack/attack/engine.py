"""The engine: attacks sentences, many at a time, and records what it found."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqattack.attack.goals import find_goal
from seqattack.attack.journal import Journal
from seqattack.attack.lookout import Lookout
from seqattack.attack.one_sentence import attack_sentence
from seqattack.attack.recipes.recipe import Recipe
from seqattack.attack.recipes.registry import find_recipe
from seqattack.attack.resources.loaded import Resources
from seqattack.attack.settings import AttackSettings
from seqattack.checks import check_auto_or_integer
from seqattack.errors import ModelError
from seqattack.files.checksums import sha256_json
from seqattack.files.code_hash import library_hash
from seqattack.files.packages import DECISIVE, package_version
from seqattack.models.batch_size import MOST_BATCH_TOKENS, Auto, enough_in_flight, sizes
from seqattack.models.batching import BatchedModel
from seqattack.models.scheduling import Scheduler
from seqattack.records import AttackRecord, Outcome
from seqattack.sentence import Sentence
from seqattack.victim.gateway import Gateway, Session

if TYPE_CHECKING:
    from seqattack.attack.goal_function import TokenGoalFunction
    from seqattack.victim.victim import Victim


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
        in_flight: How many sentences share batches; changes speed, never an outcome. ``auto``
            takes as many as fill the victim's batches.
        batch_tokens: Sub-tokens of a full batch; changes speed. It can change an outcome only on a
            device where a batch's size changes results (the gateway measures that). ``auto`` tries
            a few sizes on the first batches.

    Raises:
        RecipeError: The recipe or the goal function is unknown, the goal cannot be reached with
            this victim, or something is missing that the recipe needs.
        ConfigError: `in_flight` or `batch_tokens` is neither ``auto`` nor 1 or more.
    """

    def __init__(
        self,
        victim: Victim,
        settings: AttackSettings,
        resources: Resources | None = None,
        in_flight: int | Auto = "auto",
        batch_tokens: int | Auto = "auto",
    ) -> None:
        self.recipe: Recipe = find_recipe(settings.recipe)
        find_goal(settings.goal).check(victim.labels)
        self.resources = resources or Resources()
        self.resources.check(self.recipe)
        self.victim = victim
        self.settings = settings
        check_auto_or_integer("in_flight", in_flight)
        check_auto_or_integer("batch_tokens", batch_tokens, most=MOST_BATCH_TOKENS)
        self._in_flight: int | Auto = in_flight if self.recipe.shares_batches else 1
        self.gateway = Gateway(victim)
        for model in self.models.values():
            model.try_sizes(sizes(batch_tokens, victim.device))

    @property
    def in_flight(self) -> int:
        """How many sentences share batches now."""
        if self._in_flight != "auto":
            return self._in_flight
        return enough_in_flight(self.gateway.batch_tokens)

    @property
    def models(self) -> Mapping[str, BatchedModel[Any, Any]]:
        """The models that texts are sent through, by name: the victim and the resources'."""
        return {"victim": self.gateway, **self.resources.models()}

    def attack(
        self,
        sentences: Sequence[Sentence],
        watch: Callable[[TokenGoalFunction], bool] | None = None,
    ) -> Iterator[AttackRecord]:
        """Attack sentences and yield their records as they finish.

        Args:
            sentences: With distinct ids.
            watch: Called after every evaluation, and before every batch of a model, with the
                sentence's goal function; returning True cancels its search, which keeps the best
                example found so far.

        Raises:
            ModelError: A sentence is too long for the victim or has a tag it does not know;
                raised before any work.
        """
        self.victim.check_fits(sentences)
        check_known_tags(sentences, self.victim.labels)
        scheduler: Scheduler[AttackRecord] = Scheduler(lambda: self.in_flight)
        yield from scheduler.run(
            partial(self._attack_one, scheduler, sentence, watch) for sentence in sentences
        )

    def attack_in_order(self, sentences: Sequence[Sentence]) -> list[AttackRecord]:
        """Attack sentences and return their records in the sentences' order; see `attack`."""
        found = {record.id: record for record in self.attack(sentences)}
        return [found[sentence.id] for sentence in sentences]

    def run(
        self,
        sentences: Sequence[Sentence],
        output: str | Path,
        on_progress: Callable[[Progress], None] = lambda progress: None,
        *,
        overwrite: bool = False,
    ) -> Progress:
        """Attack sentences into a file of records, going on where an earlier start stopped.

        Args:
            sentences: With distinct ids.
            output: JSON lines, one record a sentence, in the sentences' order.
            on_progress: Called after each sentence.
            overwrite: Whether an earlier start that was another attack is thrown away.

        Returns:
            How many sentences succeeded, failed, were skipped, or were done before.

        Raises:
            RecordError: What an earlier start left is of another attack: other settings, another
                model or tokenizer, other sentences, other code of the project or another version
                of a library. The message names what differs.
        """
        progress = Progress(total=len(sentences))
        with Journal(output, self._fingerprint(sentences), overwrite=overwrite) as journal:
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
        """Return all that the records depend on, by what a message calls it."""
        return {
            **self.settings.to_json(),
            **self.victim.identity,
            "precision": self.victim.precision,
            **{f"the backend of the {name}": model.backend for name, model in self.models.items()},
            "sentences": sha256_json([sentence.to_json() for sentence in sentences]),
            **self.resources.checksums(self.recipe),
            "the code of seqattack": library_hash("attack", "victim.kinds"),
            **{name: version for name in DECISIVE if (version := package_version(name))},
        }

    def _attack_one(
        self,
        scheduler: Scheduler[AttackRecord],
        sentence: Sentence,
        watch: Callable[[TokenGoalFunction], bool] | None,
    ) -> AttackRecord:
        is_limited = watch is not None or self.settings.timeout is not None
        lookout = Lookout(scheduler.compute) if is_limited else None
        compute = lookout.compute if lookout else scheduler.compute
        return attack_sentence(
            sentence,
            Session(self.gateway, compute),
            self.recipe,
            self.settings,
            sessions=self.resources.sessions(compute),
            clock=scheduler.seconds,
            watch=watch,
            lookout=lookout,
        )


def check_known_tags(sentences: Sequence[Sentence], labels: Sequence[str]) -> None:
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
                    f"(it knows {', '.join(labels)}); use a model trained on these classes, "
                    "or rename its classes with --map (in the config: labels)."
                )
