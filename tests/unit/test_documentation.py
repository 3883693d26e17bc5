"""Every command, config and module that the documentation names is there and accepted.

What can be run on a tiny model is run in `tests/integration/test_documentation.py`; the project's
own configs are planned by Snakemake in `tests/workflow/test_bare.py`.
"""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import tomllib
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml
from snakemake.cli import get_argument_parser

import seqattack
from seqattack.attack.recipes.registry import KNOWN_RECIPES, find_recipe
from seqattack.attack.recipes.textattack import TEXTATTACK_RECIPES
from seqattack.cli.main import build_parser
from seqattack.pipeline.config import load_config
from tests.helpers.documentation import (
    LANGUAGES,
    PAGES,
    PROGRAMS,
    ROOT,
    blocks,
    commands,
    shell_lines,
)

SHELL = {*PROGRAMS, ".", "conda", "pip", "pre-commit"}
COMMANDS = [(page, words) for page in PAGES for words in commands(page)]
MINIMAL = yaml.safe_load((ROOT / "config" / "demo.yaml").read_text())


def of(program: str) -> list[Any]:
    return [
        pytest.param(page, words[1:], id=f"{page.name}: {' '.join(words)}")
        for page, words in COMMANDS
        if words[0] == program
    ]


def files(page: Path) -> set[str]:
    """Return the files that a page tells its reader to write."""
    return {block.title for block in blocks(page) if block.title}


def test_there_are_commands_of_every_program() -> None:
    assert {words[0] for _, words in COMMANDS} >= set(PROGRAMS)
    assert len(of("seqattack")) > 20


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_block_is_left_out(page: Path) -> None:
    """Commands stand in blocks marked ``sh``, and begin with a program that is tested here."""
    for block in blocks(page):
        assert block.language in LANGUAGES
        if block.language == "sh":
            assert {words[0] for words in shell_lines(block)} <= SHELL
        elif not block.language:
            assert not re.match(rf"({'|'.join(SHELL - {'.'})}) ", block.text)


@pytest.mark.parametrize(("page", "words"), of("seqattack"))
def test_seqattack_takes_the_options(page: Path, words: list[str]) -> None:
    if len(words) == 1 or "--list" in words:  # a command's name in running text, or a list
        words = [*words, "--help"][:2]
        with pytest.raises(SystemExit, match="0"):
            build_parser().parse_args(words)
        return
    for resource in entry_points(page, "seqattack.resources"):
        if f"--{resource}" in words:  # an option of the package that the page makes
            del words[(place := words.index(f"--{resource}")) : place + 2]
    options = build_parser().parse_args(words)
    recipe = getattr(options, "recipe", None)
    if recipe and recipe not in entry_points(page, "seqattack.recipes"):
        find_recipe(recipe)
    config = getattr(options, "config", None)
    if config and config.suffix == ".yaml":
        assert str(config) in files(page) or (ROOT / config).is_file()


def entry_points(page: Path, group: str) -> set[str]:
    """Return the names in a group of entry points of the packages that a page makes."""
    found: set[str] = set()
    for block in blocks(page):
        if block.language == "toml":
            found |= set(tomllib.loads(block.text)["project"]["entry-points"].get(group, ()))
    return found


@pytest.mark.parametrize(("page", "words"), of("make"))
def test_make_has_the_target(page: Path, words: list[str]) -> None:
    done = subprocess.run(["make", "-n", *words], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(("page", "words"), of("snakemake"))
def test_snakemake_takes_the_options(page: Path, words: list[str]) -> None:
    options = get_argument_parser().parse_args(words)
    for config in map(str, options.configfile):
        assert config == "CONFIG" or config in files(page) or (ROOT / config).is_file()
    for profile in options.profile or []:
        assert (ROOT / profile / "config.yaml").is_file()
    resources = {each.partition(":")[0] for each in options.set_resources or []}
    assert {*resources, *options.until, *options.forcerun} <= rules()


def rules() -> set[str]:
    texts = (path.read_text() for path in (ROOT / "rules").glob("*.smk"))
    return {
        name for text in texts for name in re.findall(r"^(?:rule|checkpoint) (\w+):", text, re.M)
    }


@pytest.mark.parametrize(("page", "words"), of("python"))
def test_python_has_the_module(page: Path, words: list[str]) -> None:
    assert words[0] == "-m"
    assert find_spec(words[1])
    assert all((ROOT / word).exists() for word in words[2:] if word.startswith("tests"))


@pytest.mark.parametrize(
    ("page", "block"),
    [(page, block) for page in PAGES for block in blocks(page) if block.language == "yaml"],
    ids=lambda value: value.name if isinstance(value, Path) else value.text.split(":")[0],
)
def test_configs_are_valid(page: Path, block: Any) -> None:
    """A part of a config is tried in the demo's; a profile's keys are Snakemake's options."""
    value = yaml.safe_load(block.text)
    if isinstance(value.get("jobs"), dict):  # of GitHub's; a profile has a number there
        commands = [step["run"] for each in value["jobs"].values() for step in each["steps"][2:]]
        assert commands[1].startswith("seqattack check")
        build_parser().parse_args(shlex.split(commands[1])[1:])
    elif "executor" in value:
        known = {name for a in get_argument_parser()._actions for name in a.option_strings}
        assert {f"--{key}" for key in value} <= known
    else:
        load_config(value if "corpus" in value and "attacks" in value else {**MINIMAL, **value})


def test_the_reference_has_every_module() -> None:
    shown = {
        name
        for page in (ROOT / "docs" / "reference" / "library").glob("*.md")
        for name in re.findall(r"^::: seqattack\.(\w+)$", page.read_text(), re.M)
    }
    modules = {path.stem for path in (ROOT / "seqattack").glob("*.py")}
    modules |= {path.parent.name for path in (ROOT / "seqattack").glob("*/__init__.py")}
    assert shown == {name for name in modules if not name.startswith("__")}


def test_the_page_of_the_public_face_has_every_name() -> None:
    table = (ROOT / "docs/python.md").read_text().partition("## The public face")[2]
    shown = re.findall(r"^\| (.+?) \|", table, re.MULTILINE)
    names = re.findall(r"`seqattack\.(\w+)`", " ".join(shown))
    assert sorted(names) == sorted(name for name in seqattack.__all__ if name[0] != "_")


def test_the_page_of_attacks_has_every_recipe_of_our_own() -> None:
    cells = re.findall(r"^\| (`[^|]+) \|", (ROOT / "docs/attacks.md").read_text(), re.MULTILINE)
    table = set(re.findall(r"`([a-z-]+)", " ".join(cells)))
    own = {re.sub(r"\d+$", "", name) for name in KNOWN_RECIPES if name not in TEXTATTACK_RECIPES}
    assert own <= table


def test_the_page_of_attacks_says_what_each_needs() -> None:
    page = (ROOT / "docs/attacks.md").read_text()
    rows = re.findall(r"^\| `--([a-z-]+)` \| ([^|]+) \|", page, re.M)
    shown = {need: set(re.findall(r"`([a-z-]+)`", names)) for need, names in rows}
    needs = {name: find_recipe(name).needs - {"similarity"} for name in KNOWN_RECIPES}
    wanted: dict[str, set[str]] = {}
    for name, need in ((name, need) for name, each in needs.items() for need in each):
        wanted.setdefault(need, set()).add(re.sub(r"-(published|spread)$", "", name))
    assert shown == wanted


@pytest.mark.parametrize("page", ["README.md", "docs/index.md", "mkdocs.yml"])
def test_every_guide_is_named(page: str) -> None:
    names = [path.name for path in (ROOT / "docs" / "howto").glob("*.md")]
    text = (ROOT / page).read_text()
    assert [name for name in names if f"howto/{name}" not in text] == []


@pytest.mark.parametrize("page", [p for p in PAGES if ROOT / "docs" not in p.parents], ids=str)
def test_links_lead_somewhere(page: Path) -> None:
    """Those of `docs` are checked when the site is built."""
    links = re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text())
    local = [link for link in links if "://" not in link]
    assert [link for link in local if not (page.parent / link).exists()] == []


@pytest.mark.slow
def test_the_site_builds_without_a_warning_and_loads_nothing_from_elsewhere(tmp_path: Path) -> None:
    pytest.importorskip("mkdocs", reason="MkDocs is installed by `make docs`")
    call = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path)]
    done = subprocess.run(call, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    loaded = re.compile(r"<(?:script|link|img|iframe)\b[^>]*?(?:src|href)=\"(?:https?:)?//[^\"]+")
    for page in tmp_path.rglob("*.html"):
        found = [tag for tag in loaded.findall(page.read_text()) if 'rel="canonical"' not in tag]
        assert found == [], page
