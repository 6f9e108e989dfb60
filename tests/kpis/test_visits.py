"""Visits: what counts as one, which of them bought, and where they came from."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from cxresearch import kpis
from cxresearch.core.unit_sums import RatioSums
from cxresearch.stats.shares.proportions import clustered_proportion, proportion
from tests.kpis.shop import ENGINES, in_engine

# customer, session, time, event, channel, day
ROWS = [
    ("a", "1", 1, "home", "email", "2026-01-01"), ("a", "1", 2, "buy", "direct", "2026-01-01"),
    ("a", "2", 3, "home", "social", "2026-02-02"),
    ("b", "1", 1, "home", None, "2026-01-31"), ("b", "1", 9, "buy", "email", "2026-02-01"),
    ("b", "3", 9, "home", "email", "2026-02-03"),
    ("c", "4", 5, "home", "social", "2026-02-03"), ("c", "4", 5, "view", "email", "2026-02-03"),
    ("d", None, 7, "open", "email", "2026-02-28"),
]  # fmt: skip


def visits(rows=ROWS):
    columns = ["customer_id", "session_id", "ts_us", "event", "channel", "day"]
    return pd.DataFrame(rows, columns=columns).assign(day=lambda f: pd.to_datetime(f["day"]))


@pytest.mark.parametrize("engine", ENGINES)
def test_sessions_that_bought(engine):
    result = kpis.conversion_rate(in_engine(visits(), engine), purchase="buy")
    # Sessions that bought, and sessions: a 1 of 2, b 1 of 2, c 0 of 1.
    expected = clustered_proportion(RatioSums.from_arrays([1, 1, 0], [2, 2, 1]))
    assert result.value == 2 / 5
    assert result.ci == pytest.approx(expected.ci)
    assert (result.n, result.note) == (3, "events without a session left out: 1")
    assert "sessions" in result.definition


def test_visitors_who_bought():
    result = kpis.conversion_rate(visits(), purchase="buy", unit="customer")
    expected = proportion(2, 3)
    assert result.value == pytest.approx(expected.value)
    assert result.ci == pytest.approx(expected.ci)
    assert "visitors" in result.definition


def test_a_session_belongs_to_the_month_it_began_in_and_a_visitor_to_each_month():
    by_session = kpis.by_month(kpis.conversion_rate(visits(), purchase="buy"))
    assert by_session["value"].tolist() == pytest.approx([2 / 2, 0 / 3])
    by_visitor = kpis.by_month(kpis.conversion_rate(visits(), purchase="buy", unit="customer"))
    # In January a bought and b looked; in February b bought, a and c looked.
    assert by_visitor["value"].tolist() == pytest.approx([1 / 2, 1 / 3])
    assert by_visitor["n"].tolist() == [2, 3]


def test_another_unit_is_refused():
    with pytest.raises(ValueError, match=r"^unit must be one of 'session', 'customer'; got 'day'$"):
        kpis.conversion_rate(visits(), purchase="buy", unit="day")


@pytest.mark.parametrize("unit", ["session", "customer"])
def test_a_purchase_that_no_event_is_named_like_makes_no_rate_of_0(unit):
    result = kpis.conversion_rate(visits(), purchase="bui", unit=unit)
    assert math.isnan(result.value)
    assert "not measured, since no event is named: bui (buy?)" in result.note.split("; ")
    nobody = kpis.conversion_rate(visits().iloc[:0], purchase="buy", unit=unit)
    assert math.isnan(nobody.value)
    assert "no event is named" not in nobody.note


def test_without_sessions_conversion_is_undefined():
    result = kpis.conversion_rate(visits().assign(session_id=None), purchase="buy")
    assert math.isnan(result.value)
    assert result.note.endswith("needs session_id, which no event has")


@pytest.mark.parametrize("engine", ENGINES)
def test_a_session_came_through_the_channel_of_its_first_event(engine):
    sources = kpis.traffic_sources(in_engine(visits(), engine))
    # email: a1, b3, and c4 by the alphabet; social: a2; b1 has none at first.
    assert sources["channel"].tolist() == ["email", "social", "unknown"]
    assert sources["sessions"].tolist() == [3, 1, 1]
    assert sources["customers"].tolist() == [3, 1, 1]
    assert sources["share"].tolist() == pytest.approx([3 / 5, 1 / 5, 1 / 5])
    email = clustered_proportion(RatioSums.from_arrays([1, 1, 1], [2, 2, 1]))
    assert sources.loc[0, ["share_low", "share_high"]].tolist() == pytest.approx(list(email.ci))


def random_visits(seed):
    rng = np.random.default_rng(seed)
    n = 600
    session = rng.integers(0, 150, n)
    return visits(
        list(
            zip(
                [f"c{s // 3}" for s in session],
                [f"s{s}" for s in session],
                rng.permutation(n).tolist(),
                ["home"] * n,
                rng.choice(["email", "social", "direct"], n).tolist(),
                ["2026-01-01"] * n,
                strict=True,
            )
        )
    )


def test_the_table_and_the_indicator_say_the_same_by_a_plainer_road():
    frame = random_visits(3)
    first = frame.sort_values("ts_us").groupby("session_id").first()
    sources = kpis.traffic_sources(frame).set_index("channel")
    assert sources["sessions"].to_dict() == first["channel"].value_counts().to_dict()
    for channel in sources.index:
        mine = (first["channel"] == channel).groupby(first["customer_id"]).agg(["sum", "size"])
        expected = clustered_proportion(RatioSums.from_arrays(mine["sum"], mine["size"]))
        single = kpis.traffic_share(frame, channel=channel)
        assert single.ci == pytest.approx(expected.ci)
        shown = sources.loc[channel]
        assert (shown["share_low"], shown["share_high"]) == pytest.approx(expected.ci)


def test_no_visits_have_no_sources():
    sources = kpis.traffic_sources(visits().assign(session_id=None))
    assert sources.empty
    assert sources.columns[0] == "channel"
