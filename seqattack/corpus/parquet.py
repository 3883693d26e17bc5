"""Parquet files, and Hugging Face's datasets in JSON, whose tags are class labels."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqattack import io
from seqattack.corpus.blocks import Notes, Origin
from seqattack.corpus.jsonl import parse_values
from seqattack.corpus.keys import tag_features
from seqattack.corpus.options import ReadOptions
from seqattack.corpus.statistics import tag_set
from seqattack.corpus.tag_names import write_names
from seqattack.errors import CorpusError
from seqattack.io import atomic_path
from seqattack.sentence import Sentence

if TYPE_CHECKING:
    from datasets import Dataset


def read_parquet(
    path: str | Path, split: str, options: ReadOptions, notes: Notes
) -> list[Sentence]:
    """Read a parquet file, in any form that JSON may have, too.

    Args:
        path: The file.
        split: Begins the ids of sentences that have none.
        options: What is known of the file; without `tag_names` its features give them.
        notes: What is guessed, repaired or left out is written here.

    Raises:
        CorpusError: The file can't be read, or a row is not a sentence.
    """
    from datasets import Dataset
    from pyarrow import ArrowException
    from pyarrow.parquet import read_table

    try:
        data = Dataset(read_table(str(path)))
    except (ArrowException, OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise _damaged(path, error) from error
    return read_dataset(path, data, split, options, notes)


def read_dataset(
    name: str | Path, data: Dataset, split: str, options: ReadOptions, notes: Notes
) -> list[Sentence]:
    """Return the sentences of a split of a dataset.

    Args:
        name: Of the dataset, for messages.
        data: The split.
        split: Begins the ids of sentences that have none.
        options: What is known of it; without `tag_names` its features give them.
        notes: What is guessed, repaired or left out is written here.

    Raises:
        CorpusError: A row is not a sentence; the message names it.
    """
    for option in ("token_column", "tag_column"):
        column = getattr(options, option)
        if isinstance(column, str) and column not in data.column_names:
            raise CorpusError(
                f"{name}: no column {column!r}; it has {', '.join(data.column_names)}. Name the "
                "columns: --token-column, --tag-column (config: columns: {token: ..., tag: ...})."
            )
    names = options.tag_names or _label_names(data.features, options)
    options = replace(options, tag_names=names)
    rows = enumerate(map(_without_number, _rows(name, data)), 1)
    return parse_values(Origin(name, "row"), rows, split, options, notes)


def _rows(name: str | Path, data: Dataset) -> Iterator[Mapping[str, Any]]:
    """Yield the rows of a dataset, whose texts are read only now."""
    rows = iter(data)
    while True:
        try:
            yield next(rows)
        except StopIteration:
            return
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise _damaged(name, error) from error


def _damaged(name: str | Path, error: Exception) -> CorpusError:
    return CorpusError(f"{name}: cannot be read as parquet ({type(error).__name__}); check it.")


def write_parquet(path: str | Path, sentences: Iterable[Sentence]) -> None:
    """Write sentences with the columns ``id``, ``tokens`` and ``ner_tags``, atomically.

    The tags are class labels, whose names are in the file.
    """
    import pyarrow.parquet

    with atomic_path(path) as temporary:
        pyarrow.parquet.write_table(_dataset(list(sentences)).data.table, str(temporary))


def write_hf_json(path: str | Path, sentences: Iterable[Sentence]) -> None:
    """Write JSON lines with ``id``, ``tokens`` and ``ner_tags`` as numbers, atomically.

    The names of the tags go into a file beside it: ``NAME.labels.json``.
    """
    sentences = list(sentences)
    names = _tag_names(sentences)
    number = {name: index for index, name in enumerate(names)}
    write_names(Path(path), names)
    io.write_jsonl(path, (_row(sentence, number) for sentence in sentences))


def _without_number(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a row without an id that is only its number, which other splits have, too."""
    has_number = "id" in row and str(row["id"]).isdecimal()
    return {key: row[key] for key in row if key != "id"} if has_number else row


def _dataset(sentences: list[Sentence]) -> Dataset:
    from datasets import ClassLabel, Dataset, Features, List, Value

    names = _tag_names(sentences)
    number = {name: index for index, name in enumerate(names)}
    features = Features(
        {
            "id": Value("string"),
            "tokens": List(Value("string")),
            "ner_tags": List(ClassLabel(names=names)),
        }
    )
    return Dataset.from_list([_row(each, number) for each in sentences], features=features)


def _row(sentence: Sentence, number: Mapping[str, int]) -> dict[str, Any]:
    tags = [number[tag] for tag in sentence.tags]
    return {"id": sentence.id, "tokens": list(sentence.tokens), "ner_tags": tags}


def _tag_names(sentences: Iterable[Sentence]) -> list[str]:
    return list(tag_set(sentences))


def _label_names(features: Mapping[str, Any], options: ReadOptions) -> tuple[str, ...]:
    """Return the names of the tags in a dataset's features; nothing where they are strings."""
    return tuple(next(_names_in(features, options), ()))


def _names_in(feature: Any, options: ReadOptions) -> Iterator[Iterable[str]]:
    """Yield the names of class labels in a feature, in lists and structs too."""
    if names := getattr(feature, "names", None):
        yield names
    inner = getattr(feature, "feature", feature)
    if isinstance(inner, Mapping):
        for each in tag_features(inner, options):
            yield from _names_in(each, options)
    elif inner is not feature:
        yield from _names_in(inner, options)
