from __future__ import annotations

import ast
import csv
import io
from pathlib import Path

import pandas as pd
import pytest
from bs4 import BeautifulSoup

import cxresearch
from cxresearch.core.languages import Language
from cxresearch.core.results import Estimate, Interval
from cxresearch.core.table import Column, Estimates, Table

HALF = Estimate(
    value=0.5, ci=Interval(0.4, 0.6), n=100, unit="share", confidence=0.95, method="Wilson"
)
FEW = Estimate(value=3.5, ci=Interval(3, 4), n=4, unit="days", confidence=0.95, method="t")
ROWS = pd.DataFrame(
    {
        "step": ["cart", "pay", "done"],
        "file": ["orders", "orders.csv", "status"],
        "lift": [0.02, -0.01, 0.0],
        "ci_low": [0.01, -0.02, -0.01],
        "ci_high": [0.03, 0.0, 0.01],
        "p": [0.0001, 0.04, 0.5],
        "people": [90, 80, 3],
        "unshown": ["x", "y", "z"],
    }
)
COLUMNS = (
    Column("step", "Event", role="name"),
    Column("file", "Data file", role="code"),
    Column("lift", "Lift", unit="share", role="estimate", ends="ci", signed=True),
    Column("p", "p", role="p"),
    Column("people", role="people", is_shown=False),
)


def table(**changes: object) -> Table:
    given: dict[str, object] = {"frame": ROWS, "columns": COLUMNS, "caption": "Steps of {n}"}
    return Table(**(given | {"values": {"n": 1234}} | changes))  # type: ignore[arg-type]


def cells(shown: Table, language: Language | None = None, min_cell: int = 1) -> list[list[str]]:
    html = shown.made(language or Language(), min_cell=min_cell).html
    found = BeautifulSoup(html, "html.parser")("tr")
    return [[cell.get_text() for cell in row(["th", "td"])] for row in found]


def test_each_role_is_shown_in_its_own_way() -> None:
    labels = {"cart": "Carrello", "orders": "Ordini"}
    assert cells(table(), Language("it", labels))[1:] == [
        ["Carrello", "orders", "+2,0%", "1,0–3,0", "< 0,001"],
        ["pay", "orders.csv", "−1,0%", "da −2,0 a 0,0", "0,040"],
        ["done", "status", "0,0%", "da −1,0 a 1,0", "0,500"],
    ]


def test_a_name_is_never_read_as_a_message() -> None:
    rows = pd.DataFrame({"a": ["hidden", "built"], "b": ["hidden", "built"]})
    shown = Table(frame=rows, columns=[Column("a", role="name"), Column("b")], caption="Names")
    assert [row[0] for row in cells(shown, Language("it"))[1:]] == ["hidden", "built"]
    assert [row[1] for row in cells(shown, Language("it"))[1:]] != ["hidden", "built"]


def test_a_column_that_is_not_shown_still_counts_people() -> None:
    done = cells(table(), min_cell=5)[3]
    assert done == ["done", "hidden", "hidden", "hidden", "hidden"]
    made = table().made(Language(), min_cell=5)
    assert "people" not in BeautifulSoup(made.html, "html.parser").thead.get_text()  # type: ignore[union-attr]
    data = list(csv.DictReader(io.StringIO(made.csv)))
    assert data[2]["people"] == "< 5"
    assert "unshown" not in data[0]


@pytest.mark.parametrize(
    ("within", "hidden"),
    [((), [False, False, True]), (None, [False, True, True]), (["half"], [True, False, True])],
)
def test_what_adds_up_decides_what_goes_with_a_small_row(
    within: list[str] | None, hidden: list[bool]
) -> None:
    rows = pd.DataFrame(
        {"part": list("abc"), "half": list("xyx"), "n": [90, 80, 3], "x": [1.5, 2.5, 3.5]}
    )
    columns = [Column("part"), Column("half"), Column("x"), Column("n", role="people")]
    shown = Table(frame=rows, columns=columns, caption="Parts", within=within)
    assert [row[2] == "hidden" for row in cells(shown, min_cell=5)[1:4]] == hidden


def test_what_is_not_defined_has_no_unit() -> None:
    rows = pd.DataFrame({"what": ["a", "b"], "change": [0.057, float("nan")]})
    rows = rows.assign(change_low=float("nan"), change_high=float("nan"))
    rows = rows.assign(change_unit=["share difference", "share difference"])
    rows = pd.concat([rows, rows.assign(what="c", change=3.0, change_unit="EUR").head(1)])
    columns = [Column("what"), Column("change", role="estimate", signed=True, is_alone=True)]
    shown = Table(frame=rows, columns=columns, caption="Changes")
    assert [row[1] for row in cells(shown, Language("it"))[1:3]] == ["+5,7 p.p.", "\N{EN DASH}"]


def test_headings_and_units_are_said_once_in_the_language() -> None:
    rows = pd.DataFrame({"month": ["2026-03"], "wait": [2.5], "worth": [54.25]})
    columns = [
        Column("month", "Month", unit="month"),
        Column("wait", "Wait", unit="hours"),
        Column("worth", "Revenue", unit="EUR"),
    ]
    shown = Table(frame=rows, columns=columns, caption="Steps")
    heads, row = cells(shown)
    assert heads == ["Month", "Wait (hours)", "Revenue"]
    assert row == ["Mar 2026", "2.5", "€54.25"]
    heads, row = cells(shown, Language("it"))
    assert heads[1].endswith("(ore)")
    assert row[0] == "mar 2026"


def test_an_empty_frame_says_so() -> None:
    shown = table(frame=ROWS.head(0))
    assert repr(shown) == "Steps of 1,234: no rows."
    assert shown.made(Language()).csv == ""
    assert shown.to_frame().empty


def test_a_table_takes_another_caption_and_checks_its_values() -> None:
    assert repr(table().captioned("Of {who}", who="Anna")).startswith("Of Anna\n")
    with pytest.raises(ValueError, match="values must be those in the message's braces"):
        repr(table(values={}))


def test_a_column_that_is_not_there_is_refused() -> None:
    with pytest.raises(KeyError, match="nothing"):
        repr(table(columns=[Column("nothing")]))


def test_a_table_shows_itself_with_every_row() -> None:
    assert "done" in table()._repr_html_()
    assert "hidden" not in table()._repr_html_()  # its reader has the data


def test_estimates_are_a_mapping_and_a_table() -> None:
    rows = {"return_rate": HALF, "wait": FEW}
    read = Estimates(rows=rows, names={"wait": "Days to resolution"}, caption="Service")
    assert dict(read) == rows
    assert len(read) == 2
    assert cells(read.table())[1:] == [
        ["Return rate", "50.0%", "40.0 to 60.0", "100"],
        ["Days to resolution", "3.5 days", "3.0 to 4.0", "4"],
    ]
    assert cells(read.table(), min_cell=5)[2] == ["Days to resolution", "hidden", "hidden", "< 5"]
    assert read.to_frame()["value"].tolist() == [0.5, 3.5]
    assert repr(read).startswith("Service\n")
    assert "<table" in read._repr_html_()


def test_no_estimate_at_all_is_a_table_without_rows() -> None:
    assert repr(Estimates(rows={}, caption="Service")) == "Service: no rows."


def tabled() -> list[tuple[str, ast.ClassDef]]:
    """Return the classes of the package that make a table of themselves, by where they are."""
    found = []
    for path in sorted(Path(cxresearch.__file__).parent.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.ClassDef) or node.name == "Tabular":
                continue
            tables = [one for one in node.body if getattr(one, "name", "") == "table"]
            returned = [ast.unparse(one.returns or node) for one in tables]  # type: ignore[attr-defined]
            if any(one.startswith("Table") for one in returned):
                found.append((f"{path.name}: {node.name}", node))
    return found


def test_what_makes_a_table_of_itself_is_shown_by_it() -> None:
    # In a console as in JupyterLab; a repr that the dataclass writes would stand before it.
    assert len(tabled()) > 30
    for name, node in tabled():
        (decorator,) = node.decorator_list
        assert "Tabular" in map(ast.unparse, node.bases), name
        assert "repr=False" in ast.unparse(decorator), name


def test_a_result_reads_as_its_table_in_a_console() -> None:
    half = Estimate(
        value=0.5, ci=Interval(0.4, 0.6), n=100, unit="share", confidence=0.95, method="Wilson"
    )
    found = Estimates(rows={"returns": half}, caption="Orders")
    assert repr(found) == repr(found.table())
    assert found._repr_html_() == found.table()._repr_html_()
