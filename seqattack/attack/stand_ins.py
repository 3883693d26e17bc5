"""Stand in for packages that TextAttack imports at its top and that no attack here uses.

The largest of them, flair, needs an older transformers than this project can use. TextAttack only
has to be able to name their classes; who uses one is told what to install.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import Any, NoReturn

from seqattack.errors import BackendError

_PACKAGES = {
    "flair": ("flair", "flair.data", "flair.models"),  # taggers
    "bert-score": ("bert_score",),
    "langdetect": ("langdetect",),
    "jieba": ("jieba",),  # these three for Chinese
    "pinyin": ("pinyin",),
    "OpenHowNet": ("OpenHowNet",),
}
"""Packages by their names on PyPI, and the modules that TextAttack imports, parents first."""

_BESIDE = {"flair": " 'transformers<5' 'datasets<5.1' 'sentence-transformers<6'"}
"""What must be installed with a package: flair needs transformers 4, which needs older others."""


class _Absent(type):
    """The type of what a missing package would hold: fit to be subclassed, and for nothing else."""

    package: str

    def __call__(cls, *args: Any, **kwargs: Any) -> NoReturn:
        wanted = cls.package + _BESIDE.get(cls.package, "")
        raise BackendError(
            f"this part of TextAttack needs {cls.package}; run `pip install {wanted}`."
        )

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):  # Python itself asks for these
            raise AttributeError(name)
        return cls()


class _Module(ModuleType):
    """A module in which every name is an `_Absent`.

    Args:
        name: The module's name.
        package: Its package's name on PyPI.
    """

    def __init__(self, name: str, package: str) -> None:
        super().__init__(name)
        self._package = package

    def __getattr__(self, name: str) -> _Absent:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Absent(name, (), {"package": self._package})


def _is_importable(name: str) -> bool:
    try:
        import_module(name)
    except Exception:  # what is made for other versions of what it needs fails in any way
        return False
    return True


@contextmanager
def registered() -> Iterator[None]:
    """Let packages that cannot be imported here be imported inside, and be missing again after.

    Packages that can be imported are left alone, so that all of TextAttack works with them. An
    installed flair cannot be imported beside transformers 5.
    """
    made: list[str] = []
    for package, names in _PACKAGES.items():
        if _is_importable(names[0]):
            continue
        for name in names:
            sys.modules[name] = module = _Module(name, package)
            parent, _, child = name.rpartition(".")
            if parent:
                setattr(sys.modules[parent], child, module)
            made.append(name)
    try:
        yield
    finally:
        for name in made:
            del sys.modules[name]
