"""Everything a report can hold, in a real browser."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser import checks, sample

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
    assert not fold.locator("pre").is_visible()
    fold.locator("summary").focus()
    page.keyboard.press("Enter")
    assert fold.locator("pre").is_visible()


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
    assert "Rows that tell about fewer than 5 people are hidden, and with them those that" in text
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
