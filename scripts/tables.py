"""Write Tables 1 to 5, the tests, classes, entities' outcomes and the claims."""

import argparse
import json
from functools import cache
from itertools import chain
from pathlib import Path

from seqattack.cli.process import named_paths, named_words, paths_by_source, run_script
from seqattack.corpus import read_jsonl
from seqattack.io import read_json, write_text
from seqattack.metrics.certainty import VictimCertainty
from seqattack.metrics.distribution import distributions
from seqattack.metrics.entities import EntityMetrics
from seqattack.metrics.entity_outcomes import entity_outcomes
from seqattack.metrics.noise import VictimNoise
from seqattack.metrics.scores import read_scored
from seqattack.metrics.summary import (
    AttackSummary,
    check_victims,
    final_metrics,
    original_metrics,
    read_summary,
)
from seqattack.metrics.transfer import Transfer
from seqattack.pipeline.layout import AttackFolder
from seqattack.pipeline.names import BASELINE
from seqattack.records import read_records
from seqattack.report.certainty import certainty_classes_table, certainty_table
from seqattack.report.claims import claims_table
from seqattack.report.defences import Attacked, DefenceResults, defences_tables
from seqattack.report.further_tables import (
    classes_table,
    distributions_table,
    outcomes_table,
    stops_table,
    transfer_table,
)
from seqattack.report.leaderboard import leaderboard_table, read_victims
from seqattack.report.names import (
    comparison_source,
    defence_source,
    published_source,
    robustness_source,
)
from seqattack.report.noise import noise_classes_table, noise_table
from seqattack.report.paper import paper_results
from seqattack.report.paper_tables import (
    comparison_table,
    only_invented,
    published_table,
    robustness_table,
    significance_table,
    standard_table,
)
from seqattack.report.resamples import (
    AttackResults,
    comparison_resamples,
    robustness_resamples,
    standard_resamples,
)
from seqattack.report.table_files import write_table
from seqattack.report.tables import Table, to_text


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--comparison", nargs="+", type=Path, required=True, help="attack folders")
    parser.add_argument("--published", nargs="*", default=[], type=Path, help="attack folders")
    parser.add_argument(
        "--robustness", nargs="*", default=[], help=f"SOURCE/SIZE=attack folder, {BASELINE} last"
    )
    parser.add_argument(
        "--evaluation", nargs="*", default=[], help=f"SOURCE/SIZE=test metrics, {BASELINE} last"
    )
    parser.add_argument("--transfer", nargs="*", default=[], help="each source's counts, JSON")
    parser.add_argument("--certainty", nargs="*", default=[], help="each victim's, JSON")
    parser.add_argument("--noise", nargs="*", default=[], help="each victim's, JSON")
    parser.add_argument("--leaderboard", nargs="*", default=[], type=Path, help="victims, JSON")
    parser.add_argument("--defences", nargs="*", default=[], help="VICTIM=UNDEFENDED")
    parser.add_argument("--defended", nargs="*", default=[], help="VICTIM/RECIPE=attack folder")
    parser.add_argument("--clean", nargs="*", default=[], help="VICTIM=its clean counts, JSON")
    parser.add_argument("--test", required=True, help="test sentences, JSON lines")
    parser.add_argument("--skipped", type=json.loads, default={}, help="why recipes are left out")
    parser.add_argument("--seed", type=int, required=True, help="seed of the bootstrap")
    parser.add_argument("--left-out", required=True, help="ids of sentences too long, JSON")
    parser.add_argument("--tables", type=Path, required=True, help="output: folder")
    parser.add_argument("--text", required=True, help="output: all tables as text")
    options = parser.parse_args()

    check_victims({AttackFolder(each).summary: summary(each) for each in attack_folders(options)})
    tables = run_tables(options)
    for table in tables:
        write_table(table, options.tables)
    write_text(options.text, "\n".join(map(to_text, tables)))


def attack_folders(options: argparse.Namespace) -> list[Path]:
    """Return the folders of all attacks."""
    grouped = [
        *paths_by_source(options.defended).values(),
        *paths_by_source(options.robustness).values(),
    ]
    folders = chain.from_iterable(each.values() for each in grouped)
    return list(dict.fromkeys([*options.comparison, *options.published, *folders]))


def run_tables(options: argparse.Namespace) -> list[Table]:
    """Return all tables of a run, the claims last."""
    paper, seed = paper_results(), options.seed
    compared = {folder.name: results(folder) for folder in options.comparison}
    originals = original_metrics(next(iter(compared.values())).records)
    resamples = dict(comparison_resamples(compared, seed))
    summaries = [summary(folder) for folder in options.comparison]
    too_long = read_json(options.left_out)
    tables = [comparison_table(summaries, originals, paper, options.skipped, too_long)]
    attacks = dict(zip(map(comparison_source, compared), summaries, strict=True))
    if options.published:
        tables.append(published(options.published, originals))
        attacks |= {published_source(f.name): summary(f) for f in options.published}
    if options.leaderboard:
        tables.append(leaderboard_table(read_victims(options.leaderboard), seed))
    if options.defences:
        defended = defence_results(options)
        tables += defences_tables(defended)
        attacks |= {
            each.source: each.summary
            for victim in defended
            for each in victim.attacks.values()
            if each.source not in attacks
        }
    n = len(read_jsonl(options.test))
    metrics = paths_by_source(options.evaluation)
    trained = {}
    for source, folders in paths_by_source(options.robustness).items():
        trained[source] = {size: results(folder) for size, folder in folders.items()}
        of_size = {size: summary(folder) for size, folder in folders.items()}
        attacks |= {robustness_source(source, s): each for s, each in of_size.items()}
        evaluated = {size: evaluation(path) for size, path in metrics[source].items()}
        tables.append(robustness_table(source, of_size, paper))
        tables.append(standard_table(source, evaluated, n, paper))
        resamples |= robustness_resamples(source, trained[source], seed)
        resamples |= standard_resamples(source, evaluated, seed)
    for path in options.transfer:
        counts = [Transfer(**each) for each in read_json(path)]
        tables.append(transfer_table(Path(path).stem, counts))
    tables += robust_tables(trained, seed)
    tables += entity_tables(compared, originals)
    tables.append(stops_table(attacks))
    certain = [VictimCertainty.from_json(read_json(path)) for path in options.certainty]
    if certain:
        behind = {(each.victim, each.recipe): key for key, each in reversed(attacks.items())}
        tables += [certainty_table(certain, behind), certainty_classes_table(certain, behind)]
    noisy = [VictimNoise.from_json(read_json(path)) for path in options.noise]
    if noisy:
        tables += [noise_table(noisy), noise_classes_table(noisy)]
    return [*tables, claims_table(tables, paper, resamples)]


def defence_results(options: argparse.Namespace) -> list[DefenceResults]:
    """Return the victims of the tables of defences under all attacks."""
    clean, undefended = named_paths(options.clean), named_words(options.defences)
    found = []
    for victim, folders in paths_by_source(options.defended).items():
        counts = read_json(clean[victim])
        attacks = {
            recipe: Attacked(
                results(folder),
                summary(folder),
                comparison_source(recipe)
                if folder in options.comparison
                else defence_source(victim, recipe),
            )
            for recipe, folder in folders.items()
        }
        found.append(
            DefenceResults(
                victim,
                undefended[victim],
                tuple(map(tuple, counts["counts"])),
                counts["sentences_seen"],
                attacks,
                options.seed,
            )
        )
    return found


def robust_tables(trained: dict[str, dict[str, AttackResults]], seed: int) -> list[Table]:
    """Return the tests and distributions of attacks on robust victims, where there are any.

    Args:
        trained: By source and number of adversarial examples.
        seed: Seed of the bootstrap.
    """
    scored = {
        source: {size: each.scored for size, each in victims.items()}
        for source, victims in trained.items()
    }
    shapes = {
        source: {size: distributions(each, seed) for size, each in victims.items()}
        for source, victims in scored.items()
    }
    if not trained:
        return []
    return [significance_table(scored, paper_results()), distributions_table(shapes)]


def entity_tables(compared: dict[str, AttackResults], originals: EntityMetrics) -> list[Table]:
    """Return what became of each class and of the entities, by recipe."""
    after = {recipe: final_metrics(each.records) for recipe, each in compared.items()}
    outcomes = {recipe: entity_outcomes(each.records) for recipe, each in compared.items()}
    return [classes_table(originals, after), outcomes_table(outcomes)]


def published(folders: list[Path], originals: EntityMetrics) -> Table:
    """Return Table 1 as published.

    Args:
        folders: Of its attacks.
        originals: The metrics on the unattacked subset.
    """
    invented = [only_invented(read_scored(AttackFolder(folder).scored)) for folder in folders]
    return published_table(list(map(summary, folders)), invented, originals, paper_results())


def evaluation(path: Path) -> EntityMetrics:
    """Read a victim's metrics on the test set."""
    return EntityMetrics.from_json(read_json(path))


def results(folder: Path) -> AttackResults:
    """Read an attack's records and scores."""
    files = AttackFolder(folder)
    return AttackResults(list(read_records(files.records)), read_scored(files.scored))


@cache
def summary(folder: Path) -> AttackSummary:
    """Read an attack's summary."""
    return read_summary(AttackFolder(folder).summary)


if __name__ == "__main__":
    run_script(main)
