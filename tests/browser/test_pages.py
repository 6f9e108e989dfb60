"""Everything a report can hold, in a real browser."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page

from tests.browser import checks, reading, sample

pytestmark = pytest.mark.browser

NAMES = ["en", "it", "failed", "index-en", "index-it"]


@pytest.fixture
def page(browser: Browser, sample_pages: dict[str, Path]) -> Iterator[Page]:
    with checks.visit(browser, sample_pages["en"]) as visited:
        yield visited.page


@pytest.mark.parametrize("name", NAMES)
def test_a_page_has_no_fault_at_any_width_by_day_and_by_night(
    browser: Browser, sample_pages: dict[str, Path], name: str
) -> None:
    assert checks.all_faults(browser, sample_pages[name]) == []


def test_tables_are_sorted_by_keyboard(page: Page) -> None:
    assert page.locator("th button").count() == 8  # of months and of texts: the others are short
    assert checks.unsorted_tables(page) == []


def test_a_text_column_is_sorted_by_its_words_and_missing_numbers_stay_last(page: Page) -> None:
    table = page.locator("#table-2 table")
    head = table.locator("th[scope=col]")
    first = table.locator("tbody th")
    head.nth(0).locator("button").click()
    head.nth(0).locator("button").click()
    assert first.all_inner_texts() == ["A-6", "A-5", "A-4", "A-3", "A-2", sample.FORMULA]
    rising = [sample.FORMULA, "A-4", "A-2", "A-6", "A-5"]
    for order in [[*rising, "A-3"], [*reversed(rising), "A-3"]]:
        head.nth(2).locator("button").click()
        assert first.all_inner_texts() == order
    assert [head.nth(place).get_attribute("aria-sort") for place in range(3)] == [
        None,
        None,
        "descending",
    ]


def test_one_switch_shows_all_code(page: Page) -> None:
    assert not page.locator("details.code pre", has_text="rng = np.random").is_visible()
    assert checks.broken_code_switch(page) == []


def test_one_fold_opens_by_keyboard(page: Page) -> None:
    fold = page.locator("details.all-code")
    assert not fold.locator("pre").first.is_visible()
    fold.locator("summary").focus()
    page.keyboard.press("Enter")
    assert fold.locator("pre").first.is_visible()


def test_the_skip_link_leads_past_the_contents(page: Page) -> None:
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


@pytest.mark.parametrize(
    ("name", "texts"),
    [
        ("en", ["What is an order worth?", "54.20", "Orders by month", "Versions"]),
        ("it", ["Orders by month", "54,20", "Versioni"]),
        ("index-en", ["Demo shop", "needs events"]),
    ],
)
def test_a_page_can_be_printed(
    browser: Browser, sample_pages: dict[str, Path], name: str, texts: list[str]
) -> None:
    with checks.visit(browser, sample_pages[name], scheme="dark") as visited:
        assert checks.unprintable(visited.page, texts) == []


def test_the_data_behind_a_table_is_a_safe_file(page: Page) -> None:
    with page.expect_download() as download:
        page.locator("a[download$='-table-2.csv']").click()
    text = Path(download.value.path()).read_text("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert rows[0] == ["order", "text", "score"]
    assert rows[1] == ["'" + sample.FORMULA, sample.EVIL, "1"]


def test_hostile_text_is_there_to_read(page: Page) -> None:
    """Escaped, not dropped: the reader sees what the customer wrote."""
    shown = page.inner_text("main")
    assert f"# {sample.EVIL} [x](javascript:alert(1)) $5 or $6" in shown
    assert page.locator("figcaption", has_text=sample.EVIL).count() == 1
    assert page.locator("figure svg text", has_text=sample.EVIL).count() == 1
    assert page.locator(f'figure img[alt="{sample.EVIL}"]').count() == 1


def test_people_too_few_are_in_no_part_of_the_page(sample_pages: dict[str, Path]) -> None:
    text = sample_pages["en"].read_text("utf-8")
    assert "Rows about fewer than 5 people are hidden, and with them those that" in text
    assert text.count("&lt; 5") == 1


def test_the_checks_find_the_faults_they_are_for(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "bad.html"
    path.write_text(
        "<figure><img src='http://127.0.0.1:9/x.png' alt=''></figure>"
        "<figure><svg><path d='M0 0h300v99h-300z' fill='#eee' fill-opacity='0.5'/>"
        "<text x='9' y='50' fill='#fff'>faint</text><text y='80'>plain</text></svg></figure>"
        "<div style='width: 3000px; color: #eee; background: #fff'>wide</div>"
        "<script>alert(1)</script>"
        "<button tabindex='0' onfocus='this.blur()'>x</button>"
        "<table class='cx'><thead><tr><th><button>a</button></th></tr></thead><tbody><tr>"
        "<td data-value='2'>2</td></tr><tr><td data-value='1'>1</td></tr></tbody></table>"
        "<button id='code-switch'>code</button><details class='code'></details><nav>n</nav>",
        "utf-8",
    )
    faults = "\n".join(checks.all_faults(browser, path))
    for words in [
        "requested http",
        "opened a dialog: 1",
        "px wider",
        "described as ''",
        "'faint' has a contrast of 1.08",
        "html-has-lang",
        'does not reach <button tabindex="0" onfocus',
        "by night: 'faint'",
        "'wide' has a contrast of 1.1",
        "by night: 'wide'",
    ]:
        assert words in faults
    assert "'plain'" not in faults
    with checks.visit(browser, path) as visited:
        assert len(checks.unsorted_tables(visited.page)) == 3
        assert len(checks.broken_code_switch(visited.page)) == 2
        assert len(checks.unprintable(visited.page, ["absent"])) == 2


def read_page(period: str, headline: str, csv_text: str, width: int, height: int) -> str:
    """Return a page of which only what the reading check looks at is written."""
    data = quote(csv_text)
    return (
        f"<p class='where'>Shop · {period}</p><div class='answer'><p>{headline}</p></div>"
        "<nav><a href='#here'>here</a><a href='one.html'>one</a><a href='two.html'>two</a></nav>"
        f"<a class='data' download='t.csv' href='data:text/csv;charset=utf-8,{data}'>Data</a>"
        "<figure id='figure-1'><div class='drawing' style='overflow: auto'>"
        f"<div style='width: {width}px; height: 9px'></div></div></figure>"
        f"<div style='height: {height}px'></div>"
    )


def reading_faults(browser: Browser, path: Path, html: str, *, decimal: str) -> list[str]:
    path.write_text(f"<!doctype html><html lang='en'><body>{html}</body></html>", "utf-8")
    with checks.visit(browser, path, width=390) as visited:
        page = visited.page
        return [
            *reading.period_faults(page),
            *reading.headline_faults(page),
            *reading.length_faults(page, "summary"),
            *reading.link_faults(page, 2),
            *reading.csv_faults(page, decimal=decimal),
            *reading.cut_figures(page),
        ]


def test_the_reading_check_finds_the_faults_it_is_for(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "read.html"
    finding = "Payment errors rose from 1.0% to 21.8% on 3 June 2026."
    good = read_page("to 31 Oct 2026", finding, "n,share\n3,0.5\n", 200, 900)
    assert reading_faults(browser, path, good, decimal=".") == []
    for bad, decimal, words in [
        (read_page("October", finding, "n\n3\n", 200, 9), ".", "no period"),
        (read_page("2026", "one, 2, 3 and 4", "n\n3\n", 200, 9), ".", "headline of 3 numbers"),
        (read_page("2026", "word " * 21, "n\n3\n", 200, 9), ".", "headline of 21 words"),
        (read_page("2026", finding, "n\n3\n", 200, 2600), ".", "screens"),
        (read_page("2026", finding, "n,m\n3 points,1\n", 200, 9), ".", "t.csv: '3 points'"),
        (read_page("2026", finding, "n;m\n62,4%;1\n", 200, 9), ",", "t.csv: '62,4%'"),
        (read_page("2026", finding, "n,m\n3,5,1\n", 200, 9), ",", "columns are not parted"),
        (read_page("2026", finding, "n\n3\n", 900, 9), ".", "figure-1 is cut"),
        (good.replace("two.html", "one.html"), ".", "links to 1 of 2 pages"),
    ]:
        (fault,) = reading_faults(browser, path, bad, decimal=decimal)
        assert words in fault
    assert reading.hyphen_faults(["up -3 points", "(-3)", "2024-25", "\N{MINUS SIGN}3"]) == [
        "up -3 points",
        "(-3)",
    ]


def test_the_reading_check_finds_what_a_phone_and_a_sheet_would_show(
    browser: Browser, tmp_path: Path
) -> None:
    path = tmp_path / "bad.html"
    table = "<table class='cx'><thead><tr><th>a</th></tr></thead><tbody><tr><td>1</td></tr></tbody>"
    path.write_text(
        "<!doctype html><html lang='en'><body><main>"
        f"<div class='table' id='table-1'><div class='scroll' style='overflow: auto'>{table}"
        "</table><p style='width: 900px'>wide</p></div></div><h2>What to do</h2><p>Mend it.</p>"
        "<figure><svg width='99' height='99'><text y='9' style='font-size: 6px'>tiny</text></svg>"
        "</figure><div style='height: 9000px'></div><footer style='height: 300px'></footer>"
        f"</main></body></html><!--{' ' * 200_000}-->",
        "utf-8",
    )
    (heavy,) = reading.weight_faults(path)
    assert heavy.startswith("200,")
    with checks.visit(browser, path, width=390) as visited:
        assert reading.late_advice(visited.page) == ["a table comes before what to do"]
        assert reading.scrolled_tables(visited.page) == ["table-1 scrolls sideways"]
        assert reading.small_letters(visited.page) == ["'tiny' of 6.0 px"]
        *parted, sheets = reading.parted_on_paper(visited.page)
        assert parted == [
            "H2 What to do may end a sheet",
            "TR a may be cut by the end of a sheet",
            "TR 1 may be cut by the end of a sheet",
            "FIGURE tiny may be cut by the end of a sheet",
            "P Mend it. may leave its figure",
            "what made the page takes a sheet",
        ]
        assert sheets.endswith(" sheets")


def test_on_a_phone_a_table_that_does_not_fit_is_cards_that_say_their_headings(
    browser: Browser, sample_pages: dict[str, Path]
) -> None:
    with checks.visit(browser, sample_pages["en"], width=390) as visited:
        carded = visited.page.locator("table.carded")
        assert carded.count() > 0
        heads = carded.first.locator("thead th").all_text_contents()[1:]
        cells = carded.first.locator("tbody tr").first.locator("td")
        said = cells.evaluate_all("cells => cells.map(cell => cell.dataset.heading)")
        assert said == [head if head.endswith("?") else f"{head}:" for head in heads]
        assert reading.scrolled_tables(visited.page) == []
        visited.page.set_viewport_size({"width": 1280, "height": 900})
        assert visited.page.locator("table.carded").count() == 0
