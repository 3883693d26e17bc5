"""Write a run's tables with a list of where everything is, and the run's provenance."""

import argparse
import json
from pathlib import Path

from seqattack.cli.process import named_paths, named_words, run_script
from seqattack.integrity import check
from seqattack.io import write_json, write_text
from seqattack.pipeline.provenance import provenance


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables", type=Path, required=True, help="all tables as text")
    parser.add_argument("--figures", nargs="*", default=[], help="the figures' files")
    parser.add_argument("--folders", nargs="+", required=True, help="NAME=folder")
    parser.add_argument("--models", nargs="+", required=True, help="NAME=victim")
    parser.add_argument("--config", required=True, help="the run's configuration, as JSON")
    parser.add_argument("--provenance", required=True, help="output: JSON")
    parser.add_argument("--summary", required=True, help="output: text")
    options = parser.parse_args()

    config = json.loads(options.config)
    write_json(options.provenance, provenance(config, named_words(options.models)))
    places = named_paths(options.folders) | {
        Path(figure).stem: figure for figure in options.figures
    }
    places |= {"provenance": options.provenance}
    width = max(map(len, places)) + 2
    where = "".join(f"  {name:<{width}}{path}\n" for name, path in places.items())
    check(options.tables)
    text = options.tables.read_text(encoding="utf-8")
    write_text(options.summary, f"{text}\nWhere everything is:\n{where}")


if __name__ == "__main__":
    run_script(main)
