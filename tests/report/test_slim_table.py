"""A table on a page keeps what is read and what sorts it."""

import pandas as pd
from bs4 import BeautifulSoup

from cxresearch.core.languages import Language
from cxresearch.core.sparkline import Sparkline
from cxresearch.core.table_html import make
from cxresearch.report import slim_table


def test_every_word_stays_and_every_key_to_six_digits() -> None:
    rows = pd.DataFrame(
        {
            "day": pd.to_datetime(["2026-03-01", "2026-04-01", "2026-05-01"]),
            "name": ['<td class="number" data-value="1">', "b", "c"],
            "share": [0.12345678, 0.000000123456789, None],
            "orders": [1234567, 2, 3],
        }
    )
    html = make(
        rows, caption="A", language=Language(), units={"share": "share"}, labels={}, people=None,
        min_cell=1,
    ).html  # fmt: skip
    small = BeautifulSoup(slim_table.slim(html), "html.parser")
    whole = BeautifulSoup(html, "html.parser")
    assert small.get_text() == whole.get_text()
    for old, new in zip(whole(["td", "th"]), small(["td", "th"]), strict=True):
        is_key = old.name == "td" and old.get("class") == ["number"] and old.get("data-value")
        assert new.get("class") == (None if is_key else old.get("class"))
    keys = [cell.get("data-value") for cell in small("td")]
    assert keys == [None, "0.123457", "1234567", None, "1.23457e-07", "2", None, None, "3"]


def test_a_course_keeps_its_places_and_what_its_last_month_is() -> None:
    course = Sparkline((1.0, 2.0, 4.0), band=(0.5, 3.0), marked=(1,), tone="worse")
    drawn = BeautifulSoup(slim_table.slim(course.svg(Language())), "html.parser").svg
    assert drawn is not None
    assert drawn.polyline.attrs == {"points": "4,22.9 66,16.6 128,4"}
    assert drawn.rect.attrs == {
        "class": ["band"], "x": "0", "y": "10.3", "width": "132", "height": "15.7",
        "fill-opacity": ".12",
    }  # fmt: skip
    assert [circle["class"] for circle in drawn("circle")] == [["past"], ["worse"]]
