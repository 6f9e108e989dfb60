"""What the parts of the report pipeline hand to one another."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from cxresearch.core.results import value_of
from cxresearch.core.small_cells import is_small

#: The note of a number that is not told, since it is about too few people.
HIDDEN = "hidden: it tells about too few people"
#: Names to a running notebook the file that takes its :class:`KernelRecord`.
RECORD_VARIABLE = "CX_REPORT_RECORD"


@dataclass(frozen=True, slots=True)
class KernelRecord:
    """What a notebook's kernel tells of its run; written by the notebook's last cell.

    Parameters
    ----------
    headlines : dict
        The answer in one sentence, in each language of the page.
    numbers : dict
        Every recorded number by name: value, ci, n, unit, confidence, method, note.
    reads : dict
        Every data file read, as a path relative to the project (or absolute outside it), with
        its SHA-256.
    modules : list of str
        The project's Python files that were imported, relative to the project.
    """

    headlines: dict[str, str] = field(default_factory=dict)
    numbers: dict[str, dict[str, Any]] = field(default_factory=dict)
    reads: dict[str, str] = field(default_factory=dict)
    modules: list[str] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        """Return the record as JSON-ready values."""
        return asdict(self)


def number_of(result: Any, *, min_cell: int = 1) -> dict[str, Any]:
    """Return a result as a record has it; JSON has no nan, so an undefined number is null.

    One about fewer than `min_cell` people keeps its unit and its method only.

    Raises
    ------
    TypeError
        If it is no estimate with an interval.
    """

    def defined(value: float) -> float | None:
        return None if math.isnan(value) else float(value)

    value = defined(value_of(result))
    if is_small(result, min_cell):
        return {
            "value": None,
            "ci": [None, None],
            "n": None,
            "unit": result.unit,
            "confidence": float(result.confidence),
            "method": result.method,
            "note": HIDDEN,
        }
    return {
        "value": value,
        "ci": [defined(bound) for bound in result.ci],
        "n": int(result.n),
        "unit": result.unit,
        "confidence": float(result.confidence),
        "method": result.method,
        "note": result.note,
    }


@dataclass(frozen=True, slots=True)
class Provenance:
    """How a report was made: everything a reviewer needs to make it again.

    No time of day is in it: a rebuild on the same data gives the same bytes.
    """

    study: str
    report: str
    notebook: str
    notebook_sha256: str
    parameters: dict[str, Any]
    data: dict[str, str]
    versions: dict[str, str]
    lock_sha256: str


Status = Literal["built", "out of date", "failed", "not run"]


@dataclass(frozen=True, slots=True)
class IndexEntry:
    """One report's line on the index of a study.

    Parameters
    ----------
    report : str
        The report's name; its page is ``<report>.html``, and in each language but its first
        ``<language>/<report>.html``.
    titles : dict
        Its title in each of its languages.
    headlines : dict
        Its answer in one sentence, in each of them; of the last good build where the last run
        failed.
    status : {"built", "out of date", "failed", "not run"}
        What became of the last run, and whether it would give the same page now.
    reasons : dict
        Why it failed, was not run ("needs events") or is out of date, in each language of the
        index; empty when built.
    """

    report: str
    titles: dict[str, str]
    headlines: dict[str, str]
    status: Status
    reasons: dict[str, str]
