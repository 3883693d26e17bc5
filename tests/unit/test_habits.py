"""What contributors and their tools rely on agrees with itself."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from seqattack import __version__

ROOT = Path(__file__).resolve().parents[2]
LOCKS = sorted((ROOT / "requirements").glob("*.lock"))
FORMS = sorted(
    path for path in (ROOT / ".github/ISSUE_TEMPLATE").glob("*.yml") if path.stem != "config"
)
PYTHON = [
    path
    for folder in ("seqattack", "scripts", "tools", "benchmarks")
    for path in sorted((ROOT / folder).rglob("*.py"))
]
Function = ast.FunctionDef | ast.AsyncFunctionDef
Documented = Function | ast.ClassDef
LOADERS = {"torch.load", "pickle.load", "pickle.loads", "joblib.load", "dill.load", "dill.loads"}
CHANGES = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


def pins(lock: Path) -> dict[str, str]:
    lines = (line for line in lock.read_text().splitlines() if "==" in line)
    found = (line.removesuffix(" \\").partition(" ;")[0].split("==") for line in lines)
    return {_normal(name): version for name, version in found}


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_every_requirement_is_pinned_and_the_locks_agree() -> None:
    found = {lock.stem: pins(lock) for lock in LOCKS}
    for source in (ROOT / "requirements").glob("*.in"):
        wanted = re.findall(r"^([A-Za-z][\w.-]*)", source.read_text(), re.MULTILINE)
        lock = found.get(source.stem, found["requirements"])
        assert {_normal(name) for name in wanted} <= set(lock), source
    shared, older = found.pop("requirements"), found.pop("transformers4")
    assert not [extra for extra in found.values() if set(extra) & set(shared)]
    assert not set(older.items()) & set(shared.items())


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.stem)
def test_every_pin_has_hashes_and_no_address(lock: Path) -> None:
    text = lock.read_text()
    assert "://" not in text
    for block in re.split(r"\n(?=\S)", text.strip())[1:]:
        first, *hashes = block.split(" \\\n")
        assert "==" in first, block
        assert hashes, first
        assert all(re.fullmatch(r"    --hash=sha256:[0-9a-f]{64}", each) for each in hashes), first


def test_nothing_is_installed_without_its_hash() -> None:
    makefile = (ROOT / "Makefile").read_text().replace("\\\n", " ")
    installs = [line for line in makefile.splitlines() if "--requirement" in line]
    assert installs
    assert all("--require-hashes" in line or "$(INSTALL)" in line for line in installs)
    assert "--no-deps --require-hashes" in makefile


def test_actions_are_pinned_by_commit() -> None:
    workflows = sorted((ROOT / ".github/workflows").glob("*.yml"))
    assert workflows
    for path in workflows:
        jobs = yaml.safe_load(path.read_text())["jobs"].values()
        used = [step["uses"] for job in jobs for step in job["steps"] if "uses" in step]
        assert used
        assert all(re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", each) for each in used), path


def test_pickles_are_loaded_as_weights_only_and_only_where_that_is_their_format() -> None:
    """Files of SCPN, stanza's parser, and checkpoints that a training of ours has just written."""
    found = set()
    for path in PYTHON:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in LOADERS:
                options = {word.arg: ast.unparse(word.value) for word in node.keywords}
                assert options.get("weights_only") == "True", f"{path}:{node.lineno}"
                found.add(path.relative_to(ROOT).as_posix())
    assert found == {
        "seqattack/scpn/files.py",
        "seqattack/scpn/stanza_parser.py",
        "seqattack/scpn/embedded/training.py",
    }


def test_commits_are_held_to_the_linters() -> None:
    makefile = (ROOT / "Makefile").read_text()
    recipe = re.search(r"^lint:.*\n((?:\t.*\n)+)", makefile, re.MULTILINE)
    assert recipe
    linters = {line.split()[0] for line in recipe[1].splitlines()} - {"snakemake"}
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"]
    assert {Path(hook["entry"].split()[0]).name for hook in hooks} == linters


def test_the_citation_is_of_this_version() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert citation["version"] == __version__
    assert citation["cff-version"] == "1.2.0"
    assert {"message", "title", "authors", "preferred-citation"} <= set(citation)
    families = [author["family-names"] for author in citation["preferred-citation"]["authors"]]
    assert all(name in (ROOT / "README.md").read_text() for name in families)


def test_the_changelog_keeps_its_form() -> None:
    text = (ROOT / "CHANGELOG.md").read_text()
    releases = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert releases[0] == "Unreleased"
    assert all(re.fullmatch(r"\d+\.\d+\.\d+ - \d{4}-\d\d-\d\d", name) for name in releases[1:])
    assert set(re.findall(r"^### (.+)$", text, re.MULTILINE)) <= CHANGES
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    if "dev" not in __version__:
        assert releases[1] == f"{__version__} - {citation['date-released']}"


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_issue_forms_are_whole(path: Path) -> None:
    form = yaml.safe_load(path.read_text())
    assert {"name", "description", "body"} <= set(form)
    assert all(field["attributes"]["label"] for field in form["body"])
    ids = [field["id"] for field in form["body"]]
    assert len(set(ids)) == len(ids)


def functions() -> dict[str, tuple[Function, list[str]]]:
    """Return every function of the library, the scripts, the tools and the rules, by its place.

    The second of each pair is the text of its file, line by line.
    """
    found = {}
    sources = {path: path.read_text() for path in PYTHON}
    # A Snakefile is no Python, but its functions are.
    for path in sorted((ROOT / "rules").glob("*.smk")):
        blocks = re.findall(r"^def .*\n(?:(?:[ \t].*)?\n)*", path.read_text(), re.MULTILINE)
        sources |= {path.with_suffix(f".{n}"): block for n, block in enumerate(blocks)}
    for path, source in sources.items():
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, Function):
                place = f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
                found[place] = node, source.splitlines()
    return found


def code_lines(function: Function, lines: list[str]) -> int:
    """Count a function's lines, docstrings and blank lines left out."""
    end = function.end_lineno or function.lineno
    docstrings = [
        node.body[0]
        for node in ast.walk(function)
        if isinstance(node, Documented) and ast.get_docstring(node, clean=False) is not None
    ]
    skipped = {
        number
        for each in docstrings
        for number in range(each.lineno, (each.end_lineno or each.lineno) + 1)
    }
    return sum(
        bool(lines[number - 1].strip())
        for number in range(function.lineno, end + 1)
        if number not in skipped
    )


def test_functions_are_short() -> None:
    lengths = {place: code_lines(*each) for place, each in functions().items()}
    assert lengths
    assert {place: n for place, n in lengths.items() if n > 60} == {}
    assert sum(n < 25 for n in lengths.values()) >= 0.9 * len(lengths)


def public(node: ast.Module | ast.ClassDef) -> Iterator[Documented]:
    """Yield the public classes, functions and methods; private and magic names are neither."""
    for each in node.body:
        if isinstance(each, Documented) and not each.name.startswith("_"):
            yield each
            if isinstance(each, ast.ClassDef):
                yield from public(each)


def parameters(function: Function) -> list[str]:
    """Return the names of a function's parameters, `self` and `cls` left out."""
    every = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
    return [each.arg for each in every if each.arg not in ("self", "cls")]


@pytest.mark.parametrize("path", PYTHON, ids=lambda path: str(path.relative_to(ROOT)))
def test_everything_public_is_documented(path: Path) -> None:
    """A docstring each, and `Args:` from three parameters on.

    A method that another class describes names it instead, as in ``; see `Goal.scores`.``. That
    `Args:` leaves no parameter out is Ruff's rule D417. A program's `main` is described by its
    module, whose docstring is its help.
    """
    module = ast.parse(path.read_text())
    is_empty = not module.body
    assert ast.get_docstring(module) or is_empty
    for node in public(module):
        if node.name == "main" and "seqattack" not in path.relative_to(ROOT).parts:
            continue
        docstring = ast.get_docstring(node)
        assert docstring, f"{node.name} has no docstring"
        if isinstance(node, Function) and len(parameters(node)) >= 3:
            explained = "Args:\n" in docstring or re.search(r"; see `\w+\.\w+`\.", docstring)
            assert explained, f"{node.name} does not explain its parameters"


def imports(path: Path) -> set[str]:
    """Return the modules that a file imports."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            found |= {f"{module}.{each.name}" for each in node.names}
    return found


@pytest.mark.parametrize("folder", ["tests", "tools", "benchmarks"])
def test_nothing_is_imported_from_a_test(folder: str) -> None:
    """What tests share is in `tests/helpers`."""
    paths = sorted((ROOT / folder).rglob("*.py"))
    assert paths
    for path in paths:
        for name in imports(path):
            is_test = name.startswith((".", "tests.")) and not name.startswith("tests.helpers.")
            assert not is_test, f"{path.relative_to(ROOT)} imports {name}"
