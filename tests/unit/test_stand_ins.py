"""What stands in for packages that TextAttack imports and nobody uses."""

from __future__ import annotations

import importlib
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from seqattack.attack import stand_ins
from seqattack.errors import BackendError

MISSING = {"no-such-package": ("no_such_package", "no_such_package.data")}


def test_a_missing_package_can_be_imported_and_subclassed_but_not_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(stand_ins, "_PACKAGES", MISSING)
    with stand_ins.registered():
        package: Any = importlib.import_module("no_such_package")
        data: Any = importlib.import_module("no_such_package.data")
        assert package.data is data
        package.device = "cpu"

    subclass = type("Tokenizer", (data.Tokenizer,), {})  # TextAttack has one
    for use in (subclass, package.cut, lambda: data.Tagger.load("ner")):
        with pytest.raises(BackendError, match="needs no-such-package; run `pip install no-such"):
            use()


def test_a_missing_package_is_missing_again_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stand_ins, "_PACKAGES", MISSING)
    with pytest.raises(ZeroDivisionError), stand_ins.registered():
        raise ZeroDivisionError
    assert not {name for name in sys.modules if name.startswith("no_such_package")}
    assert find_spec("no_such_package") is None


def test_an_installed_package_that_cannot_be_imported_is_stood_in_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "no_such_package"
    folder.mkdir()
    (folder / "__init__.py").write_text("from numpy import no_such_name")
    (folder / "data.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(stand_ins, "_PACKAGES", MISSING)
    with stand_ins.registered():
        data: Any = importlib.import_module("no_such_package.data")
    with pytest.raises(BackendError, match="needs no-such-package"):
        data.Sentence("Ann won")


def test_an_installed_package_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stand_ins, "_PACKAGES", {"numpy": ("numpy",)})
    with stand_ins.registered():
        assert sys.modules["numpy"] is np
    assert sys.modules["numpy"] is np
