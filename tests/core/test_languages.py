from __future__ import annotations

import math
from datetime import date

import pytest

from cxresearch.core import catalogues, unit_formats
from cxresearch.core.languages import Language
from cxresearch.core.results import Interval

NBSP = "\N{NO-BREAK SPACE}"
DASH = "\N{EN DASH}"


@pytest.mark.parametrize(
    ("value", "unit", "digits", "english", "italian"),
    [
        (0.1234, "share", None, "12.3%", "12,3%"),
        (0.1234, "share", 0, "12%", "12%"),
        (1234.5, "EUR", None, "€1,234.50", f"1.234,50{NBSP}€"),
        (1234.5, "EUR", 0, "€1,234", f"1.234{NBSP}€"),
        (-12.5, "EUR", None, "−€12.50", f"−12,50{NBSP}€"),
        (-0.001, "EUR", None, "€0.00", f"0,00{NBSP}€"),
        (1234, "JPY", None, "JP¥1,234", f"1.234{NBSP}JPY"),
        (-0.0001, "share", None, "0.0%", "0,0%"),
        (-0.04, "", 1, "0.0", "0,0"),
        (12345, "", None, "12,345", "12.345"),
        (0.5, "", None, "0.5", "0,5"),
        (math.nan, "EUR", None, DASH, DASH),
        (math.nan, "share", 3, DASH, DASH),
    ],
)
def test_estimators(value: float, unit: str, digits: int | None, english: str, italian: str):
    assert Language("en").quantity(value, unit, digits) == english
    assert Language("it").quantity(value, unit, digits) == italian


def test_numbers_have_the_digits_asked_for():
    assert Language("en").number(1234.567, 2) == "1,234.57"
    assert Language("it").number(1234.567) == "1.235"
    assert Language("it").number(math.nan, 2) == DASH


def test_an_interval_has_its_unit_on_both_ends():
    assert Language("en").interval(Interval(0.1, 0.2), "share") == "10.0% to 20.0%"
    assert Language("en").interval(Interval(math.nan, math.nan), "share") == f"{DASH} to {DASH}"


def test_ends_that_are_apart_are_not_written_alike():
    narrow = Interval(0.02361, 0.02389)
    assert Language("en").interval(narrow, "share") == "2.36% to 2.39%"
    assert Language("it").interval(narrow, "share", 0) == "2,36%–2,39%"
    # Beyond four decimals they tell a reader nothing more; a point is a point.
    assert Language("en").interval(Interval(0.5, 0.5), "share") == "50.0% to 50.0%"
    assert Language("en").interval(Interval(0.5, 0.5 + 1e-9), "share") == "50.0000% to 50.0000%"


@pytest.mark.parametrize(
    ("numbers", "unit", "digits"),
    [
        ([4448.7, 4197.6, 4714.7], "purchases", 0),
        ([29.9, 26.6, 33.1], "points", 1),
        ([150.2, 100.1, 200.0], "", 1),
        ([0.5, -0.6, 1.5], "share", 1),
    ],
)
def test_an_interval_of_hundreds_has_no_decimals(numbers, unit, digits):
    assert unit_formats.decimals(numbers, unit) == digits


@pytest.mark.parametrize(
    ("numbers", "unit", "digits"),
    [
        ([0.1875, 0.1827, 0.1909], "share", 1),  # 18.8 (18.3 to 19.1)
        ([0.1875, 0.1855, 0.1895], "share", 1),  # 0.2 points to each side, two of a tenth
        ([0.1875, 0.1856, 0.1894], "share", 2),
        ([0.001, 0.0002, 0.0056], "share", 2),  # 0.10 (0.02 to 0.56)
        ([0.0, 0.0, 0.03], "share", 1),
        ([0.3, 0.25, 0.3 + 1e-13], "share", 1),
        ([0.5, 0.5, 0.5], "share", 1),
    ],
)
def test_an_estimate_has_the_decimals_that_tell_it_from_its_ends(numbers, unit, digits):
    assert unit_formats.decimals(numbers, unit) == digits


def test_days_are_written_day_first():
    assert Language("en").day(date(2026, 3, 5)) == "5 Mar 2026"
    assert Language("it").day(date(2026, 3, 5)) == "5 mar 2026"


def test_values_take_their_place_and_are_not_read_as_messages():
    english = Language("en")
    assert english.text("{a} of {b}", a="{b}", b=3) == "{b} of 3"
    assert english.text("a {brace} without values") == "a {brace} without values"


def test_a_message_without_translation_is_english():
    assert Language("it").text("zzz {n}", n=1) == "zzz 1"


def test_a_catalogue_translates(monkeypatch, tmp_path):
    (tmp_path / "it").mkdir()
    (tmp_path / "it" / "a.po").write_text('msgid "{n} orders"\nmsgstr "{n} ordini"\n', "utf-8")
    monkeypatch.setattr(catalogues, "_LOCALE", tmp_path)
    catalogues.catalogue.cache_clear()
    try:
        assert Language("it").text("{n} orders", n=2) == "2 ordini"
        assert Language("en").text("{n} orders", n=2) == "2 orders"
    finally:
        catalogues.catalogue.cache_clear()


def test_other_languages_are_refused():
    with pytest.raises(ValueError, match=r"^lang must be one of 'en', 'it'; got 'fr'$"):
        Language("fr")


@pytest.mark.parametrize(
    ("unit", "expected"), [("EUR", True), ("eur", False), ("", False), ("ABCD", False)]
)
def test_currencies(unit: str, expected: bool):
    assert unit_formats.is_currency(unit) is expected
