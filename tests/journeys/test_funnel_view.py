"""The groups of a funnel compared step by step."""

from __future__ import annotations

import pytest

from cxresearch.journeys import compare, funnel, funnel_view, prepare
from tests.journeys.logs import random_log
from tests.journeys.test_funnel import log


def test_its_shares_are_the_rates_of_the_groups():
    found = funnel(
        prepare(random_log(3, customers=60, events=900)), ["view", "cart", "buy"], by="device"
    )
    table = compare(funnel_view(found), by="device", first="desktop", second="mobile").frame
    rates = found.by_group().frame.pivot(index="step", columns="group", values="rate")
    for row in table.to_dict("records"):
        assert row["share_first"] == pytest.approx(rates.loc[row["step"], "desktop"])
        assert row["share_second"] == pytest.approx(rates.loc[row["step"], "mobile"])
    assert table["step"].tolist() == ["cart", "buy"]


def test_it_needs_groups():
    with pytest.raises(ValueError, match="funnel must have groups; got one without `by`"):
        funnel_view(funnel(log("A: view 0", "Z: cart 0"), ["view", "cart"]))
