import pytest
from bs4 import BeautifulSoup

from cxresearch.core.languages import Language
from cxresearch.report import prose
from cxresearch.report.prose import Prose


def test_headings_have_ids_of_their_own_and_are_listed() -> None:
    page = Prose()
    html = page.html("# Title\n\n## Perché *così*?\n\n### Then\n\n## Then\n\n#### Deep\n\n## ***")
    assert [(heading.level, heading.anchor, heading.text) for heading in page.headings] == [
        (2, "perché-così", "Perché così?"),
        (3, "then", "Then"),
        (2, "then-2", "Then"),
        (2, "section", "***"),
    ]
    found = BeautifulSoup(html, "html.parser")(["h2", "h3"])
    assert [heading["id"] for heading in found] == [heading.anchor for heading in page.headings]


@pytest.mark.parametrize(
    "markdown",
    [
        "<script>alert(1)</script>",
        "## <img src=x onerror=alert(1)>",
        "text <b onclick='x()'>b</b>",
        "| <script>a</script> |\n|---|\n| <i onload=x> |",
        "$\\text{<script>alert(1)</script>}$",
        "$$\\text{<img src=x onerror=alert(1)>}$$",
        "$\\href{javascript:alert(1)}{x}$",
        "[x](javascript:alert(1))",
        "```python\n<script>alert(1)</script>\n```",
        "```mermaid\n</pre><script>alert(1)</script>\n```",
    ],
)
def test_nothing_in_markdown_runs(markdown: str) -> None:
    soup = BeautifulSoup(Prose().html(markdown), "html.parser")
    assert soup(["script", "img", "b", "i"]) == []
    for tag in soup.find_all():
        assert not [name for name in tag.attrs if name.startswith("on")]
        assert "javascript:" not in str(tag.get("href", ""))


def test_maths_is_mathml() -> None:
    html = Prose(Language("it")).html("Where $a < b$:\n\n$$\\frac{a}{b}$$\n\nand\n\n$$a$$")
    soup = BeautifulSoup(html, "html.parser")
    assert [tag["display"] for tag in soup("math")] == ["inline", "block", "block"]
    assert [box["aria-label"] for box in soup(class_="scroll")] == ["Formula 1", "Formula 2"]
    assert soup.mfrac is not None
    assert soup.mo is not None
    assert soup.mo.get_text() == "<"


def test_an_environment_is_a_formula_too() -> None:
    html = Prose().html("\\begin{align}a &= b\\\\ c &= d\\end{align}")
    assert len(BeautifulSoup(html, "html.parser")("mtr")) == 2


def test_maths_that_cannot_be_read_is_shown_as_it_is() -> None:
    assert prose.mathml("x_1_<", display="inline") == "<code>x_1_&lt;</code>"


def test_foreign_html_keeps_its_table_and_loses_the_rest() -> None:
    html = (
        '<div><style scoped>.x { color: red }</style><table border="1" class="dataframe">'
        '<thead><tr style="text-align: right;"><th></th><th>n</th></tr></thead>'
        '<tbody><tr><th>0</th><td onclick="x()">3</td></tr></tbody></table>'
        '<script>alert(1)</script><img src="http://example.com/x.png"><svg onload=alert(1)></div>'
    )
    assert prose.foreign(html) == (
        '<div><table><thead><tr><td></td><th scope="col">n</th></tr></thead>'
        '<tbody><tr><th scope="row">0</th><td>3</td></tr></tbody></table></div>'
    )
