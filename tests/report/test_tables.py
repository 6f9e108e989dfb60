import math
from datetime import date

import pandas as pd
import pytest
from bs4 import BeautifulSoup

from cxresearch.core import table_html
from cxresearch.core.languages import UNDEFINED, Language
from cxresearch.core.table import Column, Table


def made(frame: pd.DataFrame, *, lang: str = "en", **options: object) -> table_html.TablePayload:
    given: dict[str, object] = {"units": {}, "labels": {}, "people": None, "min_cell": 5}
    language = Language(lang)
    return table_html.make(frame, caption="A caption", language=language, **(given | options))  # type: ignore[arg-type]


def cells(payload: table_html.TablePayload) -> list[list[str]]:
    body = BeautifulSoup(payload.html, "html.parser").tbody
    assert body is not None
    return [[cell.get_text() for cell in row(["th", "td"])] for row in body("tr")]


def headings(payload: table_html.TablePayload) -> list[str]:
    head = BeautifulSoup(payload.html, "html.parser").thead
    assert head is not None
    return [cell.get_text() for cell in head("th")]


def test_a_table_says_what_names_its_rows_and_columns() -> None:
    soup = BeautifulSoup(made(pd.DataFrame({"channel": ["app"], "n": [3]})).html, "html.parser")
    assert soup.caption is not None
    assert soup.caption.get_text() == "A caption"
    assert [cell["scope"] for cell in soup("th")] == ["col", "col", "row"]
    assert soup("td")[0]["class"] == ["number"]


def test_numbers_are_written_in_the_language_with_their_unit() -> None:
    frame = pd.DataFrame(
        {
            "month": [date(2026, 3, 1)],
            "revenue": [12345.678],
            "value": [54.25],
            "share": [0.1234],
            "wait": [2.5],
            "orders": [1200],
            "is_open": [True],
        }
    )
    units = {"month": "month", "revenue": "EUR", "value": "EUR", "share": "share", "wait": "days"}
    english = made(frame, units=units)
    assert cells(english) == [["Mar 2026", "€12,346", "€54.25", "12.3%", "2.5", "1,200", "yes"]]
    assert headings(english)[4:6] == ["Wait (days)", "Orders"]
    italian = [
        cell.replace("\N{NO-BREAK SPACE}", " ")
        for cell in cells(made(frame, units=units, lang="it"))[0]
    ]
    assert italian == ["mar 2026", "12.346 €", "54,25 €", "12,3%", "2,5", "1.200", "sì"]


@pytest.mark.parametrize(
    ("values", "unit", "said"),
    [
        ([1.0, 2.0], "", ["1", "2"]),
        ([0.0, 0.0], "share", ["0.0%", "0.0%"]),
        ([0.00123, 0.004], "share", ["0.12%", "0.40%"]),
        ([0.0123, None], "", ["0.012", UNDEFINED]),
        ([1234.56, 7.0], "", ["1,234.6", "7.0"]),
        ([None, None], "", [UNDEFINED, UNDEFINED]),
    ],
)
def test_one_column_has_one_number_of_decimals(
    values: list[float | None], unit: str, said: list[str]
) -> None:
    frame = pd.DataFrame({"name": ["a", "b"], "x": pd.Series(values, dtype=float)})
    units = {"x": unit} if unit else {}
    assert [row[1] for row in cells(made(frame, units=units))] == said


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        # Half of them needs one decimal; two would make the larger look more exact than it is.
        ([(29.9, 26.6, 33.1), (4.36, 4.19, 4.53)], ["26.6 to 33.1", "4.2 to 4.5"]),
        # One more, where an interval would be written as a point.
        ([(0.476, 0.455, 0.498), (39.2, 37.3, 42.3)], ["0.46 to 0.50", "37.30 to 42.30"]),
    ],
)
def test_the_rows_of_an_estimate_share_decimals_and_no_interval_is_a_point(
    rows: list[tuple[float, float, float]], said: list[str]
) -> None:
    frame = pd.DataFrame(rows, columns=["x", "x_low", "x_high"]).assign(name=["a", "b"])
    table = Table(
        frame=frame,
        columns=[Column("name"), Column("x", unit="hours", role="estimate")],
        caption="Waits",
    )
    assert [row[2] for row in cells(table.made(Language("en")))] == said


def test_a_name_is_not_translated_though_it_is_a_word() -> None:
    frame = pd.DataFrame({"column": ["score", "no"], "finding": ["returned", "cancelled"]})
    italian = made(frame, lang="it", units={"column": "name"})
    assert cells(italian) == [["score", "reso"], ["no", "cancellato"]]
    assert headings(italian)[0] == "Colonna"


def test_a_small_p_value_is_not_zero() -> None:
    frame = pd.DataFrame({"p": [0.0, 0.0009, 0.001, 0.0416, math.nan]})
    payload = made(frame, units={"p": "p"}, labels={"p": "p"})
    said = [row[0] for row in cells(payload)]
    assert said == ["< 0.001", "< 0.001", "0.001", "0.042", UNDEFINED]
    assert headings(payload) == ["p"]


def test_a_month_written_as_a_text_is_said_in_words_and_sorted_by_time() -> None:
    frame = pd.DataFrame({"month": ["2026-03", "other"], "n": [1, 2]})
    payload = made(frame, units={"month": "month"}, lang="it")
    assert [row[0] for row in cells(payload)] == ["mar 2026", "other"]
    assert 'data-value="2026-03-01"' in payload.html


def test_numbers_beside_a_missing_one_stay_numbers() -> None:
    frame = pd.DataFrame({"name": ["a", "b"], "x": pd.Series([1.5, None], dtype=object)})
    assert cells(made(frame, lang="it")) == [["a", "1,5"], ["b", UNDEFINED]]


def test_a_column_is_as_wide_as_its_texts_need() -> None:
    frame = pd.DataFrame({"a": ["x" * 12], "b": ["x" * 13], "c": ["x" * 41], "d": [1]})
    body = BeautifulSoup(made(frame).html, "html.parser").tbody
    assert body is not None
    looks = [cell.get("class") for cell in body(["th", "td"])]
    assert looks == [["short"], None, ["long"], ["number"]]


def test_texts_that_are_numbers_stand_under_one_another() -> None:
    frame = pd.DataFrame(
        {
            "a": ["x", "y"],
            "b": ["30", "80.0%"],
            "c": ["\N{MINUS SIGN}€3", UNDEFINED],
            "d": ["5.4.1", "a"],
        }
    )
    body = BeautifulSoup(made(frame).html, "html.parser").tbody
    assert body is not None
    looks = [cell["class"] for cell in body.tr(["th", "td"])]
    assert looks == [["short"], ["number"], ["number"], ["short"]]


def test_a_p_value_has_three_decimals_whatever_the_others_are() -> None:
    frame = pd.DataFrame({"group": ["a", "b", "c"], "p": [1.0, 0.0214, 0.0004]})
    payload = made(frame, units={"p": "p"})
    assert [row[1] for row in cells(payload)] == ["1.000", "0.021", "< 0.001"]
    assert headings(payload)[1] == "P"


def test_a_unit_that_the_heading_says_already_is_not_repeated() -> None:
    frame = pd.DataFrame({"day": ["x"], "orders": [3]})
    assert headings(made(frame, units={"orders": "orders"})) == ["Day", "Orders"]


def test_an_index_with_a_name_names_the_rows() -> None:
    frame = pd.DataFrame({"orders": [3, 4]}, index=pd.Index(["app", "web"], name="channel"))
    assert cells(made(frame)) == [["app", "3"], ["web", "4"]]
    assert headings(made(frame)) == ["Channel", "Orders"]


def test_sorting_goes_by_the_number_and_the_day_not_by_their_words() -> None:
    frame = pd.DataFrame({"day": [date(2026, 3, 1)], "x": [1234.5], "text": ["b"]})
    row = BeautifulSoup(made(frame).html, "html.parser")(["th", "td"])[3:]
    assert [cell.get("data-value") for cell in row] == ["2026-03-01", "1234.5", None]


def test_rows_about_too_few_people_keep_only_their_name() -> None:
    frame = pd.DataFrame(
        {
            "segment": ["many", "few", "unknown"],
            "n": [5, 4, None],
            "worth": [10.0, 99.0, 98.0],
            "last": [date(2026, 1, 1)] * 3,
            "wrote": ["fine", "call me", "secret"],
        }
    )
    payload = made(frame, people="n")
    assert cells(payload) == [
        ["many", "5", "10", "1 Jan 2026", "fine"],
        ["few", "< 5", "hidden", "hidden", "hidden"],
        ["unknown", "< 5", "hidden", "hidden", "hidden"],
    ]
    for text in [payload.html, payload.text, payload.csv]:
        assert not any(secret in text for secret in ["99", "98", "call me", "secret"])
    assert "Rows about fewer than 5 people are hidden." in payload.html
    assert payload.csv.splitlines()[2] == "few,< 5,,,"


def test_a_row_about_nobody_is_shown_where_nothing_was_measured() -> None:
    rates = [float("nan"), 0.5, 0.5]
    frame = pd.DataFrame({"segment": ["none", "of others", "few"], "n": [0, 0, 4], "rate": rates})
    payload = made(frame, people="n")
    assert payload.csv.splitlines()[1:] == ["none,0,", "of others,< 5,", "few,< 5,"]


def test_nothing_is_said_of_hidden_rows_where_there_are_none() -> None:
    frame = pd.DataFrame({"segment": ["many"], "n": [5]})
    assert "hidden" not in made(frame, people="n").html


def test_no_rows_is_a_sentence() -> None:
    payload = made(pd.DataFrame({"a": []}))
    assert payload.html == "<p>A caption: no rows.</p>"
    assert payload.csv == ""


def test_customer_text_is_escaped_wherever_it_stands() -> None:
    evil = '<script>alert(1)</script>"&'
    frame = pd.DataFrame({evil: [evil], "x": [1]}, index=pd.Index([evil], name=evil + "2"))
    payload = table_html.make(
        frame,
        caption=evil,
        language=Language(),
        units={"x": evil},
        labels={},
        people=None,
        min_cell=5,
    )
    soup = BeautifulSoup(payload.html, "html.parser")
    assert soup.script is None
    assert soup.caption is not None
    assert soup.caption.get_text() == evil
    assert cells(payload)[0][:2] == [evil, evil]


def test_levels_are_refused() -> None:
    frame = pd.DataFrame({"a": [1], "b": [2], "c": [3]})
    with pytest.raises(ValueError, match=r"frame must have one level of index and columns; got 2"):
        made(frame.set_index(["a", "b"]))
    with pytest.raises(ValueError, match="got 2"):
        made(frame.set_axis(pd.MultiIndex.from_product([["x"], ["a", "b", "c"]]), axis=1))


def test_what_is_no_frame_is_refused() -> None:
    with pytest.raises(TypeError, match="frame must be a pandas DataFrame; got list"):
        made([1, 2])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "option", [{"units": {"y": "EUR"}}, {"labels": {"y": "Y"}}, {"people": "y"}]
)
def test_a_column_that_is_not_there_is_refused(option: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"column must be one of 'x'; got 'y'"):
        made(pd.DataFrame({"x": [1]}), **option)


ESTIMATES = pd.DataFrame(
    {
        "indicator": ["Net revenue", "Repeat purchase rate", "Return rate"],
        "value": [60_000.0, 0.5, float("nan")],
        "value_low": [-39_939.0, 0.095, float("nan")],
        "value_high": [159_939.0, 0.905, float("nan")],
        "value_unit": ["EUR", "share", "share"],
        "n": [20, 20, 0],
    }
)


def test_estimates_of_several_units_are_said_each_in_its_own() -> None:
    payload = made(ESTIMATES, lang="it", estimates=["value"])
    rows = [row.replace("\N{NO-BREAK SPACE}", " ") for row in payload.html.split("<tr>")[2:]]
    assert "Ricavi netti" in rows[0]
    assert ">60.000 €<" in rows[0]
    assert ">da −39.939 a 159.939<" in rows[0]
    assert ">50,0%<" in rows[1]
    assert ">9,5–90,5<" in rows[1]
    assert ">\N{EN DASH}<" in rows[2]
    assert "value_unit" not in payload.html


def test_estimates_are_sorted_and_downloaded_as_numbers() -> None:
    payload = made(ESTIMATES, estimates=["value"])
    assert 'data-value="60000"' in payload.html
    assert payload.csv.splitlines()[:2] == [
        "indicator,value,value_low,value_high,value_unit,n",
        "Net revenue,60000,-39939,159939,EUR,20",
    ]


def test_an_estimate_can_be_signed_and_its_interval_has_a_heading_of_its_own() -> None:
    frame = ESTIMATES[:2].rename(columns=lambda name: name.replace("value", "change"))
    labels = {"change_interval": "Change from"}
    payload = made(frame, estimates=["change"], signed=["change"], labels=labels)
    assert ">+50.0%<" in payload.html
    assert "Change from" in payload.html


def test_estimates_about_too_few_people_are_hidden_with_their_interval() -> None:
    payload = made(ESTIMATES, estimates=["value"], people="n", min_cell=21)
    assert "60,000" not in payload.html
    assert "159,939" not in payload.html + payload.csv


def test_a_table_of_estimates_needs_their_parts() -> None:
    with pytest.raises(ValueError, match=r"column must be one of .*; got 'value_unit'"):
        made(ESTIMATES.drop(columns="value_unit"), estimates=["value"])


def test_estimates_of_one_unit_may_have_an_interval_of_another_name() -> None:
    frame = pd.DataFrame({"path": ["a"], "share": [0.25], "ci_low": [0.2], "ci_high": [0.3]})
    payload = made(frame, estimates={"share": "ci"}, units={"share": "share"})
    assert cells(payload) == [["a", "25.0%", "20.0 to 30.0"]]
    assert headings(payload) == ["Path", "Share", "Interval"]
