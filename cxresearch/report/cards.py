"""The cards of an index: a sentence and a small picture of each page."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

from cxresearch.report import sidecar

_FIGURE = re.compile(r'<figure id="figure-1">.*?(<svg.*?</svg>)', re.DOTALL)
#: Too small to be read in a card.
_WORDS = {"text", "title", "desc", "metadata"}
_LARGEST = 24_000
_MOST_WORDS = 15
_BRACKETS = re.compile(r"\s*\([^()]*\)")
_PARTS = re.compile(r"(?:[.;,]) ")


def brief(headline: str) -> str:
    """Return a headline as a card says it: without its intervals, up to 15 words.

    A longer one loses its last sentence, part or clause, until one is left.

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
    path = sidecar.folder(study) / page
    found = _FIGURE.search(path.read_text("utf-8")) if study and path.is_file() else None
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
