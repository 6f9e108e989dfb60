"""What a heading says of its column beside the name counts: a zone, a currency."""

from __future__ import annotations

import pytest

from cxresearch.errors import SchemaError
from cxresearch.study.loaders import headings
from cxresearch.study.loaders.rules import Setting

COLUMNS = {"order_id": "Id", "ts": "Day (UTC)", "revenue": "Sum (USD)"}
TEXT = "Id,Day (UTC),Sum (USD)\n'0071,2026-07-05 23:30,1050\nB,2026-07-05 23:30+02:00,€ 7\n"


def times(outcome) -> list[str]:
    return [f"{one:%d %H:%M}" for one in outcome.rows["ts"]]


def test_a_zone_in_the_heading_stands_above_the_studys_and_below_the_sources(orders):
    rome = Setting("EUR", "Europe/Rome")
    assert times(orders(TEXT, columns=COLUMNS, setting=rome)) == ["05 23:30", "05 21:30"]
    said = orders(TEXT, columns=COLUMNS, time_zone="Asia/Tokyo")
    assert times(said) == ["05 14:30", "05 21:30"]


def test_amounts_below_a_heading_of_another_currency_are_flagged_but_those_of_the_studys(orders):
    outcome = orders(TEXT, columns=COLUMNS)
    assert outcome.found()["other_currency", "revenue"] == 1
    assert outcome.rows["revenue"].tolist() == [1050, 7]
    same = orders(TEXT.replace("USD", "EUR"), columns=COLUMNS | {"revenue": "Sum (EUR)"})
    assert ("other_currency", "revenue") not in same.found()


def test_a_code_loses_the_mark_by_which_a_spreadsheet_keeps_it_a_text(orders):
    assert orders(TEXT, columns=COLUMNS).rows["order_id"].tolist() == ["0071", "B"]


def test_cents_are_divided_where_the_source_says_so(orders):
    cents = {"first_of": "Sum (USD)", "divided_by": 100}
    outcome = orders(TEXT, columns=COLUMNS | {"revenue": cents})
    assert outcome.rows["revenue"].tolist() == [10.5, 0.07]
    with pytest.raises(SchemaError, match="ts: divided_by is of numbers; ts is a time"):
        orders(TEXT, columns=COLUMNS | {"ts": cents | {"first_of": "Day (UTC)"}})


@pytest.mark.parametrize(
    ("heading", "zone"),
    [
        ("Created UTC", "UTC"),
        ("timestamp_utc", "UTC"),
        ("Ora (UTC+2)", "Etc/GMT-2"),
        ("Time (GMT-05:00)", "Etc/GMT+5"),
        ("Start (America/New_York)", "America/New_York"),
        ("Outcome/Result", ""),
        ("butcher", ""),
        ("date", ""),
    ],
)
def test_zones(heading: str, zone: str):
    assert headings.time_zone(heading) == zone


@pytest.mark.parametrize("written", ["eur", "\u20ac", "Euro", "EUR "])
def test_the_studys_currency_is_known_however_it_is_written(orders, written: str):
    text = f"order_id,ts,revenue,currency,customer_id\nA,2026-01-05,1,{written},c\n"
    outcome = orders(text + "B,2026-01-05,1,usd,c\n")
    assert outcome.rows["currency"].tolist() == ["EUR", "USD"]
    assert outcome.found() == {("other_currency", "currency"): 1}
