"""The reports of the demo study, built for real and opened in a real browser."""

from __future__ import annotations

import difflib
import json
import re
from pathlib import Path

import nbformat
import pytest
import yaml
from bs4 import BeautifulSoup
from playwright.sync_api import Browser

from cxresearch.core.catalogues import catalogue
from cxresearch.core.languages import Language
from cxresearch.report import summary
from cxresearch.study import schema
from cxresearch.voc import Codebook
from tests import demo, test_terms
from tests.browser import checks, reading
from tests.reference import refresh

pytestmark = pytest.mark.browser

REPORTS = [
    "checkout_experiment",
    "customer_value",
    "data_quality",
    "funnel_and_paths",
    "journey_map",
    "kpi_scorecard",
    "satisfaction",
    "summary",
    "voice_of_customer",
]
PAGES = [f"{folder}{name}" for folder in ("", "it/") for name in ("index", *REPORTS)]
#: What is no text of a page: code, how it was made, data, and its own script and style.
NO_TEXT = "details.code, details.all-code, footer, script, style, a.data"


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The reports of the demo."""
    project, _ = demo.built(demo.folder_of_run(tmp_path_factory))
    return project / demo.REPORTS


def test_all_of_them_are_there_and_nothing_else(reports: Path) -> None:
    found = [str(path.relative_to(reports).with_suffix("")) for path in reports.rglob("*.html")]
    assert sorted(found) == sorted(PAGES)
    assert not list(reports.glob(".*"))


def test_a_report_reads_the_data_files_that_its_reference_names(reports: Path) -> None:
    read = demo.data_read(reports.parents[1])
    for path in refresh.REFERENCES:
        if path.stem != refresh.ALONE:
            reference = nbformat.read(refresh.HERE / path.name, as_version=4)
            assert read[path.name] == reference.metadata["cx"]["data"], path.name


def codes() -> dict[str, set[str]]:
    """Return, for each code of the demo that has a label, the words that its labels are.

    A code that is an English word, such as "new", is its label but for the capital: no code.
    """
    study = yaml.safe_load((demo.DEMO / "study.yaml").read_text("utf-8"))
    named = study["labels"] | {
        event: touchpoint["label"] for event, touchpoint in study["touchpoints"].items()
    }
    labels = {
        code: set(said.values()) if isinstance(said, dict) else {said}
        for code, said in named.items()
    }
    return {code: said for code, said in labels.items() if code not in map(str.casefold, said)}


def read(page: Path) -> list[str]:
    """Return what a reader of a page reads or hears: its texts, titles and alternative texts."""
    soup = BeautifulSoup(page.read_text("utf-8"), "html.parser")
    for part in soup.select(NO_TEXT):
        part.decompose()
    named = [tag.get(name, "") for tag in soup(True) for name in ("alt", "aria-label", "title")]
    return [*soup.stripped_strings, *map(str, named)]


@pytest.mark.parametrize("name", PAGES)
def test_no_page_shows_a_code_where_the_study_has_a_label(reports: Path, name: str) -> None:
    """A code with a mark in it is no word of any language; one without may be one of the text."""
    texts = read(reports / f"{name}.html")
    marked = [code for code in codes() if "_" in code]
    assert len(marked) > 20
    word = re.compile(rf"(?<!\w)({'|'.join(map(re.escape, marked))})(?!\w)")
    assert [(code, text[:80]) for text in texts for code in word.findall(text)] == []
    # A cell, a label of an axis, an entry of a legend that is nothing but a code; the page on the
    # data names tables, one of which is called as a metric is.
    bare = {code for code, labels in codes().items() if "_" not in code and code not in labels}
    bare -= set(schema.TABLES)
    bare = {code for code in bare if not re.fullmatch(r"[\d.]+", code)}  # 5.4 is a number too
    assert [text for text in texts if text in bare] == []


def test_every_recorded_number_has_its_name_in_italian(reports: Path) -> None:
    labels = {code: min(said) for code, said in codes().items()}
    book = Codebook.load()
    english = Language("en", labels | {key: said["en"] for key, said in book.labels().items()})
    italian = Language("it", labels | {key: said["it"] for key, said in book.labels().items()})
    untold = [
        name
        for report in REPORTS
        for name in json.loads((reports / f"{report}.json").read_text("utf-8"))["numbers"]
        if summary.Quantity(name).words(english) == summary.Quantity(name).words(italian)
        and name.replace("_", " ") not in catalogue("it")
    ]
    assert untold == []


@pytest.mark.parametrize("name", [name for name in PAGES if "index" in name])
def test_an_index_has_no_fault_at_any_width_by_day_and_by_night(
    browser: Browser, reports: Path, name: str
) -> None:
    path = reports / f"{name}.html"
    assert checks.all_faults(browser, path) + reading.weight_faults(path) == []
    with checks.visit(browser, path) as visited:
        assert reading.parted_on_paper(visited.page) == []


#: Pages whose answer counts rows or adds up money, neither of which has an interval.
COUNTED = {"data_quality", "kpi_scorecard"}


@pytest.mark.parametrize("name", [name for name in PAGES if "index" not in name])
def test_a_busy_reader_finishes_the_page_its_controls_work_and_it_prints(
    browser: Browser, reports: Path, name: str
) -> None:
    """Reading check: answer, headline, length, period, true minus, links, data as numbers, phone.

    The page is read as it opens: what to do comes before its tables. Then it is looked at by day,
    by night and on paper, and its controls are used. No page has a fault on the way, at any width;
    on a phone every table fits.
    """
    report, is_italian = name.removeprefix("it/"), name.startswith("it/")
    path = reports / f"{name}.html"
    with checks.visit(browser, path) as visited:
        page = visited.page
        faults = reading.period_faults(page) + reading.link_faults(page, len(REPORTS) - 1)
        faults += reading.csv_faults(page, decimal="," if is_italian else ".")
        faults += reading.hyphen_faults(read(path))
        faults += reading.headline_faults(page) + reading.length_faults(page, report)
        faults += reading.late_advice(page) + reading.weight_faults(path)
        title = page.inner_text("h1")
        answer = page.locator("h1 + *").inner_text()
        assert page.locator(".answer .footnote").count() == 1
        if report not in COUNTED:
            assert any(word in answer for word in ("95% CI", "IC 95%"))
        faults += checks.faults_at_any_hour(page)
        faults += reading.parted_on_paper(page)
        faults += checks.unsorted_tables(page) + checks.broken_code_switch(page)
        faults += checks.unprintable(page, [title, "Versioni" if is_italian else "Versions"])
        faults += visited.faults
    with checks.visit(browser, path, width=390) as visited:
        faults += reading.cut_figures(visited.page) + reading.small_letters(visited.page)
        faults += checks.faults_at_any_hour(visited.page)
        faults += reading.scrolled_tables(visited.page) + visited.faults
    assert faults == []


@pytest.mark.parametrize("name", PAGES)
def test_no_page_has_a_forbidden_word(reports: Path, name: str) -> None:
    """Of the words that docs/terms.csv rules out, none is read on a page."""
    words = test_terms.ITALIAN if name.startswith("it/") else test_terms.ENGLISH
    quoted = re.compile("[“«].*?[”»]")
    soup = BeautifulSoup((reports / f"{name}.html").read_text("utf-8"), "html.parser")
    for part in soup.select(f"{NO_TEXT}, td.long"):
        part.decompose()
    texts = [quoted.sub("", text) for text in soup.stripped_strings]
    assert test_terms.hits(words, texts) == []


def blocks(page: Path) -> set[str]:
    """Return the sentences, headings and captions of a page; its script writes none."""
    soup = BeautifulSoup(page.read_text("utf-8"), "html.parser")
    found = soup.select("main p, main li, main h2, main caption, figcaption")
    return {text for one in found if " " in (text := flat(one.get_text()))}


@pytest.mark.parametrize("name", REPORTS)
def test_an_italian_report_has_no_english_sentence_left(reports: Path, name: str) -> None:
    english, italian = (blocks(reports / f"{page}.html") for page in (name, f"it/{name}"))
    assert len(english) > 20
    assert english & italian == set()


def kept(reports: Path, name: str) -> dict:
    return json.loads((reports / f"{name}.json").read_text("utf-8"))


def flat(text: str) -> str:
    """Return a text without line breaks and spaces that do not break."""
    return " ".join(text.split())


def said(soup: BeautifulSoup, selector: str) -> list[str]:
    return [flat(one.get_text(" ")) for one in soup.select(selector)]


@pytest.mark.parametrize("lang", ["en", "it"])
def test_summary_index_and_map_say_the_numbers_of_their_own_records(
    reports: Path, lang: str
) -> None:
    folder = reports if lang == "en" else reports / lang
    pages = {
        name: BeautifulSoup((folder / f"{name}.html").read_text("utf-8"), "html.parser")
        for name in ("index", "summary", "journey_map")
    }
    record = kept(reports, "journey_map")
    stages = record["stages"]
    numbers = [flat(one["words"][lang]["number"]) for one in stages]
    assert all(numbers)
    for name in ("index", "summary"):
        assert said(pages[name], ".cx-strip b") == numbers
    whole = pages["journey_map"].select_one(".cx-map .view")
    assert said(whole, ".indicator .main") == numbers
    # Each number of the map's cells is the one that its record has.
    language = Language(lang)
    for stage in stages:
        (own,) = [one for one in stage["numbers"] if one["lane"] == "indicator"]
        assert language.quantity(own["value"], own["unit"]) == stage["words"][lang]["number"]
    shown = flat(whole.get_text())
    for stage in stages:
        for own in stage["numbers"]:
            if own["lane"] == "satisfaction":
                assert flat(language.quantity(own["value"], own["unit"])) in shown
    # What leads a page, the index and the summary is the map's own finding, worth and all.
    top = next(one for one in record["findings"]["found"] if one["hurts"])
    for name in ("index", "summary"):
        text = flat(pages[name].get_text())
        assert all(flat(top["words"][lang][part]) in text for part in ("what", "cost", "grounds"))
    led = kept(reports, top["proof"])["pages"][lang]["headline"]
    assert led == top["words"][lang]["what"]
    assert flat(top["words"][lang]["cost"]) in shown


def lines_that_differ(one: bytes, other: bytes) -> list[bytes]:
    """Return the lines that only one of two files has, or both in another order."""
    if one == other:
        return []
    diff = difflib.diff_bytes(difflib.unified_diff, one.split(b"\n"), other.split(b"\n"), n=0)
    return [line[:300] for line in diff]


def test_no_kernel_had_anything_to_say_beside_the_report(reports: Path) -> None:
    for name in PAGES:
        assert '<details class="log"' not in (reports / f"{name}.html").read_text("utf-8"), name


def test_the_same_data_give_the_same_bytes(reports: Path) -> None:
    pages = ["data_quality", "it/data_quality", "checkout_experiment", "it/checkout_experiment"]
    first = {name: (reports / f"{name}.html").read_bytes() for name in pages}
    for name in pages:
        (reports / f"{name}.html").unlink()
        (reports / f"{name}.json").unlink(missing_ok=True)
    demo.build(reports.parents[1])
    for name in pages:
        assert lines_that_differ(first[name], (reports / f"{name}.html").read_bytes()) == []
