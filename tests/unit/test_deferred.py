"""Packages whose import is put off until something of theirs is used."""

from __future__ import annotations

import importlib
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from types import new_class
from typing import Any

import pytest

from seqattack.io import write_jsonl
from seqattack.models.deferred import deferred
from tests.helpers.corpora import english_corpus
from tests.helpers.tiny_models import make_model

HEAVY = """
imported.append(__name__)

class Frame:
    kind = "frame"

def double(x):
    return 2 * x

def named(function):
    return lambda: f"named {function()}"
"""
USER = """
import heavy, heavy.tables as tables
from heavy.tables import Frame, double

def optional(frame: Frame | None) -> None | Frame:
    return frame
"""


@pytest.fixture
def imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A package `heavy` and its user `light`; returns the modules of `heavy` that have run."""
    (tmp_path / "heavy").mkdir()
    head = "from builtins import _imported as imported\n"
    (tmp_path / "heavy" / "__init__.py").write_text(head + "imported.append(__name__)\n")
    (tmp_path / "heavy" / "tables.py").write_text(head + HEAVY)
    (tmp_path / "light.py").write_text(USER)
    monkeypatch.syspath_prepend(tmp_path)
    found: list[str] = []
    monkeypatch.setattr("builtins._imported", found, raising=False)
    for name in ("heavy", "heavy.tables", "light"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    return found


def light() -> Any:
    with deferred("heavy"):
        return importlib.import_module("light")


@pytest.mark.parametrize(
    "use",
    [
        lambda user: user.double(2) == 4,
        lambda user: user.Frame.kind == "frame",
        lambda user: user.Frame().kind == "frame",
        lambda user: user.tables.double(2) == 4,
        lambda user: user.heavy.tables.double(2) == 4,
        lambda user: vars(new_class("Table", (user.Frame,)).__base__)["kind"] == "frame",
    ],
)
def test_a_package_is_imported_when_it_is_used(imported: list[str], use: Any) -> None:
    user = light()
    assert imported == []
    assert use(user)
    assert imported == ["heavy", "heavy.tables"]


def test_asking_for_a_kind_imports_nothing(imported: list[str]) -> None:
    user = light()
    assert not isinstance(3, user.Frame)
    assert not issubclass(int, user.Frame)
    assert imported == []
    tables: Any = importlib.import_module("heavy.tables")
    assert isinstance(tables.Frame(), user.Frame)
    assert issubclass(tables.Frame, (int, user.Frame))


def test_what_is_used_at_once_is_imported_at_once(imported: list[str]) -> None:
    with deferred("heavy"):
        from heavy.tables import double  # type: ignore[import-not-found]

        assert double(2) == 4
        assert imported == ["heavy", "heavy.tables"]
        assert importlib.import_module("heavy.tables").double is not double


def test_a_decorator_decorates_once_its_package_is_imported(
    imported: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("seqattack.models.deferred.DECORATORS", ("heavy.tables.named",))
    with deferred("heavy"):
        from heavy.tables import named

        @named  # type: ignore[untyped-decorator]
        def answer() -> str:
            """Answer."""
            return "plain"

        assert (answer(), answer.__doc__) == ("plain", "Answer.")
    assert (answer(), imported) == ("plain", [])
    importlib.import_module("heavy.tables")
    assert answer() == "named plain"


def test_a_version_is_known_without_importing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "num2words", raising=False)
    with deferred("num2words"):
        from num2words import __version__ as known  # type: ignore[import-untyped]
    assert known == version("num2words")
    assert "num2words" not in sys.modules


def test_nothing_stays_behind(imported: list[str]) -> None:
    finders = list(sys.meta_path)
    light()
    assert not {"heavy", "heavy.tables"} & set(sys.modules)
    assert sys.meta_path == finders
    tables: Any = importlib.import_module("heavy.tables")
    assert tables.double(2) == 4
    assert imported == ["heavy", "heavy.tables"]
    assert importlib.import_module("heavy").tables is tables


def test_a_package_that_is_imported_already_is_left_alone(imported: list[str]) -> None:
    tables: Any = importlib.import_module("heavy.tables")
    assert light().Frame is tables.Frame


def test_a_missing_package_is_missing(imported: list[str]) -> None:
    with deferred("no_such_package"), pytest.raises(ModuleNotFoundError, match="no_such_package"):
        importlib.import_module("no_such_package.tables")


@pytest.mark.skipif(version("transformers") < "5", reason="transformers 4 uses them as it loads")
def test_an_attack_brings_nothing_that_is_put_off(tmp_path: Path) -> None:
    """From loading a victim to printing what was found."""
    make_model(tmp_path / "victim", "bert")
    write_jsonl(tmp_path / "sentences.jsonl", [each.to_json() for each in english_corpus(4)])
    program = """
import sys
from seqattack.cli.main import main
from seqattack.models.deferred import SELDOM_USED

words = "--sentences sentences.jsonl --recipe deepwordbug-i-5 --output found.jsonl"
assert main(["attack", "--model", "victim", *words.split()]) == 0
print(sorted(set(SELDOM_USED) & set(sys.modules)))
"""
    call = [sys.executable, "-c", program]
    done = subprocess.run(call, capture_output=True, text=True, cwd=tmp_path)
    assert done.stdout.splitlines()[-1:] == ["[]"], done.stderr
    assert "A-Rate" in done.stdout


def test_textattack_and_nltk_work_with_what_is_put_off() -> None:
    """And importing them brings none of it."""
    program = """
import sys
import seqattack.attack.textattack
seldom = {"datasets", "lemminflect", "pandas", "scipy.optimize", "scipy.stats", "sklearn", "spacy"}
print(sorted(seldom & set(sys.modules)))

from nltk.classify.scikitlearn import SklearnClassifier
from nltk.metrics.association import fisher_exact
from sklearn.naive_bayes import BernoulliNB
learned = SklearnClassifier(BernoulliNB()).train([({"a": 1}, "x"), ({"b": 1}, "y")])
print(learned.classify({"a": 1}), round(fisher_exact([[3, 1], [1, 3]])[1], 3))

from textattack.datasets import HuggingFaceDataset
import datasets
rows = datasets.Dataset.from_list([{"text": "Ann won", "label": 1}])
print(dict(HuggingFaceDataset(rows)[0][0]))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout.splitlines() == [
        "[]",
        "x 0.486",
        "{'text': 'Ann won'}",
    ], done.stderr
