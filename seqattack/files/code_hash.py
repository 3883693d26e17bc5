"""Hashes of the code that a job runs, so that it runs again when that code changes, and only then.

Snakemake sees when a rule's parameters change, not when a module does. Rules carry this hash as a
parameter. What belongs to it is read from the imports in the source; nothing has to be listed.
"""

from __future__ import annotations

import ast
import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from itertools import chain
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("seqattack", "scripts")
NEUTRAL = (
    "seqattack.files.artefacts",
    "seqattack.files.fetch",
    "seqattack.masked_lm.embedded",
    "seqattack.pipeline.made",
    "seqattack.scpn.embedded.model",
)
"""Modules that change no result of a pipeline: what was fetched and checked is the same however it
came, a record of what made an output is no part of it, and models that need not be named are not
used, because a configuration names every model."""


def library_hash(*entries: str, root: Path = ROOT) -> str:
    """Return a hash of code, of all code that it imports, and of the data files that it names.

    Comments, docstrings and layout don't count, and neither do imports for type checkers.

    Args:
        *entries: Modules, such as ``scripts.score`` or, below ``seqattack``, ``report.figures``; a
            package means all its modules; ``cli.attack:add_attack`` is one function of a module,
            with all functions of that module that it names and what stands outside functions.
        root: The folder of the packages.

    Raises:
        ValueError: There is no such module or function.

    Example:
        >>> library_hash("tags") == library_hash("tags")
        True
    """
    found = {part.key: part for entry in entries for part in _parts(root, entry)}
    waiting = list(found.values())
    modules = cache(partial(_modules, root))
    while waiting:
        for path in chain.from_iterable(map(modules, waiting.pop().imports)):
            key = _key(root, path)
            if key not in found:
                found[key] = _part(root, path)
                waiting.append(found[key])
    digest = hashlib.sha256()
    for key in sorted(found):
        digest.update(f"{key}\n{found[key].text}\n".encode())
        for file in sorted(_named_files(root, found[key])):
            digest.update(file.relative_to(root).as_posix().encode() + file.read_bytes())
    return digest.hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class _Part:
    """A module, or some functions of one: its code without what doesn't count, and what it uses."""

    key: str
    path: Path
    text: str
    imports: frozenset[str]
    strings: frozenset[str]


def _parts(root: Path, entry: str) -> Iterator[_Part]:
    """Yield the modules of an entry."""
    name, _, function = entry.partition(":")
    if name.partition(".")[0] not in PACKAGES:
        name = f"seqattack.{name}"
    path = root.joinpath(*name.split("."))
    if path.is_dir():
        for module in sorted(path.rglob("*.py")):
            yield _part(root, module)
    elif path.with_suffix(".py").is_file():
        yield _part(root, path.with_suffix(".py"), function)
    else:
        raise ValueError(f"there is no module {name}")


def _part(root: Path, path: Path, function: str = "") -> _Part:
    try:
        text, imports, strings = _analysed(path.read_text(encoding="utf-8"), function)
    except KeyError as error:
        raise ValueError(f"{path} has no function {function}") from error
    return _Part(_key(root, path), path, text, imports, strings)


def _modules(root: Path, name: str) -> list[Path]:
    """Return the module that is imported by a name, and the packages that it is in."""
    if name.startswith(NEUTRAL):
        return []
    words = name.split(".")
    places = [root.joinpath(*words[:length]) for length in range(1, len(words) + 1)]
    files = [each for path in places for each in (path.with_suffix(".py"), path / "__init__.py")]
    return [path for path in files if path.is_file()]


def _key(root: Path, path: Path) -> str:
    return path.relative_to(root).as_posix()


def _named_files(root: Path, part: _Part) -> set[Path]:
    """Return the data files that a module names, beside it or at the top of its package.

    Of a folder without code all files count, if the module also names what is in it.
    """
    package = root / part.key.partition("/")[0]
    files: set[Path] = set()
    for folder in (package, part.path.parent):
        for path in (folder / name for name in part.strings.intersection(os.listdir(folder))):
            if path.is_file() and path.suffix != ".py":
                files.add(path)
            elif path.is_dir() and not any(path.rglob("*.py")):
                inside = list(path.rglob("*"))
                if part.strings & {each.name for each in inside}:
                    files.update(each for each in inside if each.is_file())
    return files


@lru_cache(maxsize=1000)
def _analysed(source: str, function: str) -> tuple[str, frozenset[str], frozenset[str]]:
    """Return a module's code, the modules that it imports, and the names in its strings."""
    tree = ast.parse(source)
    if function:
        tree.body = _reached(tree, function)
    imports: set[str] = set()
    strings: set[str] = set()
    nodes: list[ast.AST] = [tree]
    while nodes:
        node = nodes.pop()
        _strip(node)
        nodes.extend(ast.iter_child_nodes(node))
        if isinstance(node, ast.Import):
            imports.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            imports.update(f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            strings.add(node.value)
    ours = frozenset(name for name in imports if name.partition(".")[0] in PACKAGES)
    return ast.dump(tree), ours, frozenset(filter(_is_name, strings))


def _reached(tree: ast.Module, function: str) -> list[ast.stmt]:
    """Return a function, the functions of its module that it names, and what is no function."""
    functions = {each.name: each for each in tree.body if isinstance(each, ast.FunctionDef)}
    others = [each for each in tree.body if not isinstance(each, ast.FunctionDef)]
    reached = {function: functions[function]}
    waiting = [functions[function]]
    while waiting:
        for node in ast.walk(waiting.pop()):
            if isinstance(node, ast.Name) and node.id in functions and node.id not in reached:
                reached[node.id] = functions[node.id]
                waiting.append(functions[node.id])
    return [*others, *(reached[name] for name in sorted(reached))]


def _strip(node: ast.AST) -> None:
    """Take docstrings and imports for type checkers out of a node's body."""
    body = getattr(node, "body", None)
    if not isinstance(body, list):
        return
    body[:] = [each for each in body if not _is_for_type_checkers(each) and not _is_text(each)]


def _is_text(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def _is_for_type_checkers(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.If)
        and isinstance(node.test, ast.Name)
        and node.test.id == "TYPE_CHECKING"
    )


def _is_name(string: str) -> bool:
    """Whether a string can be the name of a file or folder."""
    return 0 < len(string) < 100 and string[0].isalnum() and not {"/", "\0"} & set(string)
