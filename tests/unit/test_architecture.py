"""The plan of the house: imports run downwards only, and without circles."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LIBRARY = ROOT / "seqattack"

VOCABULARY = {
    "sentence",
    "tags",
    "records",
    "errors",
    "integrity",
    "io",
    "suggest",
    "text",
    "checks",
}
FLOORS: tuple[frozenset[str], ...] = (
    frozenset(VOCABULARY),
    frozenset({"files", "perturbations"}),
    frozenset({"corpus"}),
    frozenset({"models"}),
    frozenset({"victim", "masked_lm", "sentence_encoder", "scpn"}),
    frozenset({"attack"}),
    frozenset({"metrics"}),
    frozenset({"explain"}),
    frozenset({"pipeline"}),
    frozenset({"report"}),
    frozenset({"api"}),
    frozenset({"app"}),
    frozenset({"cli"}),
)
"""What may stand in `seqattack`, from the ground up; imports run downwards."""

APART = {"__init__", "__main__"}
"""The public face and the program, which lead to every floor."""


def test_only_the_vocabulary_stands_at_the_top() -> None:
    assert {path.stem for path in LIBRARY.glob("*.py")} == VOCABULARY | APART


def test_every_room_has_a_floor() -> None:
    rooms = {path.name for path in LIBRARY.iterdir() if path.is_dir()} - {"__pycache__"}
    assert rooms <= set().union(*FLOORS)


def test_no_import_runs_up() -> None:
    wrong = [
        f"{_place(importer)} imports {_place(imported)}, which is on a floor above"
        for importer, imported in _imports()
        if _room(importer) not in APART and _floor(importer) < _floor(imported)
    ]
    assert not wrong, "\n".join(wrong)


def test_rooms_of_one_floor_do_not_import_each_other() -> None:
    wrong = [
        f"{_place(importer)} imports {_place(imported)}, a room beside it"
        for importer, imported in _imports()
        if _room(importer) not in APART | VOCABULARY
        and _floor(importer) == _floor(imported)
        and _room(importer) != _room(imported)
    ]
    assert not wrong, "\n".join(wrong)


def test_no_imports_form_a_circle() -> None:
    following: dict[str, set[str]] = {}
    for importer, imported in _imports():
        following.setdefault(importer, set()).add(imported)
    circle = _circle(following)
    assert not circle, "a circle: " + " -> ".join(map(_place, circle))


def test_a_circle_would_be_found() -> None:
    assert _circle({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == ["b", "c", "b"]
    assert not _circle({"a": {"b", "c"}, "b": {"c"}})


@pytest.mark.parametrize(
    "module", ["snakemake", "textattack"], ids=lambda name: f"{name} is imported in one place"
)
def test_what_only_one_place_may_import(module: str) -> None:
    places = {
        path.relative_to(LIBRARY).as_posix()
        for path in LIBRARY.rglob("*.py")
        for name in _names(path)
        if name.partition(".")[0] == module
    }
    assert places == ({"attack/textattack.py"} if module == "textattack" else set())


def test_the_page_of_the_architecture_shows_the_floors() -> None:
    """Imports run to the right and downwards in its table."""
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    table = page.partition("| floor | packages |")[2].partition("\n\n")[0]
    shown = re.findall(r"`(\w+)`", table)
    assert sorted(shown) == sorted(set().union(*FLOORS))
    wrong = {
        f"{_place(importer)} imports {_place(imported)}, which stands before it"
        for importer, imported in _imports()
        if not APART & {_room(importer), _room(imported)}
        and shown.index(_room(importer)) > shown.index(_room(imported))
    }
    assert not wrong, "\n".join(sorted(wrong))


def test_the_page_of_the_architecture_shows_the_tree() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    folders, shown = [ROOT], set()
    for line in page.split("```")[1].strip().splitlines():
        depth = (len(line) - len(line.lstrip())) // 2
        if depth >= len(folders):  # what stands beside an entry goes on
            continue
        names = re.match(r" *(\S+( \S+)*)", line)
        assert names, line
        paths = [folders[depth] / name for name in names[1].split()]
        assert all(path.exists() for path in paths), line
        shown |= set(paths)
        folders[depth + 1 :] = [paths[-1]]
    packages = {path.parent for path in LIBRARY.glob("*/__init__.py")}
    modules = set(LIBRARY.glob("*.py")) - {LIBRARY / "__main__.py"}
    assert {path for path in shown if path.parent == LIBRARY} == packages | modules


@cache
def _imports() -> list[tuple[str, str]]:
    """Return every import of a module of ours by another, those for type checkers included."""
    modules = {_module(path): path for path in sorted(LIBRARY.rglob("*.py"))}
    found = []
    for importer, path in modules.items():
        for name in _names(path):
            imported = name if name in modules else name.rpartition(".")[0]
            if imported in modules and imported not in (importer, "seqattack"):
                found.append((importer, imported))
    return found


def _names(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _module(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def _room(module: str) -> str:
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else "__init__"


def _floor(module: str) -> int:
    room = _room(module)
    return next((n for n, floor in enumerate(FLOORS) if room in floor), len(FLOORS))


def _place(module: str) -> str:
    path = ROOT.joinpath(*module.split("."))
    found = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    return found.relative_to(ROOT).as_posix()


def _circle(following: dict[str, set[str]]) -> list[str]:
    """Return the modules of one circle, the first again at the end; nothing where there is none."""
    done: set[str] = set()

    def visit(module: str, path: list[str]) -> list[str]:
        if module in path:
            return [*path[path.index(module) :], module]
        if module in done:
            return []
        for each in sorted(following.get(module, ())):
            if found := visit(each, [*path, module]):
                return found
        done.add(module)
        return []

    for module in sorted(following):
        if found := visit(module, []):
            return found
    return []
