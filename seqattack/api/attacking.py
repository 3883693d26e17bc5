"""Attack a victim from Python, in one call."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from seqattack.api.run import AttackRun
from seqattack.attack.engine import Engine, Progress
from seqattack.attack.resources.loaded import Resources
from seqattack.attack.resources.resource import Settings, Surroundings
from seqattack.attack.settings import AttackSettings, Machine
from seqattack.errors import ConfigError, RecipeError
from seqattack.models.batch_size import Auto
from seqattack.records import AttackRecord
from seqattack.sentence import Sentence
from seqattack.suggest import did_you_mean
from seqattack.victim.victim import Victim
from seqattack.victim.windows import leave_out_long, left_out_line


def attack(
    victim: Victim,
    sentences: Iterable[Sentence],
    recipe: str = "deepwordbug-i-5",
    *,
    resources: Resources | Mapping[str, Settings] | None = None,
    in_flight: int | Auto = "auto",
    batch_tokens: int | Auto = "auto",
    on_progress: Callable[[Progress], None] = lambda progress: None,
    **settings: Any,
) -> AttackRun:
    """Attack sentences and return what was found.

    A masked LM, a sentence encoder, entities or a paraphraser that the recipe needs and that
    `resources` does not name are looked for beside the victim, where a run of the pipeline puts
    them; otherwise the embedded ones are taken. The embedded masked LM and paraphraser are trained
    the first time, which takes some minutes, and kept in the cache.

    Args:
        victim: The model under attack.
        sentences: With distinct ids and with tags that the victim knows. Those that are too long
            for it are left out, and named on stderr.
        recipe: A recipe's name, such as ``bert-attack``.
        resources: Loaded resources; or, by resource, what it is made of, such as
            ``{"masked-lm": {"path": "models/masked-lm"}}``.
        in_flight: Sentences that share batches, or ``auto``; changes speed, never an outcome.
        batch_tokens: Sub-tokens of a full batch, or ``auto``; changes speed. It can change an
            outcome only on a device where a batch's size changes results.
        on_progress: Called after each sentence.
        **settings: Attributes of `AttackSettings`: ``goal``, ``seed``, ``query_budget`` ...

    Returns:
        The records, in the order of the sentences.

    Raises:
        ConfigError: A setting is unknown or out of range.
        RecipeError: The recipe, its goal or a resource is unknown.
        ModelError: A sentence has a tag that the victim does not know.

    Example:
        >>> victim = Victim.load("results/models/full")  # doctest: +SKIP
        >>> run = attack(victim, read_sentences("test.conll"), "bert-attack")  # doctest: +SKIP
        >>> print(run.summary())  # doctest: +SKIP
    """
    chosen = chosen_settings(recipe, settings)
    sentences, too_long = leave_out_long(sentences, victim.fits)
    if too_long:
        print(left_out_line(too_long), file=sys.stderr)
    check_ids(sentences)
    if not isinstance(resources, Resources):
        machine = Machine(victim.device, victim.precision, victim.backend)
        surroundings = Surroundings(victim.folder, recipe, sentences)
        resources = Resources.of(recipe, resources, surroundings=surroundings, machine=machine)
    engine = Engine(victim, chosen, resources, in_flight, batch_tokens)
    progress = Progress(total=len(sentences))
    found: dict[str, AttackRecord] = {}
    on_progress(progress)
    for record in engine.attack(sentences):
        found[record.id] = record
        progress.count(record.outcome)
        on_progress(progress)
    records = tuple(found[sentence.id] for sentence in sentences)
    return AttackRun(records, chosen, victim.labels, victim.title)


def check_ids(sentences: Sequence[Sentence]) -> None:
    """Check that no two sentences have the same id.

    Raises:
        RecipeError: Two have.
    """
    if len({sentence.id for sentence in sentences}) != len(sentences):
        raise RecipeError("two sentences have the same id; make ids unique.")


def chosen_settings(recipe: str, given: Mapping[str, Any]) -> AttackSettings:
    """Return settings by the keyword arguments of a call.

    Args:
        recipe: The recipe's name.
        given: The other settings, by attribute of `AttackSettings`.

    Raises:
        ConfigError: One is unknown or out of range.
    """
    known = [name for name in AttackSettings.__slots__ if name != "recipe"]
    for name in given:
        if name not in known:
            raise ConfigError(f"attack has no setting {name!r}{did_you_mean(name, known)}")
    return AttackSettings(recipe, **given)
