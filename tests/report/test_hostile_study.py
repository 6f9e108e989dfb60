"""Every notebook on a shop whose names are hostile and whose cells are small, read as a reader."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

import pytest
from bs4 import BeautifulSoup

from tests.report import hostile_study

MIN_CELL = 5
#: Columns that count people, wherever a CSV has them.
PEOPLE = {"customers", "people", "n_first", "n_second", "n_with", "n_now", "value_people"}


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The reports of the shop, built in a folder whose own name is hostile too."""
    root = tmp_path_factory.mktemp("hostile") / "a{b} %s $x"
    hostile_study.write(root)
    kit = [sys.executable, "-c", "from cxresearch.cli import app; app()"]
    done = subprocess.run(
        [*kit, "report", "shop", "--jobs", "2"],
        env=os.environ | {"CX_ROOT": str(root)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return root / "reports" / "shop"


def pages(reports: Path) -> dict[str, BeautifulSoup]:
    return {
        str(path.relative_to(reports).with_suffix("")): BeautifulSoup(
            path.read_text("utf-8"), "html.parser"
        )
        for path in reports.rglob("*.html")
    }


def downloads(page: BeautifulSoup) -> list[list[dict[str, str]]]:
    """Return the rows of every CSV of a page."""
    links = page.find_all("a", download=True)
    texts = [unquote_to_bytes(link["href"].partition("utf-8,")[2]) for link in links]
    between = ";" if page.html["lang"] == "it" else ","
    files = [io.StringIO(text.decode("utf-8-sig")) for text in texts]
    return [list(csv.DictReader(file, delimiter=between)) for file in files]


def records(reports: Path) -> dict[str, dict[str, Any]]:
    found = {path.stem: json.loads(path.read_text("utf-8")) for path in reports.glob("*.json")}
    return {name: record for name, record in found.items() if name != "index"}


def test_a_name_is_shown_as_it_is_and_is_no_markup_anywhere(reports: Path) -> None:
    shown = pages(reports)
    assert len(shown) == 20
    marks = " ".join(hostile_study.MARKS.split())
    for name, page in shown.items():
        text = " ".join(page.get_text(" ").split())
        if not name.endswith("data_quality"):
            assert marks in text.replace("\u2069", ""), name
        # An <i> without words is a bar of the journey map.
        marked = page.find_all(["i", "em", "math", "del"])
        assert not [tag for tag in marked if tag.get_text(strip=True)], name
        assert not [link for link in page.find_all("a") if link.get("href") == "b"], name
        assert not page.select("details.log"), name
        for own in page.select("details.code, footer, .where > b"):  # the last is the shop's name
            own.decompose()
        assert not [bold for bold in page.find_all("b") if "amp" in bold.get_text()], name


def test_a_name_in_a_sentence_turns_nothing_round_it(reports: Path) -> None:
    for page in records(reports)["funnel_and_paths"]["pages"].values():
        headline = page["headline"]
        assert hostile_study.MARKS in headline
        opened = sum(headline.count(mark) for mark in "\u2066\u2067\u2068")
        assert opened == headline.count("\u2069") > 0


def test_no_number_about_too_few_people_is_recorded(reports: Path) -> None:
    for name, record in records(reports).items():
        for key, number in record["numbers"].items():
            told = number["value"] is not None or number["ci"] != [None, None]
            assert not told or number["n"] == 0 or number["n"] >= MIN_CELL, (name, key, number)


def test_no_row_about_too_few_people_is_in_a_download(reports: Path) -> None:
    small = 0
    for name, page in pages(reports).items():
        for rows in downloads(page):
            for row in rows:
                for column in PEOPLE & row.keys():
                    count = row[column]
                    small += count == f"< {MIN_CELL}"
                    if count.isdigit():
                        assert not 0 < int(count) < MIN_CELL, (name, column, row)
    assert small > 0


def test_a_small_level_is_hidden_and_so_is_the_one_that_would_give_it_away(reports: Path) -> None:
    hidden = 0
    for page in pages(reports).values():
        for rows in downloads(page):
            for level in ("watch", "fax", "post", "kiosk", "tiny"):
                key = next(iter(rows[0])) if rows else ""
                mine = [row for row in rows if row[key].startswith(f"{level}{{n}}")]
                for row in mine:
                    people = [row[column] for column in PEOPLE & row.keys()]
                    if people:
                        hidden += 1
                        assert set(people) <= {f"< {MIN_CELL}", "", "0"}, row
    assert hidden > 3
