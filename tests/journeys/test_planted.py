"""What is planted in the simulated shop is what a comparison of transitions finds, of its size."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from cxresearch.journeys import compare, prepare, transition_view, transitions
from cxresearch.simulate import shop
from cxresearch.simulate.shop import Shop


@pytest.fixture(scope="module")
def small() -> Shop:
    return shop(seed=5, customers=8000, faults=False)


@pytest.fixture(scope="module")
def events(small: Shop) -> pd.DataFrame:
    """The events that have a device, with the error's period: before or after, mobile or not."""
    found = pd.DataFrame(small.tables["events"])
    day = datetime.fromisoformat(small.truth["periods"]["payment_error"]["first"])
    begins = pd.Timestamp(day.replace(tzinfo=ZoneInfo("Europe/Rome")))
    after = pd.to_datetime(found["ts"], utc=True) >= begins
    where = found["device"].where(found["device"] == "mobile", "elsewhere")
    return found.assign(group=where + after.map({True: " after", False: " before"}))


def test_the_payment_error_is_what_changed_most_on_mobile_and_nothing_elsewhere(small, events):
    planted = small.truth["payment_error"]
    prepared = prepare(events, sessions="given", carry=["group"])
    view = transition_view(prepared)
    mobile = compare(view, by="group", first="mobile before", second="mobile after")
    # As the shop grows older, more of the visits by e-mail are reorders: that is no error.
    inside = mobile.significant[mobile.significant["source"] != "newsletter_click"]
    row = inside.iloc[0]
    assert (row["source"], row["target"]) == ("payment_step", "payment_error")
    assert row["ci_low"] <= planted["after"] - planted["before"] <= row["ci_high"]
    elsewhere = compare(view, by="group", first="elsewhere before", second="elsewhere after")
    cells = elsewhere.significant[["source", "target"]].to_numpy().tolist()
    assert ["payment_step", "payment_error"] not in cells


def test_the_shares_hold_the_planted_ones(small, events):
    planted = small.truth["payment_error"]
    prepared = prepare(events, sessions="given", carry=["group"])
    found = transitions(prepared, by="group", times=False)
    cell = {"source": "payment_step", "target": "payment_error"}
    groups = {"mobile after": "after", "mobile before": "before", "elsewhere after": "before"}
    for group, when in groups.items():
        share = found.estimate(group=group, **cell)
        assert share.ci.low <= planted[when] <= share.ci.high, group
