"""How the web application stands many clients at once, while its results folder changes.

    python -m benchmarks.app_load --model FOLDER [--clients 200] [--seconds 20]

Every client goes on asking: pages, picks of examples of its own, sentences to tag, live attacks.
Meanwhile runs come, grow, break and go. It says how many answers there were of each kind, how long
they took, and whether every pick that was said to be saved is in the file.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from shutil import rmtree
from statistics import quantiles
from urllib.parse import urlencode

import httpx

from benchmarks.app import RUN, made_up, write_run
from seqattack.app.server import ServerSettings, make_site, running
from seqattack.io import write_jsonl, write_text
from seqattack.pipeline.picks import read_picks
from seqattack.records import AttackRecord

PAGES = ("/", f"/run?run={RUN}", f"/run?run={RUN}&outcome=success&page=2", "/picks", "/try")
KINDS = ("page", "pick", "tag", "attack")
"""What clients ask for."""


@dataclass
class Load:
    """What came of it.

    Args:
        answers: The number of answers by what was asked for and the status.
        seconds: Of each answer.
        errors: The number of requests without an answer, by the kind of error.
        saved: The run and id of each pick that was answered with 200.
    """

    answers: Counter[tuple[str, int]] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)
    saved: list[str] = field(default_factory=list)

    @property
    def failures(self) -> int:
        """Answers with a status of 500 or more, and requests without an answer."""
        wrong = sum(count for (_, status), count in self.answers.items() if status >= 500)
        return wrong + sum(self.errors.values())

    def lost(self, picks: Path) -> list[str]:
        """Return the ids that were said to be saved and are not in the file."""
        there = {pick.id for pick in read_picks(picks).accepted}
        return [each for each in self.saved if each not in there]


class Disturbance:
    """Changes a results folder until it is told to stop: runs come, grow, break and go.

    Args:
        results: The folder.
        records: What the runs consist of.
    """

    def __init__(self, results: Path, records: Sequence[AttackRecord]) -> None:
        self._folder = results / "attacks" / "comparison" / "full"
        self._records = records
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._change, daemon=True)

    def __enter__(self) -> Disturbance:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._stop.set()
        self._thread.join()

    def _change(self) -> None:
        step = 0
        while not self._stop.wait(0.05):
            step += 1
            grown = self._records[: 1 + step % len(self._records)]
            write_jsonl(self._folder / "clare" / "records.jsonl", (r.to_json() for r in grown))
            path = self._folder / f"new-{step % 3}" / "records.jsonl"
            if step % 5 == 0:
                write_text(path, "{damaged\n")
            elif step % 2:
                write_jsonl(path, (record.to_json() for record in self._records[:5]))
            else:
                rmtree(path.parent, ignore_errors=True)


async def ask_for(
    address: str, clients: int, seconds: float, victim: str, ids: Sequence[str]
) -> Load:
    """Let clients ask until the time is over.

    Args:
        address: The server's.
        clients: How many there are.
        seconds: How long they ask.
        victim: The name of the victim to try.
        ids: Of successful attacks of the run; every client picks some of its own.
    """
    load, ends = Load(), time.monotonic() + seconds
    limits = httpx.Limits(max_connections=clients, max_keepalive_connections=clients)
    async with httpx.AsyncClient(base_url=address, timeout=120, limits=limits) as client:
        await asyncio.gather(
            *(_client(client, load, ends, n, victim, ids[n::clients]) for n in range(clients))
        )
    return load


async def _client(
    client: httpx.AsyncClient,
    load: Load,
    ends: float,
    number: int,
    victim: str,
    ids: Sequence[str],
) -> None:
    chosen, left = random.Random(number), list(ids)
    typed = {"victim": victim, "text": "Leeds won in Rome .", "tokens": "Leeds won in Rome ."}
    kind = KINDS[number % len(KINDS)]
    while time.monotonic() < ends:
        if kind == "page":
            await _ask(client, load, kind, "GET", chosen.choice(PAGES))
        elif kind == "tag":
            await _ask(client, load, kind, "POST", "/try/tag", typed)
        elif kind == "attack":
            form = {**typed, "tag-0": "B-ORG", "tag-3": "B-LOC", "queries": "64", "seconds": "5"}
            await _ask(client, load, kind, "POST", "/try/attack", form)
        elif left:
            mine = left.pop()
            form = {"run": RUN, "id": mine, "version": "0", "decision": "accepted"}
            if await _ask(client, load, kind, "POST", "/picks", form) == 200:
                load.saved.append(mine)
        kind = chosen.choices(KINDS, (70, 20, 7, 3))[0]


async def _ask(
    client: httpx.AsyncClient,
    load: Load,
    kind: str,
    method: str,
    path: str,
    form: dict[str, str] | None = None,
) -> int:
    """Ask once and note the answer; return its status, 0 without an answer."""
    headers = {"Origin": str(client.base_url).rstrip("/"), "Accept": "application/json"}
    headers["Content-Type"] = "application/x-www-form-urlencoded"
    started = time.monotonic()
    try:
        content = urlencode(form) if form else None
        answer = await client.request(method, path, content=content, headers=headers)
    except httpx.HTTPError as error:
        load.errors[type(error).__name__] += 1
        return 0
    load.seconds.append(time.monotonic() - started)
    load.answers[kind, answer.status_code] += 1
    return answer.status_code


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", required=True, help="the victim to try")
    parser.add_argument("--clients", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--count", type=int, default=2000, help="examples of the run")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        records = made_up()
        write_run(Path(folder), records, options.count)
        site = make_site(ServerSettings(Path(folder), models={"victim": options.model}))
        ids = [row.id for row in site.index(RUN).rows if row.scores.outcome == "success"]
        with running(site) as address, Disturbance(site.library.results, records[:50]):
            wanted = ask_for(address, options.clients, options.seconds, "victim", ids)
            load = asyncio.run(wanted)
        report(load, site.picks.path)


def report(load: Load, picks: Path) -> None:
    """Print what came of it."""
    for (kind, status), count in sorted(load.answers.items()):
        print(f"{kind:<8}{status} {count:6} answers")
    middle, late = (quantiles(load.seconds, n=20)[place] for place in (9, 18))
    print(f"answers: {len(load.seconds)}; median {middle:.2f} s, 95 % within {late:.2f} s")
    print(f"failures (500 and above, no answer): {load.failures} {dict(load.errors)}")
    print(f"picks saved: {len(load.saved)}; lost: {len(load.lost(picks))}")


if __name__ == "__main__":
    main()
