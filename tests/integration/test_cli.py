"""The command line on a real model: the same bytes however it is run, also after a kill."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from seqattack.cli.main import main
from seqattack.corpus import read_jsonl
from seqattack.sentence import Sentence


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "seqattack", *map(str, arguments)]


def attack(model: Path, sentences: Path, output: Path, *more: object) -> list[str]:
    options = ["--model", model, "--sentences", sentences, "--output", output, *more]
    return command("attack", "--recipe", "deepwordbug-ii-30", *options)


def run(arguments: list[str]) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stderr
    return done


@pytest.fixture(scope="module")
def whole(
    victim_folder: Path, sentences_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The records of one thread, one sentence at a time."""
    path = tmp_path_factory.mktemp("whole") / "records.jsonl"
    done = run(attack(victim_folder, sentences_file, path, "--threads", 1, "--in-flight", 1))
    assert "18 sentences" in done.stderr
    return path


@pytest.mark.slow
@pytest.mark.parametrize(
    "options",
    [
        ("--threads", 1, "--in-flight", 16, "--batch-tokens", 512),
        ("--threads", 2, "--in-flight", 16, "--batch-tokens", 2048),
    ],
)
def test_cores_batches_and_sentences_in_flight_change_no_byte(
    victim_folder: Path,
    sentences_file: Path,
    whole: Path,
    tmp_path: Path,
    options: tuple[str | int, ...],
) -> None:
    run(attack(victim_folder, sentences_file, tmp_path / "a.jsonl", *options))
    assert (tmp_path / "a.jsonl").read_bytes() == whole.read_bytes()


@pytest.mark.slow
def test_four_shards_change_no_byte(
    victim_folder: Path, sentences_file: Path, whole: Path, tmp_path: Path
) -> None:
    joined = b""
    for start in range(0, 18, 5):
        path = tmp_path / f"{start}.jsonl"
        run(attack(victim_folder, sentences_file, path, "--start", start, "--stop", start + 5))
        joined += path.read_bytes()
    assert joined == whole.read_bytes()


@pytest.mark.slow
def test_killed_and_started_again_it_ends_with_the_same_bytes(
    victim_folder: Path, sentences_file: Path, whole: Path, tmp_path: Path
) -> None:
    output, in_flight = tmp_path / "a.jsonl", 3
    journal = output.with_name("a.jsonl.partial")
    arguments = attack(
        victim_folder, sentences_file, output, "--in-flight", in_flight, "--threads", 1
    )
    kept = 0
    for enough in (2, 6):
        process = subprocess.Popen(arguments, stderr=subprocess.DEVNULL)
        while process.poll() is None and not (
            journal.exists() and journal.read_bytes().count(b"\n") - 1 >= enough
        ):
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert not output.exists()
        finished = journal.read_bytes().count(b"\n") - 1
        assert finished >= max(kept, enough)
        kept = finished
    done = run(arguments)
    assert f"{kept} done before" in done.stderr
    assert output.read_bytes() == whole.read_bytes()


@pytest.mark.slow
def test_train_evaluate_pick_and_attack(
    newswire: dict[str, list[Sentence]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The whole way by hand, from column files."""
    from seqattack.corpus import write_conll

    for split, sentences in newswire.items():
        write_conll(tmp_path / f"{split}.conll", sentences[:200])
    model = tmp_path / "model"
    splits = [f"--{split}={tmp_path / split}.conll" for split in newswire]
    trained = ["--pretrained=embedded", f"--output={model}", "--learning-rate=5e-4", "--epochs=2"]
    assert main(["train", *splits, *trained, "--limit=200", "--threads=2"]) == 0
    test = f"--sentences={tmp_path / 'test.conll'}"
    assert main(["evaluate", f"--model={model}", test, f"--output={tmp_path / 'm.json'}"]) == 0
    metrics = json.loads((tmp_path / "m.json").read_text())
    assert metrics["f1"] > 0.3
    assert 0 <= metrics.pop("leak_rate") <= 1
    assert metrics == json.loads((model / "training.json").read_text())["test"]
    subset = tmp_path / "subset.jsonl"
    picked = ["--size=4", "--max-wrong=0.3", f"--output={subset}"]
    assert main(["pick-samples", f"--model={model}", test, *picked]) == 0
    assert len(read_jsonl(subset)) == 4
    records = tmp_path / "records.jsonl"
    options = ["--recipe=deepwordbug-i-5", f"--output={records}"]
    capsys.readouterr()
    assert main(["attack", f"--model={model}", f"--sentences={subset}", *options]) == 0
    assert len(records.read_text().splitlines()) == 4
    summary = capsys.readouterr().out
    assert main(["summarize", str(records), "--quick"]) == 0
    assert summary == capsys.readouterr().out
    text = ["attack-text", "Shares in Rome fell , Anna Kovac said .", f"--model={model}"]
    assert main(text) == 0
    shown = capsys.readouterr().out
    assert "original" in shown
    assert "queries" in shown


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["evaluate", "--model=no/such/model", "--sentences=x.jsonl"], "no such folder"),
        (["attack-text", "x", "--model=no/such/model"], "no such folder"),
    ],
)
def test_errors_are_one_line_with_a_cure(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    error = capsys.readouterr().err
    assert message in error
    assert "check the path" in error
    assert error.count("\n") == 1


def test_an_unknown_recipe_is_refused_before_any_work(
    victim_folder: Path, sentences_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = [f"--model={victim_folder}", f"--sentences={sentences_file}"]
    output = tmp_path / "a.jsonl"
    assert main(["attack", *options, "--recipe=deepwordbug-i5", f"--output={output}"]) == 2
    assert "did you mean 'deepwordbug-i-5'?" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys; from seqattack.cli.main import build_parser; build_parser().format_help(); "
        "print([m for m in ('torch', 'textattack', 'numpy', 'pandas', 'rich') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=os.environ, check=True
    )
    assert done.stdout.strip() == "[]"
