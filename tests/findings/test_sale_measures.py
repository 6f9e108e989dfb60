"""What is watched of orders and their lines, held to a study small enough to count by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import cxresearch as cx
from cxresearch.findings.fires import Alarm, gather
from cxresearch.findings.scan import scanned
from cxresearch.findings.watch import series_of, unit_rows
from cxresearch.findings.watched_series import WHOLE, Series
from cxresearch.findings.weeks import weeks_of

_MANIFEST = """\
title: {en: Sales}
currency: EUR
time_zone: Europe/Rome
tables:
  orders: {file: orders.csv}
  order_lines: {file: order_lines.csv}
  customers: {file: customers.csv}
  surveys: {file: surveys.csv}
"""
_FILES = {
    "orders": """\
order_id,customer_id,ts,revenue
o1,a,2026-01-04,40
o2,b,2026-01-05,60
""",
    "order_lines": """\
order_id,sku,quantity,price,category
o1,s1,2,10,shoes
o1,b1,1,20,bags
o2,b1,3,20,bags
""",
    "customers": """\
source,record_id,customer_id,segment
web,1,a,loyal
web,2,b,new
""",
    "surveys": """\
response_id,customer_id,ts,metric,score,scale_min,scale_max,region
r1,a,2026-01-04,csat,5,1,5,Forlì
r2,b,2026-01-05,csat,2,1,5,Aosta
""",
}


@pytest.fixture(scope="module")
def series(tmp_path_factory: pytest.TempPathFactory):
    """Return every series of the study."""
    root = tmp_path_factory.mktemp("sales")
    folder = root / "data" / "sales"
    folder.mkdir(parents=True)
    for name, text in _FILES.items():
        (folder / f"{name}.csv").write_text(text, "utf-8")
    (folder / "study.yaml").write_text(_MANIFEST, "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CX_ROOT", str(root))
        study = cx.open_study("sales")
        return series_of(unit_rows(study, weeks_of(study)))


def test_a_category_is_held_against_what_else_is_sold(series):
    shoes = series["spent:shoes", WHOLE]
    assert (shoes.x.tolist(), shoes.y.tolist()) == ([20], [80])
    share = series["category:shoes", WHOLE]
    assert (share.x.tolist(), share.y.tolist()) == ([1], [2])
    assert share.measure.outcome == "spent:shoes"


def test_orders_without_a_column_of_their_own_are_told_apart_by_their_customers(series):
    assert series["order_value", ("segment", "loyal")].x.tolist() == [40]


def test_answers_are_told_apart_by_the_columns_of_the_survey(series):
    assert series["score:csat::5", ("region", "Forlì")].x.tolist() == [1]
    assert series["who:csat::region:Aosta", WHOLE].x.tolist() == [1]


def _two_groups(series, people: float) -> dict:
    """Return 30 weeks of orders, of which those of one group have gone up by half."""
    whole, part = series["order_value", WHOLE], series["order_value", ("segment", "new")]
    ones = np.ones(30)
    value = np.where(np.arange(30) < 20, 10.0, 15.0)
    sums = np.array([40 * ones, 40 * value, 40 * ones, 40 * value**2 + 90, 40 * value, 40 * ones])
    rest = np.array([40 * ones, 400 * ones, 40 * ones, 4090 * ones, 400 * ones, 40 * ones])
    measure = replace(whole.measure, is_scanned=True, name="value")
    return {
        ("value", WHOLE): Series(measure=measure, group=WHOLE, sums=sums + rest),
        ("value", part.group): Series(measure=measure, group=part.group, sums=sums, people=people),
    }


def test_a_group_of_few_customers_is_thin_however_much_they_buy(series):
    many, few = (scanned(_two_groups(series, people), 30) for people in (30, 29))
    assert many.judged > few.judged
    assert few.thin == many.thin + 1


def test_a_break_does_not_begin_before_anybody_has_the_release(series):
    rows = _two_groups(series, 900)
    group = ("segment", "new")
    sums = rows["value", group].sums.copy()
    sums[:, :20] = 0
    released = replace(rows["value", group], sums=sums)
    rest = rows["value", WHOLE].sums - rows["value", group].sums
    rows = {
        ("value", WHOLE): replace(released, group=WHOLE, sums=sums + rest),
        ("value", group): released,
    }
    alarm = Alarm(series=rows["value", WHOLE], start=17, low=16, high=21, end=None, z=9.0, p=0.0)
    (fire,) = gather([alarm], rows, 30)
    assert fire.leader.series.group == group
    assert (fire.leader.start, fire.leader.low, fire.leader.high) == (20, 20, 21)
