"""The command that writes sentences in another format."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from seqattack.cli.options import add_sentences, check_outputs, read

FORMATS = ("conll", "jsonl", "hf-json", "parquet", "doccano", "label-studio", "spacy")
"""The names of `seqattack.corpus.formats.WRITERS`, which would import much."""


def add_convert(commands: Any) -> None:
    """Add the command that converts a file of sentences."""
    parser = commands.add_parser("convert", help="write sentences in another file format")
    parser.set_defaults(run=_convert)
    add_sentences(parser)
    parser.add_argument("--format", required=True, choices=FORMATS, help="the format to write")
    parser.add_argument("--output", required=True, type=Path, help="the file to write")


def _convert(options: argparse.Namespace) -> None:
    check_outputs([options.output], [options.sentences])
    sentences = read(options.sentences, options)
    from seqattack.corpus import say
    from seqattack.corpus.formats import WRITERS

    WRITERS[options.format](options.output, sentences)
    say(f"{options.output}: {len(sentences)} sentences")
