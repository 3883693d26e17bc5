"""Hashes of code: they change with what a job runs, and with nothing else."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Protocol

import pytest

from seqattack.files.code_hash import library_hash

ROOT = Path(__file__).resolve().parents[2]

FILES = {
    "seqattack/__init__.py": "",
    "seqattack/near.py": "from seqattack.far import value\n\ndef near():\n    return value\n",
    "seqattack/far.py": "value = 1\n",
    "seqattack/other.py": "value = 1\n",
    "seqattack/typed.py": "value = 1\n",
    "seqattack/part/__init__.py": "",
    "seqattack/part/lazy.py": 'TABLE = "table.yaml"\n',
    "seqattack/part/table.yaml": "a: 1\n",
    "seqattack/data/words/english": "the\n",
    "seqattack/commands.py": (
        "from typing import TYPE_CHECKING\n"
        "if TYPE_CHECKING:\n    import seqattack.typed\n"
        "def add_near(parser):\n    parser.set_defaults(run=_near)\n"
        "def _near(options):\n    import seqattack.near\n"
        "def add_lazy(parser):\n    from seqattack.part import lazy\n"
        'def add_data():\n    return "data", "words"\n'
        'def add_word():\n    return "data"\n'
    ),
}


class Changes(Protocol):
    """Whether an entry's hash changes when a line is added to a file."""

    def __call__(self, entry: str, name: str, line: str = ...) -> bool: ...


@pytest.fixture
def changes(tmp_path: Path) -> Changes:
    """A project of a few files, and how to change one."""
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def is_changed(entry: str, name: str, line: str = "x = 2") -> bool:
        before = library_hash(entry, root=tmp_path)
        (tmp_path / name).write_text(f"{FILES[name]}{line}\n")
        after = library_hash(entry, root=tmp_path)
        (tmp_path / name).write_text(FILES[name])
        assert library_hash(entry, root=tmp_path) == before
        return before != after

    return is_changed


def test_imports_are_followed(changes: Changes) -> None:
    assert changes("near", "seqattack/near.py")
    assert changes("near", "seqattack/far.py")
    assert changes("near", "seqattack/__init__.py")
    assert not changes("near", "seqattack/other.py")


def test_a_function_brings_along_only_what_it_names(changes: Changes) -> None:
    assert changes("commands:add_near", "seqattack/far.py")
    assert not changes("commands:add_near", "seqattack/part/lazy.py")
    assert changes("commands:add_lazy", "seqattack/part/lazy.py")
    assert not changes("commands:add_lazy", "seqattack/near.py")
    assert not changes("commands", "seqattack/typed.py"), "imported for type checkers alone"


def test_data_counts_where_it_is_named(changes: Changes) -> None:
    assert changes("commands:add_lazy", "seqattack/part/table.yaml")
    assert not changes("near", "seqattack/part/table.yaml")
    assert changes("commands:add_data", "seqattack/data/words/english")
    assert not changes("commands:add_word", "seqattack/data/words/english")


@pytest.mark.parametrize("line", ["# a comment", '"""A string that does nothing."""', "", "\n\n"])
def test_what_changes_no_result_does_not_count(changes: Changes, line: str) -> None:
    assert not changes("near", "seqattack/far.py", line)


def test_a_package_stands_for_its_modules(changes: Changes) -> None:
    assert changes("part", "seqattack/part/lazy.py")


@pytest.mark.parametrize("entry", ["nonsense", "near:nonsense", "scripts.nonsense"])
def test_what_is_not_there_is_named(changes: Changes, tmp_path: Path, entry: str) -> None:
    with pytest.raises(ValueError, match="nonsense"):
        library_hash(entry, root=tmp_path)


def test_every_rule_has_the_hash_of_the_command_that_it_runs() -> None:
    for path in sorted((ROOT / "rules").glob("*.smk")):
        for rule in re.split(r"^(?=rule |checkpoint )", path.read_text(), flags=re.MULTILINE)[1:]:
            run = re.search(r'command\(\s*"(?:(scripts\.\w+)|seqattack ([\w-]+)) ', rule)
            assert run, rule
            if run[2] == "fetch":  # what was fetched and checked is the same however it came
                continue
            entry = run[1] or f":add_{run[2].replace('-', '_')}"
            assert f'{entry}")' in rule, rule.partition("\n")[0]


def test_a_metric_s_code_is_not_an_attack_s(tmp_path: Path) -> None:
    for name in ("seqattack", "scripts"):
        shutil.copytree(ROOT / name, tmp_path / name)
    entries = ("cli.attack:add_attack", "cli.train:add_train", "scripts.score")
    before = [library_hash(entry, root=tmp_path) for entry in entries]
    for name, expected in (
        ("metrics/grammar/harper.py", [False, False, True]),
        ("attack/characters.py", [True, False, False]),
        ("victim/training.py", [False, True, False]),
        ("models/loading.py", [True, True, True]),
        ("victim/transformers.py", [True, True, False]),
        ("files/fetch/fetching.py", [False, False, False]),
        ("attack/nltk_data/corpora/stopwords/english", [True, False, False]),
        ("corpus/newswire.yaml", [True, True, False]),
        ("pipeline/config.schema.yaml", [False, False, False]),
        ("pipeline/config.py", [False, False, False]),
    ):
        path = tmp_path / "seqattack" / name
        text = path.read_text()
        path.write_text(f"{text}x = 1\n")
        after = [library_hash(entry, root=tmp_path) for entry in entries]
        path.write_text(text)
        assert [a != b for a, b in zip(before, after, strict=True)] == expected, name
