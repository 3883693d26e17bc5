"""README, tutorial and guides are followed, command by command, on a tiny model.

Trainings give the tiny model, and all sentences are ones that it gets right. What is not run here
stands in `NOT_RUN`, with where it is tried instead.
"""

from __future__ import annotations

import json
import random
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from safetensors.torch import load_file, save_file

import seqattack
from seqattack.attack.resources.registry import all_resources
from seqattack.cli.main import main
from seqattack.corpus import read_jsonl, write_conll, write_jsonl
from seqattack.errors import RecipeError
from seqattack.integrity import RECORDING
from seqattack.io import write_json
from seqattack.pipeline.config import load_config
from seqattack.pipeline.plan import Plan
from seqattack.records import Outcome, read_records
from seqattack.sentence import Sentence
from seqattack.victim.prediction import decode, predict
from seqattack.victim.victim import Victim
from tests.helpers.configs import minimal_config
from tests.helpers.documentation import ROOT, Block, blocks, shell_lines
from tests.helpers.tiny_models import WORDS, make_model

Install = Callable[[list[Block], str], None]

LABELS = ("O", "B-LOC", "B-MISC", "B-ORG", "B-PER")  # whatever is predicted is IOB2
TRAININGS = ("train", "train-masked-lm", "train-scpn")
ALONE = ("README.md", "docs/tutorial.md", "docs/python.md", "docs/howto/share.md")
"""Pages with a test of their own."""
GUIDES = sorted(
    {*ALONE, *(f"docs/howto/{path.name}" for path in (ROOT / "docs/howto").glob("*.md"))}
)
NOT_RUN = {
    r"^make ": "installs packages, or runs everything: .ci/run",
    r"^(pip|conda) ": "needs a package index, but for the packages that a page makes",
    r"^\. ": "activates what `make setup` has made",
    r"^snakemake ": "minutes to hours: tests/workflow",
    r"^python -m benchmarks": "trains four victims; no test, but docs/performance.md",
    r"^python -m spacy download": "needs a network",
    r"^seqattack app ": "serves until it is stopped: tests/app",
    r"^seqattack doctor ": "looks at the whole machine: tests/unit/test_doctor.py",
    r"^seqattack fetch ": "needs a network: tests/unit/test_fetch.py",
    r"^seqattack report-to ": "needs a tracker: tests/unit/test_tracking.py",
    r"^seqattack leaderboard ": "needs the results of runs: tests/unit/test_leaderboard.py",
    r"--push-to-hub": "needs a hub: tests/integration/test_push.py",
    r"load_dataset\(": "needs a hub: tests/integration/test_push.py",
    r"--model dslim/": "needs a hub: tests/unit/test_hub_names.py",
    r"--victim spacy:": "needs an extra: tests/integration/test_victim_spacy.py",
    r"--victim http:": "needs a server: tests/unit/test_victim_answers.py",
    r"--recipe (homoglyphs|gazetteer-swap)": "needs the page's package: tests below",
    r"--goal only:PER": "needs the page's package: a test below",
}
"""What is not run where a page is followed, and where it is tried instead."""
READ = {
    "docs/howto/certainty.md": ["records.jsonl"],
    "docs/howto/check.md": ["records.jsonl", "before.jsonl", "after.jsonl"],
}
"""Records that a page reads, of attacks that another page makes."""


def is_run(command: str) -> bool:
    """Whether a command, or a program of Python, is run where its page is followed."""
    return not any(re.search(pattern, command) for pattern in NOT_RUN)


def steps(page: str) -> list[str]:
    """Return the commands and programs of a page."""
    found = []
    for block in blocks(ROOT / page):
        if block.language == "python" and not block.title:
            found.append(block.text)
        elif block.language == "sh":
            found += map(shlex.join, shell_lines(block))
    return found


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random victim that takes about half of all words for entities, and a masked LM."""
    folder = make_model(tmp_path_factory.mktemp("tiny") / "model", "bert-cased", labels=LABELS)
    weights = load_file(folder / "model.safetensors")
    weights["classifier.bias"][0] += 4
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    make_model(folder.with_name("masked-lm-default"), "bert-cased", head="MaskedLM")
    return folder


@pytest.fixture(scope="module")
def sentences(model: Path) -> list[Sentence]:
    """Sentences that are tagged by the model itself, each with an entity."""
    victim, rng = Victim.load(model, device="cpu"), random.Random(5)
    texts = [tuple(rng.choices(WORDS, k=rng.randint(4, 8))) for _ in range(700)]
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
    """The folder in which a page's reader works; beside each model is a masked LM."""
    for name in ("my-model", "path/to/your/model"):
        shutil.copytree(model, tmp_path / name)
        masked_lm = model.with_name("masked-lm-default")
        shutil.copytree(masked_lm, (tmp_path / name).with_name(masked_lm.name))
    write_sentences(tmp_path, sentences)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write_sentences(folder: Path, sentences: list[Sentence]) -> None:
    for split in ("train", "dev", "test"):
        write_jsonl(folder / f"{split}.jsonl", sentences)
        write_conll(folder / f"{split}.conll", sentences)


@pytest.fixture
def follow(folder: Path, model: Path, sentences: list[Sentence]) -> Callable[[str], dict[str, Any]]:
    """Do what a page says, block by block, and return the names that its programs made."""

    def run(block: Block, names: dict[str, Any]) -> None:
        if block.title:
            (folder / block.title).parent.mkdir(parents=True, exist_ok=True)
            (folder / block.title).write_text(block.text)
        elif block.language == "python" and is_run(block.text):
            exec(compile(block.text, "page", "exec"), names)
        elif block.language == "sh":
            for words in shell_lines(block):
                if is_run(shlex.join(words)):
                    assert words[0] == "seqattack"
                    run_command(words[1:])

    def run_command(words: list[str]) -> None:
        if words[0] in TRAININGS:
            output = folder / words[words.index("--output") + 1]
            shutil.copytree(model, output, dirs_exist_ok=True)
            write_sentences(folder, sentences)
        else:
            # A check answers with 1 where the victim fails it.
            assert main(words) in ((0, 1) if words[0] == "check" else (0,)), words

    def page(name: str) -> dict[str, Any]:
        names: dict[str, Any] = {"__name__": "page"}
        for block in blocks(ROOT / name):
            run(block, names)
        return names

    return page


def test_what_is_not_run_is_there_and_tried_elsewhere() -> None:
    every = [step for page in GUIDES for step in steps(page)]
    assert sum(map(is_run, every)) > 45
    for pattern, reason in NOT_RUN.items():
        assert any(re.search(pattern, step) for step in every), pattern
        for path in re.findall(r"\S+/\S+", reason):
            assert (ROOT / path).exists(), path


def successes(path: Path) -> int:
    return sum(record.outcome is Outcome.SUCCESS for record in read_records(path))


def test_the_tutorial(
    follow: Callable[[str], dict[str, Any]], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    follow("docs/tutorial.md")
    found = successes(folder / "attacks/typos/records.jsonl")
    assert found > 25
    shown = capsys.readouterr().out
    assert '"f1": 1.0' in shown
    assert "success (" in shown
    assert f"{found} of 50 sentences broken" in shown
    trained_on = seqattack.read_sentences(folder / "robust.conll")
    assert len(trained_on) == len(read_jsonl(folder / "train.jsonl")) + 300
    assert "McNemar" in shown
    assert len(list(read_records(folder / "attacks/robust/records.jsonl"))) == 50
    assert successes(folder / "attacks/names/records.jsonl") > 25


def test_the_readme(
    follow: Callable[[str], dict[str, Any]],
    folder: Path,
    sentences: list[Sentence],
    capsys: pytest.CaptureFixture[str],
) -> None:
    write_sentences(folder, sentences[:80])
    follow("README.md")
    assert len((folder / "records.jsonl").read_text().splitlines()) == 64
    assert "success (" in capsys.readouterr().out


@pytest.mark.filterwarnings("ignore:mtime may not be reliable:UserWarning")
@pytest.mark.filterwarnings("ignore:'pin_memory' argument is set as true:UserWarning")
def test_from_python(
    follow: Callable[[str], dict[str, Any]],
    folder: Path,
    sentences: list[Sentence],
    capsys: pytest.CaptureFixture[str],
) -> None:
    write_sentences(folder, sentences[:24])
    made = follow("docs/python.md")
    assert len((folder / "records.jsonl").read_text().splitlines()) == 24
    assert set(made["examples"].column_names) >= {"tokens", "ner_tags"}
    state = made["trainer"].state
    logged = [e for e in state.log_history if "eval_recall_under_attack" in e]
    assert len(logged) == 3, "one an epoch"
    assert state.best_metric == max(e["eval_recall_under_attack"] for e in logged)
    assert "eval_attack_rate" in capsys.readouterr().out, "the Trainer prints it, too"


@pytest.mark.parametrize("page", [page for page in GUIDES if page not in ALONE])
def test_the_guide(
    page: str,
    follow: Callable[[str], dict[str, Any]],
    folder: Path,
    sentences: list[Sentence],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write_sentences(folder, sentences[:40])
    for name in READ.get(page, ()):
        common = ["--model=my-model", "--sentences=test.jsonl", "--recipe=deepwordbug-i-5"]
        assert main(["attack", *common, "--stop=8", f"--output={name}"]) == 0
    if page == "docs/howto/verify.md":
        monkeypatch.setenv(RECORDING, "1")
        for name in ("results/augmentation/clare/plan.json", "figures/figure.json"):
            (folder / name).parent.mkdir(parents=True)
            write_json(folder / name, {})
    follow(page)


def test_what_is_shared_of_an_attack(
    follow: Callable[[str], dict[str, Any]], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    common = ["--model=my-model", "--sentences=test.jsonl", "--recipe=deepwordbug-i-5"]
    assert main(["attack", *common, "--stop=8", "--output=records.jsonl"]) == 0
    found = follow("docs/howto/share.md")["found"]
    assert "| DeepWordBug-I-5 |" in (folder / "my-model" / "README.md").read_text()
    rate, _, f1 = map(float, capsys.readouterr().out.splitlines()[-1].split())
    assert rate == found["attack_rate"] == successes(folder / "records.jsonl") / 8
    assert 0 <= f1 < 1


@pytest.fixture
def install(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Writes a package that a page shows, and installs it as the page says."""
    yield partial(_install, folder, monkeypatch)
    monkeypatch.undo()
    all_resources.cache_clear()


def _install(folder: Path, monkeypatch: pytest.MonkeyPatch, page: list[Block], title: str) -> None:
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


def _command_with(page: list[Block], word: str) -> list[str]:
    """Return the arguments of the page's one command that has a word."""
    (command,) = (
        words[1:]
        for block in page
        if block.language == "sh"
        for words in shell_lines(block)
        if word in words
    )
    return command


def test_an_attack_of_your_own_is_installed_and_run(folder: Path, install: Install) -> None:
    page = blocks(ROOT / "docs/howto/new-attack.md")
    install(page, "homoglyphs.py")
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


def test_a_goal_of_your_own_is_installed_and_reached(folder: Path, install: Install) -> None:
    page = blocks(ROOT / "docs/howto/new-attack.md")
    install(page, "only/only.py")
    attack = _command_with(page, "only:PER")
    assert main(attack) == 0
    found = [r for r in read_records(folder / "records.jsonl") if r.outcome is Outcome.SUCCESS]
    assert found
    for record in found:
        assert record.goal == "only:PER"
        assert any(
            true != predicted and true.endswith("-PER")
            for true, predicted in zip(record.final.tags, record.final.predicted, strict=True)
        )
    config = load_config(minimal_config(attacks={"recipes": ["clare"], "goal": "only:PER"}))
    assert config.attacks.goal == "only:PER"
    assert main([*attack, "--goal=only", "--overwrite"]) == 2


def test_a_resource_of_your_own_runs_from_everywhere(folder: Path, install: Install) -> None:
    page = blocks(ROOT / "docs/howto/new-attack.md")
    install(page, "gazetteer/gazetteer.py")
    (folder / "names.txt").write_text("Ada Lovelace\nZürich\nWaldo\n")
    sentences = read_jsonl(folder / "test.jsonl")[:8]
    write_jsonl(folder / "test.jsonl", sentences)

    attack = _command_with(page, "gazetteer-swap")
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
