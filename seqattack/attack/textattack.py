"""All that the project uses of TextAttack, imported without the downloads that its import brings.

TextAttack asks NLTK to download six packages the first time it is imported, needs NLTK's stopword
list to be there, and moves the caches of other libraries when it is given a cache of its own. No
other module imports it, and this one is imported only where an attack is built: it takes seconds.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from seqattack.attack import stand_ins
from seqattack.attack.stopwords import nltk_data
from seqattack.errors import BackendError
from seqattack.files.cache import cache_folder
from seqattack.models.deferred import deferred

_MARKER = "post_install_check_3"
_MOVED = ("TFHUB_CACHE_DIR", "PYTORCH_TRANSFORMERS_CACHE", "HF_HOME", "XDG_CACHE_HOME")
_CHANGED = (*_MOVED, "TA_CACHE_DIR", "TOKENIZERS_PARALLELISM")


def _cache() -> Path:
    folder = cache_folder() / "textattack"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / _MARKER).touch()
    except OSError:
        folder = Path(tempfile.mkdtemp(prefix="seqattack-textattack-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        (folder / _MARKER).touch()
    return folder


@contextmanager
def _quiet_environment() -> Iterator[None]:
    saved = {name: os.environ.get(name) for name in _CHANGED}
    os.environ.setdefault("TA_CACHE_DIR", str(_cache()))
    try:
        yield
    finally:
        for name, value in saved.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _readable(data: Path) -> Path:
    """Return a folder of NLTK data that NLTK reads: it refuses one that others could write to.

    In a checkout made with a umask of 002 that is so; the data are then copied for this process.
    """
    if not any(path.stat().st_mode & 0o022 for path in (data, *data.rglob("*"))):
        return data
    private = Path(tempfile.mkdtemp(prefix="seqattack-nltk-"))
    atexit.register(shutil.rmtree, private, ignore_errors=True)
    copy = private / data.name
    shutil.copytree(data, copy, copy_function=shutil.copyfile)
    for path in (copy, *copy.rglob("*")):
        path.chmod(0o700 if path.is_dir() else 0o600)
    return copy


def _prepare() -> None:
    """Import TextAttack once, quietly and offline.

    Raises:
        BackendError: It is not installed.
    """
    if find_spec("textattack") is None:
        raise BackendError(
            "TextAttack is not installed; run `pip install --no-deps textattack` (it asks for "
            "packages that no attack here needs, one of which excludes transformers 5)."
        )
    with deferred():
        # These read the cache variables that TextAttack moves, so they must come first.
        import huggingface_hub  # noqa: F401
        import nltk
        import transformers  # noqa: F401

        nltk.data.path.append(str(_readable(nltk_data())))  # behind the user's own folders
        with _quiet_environment(), stand_ins.registered():
            import textattack  # noqa: F401


_prepare()

from textattack import Attack
from textattack.attack_args import ATTACK_RECIPE_NAMES
from textattack.constraints import Constraint, PreTransformationConstraint
from textattack.constraints.pre_transformation import RepeatModification
from textattack.goal_function_results import GoalFunctionResult, GoalFunctionResultStatus
from textattack.goal_functions import GoalFunction
from textattack.models.wrappers import ModelWrapper
from textattack.search_methods import GreedySearch, GreedyWordSwapWIR, SearchMethod
from textattack.shared import AttackedText
from textattack.shared.utils import words_from_text
from textattack.shared.validators import transformation_consists_of_word_swaps_and_deletions
from textattack.transformations import Transformation, WordSwap

__all__ = [
    "ATTACK_RECIPE_NAMES",
    "Attack",
    "AttackedText",
    "Constraint",
    "GoalFunction",
    "GoalFunctionResult",
    "GoalFunctionResultStatus",
    "GreedySearch",
    "GreedyWordSwapWIR",
    "ModelWrapper",
    "PreTransformationConstraint",
    "RepeatModification",
    "SearchMethod",
    "Transformation",
    "WordSwap",
    "transformation_consists_of_word_swaps_and_deletions",
    "words_from_text",
]
