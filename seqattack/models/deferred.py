"""Put off the import of packages that another package names at its top and seldom uses.

transformers and TextAttack import scientific packages and compilers for a few of their many parts.
Inside `deferred`, such a package is stood in for by names; what a name stands for is imported when
it is first used: called, looked into, subclassed, or asked whether an object is one of its kind.

Such packages are imported by one thread at a time: transformers replaces itself among the modules
while it is imported, and a second thread would be given what it was before, without its names.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache, wraps
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from types import ModuleType
from typing import Any

from seqattack.files.packages import package_version

SELDOM_USED = (
    *("datasets", "lemminflect", "num2words", "pandas", "sklearn", "word2number"),
    *("scipy.optimize", "scipy.sparse", "scipy.special", "scipy.stats"),
    *("torch._dynamo", "torch.distributed.checkpoint", "torch.distributed.tensor"),
    *("transformers.distributed.expert_parallel", "transformers.distributed.tensor_parallel"),
    "transformers.integrations.flex_attention",
)
"""What transformers, sentence-transformers, NLTK, TextAttack and seqeval import for a few of
their parts."""

DECORATORS = tuple(
    f"torch._dynamo.{name}" for name in ("allow_in_graph", "assume_constant_result", "disable")
)
"""Names in these packages that other packages use as decorators."""

_ALONE = threading.RLock()
"""Held by the thread that imports."""


class _Name:
    """Something in a package whose import is put off.

    Args:
        module: The module that it is imported from.
        name: Its name there.
    """

    def __init__(self, module: _Module, name: str) -> None:
        self._module = module
        self.__name__ = name

    def _real(self) -> Any:
        return getattr(self._module.real(), self.__name__)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if f"{self._module.__name__}.{self.__name__}" in DECORATORS and args and callable(args[0]):
            return self._decorated(*args, **kwargs)
        return self._real()(*args, **kwargs)

    def _decorated(self, function: Any, *args: Any, **kwargs: Any) -> Any:
        """Return a function that is the plain one until the package is imported.

        From then on, it is the decorated one.
        """

        @cache
        def real() -> Any:
            return self._real()(function, *args, **kwargs)

        @wraps(function)
        def decorated(*given: Any, **named: Any) -> Any:
            return (real() if self._module.is_imported() else function)(*given, **named)

        return decorated

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # Python itself asks for these
            raise AttributeError(name)
        return getattr(self._real(), name)

    def __mro_entries__(self, bases: tuple[Any, ...]) -> tuple[Any, ...]:
        return (self._real(),)

    def __instancecheck__(self, instance: Any) -> bool:
        return self._module.is_imported() and isinstance(instance, self._real())

    def __subclasscheck__(self, subclass: type) -> bool:
        return self._module.is_imported() and issubclass(subclass, self._real())

    def __or__(self, other: Any) -> Any:  # in annotations
        return self

    __ror__ = __or__


class _Module(ModuleType):
    """A module of which every name is a `_Name`.

    Args:
        name: The module's name.
        finder: What made it.
    """

    def __init__(self, name: str, finder: _Finder) -> None:
        super().__init__(name)
        self._finder = finder

    def is_imported(self) -> bool:
        """Whether the module itself has been imported by now."""
        return type(sys.modules.get(self.__name__, self)) is not _Module

    def real(self) -> ModuleType:
        """Return the module itself."""
        if not self.is_imported():
            self._finder.give_up(self.__name__)
        return import_module(self.__name__)

    def __getattr__(self, name: str) -> Any:
        if name == "__version__":
            return package_version(self.__name__) or getattr(self.real(), name)
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self.real(), name) if self.is_imported() else _Name(self, name)


class _Finder(MetaPathFinder, Loader):
    """Finds stand-ins for some packages and everything in them.

    Args:
        packages: Their names.
    """

    def __init__(self, packages: Sequence[str]) -> None:
        self._packages = list(packages)
        self._thread = threading.get_ident()
        self._made: list[str] = []

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        if self._thread != threading.get_ident():
            return None
        if any(f"{fullname}.".startswith(f"{each}.") for each in self._packages):
            return ModuleSpec(fullname, self, is_package=True)
        return None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        self._made.append(spec.name)
        return _Module(spec.name, self)

    def exec_module(self, module: ModuleType) -> None:
        """There is nothing to run."""

    def give_up(self, module: str = "") -> None:
        """Stand in no longer for the package of a module, or for any.

        Args:
            module: The module's name; none for all.
        """
        over = [each for each in self._packages if f"{module or each}.".startswith(f"{each}.")]
        self._packages = [each for each in self._packages if each not in over]
        for name in self._made:
            if any(f"{name}.".startswith(f"{each}.") for each in over):
                _forget(name)


def _forget(name: str) -> None:
    """Take a stand-in out of the modules, and out of its parent."""
    module = sys.modules.get(name)
    if not isinstance(module, _Module):
        return
    del sys.modules[name]
    parent, _, child = name.rpartition(".")
    if vars(sys.modules.get(parent, module)).get(child) is module:
        delattr(sys.modules[parent], child)


@contextmanager
def deferred(*packages: str) -> Iterator[None]:
    """Import modules inside without importing what they import of some packages.

    Packages that have been imported already, or are not installed, are left alone. Other threads
    wait until the block has ended.

    Args:
        packages: Their names, such as ``scipy.stats``; none for those that are `SELDOM_USED`.

    Example:
        >>> with deferred("tabnanny"):
        ...     from tabnanny import NannyNag
        >>> isinstance(NannyNag, type)
        False
        >>> import tabnanny
        >>> issubclass(tabnanny.NannyNag, NannyNag)
        True
    """
    wanted = packages or SELDOM_USED
    there = [each for each in wanted if find_spec(each.partition(".")[0]) is not None]
    with _ALONE:
        finder = _Finder([each for each in there if each not in sys.modules])
        sys.meta_path.insert(0, finder)
        try:
            yield
        finally:
            sys.meta_path.remove(finder)
            finder.give_up()
