"""What the command line writes, and where: no input is lost, and every failure is one line."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from seqattack.cli.main import main
from seqattack.corpus import read_sentences, write_jsonl
from seqattack.sentence import Sentence
from tests.helpers.fake_victim import FakeVictim

SENTENCES = [
    Sentence("x", ("Leeds", "won", "at", "home"), ("B-LOC", "O", "O", "O")),
    Sentence("y", ("Müller", "lost"), ("B-PER", "O")),
]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with sentences in it, a link to them, and a victim that is quick."""
    monkeypatch.setattr("seqattack.victim.kinds.load_victim", lambda *args, **options: FakeVictim())
    monkeypatch.chdir(tmp_path)
    write_jsonl("a.jsonl", SENTENCES)
    write_jsonl("o.jsonl.partial", SENTENCES)
    Path("link.jsonl").symlink_to("a.jsonl")
    Path("model").mkdir()
    write_jsonl("model/a.jsonl", SENTENCES)
    Path("model/config.json").write_text("{}")
    return tmp_path


READ = ["--model=x", "--sentences=a.jsonl"]
TRAIN = ["--dev=a.jsonl", "--test=a.jsonl", "--pretrained=embedded"]


@pytest.mark.parametrize(
    "command",
    [
        ["attack", *READ, "--recipe=deepwordbug-i-5", "--output=a.jsonl"],
        ["attack", *READ, "--recipe=deepwordbug-i-5", "--output=./link.jsonl"],
        ["attack", *READ[:1], "--sentences=o.jsonl.partial", "--recipe=clare", "--output=o.jsonl"],
        ["evaluate", *READ, "--output=a.jsonl"],
        ["pick-samples", *READ, "--size=1", "--output=a.jsonl"],
        ["pick-samples", *READ, "--size=1", "--output=o", "--left-out=./o"],
        ["convert", "--sentences=link.jsonl", "--format=conll", "--output=a.jsonl"],
        ["train", "--train=model/a.jsonl", *TRAIN, "--output=model"],
        ["train", "--train=a.jsonl", *TRAIN[:2], "--pretrained=model", "--output=model"],
    ],
    ids=lambda command: " ".join(command),
)
def test_no_output_replaces_an_input(
    folder: Path, command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert main(command) == 2
    said = capsys.readouterr().err
    assert said.startswith("seqattack: error: ")
    assert "is an input or another output" in said
    assert said.count("\n") == 1
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize(
    "words", [["evaluate"], ["attack", "--recipe=clare"], ["certainty", "--records=x"]]
)
def test_an_output_that_cannot_be_written_is_refused_before_any_work(
    folder: Path,
    words: list[str],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def load(*arguments: object, **options: object) -> None:
        raise AssertionError("the victim was loaded")

    monkeypatch.setattr("seqattack.victim.kinds.load_victim", load)
    command, *more = words
    assert main([command, *READ, *more, "--output=a.jsonl/new"]) == 2
    said = capsys.readouterr().err
    assert said.endswith(
        "a.jsonl: cannot be written (Not a directory); free some space, or choose another place.\n"
    )
    assert said.count("\n") == 1


def test_a_figure_is_checked_like_every_output(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "figure.svg").symlink_to("a.jsonl")
    command = ["certainty", *READ, "--records=a.jsonl"]
    for figure, reason in (("a.jsonl/new", "cannot be written"), ("figure", "is an input or")):
        assert main([*command, f"--figure={figure}"]) == 2
        said = capsys.readouterr().err
        assert reason in said
        assert said.count("\n") == 1


@pytest.mark.parametrize(
    "output", ["/dev/null", "/dev/full", "a.jsonl/o", "model", "/proc/no/o", "new/folder/o", "link"]
)
def test_attacks_write_to_what_can_be_written(
    folder: Path, output: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "link").symlink_to("there")
    devices = [os.stat(path).st_rdev for path in ("/dev/null", "/dev/full")]
    status = main(["attack", *READ, "--recipe=deepwordbug-i-5", f"--output={output}"])
    said = capsys.readouterr().err
    assert [os.stat(path).st_rdev for path in ("/dev/null", "/dev/full")] == devices
    assert status == (0 if output in ("/dev/null", "new/folder/o", "link") else 2), said
    assert "Traceback" not in said
    assert (folder / "link").is_symlink()
    assert (output == "link") == (folder / "there").is_file()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--start=2"], "--start 2, --stop None: no sentence is there, of 2; write"),
        (["--start=1", "--stop=1"], "no sentence is there, of 2"),
        (["--goal=targeted:"], "goal 'targeted:' names no class"),
        (["--goal=targeted:ORG"], "the victim has no class 'ORG'"),
    ],
)
def test_parts_and_goals_that_are_not_there(
    folder: Path, words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["attack", *READ, "--recipe=deepwordbug-i-5", "--output=o", *words]
    assert main(command) == 2
    assert message in capsys.readouterr().err
    assert not (folder / "o").exists()


def test_a_limit_beyond_the_corpus_is_refused(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["train", "--train=a.jsonl", *TRAIN, "--output=out", "--limit=3"]) == 2
    assert "--limit: 3 sentences were asked for, but a.jsonl has 2" in capsys.readouterr().err


def test_class_names_with_spaces_come_back_from_columns(folder: Path) -> None:
    sentences = [Sentence("a", ("Leeds", "United"), ("B-sports team", "I-sports team"))]
    write_jsonl("teams.jsonl", sentences)
    command = ["convert", "--sentences=teams.jsonl", "--format=conll", "--output=teams.conll"]
    assert main(command) == 0
    assert read_sentences("teams.conll")[0].tags == sentences[0].tags


def run(shell: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    command = f"{sys.executable} -m seqattack"
    return subprocess.run(
        ["bash", "-c", shell.replace("seqattack", command)],
        cwd=folder,
        env=os.environ | environment,
        capture_output=True,
        encoding="latin-1",
        timeout=300,
    )


@pytest.mark.parametrize(
    ("shell", "status", "said"),
    [
        ("seqattack doctor | head -1; exit ${PIPESTATUS[0]}", 141, ""),
        ("seqattack doctor > /dev/full", 2, "seqattack: error: output: No space left on device\n"),
        ("seqattack doctor >&-", 0, ""),
    ],
    ids=["head", "full", "closed"],
)
def test_an_output_that_ends_is_no_traceback(
    tmp_path: Path, shell: str, status: int, said: str
) -> None:
    done = run(shell, tmp_path)
    assert done.stderr.replace(sys.executable, "") == said
    assert done.returncode == status


def test_a_terminal_without_the_characters_is_no_traceback(folder: Path) -> None:
    shell = "seqattack convert --sentences a.jsonl --format conll --output über北京.conll"
    done = run(shell, folder, PYTHONIOENCODING="latin-1", PYTHONUTF8="0")
    assert (done.returncode, done.stderr) == (0, "über\\u5317\\u4eac.conll: 2 sentences\n")
