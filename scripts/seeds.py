"""Write the tables over several seeds, and list where each seed's run is."""

import argparse
from pathlib import Path

from seqattack.cli.process import named_paths, run_script
from seqattack.io import read_json, write_text
from seqattack.report.seeds import over_seeds
from seqattack.report.table_files import write_table
from seqattack.report.tables import Table, to_text


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", nargs="+", required=True, help="SEED=folder of its results")
    parser.add_argument("--names", nargs="+", required=True, help="the tables, in order")
    parser.add_argument("--tables", type=Path, required=True, help="output: folder")
    parser.add_argument("--text", required=True, help="output: all tables as text")
    parser.add_argument("--summary", required=True, help="output: text")
    options = parser.parse_args()

    folders = {int(seed): folder for seed, folder in named_paths(options.runs).items()}
    tables = over_seeds(
        {
            seed: [
                Table.from_json(read_json(folder / "tables" / f"{name}.json"))
                for name in options.names
            ]
            for seed, folder in folders.items()
        }
    )
    for table in tables:
        write_table(table, options.tables)
    text = "\n".join(map(to_text, tables))
    write_text(options.text, text)
    where = "".join(f"  seed {seed}  {folder}\n" for seed, folder in folders.items())
    write_text(
        options.summary, f"{text}\nWhere everything is:\n  tables  {options.tables}\n{where}"
    )


if __name__ == "__main__":
    run_script(main)
