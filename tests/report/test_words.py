import math
from datetime import date, datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cxresearch.core import phrasing
from cxresearch.core.languages import UNDEFINED, Language
from cxresearch.core.remarks import Remark
from cxresearch.core.results import Estimate, Interval
from cxresearch.report.prose import Prose

ENGLISH, ITALIAN = Language("en"), Language("it")


def estimate(
    value: float, low: float, high: float, *, n: int = 31204, unit: str = "EUR", note: str = ""
) -> Estimate:
    return Estimate(
        value=value,
        ci=Interval(low, high),
        n=n,
        unit=unit,
        confidence=0.95,
        method="t",
        note=note,
    )


def test_an_estimate_is_said_with_its_doubt() -> None:
    worth = estimate(54.2, 53.8, 54.6)
    assert phrasing.word(worth, ENGLISH) == "€54.20"
    assert phrasing.doubts({"x": worth}, ENGLISH) == "95% CI 53.80 to 54.60, n = 31,204"
    assert phrasing.word(worth, ITALIAN) == "54,20\N{NO-BREAK SPACE}€"
    assert phrasing.doubts({"x": worth}, ITALIAN) == "IC 95% 53,80–54,60, n = 31.204"


def test_each_of_several_estimates_has_its_own_doubt() -> None:
    values = {"x": estimate(54.2, 53.8, 54.6), "n": 3, "y": estimate(1, 0.5, 1.5, n=4)}
    assert phrasing.doubts(values, ENGLISH) == (
        "€54.20: 95% CI 53.80 to 54.60, n = 31,204 \N{MIDDLE DOT} €1.00: 95% CI 0.50 to 1.50, n = 4"
    )
    assert phrasing.doubts({"n": 3}, ENGLISH) == ""


def test_a_note_travels_with_its_number() -> None:
    said = estimate(1, 0.5, 1.5, n=4, note="few orders")
    assert phrasing.word(said, ENGLISH) == "€1.00"
    assert phrasing.doubts({"x": said}, ENGLISH) == "95% CI 0.50 to 1.50, n = 4; few orders"


def test_an_undefined_estimate_claims_no_interval() -> None:
    nothing = estimate(math.nan, math.nan, math.nan, n=0, note="no orders")
    assert phrasing.word(nothing, ENGLISH) == UNDEFINED
    assert phrasing.doubts({"x": nothing}, ENGLISH) == "n = 0; no orders"


def test_a_complete_count_has_no_interval_to_show() -> None:
    months = Estimate(
        value=0, ci=Interval(0, 0), n=12, unit="", confidence=1.0, method="complete count"
    )
    assert phrasing.word(months, ENGLISH) == "0"
    assert phrasing.doubts({"x": months}, ENGLISH) == "n = 12"


def test_a_confidence_between_whole_per_cents_keeps_its_decimal() -> None:
    wide = Estimate(
        value=0.5, ci=Interval(0, 1), n=3, unit="share", confidence=0.995, method="Wilson"
    )
    assert phrasing.word(wide, ENGLISH) == "50.0%"
    assert phrasing.doubts({"x": wide}, ENGLISH) == "99.5% CI 0.0 to 100.0, n = 3"


@pytest.mark.parametrize(
    ("value", "low", "high", "unit", "said"),
    [
        (0.0004, 0.0003, 0.0005, "share", ("0.040%", "0.030 to 0.050")),
        (0.5, 0.5, 0.5, "share", ("50.0%", "50.0 to 50.0")),
        (0.004, -0.0021, 0.0101, "share", ("0.4%", "−0.2 to 1.0")),
        (0.04, -0.021, 0.101, "tickets", ("0.04 tickets", "−0.02 to 0.10")),
        (0.05, 0.01, 0.2, "share difference", ("5.0 percentage points", "1.0 to 20.0")),
        (3, 2, 4, "orders", ("3 orders", "2 to 4")),
        (3, 2.5, 4, "orders", ("3.0 orders", "2.5 to 4.0")),
        (3, math.nan, 4, "orders", ("3 orders", "")),
        (12.34, 12.33, 12.35, "points", ("12.340 points", "12.330 to 12.350")),
    ],
)
def test_decimals_follow_the_width_of_the_interval(
    value: float, low: float, high: float, unit: str, said: tuple[str, str]
) -> None:
    assert ENGLISH.estimate(value, Interval(low, high), unit) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (1200, "1,200"),
        (np.int64(1200), "1,200"),
        (1.25, "1.2"),
        (np.float64(2), "2"),
        ((0.5, "share"), "50.0%"),
        (True, "yes"),
        (date(2026, 3, 1), "1 Mar 2026"),
        (datetime(2026, 3, 1, 9, 30), "1 Mar 2026"),
        (pd.Timestamp("2026-03-01"), "1 Mar 2026"),
        ("as written", "as written"),
        (None, UNDEFINED),
        (math.nan, UNDEFINED),
        (pd.NaT, UNDEFINED),
    ],
)
def test_other_values(value: object, said: str) -> None:
    assert phrasing.word(value, ENGLISH) == said


def test_a_value_of_another_kind_is_refused() -> None:
    with pytest.raises(TypeError, match=r"value must be an estimate, .* or a text; got \[1\]"):
        phrasing.word([1], ENGLISH)


@pytest.mark.parametrize("values", [{}, {"m": 1}, {"n": 1, "m": 1}])
def test_the_values_must_be_those_of_the_message(values: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"values must be those in the message's braces, \['n'\]"):
        phrasing.plain("{n} orders", values, ENGLISH)


def test_messages_that_share_their_values() -> None:
    said = phrasing.plain_all(["{n} orders", "of {all}", "none"], {"n": 1, "all": 2}, ENGLISH)
    assert said == ["1 orders", "of 2", "none"]


def test_only_the_value_of_an_estimate_is_bold() -> None:
    said = phrasing.markdown("It is {x}.", {"x": estimate(54.2, 53.8, 54.6)}, ENGLISH)
    assert said == "It is **€54.20**."


HOSTILE = st.text(st.sampled_from("<>&\"'`*_[]()#!$\\|~-+=. 1ab\n:/&;"), max_size=40)


@given(HOSTILE)
@example("~~gone~~ ==marked== {x} ^up^")
@example("![x](http://example.com/x.png) <http://example.com> http://example.com")
def test_a_text_never_becomes_markup(text: str) -> None:
    """The page shows the very letters that were written, in one paragraph, whatever they are."""
    from bs4 import BeautifulSoup

    markdown = phrasing.markdown("It says {text} here.", {"text": text}, ENGLISH)
    soup = BeautifulSoup(Prose().html(markdown), "html.parser")
    assert [tag.name for tag in soup.find_all()] == ["p"]
    assert " ".join(soup.get_text().split()) == " ".join(f"It says {text} here.".split())


@pytest.mark.parametrize("text", ["# title", "- item", "1. item", "> quote", "    code", "---"])
def test_a_text_at_the_start_of_a_line_begins_no_block(text: str) -> None:
    html = Prose().html(phrasing.markdown("{text}", {"text": text}, ENGLISH))
    assert html.startswith("<p>")
    assert html.count("<") == 2


def test_money_in_dollars_is_no_formula() -> None:
    values = {"low": (5.0, "USD"), "high": (6.0, "USD")}
    assert "<math" not in Prose().html(phrasing.markdown("{low} or {high}", values, ENGLISH))


def test_a_remark_that_begins_a_sentence_has_a_capital() -> None:
    remark = Remark("orders left out: {count}", {"count": 3})
    for say in (phrasing.plain, phrasing.markdown):
        assert say("{remark}.", {"remark": remark}, ENGLISH).startswith("Orders left out: 3")
        assert say("Beware: {remark}.", {"remark": remark}, ENGLISH).startswith("Beware: orders")
        assert say("{sku}.", {"sku": "abc"}, ENGLISH) == "abc."
