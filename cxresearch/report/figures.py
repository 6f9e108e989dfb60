"""A matplotlib figure as an output that can be read, printed and compared.

It is SVG with real text, or PNG where it has too many marks; the same figure gives the same bytes.
"""

from __future__ import annotations

import base64
import io
import re
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal
from xml.etree import ElementTree as ET

from cxresearch.core import disclosure
from cxresearch.core import figure as core_figure
from cxresearch.report import slim_svg

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

#: An SVG with more marks than this is larger than a PNG and slower to draw.
MOST_MARKS = 1_000
_DPI = 160
#: How many points an inch has, and how much paper there is round what is drawn, in inches.
_POINTS, _PAD = 72, 0.1
#: What an SVG says of its size.
_SIZE = re.compile(r'width="[\d.]+pt" height="[\d.]+pt" viewBox="[^"]*"')

_SVG = "http://www.w3.org/2000/svg"
_XLINK = "http://www.w3.org/1999/xlink"
#: Elements that would run or fetch something; matplotlib writes none of them.
_ACTIVE = {"script", "foreignObject", "iframe", "image", "a", "style", "metadata"}
#: How far the channels of a grey may lie apart; inks and rules are greys, data is not.
_GREY = 16
#: A light grey's place on the dark page: white becomes its surface, black nearly white.
_DARKEST, _LIGHTEST = 27, 236
#: What an XML document may not hold; data may, and Matplotlib writes it.
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_COLOUR = re.compile(r"(fill|stroke|stop-color): ?#([0-9a-f]{6})")


@dataclass(frozen=True, slots=True)
class FigurePayload:
    """A figure as a notebook's output carries it.

    Parameters
    ----------
    mime : {"image/svg+xml", "image/png"}
        What `payload` is.
    payload : str
        The SVG, or the PNG in base64.
    text : str
        ``<Figure: caption | data RxC sha256:...>``: what a test compares in place of pixels.
    caption, alt : str
        The figure's caption and its alternative text.
    csv : str
        The data behind it; empty when there is none.
    narrow : str
        The SVG for the width of a phone; empty when there is none.
    """

    mime: Literal["image/svg+xml", "image/png"]
    payload: str
    text: str
    caption: str
    alt: str
    csv: str
    narrow: str = ""

    def bundle(self) -> dict[str, str]:
        """Return the output by MIME type."""
        return {self.mime: self.payload, "text/plain": self.text}

    def about(self) -> dict[str, str]:
        """Return what the renderer needs beside the image."""
        about = {"caption": self.caption, "alt": self.alt, "csv": self.csv}
        return about | ({"narrow": self.narrow} if self.narrow else {})


@dataclass(frozen=True, slots=True)
class Drawing:
    """A figure that is drawn and has no words yet, with its data as CSV and what tells them."""

    mime: Literal["image/svg+xml", "image/png"]
    image: str
    csv: str
    digest: str

    def said(self, caption: str, alt: str, narrow: Drawing | None = None) -> FigurePayload:
        """Return the figure with its caption and its alternative text, both in words.

        Parameters
        ----------
        caption, alt : str
            The words.
        narrow : Drawing, optional
            The same for the width of a phone.
        """
        payload = _described(self.image, alt) if self.mime == "image/svg+xml" else self.image
        text = f"<Figure: {caption}{self.digest}>"
        small = ""
        if narrow and narrow.mime == self.mime == "image/svg+xml":
            small = _described(narrow.image, alt)
        return FigurePayload(self.mime, payload, text, caption, alt, self.csv, small)


def render(
    figure: Any,
    data: pd.DataFrame | None,
    *,
    people: str | Sequence[str] | None = None,
    min_cell: int = 1,
    within: Sequence[str] | None = None,
    marks: tuple[str, str] = (",", "."),
) -> Drawing:
    """Render a figure of matplotlib's as an image, and close it.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        The figure.
    data : pandas.DataFrame or None
        The numbers drawn.
    people, min_cell, within, marks : optional
        As for :func:`cxresearch.core.disclosure.csv`.
    """
    image = _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", _svg_of(figure))
    mime: Literal["image/svg+xml", "image/png"] = "image/svg+xml"
    if _marks(image) > MOST_MARKS:
        mime, image = "image/png", base64.b64encode(_png_of(figure)).decode()
    close(figure)
    csv = digest = ""
    if data is not None:
        size = f"{data.shape[0]}x{data.shape[1]}"
        digest = f" | data {size} sha256:{disclosure.digest(data)}"
        csv = disclosure.csv(data, people=people, min_cell=min_cell, within=within, marks=marks)
    return Drawing(mime, image, csv, digest)


def close(figure: Figure) -> None:
    """Let go of a figure that is not shown, or no more."""
    from matplotlib import pyplot as plt

    plt.close(figure)


def inlined(svg: str, *, prefix: str) -> str:
    """Return an SVG that can share a page with others, light or dark.

    Its ids begin with `prefix`; its greys, which are inks, rules and surfaces, turn over on a dark
    page, and colours that stand for data stay, as do greys marked
    :data:`cxresearch.core.figure.AS_DRAWN`; nothing in it can run or fetch anything.

    Parameters
    ----------
    svg : str
        An SVG document.
    prefix : str
        What its ids begin with, unique in the page.
    """
    root = ET.fromstring(svg)
    for parent in root.iter():
        for child in list(parent):
            if not isinstance(child.tag, str) or _local(child.tag) in _ACTIVE:
                parent.remove(child)
    as_drawn = _as_drawn(root)
    for element in root.iter():
        for name, value in list(element.attrib.items()):
            del element.attrib[name]
            kept = _attribute(_local(name), value, prefix)
            if kept is not None:
                element.set(_local(name), kept)
        if element not in as_drawn and "style" in element.attrib:
            element.set("style", _COLOUR.sub(_both_schemes, element.attrib["style"]))
    slim_svg.slim(root, prefix=prefix)
    return _serialised(root)


def _svg_of(figure: Figure) -> str:
    """Return a figure as SVG, cut to what is drawn; the page beneath it is its paper.

    It is drawn once, and then cut by its viewBox: `savefig` draws it a second time to cut it.
    """
    import matplotlib as mpl
    from matplotlib.backends.backend_svg import RendererSVG

    for paper in (figure.patch, *(axes.patch for axes in figure.axes)):
        paper.set(facecolor="none", edgecolor="none")
    # Matplotlib measures all ticks anew to place the title of an axis, be it empty.
    for axis in (axis for axes in figure.axes for axis in (axes.xaxis, axes.yaxis)):
        if not axis.get_label_text():
            axis.set_label_coords(0, 0)
    file = io.StringIO()
    figure.dpi = _POINTS
    width, height = _POINTS * figure.get_size_inches()
    with mpl.rc_context({"svg.hashsalt": "cxresearch", "svg.fonttype": "none"}), _quiet():
        renderer: Any = RendererSVG(  # type: ignore[no-untyped-call]
            width, height, file, image_dpi=_DPI, metadata={"Date": None, "Creator": None}
        )
        if len(figure.axes) == 1 and figure.get_layout_engine():
            _give_room(figure, renderer)
        figure.draw(renderer)
        renderer.finalize()
        drawn = figure.get_tightbbox(renderer).padded(_PAD)
    places = drawn.x0, figure.get_figheight() - drawn.y1, drawn.width, drawn.height
    left, top, wide, high = (f"{_POINTS * one:.4f}" for one in places)
    size = f'width="{wide}pt" height="{high}pt" viewBox="{left} {top} {wide} {high}"'
    return _SIZE.sub(size, file.getvalue(), count=1)


def _give_room(figure: Figure, renderer: Any) -> None:
    """Place the axes of a figure so that what is written round them is on its paper.

    Matplotlib's engines of layout measure it twice or more, on another renderer.
    """
    (axes,) = figure.axes
    figure.set_layout_engine("none")
    paper: Any = figure.bbox.extents
    inner = axes.get_window_extent(renderer)
    outer = axes.get_tightbbox(renderer, for_layout_only=True) or inner
    left, low, right, high = (paper + inner.extents - outer.extents) / (*paper[2:], *paper[2:])
    if left < right and low < high:
        axes.set_position((left, low, right - left, high - low))


def _png_of(figure: Figure) -> bytes:
    """Return a figure as PNG, which brings its own paper."""
    file = io.BytesIO()
    with _quiet():
        figure.savefig(
            file,
            format="png",
            bbox_inches="tight",
            dpi=_DPI,
            metadata={"Software": None},
            facecolor="white",
        )
    return file.getvalue()


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep Matplotlib's remarks on letters and room to itself: a page has no use for them."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        yield


def _marks(svg: str) -> int:
    return svg.count("<use") + svg.count("<path")


def _described(svg: str, alt: str) -> str:
    root = ET.fromstring(svg)
    root.set("role", "img")
    root.set("aria-label", _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", alt))
    return _serialised(root)


def _serialised(root: ET.Element) -> str:
    for element in root.iter():
        if isinstance(element.tag, str):
            element.tag = _local(element.tag)
        for name in [name for name in element.attrib if name.startswith(f"{{{_XLINK}}}")]:
            element.set(_local(name), element.attrib.pop(name))
    root.set("xmlns", _SVG)
    return ET.tostring(root, encoding="unicode")


def _as_drawn(root: ET.Element) -> set[ET.Element]:
    """Return the elements whose greys stay."""
    groups = (one for one in root.iter() if one.get("id", "").startswith(core_figure.AS_DRAWN))
    return {element for group in groups for element in group.iter()}


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def _attribute(name: str, value: str, prefix: str) -> str | None:
    """Return what an attribute becomes in a page; None when it may not be there."""
    if name.startswith("on"):
        return None
    if name == "href":
        return f"#{prefix}{value[1:]}" if value.startswith("#") else None
    if name == "id":
        return prefix + value
    return value.replace("url(#", f"url(#{prefix}")


def _both_schemes(match: re.Match[str]) -> str:
    use, colour = match.groups()
    channels = [int(colour[place : place + 2], 16) for place in (0, 2, 4)]
    if max(channels) - min(channels) > _GREY:
        return match[0]
    share = sum(channels) / (3 * 255)
    dark = round(_LIGHTEST - share * (_LIGHTEST - _DARKEST))
    # The first is for browsers that do not know the second.
    return f"{use}: #{colour}; {use}: light-dark(#{colour}, #{dark:02x}{dark:02x}{dark:02x})"
