"""Figure 4: drawn whatever the data, true to it, and the same bytes every time."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from seqattack.metrics.density import LEAST, density_panel
from seqattack.metrics.metric import find_metric
from seqattack.metrics.scores import ScoredExample
from seqattack.report.figures import Comparison, write_figure_4
from tests.helpers.records import scored_example

LABELS_SCORE = find_metric("labels_score")


def scored(rates: list[float | None]) -> list[ScoredExample]:
    return [
        scored_example(i, rate, 0.0 if rate is None else min(1.0, 2 * rate))
        for i, rate in enumerate(rates)
    ]


def comparison(rates: list[float | None]) -> Comparison:
    baseline = scored(list(np.linspace(0.1, 0.9, 30)))
    names = ("NERsmall", "NERsmall + 500")
    return Comparison("CLARE", "untargeted", 512, names, (baseline, scored(rates)), 0)


@pytest.mark.parametrize("rates", [[0.2, 0.2, 0.2], [None, None], [0.3, None]])
def test_the_figure_is_drawn_whatever_the_data(tmp_path: Path, rates: list[float | None]) -> None:
    write_figure_4(comparison(rates), tmp_path / "figure4")
    assert (tmp_path / "figure4.pdf").stat().st_size > 5000
    (tmp_path / "figure4-column.tex").read_text().index(r"\begin{figure}")


def test_the_figure_is_reproducible(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        write_figure_4(comparison(list(np.linspace(0.05, 0.6, 40))), tmp_path / name / "figure4")
    written = sorted(path.name for path in (tmp_path / "a").iterdir())
    stems = {"figure4": [".pdf", ".png", ".svg", ".tex", ".txt"], "figure4-dark": [".svg"]}
    stems["figure4-column"] = [".pdf", ".svg", ".tex", ".txt"]
    assert written == sorted(f"{stem}{end}" for stem, ends in stems.items() for end in ends)
    for name in written:
        data = (tmp_path / "a" / name).read_bytes()
        assert data == (tmp_path / "b" / name).read_bytes()
    root = ElementTree.parse(tmp_path / "a" / "figure4-column.svg").getroot()
    assert float(root.attrib["width"].removesuffix("pt")) == pytest.approx(72 * 3.03, abs=0.1)


def test_the_caption_has_what_a_reader_of_a_paper_asks_for() -> None:
    text = comparison([0.1, 0.2, 0.4, None]).caption
    assert "CLARE on NERsmall and on NERsmall + 500" in text
    assert "goal untargeted, at most 512 queries" in text
    assert "NERsmall n = 30, mean 50% [" in text
    assert "NERsmall + 500 n = 3, mean 23% [10, 40]" in text
    assert "(n = 3)" in text
    assert "p = " in text
    assert "Of fewer than 10 values, each is a mark" in text


def test_a_density_needs_ten_values() -> None:
    values = list(np.linspace(0.1, 0.9, LEAST))
    panel = density_panel(LABELS_SCORE, [values, values[1:], [0.5] * 20], upper=1.0)
    assert [density.heights is None for density in panel.densities] == [False, True, True]


@pytest.mark.parametrize("shape", [(1, 1), (0.6, 0.8), (4, 1)])
def test_densities_are_not_too_low_at_the_bounds(shape: tuple[float, float]) -> None:
    """The integral is 1; of evenly spread values, the density is about 1 everywhere."""
    values = np.random.default_rng(0).beta(*shape, 4000)
    panel = density_panel(LABELS_SCORE, [list(values)], upper=1.0)
    heights = panel.densities[0].heights
    assert heights is not None
    assert np.trapezoid(heights, panel.grid) == pytest.approx(1, abs=0.01)
    if shape == (1, 1):
        assert np.allclose(heights, 1, atol=0.15)
