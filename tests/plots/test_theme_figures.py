"""The figures of themes say the labels of themes and stages, and leave out what is hidden."""

from __future__ import annotations

import matplotlib as mpl
import pandas as pd
import pytest
from matplotlib import pyplot as plt

from cxresearch import plots
from cxresearch.core.languages import Language
from cxresearch.core.missing import Missing
from cxresearch.voc import NpsLosses, associations
from cxresearch.voc.estimates.theme_tables import Lead

mpl.use("agg")

ITALIAN = Language("it", {"fit": "Taglia", "service": "Servizio clienti"})


@pytest.fixture(autouse=True)
def _no_figure_left_open():
    with plt.rc_context():
        yield
    plt.close("all")


def losses(min_cell: int) -> NpsLosses:
    themes = pd.DataFrame({"fit": [True, False] * 20, "service": [True] * 3 + [False] * 37})
    found = associations(themes, [-100.0, 100.0, -50.0, 40.0] * 10, unit="points")
    return NpsLosses(found=found, hardest=Lead("fit", None, separated=False), min_cell=min_cell)


def test_impacts_are_of_themes_that_enough_complain_of():
    found = losses(min_cell=5)
    assert list(found.estimates) == ["nps_impact_fit"]
    figure = plots.impacts(found)
    assert figure.describe(figure.shown(5), ITALIAN).count("Taglia") == 1
    assert "Servizio" not in figure.describe(figure.shown(5), ITALIAN)
    assert not plots.impacts(losses(min_cell=30))
    missing = Missing("the study has no surveys")
    assert plots.impacts(missing) is missing
