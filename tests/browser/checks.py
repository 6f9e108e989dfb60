"""What must hold of every page the kit writes, checked in a real browser.

Each function returns the faults it finds as sentences, so that a test says ``assert not ...``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

WIDTHS = (1280, 390)
_FILLER = "No description has been provided"
_CONTRASTS = Path(__file__).with_name("contrasts.js")
_LEAST_CONTRAST = 4.5
#: The page's script sees how large things are in the first frame; the second comes after it.
_SETTLED = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
_FOCUSABLE = "a[href], button, summary, input, select, textarea, [tabindex='0']"


@dataclass(slots=True)
class Visit:
    """A page as it is open in the browser, and what went wrong meanwhile."""

    page: Page
    faults: list[str] = field(default_factory=list)


@contextmanager
def visit(
    browser: Browser, path: Path, *, width: int = 1280, scheme: str = "light"
) -> Iterator[Visit]:
    """Open a page and note every request beyond it, console error and dialog."""
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme=scheme,  # type: ignore[arg-type]
        accept_downloads=True,
    )
    page = context.new_page()
    visited = Visit(page)
    own = path.resolve().as_uri()

    def on_request(url: str) -> None:
        if url != own and not url.startswith("data:"):
            visited.faults.append(f"requested {url}")

    def on_dialog(message: str) -> None:
        visited.faults.append(f"opened a dialog: {message}")

    page.on("request", lambda request: on_request(request.url))
    page.on("console", lambda line: visited.faults.append(f"console: {line.text}"))
    page.on("pageerror", lambda error: visited.faults.append(f"error: {error}"))
    page.on("dialog", lambda dialog: (on_dialog(dialog.message), dialog.dismiss()))
    page.goto(own)
    page.evaluate(_SETTLED)
    try:
        yield visited
    finally:
        context.close()


def all_faults(browser: Browser, path: Path) -> list[str]:
    """Return the faults of a page on a desk and on a phone, by day and by night."""
    found = []
    for width in WIDTHS:
        with visit(browser, path, width=width) as visited:
            faults = [*faults_at_any_hour(visited.page), *visited.faults]
        found += [f"{path.name} at {width} px: {fault}" for fault in faults]
    return found


def faults_at_any_hour(page: Page) -> list[str]:
    """Return the faults of a page as wide as it is, by day and by night."""
    by_day = [*overflow(page), *filler(page), *faint_texts(page), *axe_violations(page)]
    unreachable = [f"the Tab key does not reach {control}" for control in unreached(page)]
    page.emulate_media(color_scheme="dark")
    return by_day + unreachable + [f"by night: {fault}" for fault in faint_texts(page)]


def axe_violations(page: Page) -> list[str]:
    """Return what axe finds against any of its rules but one.

    Contrast takes it most of its time, and :func:`faint_texts` holds every text to the same limit,
    large ones and drawings too, by day and by night.
    """
    # By itself axe works out a selector for each element that it names, those without a fault too.
    rules = {"color-contrast": {"enabled": False}}
    found = Axe().run(page, options={"resultTypes": ["violations"], "rules": rules})
    return [
        f"{rule['id']}: {node['html'][:200]}"
        for rule in found.response["violations"]
        for node in rule["nodes"]
    ]


def overflow(page: Page) -> list[str]:
    """Return by how much the page is wider than its window."""
    excess = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    return [f"{excess} px wider than the window"] if excess > 0 else []


def filler(page: Page) -> list[str]:
    """Return the images without a description of their own."""
    described = page.eval_on_selector_all(
        "figure img, figure svg",
        "images => images.map(i => i.getAttribute('alt') ?? i.getAttribute('aria-label') ?? '')",
    )
    return [f"an image described as {text!r}" for text in described if not text or _FILLER in text]


def faint_texts(page: Page) -> list[str]:
    """Return the texts, those in drawings too, that do not stand out from what is beneath them.

    WCAG 2.2, 1.4.3: texts have a contrast of at least 4.5:1. axe leaves drawings out.
    """
    found = page.evaluate(_CONTRASTS.read_text("utf-8"))
    return [
        f"{text[:80]!r} has a contrast of {contrast:.2f}"
        for text, contrast in found
        if contrast < _LEAST_CONTRAST
    ]


def unreached(page: Page) -> list[str]:
    """Return the visible controls that the Tab key does not reach.

    The radio buttons of a group are one stop: arrows lead from one to the next.
    """
    count = page.evaluate(
        """selector => {
            window.controls = [...document.querySelectorAll(selector)]
                .filter(control => control.checkVisibility() && control.tabIndex >= 0)
                .filter(control => control.type !== "radio" || control.checked);
            window.reached = new Set();
            document.addEventListener("focusin", event => window.reached.add(event.target));
            return window.controls.length;
        }""",
        _FOCUSABLE,
    )
    for _ in range(count + 2):
        page.keyboard.press("Tab")
    missed: list[str] = page.evaluate(
        """() => window.controls
            .filter(control => !window.reached.has(control))
            .map(control => control.outerHTML.slice(0, 200))"""
    )
    return missed


def open_sections(page: Page) -> None:
    """Open what a page has closed, its proof and its code."""
    page.eval_on_selector_all(
        "details.section", "sections => sections.forEach(one => { one.open = true; })"
    )


def unsorted_tables(page: Page) -> list[str]:
    """Return the tables whose last column cannot be sorted, both ways, by keyboard alone."""
    open_sections(page)
    faults = []
    tables = page.locator("table.cx:has(th button)")
    for place in range(tables.count()):
        table = tables.nth(place)
        head = table.locator("thead th").last
        for direction in ["ascending", "descending"]:
            head.locator("button").focus()
            page.keyboard.press("Enter")
            if head.get_attribute("aria-sort") != direction:
                faults.append(f"table {place + 1} is not sorted {direction}")
            keys = table.locator("tbody tr > :last-child").evaluate_all(
                "cells => cells.map(cell => cell.dataset.value).filter(key => key !== undefined)"
            )
            numbers = [float(key) for key in keys if key.replace(".", "").lstrip("-").isdigit()]
            if numbers != sorted(numbers, reverse=direction == "descending"):
                faults.append(f"table {place + 1} is in another order: {numbers}")
    return faults


def broken_code_switch(page: Page) -> list[str]:
    """Return whether the switch fails to show and to fold all code by keyboard."""
    open_sections(page)
    faults = []
    switch = page.locator("#code-switch")
    for shown in [True, False]:
        switch.focus()
        page.keyboard.press("Enter")
        pressed = switch.get_attribute("aria-pressed") == str(shown).lower()
        folds = page.eval_on_selector_all("details.code", "folds => folds.map(fold => fold.open)")
        if not pressed or set(folds) != {shown}:
            faults.append(f"the code is {'folded' if shown else 'shown'} after the switch")
    return faults


def unprintable(page: Page, texts: list[str]) -> list[str]:
    """Return what is wrong with the page on paper: no real text, or one of `texts` missing."""
    page.emulate_media(media="print")
    seen = " ".join(page.inner_text("body").split())
    faults = [f"{text!r} is not printed" for text in texts if text not in seen]
    if page.locator("nav").count() and page.locator("nav").is_visible():
        faults.append("the contents list is printed")
    paper = page.pdf(prefer_css_page_size=True)
    page.emulate_media(media="screen")
    # A font's map from glyphs to letters is there where text is printed as text.
    if not paper.startswith(b"%PDF") or b"/ToUnicode" not in paper:
        faults.append("the paper holds no text")
    return faults
