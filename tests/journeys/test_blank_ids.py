"""A blank customer, session, name or id of an event is none, whatever frame it comes in."""

from __future__ import annotations

import math

import pandas as pd
import polars as pl
import pytest

from cxresearch import journeys

BLANKS = ["", " ", "  \t", "\u00a0", "\u2003\u202f", "\u200b", None, math.nan]


@pytest.mark.parametrize("blank", BLANKS, ids=ascii)
def test_journeys_leave_nobody_out_and_count_the_rows(blank: object):
    ids = pd.Series([blank, blank, blank, "B"], dtype=object)
    blanked = pd.DataFrame({"customer_id": ids, "event": list("vbvv")})
    blanked["ts"] = pd.date_range("2026-01-01", periods=4)
    for rows in (blanked, pl.from_pandas(blanked.astype({"customer_id": "str"}))):
        tally = journeys.prepare(rows).tally  # type: ignore[arg-type]
        assert (tally.customers, tally.without_customer, tally.events) == (1, 3, 1)


def test_numbers_that_are_none_are_nobody():
    ids = pl.Series([1.0, math.nan, math.nan, None])
    log = pl.DataFrame({"customer_id": ids, "event": ["v"] * 4}).with_columns(
        ts=pl.datetime(2026, 1, 1)
    )
    tally = journeys.prepare(log).tally
    assert (tally.customers, tally.without_customer) == (1, 3)


def test_what_only_looks_blank_is_a_customer_and_is_kept_as_it_is():
    ids = ["0", " A", "-", "é", "中", "\u200bA", "nan", "None"]
    log = pd.DataFrame({"customer_id": ids, "event": "v", "ts": pd.Timestamp("2026-01-01")})
    assert journeys.prepare(log).tally.customers == len(ids)


def test_a_blank_name_session_or_event_id_is_none():
    log = pd.DataFrame({"customer_id": "A", "event": ["v", " ", "b"], "event_id": ["", "x", ""]})
    log = log.assign(session_id=["s", "s", " "], ts=pd.date_range("2026-01-01", periods=3))
    tally = journeys.prepare(log, sessions="given").tally
    assert (tally.without_event, tally.copies, tally.events) == (1, 0, 2)
    assert (tally.sessions, tally.without_session) == (1, 1)
