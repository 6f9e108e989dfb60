"""Reports: what a notebook says, how it is run and rendered, and what is rebuilt when.

A notebook uses ``begin``, ``label``, ``title``, ``say``, ``headline``, ``footnote``, ``record``,
``table``, ``estimates``, ``enough``, ``show`` and, in its last cell, ``provenance``; a summary also
``headlines``, ``numbers``, ``findings`` with their ``scope``, ``good_news``, ``open_findings``,
``changes`` and the map's ``strip``. One report keeps what was found (``record_findings``,
``record_stages``); others let it ``lead`` and say what it asks ``to_do``.
"""

from __future__ import annotations

from cxresearch.report.found import (
    findings,
    good_news,
    lead,
    open_findings,
    record_findings,
    scope,
    to_do,
)
from cxresearch.report.moved import changes
from cxresearch.report.page import begin, footnote, headline, label, record, say, title
from cxresearch.report.read_log import provenance
from cxresearch.report.shown import enough, estimates, show, table
from cxresearch.report.stage_strip import record_stages, strip
from cxresearch.report.summary import headlines, numbers, recorded

__all__ = [
    "begin",
    "changes",
    "enough",
    "estimates",
    "findings",
    "footnote",
    "good_news",
    "headline",
    "headlines",
    "label",
    "lead",
    "numbers",
    "open_findings",
    "provenance",
    "record",
    "record_findings",
    "record_stages",
    "recorded",
    "say",
    "scope",
    "show",
    "strip",
    "table",
    "title",
    "to_do",
]


def __dir__() -> list[str]:
    return __all__
