"""Measure what departures from the paper's published code do, and write a page of them.

With --run, --model, --masked-lm and --sentences it attacks (an attack that was begun in the folder
goes on) and keeps the figures in docs/results/deviations. It writes docs/measured-deviations.md;
without arguments that is all.
"""

import argparse
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seqattack.attack.recipes.recipe import base_recipe
from seqattack.attack.recipes.registry import published_recipe
from seqattack.io import read_json, write_json, write_text
from seqattack.records import Outcome, read_records
from seqattack.report.names import recipe_name
from seqattack.report.paper import paper_results
from tools import measuring
from tools.departing_recipes import RECIPES
from tools.measuring import RECORDS, percent, with_interval

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "measured-deviations.md"
FIGURES = ROOT / "docs" / "results" / "deviations" / "figures.json"

PUBLISHED = "untargeted-strict-published"
SHUFFLED = ("--order", "shuffled", "--seed", "567")


@dataclass(frozen=True)
class Reading:
    """One attack on the subset.

    Args:
        recipe: The recipe's name.
        goal: The goal's name.
        word_tag: Where a word's tag is read.
        order: The subset's order.
        options: More options of `seqattack attack`.
    """

    recipe: str
    goal: str = "untargeted-strict"
    word_tag: str = "first"
    order: str = "corpus"
    options: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The reading's name, that of its files too."""
        options = (each.strip("-") for each in self.options)
        return "_".join((self.recipe, self.goal, self.word_tag, self.order, *options))


@dataclass(frozen=True)
class Departure:
    """A departure, and the readings with and without it.

    Args:
        name: What differs.
        pairs: Our reading and the other one, for each attack.
    """

    name: str
    pairs: tuple[tuple[Reading, Reading], ...]


TABLE1 = ("bert-attack", "clare", "deepwordbug-ii-5", "deepwordbug-ii-30", "deepwordbug-i-5")
GUARDED = ("deepwordbug-ii-5", "deepwordbug-ii-30", "bert-attack")
NO_CLARE = (*GUARDED, "deepwordbug-i-5")
CHECK = ("--new-entity-check", "published")


def checked(recipe: str) -> Reading:
    """Return a recipe with the published goal and, if it has one, the published check."""
    return Reading(recipe, PUBLISHED, options=CHECK if recipe in GUARDED else ())


def published(recipe: str) -> Reading:
    """Return all of a recipe as published."""
    return Reading(published_recipe(recipe) or recipe, PUBLISHED, "vote", "shuffled")


DEPARTURES = (
    Departure(
        "The goal: `untargeted-strict-published`",
        tuple((Reading(r), Reading(r, PUBLISHED)) for r in NO_CLARE),
    ),
    Departure(
        "With that goal, the check for new entities: `new_entity_check: published`",
        tuple((Reading(r, PUBLISHED), checked(r)) for r in GUARDED),
    ),
    Departure(
        "With both, the search: the recipe `-published` (restarts, all words ranked, the order of "
        "candidates, its thresholds)",
        tuple((checked(r), Reading(f"{r}-published", PUBLISHED)) for r in NO_CLARE),
    ),
    Departure(
        "A word's tag: `word_tag: vote`",
        tuple((Reading(r), Reading(r, word_tag="vote")) for r in NO_CLARE),
    ),
    Departure(
        "The subset: shuffled, seed 567",
        tuple((Reading(r), Reading(r, order="shuffled")) for r in NO_CLARE),
    ),
    Departure(
        "Negations: `refuse_negations`",
        tuple((Reading(r), Reading(r, options=("--refuse-negations",))) for r in NO_CLARE[:2]),
    ),
    Departure(
        "Characters: `ascii_only`",
        tuple((Reading(r), Reading(r, options=("--ascii-only",))) for r in NO_CLARE[:2]),
    ),
    Departure(
        "BERT-Attack's least similarity: 0.2 instead of 0.4",
        ((Reading("bert-attack"), Reading("bert-attack-similarity-0.2")),),
    ),
    Departure(
        "Numbers: any word may replace them",
        ((Reading("bert-attack"), Reading("bert-attack-any-number")),),
    ),
    Departure(
        "All of it: the paper's reading in ours, and the published one",
        tuple((Reading(r), published(r)) for r in TABLE1),
    ),
)
"""In the order of the page."""

HEAD = """\
# Measured deviations

What single departures from the [published code](published.md) do to Table 1, on CoNLL-2003's test
set. The [deviations](deviations.md) say what they are. Made by
`python -m tools.measure_deviations`.

{setting} A-Rate, with its 95 % interval in brackets, is over attacked sentences; L-Score and Mod
are means over successes; precision and recall are those after the attack; all in percent. Mod is by
minimal alignment, in parentheses by position. "Invented" counts the successes that break no entity.
p is McNemar's exact test of the successes, where both rows attack the same sentences.
"""

SETTING = (
    "{size} sentences, MiniLM fine-tuned on CoNLL-2003 as victim and another MiniLM as masked LM "
    "(both uncased), all-MiniLM-L6-v2 as sentence encoder, 512 queries, bfloat16, no time limit."
)

HEADER = (
    "| attack | | A-Rate | L-Score | precision | recall | Mod | invented | p |\n"
    "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n"
)

KEPT = (
    "sentences",
    "attacked",
    "successes",
    "attack_rate",
    "labels_score",
    "precision",
    "recall",
    "modification_rate",
    "positional_modification_rate",
)
"""The figures of a summary that the page shows."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--model", help="the victim")
    parser.add_argument("--masked-lm", help="the masked LM")
    parser.add_argument("--sentences", help="the test set")
    parser.add_argument("--run", type=Path, help="folder of the attacks")
    parser.add_argument("--size", type=int, default=256, help="sentences of the subset")
    parser.add_argument("--only", default="", help="attack only readings whose names hold this")
    options = parser.parse_args()
    if options.run:
        attack(options)
        write_json(FIGURES, measured(options.run))
    write_text(PAGE, page(read_json(FIGURES)))


def readings() -> Iterator[Reading]:
    """Yield all readings, each once."""
    yield from dict.fromkeys(each for d in DEPARTURES for pair in d.pairs for each in pair)


def attack(options: argparse.Namespace) -> None:
    """Attack as each reading has it; finished attacks are kept, others go on."""
    from seqattack.attack.recipes import registry

    registry._RECIPES = {**registry._RECIPES, **RECIPES}
    shared = ["--model", options.model, "--precision", "auto", "--threads", "1"]
    for reading in readings():
        if options.only not in reading.key:
            continue
        victim = [*shared, "--word-tag", reading.word_tag]
        subset = options.run / f"{reading.order}-{reading.word_tag}.jsonl"
        order = SHUFFLED if reading.order == "shuffled" else ()
        read = ["--sentences", options.sentences, *order, "--size", str(options.size)]
        measuring.pick(subset, victim, *read)
        lm = ["--masked-lm", options.masked_lm] if "deepwordbug" not in reading.recipe else []
        chosen = ["--recipe", reading.recipe, "--goal", reading.goal, *reading.options]
        measuring.attack(options.run / reading.key, victim, subset, *chosen, *lm)


def measured(run: Path) -> dict[str, Any]:
    """Return the figures of the attacks that are finished, and how departures differ.

    Args:
        run: Their folder.
    """
    done = [each for each in readings() if (run / each.key / RECORDS).exists()]
    figures = {each.key: _figures(run / each.key) for each in done}
    pairs = [pair for departure in DEPARTURES for pair in departure.pairs]
    p = {_pair(*pair): _p(run, *pair) for pair in pairs if set(pair) <= set(done)}
    return {"readings": figures, "p": p}


def _pair(ours: Reading, other: Reading) -> str:
    return f"{ours.key} / {other.key}"


def _p(run: Path, ours: Reading, other: Reading) -> float | None:
    """Return McNemar's p of the successes; None if the two attack different sentences."""
    from seqattack.metrics.significance import mcnemar_test

    if (ours.order, ours.word_tag) != (other.order, other.word_tag):
        return None
    won = [
        [record.outcome is Outcome.SUCCESS for record in read_records(run / each.key / RECORDS)]
        for each in (ours, other)
    ]
    if won[0] == won[1]:
        return 1.0
    return mcnemar_test("attack_rate", *won).p


def _figures(folder: Path) -> dict[str, Any]:
    """Return an attack's figures; they are measured once and kept beside its records."""
    from seqattack.api.summary import summarize

    kept = folder / "figures.json"
    if not kept.exists():
        records = list(read_records(folder / RECORDS))
        summary = summarize(records)
        won = [record for record in records if record.outcome is Outcome.SUCCESS]
        figures = {name: getattr(summary, name) for name in KEPT}
        figures["interval"] = summary.intervals["attack_rate"]
        figures["invented"] = sum(not record.newly_broken for record in won)
        write_json(kept, figures)
    found: dict[str, Any] = read_json(kept)
    return found


def page(found: dict[str, Any]) -> str:
    """Return the page.

    Args:
        found: What `measured` returned.
    """
    rows = found["readings"]
    sizes = sorted({each["sentences"] for each in rows.values()})
    text = [HEAD.format(setting=SETTING.format(size=" and ".join(map(str, sizes))))]
    for departure in DEPARTURES:
        pairs = [pair for pair in departure.pairs if {each.key for each in pair} <= set(rows)]
        if pairs:
            text += [f"\n## {departure.name}\n\n{HEADER}"]
            text += [line for pair in pairs for line in _lines(found, *pair)]
    return "".join(text)


def _lines(found: dict[str, Any], ours: Reading, other: Reading) -> Iterator[str]:
    """Yield the lines of two readings, and the paper's below them where it is the other's."""
    p = found["p"].get(_pair(ours, other))
    for reading, words in ((ours, "without"), (other, "with")):
        # A recipe that only this page has is the other one, with the departure.
        name = recipe_name(ours.recipe if reading.recipe in RECIPES else reading.recipe)
        shown = "" if p is None or reading == ours else f"{p:.3f}" if p >= 0.001 else "< 0.001"
        yield f"| {name} | {words} | {_cells(found['readings'][reading.key])} | {shown} |\n"
    if other == published(base_recipe(ours.recipe)) and ours.recipe in TABLE1:
        paper = paper_results().row("table1", ours.recipe)
        yield f"| | the paper | {_paper_cells(paper)} | |\n"


def _cells(row: dict[str, Any]) -> str:
    cells = [
        with_interval(row["attack_rate"], row["interval"]),
        *(percent(row[name]) for name in ("labels_score", "precision", "recall")),
        f"{percent(row['modification_rate'])} ({percent(row['positional_modification_rate'])})",
        f"{row['invented']} of {row['successes']}",
    ]
    return " | ".join(cells)


def _paper_cells(row: Mapping[str, float]) -> str:
    names = ("attack_rate", "labels_score", "precision", "recall", "modification_rate")
    return " | ".join([*(percent(row[name]) for name in names), ""])


if __name__ == "__main__":
    main()
