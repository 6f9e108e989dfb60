"""Reports: what a notebook says, how it is run and rendered, and what is rebuilt when.

A notebook uses ``begin``, ``say``, ``headline``, ``record``, ``table``, ``estimates``, ``enough``,
``show`` and, in its last cell, ``provenance``; a summary also ``headlines`` and ``numbers``.
"""

from __future__ import annotations

from cxresearch.report.page import (
    begin,
    enough,
    estimates,
    headline,
    provenance,
    record,
    say,
    show,
    table,
)
from cxresearch.report.summary import headlines, numbers

__all__ = [
    "begin",
    "enough",
    "estimates",
    "headline",
    "headlines",
    "numbers",
    "provenance",
    "record",
    "say",
    "show",
    "table",
]
