"""Write the report of a run, and its configuration with every default filled in."""

import argparse
import json
from pathlib import Path

from seqattack.cli.process import named_paths, named_words, paths_by_source, run_script
from seqattack.integrity import check
from seqattack.io import read_json, write_json, write_text
from seqattack.metrics.summary import AttackSummary, read_summary
from seqattack.pipeline.config import Config, load_config
from seqattack.pipeline.damage import verification
from seqattack.pipeline.layout import AttackFolder, Layout
from seqattack.pipeline.made import code_state, project, surroundings
from seqattack.pipeline.names import BASELINE
from seqattack.pipeline.provenance import provenance
from seqattack.report.example_figures import example_figures
from seqattack.report.matrix import robustness_matrices
from seqattack.report.names import (
    comparison_source,
    defence_source,
    robustness_source,
    training_name,
    victim_title,
)
from seqattack.report.run_report import ReportFigure, report
from seqattack.report.sources import (
    Source,
    as_yaml,
    comparison_sources,
    defence_sources,
    evaluation_sources,
    noise_sources,
    published_sources,
    robustness_sources,
)
from seqattack.report.style import class_looks
from seqattack.report.tables import Table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", required=True, help="the run's configuration, as JSON")
    parser.add_argument("--tables", nargs="+", type=Path, required=True, help="JSON, in order")
    parser.add_argument("--comparison", nargs="+", type=Path, required=True, help="attack folders")
    parser.add_argument("--published", nargs="*", default=[], type=Path, help="attack folders")
    parser.add_argument("--robustness", nargs="*", default=[], help="SOURCE/SIZE=attack folder")
    parser.add_argument("--evaluation", nargs="*", default=[], help="SOURCE/SIZE=test metrics")
    parser.add_argument("--added", nargs="*", default=[], help="SOURCE/ORIGIN=examples")
    parser.add_argument("--defences", nargs="*", default=[], type=Path, help="attack folders")
    parser.add_argument("--subset", required=True, help="attacked sentences, JSON lines")
    parser.add_argument("--word-level", help="the recipe of Figure 1")
    parser.add_argument("--sentence-level", help="the recipe of Figure 2")
    parser.add_argument("--figure4", nargs="*", default=[], help="SOURCE=figure without ending")
    parser.add_argument("--certainty", nargs="*", default=[], help="VICTIM=figure without ending")
    parser.add_argument("--noise", nargs="*", default=[], help="each victim's figures, JSON")
    parser.add_argument("--test", required=True, help="test sentences, JSON lines")
    parser.add_argument("--statistics", required=True, help="the corpus's, JSON")
    parser.add_argument("--models", nargs="+", required=True, help="NAME=victim")
    parser.add_argument("--parts", nargs="+", required=True, help="files that the run ends in")
    parser.add_argument("--provenance", required=True, help="output: JSON")
    parser.add_argument("--config-file", required=True, help="output: the configuration, YAML")
    parser.add_argument("--report", required=True, help="output: HTML")
    options = parser.parse_args()

    config = load_config(json.loads(options.config))
    outputs = [options.provenance, options.config_file, options.report]
    now = {"outputs": outputs, **surroundings(code_state(project()))}
    made = provenance(config.to_json(), named_words(options.models), options.parts, now)
    tables = [Table.from_json(read_json(path)) for path in options.tables]
    robustness = paths_by_source(options.robustness)
    figures = report_figures(options, robustness, config)
    splits = read_json(options.statistics).values()
    page = report(
        tables,
        figures,
        row_sources(options, robustness, config),
        made,
        verification(Layout.of(config), [Path(output) for output in outputs]),
        config,
        options.config_file,
        robustness_matrices(attacks(options.comparison, options.defences, robustness)),
        class_looks(name for split in splits for name in split["entities"]),
    )
    write_json(options.provenance, made)
    write_text(options.config_file, as_yaml(config.to_json()))
    write_text(options.report, page)


def row_sources(
    options: argparse.Namespace, robustness: dict[str, dict[str, Path]], config: Config
) -> list[Source]:
    """Return what stands behind the rows of Tables 1 to 5 and of noise.

    Args:
        options: The script's options.
        robustness: Attack folders by source and number of adversarial examples.
        config: The run's configuration.
    """
    sources = [*comparison_sources(options.comparison, options.subset, config)]
    sources += published_sources(options.published, config)
    sources += defence_sources(options.defences, config)
    for source, folders in robustness.items():
        sources += robustness_sources(source, folders, config)
    added = paths_by_source(options.added)
    for source, metrics in paths_by_source(options.evaluation).items():
        sources += evaluation_sources(source, metrics, added[source], config)
    return [*sources, *noise_sources(options.noise, options.test, config)]


def attacks(
    comparison: list[Path], defences: list[Path], robustness: dict[str, dict[str, Path]]
) -> dict[str, AttackSummary]:
    """Return the summaries of all attacks by their source ids.

    Args:
        comparison: Attack folders of Table 1.
        defences: Those of the tables of defences that are none of Table 1.
        robustness: Attack folders by source and number of adversarial examples.
    """
    folders = {comparison_source(folder.name): folder for folder in comparison}
    folders |= {defence_source(each.parent.name, each.name): each for each in defences}
    for source, sizes in robustness.items():
        order = sorted(sizes, key=lambda size: size != BASELINE)
        folders |= {robustness_source(source, size): sizes[size] for size in order}
    return {source: read_summary(AttackFolder(path).summary) for source, path in folders.items()}


def report_figures(
    options: argparse.Namespace, robustness: dict[str, dict[str, Path]], config: Config
) -> list[ReportFigure]:
    """Return the figures in the order of their numbers.

    Args:
        options: The script's options.
        robustness: Attack folders by source and number of adversarial examples.
        config: The run's configuration.
    """
    tried = [folder for sizes in robustness.values() for folder in sizes.values()]
    made = example_figures(
        options.comparison,
        tried,
        options.word_level,
        options.sentence_level,
        config.attack.query_budget,
    )
    figures = [
        ReportFigure(each.id, each.title, each.caption, each.sources, examples=each.examples)
        for each in made
    ]
    first = sum(each.id.startswith("figure") for each in made)
    densities = density_figures(named_paths(options.figure4), robustness)
    certain = [
        image_figure(
            f"certainty-{victim}", f"{victim_title(victim)}: certainty under attack", stem, []
        )
        for victim, stem in named_paths(options.certainty).items()
    ]
    return [*figures[:first], *densities, *certain, *figures[first:]]


def density_figures(
    stems: dict[str, Path], robustness: dict[str, dict[str, Path]]
) -> list[ReportFigure]:
    """Return Figure 4 of each source, with the attacks that it compares."""
    figures = []
    for source, stem in stems.items():
        smallest = next(iter(robustness[source]))
        compared = [robustness_source(source, size) for size in (BASELINE, smallest)]
        title = f"{training_name(source)}: an undefended and a robust victim (Figure 4)"
        figures.append(image_figure(f"figure4-{source}", title, stem, compared))
    return figures


def image_figure(name: str, title: str, stem: Path, sources: list[str]) -> ReportFigure:
    """Return a figure that is drawn already, with its caption and both themes.

    Args:
        name: Its anchor on the page.
        title: Its heading.
        stem: Its files without their endings.
        sources: Ids of what stands behind it.
    """
    images = (Path(f"{stem}.svg"), Path(f"{stem}-dark.svg"))
    for path in (f"{stem}.txt", *images):
        check(path)
    caption = Path(f"{stem}.txt").read_text(encoding="utf-8").strip()
    return ReportFigure(name, title, caption, sources, images=images)


if __name__ == "__main__":
    run_script(main)
