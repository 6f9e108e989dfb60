"""Which sections of a page are left out, since the study cannot fill them."""

from __future__ import annotations

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output

from cxresearch.report import notebook_text


def heading(text: str) -> NotebookNode:
    return new_markdown_cell(f"{text}\n\nA paragraph.")


def output(kind: str, text: str) -> NotebookNode:
    return new_output("display_data", data={"text/markdown": text}, metadata={"cx": {"kind": kind}})


def shown(*kinds: str) -> NotebookNode:
    return new_code_cell("x", outputs=[output(kind, f"{kind}.") for kind in kinds])


def missing(why: str) -> NotebookNode:
    return new_code_cell("x", outputs=[output("missing", why)])


def left(cells: list[NotebookNode]) -> list[str]:
    found = (cell.source.split("\n")[0] for cell in cells if cell.cell_type == "markdown")
    return [text for text in found if text]


A = "No tickets."
B = "No orders."


@pytest.mark.parametrize(
    ("cells", "headings", "named"),
    [
        pytest.param(
            [heading("## One"), missing(A), heading("## Two"), shown("say")],
            ["## Two"],
            [("One", A)],
            id="nothing else",
        ),
        pytest.param(
            [heading("## One"), missing(A), shown("table")], ["## One"], [], id="a table beside it"
        ),
        pytest.param([heading("## One"), shown()], ["## One"], [], id="nothing shown"),
        pytest.param(
            [heading("## One"), heading("### In it"), missing(A), heading("## Two"), shown("say")],
            ["## Two"],
            [("In it", A)],
            id="its only part",
        ),
        pytest.param(
            [heading("## One"), heading("### a"), missing(A), heading("### b"), shown("figure")],
            ["## One", "### b"],
            [("a", A)],
            id="one of two parts",
        ),
        pytest.param(
            [heading("## One"), heading("### a"), missing(A), heading("### b"), missing(B)],
            [],
            [("a", A), ("b", B)],
            id="both parts",
        ),
        pytest.param(
            [
                heading("## One"),
                missing(A),
                heading("## Two"),
                missing(B),
                heading("## Three"),
                missing(A),
                heading("## One"),
                missing(A),
            ],
            [],
            [("One \N{MIDDLE DOT} Three", A), ("Two", B)],
            id="one reason for several",
        ),
        pytest.param(
            [heading("## One\n\n- A caveat."), missing(A)], ["## One"], [], id="a list of its own"
        ),
        pytest.param(
            [heading("## One"), missing(A), heading("### a"), shown("say")],
            ["## One", "### a"],
            [],
            id="a part that shows something",
        ),
        pytest.param(
            [heading("## One"), shown("say"), heading("### a"), missing(A)],
            ["## One"],
            [("a", A)],
            id="a part that shows nothing",
        ),
        pytest.param([heading("# Title"), missing(A)], ["# Title"], [], id="the title stays"),
    ],
)
def test_a_section_goes_where_it_shows_nothing_but_why(
    cells: list[NotebookNode], headings: list[str], named: list[tuple[str, str]]
) -> None:
    assert notebook_text.leave_out(cells) == named
    assert left(cells) == headings


def test_a_section_without_headings_of_its_own_keeps_its_reason() -> None:
    cells = [heading("## One"), missing(A), shown("say")]
    notebook_text.leave_out(cells)
    assert [len(cell.get("outputs", [])) for cell in cells] == [0, 1, 1]


def test_a_section_says_a_reason_once() -> None:
    cells = [heading("## One"), missing(A), missing(B), missing(A), shown("say"), missing(A)]
    notebook_text.leave_out(cells)
    assert [len(cell.get("outputs", [])) for cell in cells] == [0, 1, 1, 0, 1, 0]


def test_a_page_says_a_reason_once_and_lists_it_where_a_section_is_gone() -> None:
    cells = [heading("## One"), missing(A), shown("say")]
    cells += [heading("## Two"), missing(A)]
    cells += [heading("## Three"), missing(B), missing(A), shown("say")]
    assert notebook_text.leave_out(cells) == [("Two", A)]
    left = [len(cell.get("outputs", [])) for cell in cells]
    assert left == [0, 1, 1, 0, 1, 0, 1]
