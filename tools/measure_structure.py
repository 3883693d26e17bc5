"""Measure the attacks on the structure of entities, and write a page of their figures.

With --run, --victim, --masked-lm, --train and --sentences it attacks (an attack that was begun in
the folder goes on) and keeps the figures in docs/results/structure. It writes the page beside them;
without arguments that is all.
"""

import argparse
from pathlib import Path
from typing import Any

from seqattack.io import read_json, write_json, write_text
from seqattack.records import read_records
from seqattack.report.names import recipe_name
from tools import measuring

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "results" / "structure"
PAGE, FIGURES = FOLDER / "index.md", FOLDER / "figures.json"

NEEDS = {
    "entity-swap": "--entities",
    "entity-typo": None,
    "longer-entity": "--entities",
    "oov-entity": "--entities",
    "cross-category": "--entities",
    "boundary": "--masked-lm",
    "context": "--masked-lm",
    "concat": "--distractors",
}
"""What each recipe needs, as an option."""

COLUMNS = {
    "attack_rate": "A-Rate",
    "entity_attack_rate": "Entity A-Rate",
    "modification_rate": "Mod",
    "labels_score": "L-Score",
    "similarity": "Sim",
    "queries": "Queries",
}

HEAD = """# Attacks on the structure of entities, measured

Made by `python -m tools.measure_structure`. Sentences of CoNLL-2003's test set of whose entity
tokens the victim gets at most 10 % wrong, in corpus order; entities and appended sentences from its
training set; goal untargeted-strict, 512 queries, seed 0. In %, but for queries; in brackets 95 %
bootstrap intervals. Sim is the cosine of all-MiniLM-L6-v2. The Entity A-Rate is the share of the
entities found exactly before the attack that are found exactly no more; Mod, L-Score and Sim are
means over successes. Under `cross-category` all of this is judged by the new tags.
"""


def main() -> None:
    """Read the options, attack, and write figures and page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run", type=Path, help="folder of the attacks")
    parser.add_argument("--name", help="what the victim is called on the page")
    parser.add_argument("--victim", help="as `seqattack attack --victim` takes it")
    parser.add_argument("--map", nargs="*", default=(), help="new names of its classes, OLD=NEW")
    parser.add_argument("--masked-lm")
    parser.add_argument("--train", help="training sentences")
    parser.add_argument("--sentences", help="test sentences")
    parser.add_argument("--size", type=int, default=64)
    parser.add_argument("--recipes", nargs="*", default=list(NEEDS), choices=list(NEEDS))
    options = parser.parse_args()
    if options.run:
        for recipe in options.recipes:
            attack(options, recipe)
            kept = read_json(FIGURES) if FIGURES.is_file() else {}
            kept.setdefault(options.name, {})[recipe] = _figures(options.run / recipe)
            write_json(FIGURES, kept)
            write_text(PAGE, page(kept))
    write_text(PAGE, page(read_json(FIGURES)))


def attack(options: argparse.Namespace, recipe: str) -> None:
    """Attack the subset, which is picked first.

    Args:
        options: The command's.
        recipe: The recipe's name.
    """
    maps = [each for pair in options.map for each in ("--map", pair)]
    victim = ["--victim", options.victim, *maps, "--threads", "1"]
    subset = options.run / "subset.jsonl"
    measuring.pick(subset, victim, "--sentences", options.sentences, "--size", str(options.size))
    sources = {"--entities": options.train, "--distractors": options.train}
    source = (sources | {"--masked-lm": options.masked_lm}).get(NEEDS[recipe] or "")
    needs = [NEEDS[recipe], source] if source else []
    measuring.attack(options.run / recipe, victim, subset, "--recipe", recipe, *needs)


def _figures(folder: Path) -> dict[str, Any]:
    """Return an attack's figures and intervals."""
    from seqattack.api.summary import summarize

    summary = summarize(list(read_records(folder / measuring.RECORDS)))
    figures: dict[str, Any] = {name: getattr(summary, name) for name in COLUMNS}
    counts = {"sentences": summary.sentences, "found_before": summary.found_before}
    kept = {name: summary.intervals[name] for name in COLUMNS if name in summary.intervals}
    return figures | counts | {"intervals": kept}


def page(found: dict[str, Any]) -> str:
    """Return the page.

    Args:
        found: By victim and recipe, what was measured.
    """
    text = [HEAD]
    for victim, recipes in found.items():
        sizes = sorted({row["sentences"] for row in recipes.values()})
        text.append(f"\n## {victim}, {' and '.join(map(str, sizes))} sentences\n\n")
        text.append(
            f"| attack | {' | '.join(COLUMNS.values())} |\n| --- |{' --- |' * len(COLUMNS)}\n"
        )
        for recipe in NEEDS:
            if recipe in recipes:
                cells = (_cell(recipes[recipe], name) for name in COLUMNS)
                text.append(f"| {recipe_name(recipe)} | {' | '.join(cells)} |\n")
    return "".join(text)


def _cell(row: dict[str, Any], name: str) -> str:
    if name == "queries" and row[name] is not None:
        return f"{row[name]:.0f}"
    return measuring.with_interval(row[name], row["intervals"].get(name))


if __name__ == "__main__":
    main()
