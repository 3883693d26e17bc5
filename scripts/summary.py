"""Write a run's tables with a list of where everything is."""

import argparse
from pathlib import Path

from seqattack.cli.process import named_paths, run_script
from seqattack.integrity import check
from seqattack.io import write_text


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables", type=Path, required=True, help="all tables as text")
    parser.add_argument("--figures", nargs="*", default=[], help="the figures' files")
    parser.add_argument("--folders", nargs="+", required=True, help="NAME=folder")
    parser.add_argument("--summary", required=True, help="output: text")
    options = parser.parse_args()

    places = named_paths(options.folders) | {
        Path(figure).stem: figure for figure in options.figures
    }
    width = max(map(len, places)) + 2
    where = "".join(f"  {name:<{width}}{path}\n" for name, path in places.items())
    check(options.tables)
    text = options.tables.read_text(encoding="utf-8")
    write_text(options.summary, f"{text}\nWhere everything is:\n{where}")


if __name__ == "__main__":
    run_script(main)
