"""The shared look: fixed for a class, and readable for all kinds of vision and without colours."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from seqattack.report.style import (
    CLASSES,
    COLOURS,
    DARK_GREEN,
    DARK_RED,
    GREEN,
    INK,
    RED,
    SERIES,
    SOFT,
    class_looks,
    palette_css,
)

PACKAGE = Path(__file__).resolve().parents[2] / "seqattack"
CONLL = ["PER", "ORG", "LOC", "MISC"]
LABELS = st.lists(st.text(min_size=1, max_size=8), max_size=28)

VISION = {
    "all cones": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.01182, 0.04294, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.3039],
    ],
}
"""Machado, Oliveira and Fernandes (2009), severity 1, on linear RGB."""

XYZ = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.072175],
        [0.0193339, 0.119192, 0.9503041],
    ]
)


def linear(colour: str) -> NDArray[np.floating]:
    rgb = np.array([int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)])
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def lab(rgb: NDArray[np.floating]) -> NDArray[np.floating]:
    relative = XYZ @ np.clip(rgb, 0, 1) / [0.95047, 1, 1.08883]
    x, y, z = np.where(
        relative > 216 / 24389, np.cbrt(relative), (24389 / 27 * relative + 16) / 116
    )
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def contrast(one: str, other: str) -> float:
    """WCAG 2's contrast of two colours."""
    dark, light = sorted(float(XYZ[1] @ linear(each)) for each in (one, other))
    return (light + 0.05) / (dark + 0.05)


@given(LABELS, st.randoms())
def test_classes_of_a_run_never_share_a_look(labels: list[str], random: object) -> None:
    looks = class_looks(labels)
    assert len(set(looks.values())) == len(set(labels))
    shuffled = labels * 2
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert class_looks(shuffled) == looks


@given(LABELS)
def test_known_classes_look_the_same_in_every_run(labels: list[str]) -> None:
    looks = class_looks([*labels, *CONLL])
    assert {name: looks[name] for name in CONLL} == {name: CLASSES[name] for name in CONLL}


def test_more_classes_than_looks_all_get_one() -> None:
    assert len(class_looks(map(str, range(100)))) == 100


EDGES: list[Callable[[int], str]] = [lambda k: COLOURS[k].edge, lambda k: COLOURS[k].dark_edge]


@pytest.mark.parametrize("edge", EDGES, ids=["light", "dark"])
@pytest.mark.parametrize("vision", VISION)
def test_the_main_classes_differ_for_all_kinds_of_vision(
    edge: Callable[[int], str], vision: str
) -> None:
    seen = [lab(np.array(VISION[vision]) @ linear(edge(CLASSES[name].colour))) for name in CONLL]
    assert min(np.linalg.norm(a - b) for a, b in combinations(seen, 2)) > 10


@pytest.mark.parametrize("edge", EDGES, ids=["light", "dark"])
def test_the_main_classes_differ_without_colours(edge: Callable[[int], str]) -> None:
    lightness = sorted(lab(linear(edge(CLASSES[name].colour)))[0] for name in CONLL)
    assert min(np.diff(lightness)) > 6
    assert len({CLASSES[name].shape for name in CONLL}) == len(CONLL)
    assert len({(each.line, each.marker) for each in SERIES}) == len(SERIES)


def test_text_is_readable_on_every_tint() -> None:
    for each in COLOURS:
        assert all(contrast(text, each.tint) >= 4.5 for text in (INK, SOFT, RED))
        assert all(
            contrast(text, each.dark_tint) >= 4.5 for text in ("#e8eaee", "#a5acb8", DARK_RED)
        )
        assert contrast(each.edge, "#ffffff") >= 3
        assert contrast(each.dark_edge, "#14161a") >= 3


def test_verdicts_have_one_colour_in_report_and_application() -> None:
    styles = {"report/templates": ("yes", "no"), "app/static": ("verdict.holds", "verdict.fails")}
    for folder, (holds, fails) in styles.items():
        rules = (PACKAGE / folder / "style.css").read_text(encoding="utf-8")
        assert f".{holds} {{ color: var(--green);" in rules
        assert f".{fails} {{ color: var(--red);" in rules
    for name, light, dark in (("green", GREEN, DARK_GREEN), ("red", RED, DARK_RED)):
        assert f"--{name}: {light};" in palette_css()
        assert f"--{name}: {dark};" in palette_css()
        assert contrast(light, "#ffffff") >= 4.5
        assert contrast(dark, "#14161a") >= 4.5


def test_the_rules_have_every_look() -> None:
    rules = palette_css()
    for look in class_looks(map(str, range(28))).values():
        assert all(f".{name} {{" in rules for name in look.css.split())
    assert all(each.edge in rules and each.dark_edge in rules for each in COLOURS)
