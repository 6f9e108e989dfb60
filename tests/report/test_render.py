import base64
import hashlib
import re
from html import unescape
from pathlib import Path
from urllib.parse import unquote

import nbformat
import pytest
from bs4 import BeautifulSoup
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from cxresearch.core import catalogues
from cxresearch.report import cards, render
from cxresearch.report.sidecar import IndexEntry, Provenance, Status

PACKAGE = Path(render.__file__).parent
SHA = "0123456789abcdef" * 4
MADE = Provenance(
    study="demo",
    report="kpis",
    notebook="notebooks/04_kpis.ipynb",
    notebook_sha256=SHA,
    parameters={"study": "demo", "confidence": 0.95},
    data={"data/demo/orders.csv": SHA, "/somewhere/raw/Online Retail.xlsx": SHA},
    versions={"python": "3.11.7"},
    lock_sha256=SHA,
)
TABLE = '<table class="cx">\n<caption>Orders</caption><tbody></tbody></table>'


def displayed(data: dict[str, str], **metadata: object) -> nbformat.NotebookNode:
    return new_output("display_data", data=data, metadata=metadata)


def said(text: str, kind: str = "say") -> nbformat.NotebookNode:
    return displayed({"text/markdown": text, "text/plain": text}, cx={"kind": kind})


def code(
    source: str, *outputs: nbformat.NotebookNode, tags: tuple[str, ...] = ()
) -> nbformat.NotebookNode:
    return new_code_cell(source, outputs=list(outputs), metadata={"tags": list(tags)})


def page(*cells: nbformat.NotebookNode, **options: object) -> BeautifulSoup:
    cells = (new_markdown_cell("# What is it?\n\nWho decides."), *cells)
    html = render.page(new_notebook(cells=list(cells)), MADE, **({"lang": "en"} | options))
    return BeautifulSoup(html, "html.parser")


def one(soup: BeautifulSoup, selector: str) -> str:
    (found,) = soup.select(selector)
    return found.get_text(" ", strip=True)


def test_the_answer_comes_first_wherever_it_was_found() -> None:
    soup = page(new_markdown_cell("## Evidence"), code("x", said("It is **5**.", "headline")))
    assert one(soup, "header h1") == "What is it?"
    assert one(soup, "header .answer") == "It is 5 ."
    assert "It is" not in one(soup, "main")
    assert one(soup, "title") == "What is it? \N{MIDDLE DOT} demo"
    assert soup.select("main h1") == []


def test_the_contents_list_leads_to_every_heading() -> None:
    soup = page(new_markdown_cell("## One\n\n### Two"), code("x", said("## Three")))
    links = [link["href"] for link in soup.select("nav a")]
    assert links == ["#one", "#two", "#three", "#made"]
    assert all(soup.find(id=str(link)[1:]) for link in links)


def test_code_is_folded_and_silent_cells_share_a_fold() -> None:
    soup = page(code("import a"), code("b = 1"), code("b", said("Said.")), code("", said("More.")))
    (fold,) = soup.select("details.code")
    assert not fold.has_attr("open")
    (source,) = soup.select("details.all-code pre")
    assert source["id"] == fold["data-code"]
    assert source.get_text("\n").split() == ["import", "a", "b", "=", "1", "b"]
    assert "More." in one(soup, "main")


@pytest.mark.parametrize("tag", ["parameters", "injected-parameters", "hide"])
def test_cells_of_some_tags_are_not_shown(tag: str) -> None:
    soup = page(code("secret = 1", said("Secret."), tags=(tag,)))
    assert "secret" not in str(soup).casefold()


def test_figures_and_tables_are_numbered_apart() -> None:
    figure = {"kind": "figure", "caption": "A <b>", "alt": 'It "rises"', "csv": "x\n1\n"}
    png = displayed({"image/png": "QUJD\n"}, cx=figure)
    table = displayed({"text/html": TABLE}, cx={"kind": "table", "csv": "x\n=1\n", "rows": "0"})
    soup = page(code("x", png, table, png))
    shown = soup.select("figure, div.table")
    assert [
        (
            block["id"],
            block.select_one(".scroll")["aria-label"],  # type: ignore[index]
            block.find(["figcaption", "caption"]).get_text(" ", strip=True),  # type: ignore[union-attr]
        )
        for block in shown
    ] == [
        ("figure-1", "Figure 1", "A <b>"),
        ("table-1", "Table 1", "Orders"),
        ("figure-2", "Figure 2", "A <b>"),
    ]
    assert {image["alt"] for image in soup("img")} == {'It "rises"'}
    assert [link["download"] for link in soup.select("a.data")] == [
        "demo-kpis-figure-1.csv",
        "demo-kpis-table-1.csv",
        "demo-kpis-figure-2.csv",
    ]
    assert [link.get_text() for link in soup.select("a.data")] == [
        "Data (CSV) Figure 1",
        "Data (CSV) Table 1",
        "Data (CSV) Figure 2",
    ]
    encoded = str(soup.select("a.data")[1]["href"]).removeprefix("data:text/csv;charset=utf-8,")
    assert unquote(encoded, "utf-8-sig") == "x\n=1\n"


def test_two_svg_figures_have_ids_of_their_own() -> None:
    svg = '<svg xmlns="http://www.w3.org/2000/svg"><path id="mark"/><use href="#mark"/></svg>'
    figure = displayed({"image/svg+xml": svg}, cx={"kind": "figure", "caption": "A"})
    drawn = page(code("x", figure, figure)).select("figure svg")
    marks = [(svg.path["id"], svg.use["href"]) for svg in drawn]
    assert [(f"#{name}", link) for name, link in marks] == [(link, link) for _, link in marks]
    assert len({name for name, _ in marks}) == 2


def test_outputs_that_are_not_ours_run_nothing() -> None:
    evil = "<script>alert(1)</script>"
    soup = page(
        new_markdown_cell(evil),
        code(
            f"print({evil!r})",
            displayed({"text/html": evil + "<p>kept</p>"}),
            displayed({"text/markdown": evil}),
            displayed({"text/plain": evil}),
            displayed({"application/javascript": "alert(1)", "text/plain": "script"}),
            new_output("stream", name="stdout", text=evil),
            new_output("stream", name="stderr", text=evil),
        ),
        failure=evil,
    )
    assert len(soup("script")) == 1
    assert soup.script is not None
    assert "alert" not in soup.script.get_text()
    assert "kept" in one(soup, "main")
    assert evil in one(soup, "details.log pre")


def test_a_failed_run_shows_its_error_and_what_came_before() -> None:
    failed = new_output(
        "error", ename="ValueError", evalue="no <rows>", traceback=["\x1b[31mline 1\x1b[0m"]
    )
    soup = page(
        code("a", said("Before.")),
        code("b", failed, tags=("papermill",)),
        new_markdown_cell("## After"),
        code("c", said("Too early.", "headline")),
        failure="ValueError: no <rows>",
    )
    assert "ValueError: no <rows>" in one(soup, "[role=alert]")
    assert soup.select("[role=alert] a[href='#error']")
    assert "Before." in one(soup, "main")
    assert "After" not in one(soup, "body")
    assert one(soup, "#error pre") == "line 1"
    assert soup.select(".answer") == []
    assert soup.select("footer a[href$='.json']") == []


def test_papermill_s_own_note_of_an_error_is_not_repeated() -> None:
    note = new_markdown_cell('<span style="color:red">Exception</span>')
    note.metadata["tags"] = ["papermill-error-cell-tag"]
    assert "Exception" not in str(page(note))


def test_a_run_that_died_has_no_error_to_go_to() -> None:
    soup = page(failure="the kernel died")
    assert soup.select("[role=alert]")
    assert soup.select("[role=alert] a") == []


def test_the_provenance_is_enough_to_make_it_again() -> None:
    soup = page()
    shown = one(soup, "footer")
    for text in ["confidence", "0.95", "04_kpis.ipynb", "data/demo/orders.csv", "3.11.7", SHA[:12]]:
        assert text in shown
    assert "Online Retail.xlsx" in shown
    assert "/somewhere" not in str(soup)
    assert {str(tag["title"]) for tag in soup.select("footer code[title]")} == {f"SHA-256 {SHA}"}


def test_a_page_fetches_nothing_and_allows_only_its_own_script() -> None:
    soup = page(code("x"))
    (meta,) = soup.select("meta[http-equiv=Content-Security-Policy]")
    policy = dict(rule.strip().split(" ", 1) for rule in str(meta["content"]).split(";"))
    assert soup.script is not None
    digest = hashlib.sha256(soup.script.string.encode()).digest()  # type: ignore[union-attr]
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == f"'sha256-{base64.b64encode(digest).decode()}'"
    assert soup(["link", "iframe", "object"]) == []


def test_the_same_notebook_gives_the_same_bytes_and_is_not_changed() -> None:
    notebook = new_notebook(cells=[new_markdown_cell("# Title"), code("x", said("5", "headline"))])
    before = nbformat.writes(notebook)
    assert render.page(notebook, MADE, lang="it") == render.page(notebook, MADE, lang="it")
    assert nbformat.writes(notebook) == before


def test_the_page_is_in_its_language() -> None:
    soup = page(code("x"), lang="it")
    assert soup.html is not None
    assert soup.html["lang"] == "it"
    assert one(soup, "#made") == "Metodo e dati"
    with pytest.raises(ValueError, match="lang must be one of 'en', 'it'; got 'fr'"):
        page(lang="fr")


def entry(
    report: str = "kpis",
    title: str = "Is it well?",
    status: Status = "built",
    *,
    headline: str = "",
    reason: str = "",
    lang: str = "en",
) -> IndexEntry:
    headlines = {lang: headline} if headline else {}
    return IndexEntry(report, {lang: title}, headlines, status, {"en": reason, "it": reason})


def test_the_index_lists_every_report_with_its_answer_and_status() -> None:
    entries = [
        entry(headline="It is <well>."),
        entry(
            report="va",
            title="Va bene?",
            lang="it",
            headline="Sì.",
            status="failed",
            reason="no rows",
        ),
        entry(report="new", title="New", status="failed", reason="no rows"),
        entry(report="paths", title="Where?", status="not run", reason="needs events"),
        entry(report="old", status="out of date", reason="orders.csv changed"),
    ]
    soup = BeautifulSoup(render.index("Demo <shop>", entries, lang="en"), "html.parser")
    assert one(soup, "h1") == "Demo <shop>"
    assert one(soup, ".tally") == "Up to date: 1 of 5"
    links = [[link["href"] for link in item("a")] for item in soup.select(".reports > li")]
    assert links == [
        ["kpis.html"],
        ["va.html", "va.failed.html"],
        ["new.failed.html", "new.failed.html"],
        [],
        ["old.html"],
    ]
    # A card of a page that is up to date has its date alone.
    assert [pill.get_text() for pill in soup.select(".pill")] == [
        "failed",
        "failed",
        "not run",
        "out of date",
    ]
    assert [item["lang"] for item in soup.select(".title")] == ["en", "it", "en", "en", "en"]
    assert "needs events" in soup.get_text()
    assert "orders.csv changed" in soup.get_text()
    assert soup("script") == []


def test_an_index_in_one_language_does_not_name_it() -> None:
    soup = BeautifulSoup(render.index("Demo", [entry()], lang="it"), "html.parser")
    assert [item.get_text() for item in soup.select("h2")] == ["Is it well?"]
    assert soup.select(".version") == []


def switch(soup: BeautifulSoup) -> list[tuple[str, str, str]]:
    """The links to the other languages: where they lead, their language, their words."""
    return [(str(a["href"]), str(a["lang"]), a.get_text()) for a in soup.select(".where a.version")]


def test_each_language_of_a_page_leads_to_the_other_and_to_the_record() -> None:
    top, below = (page(lang=lang, languages=["en", "it"]) for lang in ("en", "it"))
    assert switch(top) == [("it/kpis.html", "it", "Italiano")]
    assert switch(below) == [("../kpis.html", "en", "English")]
    assert [link["href"] for link in top.select("footer a")] == ["kpis.json"]
    assert [link["href"] for link in below.select("footer a")] == ["../kpis.json"]
    # Each leads to the index in its own language, which lies beside it.
    for soup in (top, below):
        assert [link["href"] for link in soup.select(".where a:not(.version)")] == ["index.html"]
    assert switch(page(lang="it", languages=["it"])) == []


def test_a_failed_run_is_in_one_language() -> None:
    assert switch(page(lang="en", languages=["en", "it"], failure="no rows")) == []


def test_each_index_lists_the_reports_in_its_own_language() -> None:
    titles = {"en": "Is it well?", "it": "Va bene?"}
    both = IndexEntry("kpis", titles, {"en": "Yes.", "it": "Sì."}, "built", {"en": "", "it": ""})
    only = entry("old", "Where?", "failed", reason="no rows")
    languages = ["en", "it"]
    top, below = (
        BeautifulSoup(
            render.index("Demo", [both, only], lang=lang, languages=languages), "html.parser"
        )
        for lang in languages
    )
    assert switch(top) == [("it/index.html", "it", "Italiano")]
    assert switch(below) == [("../index.html", "en", "English")]
    assert [link["href"] for link in top.select("h2 a")] == ["kpis.html", "old.failed.html"]
    assert [link["href"] for link in below.select("h2 a")] == ["kpis.html", "../old.failed.html"]
    assert [item.get_text() for item in below.select("h2")] == ["Va bene?", "Where?"]
    assert [item["lang"] for item in below.select("h2")] == ["it", "en"]
    assert one(below, ".headline") == "Sì."


def test_an_output_is_shown_in_the_language_of_the_page() -> None:
    blocks = {
        lang: {"data": {"text/html": TABLE.replace("Orders", words)}, "csv": "x\n1\n", "rows": "0"}
        for lang, words in {"en": "Orders", "it": "Ordini"}.items()
    }
    output = displayed(blocks["en"]["data"], cx={"kind": "table", "languages": blocks})
    notebook = new_notebook(cells=[new_markdown_cell("# Title"), code("x", output)])
    for lang, (name, words) in {"en": ("Table 1", "Orders"), "it": ("Tabella 1", "Ordini")}.items():
        html = render.page(notebook, MADE, lang=lang, languages=["en", "it"])
        soup = BeautifulSoup(html, "html.parser")
        assert one(soup, "caption") == words
        assert soup.select_one("#table-1 .scroll")["aria-label"] == name  # type: ignore[index]


def test_a_section_that_nothing_could_be_measured_of_is_named_at_the_end() -> None:
    why = said("Not measured: the study has no tickets.", "missing")
    soup = page(
        new_markdown_cell("## Waits\n\nHow long they wait."),
        code("report.show(waits)", why),
        new_markdown_cell("## Answer and limits"),
        code("x", said("It is 5.")),
    )
    assert [item.get_text() for item in soup.select("main h2")] == [
        "Answer and limits",
        "Not measured",
        "Method and data",
        "Code",
    ]
    assert one(soup, "#not-measured + ul li") == "Waits Not measured: the study has no tickets."
    assert "How long they wait" not in str(soup)


def test_what_could_not_be_measured_stands_after_what_is_open_before_what_is_closed() -> None:
    closed = new_markdown_cell("## All numbers", metadata={"cx_section": "all-numbers"})
    soup = page(
        new_markdown_cell("## Waits"),
        code("report.show(waits)", said("Not measured: the study has no tickets.", "missing")),
        new_markdown_cell("## Answer"),
        code("x", said("It is 5.")),
        closed,
        code("x", said("It is 6.")),
    )
    order = ["Answer", "Not measured", "All numbers", "Method and data"]
    assert [item.get_text() for item in soup.select("main h2")] == [*order, "Code"]
    assert [link.get_text() for link in soup.select("nav .level-2 a")] == order
    assert soup.select_one("#not-measured").find_parent("details") is None  # type: ignore[union-attr]


def test_a_number_and_what_belongs_to_it_stay_on_one_line() -> None:
    soup = page(code("x", said("Since 1 Jun 2026, n 2,609, it lost \N{MINUS SIGN}€3.")))
    text = soup.select_one(".said").get_text()  # type: ignore[union-attr]
    assert "1\xa0Jun\xa02026, n\xa02,609" in text
    assert "\N{MINUS SIGN}\N{WORD JOINER}€3" in text


def test_a_picture_shows_the_axes_of_its_figure_and_no_room_for_words() -> None:
    drawn = (
        '<svg viewBox="0 0 500 300"><defs><clipPath id="figure-1-0">'
        '<rect x="100" y="20" width="300" height="200"/></clipPath></defs>'
        "<text>12</text><path d='M0 0h9'/></svg>"
    )
    small = cards.small(drawn, "kpis")
    assert 'viewBox="94 14 312 212"' in small
    assert "12</text>" not in small
    whole = cards.small('<svg viewBox="0 0 5 3"><path d="M0 0h9"/></svg>', "kpis")
    assert 'viewBox="0 0 5 3"' in whole


def test_an_empty_index_is_a_page_too() -> None:
    soup = BeautifulSoup(render.index("Demo", [], lang="it"), "html.parser")
    assert one(soup, ".tally") == "Aggiornati: 0 su 0"


def test_every_word_of_the_page_is_there_in_italian() -> None:
    """Messages are the literal first arguments of the functions that translate."""
    sources = [*PACKAGE.glob("templates/*/*.j2"), *OURS]
    text = "\n".join(path.read_text("utf-8") for path in sources)
    messages = re.findall(r"""\b(?:t|text)\(\s*(["'])((?:(?!\1).)+)\1\s*[,)]""", text)
    missing = {unescape(message) for _, message in messages} - catalogues.catalogue("it").keys()
    assert len(messages) > 25
    assert missing == set()


OURS = (
    *(PACKAGE / f"{name}.py" for name in ("page", "prose", "render")),
    *(PACKAGE.parent / "core" / f"{name}.py" for name in ("phrasing", "table_html")),
)
