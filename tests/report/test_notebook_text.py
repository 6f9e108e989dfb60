from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from cxresearch.core import catalogues, languages, phrasing
from cxresearch.report import notebook_text

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))

PROSE = """# Who buys?

One paragraph
on two lines.
## Next
- first *point*
  goes on
- second
1. third

> a quote

```
# no heading

code
```

$$
x + y
$$

$$z$$
| Head | Other |
|---|---|
| a | 1 |

12.5%
"""

PROSE_MESSAGES = [
    "Who buys?",
    "One paragraph on two lines.",
    "Next",
    "first *point* goes on",
    "second",
    "third",
    "a quote",
    "| Head | Other |",
    "| a | 1 |",
]


def notebook(*cells: nbformat.NotebookNode) -> nbformat.NotebookNode:
    return new_notebook(cells=list(cells))


@pytest.fixture
def shouted(monkeypatch: pytest.MonkeyPatch) -> None:
    """A catalogue that says every message of PROSE in capitals."""
    capitals = {message: message.upper() for message in PROSE_MESSAGES}
    monkeypatch.setattr(languages, "catalogue", lambda lang: capitals if lang == "it" else {})


def test_the_messages_of_prose() -> None:
    assert notebook_text.messages(notebook(new_markdown_cell(PROSE))) == PROSE_MESSAGES


def test_the_messages_of_code() -> None:
    source = """
%matplotlib inline
report.say("{n} customers", n=(3, "customers"), worth=(2, "EUR"), share=(0.1, "share"))
report.headline("Up" if rising else "Down")
report.table(f, caption="A table", labels={"x": "An x"}, units={"x": "EUR", "y": "days"})
report.show(plots.trend(f, ylabel="Revenue"), caption=caption, alt="It rises")
print("not said", title + "no literal")
report.say("{n} customers", n=1)
"""
    assert notebook_text.messages(notebook(new_code_cell(source))) == [
        "{n} customers",
        "customers",
        "Up",
        "Down",
        "A table",
        "An x",
        "days",
        "It rises",
        "Revenue",
    ]


@pytest.mark.usefixtures("shouted")
def test_translating_leaves_all_but_the_words() -> None:
    before = notebook(new_markdown_cell(PROSE), new_code_cell("x = 1  # first"))
    after = notebook_text.translated(before, lang="it")
    expected = PROSE.replace("paragraph\non", "paragraph on").replace("*\n  goes", "* goes")
    for message in PROSE_MESSAGES:
        expected = expected.replace(message, message.upper())
    assert after.cells[0].source.rstrip() == expected.rstrip()
    assert after.cells[1].source == "x = 1  # first"
    assert before.cells[0].source == PROSE


def test_english_is_the_source() -> None:
    joined = "# Who buys?\n\nOne line.\n\n- a point\n"
    after = notebook_text.translated(notebook(new_markdown_cell(joined)), lang="en")
    assert after.cells[0].source.rstrip() == joined.rstrip()


@pytest.mark.usefixtures("shouted")
def test_the_title_is_the_first_heading() -> None:
    cells = notebook(
        new_code_cell("# no title"), new_markdown_cell("## Not yet"), new_markdown_cell(PROSE)
    )
    assert notebook_text.title(cells, lang="it") == "WHO BUYS?"
    assert notebook_text.title(notebook(), lang="it") == ""


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_message_of_a_notebook_is_there_in_italian(path: Path) -> None:
    messages = notebook_text.messages(nbformat.read(path, as_version=4))
    italian = catalogues.catalogue("it")
    assert [message for message in messages if message not in italian] == []


def test_a_translation_has_the_same_values_as_its_message() -> None:
    italian = catalogues.catalogue("it")
    assert italian
    for message, said in italian.items():
        if "\\" in message:  # a formula's braces hold no values
            continue
        assert phrasing.placeholders(said) == phrasing.placeholders(message), message
