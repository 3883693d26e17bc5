"""How quick the web application's pages are for a run with many examples.

    python -m benchmarks.app [--records FILE] [--count 10000]

The run consists of made-up examples, or of a file's records over and over, under new ids. Pages are
asked for over HTTP, `--repeats` times. On a busy machine the processor's time says more.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Sequence
from itertools import cycle, islice
from pathlib import Path
from statistics import median

import httpx

from seqattack.app.charts import charts_of
from seqattack.app.query import Query
from seqattack.app.server import ServerSettings, make_site, running
from seqattack.corpus.newswire import generate_newswire
from seqattack.io import write_jsonl
from seqattack.records import AttackRecord, read_records
from tests.helpers.records import missed_record

RUN = "attacks/comparison/full/deepwordbug-i-5"
PAGES = {
    "first page": "",
    "outcome": "&outcome=success",
    "text": "&text=united",
    "class and kind of error": "&label=PER&kind=missed",
    "score range, sorted": "&labels_score-min=0.5&sort=modification_rate&order=descending",
    "last page": "&page=100000",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--records", help="records to repeat, JSON lines")
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--repeats", type=int, default=9)
    options = parser.parse_args()

    records = list(read_records(options.records)) if options.records else made_up()
    with tempfile.TemporaryDirectory() as folder:
        write_run(Path(folder), records, options.count)
        started = time.perf_counter()
        site = make_site(ServerSettings(Path(folder)))
        print(f"{'reading the run':<26}{time.perf_counter() - started:8.2f} s, once")
        rows = site.index(RUN).rows
        for name, query in PAGES.items():
            values = dict(pair.split("=") for pair in query.split("&") if pair)
            started = time.perf_counter()
            found = len(Query.parse(values).select(rows, {}))
            seconds = time.perf_counter() - started
            print(f"{name:<26}{1000 * seconds:8.1f} ms to select {found} of {len(rows)}")
        for name, chosen in (("charts of all", rows), ("charts of a half", rows[::2])):
            started = time.perf_counter()
            charts_of(site.index(RUN), chosen, Query())
            print(f"{name:<26}{1000 * (time.perf_counter() - started):8.1f} ms")
        with running(site) as address, httpx.Client(base_url=address, timeout=60) as client:
            for name, query in PAGES.items():
                report(name, times(client, f"/run?run={RUN}{query}", options.repeats))
            report("compare with itself", times(client, f"/compare?a={RUN}&b={RUN}", 3))


def times(client: httpx.Client, path: str, repeats: int) -> list[tuple[float, float]]:
    """Return the milliseconds of each answer, and those of the processor for it.

    Args:
        client: Asks for the page.
        path: The page's, with its query.
        repeats: How often to ask.
    """
    found = []
    for _ in range(repeats):
        started, worked = time.perf_counter(), time.process_time()
        client.get(path).raise_for_status()
        passed = time.perf_counter() - started, time.process_time() - worked
        found.append((1000 * passed[0], 1000 * passed[1]))
    return found


def report(name: str, found: Sequence[tuple[float, float]]) -> None:
    """Print the times of a page."""
    wall, processor = zip(*found, strict=True)
    print(
        f"{name:<26}{median(wall):8.1f} ms, fastest {min(wall):.1f}, slowest {max(wall):.1f}; "
        f"of the processor {median(processor):.1f} ms"
    )


def made_up() -> list[AttackRecord]:
    """Return successes whose last token is changed and whose entities are all missed."""
    sentences = generate_newswire(seed=1, train=500, dev=1, test=1)["train"]
    return [missed_record(sentence) for sentence in sentences if sentence.entities]


def write_run(results: Path, records: Sequence[AttackRecord], count: int) -> None:
    """Write a run.

    Args:
        results: The results folder.
        records: Written over and over, under new ids.
        count: Records to write.
    """
    values = (
        {**record.to_json(), "id": f"test-{number}"}
        for number, record in enumerate(islice(cycle(records), count), 1)
    )
    write_jsonl(results / RUN / "records.jsonl", values)


if __name__ == "__main__":
    main()
