"""Marketing: ratios over days, channel by channel and together."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from cxresearch import kpis
from cxresearch.core.unit_sums import RatioSums
from cxresearch.errors import SchemaError
from cxresearch.kpis._example import MARKETING
from cxresearch.stats.means.ratios import ratio_of_sums
from tests.kpis.shop import ENGINES, in_engine


@pytest.mark.parametrize("engine", ENGINES)
def test_a_day_is_one_unit_whatever_its_channels(engine):
    result = kpis.click_through_rate(in_engine(MARKETING, engine))
    expected = ratio_of_sums(RatioSums.from_arrays([20, 30], [1000, 1000]), unit="share", low=0)
    assert result.value == 0.025
    assert result.ci == pytest.approx(expected.ci)
    assert (result.n, result.unit) == (2, "share")


def test_the_cost_of_a_click():
    result = kpis.cost_per_click(MARKETING, currency="EUR")
    assert (result.value, result.unit) == (25 / 50, "EUR")
    assert kpis.by_month(result)["value"].tolist() == [10 / 20, 15 / 30]


def test_by_channel():
    table = kpis.marketing_channels(MARKETING, currency="EUR").set_index("channel")
    assert table["click_through"].to_dict() == {"email": 0.03, "search": 0.02}
    assert table["cost_per_click"].to_dict() == {"search": 16 / 20, "email": 9 / 30}
    expected = ratio_of_sums(RatioSums.from_arrays([4, 5], [10, 20]), unit="EUR", low=0)
    assert table.loc["email", "cost_per_click_high"] == pytest.approx(expected.ci.high)
    assert table["days"].tolist() == [2, 2]


def test_what_is_not_on_record_is_left_out_and_told():
    frame = MARKETING.astype({"clicks": "float"})
    frame.loc[0, "clicks"] = None
    result = kpis.click_through_rate(frame)
    assert result.value == pytest.approx(40 / 1500)
    assert result.note == "channel-days without clicks left out: 1"


def test_no_days_have_no_rate():
    result = kpis.click_through_rate(MARKETING.iloc[:0])
    assert math.isnan(result.value)
    channels = kpis.marketing_channels(MARKETING.iloc[:0], currency="EUR")
    assert channels.empty
    assert channels.columns[0] == "channel"


def test_missing_columns_are_told():
    with pytest.raises(SchemaError, match="channel: no such column"):
        kpis.cost_per_click(pd.DataFrame({"day": [], "clicks": []}), currency="EUR")
