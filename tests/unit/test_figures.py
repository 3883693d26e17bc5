"""Figure 4: drawn whatever the data, and the same bytes every time."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from seqattack.metrics.scores import ScoredExample
from seqattack.report.figures import kde_figure
from tests.helpers.records import scored_example


def scored(rates: list[float | None]) -> list[ScoredExample]:
    return [
        scored_example(i, rate, 0.0 if rate is None else min(1.0, 2 * rate))
        for i, rate in enumerate(rates)
    ]


@pytest.mark.parametrize(
    "rates", [list(np.linspace(0.05, 0.6, 40)), [0.2, 0.2, 0.2], [None, None], [0.3, None]]
)
def test_the_figure_is_drawn_and_reproducible(tmp_path: Path, rates: list[float | None]) -> None:
    baseline = scored(list(np.linspace(0.1, 0.9, 30)))
    for name in ("a", "b"):
        kde_figure(baseline, scored(rates), tmp_path / name, ("NERsmall", "NERsmall 500"))
    for ending in (".pdf", ".png"):
        data = (tmp_path / f"a{ending}").read_bytes()
        assert len(data) > 5000
        assert data == (tmp_path / f"b{ending}").read_bytes()
