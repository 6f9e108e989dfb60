"""Whether a busy reader can finish a page: how long it is, what its headline holds, its words.

Each function returns the faults it finds as sentences, so that a test says ``assert not ...``.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from urllib.parse import unquote

from playwright.sync_api import Page

MOST_SCREENS = {"summary": 3.0}
_SCREENS, _SCREEN = 7.0, 800
_MOST_WORDS, _MOST_NUMBERS = 20, 2
#: A number as a reader counts it: "22.2%", "€3,205"; a day, a month and a year are no numbers.
_NUMBER = re.compile(r"(?<![\w.,])[€$£]?\d[\d.,]*")
_DATE = re.compile(r"(\b\d{1,2}º? )?\b[^\W\d]{3,9}\.? (19|20)\d\d\b")
_HYPHEN_MINUS = re.compile(r"(?:^|[\s(])-\d")
_PERIOD = re.compile(r"\b(19|20)\d\d\b")
#: Words in the place of a number: "6.2 percentage points", "€3,205".
_WORDED = re.compile(r"^'?[-+−<]?\s?[€$£]?\d[\d.,]*\s?([^\W\d_]{2,}.*|%|€)$")


def headline_faults(page: Page) -> list[str]:
    """Return whether the headline has too many words or numbers."""
    said = page.locator(".answer > p").first.inner_text()
    words, numbers = said.split(), _NUMBER.findall(_DATE.sub("", said))
    faults = []
    if len(words) > _MOST_WORDS:
        faults.append(f"a headline of {len(words)} words: {said!r}")
    if len(numbers) > _MOST_NUMBERS:
        faults.append(f"a headline of {len(numbers)} numbers: {said!r}")
    return faults


def length_faults(page: Page, name: str) -> list[str]:
    """Return by how much the page, its sections closed, is too long for its reader."""
    screens = page.evaluate("document.documentElement.scrollHeight") / _SCREEN
    most = MOST_SCREENS.get(name, _SCREENS)
    return [f"{screens:.1f} screens"] if screens > most else []


def period_faults(page: Page) -> list[str]:
    """Return whether the page does not say which days it covers."""
    said = page.locator(".where").inner_text()
    return [] if _PERIOD.search(said) else [f"no period above the title: {said!r}"]


def hyphen_faults(texts: Iterable[str]) -> list[str]:
    """Return the texts in which a negative number has a hyphen."""
    return [text[:80] for text in texts if _HYPHEN_MINUS.search(text)]


def link_faults(page: Page, others: int) -> list[str]:
    """Return whether the page does not lead to each of the study's others."""
    links = page.locator("nav a:not([href^='#'])").evaluate_all(
        "links => links.map(link => link.getAttribute('href'))"
    )
    return [] if len(set(links)) == others else [f"links to {len(set(links))} of {others} pages"]


def csv_faults(page: Page, *, decimal: str) -> list[str]:
    """Return the cells of the page's data that are words where they should be numbers."""
    links = page.locator("a.data").evaluate_all(
        "links => links.map(link => [link.getAttribute('download'), link.href.split('utf-8,')[1]])"
    )
    delimiter, other = (";", ",") if decimal == "," else (",", ";")
    faults = []
    for name, encoded in links:
        text = unquote(encoded, "utf-8-sig")
        rows = list(csv.reader(io.StringIO(text), delimiter=delimiter))
        unparted = len(rows[0]) == 1 and other in rows[0][0]
        if unparted or any(len(row) != len(rows[0]) for row in rows):
            faults.append(f"{name}: columns are not parted by {delimiter!r}")
            continue
        # What a cell of the map says has its number in a column of its own.
        said = rows[0].index("says") if {"says", "value"} <= set(rows[0]) else None
        for row in rows[1:]:
            cells = (cell for place, cell in enumerate(row) if place != said)
            faults += [f"{name}: {cell!r}" for cell in cells if _WORDED.match(cell)]
    return faults


def cut_figures(page: Page) -> list[str]:
    """Return the figures that are wider than a phone."""
    wide = page.locator("figure .drawing").evaluate_all(
        "boxes => boxes.filter(box => box.checkVisibility())"
        ".filter(box => box.scrollWidth > box.clientWidth + 1)"
        ".map(box => box.closest('figure').id)"
    )
    return [f"{figure} is cut" for figure in wide]
