"""Write the report of a run, and its configuration with every default filled in."""

import argparse
import json
from itertools import chain
from pathlib import Path

from seqattack.cli.process import named_paths, paths_by_source, run_script
from seqattack.io import read_json, write_text
from seqattack.pipeline.config import Config, load_config
from seqattack.pipeline.names import BASELINE
from seqattack.records import read_records
from seqattack.report.examples import (
    FIGURE_1,
    FIGURE_2,
    FIGURE_3,
    FLIP_RULE,
    LABELLED,
    RULE,
    caption,
    choose,
    choose_labelled,
    only_flips,
)
from seqattack.report.figures import KDE_CAPTION
from seqattack.report.names import recipe_name, robustness_source
from seqattack.report.run_report import ReportFigure, report
from seqattack.report.sources import (
    Source,
    as_yaml,
    comparison_sources,
    evaluation_sources,
    published_sources,
    robustness_sources,
)
from seqattack.report.tables import Table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", required=True, help="the run's configuration, as JSON")
    parser.add_argument("--tables", nargs="+", type=Path, required=True, help="JSON, in order")
    parser.add_argument("--comparison", nargs="+", type=Path, required=True, help="attack folders")
    parser.add_argument("--published", nargs="*", default=[], type=Path, help="attack folders")
    parser.add_argument("--robustness", nargs="*", default=[], help="SOURCE/SIZE=attack folder")
    parser.add_argument("--evaluation", nargs="*", default=[], help="SOURCE/SIZE=test metrics")
    parser.add_argument("--added", nargs="*", default=[], help="SOURCE=examples, JSON lines")
    parser.add_argument("--subset", required=True, help="attacked sentences, JSON lines")
    parser.add_argument("--figure1", nargs="*", default=[], help="records to choose from")
    parser.add_argument("--figure2", nargs="*", default=[], help="records to choose from")
    parser.add_argument("--figure3", nargs="*", default=[], help="records to choose from")
    parser.add_argument("--figure4", nargs="*", default=[], help="SOURCE=PNG")
    parser.add_argument("--provenance", type=Path, required=True, help="JSON")
    parser.add_argument("--config-file", required=True, help="output: the configuration, YAML")
    parser.add_argument("--report", required=True, help="output: HTML")
    options = parser.parse_args()

    config = load_config(json.loads(options.config))
    tables = [Table.from_json(read_json(path)) for path in options.tables]
    robustness = paths_by_source(options.robustness)
    figures = example_figures(options.figure1, options.figure2, options.figure3)
    figures += density_figures(named_paths(options.figure4), robustness)
    page = report(
        tables,
        figures,
        row_sources(options, robustness, config),
        read_json(options.provenance),
        config,
        options.config_file,
    )
    write_text(options.config_file, as_yaml(config.to_json()))
    write_text(options.report, page)


def row_sources(
    options: argparse.Namespace, robustness: dict[str, dict[str, Path]], config: Config
) -> list[Source]:
    """Return what stands behind the rows of Tables 1 to 5.

    Args:
        options: The script's options.
        robustness: Attack folders by source and number of adversarial examples.
        config: The run's configuration.
    """
    sources = [*comparison_sources(options.comparison, options.subset, config)]
    sources += published_sources(options.published, config)
    for source, folders in robustness.items():
        sources += robustness_sources(source, folders, config)
    added = named_paths(options.added)
    for source, metrics in paths_by_source(options.evaluation).items():
        sources += evaluation_sources(source, metrics, str(added[source]), config)
    return sources


def density_figures(
    images: dict[str, Path], robustness: dict[str, dict[str, Path]]
) -> list[ReportFigure]:
    """Return Figure 4 of each source, with the attacks that it compares."""
    figures = []
    for source, image in images.items():
        smallest = next(iter(robustness[source]))
        compared = [robustness_source(source, size) for size in (BASELINE, smallest)]
        title = f"Figure 4: {recipe_name(source)}. An undefended and a robust victim"
        figures.append(ReportFigure(f"figure4-{source}", title, KDE_CAPTION, compared, image=image))
    return figures


def example_figures(
    figure1: list[str], figure2: list[str], figure3: list[str]
) -> list[ReportFigure]:
    """Return the figures of examples, each with an example chosen from all records of its list.

    Args:
        figure1: Files of records of a word-level attack.
        figure2: Of an attack by paraphrases.
        figure3: Of attacks under the goal untargeted.
    """
    figures = []
    if figure1:
        chosen = choose(chain.from_iterable(map(read_records, figure1)), 1)
        figures.append(ReportFigure("figure1", FIGURE_1, caption(chosen, RULE), examples=chosen))
    if figure2:
        chosen = choose_labelled(chain.from_iterable(map(read_records, figure2)), 1)
        notes = caption(chosen, RULE, LABELLED)
        figures.append(ReportFigure("figure2", FIGURE_2, notes, examples=chosen))
    if figure3:
        chosen = choose(chain.from_iterable(map(read_records, figure3)), 1, only_flips)
        figures.append(
            ReportFigure("figure3", FIGURE_3, caption(chosen, FLIP_RULE), examples=chosen)
        )
    return figures


if __name__ == "__main__":
    run_script(main)
