"""The figures of themes say the labels of themes and stages, and leave out what is hidden."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
import pandas as pd
import pytest
from matplotlib import pyplot as plt

from cxresearch import plots, voc
from cxresearch.core.languages import Language
from cxresearch.core.missing import Missing
from cxresearch.study import open_study
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


def test_themes_are_drawn_where_nobody_coded_texts(project: Path):
    texts = ["Il pacco è arrivato in ritardo", "La taglia è sbagliata", "Consegna lentissima"] * 12
    lines = [f"t{n},2026-0{1 + n // 12}-05 10:00:00,review,{said}" for n, said in enumerate(texts)]
    (project / "data" / "shop").mkdir()
    (project / "data" / "shop" / "f.csv").write_text(
        "\n".join(["text_id,ts,source,text", *lines, ""]), "utf-8"
    )
    (project / "data" / "shop" / "study.yaml").write_text(
        "title: {it: Negozio}\ncurrency: EUR\ntime_zone: UTC\ntables:\n  feedback: {file: f.csv}\n"
    )
    voice = voc.voice_of(open_study("shop"))
    shares, changes = voc.theme_shares(voice), voc.theme_changes(voice, months=1)
    assert not changes
    figure = plots.themes(shares, voc.feelings(voice), changes)
    shown = figure.shown(5).set_index("name")["value"]
    assert shown["delivery"] == pytest.approx(2 / 3)
    assert shown["fit"] == pytest.approx(1 / 3)
    bare = plots.themes(shares, Missing("no feelings"), changes)
    assert bare.shown(5)["value"].tolist() == figure.shown(5)["value"].tolist()
    missing = Missing("the study has no texts")
    assert plots.themes(missing, missing, missing) is missing
