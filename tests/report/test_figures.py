import base64
from collections.abc import Iterator
from xml.etree import ElementTree as ET

import matplotlib as mpl
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from cxresearch.core import figure as core_figure
from cxresearch.report import figures

EVIL = '<script>alert("1")</script>&'


@pytest.fixture(autouse=True)
def _no_window() -> Iterator[None]:
    before = mpl.get_backend()
    plt.switch_backend("agg")
    yield
    plt.close("all")
    plt.switch_backend(before)


def drawn(*, points: int = 3, label: str = "revenue") -> Figure:
    figure, axes = plt.subplots()
    axes.scatter(range(points), range(points))
    axes.set_title(label)
    return figure


def made(
    figure: Figure, *, alt: str = "It rises", data: pd.DataFrame | None = None, people: str = ""
) -> figures.FigurePayload:
    counted = people or None
    return figures.render(figure, data, people=counted, min_cell=5).said("Revenue", alt)


def test_a_figure_is_svg_with_real_text_and_says_what_it_shows() -> None:
    payload = made(drawn(label="Net revenue"))
    root = ET.fromstring(payload.payload)
    assert payload.mime == "image/svg+xml"
    assert (root.get("role"), root.get("aria-label")) == ("img", "It rises")
    assert "Net revenue" in [
        element.text for element in root.iter() if element.tag.endswith("text")
    ]


def laid_out(figure: Figure) -> Figure:
    figure.set_layout_engine("constrained")
    return figure


def sides(svg: str) -> list[float]:
    return [float(side) for side in (ET.fromstring(svg).get("viewBox") or "").split()]


def test_what_stands_round_the_axes_is_on_the_paper_of_the_figure() -> None:
    figure, axes = plt.subplots(figsize=(6, 3))
    axes.barh(["a name that takes a good part of the paper", "short"], [1, 2])
    axes.annotate("beside the last bar", (1, 0.5), xycoords="axes fraction")
    left, top, width, height = sides(made(laid_out(figure)).payload)
    edge = figures._POINTS * figures._PAD
    assert (left, top) == pytest.approx((-edge, -edge))
    assert (width, height) == pytest.approx((6 * 72 + 2 * edge, 3 * 72 + 2 * edge))


def test_a_label_as_wide_as_the_paper_leaves_the_axes_and_widens_the_cut() -> None:
    figure, axes = plt.subplots(figsize=(2, 2))
    axes.barh(["wide " * 20, "short"], [1, 2])
    svg = made(laid_out(figure)).payload
    assert "short" in svg
    assert sides(svg)[2] > 2 * 72


def test_a_figure_of_several_axes_is_laid_out_by_matplotlib() -> None:
    figure, (first, second) = plt.subplots(1, 2, figsize=(6, 3))
    second.set_ylabel("revenue")
    made(laid_out(figure))
    apart = second.get_window_extent().x0 - first.get_window_extent().x1
    assert apart > second.yaxis.label.get_window_extent().width


def test_the_same_figure_gives_the_same_bytes() -> None:
    assert made(drawn()).payload == made(drawn()).payload
    assert made(drawn(points=2000)).payload == made(drawn(points=2000)).payload


def test_too_many_marks_are_a_png() -> None:
    payload = made(drawn(points=figures.MOST_MARKS + 1))
    assert payload.mime == "image/png"
    assert base64.b64decode(payload.payload).startswith(b"\x89PNG")
    assert payload.about() == {"caption": "Revenue", "alt": "It rises", "csv": ""}


def test_the_figure_is_closed() -> None:
    made(drawn())
    assert plt.get_fignums() == []


def test_the_text_compares_the_data_and_not_the_pixels() -> None:
    frame = pd.DataFrame({"x": [1.0, 2.0]})
    text = made(drawn(), data=frame).text
    assert text.startswith("<Figure: Revenue | data 2x1 sha256:")
    assert text == made(drawn(label="other"), data=frame + 1e-9).text
    assert text != made(drawn(), data=frame + 1e-3).text
    assert made(drawn()).text == "<Figure: Revenue>"


def test_the_data_behind_it_hides_too_few_people() -> None:
    frame = pd.DataFrame({"segment": ["a", "b", "c"], "n": [4, 5, 9], "worth": [None, None, 1.0]})
    payload = made(drawn(), data=frame, people="n")
    assert payload.csv == "segment,n,worth\na,< 5,\nb,,\nc,9,1\n"


def test_two_figures_can_share_a_page() -> None:
    svg = made(drawn()).payload
    one, other = figures.inlined(svg, prefix="figure-1-"), figures.inlined(svg, prefix="figure-2-")

    def ids(text: str) -> set[str]:
        return {
            element.attrib["id"] for element in ET.fromstring(text).iter() if "id" in element.attrib
        }

    assert ids(one)
    assert not ids(one) & ids(other)
    for element in ET.fromstring(one).iter():
        for value in element.attrib.values():
            if "url(#" in value:
                assert value.split("url(#")[1].rstrip(")") in ids(one)
        if "href" in element.attrib:
            assert element.attrib["href"].removeprefix("#") in ids(one)


def test_labels_and_descriptions_are_text_whatever_they_hold() -> None:
    svg = figures.inlined(made(drawn(label=EVIL), alt=EVIL).payload, prefix="f-")
    root = ET.fromstring(svg)
    assert "<script" not in svg
    assert root.get("aria-label") == EVIL
    assert EVIL in [element.text for element in root.iter()]


def test_what_could_run_or_fetch_is_taken_out() -> None:
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" onload="x()"><script>x()</script>'
        '<style>@import "x"</style><a href="http://example.com"><text>a</text></a>'
        '<foreignObject/><g><image href="http://example.com/x.png"/></g>'
        '<use href="http://example.com#x"/><text onclick="x()">kept</text></svg>'
    )
    assert figures.inlined(svg, prefix="f-") == (
        '<svg xmlns="http://www.w3.org/2000/svg"><use /><text>kept</text></svg>'
    )


def test_greys_turn_over_on_a_dark_page_and_colours_do_not() -> None:
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg"><path style="fill: #ffffff; stroke: #262626"/>'
        '<path style="fill: #0173b2"/><text style="font: 10px sans">fill: #262626</text></svg>'
    )
    root = ET.fromstring(figures.inlined(svg, prefix="f-"))
    surface, data, text = list(root)
    assert surface.attrib["style"] == (
        "fill: #ffffff; fill: light-dark(#ffffff, #1b1b1b); "
        "stroke: #262626; stroke: light-dark(#262626, #cdcdcd)"
    )
    assert data.attrib["style"] == "fill: #0173b2"
    assert text.text == "fill: #262626"


def test_greys_that_are_marked_stay_as_they_are_drawn() -> None:
    style = '<path style="fill: #ffffff"/>'
    marked = f'<g id="{core_figure.AS_DRAWN}-1"><g>{style}</g></g>'
    svg = f'<svg xmlns="http://www.w3.org/2000/svg">{marked}'
    root = ET.fromstring(figures.inlined(f'{svg}<g id="cells">{style}</g></svg>', prefix="f-"))
    marked, other = (path.attrib["style"] for path in root.iter() if path.tag.endswith("path"))
    assert marked == "fill: #ffffff"
    assert other.endswith("light-dark(#ffffff, #1b1b1b)")
