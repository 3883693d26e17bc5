"""What the documentation needs besides its pages: MkDocs calls `on_files`, griffe `Doctests`."""

import argparse
import re
from functools import partial
from pathlib import Path
from typing import Any

import griffe
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

from seqattack.cli.main import build_parser

ROOT = Path(__file__).resolve().parent.parent
COPIES = {
    "reference/configuration.md": "config/README.md",
    "contributing.md": "CONTRIBUTING.md",
    "security.md": "SECURITY.md",
    "changelog.md": "CHANGELOG.md",
}
"""Pages that are files elsewhere in the project."""

WIDTH = 78
"""Characters of the command line's help."""

_DOCTEST = re.compile(r"^( *)>>> .*\n?(?:\1\S.*\n?)*", re.MULTILINE)


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages."""
    for page, path in COPIES.items():
        files.append(File.generated(config, page, content=(ROOT / path).read_text("utf-8")))
    files.append(File.generated(config, "reference/cli.md", content=command_line()))
    return files


def command_line() -> str:
    """Return the help of every command."""
    parser = build_parser()
    (commands,) = (a for a in parser._actions if isinstance(a, argparse._SubParsersAction))
    sections = [_section("seqattack", parser)]
    sections += [_section(f"seqattack {name}", each) for name, each in commands.choices.items()]
    return "# Command line\n\n" + "\n".join(sections)


def _section(title: str, parser: argparse.ArgumentParser) -> str:
    parser.formatter_class = partial(argparse.HelpFormatter, width=WIDTH)
    return f"## {title}\n\n```text\n{parser.format_help()}```\n"


class Doctests(griffe.Extension):
    """Shows examples in docstrings as code, wherever they stand."""

    def on_object(self, *, obj: griffe.Object, **kwargs: Any) -> None:
        """Put fences around an object's examples."""
        if obj.docstring:
            obj.docstring.value = fenced(obj.docstring.value)


def fenced(text: str) -> str:
    """Return a docstring with fences around its examples."""
    return _DOCTEST.sub(lambda m: f"{m[1]}```pycon\n{m[0].rstrip()}\n{m[1]}```\n", text)
