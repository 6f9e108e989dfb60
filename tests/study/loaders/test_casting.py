"""What a text or a typed value becomes, or why it becomes nothing."""

from __future__ import annotations

import math
import unicodedata
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxresearch.engine.backends import shared
from cxresearch.study.loaders import casting
from cxresearch.study.schema import Column
from cxresearch.study.sources import Source
from tests.study.loaders.conftest import Outcome

ROME = ZoneInfo("Europe/Rome")
NBSP, NARROW = "\u00a0", "\u202f"


def read(
    kind: str,
    values: Any,
    *,
    name: str = "x",
    zone: str = "UTC",
    typed: bool = False,
    **written: Any,
) -> Any:
    """Cast `values`, all of them texts unless `typed`, and return the values and broken rules."""
    column = Column(name, kind)  # type: ignore[arg-type]
    given = pa.table({"f": values if typed else pa.array(values, pa.string())})
    with shared().cursor() as connection:  # a database of its own would take most of the time
        connection.register("given", given)
        (kind_of_f,) = connection.execute("SELECT DISTINCT typeof(f) FROM given").fetchall()
        cast = casting.cast(column, "f", kind_of_f[0], Source(file="f", **written), time_zone=zone)
        rules = ", ".join(f"coalesce({rule.where}, false)" for rule in cast.rules) or "false"
        rows = connection.execute(
            f"SELECT {name}, {rules} FROM (SELECT *, {cast.value} AS {name} "
            f"FROM (SELECT *, {cast.parsed} "
            f'AS "_parsed_{name}" FROM (SELECT {cast.raw} AS "_raw_{name}" FROM given)))'
        ).fetchall()
    names = [rule.name for rule in cast.rules]
    return [
        (row[0], [name for name, broken in zip(names, row[1:], strict=False) if broken])
        for row in rows
    ]


def one(kind: str, text: Any, **options: Any) -> Any:
    return read(kind, [text], **options)[0][0]


ITALIAN = {"decimal": ",", "thousands": "."}


@pytest.mark.parametrize(
    ("text", "written", "value"),
    [
        ("12", {}, 12),
        ("-12.50", {}, -12.5),
        ("+.5", {}, 0.5),
        ("5.", {}, 5),
        ("1e3", {}, 1000),
        (" \t12 \u00a0", {}, 12),
        ("1.234,56", ITALIAN, 1234.56),
        ("-1.234.567,8", ITALIAN, -1234567.8),
        ("1234,56", ITALIAN, 1234.56),
        ("1 234,56", {"decimal": ",", "thousands": " "}, 1234.56),
        (f"1{NBSP}234{NARROW}567,5", {"decimal": ",", "thousands": " "}, 1234567.5),
        ("1'234.56", {"thousands": "'"}, 1234.56),
        ("1,234.56", {"thousands": ","}, 1234.56),
    ],
)
def test_numbers(text: str, written: dict[str, str], value: float):
    assert read("number", [text], **written) == [(value, [])]


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("12.50", ITALIAN),  # not a grouping by thousands: never 1250
        ("1.2345,6", ITALIAN),
        ("1234.567,8", ITALIAN),
        ("1,5", {}),
        ("1 234", {}),
        ("€12€", {}),
        ("12 pezzi", {}),
        ("n/a", {}),
        ("nan", {}),
        ("inf", {}),
        ("-infinity", {}),
        ("1e999", {}),
        ("0x10", {}),
        ("1_000", {}),
        (".", {}),
        ("--1", {}),
        ("٣", {}),
    ],
)
def test_texts_that_are_no_number(text: str, written: dict[str, str]):
    assert read("number", [text], **written) == [(None, ["not_a_number"])]


@pytest.mark.slow
@settings(max_examples=25)
@given(st.lists(st.floats(-1e12, 1e12).map(lambda value: round(value, 2)), min_size=1))
def test_italian_numbers_come_back(values: list[float]):
    texts = [f"{value:,.2f}".translate(str.maketrans(",.", ".,")) for value in values]
    assert [value for value, _ in read("number", texts, **ITALIAN)] == values


@pytest.mark.parametrize("kind", ["text", "number", "count", "time", "date", "flag"])
@pytest.mark.parametrize("blank", ["", "  ", "\t", NBSP, None])
def test_nothing_is_no_value_and_no_fault(kind: str, blank: str):
    assert read(kind, [blank], zone="Europe/Rome") == [(None, [])]


def test_counts_are_whole():
    assert read("count", ["3", "-3", "3.0", "3.5", "1e30", "x"]) == [
        (3, []),
        (-3, []),
        (3, []),
        (None, ["not_a_whole_number"]),
        (None, ["not_a_whole_number"]),
        (None, ["not_a_whole_number"]),
    ]


def test_flags():
    yes = ["true", "T", "Yes", "y", "1", "si", "Sì", "vero"]
    no = ["false", "F", "No", "n", "0", "falso"]
    assert [value for value, _ in read("flag", yes + no)] == [True] * 8 + [False] * 6
    assert read("flag", ["2", "maybe"]) == [(None, ["not_a_flag"])] * 2
    # As typed without an accent, with one of its own, and as floats of a column with gaps.
    there = ["si'", "S\u00cc", "si\u0300", "1.0", "on"]
    assert [value for value, _ in read("flag", [*there, "0.0", "OFF"])] == [True] * 5 + [False] * 2


def test_text_is_kept_as_written_but_for_the_blanks_around_it():
    texts = [' =HYPERLINK("x") ', "<script>", "'; DROP TABLE x; --", "007", "17850.0", "NULL"]
    assert [value for value, _ in read("text", texts)] == [text.strip() for text in texts]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2026-01-05", datetime(2026, 1, 5)),
        ("2026-01-05 10:00", datetime(2026, 1, 5, 10)),
        ("2026/1/5 9:05", datetime(2026, 1, 5, 9, 5)),
        ("2026-01-05T10:00:00.123456", datetime(2026, 1, 5, 10, 0, 0, 123456)),
        ("2026-01-05T10:00:00Z", datetime(2026, 1, 5, 10)),
        ("2026-01-05 10:00:00 Z", datetime(2026, 1, 5, 10)),
        ("2026-01-05 10:00:00 UTC", datetime(2026, 1, 5, 10)),
        ("2026-01-05 10:00:00 GMT", datetime(2026, 1, 5, 10)),
        ("2026-01-05 10:00:00+02:00", datetime(2026, 1, 5, 8)),
        ("2026-01-05 10:00:00 -0530", datetime(2026, 1, 5, 15, 30)),
        ("2026-01-05 10:00+02", datetime(2026, 1, 5, 8)),
        ("2026-07-05 10:00 CEST", datetime(2026, 7, 5, 8)),
        ("2026-01-05 10:00:00EET", datetime(2026, 1, 5, 8)),
    ],
)
def test_times(text: str, value: datetime):
    assert read("time", [text]) == [(value, [])]


def test_an_offset_decides_and_the_zone_does_not():
    texts = ["2026-07-05T10:00:00Z", "2026-07-05 12:00:00+02:00", "2026-07-05 12:00:00"]
    assert [v for v, _ in read("time", texts, zone="Europe/Rome")] == [datetime(2026, 7, 5, 10)] * 3


@pytest.mark.parametrize(
    "text",
    [
        "05/06/20",  # DuckDB alone: the year 5
        "05/06/2026",
        "24-01-05",
        "2026-01-05 05:00:00 PM",  # DuckDB alone: five in the morning
        "2026-01-05 10:00:00 Europe/Lucca",
        "2026-01-05 10:00:00 EST",
        "2026-13-01",
        "2026-02-29",
        "2026-01-05 25:00",
        "infinity",
        "epoch",
        "now",
        "20260105",
        "20260105100000",
        "946684799",  # seconds before 2000: may be anything
        "2208988800",  # seconds from 2040 on
        "1.7676e9",
        "-1767600000",
        "10000-01-01",
        "yesterday",
    ],
)
@pytest.mark.parametrize("kind", ["time", "date"])
def test_texts_that_are_no_time(kind: str, text: str):
    assert read(kind, [text]) == [(None, [f"not_a_{kind}"])]


#: Monday 5 January 2026, 08:00 in UTC, counted from 1970.
EIGHT = datetime(2026, 1, 5, 8)
SECONDS = 1_767_600_000


@pytest.mark.parametrize("per_second", [1, 10**3, 10**6, 10**9])
@pytest.mark.parametrize("fraction", ["", ".0", ".000000"])
def test_counts_since_1970_are_told_by_their_size(per_second: int, fraction: str):
    text = f"{SECONDS * per_second}{fraction}"
    assert read("time", [text], zone="Europe/Rome") == [(EIGHT, [])]
    assert one("date", str((SECONDS + 15 * 3600 + 1800) * per_second), zone="Europe/Rome") == date(
        2026, 1, 6
    )


def test_units_may_be_mixed_and_fractions_are_kept():
    assert [value for value, _ in read("time", ["1767600000.25", "1767600000250"])] == [
        datetime(2026, 1, 5, 8, 0, 0, 250_000)
    ] * 2


@pytest.mark.parametrize(
    ("form", "text", "value"),
    [
        ("epoch_s", "1767600000", EIGHT),
        ("epoch_ms", "1767600000000", EIGHT),
        ("epoch_us", "1767600000000000", EIGHT),
        ("epoch_ns", "1767600000000000999", EIGHT),
        ("epoch_ms", "0", datetime(1970, 1, 1)),
        ("epoch_s", "-1", datetime(1969, 12, 31, 23, 59, 59)),
        ("epoch_ms", "1767600000", datetime(1970, 1, 21, 11)),
        ("epoch_s", "2026-01-05", None),
        ("epoch_s", "9" * 19, None),
        ("epoch_s", "9" * 40, None),
    ],
)
def test_a_count_whose_unit_is_named(form: str, text: str, value: datetime | None):
    assert one("time", text, time_format=form, zone="Europe/Rome") == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("46027", datetime(2026, 1, 4, 23)),  # midnight in Rome
        ("46027.375", EIGHT),
        ("46027.3750000001", EIGHT),
        ("60", None),  # 29 February 1900, which never was
        ("2958466", None),
        ("5 January", None),
    ],
)
def test_day_numbers_of_a_spreadsheet_are_local(text: str, value: datetime | None):
    assert one("time", text, time_format="excel_day", zone="Europe/Rome") == value
    # They are asked for: alone, 46027 could be anything.
    assert one("time", text, zone="Europe/Rome") is None


@pytest.mark.parametrize("kind", [pa.int64(), pa.float64(), pa.decimal128(30, 3), pa.uint64()])
@pytest.mark.parametrize("per_second", [1, 10**3, 10**6])
def test_typed_counts_since_1970(kind: pa.DataType, per_second: int):
    values = pa.array([Decimal(SECONDS * per_second)], pa.decimal128(20, 3)).cast(kind)
    assert read("time", values, typed=True, zone="Europe/Rome") == [(EIGHT, [])]
    assert read("time", pa.array([20260105]).cast(kind), typed=True) == [(None, ["not_a_time"])]


def test_typed_numbers_by_their_time_format():
    assert read("time", pa.array([46027.375]), typed=True, time_format="excel_day") == [
        (datetime(2026, 1, 5, 9), [])
    ]
    assert read("date", pa.array([20260105]), typed=True, time_format="%Y%m%d") == [
        (date(2026, 1, 5), [])
    ]


@pytest.mark.parametrize("zone", ["UTC", "Europe/Rome", "America/New_York", "Pacific/Kiritimati"])
@pytest.mark.parametrize("years", [8030, 280_000, -280_000])
def test_typed_times_beyond_the_calendar_are_none(zone: str, years: int):
    seconds = pa.array([years * 31_556_952])
    for kind in (pa.timestamp("s"), pa.timestamp("us"), pa.timestamp("s", "UTC")):
        values = seconds.cast(pa.timestamp("s")).cast(kind, safe=False)
        assert read("time", values, typed=True, zone=zone) == [(None, ["not_a_time"])]
    days = pa.array([2_932_897], pa.int32()).cast(pa.date32())  # the first of January 10000
    assert read("date", days, typed=True, zone=zone) == [(None, ["not_a_date"])]


@pytest.mark.parametrize("value", [[1], {"a": 1}, True, b"\xff", Decimal("1.5")])
@pytest.mark.parametrize("kind", ["time", "date", "flag", "count"])
def test_a_typed_value_of_an_odd_kind_is_read_or_is_none(kind: str, value: Any):
    found, broken = read(kind, pa.array([value]), typed=True)[0]
    assert (found is None) == bool(broken)


DAY_FIRST = {"time_format": "%d/%m/%Y %H:%M:%S"}


def test_a_time_format_is_the_only_one_then():
    texts = ["05/06/2026 10:00:00", "2026-06-05 10:00:00", "32/01/2026 10:00:00", "05/06/2026"]
    assert [value for value, _ in read("time", texts, **DAY_FIRST)] == [
        datetime(2026, 6, 5, 10),
        None,
        None,
        None,
    ]
    assert one("date", "05/06/2026", time_format="%d/%m/%Y") == date(2026, 6, 5)


def test_a_format_that_ends_in_what_looks_like_an_offset():
    # "-26" is a year here, no offset from UTC.
    assert one("time", "10:30 25-12-26", time_format="%H:%M %d-%m-%y") == datetime(
        2026, 12, 25, 10, 30
    )


def test_a_time_format_with_an_offset():
    got = one("time", "05/06/2026 10:00 +0200", time_format="%d/%m/%Y %H:%M %z", zone="Europe/Rome")
    assert got == datetime(2026, 6, 5, 8)


@pytest.mark.parametrize("turned", [False, True])
def test_formats_of_which_some_have_an_offset(turned: bool):
    # What names its offset is by that, what names none is the clock of Rome, in either order.
    forms = ["%d/%m/%Y %H:%M", "%Y-%m-%dT%H:%M:%S%z"]
    texts = {
        "05/01/2026 09:00": EIGHT,
        "2026-01-05T13:00:00+0500": EIGHT,
        "2026-01-05T08:00:00Z": EIGHT,
        "05/07/2026 10:00": datetime(2026, 7, 5, 8),
        "2026-01-05T09:00:00": None,
    }
    forms = forms[::-1] if turned else forms
    got = read("time", [*texts], zone="Europe/Rome", time_format=forms)
    assert [value for value, _ in got] == [*texts.values()]


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("%d %b %Y %H:%M", "5\N{NO-BREAK SPACE}gen\N{NO-BREAK SPACE}2026\N{NO-BREAK SPACE}09:00"),
        ("%d/%m/%Y %H:%M", "05/01/2026 00:00:00 09:00"),
        ("%d/%m/%Y %H:%M:%S%z", "05/01/2026 08:00:00Z"),
        (None, "2026.01.05 09:00"),
        (None, "20260105T090000"),
        (None, "20260105T080000Z"),
        (None, "2026-01-05 09:00:00,000"),
        (None, "2026-01-05 09:00:00 GMT+1"),
        (None, "2026-01-05 - 09:00"),
        (None, "'2026-01-05\N{NO-BREAK SPACE}09:00"),
        ("%d/%m/%Y %H:%M", "lun 05/01/2026 ore 9:00"),
        ("%d %B %Y %H:%M", "lunedì 5 gennaio 2026, alle ore 09:00"),
        ("%B %d, %Y %I:%M %p", "Jan. 5th, 2026 at 9:00am"),
        ("%b %d %Y %H:%M:%S%z", "Mon Jan 05 2026 03:00:00 GMT-0500 (Eastern Standard Time)"),
        ("%d/%m/%Y %H:%M%z", "05/01/2026 10:00 EET"),
    ],
)
def test_what_a_time_has_beside_its_figures_is_passed_over(form: str | None, text: str):
    assert one("time", text, zone="Europe/Rome", **({"time_format": form} if form else {})) == EIGHT


def test_short_and_long_names_of_months_may_be_mixed():
    texts = [
        "1 March 2026",
        "1 Sept 2026",
        "1 June 2026",
        "1 set 2026",
        "1 mar. 2026",
        "1 Foo 2026",
    ]
    got = [value and value.month for value, _ in read("date", texts, time_format="%d %b %Y")]
    assert got == [3, 9, 6, 9, 3, None]


def test_local_times_at_both_changes_of_the_clock():
    # In Rome 02:00-03:00 is skipped on 29 March 2026 and shown twice on 25 October 2026.
    texts = [
        "29/03/2026 01:59:59",
        "29/03/2026 02:30:00",
        "29/03/2026 03:00:00",
        "25/10/2026 01:59:59",
        "25/10/2026 02:30:00",
        "25/10/2026 03:00:00",
    ]
    assert read("time", texts, zone="Europe/Rome", **DAY_FIRST) == [
        (datetime(2026, 3, 29, 0, 59, 59), []),
        (datetime(2026, 3, 29, 1, 30), ["local_time_skipped"]),
        (datetime(2026, 3, 29, 1, 0), []),
        (datetime(2026, 10, 24, 23, 59, 59), []),
        (datetime(2026, 10, 25, 1, 30), ["local_time_twice"]),
        (datetime(2026, 10, 25, 2, 0), []),
    ]


@pytest.mark.slow
@settings(max_examples=25)
@given(st.lists(st.datetimes(datetime(1990, 1, 1), datetime(2035, 1, 1)), min_size=1))
def test_local_times_are_those_of_the_zone_database(times: list[datetime]):
    found = read("time", [local.isoformat(" ") for local in times], zone="Europe/Rome")
    for local, (value, broken) in zip(times, found, strict=True):
        early, late = (local.replace(tzinfo=ROME, fold=fold) for fold in (0, 1))
        instants = {one.astimezone(UTC).replace(tzinfo=None) for one in (early, late)}
        assert value in instants
        back = early.astimezone(UTC).astimezone(ROME).replace(tzinfo=None)
        skipped = back != local
        expected = ["local_time_skipped"] if skipped else ["local_time_twice"][: len(instants) - 1]
        assert broken == expected


def parquet_orders(bench: Any, **columns: Any) -> Outcome:
    table = {"order_id": pa.array(["A1"]), "ts": pa.array([datetime(2026, 1, 5)])}
    table |= {"revenue": pa.array([1.0])} | columns
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table(table), sink)
    data = sink.getvalue().to_pybytes()
    return bench("orders", {"o.parquet": data}, time_zone="Europe/Rome")


NOON = datetime(2026, 7, 5, 12)


@pytest.mark.parametrize(
    "ts",
    [
        pa.array([NOON]),
        pa.array([NOON], pa.timestamp("s")),
        pa.array([NOON], pa.timestamp("ns")),
        pa.array([NOON.replace(tzinfo=ROME)], pa.timestamp("us", "Europe/Rome")),
        pa.array([NOON - timedelta(hours=2)], pa.timestamp("ms", "UTC")),
        pa.array([NOON - timedelta(hours=2)], pa.timestamp("ns", "UTC")),
        pa.array([NOON - timedelta(hours=2)], pa.timestamp("ns", "Europe/Rome")),
        pa.array(["2026-07-05 12:00:00"]),
        pa.array(["2026-07-05 12:00:00"]).dictionary_encode(),
    ],
)
def test_typed_times(bench: Any, ts: pa.Array):
    outcome = parquet_orders(bench, ts=ts)
    assert outcome.rows["ts_us"].tolist() == [pd.Timestamp("2026-07-05 10:00").value // 1000]


def test_a_number_is_no_time(bench: Any):
    assert parquet_orders(bench, ts=pa.array([20260105])).found() == {("not_a_time", "ts"): 1}


@pytest.mark.parametrize(
    "revenue",
    [
        pa.array([12.5], pa.float32()),
        pa.array([Decimal("12.50")], pa.decimal128(10, 2)),
        pa.array(["12.5"]),
    ],
)
def test_typed_numbers(bench: Any, revenue: pa.Array):
    assert parquet_orders(bench, revenue=revenue).rows["revenue"].tolist() == [12.5]


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_typed_number_that_is_none_is_rejected(bench: Any, value: float):
    # One nan would make every sum nan.
    outcome = parquet_orders(bench, revenue=pa.array([value]), items=pa.array([value]))
    assert outcome.found() == {("not_a_number", "revenue"): 1, ("not_a_whole_number", "items"): 1}


def test_typed_identifiers_lose_the_point_that_gaps_gave_them(bench: Any):
    ids = [17850.0, None, 12.5]
    got = parquet_orders(
        bench,
        order_id=pa.array([1, 2, 3]),
        customer_id=pa.array(ids),
        ts=pa.array([datetime(2026, 1, 5)] * 3),
        revenue=pa.array([1, 2, 3]),
        items=pa.array([1.0, None, 3.0]),
    ).rows
    assert got["order_id"].tolist() == ["1", "2", "3"]
    assert got["customer_id"].fillna("").tolist() == ["17850", "", "12.5"]
    assert got["items"].dropna().tolist() == [1, 3]


def test_typed_dates_and_flags():
    midnight = pa.array([datetime(2026, 7, 5, tzinfo=ROME)], pa.timestamp("us", "Europe/Rome"))
    # Midnight in Rome is still the day before in UTC.
    assert read("date", midnight, typed=True, zone="Europe/Rome") == [(date(2026, 7, 5), [])]
    assert read("date", pa.array([date(2026, 7, 5)]), typed=True) == [(date(2026, 7, 5), [])]
    assert read("flag", pa.array([True, None]), typed=True) == [(True, []), (None, [])]
    assert read("flag", pa.array([1, 0, 2]), typed=True) == [
        (True, []),
        (False, []),
        (None, ["not_a_flag"]),
    ]


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("text", "EUR", "EUR"),
        ("text", 5, "5"),
        ("number", 2.5, 2.5),
        ("number", "2,5", 2.5),
        ("count", 3, 3),
        ("flag", True, True),
        ("time", "05/07/2026 12:00:00", NOON - timedelta(hours=2)),
    ],
)
def test_a_constant_is_what_every_row_would_say(kind: str, value: object, expected: object):
    source = Source(file="f", decimal=",", **DAY_FIRST)
    cast = casting.constant(Column("x", kind), value, source, time_zone="Europe/Rome")  # type: ignore[arg-type]
    with shared().cursor() as connection:
        got = connection.execute(
            f'SELECT {cast.value} FROM (SELECT *, {cast.parsed} AS "_parsed_x" '
            f'FROM (SELECT {cast.raw} AS "_raw_x"))'
        ).fetchall()
    assert got == [(expected,)]


def test_a_birthday_with_a_year_of_two_digits_is_before_today():
    texts = ["12/05/65", "25/12/79", "01/02/03", "29/02/68"]
    got = [value for value, _ in read("date", texts, name="birthdate", time_format="%d/%m/%y")]
    assert got == [date(1965, 5, 12), date(1979, 12, 25), date(2003, 2, 1), date(1968, 2, 29)]
    # Of four digits the year is what it says, and another day may be ahead.
    (year,) = read("date", ["12/05/2065"], name="birthdate", time_format="%d/%m/%Y")
    assert year[0] == date(2065, 5, 12)
    assert one("date", "12/05/65", time_format="%d/%m/%y") == date(2065, 5, 12)


@pytest.mark.parametrize(
    ("text", "value"),
    [("17850.0", "17850"), ("0012.0", "0012"), ("1.5", "1.5"), ("v1.0", "v1.0"), (".0", ".0")],
)
def test_an_id_that_was_stored_as_a_number_with_decimals(text: str, value: str):
    assert read("text", [text], name="customer_id")[0][0] == value
    assert read("text", [text], name="phone")[0][0] == value
    assert read("text", [text], name="page")[0][0] == text


@pytest.mark.parametrize("forms", [["%d/%m/%Y", "%d/%m/%y"], ["%d/%m/%y", "%d/%m/%Y"]])
def test_years_of_two_and_of_four_digits_may_be_mixed(forms: list[str]):
    got = read("date", ["25/02/26", "25/02/2026", "25/02/026"], time_format=forms)
    assert [value for value, _ in got[:2]] == [date(2026, 2, 25), date(2026, 2, 25)]


@pytest.mark.parametrize("blank", ["\u200b", "\ufeff", "\u2060", "\u200e", "\u202a", "\u202f"])
def test_signs_that_nobody_sees_are_no_part_of_a_value(orders, blank: str):
    text = f"order_id,ts,revenue,customer_id\n{blank}A,2026-01-05{blank},{blank}1,C{blank}\n"
    outcome = orders(text)
    assert outcome.rows[["order_id", "customer_id", "revenue"]].values.tolist() == [["A", "C", 1]]


def test_an_accent_beside_its_letter_is_part_of_it(orders):
    text = "order_id,ts,revenue,channel,status\nA,2026-01-05,1,Forlì,già evaso\n"
    text += unicodedata.normalize("NFD", text.partition("\n")[2].replace("A,", "B,"))
    outcome = orders(text, values={"status": {"già evaso": "completed"}})
    assert outcome.rows["channel"].tolist() == ["Forlì"] * 2
    assert outcome.rows["status"].tolist() == ["completed"] * 2


@pytest.mark.parametrize("encoding", ["mac_roman", "cp850"])
def test_accents_of_a_mac_and_of_dos(orders, encoding: str):
    text = "order_id,ts,revenue,channel\nA,2026-01-05,1,Città di Forlì è più\n"
    outcome = orders(text.encode(encoding), encoding=encoding)
    assert outcome.rows["channel"].tolist() == ["Città di Forlì è più"]
