"""An executed notebook as one accessible offline page, and the index of a study's pages."""

from __future__ import annotations

import base64
import copy
import hashlib
import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup
from nbconvert.exporters import TemplateExporter
from nbconvert.filters import strip_ansi
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer
from traitlets.config import Config

from cxresearch.core.languages import Language
from cxresearch.report import figures, notebook_text, slim_table
from cxresearch.report.cards import brief, period, picture, purpose
from cxresearch.report.prose import Heading, Prose, foreign
from cxresearch.report.sidecar import IndexEntry, Provenance, page_name
from cxresearch.report.stage_strip import Strip
from cxresearch.report.unbroken import unbroken

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nbformat import NotebookNode

_TEMPLATES = Path(__file__).parent / "templates"
_NAME = "cxreport"
#: Cells of these tags are not part of the page: its parameters stand in the provenance, and
#: papermill's notes about an error are said by the page in its own words.
_UNSHOWN_TAGS = {"parameters", "injected-parameters", "hide", "papermill-error-cell-tag"}
_MIME_TYPES = ["image/svg+xml", "image/png", "text/html", "text/markdown", "text/plain"]


@dataclass(slots=True)
class Page:
    """What the templates know of one page beside the notebook itself."""

    language: Language
    title: str
    window_title: str
    #: Its file below the study's folder, and the languages it is in, the main one first.
    report: str
    languages: Sequence[str]
    provenance: Provenance | None = None
    failure: str | None = None
    headline: str = ""
    footnote: str = ""
    shop: str = ""
    others: list[tuple[str, str]] = field(default_factory=list)
    #: Of each code cell; it stands once in the page, and the script shows it beside its results.
    code: list[str] = field(default_factory=list)
    has_error: bool = False
    is_wide: bool = False
    not_measured: list[tuple[str, str]] = field(default_factory=list)
    #: The closed section that is being written, by its message in English.
    section: str = ""
    prose: Prose = field(init=False)
    _numbers: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.prose = Prose(self.language)

    def text(self, message: str, **values: Any) -> str:
        """Return a message of the page in its language."""
        return self.language.text(message, **values)

    def next(self, kind: str) -> int:
        """Return the next number of a kind: figure, table, output."""
        self._numbers[kind] += 1
        return self._numbers[kind]

    def written(self, cell: NotebookNode) -> Markup:
        """Return a cell of prose as HTML; a section that is tagged so is closed until asked for."""
        starts = cell.source.startswith(("# ", "## "))
        before = str(self.leave_section()) if starts else ""
        if not (starts and cell.metadata.get("cx_section")):
            return Markup(before + self.prose.html(cell.source, is_listed=not self.section))
        self.section = cell.metadata.cx_section
        heading, _, rest = self.prose.html(cell.source).partition("</h2>")
        opened = (
            f'<details class="section" data-name="{self.section}"><summary>{heading}</h2></summary>'
        )
        return Markup(f"{before}{opened}{rest}")

    def leave_section(self) -> str:
        """Return what ends the closed section that is being written, if one is."""
        was, self.section = self.section, ""
        return Markup("</details>") if was else ""

    def unmeasured(self) -> list[tuple[str, str]]:
        """Return what could not be measured, and put it on the contents list; once."""
        taken, self.not_measured = self.not_measured, []
        if taken:
            self.prose.listed(Heading(2, "not-measured", self.text("Not measured")))
        return taken

    def shown_path(self, path: str) -> str:
        """Return a data file's path; of one outside the project only its name."""
        return PurePath(path).name if PurePath(path).is_absolute() else path

    @property
    def versions(self) -> list[tuple[Language, str]]:
        """The page in its other languages, each with the link that leads there."""
        if self.failure:
            return []
        return [
            (Language(lang), self.link(page_name(self.report, lang, self.languages)))
            for lang in self.languages
            if lang != self.language.code
        ]

    def link(self, path: str) -> str:
        """Return how the page links to a file below the study's folder."""
        own = page_name(self.report, self.language.code, self.languages)
        return (
            path.rpartition("/")[2]
            if _folder(path) == _folder(own)
            else (f"../{path}" if _folder(own) else path)
        )

    @property
    def style(self) -> Markup:
        """The style sheet, which every page carries within."""
        return Markup(_SPACE.sub("", _COMMENT.sub("", _asset("page.css"))))

    @property
    def script(self) -> Markup:
        """The script, which every report carries within."""
        return Markup(_script())

    @property
    def policy(self) -> str:
        """The page's own rule that nothing is fetched and only its own script runs."""
        digest = base64.b64encode(hashlib.sha256(_script().encode()).digest()).decode()
        return (
            "default-src 'none'; img-src data:; style-src 'unsafe-inline'; "
            f"script-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
        )


def page(
    notebook: NotebookNode,
    provenance: Provenance,
    *,
    lang: str,
    languages: Sequence[str] = (),
    others: Mapping[str, str] | None = None,
    failure: str | None = None,
) -> str:
    """Return an executed notebook as a whole HTML document.

    A section whose cell is tagged ``closed`` is closed until its reader opens it.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        The notebook with its outputs; it is not changed.
    provenance : Provenance
        How it was made.
    lang : str
        The language of the page.
    languages : sequence of str, optional
        All languages it is rendered in, the main one first.
    others : mapping of str to str, optional
        The title in English of each report of the study, by name, in order.
    failure : str, optional
        The error that stopped the run; what it had computed is shown below a banner.

    Raises
    ------
    ValueError
        If `lang` is another language.
    """
    shown = notebook_text.translated(notebook, lang=lang)
    for cell, english in zip(shown.cells, notebook.cells, strict=True):
        if "closed" in cell.metadata.get("tags", []):
            cell.metadata["cx_section"] = _section_name(english.source)
    _choose_language(shown.cells, lang)
    title = notebook_text.title(notebook, lang=lang) or provenance.report
    made = Page(
        Language(lang),
        title,
        f"{title} \N{MIDDLE DOT} {provenance.study}",
        provenance.report,
        languages or (lang,),
        provenance,
        failure,
    )
    shown.cells = [
        cell for cell in shown.cells if not _UNSHOWN_TAGS & set(cell.metadata.get("tags", []))
    ]
    made.others = [
        (made.text(title), made.link(page_name(name, lang, made.languages)))
        for name, title in (others or {}).items()
        if name != provenance.report
    ]
    made.has_error = _cut_after_error(shown.cells)
    made.shop = _taken(shown.cells, "shop", "text/plain")
    made.title = _taken(shown.cells, "title", "text/plain") or made.title
    made.headline = _taken(shown.cells, "headline")
    made.footnote = _taken(shown.cells, "footnote")
    made.is_wide = _has_html(shown.cells)
    made.not_measured = notebook_text.leave_out(shown.cells)
    _take_title(shown.cells)
    shown.cells = _joined(shown.cells)
    made.code = [
        cell.source for cell in shown.cells if cell.cell_type == "code" and cell.source.strip()
    ]
    body, _ = _exporter().from_notebook_node(shown, resources={"page": made})
    return str(body)


def _choose_language(cells: list[NotebookNode], lang: str) -> None:
    """Show each output in a language: what was displayed in several has them all beside it."""
    for cell in cells:
        for output in cell.get("outputs", []):
            ours = output.get("metadata", {}).get("cx", {})
            if block := ours.get("languages", {}).get(lang):
                output.data = block["data"]
                ours.update({key: said for key, said in block.items() if key != "data"})


def index(
    study_title: str,
    entries: Sequence[IndexEntry],
    *,
    lang: str,
    languages: Sequence[str] = (),
    study: str = "",
) -> str:
    """Return the index of a study's reports as a whole HTML document.

    Parameters
    ----------
    study_title : str
        The study's title, in `lang`.
    entries : sequence of IndexEntry
        One entry per report, in the order of the manifest.
    lang : str
        The language of the index.
    languages : sequence of str, optional
        All languages it is rendered in, the main one first.
    study : str, optional
        Its name: the cards have pictures of its pages.

    Raises
    ------
    ValueError
        If `lang` is another language.
    """
    made = Page(Language(lang), study_title, study_title, "index", languages or (lang,))
    built = sum(entry.status == "built" for entry in entries)
    tally = made.text("Up to date: {built} of {all}", built=built, all=len(entries))
    template = _index_environment().get_template("study.html.j2")
    # The first page that looked for findings and has a map leads the index, as it does the summary.
    first = next((entry for entry in entries if entry.stages is not None), None)
    stages = Strip(first.stages or (), first.report).html(made.language) if first else ""
    lead = _lead(first, lang)
    lines = [_index_line(entry, made, study, lead.get("answer", "")) for entry in entries]
    main = first or next(iter(entries), None)
    page = page_name(main.report, lang, list(main.titles)) if main else ""
    days = period(study, page) if main and lang in main.titles else ""
    return template.render(
        page=made, entries=lines, tally=tally, strip=Markup(stages), days=days, **lead
    )


def _lead(entry: IndexEntry | None, lang: str) -> dict[str, str]:
    """Return what hurts most, how sure that is, what it is worth and what next."""
    if entry is None:
        return {}
    found = (entry.findings or {"found": ()})["found"]
    open_ = next((one for one in found if one["hurts"]), None)
    if open_ is None:
        return {"answer": entry.headlines.get(lang, "")}
    words = open_["words"].get(lang) or next(iter(open_["words"].values()))
    return {"answer": words["what"], **{name: words[name] for name in ("cost", "grounds", "step")}}


def _index_line(entry: IndexEntry, made: Page, study: str, lead: str) -> dict[str, str]:
    """Return what the index says of a report: in its own language, else in the report's first.

    A page whose answer leads the index already is introduced by what it is for.
    """
    own = made.language.code
    lang = own if own in entry.titles else next(iter(entry.titles))
    failed = made.link(f"{entry.report}.failed.html") if entry.status == "failed" else ""
    has_page = entry.status in {"built", "out of date"} or bool(entry.headlines)
    page = page_name(entry.report, lang, list(entry.titles))
    headline = entry.headlines.get(lang, "")
    if headline == lead:
        headline = purpose(study, page) or headline
    return {
        "title": entry.titles[lang],
        "headline": brief(headline),
        "status": entry.status,
        "status_text": made.text(entry.status),
        "reason": entry.reasons.get(own, ""),
        "lang": lang,
        "day": made.language.day(date.fromisoformat(entry.day)) if entry.day else "",
        "picture": Markup(_picture(entry, study, page)) if has_page else "",
        "page": made.link(page) if has_page else failed,
        "failed_page": failed,
    }


def _picture(entry: IndexEntry, study: str, page: str) -> str:
    """Return the first figure of a report's page, or the stages of its map, as a small picture."""
    if entry.stages:
        return Strip(entry.stages, entry.report).picture()
    return picture(study, page, entry.report)


def _folder(path: str) -> str:
    return path.rpartition("/")[0]


def _take_title(cells: list[NotebookNode]) -> None:
    """Take the first title out of the cells: the page shows it above the answer."""
    for cell in cells:
        if cell.cell_type == "markdown":
            cell.source, taken = re.subn(r"^# .*$", "", cell.source, count=1, flags=re.MULTILINE)
            if taken:
                return


def _section_name(source: str) -> str:
    """Return the name of a section, by its heading in English."""
    heading = source.partition("\n")[0].lstrip("# ")
    return re.sub(r"\W+", "-", heading.casefold()).strip("-")


def _taken(cells: list[NotebookNode], kind: str, mime: str = "text/markdown") -> str:
    """Take the output of a kind out of the cells, and return what it says."""
    found = ""
    for cell in cells:
        for output in list(cell.get("outputs", [])):
            if output.get("metadata", {}).get("cx", {}).get("kind") == kind:
                found = output.data[mime]
                cell.outputs.remove(output)
    return found


def _has_html(cells: list[NotebookNode]) -> bool:
    """Return whether a result shows itself as wide as the window."""
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    return any(one.get("metadata", {}).get("cx", {}).get("kind") == "html" for one in outputs)


def _cut_after_error(cells: list[NotebookNode]) -> bool:
    """Drop the cells after the first one that failed; return whether there is one."""
    for place, cell in enumerate(cells):
        if any(output.output_type == "error" for output in cell.get("outputs", [])):
            del cells[place + 1 :]
            return True
    return False


def _joined(cells: list[NotebookNode]) -> list[NotebookNode]:
    """Join neighbouring code cells of which the first shows nothing: one fold, not many."""
    joined: list[NotebookNode] = []
    for cell in cells:
        before = joined[-1] if joined else None
        if before and before.cell_type == cell.cell_type == "code" and not before.outputs:
            before.source, before.outputs = f"{before.source}\n\n{cell.source}", cell.outputs
        elif cell.source.strip() or cell.get("outputs"):
            joined.append(cell)
    return joined


class _Exporter(TemplateExporter):
    """nbconvert with the kit's own template, everything escaped that is not said to be safe."""

    template_name = _NAME
    file_extension = ".html"
    output_mimetype = "text/html"
    optimistic_validation = True  # once, not after each of nbconvert's steps

    @property
    def default_config(self) -> Config:
        own = Config({"NbConvertBase": {"display_data_priority": _MIME_TYPES}})
        config: Config = copy.deepcopy(super().default_config)
        config.merge(own)
        return config

    def _create_environment(self) -> Environment:
        environment: Environment = super()._create_environment()  # type: ignore[no-untyped-call]
        environment.autoescape = True
        environment.filters.update(_FILTERS)
        return environment


@cache
def _exporter() -> _Exporter:
    return _Exporter(extra_template_basedirs=[str(_TEMPLATES)])  # type: ignore[no-untyped-call]


@cache
def _index_environment() -> Environment:
    environment = Environment(loader=FileSystemLoader(_TEMPLATES / _NAME), autoescape=True)
    environment.filters.update(_FILTERS)
    return environment


@cache
def _asset(name: str) -> str:
    return (_TEMPLATES / _NAME / name).read_text(encoding="utf-8")


#: What the style sheet tells those who write it, and the space that only they need.
_COMMENT = re.compile(r"/\*.*?\*/\s*", re.DOTALL)
_SPACE = re.compile(r"\s*\n\s*|(?<=[;:,{}])\s+|\s+(?=[{}])")


@cache
def _script() -> str:
    """Return the script without its comments and its indents."""
    return re.sub(r"^\s*(?://.*\n)?", "", _asset("page.js"), flags=re.MULTILINE)


#: What the style sheet has no colour for; one of these holds no other.
_UNLIT = re.compile(r'<span class="(?:n\w?|o|p|w|bp|fm)">([^<]*)</span>')


def _code(source: str) -> Markup:
    lit = highlight(source, PythonLexer(), HtmlFormatter(nowrap=True))
    return Markup(_UNLIT.sub(r"\1", lit))


def _data_uri(csv: str) -> str:
    # The mark at the front tells a spreadsheet that the text is UTF-8.
    # Most of it is digits, which are shorter so than in base64.
    return f"data:text/csv;charset=utf-8,{quote(csv.encode('utf-8-sig'), safe=_PLAIN)}"


#: What stands in an address, and in HTML, as it is.
_PLAIN = ",;:/?@!$()*+=~-._"

_FILTERS = {
    "slim_table": slim_table.slim,
    "unbroken": lambda html: Markup(unbroken(html)),
    "trusted": Markup,  # for HTML that prose.py or tables.py has escaped
    "foreign": lambda html: Markup(foreign(html)),
    "inlined": lambda svg, prefix: Markup(figures.inlined(svg, prefix=prefix)),
    "code": _code,
    "data_uri": _data_uri,
    "single_line": lambda text: text.replace("\n", ""),
    "without_colour": strip_ansi,
}
