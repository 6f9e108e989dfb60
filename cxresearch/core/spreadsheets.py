"""Cells of spreadsheets that other people wrote and somebody will open."""

from __future__ import annotations

#: A spreadsheet reads a cell that begins with one of these as a formula.
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\n")


def harmless(value: object) -> object:
    """Return a cell of text that begins no formula, nor a new row: pandas quotes no lone CR.

    Examples
    --------
    >>> harmless("=1+1"), harmless("fine"), harmless(-2.5)
    ("'=1+1", 'fine', -2.5)
    """
    if not isinstance(value, str):
        return value
    text = value.replace("\r\n", "\n").replace("\r", "\n")
    return f"'{text}" if text.startswith(FORMULA_SIGNS) else text
