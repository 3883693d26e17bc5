"""Keep a run's tables, Figure 4 and provenance in docs/results, and write a page of them.

    python -m tools.make_results_page docs/results/NAME --results results

Without --results, only the page is written again. Figures with examples are left out, since the
license of a corpus may not allow us to publish its text. Of a run with several seeds, the tables
over the seeds are kept, and each seed's run in a folder of its own with a page of its own.
"""

import argparse
import csv
import shutil
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from seqattack.attack.recipes.registry import find_recipe
from seqattack.cli.process import run_script
from seqattack.errors import RecipeError
from seqattack.io import read_json, write_json, write_text
from seqattack.pipeline.layout import LEADERBOARD, SEED, run_layouts
from seqattack.pipeline.provenance import said
from seqattack.report.names import recipe_name, table_name
from seqattack.report.tables import Table, to_markdown
from seqattack.text import markdown

TABLES = (LEADERBOARD, "table1", "table2", "table3", "table4", "table5", "claims", "significance")
"""The tables that come first, in this order."""

KEPT = (".csv", "-long.csv", ".json")
"""A table's files that are kept; the others can be made from the last."""

OF_ONE_RUN = ("provenance.json", "config.yaml")
"""Files that only the run of one seed has."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path, help="docs/results/NAME")
    parser.add_argument("--results", type=Path, help="a run's results")
    parser.add_argument("--figures", type=Path, default=Path("figures"), help="the run's figures")
    parser.add_argument("--logs", type=Path, default=Path("logs"), help="the run's logs")
    options = parser.parse_args()
    if options.results:
        keep(options.results, options.figures, options.logs, options.folder)
    for folder in (*_seeds(options.folder), options.folder):
        write_text(folder / "tables.md", page(folder))


def keep(results: Path, figures: Path, logs: Path, folder: Path) -> None:
    """Copy what is kept of a run, and sum up what its jobs took.

    Args:
        results: The run's results folder.
        figures: Its folder of figures.
        logs: Its folder of logs, which holds the benchmarks of its jobs.
        folder: Where to keep it.
    """
    for kept in (folder / "tables", folder / "figures", *_seeds(folder)):
        shutil.rmtree(kept, ignore_errors=True)
    for name in OF_ONE_RUN:
        (folder / name).unlink(missing_ok=True)
    (folder / "tables").mkdir(parents=True)
    for path in sorted((results / "tables").glob("*.json")):
        for ending in KEPT:
            shutil.copy(path.with_name(path.stem + ending), folder / "tables")
    write_json(folder / "cost.json", cost(logs))
    seeds = [run.name for run in _seeds(results)]
    for seed in seeds:
        keep(results / seed, figures / seed, logs / seed, folder / seed)
    if not seeds:
        _keep_what_one_run_has(results, figures, folder)


def _keep_what_one_run_has(results: Path, figures: Path, folder: Path) -> None:
    (folder / "figures").mkdir()
    for path in sorted(figures.glob("figure4-*.*")):
        if path.suffix in (".pdf", ".svg", ".txt") and not path.stem.endswith(("-column", "-dark")):
            shutil.copy(path, folder / "figures")
    for name in OF_ONE_RUN:
        shutil.copy(results / name, folder)


def _seeds(folder: Path) -> list[Path]:
    """Return the folders of a run's seeds, where it has several."""
    return [run.results for seed, run in run_layouts(folder).items() if seed]


def cost(logs: Path) -> dict[str, dict[str, float]]:
    """Return the number, total processor seconds and peak megabytes of each kind of job.

    Args:
        logs: A run's folder of logs, with those of its seeds.
    """
    found: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for path in sorted(logs.rglob("*.benchmark.tsv")):
        with path.open(encoding="utf-8") as lines:
            for row in csv.DictReader(lines, delimiter="\t"):
                seconds, megabytes = (_number(row[key]) for key in ("cpu_time", "max_rss"))
                found[_kind(path.name)].append((seconds, megabytes))
    return {
        kind: {
            "jobs": len(jobs),
            "seconds": round(sum(seconds for seconds, _ in jobs)),
            "megabytes": round(max(megabytes for _, megabytes in jobs)),
        }
        for kind, jobs in sorted(found.items())
    }


def _number(text: str) -> float:
    return 0.0 if text in ("-", "NA", "") else float(text)


_OTHERS = {"train-": "victim", "masked-lm-": "masked LM", "scpn": "SCPN", "score-": "score"}


def _kind(name: str) -> str:
    """Return the kind of job that wrote a log, without its victim, number and size."""
    stem = name.removesuffix(".benchmark.tsv")
    if stem.startswith("attack-"):
        return f"attack {_recipe(stem.rpartition('-')[0])}"
    kinds = (kind for start, kind in _OTHERS.items() if stem.startswith(start))
    return next(kinds, "all others")


def _recipe(attack: str) -> str:
    """Return the recipe that ends an attack's name, after experiment and victim."""
    while True:
        attack = attack.partition("-")[2]
        try:
            return find_recipe(attack).name
        except RecipeError:
            if not attack:
                raise


def page(folder: Path) -> str:
    """Return the page that shows the files of a folder."""
    return "".join(f"{part}\n\n" for part in _parts(folder)).rstrip() + "\n"


def _parts(folder: Path) -> Iterator[str]:
    yield "---\nhide: [navigation]\n---"  # the tables are wide
    yield "# Tables and figures"
    yield "Made by `python -m tools.make_results_page` from the files beside this page."
    tables = {path.stem: path for path in sorted((folder / "tables").glob("*.json"))}
    first = [name for name in TABLES if name in tables]
    for name in [*first, *(name for name in tables if name not in first)]:
        yield f"## {table_name(name)}"
        yield to_markdown(Table.from_json(read_json(tables[name]))).rstrip()
        yield f"[CSV](tables/{name}.csv), [with intervals and n](tables/{name}-long.csv)"
    for path in sorted((folder / "figures").glob("*.txt")):
        title = f"Figure 4: {recipe_name(path.stem.removeprefix('figure4-'))}"
        yield f"## {title}"
        yield f"![{title}](figures/{path.stem}.svg)"
        yield markdown(path.read_text(encoding="utf-8").strip())
    if seeds := _seeds(folder):
        yield "## Each seed"
        yield "Tables, Figure 4, provenance and cost of one run each:"
        yield "\n".join(
            f"- [seed {seed.name.removeprefix(SEED)}]({seed.name}/tables.md)" for seed in seeds
        )
    else:
        yield "## Provenance"
        yield _provenance(read_json(folder / "provenance.json"))
    yield "## Cost"
    yield _cost(read_json(folder / "cost.json"))


def _provenance(made: Mapping[str, Any]) -> str:
    states = " ".join(map(_state, made["made_by"]))
    rows = [_model(name, model) for name, model in made["models"].items()]
    return (
        f"{states} See the [configuration](config.yaml) with every default, and everything as "
        "[JSON](provenance.json).\n\n"
        "| victim | SHA-256 of its weights | device | threads | trained in |\n"
        "| --- | --- | --- | ---: | --- |\n" + "\n".join(rows)
    )


def _model(name: str, model: Mapping[str, Any]) -> str:
    """Return a victim's row; of one that was not trained here, no training is known."""
    what = model["checksum"][:12] if model["checksum"] else model["victim"]
    precision = {True: "bfloat16", False: "float32", None: ""}[model.get("bfloat16")]
    cells = (name, what, model.get("device", ""), model.get("threads", ""), precision)
    return f"| {' | '.join(map(str, cells))} |"


def _state(state: Mapping[str, Any]) -> str:
    packages = ", ".join(f"{name} {version}" for name, version in state["packages"].items())
    where = f"Python {state['python']} on {state['machine']}"
    code = said(state)
    return f"{code[0].upper()}{code[1:]}, {where}; {packages}."


def _cost(jobs: Mapping[str, Mapping[str, float]]) -> str:
    total = sum(each["seconds"] for each in jobs.values())
    rows = [
        f"| {kind} | {each['jobs']:.0f} | {each['seconds'] / 60:.1f} | {each['megabytes']:.0f} |"
        for kind, each in jobs.items()
    ]
    return (
        f"Processor minutes of all jobs: {total / 60:.0f}.\n\n"
        "| job | number | processor minutes | peak megabytes |\n"
        "| --- | ---: | ---: | ---: |\n" + "\n".join(rows)
    )


if __name__ == "__main__":
    run_script(main)
