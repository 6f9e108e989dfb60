"""The JSON record beside each report: what it answered, from what it was built, and where it is."""

from __future__ import annotations

import hashlib
import json
import math
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Literal

from cxresearch.core import disk
from cxresearch.core.disclosure import is_small
from cxresearch.core.remarks import Said
from cxresearch.core.results import value_of

#: Names to a running notebook, parted by commas, the reports it may read.
READS_VARIABLE = "CX_REPORT_READS"
#: The note of a number that is hidden, since it is about too few people.
HIDDEN = "hidden: it is about too few people"
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
    findings : dict
        What was found in the study: `found`, by rank the fields of each finding and its `words` in
        each language; and `words`, how much was looked at. None where the report did not look.
    stages : list of dict
        The stages of the journey map with their numbers, and `words` in each language; None where
        the report has no map.
    reads : dict
        Every data file read, by its name in records, with its SHA-256.
    modules : list of str
        The project's Python files that were imported, relative to the project.
    """

    headlines: dict[str, str] = field(default_factory=dict)
    numbers: dict[str, dict[str, Any]] = field(default_factory=dict)
    findings: dict[str, Any] | None = None
    stages: list[dict[str, Any]] | None = None
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
    pages : dict
        SHA-256 of its page in each language; the index draws its picture from it.
    day : str
        The day on which it was built.
    findings, stages : optional
        What it found, and the stages of its journey map, as its record has them.
    """

    report: str
    titles: dict[str, str]
    headlines: dict[str, str]
    status: Status
    reasons: dict[str, str]
    pages: dict[str, str] = field(default_factory=dict)
    day: str = ""
    findings: dict[str, Any] | None = None
    stages: list[dict[str, Any]] | None = None


@dataclass(frozen=True, slots=True)
class Inputs:
    """Everything a report's page depends on; where all of it is the same, so is the page.

    Parameters
    ----------
    notebook : str
        SHA-256 of the notebook's source.
    parameters : dict
        The parameters it ran with.
    versions : dict
        The versions of Python, of the kit and of the libraries that shape a page.
    files : dict
        SHA-256 of each file read: data, modules, templates, catalogues, the lock.
    reports : dict
        SHA-256 of what each report that it reads had recorded.
    as_of : str
        The day up to which the study's data reach, where it says so.
    pages : dict
        The title in English of each report of the study, by name: the page links to them.
    """

    notebook: str
    parameters: dict[str, Any]
    versions: dict[str, str]
    files: dict[str, str]
    reports: dict[str, str]
    as_of: str = ""
    pages: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Run:
    """When a report was built, in UTC, and what it cost; in the record only, never on the page."""

    started: str
    seconds: float
    cpu_seconds: float


@dataclass(frozen=True, slots=True)
class PageRecord:
    """One language of a report: its title, its answer in one sentence, SHA-256 of its page."""

    title: str
    headline: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Sidecar:
    """The record of a report's last good build; written last, so its page is whole.

    Parameters
    ----------
    study, report, notebook : str
        Whose report it is.
    pages : dict
        Its page in each language; the first is the one beside the record.
    numbers : dict
        Every recorded number by name; an undefined one is null.
    findings : dict
        What was found in the study, as a kernel's record has it; None where it did not look.
    provenance : Provenance
        How the report was made.
    build : Inputs
        What it was built from.
    run : Run
        The run that built it.
    stages : list of dict
        The stages of the journey map with their numbers; None where this report has no map.
    """

    study: str
    report: str
    notebook: str
    pages: dict[str, PageRecord]
    numbers: dict[str, dict[str, Any]]
    findings: dict[str, Any] | None
    provenance: Provenance
    build: Inputs
    run: Run
    stages: list[dict[str, Any]] | None = None

    def to_json(self) -> str:
        """Return the record as the text of its file."""
        return json.dumps(_finite(asdict(self)), indent=1, ensure_ascii=False) + "\n"

    @property
    def titles(self) -> Said:
        """The title of its page in each language."""
        return Said({lang: page.title for lang, page in self.pages.items()})

    @property
    def headlines(self) -> Said:
        """The headline of its page in each language."""
        return Said({lang: page.headline for lang, page in self.pages.items()})

    def answer_sha256(self, status: Status) -> str:
        """Return SHA-256 of all that a report reading this one can see."""
        seen = [self.headlines.versions, self.numbers, self.findings, self.stages, status]
        return hashlib.sha256(json.dumps(_finite(seen), sort_keys=True).encode()).hexdigest()


def folder(study: str) -> Path:
    """Return the folder of a study's reports."""
    return disk.project_root() / "reports" / study


def page_name(report: str, lang: str, languages: Sequence[str]) -> str:
    """Return the path of a page below its study's folder: the first language is at the top.

    Examples
    --------
    >>> page_name("funnel", "en", ["en", "it"]), page_name("funnel", "it", ["en", "it"])
    ('funnel.html', 'it/funnel.html')
    """
    return f"{report}.html" if lang == languages[0] else f"{lang}/{report}.html"


def page_path(study: str, report: str, lang: str = "", languages: Sequence[str] = ("",)) -> Path:
    """Return where a report's last good page is, in one of its languages; in its first if none."""
    return folder(study) / page_name(report, lang or languages[0], languages)


def drop_pages(study: str, report: str, *, was: Sequence[str], now: Sequence[str]) -> None:
    """Take away the pages of languages that a report is no longer in."""
    kept = {page_name(report, lang, now) for lang in now}
    for lang in was:
        name = page_name(report, lang, was)
        if name not in kept:
            (folder(study) / name).unlink(missing_ok=True)


def failed_path(study: str, report: str) -> Path:
    """Return where the page of a report's failed run is, while its last run is a failed one."""
    return folder(study) / f"{report}.failed.html"


def path(study: str, report: str) -> Path:
    """Return where a report's record is."""
    return folder(study) / f"{report}.json"


def read(study: str, report: str) -> Sidecar | None:
    """Return a report's record, or None where it has none that can be read."""
    try:
        content = json.loads(path(study, report).read_text("utf-8"))
        if content.keys() != {field.name for field in fields(Sidecar)}:
            return None
        content["pages"] = {lang: PageRecord(**page) for lang, page in content["pages"].items()}
        content["provenance"] = Provenance(**content["provenance"])
        content["build"] = Inputs(**content["build"])
        content["run"] = Run(**content["run"])
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None
    return Sidecar(**content)


def status(study: str, report: str) -> Status:
    """Return what became of a report's last run."""
    if failed_path(study, report).exists():
        return "failed"
    return "built" if path(study, report).exists() else "not run"


def records(study: str, *, reports: Sequence[str] | None = None) -> list[Sidecar]:
    """Return the records of a study's reports; one without a record is left out.

    Parameters
    ----------
    study : str
        The name of the study.
    reports : sequence of str, optional
        The reports to read; by default those that the running report `reads`, or, outside of a
        build, every report of the study.
    """
    if reports is None:
        named = os.environ.get(READS_VARIABLE)
        here = sorted(file.stem for file in folder(study).glob("*.json"))
        reports = here if named is None else [name for name in named.split(",") if name]
    return [record for report in reports if (record := read(study, report))]


def recorded(study: str, *, reports: Sequence[str] | None = None) -> list[dict[str, Any]]:
    """Return the numbers that a study's reports recorded, one row each.

    Parameters
    ----------
    study : str
        The name of the study.
    reports : sequence of str, optional
        As for :func:`records`.

    Returns
    -------
    list of dict
        ``report, title, status, name, value, ci_low, ci_high, n, unit, confidence, method,
        note``; `title` is of :class:`~cxresearch.core.remarks.Said`, an undefined value is nan.
    """
    rows = []
    for record in records(study, reports=reports):
        about = {
            "report": record.report,
            "title": record.titles,
            "status": status(study, record.report),
        }
        rows += [about | {"name": name} | _number(row) for name, row in record.numbers.items()]
    return rows


def _number(row: dict[str, Any]) -> dict[str, Any]:
    """Return a recorded number as one flat row; what JSON cannot hold is nan again."""
    value, low, high = (math.nan if x is None else x for x in (row["value"], *row["ci"]))
    about = {key: row[key] for key in ("unit", "confidence", "method", "note")}
    about["n"] = math.nan if row["n"] is None else row["n"]  # hidden, as the value is
    return {"value": value, "ci_low": low, "ci_high": high} | about


def _finite(value: Any) -> Any:
    """Return JSON-ready values in which a number that JSON does not know is null."""
    if isinstance(value, dict):
        return {key: _finite(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(one) for one in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
