"""The words of a notebook: what is to be translated in it, and the notebook in another language.

A message is a heading, a paragraph, a list item or a table row of a markdown cell, its lines
joined; code, maths and the marks before a message are left as they are.
"""

from __future__ import annotations

import ast
import copy
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from cxresearch.core.languages import Language
from cxresearch.core.unit_formats import is_said_in_cell, unit_message

if TYPE_CHECKING:
    from nbformat import NotebookNode


_MARK = re.compile(r"\s*(?:#{1,6}\s+|[-*+]\s+|\d+[.)]\s+|>\s?)")
#: A line that opens a part to leave alone, which the same mark closes.
_FENCES = ("```", "~~~", "$$")
_LETTER = re.compile(r"[^\W\d_]")
#: Calls whose first argument is a message.
_SAYING = {"say", "headline", "title"}
#: Arguments that are messages, or mappings to messages, in any call.
_WORDED = {"caption", "alt", "title", "label", "labels", "xlabel", "ylabel", "units"}
_HEADING = re.compile(r"(#{2,6}) +(.+)")
_LIST = re.compile(r"^- ", re.MULTILINE)
_BETWEEN = " \N{MIDDLE DOT} "


def messages(notebook: NotebookNode) -> list[str]:
    r"""Return every message of a notebook once, in order: its prose and what its calls say.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        The notebook, run or not.

    Examples
    --------
    >>> from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
    >>> cells = [new_markdown_cell("# Who buys?\n\n- people\n- firms"),
    ...          new_code_cell("report.say('{n} buy.', n=(3, 'orders'))")]
    >>> messages(new_notebook(cells=cells))
    ['Who buys?', 'people', 'firms', '{n} buy.', 'orders']
    """
    found: list[str] = []
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            found += [message for _, message in _pieces(cell.source) if message]
        elif cell.cell_type == "code":
            found += _said(cell.source)
    return list(dict.fromkeys(found))


def translated(notebook: NotebookNode, *, lang: str) -> NotebookNode:
    """Return a copy of a notebook whose markdown cells are in `lang`.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        The notebook, in English.
    lang : {"en", "it"}
        The language; a message its catalogue lacks stays in English.
    """
    language = Language(lang)
    copied = copy.deepcopy(notebook)
    for cell in copied.cells:
        if cell.cell_type == "markdown":
            cell.source = "\n".join(
                mark + (language.text(message) if message else "")
                for mark, message in _pieces(cell.source)
            )
    return copied


def title(notebook: NotebookNode, *, lang: str) -> str:
    """Return a notebook's title, its first heading, in `lang`; empty when it has none.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        The notebook, in English.
    lang : {"en", "it"}
        The language.
    """
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            for mark, message in _pieces(cell.source):
                if mark.strip() == "#":
                    return Language(lang).text(message)
    return ""


def _pieces(source: str) -> Iterator[tuple[str, str]]:
    """Yield the lines to write: what stays as it is, and the message after it, if any."""
    mark, fence = "", ""
    parts: list[str] = []
    for line in [*source.splitlines(), ""]:
        stripped = line.strip()
        opened = next((sign for sign in _FENCES if stripped.startswith(sign)), "")
        found = _MARK.match(line)
        continues = parts and not (opened or found or stripped.startswith("|"))
        if not fence and continues and stripped and not mark.lstrip().startswith("#"):
            parts.append(stripped)
            continue
        if parts:
            yield _piece(mark, " ".join(parts))
            mark, parts = "", []
        if fence or opened or not stripped:
            yield line, ""
            is_closed = fence and stripped.endswith(fence)
            is_one_line = opened and len(stripped) > len(opened) and stripped.endswith(opened)
            fence = "" if is_closed or is_one_line else fence or opened
        else:
            mark = found[0] if found else ""
            parts = [line[len(mark) :].strip()]


def _piece(mark: str, text: str) -> tuple[str, str]:
    return (mark, text) if _LETTER.search(text) else (mark + text, "")


def _said(source: str) -> Iterator[str]:
    """Yield the messages in a cell's code: first arguments, captions, labels and units."""
    lines = ["" if line.startswith(("%", "!")) else line for line in source.splitlines()]
    for node in ast.walk(ast.parse("\n".join(lines))):
        if not isinstance(node, ast.Call):
            continue
        called = getattr(node.func, "attr", getattr(node.func, "id", ""))
        if called in _SAYING and node.args:
            yield from _literals(node.args[0])
        for keyword in node.keywords:
            if keyword.arg in _WORDED:
                yield from _literals(keyword.value)
            elif called in _SAYING and isinstance(keyword.value, ast.Tuple):
                yield from _literals(keyword.value.elts[-1])


def _literals(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        if not is_said_in_cell(node.value) and _LETTER.search(node.value):
            yield unit_message(node.value)
    elif isinstance(node, ast.IfExp):
        yield from _literals(node.body)
        yield from _literals(node.orelse)
    elif isinstance(node, ast.Dict):
        for value in node.values:
            yield from _literals(value)


def leave_out(cells: list[NotebookNode]) -> list[tuple[str, str]]:
    """Take out the sections that show nothing but why they could not be measured.

    A section is a heading with what follows it up to the next one; one that has subsections goes
    where all of them do. A section with a list of its own stays, and what is shown beside a missing
    result, with the reason, which a page says once.

    Parameters
    ----------
    cells : list of NotebookNode
        The cells of a page, which are changed.

    Returns
    -------
    list of (str, str)
        The headings of the sections taken out for one reason, and that, in Markdown.
    """
    taken: list[tuple[int, str, str]] = []
    sections = _sections(cells)
    for level, heading, first, last in sorted(sections, key=lambda one: -one[0]):
        within = [cell for cell in cells[first:last] if not cell.metadata.get("cx_left_out")]
        outputs = [output for cell in within for output in cell.get("outputs", [])]
        reasons = [output for output in outputs if _kind(output) == "missing"]
        inner = [one for one in sections if one[0] > level and first < one[2] < last]
        gone = inner and all(cells[one[2]].metadata.get("cx_left_out") for one in inner)
        if len(reasons) < len(outputs) or not (reasons or gone):
            continue
        if _LIST.search(cells[first].source):
            continue
        if reasons:
            taken.append((first, heading, reasons[0].data["text/markdown"]))
        for cell in within:
            cell.metadata["cx_left_out"] = True
    cells[:] = [cell for cell in cells if not cell.metadata.get("cx_left_out")]
    _say_once(cells)
    by_reason: dict[str, dict[str, None]] = {}
    for _, heading, why in sorted(taken):
        by_reason.setdefault(why, {})[heading] = None
    return [(_BETWEEN.join(headings), why) for why, headings in by_reason.items()]


def _say_once(cells: Iterable[NotebookNode]) -> None:
    """Take out what says again why something could not be measured."""
    said: set[str] = set()
    for cell in cells:
        for output in [one for one in cell.get("outputs", []) if _kind(one) == "missing"]:
            why = output.data["text/markdown"]
            if why in said:
                cell.outputs.remove(output)
            said.add(why)


def _sections(cells: list[NotebookNode]) -> list[tuple[int, str, int, int]]:
    """Return the level and the words of each heading, and the cells of its section."""
    headings = [
        (len(found[1]), found[2], place)
        for place, cell in enumerate(cells)
        if cell.cell_type == "markdown" and (found := _HEADING.match(cell.source))
    ]
    ends = [
        next((place for other, _, place in headings[number + 1 :] if other <= level), len(cells))
        for number, (level, _, _) in enumerate(headings)
    ]
    return [(*heading, end) for heading, end in zip(headings, ends, strict=True)]


def _kind(output: NotebookNode) -> str:
    return str(output.get("metadata", {}).get("cx", {}).get("kind", ""))
