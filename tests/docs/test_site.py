"""The built documentation is there offline: its pages load nothing from elsewhere."""

from __future__ import annotations

import importlib.util
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

import cxresearch

DOCS = Path(__file__).parents[2] / "docs"
#: What a browser fetches by itself; a link that a reader may follow is not of these.
_LOADS = {"script": "src", "link": "href", "img": "src", "iframe": "src", "source": "src"}


def loads(page: str) -> list[str]:
    """Return what a page loads from elsewhere."""
    soup = BeautifulSoup(page, "html.parser")
    found = [
        tag[name] for tag_name, name in _LOADS.items() for tag in soup.select(f"{tag_name}[{name}]")
    ]
    styles = " ".join(style.get_text() for style in soup.select("style"))
    return [str(one) for one in found if re.match(r"(https?:)?//", str(one))] + imported(styles)


def imported(style: str) -> list[str]:
    """Return what a style sheet loads from elsewhere."""
    return re.findall(r"(?:url\(|@import)\s*['\"]?((?:https?:)?//[^'\")\s]+)", style)


def test_the_reference_has_every_room_and_each_is_there() -> None:
    rooms = [one.__name__ for one in runpy.run_path(str(DOCS / "conf.py"))["modules"]()]
    doors = {f"cxresearch.{name}" for name in cxresearch.__all__}
    assert doors & {*sys.modules} <= {*rooms}
    assert {"cxresearch.findings", "cxresearch.core.catalogues", "cxresearch.stats"} <= {*rooms}
    assert len(rooms) == len({*rooms})


def test_every_page_has_its_place_in_the_contents() -> None:
    listed = set((DOCS / "index.md").read_text("utf-8").split())
    pages = [*DOCS.glob("*.md"), *(DOCS / "guide").glob("*.md")]
    names = {str(page.relative_to(DOCS).with_suffix("")) for page in pages}
    assert names - listed == {"index"}


@pytest.mark.slow
def test_no_page_makes_a_request(tmp_path: Path) -> None:
    if not all(map(importlib.util.find_spec, ("sphinx", "furo", "myst_parser"))):
        pytest.skip("needs `make docs` to have installed Sphinx, furo and myst-parser")
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "-b", "html", str(DOCS), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    pages = {path: loads(path.read_text("utf-8")) for path in tmp_path.rglob("*.html")}
    styles = {path: imported(path.read_text("utf-8")) for path in tmp_path.rglob("*.css")}
    assert (tmp_path / "_reference" / "survey.html") in pages
    assert {path.name: found for path, found in (pages | styles).items() if found} == {}


def test_a_request_is_found() -> None:
    page = '<script src="//example.com/a.js"></script><a href="https://example.com">Read</a>'
    assert loads(page) == ["//example.com/a.js"]
    assert imported('@import "https://example.com/a.css";') == ["https://example.com/a.css"]
    assert imported("a { background: url(img.png) }") == []
