"""The figures of the satisfaction page hold the numbers of their results, and say them in words."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt

from cxresearch import plots, survey
from cxresearch.core import phrasing
from cxresearch.core.languages import Language
from cxresearch.core.missing import Missing
from cxresearch.core.remarks import Remark
from cxresearch.core.table import Column, Table
from cxresearch.survey import Course, RatedParts, importance_performance, key_drivers

mpl.use("agg")


@pytest.fixture(autouse=True)
def _no_figure_left_open():
    with plt.rc_context():
        yield
    plt.close("all")


def course(*, weighted: bool = True, target: float | None = 30.0) -> Course:
    rows = pd.DataFrame({"period": ["2026-03", "2026-06", "2026-09"], "raw": [40.0, 20.0, 42.0]})
    rows["weighted"] = [28.0, 27.0, 33.0] if weighted else np.nan
    for name in ("raw", "weighted"):
        rows[f"{name}_low"], rows[f"{name}_high"] = rows[name] - 5, rows[name] + 5
    rows = rows.assign(n=300, people=280, lower=15.0, upper=40.0, centre=28.0, signal="")
    return Course(
        frame=rows, label=Remark("NPS"), unit="", target=target, is_weighted=weighted
    )  # fmt: skip


@pytest.fixture
def parts() -> RatedParts:
    rng = np.random.default_rng(0)
    table = pd.DataFrame({name: rng.integers(1, 6, 200) for name in ("delivery", "price", "site")})
    found = key_drivers(table["delivery"] + 0.3 * rng.normal(size=200), table, resamples=0)
    shares = dict(zip(found.drivers["driver"], found.drivers["share"], strict=True))
    return RatedParts(
        drivers=found,
        map=importance_performance(shares, {"delivery": 2.0, "price": 4.0, "site": 4.5}),
        rated={},
        scale=(1, 5),
        left_out=0,
        label=Remark("NPS"),
    )


def test_a_course_is_drawn_weighted_beside_raw_with_its_target():
    axes = plots.score_course(course()).axes()
    drawn = [list(line.get_ydata()) for line in axes.lines]
    assert drawn[:2] == [[40.0, 20.0, 42.0], [28.0, 27.0, 33.0]]
    assert [30.0, 30.0] in drawn
    named = [(text.xy[1], text.get_text()) for text in axes.texts]
    assert [name for _, name in sorted(named)] == [
        "lower limit",
        "target",
        "weighted",
        "upper limit",
        "raw",
    ]
    low, high = axes.get_ylim()
    assert min(np.diff(sorted(place for place, _ in named))) >= 0.069 * (high - low)


def test_without_weights_the_raw_course_stands_alone():
    figure = plots.score_course(course(weighted=False, target=None))
    axes = figure.axes("it")
    assert axes.lines[0].get_ydata().tolist() == [40.0, 20.0, 42.0]
    assert {text.get_text() for text in axes.texts} == {"limite inferiore", "limite superiore"}
    assert "42,0" in figure.alt("it")
    assert "weighted" not in figure.title


def test_the_words_of_a_course_hold_its_last_highest_and_lowest():
    assert plots.score_course(course()).alt() == (
        "NPS by wave or month: 33.0 in Sept 2026 (interval 28.0 to 38.0); highest in Sept 2026 "
        "(33.0), lowest in Jun 2026 (27.0). Raw, the last is 42.0."
    )


def test_waves_with_names_of_their_own_are_named():
    found = course()
    found.frame["period"] = ["spring", "summer", "autumn"]
    axes = plots.score_course(found).axes()
    assert [label.get_text() for label in axes.get_xticklabels()] == ["spring", "summer", "autumn"]


def test_the_part_that_comes_first_stands_out(parts):
    figure = plots.importance(parts)
    assert parts.first == "delivery"
    assert figure.values == {"part": "delivery"}
    axes = figure.axes()
    rest, first = axes.collections[:2]
    assert first.get_offsets()[0].tolist() == [2.0, parts.map.points["importance"][0]]
    assert len(rest.get_offsets()) == 2
    assert {"fix first", "delivery"} <= {text.get_text() for text in axes.texts}
    assert "priorità" in {text.get_text() for text in figure.axes("it").texts}
    assert figure.alt().startswith("Importance for NPS against rating. delivery (fix first): ")


def test_what_is_missing_is_passed_on():
    nothing = Missing("the study has no surveys")
    assert plots.score_course(nothing) is nothing
    assert plots.importance(nothing) is nothing


def asked(p_values: list[float], *, people: int = 90) -> Table:
    """Return the CSAT of three touchpoints with the p-values of their differences."""
    rows = pd.DataFrame(
        {"touchpoint": ["chat", "checkout", "delivery"], "value": [0.62, 0.77, 0.80]}
    )
    rows["ci_low"], rows["ci_high"] = rows["value"] - 0.05, rows["value"] + 0.05
    rows = rows.assign(unit="share", n=100, people=people, difference=[-0.16, 0.02, 0.08])
    rows["p_adjusted"] = p_values
    names = {"name": "CSAT", "scale": "1-5"}
    return Table(frame=rows, columns=[Column("touchpoint")], caption="", values=names)


def test_a_score_is_drawn_where_a_group_is_apart_and_the_lowest_is_named():
    (figure,) = plots.scores_apart([asked([0.001, 0.9, 0.04]), asked([0.2, 0.9, 0.3])])
    assert repr(figure) == "<Figure: chat has the lowest CSAT: 62%>"
    assert figure.data["touchpoint"].tolist() == ["delivery", "checkout", "chat"]
    assert figure.data["tone"].tolist() == ["better", "", "worse"]
    axes = figure.axes()
    assert [one.get_text() for one in axes.get_legend().get_texts()] == [
        "higher than the rest",
        "lower than the rest",
        "may be chance",
    ]
    assert "80% (n = 100)" in {one.get_text() for one in axes.texts}
    # No one is lower than the rest: the one that is higher is named.
    (higher,) = plots.scores_apart([asked([0.2, 0.9, 0.04])])
    assert repr(higher) == "<Figure: delivery has the highest CSAT: 80%>"


def test_scores_of_one_group_are_not_compared_and_those_alike_are_said():
    alone = plots.scores_apart([asked([np.nan] * 3)])
    assert alone.why == "no two groups were asked the same question"
    assert plots.scores_apart([asked([0.2, 0.9, 0.3])]) == []
    (sentence,) = survey.alike([asked([0.2, 0.9, 0.3]), asked([0.01, 0.9, 0.3])])
    assert phrasing.plain(*sentence, Language()) == (
        "No difference between these groups is shown in CSAT (1-5)."
    )
    assert survey.alike([asked([np.nan] * 3), asked([0.01, 0.9, 0.3])]) == []


def test_a_score_after_a_late_delivery_is_said_beside_that_on_time():
    rows = asked([0.1] * 3).frame.head(2).assign(arrived=["late", "on time"], method="Wilson")
    table = Table(frame=rows, columns=[Column("arrived")], caption="", values={"name": "CSAT"})
    (said,) = survey.after_late([table])
    assert phrasing.markdown(*said, Language()) == (
        "CSAT is **62.0%** after a late delivery, **77.0%** on time."
    )
    assert phrasing.doubts(said.values, Language()) == (
        "62.0%: 95% CI 57.0 to 67.0, n = 100 \N{MIDDLE DOT} 77.0%: 95% CI 72.0 to 82.0, n = 100"
    )
    assert survey.after_late([Table(frame=rows.head(1), columns=[], caption="")]) == []
