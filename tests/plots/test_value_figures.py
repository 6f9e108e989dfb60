from __future__ import annotations

import pandas as pd

from cxresearch import plots, value
from cxresearch.core.languages import Language
from cxresearch.core.missing import Missing

NAN = float("nan")


def triangle(*sizes: int) -> value.RetentionTriangle:
    rows = [
        (f"2024-{cohort:02d}", later, size, size / 2, 0.5, 0.4, 0.6, True)
        for cohort, size in enumerate(sizes, 1)
        for later in range(3)
    ]
    names = ["cohort", "later", "customers", "retained", "share", "share_low", "share_high"]
    frame = pd.DataFrame(rows, columns=[*names, "mature"])
    return value.RetentionTriangle(frame=frame, kind="classic", unit="month")


def test_cohorts_of_few_people_are_not_drawn():
    figure = plots.retention(triangle(40, 2, 3, 50))
    shown = figure.shown(5)
    axes = figure.draw(shown, Language("en"))
    labels = [tick.get_text() for tick in axes.get_yticklabels()]
    assert labels == ["Jan 2024", "Apr 2024"]
    assert "2024-02" not in figure.describe(shown, Language("it"))


def test_the_title_of_cohorts_says_how_many_come_back():
    figure = plots.retention(triangle(40, 2, 3, 50))
    rows = figure.data[figure.data["later"] == 1]
    share = rows["retained"].sum() / rows["customers"].sum()
    assert repr(figure) == (
        f"<Figure: {share:.1%} of new customers buy again in the month after their first>"
    )
    unknown = triangle(40).frame.assign(share=NAN)
    drawn = plots.retention(value.RetentionTriangle(frame=unknown, kind="classic", unit="month"))
    assert repr(drawn).startswith("<Figure: Who comes back")


def test_tenths_are_drawn_with_their_intervals_and_said():
    rows = pd.DataFrame(
        [(1, 40, 0.1, 0.12, 0.02, 0.2), (10, 40, 0.9, 1.1, 0.8, 1.4)],
        columns=["decile", "customers", "predicted", "actual", "actual_low", "actual_high"],
    )
    held = value.Holdout(
        ratio=None, spend_ratio=None, deciles=rows, rank_correlation=NAN, cut=None, days=90, n=80
    )
    figure = plots.predicted_purchases(held)
    (points, _) = figure.axes().get_lines()
    assert points.get_ydata().tolist() == [0.12, 1.1]
    # 40 x (0.1 + 0.9) predicted, 40 x (0.12 + 1.1) made.
    assert repr(figure) == "<Figure: 40 purchases were predicted for 90 days, 49 were made>"
    assert "Tenth 10: predicted 0.9, actual 1.1 (interval 0.8 to 1.4)." in figure.alt()
    axes = figure.draw(rows, Language("it"))
    for axis in (axes.xaxis, axes.yaxis):
        assert axis.get_major_formatter()(0.5, 0) == "0,5"


def test_what_is_missing_stays_so():
    assert plots.calibration(Missing("no orders")).why == "no orders"
