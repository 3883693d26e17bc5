"""Import TextAttack without the downloads and settings that its import brings with it.

TextAttack asks NLTK to download six packages the first time it is imported, needs NLTK's stopword
list to be there, and moves the caches of other libraries when it is given a cache of its own.
Modules that subclass TextAttack's classes import this one first; they are themselves imported only
where an attack is built.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path

from seqattack.attack import stand_ins

_MARKER = "post_install_check_3"
_MOVED = ("TFHUB_CACHE_DIR", "PYTORCH_TRANSFORMERS_CACHE", "HF_HOME", "XDG_CACHE_HOME")


def nltk_data() -> Path:
    """Return the folder of the NLTK data that the project ships (a list of stopwords)."""
    return Path(str(resources.files("seqattack") / "data" / "nltk_data"))


def stopwords() -> frozenset[str]:
    """Return the English stopwords that no attack changes, in lower case.

    CoNLL's clitics (``'s``, ``n't``) are among them, since they are tokens of their own there.
    """
    path = nltk_data() / "corpora" / "stopwords" / "english"
    return frozenset(path.read_text(encoding="utf-8").split())


def _cache_folder() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    folder = Path(base) / "seqattack" / "textattack"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / _MARKER).touch()
    except OSError:
        folder = Path(tempfile.mkdtemp(prefix="seqattack-textattack-"))
        (folder / _MARKER).touch()
    return folder


@contextmanager
def _quiet_environment() -> Iterator[None]:
    saved = {name: os.environ.get(name) for name in (*_MOVED, "TA_CACHE_DIR")}
    parallelism = os.environ.get("TOKENIZERS_PARALLELISM")
    os.environ.setdefault("TA_CACHE_DIR", str(_cache_folder()))
    try:
        yield
    finally:
        for name, value in (*saved.items(), ("TOKENIZERS_PARALLELISM", parallelism)):
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def prepare() -> None:
    """Import TextAttack once, quietly and offline."""
    # These read the cache variables that TextAttack moves, so they must come first.
    import huggingface_hub  # noqa: F401
    import nltk
    import transformers  # noqa: F401

    nltk.data.path.append(str(nltk_data()))  # behind the user's own folders
    with _quiet_environment(), stand_ins.registered():
        import textattack  # noqa: F401


prepare()
