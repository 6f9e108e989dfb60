"""Sections that a study cannot fill: left out of the page, and named with what they lack."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nbformat import NotebookNode

_HEADING = re.compile(r"(#{2,6}) +(.+)")


def leave_out(cells: list[NotebookNode]) -> list[tuple[str, str]]:
    """Take out the sections that show nothing but why they could not be measured.

    A section is a heading with what follows it up to the next one; one that has subsections goes
    where all of them do. What a section shows beside a missing result stays, with the reason.

    Parameters
    ----------
    cells : list of NotebookNode
        The cells of a page, which are changed.

    Returns
    -------
    list of (str, str)
        The heading of each section taken out, and why, in Markdown.
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
        if reasons:
            taken.append((first, heading, reasons[0].data["text/markdown"]))
        for cell in within:
            cell.metadata["cx_left_out"] = True
    cells[:] = [cell for cell in cells if not cell.metadata.get("cx_left_out")]
    return [(heading, why) for _, heading, why in sorted(taken)]


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
