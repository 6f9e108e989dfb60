"""Whether a busy reader can finish a page: how long it is, what its headline holds, its words.

Each function returns the faults it finds as sentences, so that a test says ``assert not ...``.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import unquote

from playwright.sync_api import Page

MOST_SCREENS = {"summary": 3.0}
_SCREENS, _SCREEN = 7.0, 800
_MOST_WORDS, _MOST_NUMBERS = 20, 2
#: A page travels by e-mail, and is read where the network is slow.
_MOST_BYTES = 200_000
#: Of A4, as a page opens.
_MOST_SHEETS = 4
#: The lines of small print that say what made a page, in pixels of a sheet.
_MADE = 220
#: Letters of a drawing that are smaller than this on a phone are not read, in pixels.
_SMALLEST_LETTER = 10.5
#: A number as a reader counts it: "22.2%", "€3,205"; a day, a month and a year are no numbers.
_NUMBER = re.compile(r"(?<![\w.,])[€$£]?\d[\d.,]*")
_DATE = re.compile(r"(\b\d{1,2}º?\s)?\b[^\W\d]{3,9}\.?\s(19|20)\d\d\b")
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


def weight_faults(path: Path) -> list[str]:
    """Return by how much the page is too heavy."""
    weight = path.stat().st_size
    return [f"{weight:,} bytes"] if weight >= _MOST_BYTES else []


def late_advice(page: Page) -> list[str]:
    """Return whether a table that is open comes before the page says what to do.

    The advice is a section, or a column of the first table, or a lane of the map.
    """
    is_late = page.evaluate(
        """() => {
            const advice = /^(What to do( next)?|Che cosa fare)$/;
            for (const part of document.querySelectorAll("main :is(h2, .cell, table.cx)")) {
                if (!part.checkVisibility()) continue;
                const isTable = part.matches("table.cx");
                const heads = isTable ? [...part.querySelectorAll("thead th")] : [part];
                const said = heads.map(head => (head.dataset.lane ?? head.textContent).trim());
                if (said.some(words => advice.test(words))) return false;
                if (isTable) return true;
            }
            return true;
        }"""
    )
    return ["a table comes before what to do"] if is_late else []


def scrolled_tables(page: Page) -> list[str]:
    """Return the tables of a phone's page, closed sections opened, that do not fit its width."""
    page.eval_on_selector_all(
        "details.section", "sections => sections.forEach(one => { one.open = true; })"
    )
    page.wait_for_timeout(50)  # a section says in a task of its own that it was opened
    wide = page.locator(".table .scroll").evaluate_all(
        "boxes => boxes.filter(box => box.scrollWidth > box.clientWidth + 1)"
        ".map(box => box.closest('.table').id)"
    )
    return [f"{table} scrolls sideways" for table in wide]


def small_letters(page: Page) -> list[str]:
    """Return the words of drawings whose letters are too small to read."""
    sizes = page.locator("figure svg text").evaluate_all(
        """words => words.filter(one => one.checkVisibility()).map(one => [
            one.textContent,
            parseFloat(getComputedStyle(one).fontSize)
                * Math.hypot(one.getScreenCTM().a, one.getScreenCTM().b),
        ])"""
    )
    return [f"{words!r} of {size:.1f} px" for words, size in sizes if size < _SMALLEST_LETTER]


def parted_on_paper(page: Page) -> list[str]:
    """Return what a sheet may end within: a heading without what it heads, a drawing cut in two."""
    page.emulate_media(media="print")
    faults: list[str] = page.evaluate(
        """most => {
            const seen = (one) => one && one.checkVisibility();
            const said = (one) => `${one.tagName} ${one.textContent.trim().slice(0, 40)}`;
            const found = [];
            for (const head of document.querySelectorAll("main :is(h2, h3, caption)")) {
                if (seen(head) && getComputedStyle(head).breakAfter !== "avoid")
                    found.push(`${said(head)} may end a sheet`);
            }
            for (const whole of document.querySelectorAll("figure, .answer, main tr")) {
                if (seen(whole) && getComputedStyle(whole).breakInside !== "avoid")
                    found.push(`${said(whole)} may be cut by the end of a sheet`);
            }
            // What stands between a heading and its drawing stays with both.
            for (const figure of document.querySelectorAll("main > figure")) {
                let before = figure.previousElementSibling;
                while (before && !seen(before)) before = before.previousElementSibling;
                if (before?.matches("p, .said, h2, h3")
                    && getComputedStyle(before).breakAfter !== "avoid")
                    found.push(`${said(before)} may leave its figure`);
            }
            const made = document.querySelector("footer");
            if (made && made.getBoundingClientRect().height > most)
                found.push("what made the page takes a sheet");
            return found;
        }""",
        _MADE,
    )
    sheets = page.pdf(prefer_css_page_size=True).count(b"/Type /Page\n")
    page.emulate_media(media="screen")
    return faults + ([f"{sheets} sheets"] if not 0 < sheets <= _MOST_SHEETS else [])
