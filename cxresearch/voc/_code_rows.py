"""Rows of a coding sheet: what a cell may hold, and what it says."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

from cxresearch.voc.sampling import RANDOM, SUGGESTED

#: What a coder may write in a cell, in small letters; an empty cell is not coded.
_YES = frozenset(("1", "1.0", "x", "y", "yes", "s", "si", "sì", "true", "vero"))
_NO = frozenset(("0", "0.0", "n", "no", "false", "falso"))


def code(cell: str) -> float:
    """Return what a cell says; nan where it is empty."""
    if not cell.strip():
        return math.nan
    return 1.0 if cell.strip().lower() in _YES else 0.0


def is_code(cell: str) -> bool:
    """Return whether a cell is a code, or empty."""
    return not cell.strip() or cell.strip().lower() in _YES | _NO


def codes_of(row: dict[str, Any], themes: Sequence[str]) -> dict[str, Any]:
    """Return a row with its codes as numbers."""
    kept = {"text_id": row["text_id"], "coder": row["coder"], "drawn": row["drawn"]}
    kept["probability"] = float(row["probability"]) if _is_number(row["probability"]) else math.nan
    return kept | {theme: code(row[theme]) for theme in themes}


def row_faults(row: dict[str, Any], themes: Sequence[str], where: str) -> Iterator[str]:
    """Yield what is wrong with a row of a coding sheet."""
    for name in ("text_id", "coder"):
        if not row[name]:
            yield f"{where}, {name}: missing"
    for theme in themes:
        if not is_code(row[theme]):
            yield f"{where}, {theme}: must be 1, 0 or empty; got {row[theme]!r}"
    if row["drawn"] not in (RANDOM, SUGGESTED):
        yield f"{where}, drawn: must be {RANDOM!r} or {SUGGESTED!r}; got {row['drawn']!r}"
    if row["drawn"] == RANDOM and not _is_number(row["probability"]):
        yield f"{where}, probability: must be above 0 and at most 1; got {row['probability']!r}"


def twice(row: dict[str, Any], where: str, seen: dict[tuple[str, str], str]) -> Iterator[str]:
    """Yield a fault where a coder coded a text before; note that it was coded."""
    text = (row["text_id"], row["coder"])
    if all(text) and text in seen:
        yield f"{where}, text_id: {text[0]} of {text[1]} is also in {seen[text]}"
    seen[text] = where


def _is_number(cell: str) -> bool:
    try:
        return 0 < float(cell) <= 1
    except ValueError:
        return False
