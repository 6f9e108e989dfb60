"""The cards of an index: a sentence and a small picture of each page."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from html import unescape

from cxresearch.report import sidecar

_FIGURE = re.compile(r'<figure id="figure-1">.*?(<svg.*?</svg>)', re.DOTALL)
#: Too small to be read in a card.
_WORDS = {"text", "title", "desc", "metadata"}
#: How far round its axes a picture shows, for their lines and marks at the edge.
_EDGE = 6
_LARGEST = 24_000
_MOST_WORDS = 15
_BRACKETS = re.compile(r"\s*\([^()]*\)")
#: Where a headline may end: a comma alone parts what is said only together.
_PARTS = re.compile(r"[.;] |, (?=and |e )")
#: The first paragraph of a page: what it is for.
_PURPOSE = re.compile(r"<main [^>]*>\s*<p>(.*?)</p>", re.DOTALL)
#: What stands above a page's title: the shop, then the days that the page covers.
_WHERE = re.compile(r'<p class="where"><b>[^<]* \N{MIDDLE DOT} ([^<\N{MIDDLE DOT}]*)</b>')
_TAG = re.compile(r"<[^>]+>")


def brief(headline: str) -> str:
    """Return a headline as a card says it: without its intervals, up to 15 words.

    A longer one loses its last sentence or main clause, until one is left.

    Parameters
    ----------
    headline : str
        The answer of a page.

    Examples
    --------
    >>> brief("An order is worth €86.24 (95% CI €84.74 to €87.74), and one in two of the "
    ...       "customers we know buys again; net revenue is €1,613,300.")
    'An order is worth €86.24.'
    """
    said = _BRACKETS.sub("", headline).strip()
    while len(said.split()) > _MOST_WORDS and len(parts := _PARTS.split(said)) > 1:
        said = said[: len(said) - len(parts[-1])].rstrip(" ,;:.") + "."
    return said


def purpose(study: str, page: str) -> str:
    """Return what a report's page is for, as its first paragraph says; empty where it has none.

    Parameters
    ----------
    study : str
        The name of the study.
    page : str
        The page, below the study's folder.
    """
    found = _PURPOSE.search(_read(study, page))
    return unescape(_TAG.sub("", found[1])) if found else ""


def period(study: str, page: str) -> str:
    """Return the days that a report's page covers, in its words; empty where it has none.

    Parameters
    ----------
    study : str
        The name of the study.
    page : str
        The page, below the study's folder.
    """
    found = _WHERE.search(_read(study, page))
    return unescape(found[1]) if found else ""


def picture(study: str, page: str, report: str) -> str:
    """Return the first figure of a report's page, without its words; empty where it has none.

    Parameters
    ----------
    study : str
        The name of the study.
    page : str
        The page, below the study's folder.
    report : str
        The report: what its ids begin with.
    """
    found = _FIGURE.search(_read(study, page))
    return small(found[1], report) if found else ""


def small(svg: str, report: str) -> str:
    """Return a drawing as a picture that says nothing: its page does.

    One that would be larger than 24 kB is none.

    Parameters
    ----------
    svg : str
        The drawing, as a page has it.
    report : str
        What its ids begin with.

    Examples
    --------
    >>> small('<svg aria-label="x"><g id="figure-1-a"><text>12</text></g></svg>', "kpis")
    '<svg aria-hidden="true"><g id="picture-kpis-a" /></svg>'
    """
    root = ET.fromstring(svg.replace("figure-1-", f"picture-{report}-"))
    if inner := _axes_box(root):
        root.set("viewBox", inner)
    for parent in root.iter():
        for child in list(parent):
            if child.tag.rpartition("}")[2] in _WORDS:
                parent.remove(child)
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    for name in ("role", "aria-label", "width", "height"):
        root.attrib.pop(name, None)
    root.set("aria-hidden", "true")
    drawn = ET.tostring(root, encoding="unicode")
    return drawn if len(drawn) <= _LARGEST else ""


def _axes_box(root: ET.Element) -> str:
    """Return the part of a drawing that its axes take up; empty where nothing says so."""
    boxes = [one for one in root.iter() if one.tag.rpartition("}")[2] == "clipPath"]
    if len(boxes) != 1 or not len(boxes[0]):
        return ""
    sides = [float(boxes[0][0].get(name, 0)) for name in ("x", "y", "width", "height")]
    x, y, width, height = sides
    return f"{x - _EDGE:g} {y - _EDGE:g} {width + 2 * _EDGE:g} {height + 2 * _EDGE:g}"


def _read(study: str, page: str) -> str:
    path = sidecar.folder(study) / page
    return path.read_text("utf-8") if study and path.is_file() else ""
