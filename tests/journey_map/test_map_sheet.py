"""The map on one sheet: everything on it is there, in letters that fit, the same each time."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import numpy as np
import pytest

from cxresearch.core.languages import Language
from cxresearch.core.remarks import Amount, Remark
from cxresearch.core.results import Estimate, Interval
from cxresearch.journey_map.map_cells import LANES, Cell, Point, StageColumn
from cxresearch.journey_map.map_sheet import SIZES, Sheet, _Line, _width, _wrapped, write

SVG = "{http://www.w3.org/2000/svg}"


def column(stage: str, state: str = "") -> StageColumn:
    cells = {lane: Cell(stage=stage, lane=lane, why=Remark("nobody was seen")) for lane in LANES}
    score = Estimate(
        value=0.7, ci=Interval(0.6, 0.8), n=90, unit="share", confidence=0.95, method="m"
    )
    full = {
        "who": {"says": (Remark("{n} customers", {"n": 1234}), Remark(""), Remark("cart"))},
        "indicator": {"says": (Remark("{v}", {"v": Amount(0.222, "share")}), Remark("fails"),
                               Remark("20% to 24%"))},
        "trend": {"says": (Remark("since May"),), "course": np.array([1.0, np.nan, 2, 5]),
                  "hot": (2, 4)},
        "satisfaction": {"points": (Point(touchpoint="chat", metric="CSAT", score=score, at=0.7,
                                          ends=(0.6, 0.8), worst=0.3),)},
        "todo": {"says": (Remark("Repair it."),), "grade": "B"},
    }  # fmt: skip
    if state:
        cells |= {lane: replace(cells[lane], why=None, n=90, **own) for lane, own in full.items()}
    return StageColumn(stage=stage, state=state, findings=(), cells=cells)


def sheet(stages: int = 6, title: str = "It costs $5 a month.") -> Sheet:
    names = ["awareness", "consideration", "purchase", "service", "loyalty", "advocacy"]
    columns = [column(name, "critical" if name == "purchase" else "") for name in names[:stages]]
    return Sheet(title=Remark(title), footnote=Remark("n 90"), shop="Tiny", columns=columns)


def texts(path) -> list[tuple[float, float, str]]:
    """Return each text of a sheet with where it begins."""
    found = []
    for one in ET.parse(path).iter(f"{SVG}text"):
        moved = re.findall(r"translate\(([\d.]+) ([\d.]+)\)", one.get("transform", ""))
        x, y = (
            (float(one.get("x", 0)), float(one.get("y", 0))) if not moved else map(float, moved[0])
        )
        found.append((x, y, "".join(one.itertext())))
    return found


def letters(path) -> float:
    """Return how large the letters of a cell are."""
    (one,) = (one for one in ET.parse(path).iter(f"{SVG}text") if one.text == "Repair it.")
    return float(re.search(r"font-size: ([\d.]+)px", one.get("style"))[1])


def test_everything_said_is_on_the_sheet_and_within_its_edges(tmp_path):
    write(sheet(), tmp_path / "map.svg", Language())
    found = texts(tmp_path / "map.svg")
    said = " ".join(text for _, _, text in found)
    for part in ("It costs $5 a month.", "▲ critical, open", "22.2%", "1,234 customers", "chat",
                 "[B: before and after, with a comparison]", "Pain points", "3 Buy"):  # fmt: skip
        assert part in said, part
    assert "Repair it." in said
    wide, high = SIZES[".svg"]
    assert all(0 < x < wide and 0 < y < high for x, y, _ in found)


def test_a_long_map_has_smaller_letters_and_stays_on_the_sheet(tmp_path):
    long = sheet()
    cell = long.columns[2].cells["hurts"]
    said = tuple(Remark("words and more words " * 8) for _ in range(6))
    long.columns[2].cells["hurts"] = replace(cell, says=said, why=None, n=9)
    write(long, tmp_path / "map.svg", Language())
    assert max(y for _, y, _ in texts(tmp_path / "map.svg")) < SIZES[".svg"][1]
    write(sheet(), tmp_path / "short.svg", Language())
    assert letters(tmp_path / "map.svg") < letters(tmp_path / "short.svg")


def test_a_sheet_is_in_the_language_of_its_readers(tmp_path):
    write(sheet(), tmp_path / "map.svg", Language("it"))
    said = " ".join(text for _, _, text in texts(tmp_path / "map.svg"))
    assert "3 Acquistare" in said
    assert "22,2%" in said


@pytest.mark.parametrize("kind", SIZES)
def test_the_same_map_is_the_same_file(tmp_path, kind):
    files = [tmp_path / f"{name}{kind}" for name in ("one", "other")]
    for file in files:
        write(sheet(3), file, Language())
    assert files[0].read_bytes() == files[1].read_bytes()
    assert len(files[0].read_bytes()) > 1000


def test_a_file_of_another_kind_is_refused(tmp_path):
    with pytest.raises(ValueError, match="the ending of the file must be"):
        write(sheet(), tmp_path / "map.docx", Language())


def test_a_line_is_broken_between_words_and_loses_none():
    line = _Line("one two three antidisestablishmentarianism")
    broken = _wrapped(line, 6 * _width("one two", False), 6.0)
    assert broken == ["one two", "three", "antidisestablishmentarianism"]
    assert _wrapped(_Line(""), 10, 6.0) == []
