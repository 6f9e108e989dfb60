"""The figures of themes say the labels of themes and stages, and leave out what is hidden."""

from __future__ import annotations

import math

import matplotlib as mpl
import pandas as pd
import pytest
from matplotlib import pyplot as plt

from cxresearch import plots
from cxresearch.core.languages import Language
from cxresearch.core.missing import Missing
from cxresearch.voc import NpsLosses, ThemeStages, associations
from cxresearch.voc.estimates.theme_tables import Lead

mpl.use("agg")

ITALIAN = Language("it", {"fit": "Taglia", "service": "Servizio clienti"})
STAGES = ThemeStages(
    rows=pd.DataFrame(
        {
            "theme": ["fit", "fit", "service", "service"],
            "stage": ["service", "purchase"] * 2,
            "share": [0.2, 0.4, 0.1, 0.3],
            "sentiment": [0.1, -0.4, 0.2, 0.3],
            "customers": [50.0, 60.0, 2.0, 70.0],
        }
    ),
    themes=("service", "fit", "price"),
    stages=("awareness", "purchase", "service"),
)


@pytest.fixture(autouse=True)
def _no_figure_left_open():
    with plt.rc_context():
        yield
    plt.close("all")


def losses(min_cell: int) -> NpsLosses:
    themes = pd.DataFrame({"fit": [True, False] * 20, "service": [True] * 3 + [False] * 37})
    found = associations(themes, [-100.0, 100.0, -50.0, 40.0] * 10, unit="points")
    return NpsLosses(found=found, hardest=Lead("fit", None, separated=False), min_cell=min_cell)


def test_a_stage_that_is_called_as_a_theme_has_its_own_name():
    share, feeling = plots.theme_stages(STAGES)
    # Of two by two cells none may be hidden alone: a page would hide all of them.
    assert share.shown(5)["share"].isna().all()
    rows = STAGES.rows.copy()
    rows.loc[2, ["share", "sentiment", "customers"]] = math.nan
    axes = share.draw(rows, ITALIAN)
    assert [one.get_text() for one in axes.get_xticklabels()] == ["Acquisto", "Assistenza"]
    assert [one.get_text() for one in axes.get_yticklabels()] == ["Servizio clienti", "Taglia"]
    words = feeling.describe(rows, ITALIAN)
    assert "Taglia, Acquisto: -40" in words
    assert "Servizio clienti, Assistenza" not in words


def test_impacts_are_of_themes_that_enough_complain_of():
    found = losses(min_cell=5)
    assert list(found.estimates) == ["nps_impact_fit"]
    figure = plots.impacts(found)
    assert figure.describe(figure.shown(5), ITALIAN).count("Taglia") == 1
    assert "Servizio" not in figure.describe(figure.shown(5), ITALIAN)
    assert not plots.impacts(losses(min_cell=30))
    missing = Missing("the study has no surveys")
    assert plots.impacts(missing) is missing
