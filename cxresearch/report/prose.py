"""Markdown and outputs as HTML that runs nothing: raw HTML is shown, not obeyed."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from html import escape, unescape
from typing import Any, NamedTuple
from xml.etree import ElementTree as ET

import bleach
from bs4 import BeautifulSoup
from latex2mathml.converter import convert_to_element
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from cxresearch.core.languages import Language

#: What is left of HTML that the kit did not write itself (a data frame, a result).
_PLAIN_TAGS = frozenset(
    {"b", "br", "code", "div", "em", "i", "li", "ol", "p", "pre", "span", "strong", "sub", "sup"}
    | {"ul", "table", "caption", "colgroup", "col", "thead", "tbody", "tfoot", "tr", "th", "td"}
)
_PLAIN_ATTRIBUTES = {"td": ["colspan", "rowspan"], "th": ["colspan", "rowspan", "scope"]}
_TAG = re.compile(r"<[^>]*>")
_LISTED = {2, 3}


class Heading(NamedTuple):
    """A heading as the contents list needs it."""

    level: int
    anchor: str
    text: str


@dataclass(slots=True)
class Prose:
    """Turns the Markdown of one page into HTML and keeps its headings.

    Parameters
    ----------
    language : Language
        The language of the page, for what a formula is called to a screen reader.
    headings : list of Heading
        The headings so far, in order.
    """

    language: Language = field(default_factory=Language)
    headings: list[Heading] = field(default_factory=list)
    _is_listed: bool = True
    _formulas: int = 0
    _anchors: Counter[str] = field(default_factory=Counter)

    def html(self, markdown: str, *, is_listed: bool = True) -> str:
        """Return Markdown as HTML; raw HTML in it is escaped, maths becomes MathML.

        Parameters
        ----------
        markdown : str
            The Markdown.
        is_listed : bool
            Whether its headings are in the contents list.

        Examples
        --------
        >>> print(Prose().html("a *b* <script>"), end="")
        <p>a <em>b</em> &lt;script&gt;</p>
        """
        self._is_listed = is_listed
        return MarkdownWithMath(renderer=_Renderer(self)).render(markdown)

    def listed(self, heading: Heading) -> None:
        """Put a heading on the contents list, where those being written go there."""
        if self._is_listed:
            self.headings.append(heading)

    def anchor(self, text: str) -> str:
        """Return an id for a heading that no other heading of the page has."""
        slug = re.sub(r"[\W_]+", "-", text.casefold()).strip("-") or "section"
        self._anchors[slug] += 1
        count = self._anchors[slug]
        return slug if count == 1 else f"{slug}-{count}"

    def formula_name(self) -> str:
        """Return the name of the next formula that has a place of its own."""
        self._formulas += 1
        return self.language.text("Formula {number}", number=self._formulas)


class _Renderer(IPythonRenderer):
    """Writes headings with ids, maths as MathML, and anything wide in its own scrolling box."""

    def __init__(self, prose: Prose) -> None:
        super().__init__(escape=True, allow_harmful_protocols=False, exclude_anchor_links=True)
        self._prose = prose

    def heading(self, text: str, level: int, **_attributes: Any) -> str:
        words = unescape(_TAG.sub("", text))
        anchor = self._prose.anchor(words)
        if level in _LISTED:
            self._prose.listed(Heading(level, anchor, words))
        return f'<h{level} id="{escape(anchor)}">{text}</h{level}>\n'

    def block_mermaidjs(self, code: str) -> str:
        return self.block_code(code)  # without a script there are no diagrams

    def inline_math(self, body: str) -> str:
        return mathml(body, display="inline")

    def block_math(self, body: str) -> str:
        label = escape(self._prose.formula_name())
        inner = mathml(body, display="block")
        return f'<span class="scroll" role="group" aria-label="{label}" tabindex="0">{inner}</span>'

    def latex_environment(self, name: str, body: str) -> str:
        return self.block_math(f"\\begin{{{name}}}{body}\\end{{{name}}}")

    def table(self, text: str) -> str:
        return f'<div class="scroll" tabindex="0"><table>{text}</table></div>\n'


def mathml(tex: str, *, display: str) -> str:
    r"""Return TeX as MathML; what cannot be read is shown as it is.

    Examples
    --------
    >>> mathml(r"\text{<b>}", display="inline").count("<b>")
    0
    """
    try:
        root = convert_to_element(tex, display=display)
    except Exception:  # the errors of latex2mathml have no base of their own
        return f"<code>{escape(tex)}</code>"
    for element in root.iter():
        # It writes some texts as entities and leaves others raw: make all of them text.
        element.text = unescape(element.text or "")
        element.attrib.pop("href", None)
    return ET.tostring(root, encoding="unicode")


def foreign(html: str) -> str:
    """Return HTML that the kit did not write, reduced to text, lists and tables.

    Examples
    --------
    >>> foreign('<p onclick="x()">a <a href="y">b</a></p><script>x()</script>')
    '<p>a b</p>'
    """
    soup = BeautifulSoup(html, "html.parser")
    for element in soup(["style", "script"]):
        element.decompose()
    for cell in soup("th"):
        if cell.get_text(strip=True):
            in_body = cell.find_parent("tbody") is not None
            cell["scope"] = "row" if in_body else "col"
        else:
            cell.name = "td"
    return str(bleach.clean(str(soup), tags=_PLAIN_TAGS, attributes=_PLAIN_ATTRIBUTES, strip=True))
