"""A course in a cell: where its points lie, its gaps, its band, its name."""

from __future__ import annotations

import math
from xml.etree import ElementTree as ET

from cxresearch.core.languages import Language
from cxresearch.core.sparkline import Sparkline


def drawn(line: Sparkline) -> ET.Element:
    return ET.fromstring(line.svg(Language("it")))


def test_the_largest_is_on_top_and_the_last_at_the_right() -> None:
    (points,) = drawn(Sparkline((1.0, 3.0, 2.0))).iter("polyline")
    places = [tuple(map(float, one.split(","))) for one in points.attrib["points"].split()]
    assert places == [(4.0, 26.0), (66.0, 4.0), (128.0, 15.0)]


def test_a_gap_parts_the_line_and_a_lone_point_is_no_line() -> None:
    line = Sparkline((1.0, 2.0, math.nan, 3.0, math.nan, 1.0, 2.0))
    assert [len(one.attrib["points"].split()) for one in drawn(line).iter("polyline")] == [2, 2]


def test_the_band_is_drawn_where_it_is_known_and_the_last_has_its_tone() -> None:
    svg = drawn(Sparkline((1.0, 9.0), band=(0.0, 4.0), marked=(0, 1), tone="worse"))
    assert len(list(svg.iter("rect"))) == 1
    assert [one.attrib["class"] for one in svg.iter("circle")] == ["past", "worse"]
    assert not list(drawn(Sparkline((1.0, 9.0))).iter("rect"))


def test_its_name_says_how_long_it_is_and_nothing_is_drawn_of_nothing() -> None:
    assert drawn(Sparkline((1.0, 2.0))).attrib["aria-label"] == "2 mesi"
    assert Sparkline((math.nan,)).svg(Language()) == ""
    (one,) = drawn(Sparkline((5.0,))).iter("circle")
    assert one.attrib["cx"] == "4.0"
