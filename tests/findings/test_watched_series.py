"""Sums over customers by week and group, against plain pandas."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from cxresearch import engine
from cxresearch.core.remarks import Remark
from cxresearch.findings.measures import Measure
from cxresearch.findings.unit_rows import UnitRows
from cxresearch.findings.watched_series import MOST_VALUES, WHOLE, Units
from cxresearch.findings.weeks import Weeks

WEEKS = Weeks(date(2026, 1, 21), 3, "UTC")


def measure(name="m", **named):
    given = {"kind": "step", "what": Remark(name), "unit": "share", "better": "more"}
    return Measure(name=name, **given | named)


def units(rows, groups=("device",), measures=1, **named):
    frame = engine.lazy(pd.DataFrame(rows))
    ms = tuple(measure(f"m{place}") for place in range(measures))
    return Units(rows=frame, measures=ms, groups=groups, **named)


def by_hand(rows, place=0):
    """One cell per week: n, x, y, xx, xy, yy over customers."""
    found = np.zeros((6, WEEKS.count))
    frame = pd.DataFrame(rows)
    frame = frame[frame["week"].between(0, WEEKS.count - 1)]
    sums = frame.groupby(["week", "cluster"])[[f"x{place}", f"y{place}"]].sum()
    for (week, _), (x, y) in sums.iterrows():
        found[:, int(week)] += [y != 0, x, y, x * x, x * y, y * y]
    return found


ROWS = {
    "cluster": ["a", "a", "b", "c", "a", "b", "d"],
    "customer_id": ["a", "a", "b", "c", "a", "b", "d"],
    "week": [0, 0, 0, 1, 2, 2, 3],
    "device": ["phone", "phone", "desk", None, "phone", "desk", "desk"],
    "x0": [1.0, 0.0, 1.0, 1.0, 1.0, 0.0, 1.0],
    "y0": [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0],
}


def test_the_sums_are_those_of_plain_pandas():
    found = {one.group: one for one in UnitRows.of(units(ROWS), WEEKS).series()}
    frame = pd.DataFrame(ROWS)
    assert np.array_equal(found[WHOLE].sums, by_hand(ROWS))
    # Customer a has two visits in the first week: squares are of customers, not of visits.
    assert found[WHOLE].sums[:, 0].tolist() == [2, 2, 3, 2, 3, 5]
    for device in ("phone", "desk"):
        own = frame[frame["device"] == device]
        assert np.array_equal(found["device", device].sums, by_hand(own))


def test_what_is_of_no_group_is_in_the_whole_and_makes_no_group():
    found = [one.group for one in UnitRows.of(units(ROWS), WEEKS).series()]
    assert found == [WHOLE, ("device", "desk"), ("device", "phone")]


def test_a_value_is_missing_in_a_week_without_units():
    rows = {name: values[:3] for name, values in ROWS.items()}
    (whole, *_) = UnitRows.of(units(rows), WEEKS).series()
    assert whole.values[0] == pytest.approx(2 / 3)
    assert np.isnan(whole.values[1:]).all()


def test_a_measure_that_nobody_has_ever_is_no_series():
    rows = ROWS | {"x0": [0.0] * 7}
    assert list(UnitRows.of(units(rows), WEEKS).series()) == []


def test_no_rows_make_no_series():
    rows = pd.DataFrame(ROWS).iloc[:0]
    assert list(UnitRows.of(units(rows), WEEKS).series()) == []


def test_the_most_frequent_values_are_groups():
    count = MOST_VALUES + 3
    names = [f"g{place:02d}" for place in range(count) for _ in range(place + 1)]
    rows = {
        "cluster": [f"c{place}" for place in range(len(names))],
        "customer_id": None,
        "week": 0,
        "device": names,
        "x0": 1.0,
        "y0": 1.0,
    }
    found = [one.group[1] for one in UnitRows.of(units(rows), WEEKS).series()][1:]
    assert found == [f"g{place:02d}" for place in range(3, count)]


def test_the_estimate_of_some_weeks_is_that_of_clusters():
    whole = next(iter(UnitRows.of(units(ROWS), WEEKS).series()))
    estimate = whole.estimate(0, 3)
    assert estimate.value == pytest.approx(4 / 6)
    assert estimate.n == 5  # customers, once for each week they came in
    assert estimate.ci.low < estimate.value < estimate.ci.high


def test_parts_of_the_customers_are_summed_as_groups_are():
    part_of = {"a": "regular", "b": "rare", "d": "rare"}
    found = {
        one.group: one.sums for one in UnitRows.of(units(ROWS), WEEKS).series_by("kind", part_of)
    }
    assert list(found) == [("kind", "rare"), ("kind", "regular")]
    frame = pd.DataFrame(ROWS)
    for name in ("rare", "regular"):
        own = frame[frame["customer_id"].map(part_of) == name]
        assert found["kind", name] == pytest.approx(by_hand(own))


def test_a_customer_who_is_not_known_is_in_no_part():
    rows = ROWS | {"customer_id": [None] * 7}
    counted = UnitRows.of(units(rows), WEEKS)
    assert list(counted.series_by("kind", {"a": "regular"})) == []
    assert len(list(counted.series())) == 3


def test_where_the_whole_is_known_only_groups_are_summed():
    counted = UnitRows.of(units(ROWS, is_whole_known=True), WEEKS)
    assert [one.group for one in counted.series()] == [("device", "desk"), ("device", "phone")]
