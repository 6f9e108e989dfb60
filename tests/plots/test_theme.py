"""The palette: one colour per category, told apart by everyone, on paper and on a dark page."""

from __future__ import annotations

import subprocess
import sys
from itertools import combinations

import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.colors import to_rgb

from cxresearch.kpis.customers import KINDS
from cxresearch.plots import theme
from cxresearch.study.schema import ORDER_STATUSES

# Machado, Oliveira & Fernandes (2009), IEEE Trans. Vis. Comput. Graph. 15, 1291-1298: severity 1.
VISION = {
    "normal": np.eye(3),
    "protan": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deutan": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritan": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
TOGETHER = [KINDS, ORDER_STATUSES, ("desktop", "mobile", "tablet")]


def linear(colour):
    channels = np.array(to_rgb(colour))
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def luminance(colour):
    return linear(colour) @ [0.2126, 0.7152, 0.0722]


def contrast(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def lab(rgb):
    """Return CIE L*a*b* (D65) of linear RGB, in which 2.3 is a just noticeable difference."""
    to_xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    x, y, z = np.cbrt(np.clip(to_xyz @ np.clip(rgb, 0, 1) / [0.9505, 1, 1.089], 0.008856, None))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("surface", ["#ffffff", "#1b1b1b"])
@pytest.mark.parametrize("colour", sorted({*theme.COLOURS.values(), theme.SERIES, theme.SIGNAL}))
def test_colours_stand_out_from_the_page(colour, surface):
    # WCAG 2.2, 1.4.11: graphical objects have a contrast of at least 3:1.
    assert contrast(colour, surface) >= 3


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize("categories", [*TOGETHER, ("signal", "series")])
def test_categories_that_meet_are_told_apart(categories, vision):
    named = {**theme.COLOURS, "signal": theme.SIGNAL, "series": theme.SERIES}
    seen = [lab(np.array(VISION[vision]) @ linear(named[name])) for name in categories]
    for one, other in combinations(seen, 2):
        assert np.linalg.norm(one - other) > 15


def test_a_category_without_a_colour_is_refused():
    with pytest.raises(ValueError, match=r"^category must be one of 'new', .*; got 'vip'$"):
        theme.colour("vip")


def test_the_theme_is_seen():
    with plt.rc_context():
        theme.use()
        assert plt.rcParams["axes.spines.top"] is False
        assert plt.rcParams["axes.grid.axis"] == "y"
        assert tuple(plt.rcParams["figure.figsize"]) == theme.FIGURE_SIZE


def test_a_name_with_dollars_is_no_formula(tmp_path):
    theme.use()
    fig, axes = plt.subplots()
    axes.set_title(r"pay $\now$")
    fig.savefig(tmp_path / "x.svg")
    plt.close(fig)
    assert "$\\now$" in (tmp_path / "x.svg").read_text("utf-8")


def test_drawing_imports_neither_seaborn_nor_scipy_stats():
    code = """
import sys
import pandas as pd
from cxresearch import plots
rows = pd.DataFrame({"month": ["2026-01"], "new": [1.0], "y": 1.0, "y_low": 0.5, "y_high": 2.0})
rows["complete"] = True
plots.stacked(rows, columns={"new": "new"}, unit="EUR", label="Revenue").axes()
plots.trend(rows, y="y", unit="EUR", label="Revenue").axes()
print([name for name in ("seaborn", "scipy.stats") if name in sys.modules])
"""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


def test_a_chart_of_seaborn_has_the_colours_of_the_kit():
    with plt.rc_context():
        theme.for_seaborn()
        assert [to_rgb(one["color"]) for one in plt.rcParams["axes.prop_cycle"]] == [
            to_rgb(hue) for hue in theme.HUES
        ]
        assert tuple(plt.rcParams["figure.figsize"]) == theme.FIGURE_SIZE
