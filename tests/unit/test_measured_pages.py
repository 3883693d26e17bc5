"""The pages of measured attacks are what the kept figures make."""

from __future__ import annotations

from types import ModuleType

import pytest

from seqattack.io import read_json
from tools import measure_deviations, measure_obfuscation, measure_structure

TOOLS = (measure_deviations, measure_obfuscation, measure_structure)


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.__name__)
def test_the_page_is_made_of_the_kept_figures(tool: ModuleType) -> None:
    assert tool.PAGE.read_text(encoding="utf-8") == tool.page(read_json(tool.FIGURES))
