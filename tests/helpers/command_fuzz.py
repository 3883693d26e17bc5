"""Wrong command lines, and what must hold of each: it runs, or one line says what is wrong."""

from __future__ import annotations

import argparse
import io
import json
import random
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from unittest.mock import patch

import torch

from seqattack.cli.main import build_parser, main
from seqattack.corpus import write_jsonl
from seqattack.io import write_json
from seqattack.io import write_jsonl as write_any_jsonl
from seqattack.metrics.scores import score_record
from seqattack.metrics.summary import NOT_MEASURED, original_metrics, summarize
from seqattack.metrics.victim_results import victim_results
from seqattack.sentence import Sentence
from tests.helpers.fuzz import BAD, Tally
from tests.helpers.records import missed_record
from tests.helpers.tiny_models import make_model

SENTENCES = [
    Sentence(
        "a", ("Peter", "Blackburn", "won", "in", "London"), ("B-PER", "I-PER", "O", "O", "B-LOC")
    ),
    Sentence("b", ("Leeds", "lost", "."), ("B-LOC", "O", "O")),
]
WORDS = (
    *(
        "",
        " ",
        "0",
        "1",
        "-1",
        "2",
        "1.5",
        "1e3",
        "1e999",
        "-1e999",
        "nan",
        "-nan",
        "inf",
        "٣",
        "0x10",
    ),
    *(
        "9" * 30,
        "9" * 5000,
        "4294967295",
        "4294967296",
        "70000",
        "None",
        "none",
        "null",
        "true",
        "all",
    ),
    *(
        "x" * 300,
        "x" * 5000,
        "a b",
        "a\nb",
        "\x1b[2J",
        "\u202eabc",
        "\udce4",
        "{x}",
        "%s",
        "=1+1",
        "--",
        "-",
    ),
    *(
        "/",
        ".",
        "..",
        "/dev/null",
        "/dev/full",
        "/proc/nowhere/a",
        "a/b/c",
        "missing.jsonl",
        "here",
        "~",
    ),
    *(
        "spacy:",
        "spacy:x",
        "gliner:x",
        "python:x",
        "python:json:loads",
        "onnx:x",
        "openvino:here",
        "bogus:x",
    ),
    *(
        "http://",
        "http://127.0.0.1:1/",
        "{}",
        '{"path": 5}',
        '{"path": "here", "tags": 5}',
        "{",
        "A=",
        "=A",
    ),
    *(
        "A=B",
        "A=B=C",
        "PER=O",
        "O=PER",
        "cuda",
        "cuda:99",
        "cpu",
        "cpu:x",
        "float32",
        "bfloat16",
        "auto",
    ),
    *(
        "deepwordbug-i-",
        "deepwordbug-i-0",
        "deepwordbug-i-9999999999",
        "clare",
        "scpn",
        "-published",
    ),
    *(
        "targeted:",
        "targeted:O",
        "targeted:LOC",
        "targeted:X",
        "untargeted:X",
        "embedded",
        "iob1",
        "io",
    ),
    *(
        "bad-0.jsonl",
        "bad-1.jsonl",
        "bad-2.jsonl",
        "bad-3.jsonl",
        "bad-4.jsonl",
        "bad-5.parquet",
        "bad.yaml",
    ),
)
"""What is given to an option, or as a further word."""

FILES: Mapping[str, bytes] = {
    "bad-0.jsonl": b"",
    "bad-1.jsonl": bytes(range(256)),
    "bad-2.jsonl": b"[" * 100_000,
    "bad-3.jsonl": b'{"tokens": "John", "tags": ["B-PER"]}\n{"tokens": [1], "tags": [NaN]}',
    "bad-4.jsonl": b'{"id": 1e999, "tokens": ["a"], "tags": ["B-O"]}',
    "bad-5.parquet": b"PAR1" + bytes(100) + b"PAR1",
    "bad.yaml": b"a: &a [*a]",
}
"""Files that hold no sentences."""


def fuzz_commands(folder: Path, count: int, seed: int) -> Tally:
    """Try wrong command lines of every command, with a small real model and real files.

    Trainings, downloads and the server are not started: what is tried is what comes before.

    Args:
        folder: For the files.
        count: How many.
        seed: Of what is changed.
    """
    rng = random.Random(seed)
    tally = Tally()
    _make_files(folder)
    with chdir(folder), _nothing_long():
        parsers = _parsers()
        for _ in range(count):
            command = _command(rng, parsers)
            started = time.monotonic()
            outcome, said = _tried(command)
            torch.set_num_threads(1)
            tally.add(outcome, said, time.monotonic() - started, repr(command)[:1500])
    return tally


def _make_files(folder: Path) -> None:
    make_model(folder / "model", "bert-uncased")
    (folder / "here").mkdir()
    write_jsonl(folder / "a.jsonl", SENTENCES)
    attack = list(map(missed_record, SENTENCES))
    write_any_jsonl(folder / "records.jsonl", [record.to_json() for record in attack])
    scored = list(map(score_record, attack))
    summary = summarize(attack, scored, "victim", 0, (NOT_MEASURED, NOT_MEASURED))
    clean = original_metrics(attack)
    tried = {"deepwordbug-i-5": (attack, summary, {"seed": 0})}
    victim = victim_results("victim", {"checksum": "0"}, "0", clean, tried)
    write_json(folder / "victim.json", victim.to_json())
    for name, data in FILES.items():
        (folder / name).write_bytes(data)


@contextmanager
def _nothing_long() -> Iterator[None]:
    with (
        patch("seqattack.victim.training.run_training", return_value={}),
        patch("seqattack.masked_lm.training.run_training", return_value={}),
        patch("seqattack.scpn.embedded.training.run_training", return_value={}),
        patch("seqattack.app.server.serve"),
        patch("seqattack.pipeline.doctor.diagnose", return_value=()),
        patch("seqattack.files.fetch.fetching.download", side_effect=OSError("no network")),
        patch("seqattack.attack.resources.masked_lm.MaskedLMResource.find", return_value=None),
        patch("seqattack.attack.resources.paraphraser.ParaphraserResource.find", return_value=None),
    ):
        yield


def _parsers() -> dict[str, argparse.ArgumentParser]:
    (commands,) = (
        each for each in build_parser()._actions if isinstance(each, argparse._SubParsersAction)
    )
    return dict(commands.choices)


def valid_commands() -> dict[str, list[str]]:
    """Return a command line of each command that is right."""
    data, model = ["--sentences=a.jsonl"], ["--model=model"]
    splits = ["--train=a.jsonl", "--dev=a.jsonl"]
    return {
        "train": [*splits, "--test=a.jsonl", "--pretrained=model", "--output=out"],
        "train-masked-lm": [*splits, "--pretrained=model", "--output=out"],
        "train-scpn": [*splits, "--output=out"],
        "evaluate": [*model, *data],
        "pick-samples": [*model, *data, "--size=1", "--max-wrong=1", "--output=o.jsonl"],
        "attack": [
            *model,
            *data,
            "--recipe=deepwordbug-i-5",
            "--query-budget=5",
            "--output=o.jsonl",
        ],
        "attack-text": ["EU won", *model, "--query-budget=5"],
        "augment": [
            *model,
            *data,
            "--recipe=deepwordbug-i-5",
            "--query-budget=5",
            "--count=1",
            "--output=o.conll",
        ],
        "check": [*model, *data, "--query-budget=5", "--max-attack-rate=1"],
        "noise": [*model, *data, "--rate=0.5"],
        "summarize": ["records.jsonl", "--quick"],
        "compare": ["records.jsonl", "records.jsonl", "--quick"],
        "convert": [*data, "--format=conll", "--output=o.conll"],
        "fetch": ["scpn"],
        "app": ["here"],
        "doctor": [],
        "verify": ["here"],
        "certainty": [*model, *data, "--records=records.jsonl"],
        "leaderboard": ["victim.json"],
        "report-to": ["tensorboard", "here"],
        "card": [*model, "--records=records.jsonl", "--output=card.md", "--overwrite"],
    }


def _command(rng: random.Random, parsers: Mapping[str, argparse.ArgumentParser]) -> list[str]:
    name, words = rng.choice(list(valid_commands().items()))
    options = [each.option_strings[0] for each in parsers[name]._actions if each.option_strings]
    options.remove("-h")
    made = list(words)
    for _ in range(rng.choice((1, 1, 2))):
        option, word = rng.choice(options or [""]), rng.choice(WORDS)
        if option == "--job":
            made = [each for each in made if not each.startswith(("--recipe", "--pretrained"))]
            word = json.dumps(_job(rng), default=repr)
        if rng.random() < 0.1 and made:
            made.pop(rng.randrange(len(made)))
        elif not option or rng.random() < 0.1:
            made.append(word)
        else:
            made = [each for each in made if not each.startswith(f"{option}=")]
            made.append(f"{option}={word}" if rng.random() < 0.9 else option)
    return [name, *made]


def _job(rng: random.Random) -> object:
    """Return settings as rules give them, with something wrong in them."""
    made: dict[str, object] = {
        "settings": {"recipe": "deepwordbug-i-5", "query_budget": 5},
        "resources": {},
        "machine": {"device": "cpu"},
    }
    if rng.random() < 0.5:
        made = {"settings": {"epochs": 1}, "pretrained": {"path": "model"}, "device": "cpu"}
    wrong = [each for each in BAD if not isinstance(each, int) or abs(each) < 10**40]
    part = rng.choice([made, *(each for each in made.values() if isinstance(each, dict))])
    names = [*part, "seed", "timeout", "precision", "steps", "masked-lm", "learning_rate", "x"]
    part[rng.choice(names)] = rng.choice(wrong)
    return made if rng.random() < 0.9 else rng.choice(wrong)


def _tried(command: Sequence[str]) -> tuple[str, str]:
    out, said = io.StringIO(), io.StringIO()
    try:
        with redirect_stdout(out), redirect_stderr(said):
            status = main(command)
    except SystemExit as stop:
        status = int(stop.code or 0)
    except BaseException as error:
        return "traceback", repr(error)
    text = said.getvalue()
    if status == 0 or (status == 1 and command[0] in ("check", "noise", "verify")):
        return "taken", ""
    lines = [line for line in text.splitlines() if line.startswith("seqattack")]
    if status != 2 or len(lines) != 1 or "Traceback" in text:
        return "traceback", f"status {status} and {text!r}"
    return "refused", lines[0]
