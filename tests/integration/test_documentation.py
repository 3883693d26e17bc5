"""The documentation's programs and commands are run, page by page, on a tiny model.

What would take a minute, a network or a browser has a stand-in: trainings give the tiny model, and
all sentences are ones that it gets right.
"""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from safetensors.torch import load_file, save_file

import seqattack
from seqattack.attack.resources.registry import all_resources
from seqattack.cli.main import main
from seqattack.corpus import read_jsonl, write_conll, write_jsonl
from seqattack.errors import RecipeError
from seqattack.pipeline.config import load_config
from seqattack.pipeline.plan import Plan
from seqattack.records import Outcome, read_records
from seqattack.sentence import Sentence
from seqattack.victim.prediction import decode, predict
from seqattack.victim.victim import Victim
from tests.helpers.configs import minimal_config
from tests.helpers.documentation import ROOT, Block, blocks, shell_lines
from tests.helpers.tiny_models import WORDS, make_model

LABELS = ("O", "B-LOC", "B-MISC", "B-ORG", "B-PER")  # whatever is predicted is IOB2
NOT_RUN = ("app", "doctor", "fetch")
TRAININGS = ("train", "train-masked-lm", "train-scpn")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random victim that takes about half of all words for entities."""
    folder = make_model(tmp_path_factory.mktemp("tiny"), "bert-cased", labels=LABELS)
    weights = load_file(folder / "model.safetensors")
    weights["classifier.bias"][0] += 4
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    return folder


@pytest.fixture(scope="module")
def sentences(model: Path) -> list[Sentence]:
    """Sentences that are tagged by the model itself, each with an entity."""
    victim, rng = Victim.load(model, device="cpu"), random.Random(5)
    texts = [tuple(rng.choices(WORDS, k=rng.randint(4, 8))) for _ in range(500)]
    tags = [decode(row, victim.labels) for row in predict(victim, texts)]
    return [
        Sentence(f"s-{number}", *pair)
        for number, pair in enumerate(zip(texts, tags, strict=True))
        if set(pair[1]) != {"O"}
    ]


@pytest.fixture
def folder(
    model: Path, sentences: list[Sentence], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """The folder in which a page's reader works."""
    for name in ("my-model", "path/to/your/model"):
        shutil.copytree(model, tmp_path / name)
    write_sentences(tmp_path, sentences)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write_sentences(folder: Path, sentences: list[Sentence]) -> None:
    for split in ("train", "dev", "test"):
        write_jsonl(folder / f"{split}.jsonl", sentences)
        write_conll(folder / f"{split}.conll", sentences)


@pytest.fixture
def follow(folder: Path, model: Path, sentences: list[Sentence]) -> Callable[[str], None]:
    """Do what a page says, block by block."""

    def run(block: Block) -> None:
        if block.title:
            (folder / block.title).parent.mkdir(parents=True, exist_ok=True)
            (folder / block.title).write_text(block.text)
        elif block.language == "python":
            exec(compile(block.text, "page", "exec"), {"__name__": "page"})
        elif block.language == "sh":
            for words in shell_lines(block):
                if words[0] == "seqattack" and words[1] not in NOT_RUN:
                    run_command(words[1:])

    def run_command(words: list[str]) -> None:
        if words[0] in TRAININGS:
            output = folder / words[words.index("--output") + 1]
            shutil.copytree(model, output, dirs_exist_ok=True)
            write_sentences(folder, sentences)
        elif is_here(words):
            # A check answers with 1 where the victim fails it.
            assert main(words) in ((0, 1) if words[0] == "check" else (0,)), words

    def page(name: str) -> None:
        for block in blocks(ROOT / name):
            run(block)

    return page


def is_here(words: list[str]) -> bool:
    """Whether a command's victim is a folder or a function; others need a network or an extra."""
    named = [words[words.index(each) + 1] for each in ("--model", "--victim") if each in words]
    return all(Path(name).is_dir() or name.startswith("python:") for name in named)


def successes(path: Path) -> int:
    return sum(record.outcome is Outcome.SUCCESS for record in read_records(path))


def test_the_tutorial(
    follow: Callable[[str], None], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    follow("docs/tutorial.md")
    found = successes(folder / "attacks/typos/records.jsonl")
    assert found > 25
    shown = capsys.readouterr().out
    assert '"f1": 1.0' in shown
    assert "success (" in shown
    assert f"{found} of 50 sentences broken" in shown
    assert len(read_jsonl(folder / "robust.jsonl")) == len(read_jsonl(folder / "train.jsonl")) + 50
    assert len(list(read_records(folder / "attacks/robust/records.jsonl"))) == 50
    assert successes(folder / "attacks/names/records.jsonl") > 25


def test_the_readme(
    follow: Callable[[str], None], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    follow("README.md")
    assert len((folder / "records.jsonl").read_text().splitlines()) == 256
    assert "success (" in capsys.readouterr().out


@pytest.mark.filterwarnings("ignore:mtime may not be reliable:UserWarning")
@pytest.mark.filterwarnings("ignore:'pin_memory' argument is set as true:UserWarning")
def test_attacks_during_a_training(
    folder: Path, sentences: list[Sentence], capsys: pytest.CaptureFixture[str]
) -> None:
    write_sentences(folder, sentences[:24])
    (block,) = (each for each in blocks(ROOT / "docs/python.md") if "Trainer(" in each.text)
    page: dict[str, Any] = {"__name__": "page"}
    exec(compile(block.text, "page", "exec"), page)
    state = page["trainer"].state
    logged = [e for e in state.log_history if "eval_recall_under_attack" in e]
    assert len(logged) == 3, "one an epoch"
    assert state.best_metric == max(e["eval_recall_under_attack"] for e in logged)
    assert "eval_attack_rate" in capsys.readouterr().out, "the Trainer prints it, too"


def test_what_is_shared_of_an_attack(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    common = ["--model=my-model", "--sentences=test.jsonl", "--recipe=deepwordbug-i-5"]
    assert main(["attack", *common, "--stop=8", "--output=records.jsonl"]) == 0
    page = blocks(ROOT / "docs/howto/share.md")
    (card,) = (w[1:] for b in page if b.language == "sh" for w in shell_lines(b) if w[1] == "card")
    assert main(card) == 0
    assert "| DeepWordBug-I-5 |" in (folder / "my-model" / "README.md").read_text()
    (metric,) = (each for each in page if "metric.compute" in each.text)
    capsys.readouterr()
    exec(compile(metric.text, "page", "exec"), {"__name__": "page"})
    rate, _, f1 = map(float, capsys.readouterr().out.split())
    assert rate == successes(folder / "records.jsonl") / 8
    assert 0 <= f1 < 1


@pytest.mark.parametrize("name", ["new-dataset", "new-victim"])
def test_how_to_use(name: str, follow: Callable[[str], None]) -> None:
    follow(f"docs/howto/{name}.md")


def install(page: list[Block], folder: Path, title: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Write a package that the page shows, and install it as the page says."""
    (module,) = (block for block in page if block.title == title)
    assert len(module.text.splitlines()) <= 32
    project = (folder / title).parent
    project.mkdir(exist_ok=True)
    for block in page:
        if block.title and (folder / block.title).parent == project:
            (folder / block.title).write_text(block.text)
    command = next(
        words
        for block in page
        if block.language == "sh"
        for words in shell_lines(block)
        if words[0] == "pip" and (folder / words[-1]).resolve() == project.resolve()
    )
    site = folder / "site"
    call = [sys.executable, "-m", *command, "--target", str(site), "--quiet", "--upgrade"]
    subprocess.run(call, check=True, cwd=folder)
    (folder / title).unlink()
    monkeypatch.syspath_prepend(site)
    all_resources.cache_clear()


def test_an_attack_of_your_own_is_installed_and_run(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = blocks(ROOT / "docs/howto/new-attack.md")
    install(page, folder, "homoglyphs.py", monkeypatch)
    attack = next(w for b in page if b.language == "sh" for w in shell_lines(b) if w[0] != "pip")
    assert main(attack[1:]) == 0
    many = ["--model=my-model", "--sentences=test.jsonl", "--stop=40", "--max-pieces=none"]
    assert main(["attack", *many, "--recipe=homoglyphs", "--output=records.jsonl"]) == 0
    found = [r for r in read_records(folder / "records.jsonl") if r.adversarial]
    assert found
    for record in found:
        pairs = zip(record.original.tokens, record.final.tokens, record.final.tags, strict=True)
        changed = {(new, tag) for old, new, tag in pairs if old != new}
        assert changed
        assert all(tag == "O" and set(new) & set("асеіорѕхуАВСЕНІКМОРЅТХ") for new, tag in changed)


def test_a_resource_of_your_own_runs_from_everywhere(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = blocks(ROOT / "docs/howto/new-attack.md")
    install(page, folder, "gazetteer/gazetteer.py", monkeypatch)
    (folder / "names.txt").write_text("Ada Lovelace\nZürich\nWaldo\n")
    sentences = read_jsonl(folder / "test.jsonl")[:8]
    write_jsonl(folder / "test.jsonl", sentences)

    (attack,) = (
        words[1:]
        for block in page
        if block.language == "sh"
        for words in shell_lines(block)
        if "gazetteer-swap" in words
    )
    assert main(attack) == 0
    found = list(read_records(folder / "records.jsonl"))
    names = {"Ada", "Lovelace", "Zürich", "Waldo"}
    changed = [names & set(r.final.tokens) for r in found if r.outcome is Outcome.SUCCESS]
    assert changed
    assert all(changed), "entities were swapped for the list's names"

    config = load_config(
        minimal_config(
            attacks={"recipes": ["gazetteer-swap"]},
            resources={"gazetteer": {"path": "names.txt"}},
        )
    )
    plan = Plan(config)
    assert plan.resource_files("gazetteer-swap") == ["names.txt"]
    job = json.dumps(plan.job("comparison", "gazetteer-swap").to_json())
    files = ["--model=my-model", "--sentences=test.jsonl", "--output=again.jsonl"]
    assert main(["attack", *files, "--job", job]) == 0
    assert (folder / "again.jsonl").read_bytes() == (folder / "records.jsonl").read_bytes()

    victim = seqattack.Victim.load("my-model")
    made_of = {"gazetteer": {"path": "names.txt"}}
    run = seqattack.attack(victim, sentences, "gazetteer-swap", resources=made_of)
    assert list(run) == found
    with pytest.raises(RecipeError, match="recipe gazetteer-swap needs --gazetteer; give it"):
        seqattack.attack(victim, sentences, "gazetteer-swap")
