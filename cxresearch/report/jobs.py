"""What a build asks of a worker process, one JSON line each, and the files they share."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from html import escape
from pathlib import Path
from typing import Any

from cxresearch.report.run_records import IndexEntry, Provenance

#: In the folder of a job: the notebook as it was hashed, the notebook as it ran, what its kernel
#: told, and what came of the job.
SOURCE = "source.ipynb"
EXECUTED = "executed.ipynb"
RECORD = "record.json"
OUTCOME = "outcome.json"


@dataclass(frozen=True, slots=True)
class ReportJob:
    """Run one notebook and render it.

    Parameters
    ----------
    folder : Path
        The job's own folder, with the notebook in it; everything is written here.
    languages : tuple of str
        The languages of its pages, the main one first.
    provenance : Provenance
        How the report is made, but for the data, which is known after the run.
    reads : tuple of str
        The reports that the notebook may read.
    died : str
        How an earlier process ended in the middle of this job: then what it left is rendered as a
        failed run, and nothing is run again.
    """

    folder: Path
    languages: tuple[str, ...]
    provenance: Provenance
    reads: tuple[str, ...]
    died: str = ""


@dataclass(frozen=True, slots=True)
class IndexJob:
    """Render the index of a study, in each of its languages; `titles` are the study's."""

    folder: Path
    languages: tuple[str, ...]
    titles: dict[str, str]
    entries: tuple[IndexEntry, ...]


Job = ReportJob | IndexJob


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a job.

    Parameters
    ----------
    failure : str
        Why the run failed; empty where it did not.
    headlines : dict
        The report's answer in one sentence, in each language.
    numbers : dict
        Every recorded number by name.
    reads : dict
        The data files read, by their names in records, with their SHA-256.
    modules : list of str
        The project's modules that made the page, by their names in records.
    provenance : dict
        The page's provenance, with the data.
    cpu_seconds : float
        The processor time of the worker and its kernel.
    """

    failure: str = ""
    headlines: dict[str, str] = field(default_factory=dict)
    numbers: dict[str, dict[str, Any]] = field(default_factory=dict)
    reads: dict[str, str] = field(default_factory=dict)
    modules: list[str] = field(default_factory=list)
    provenance: dict[str, Any] = field(default_factory=dict)
    cpu_seconds: float = 0.0


def to_line(job: Job) -> bytes:
    """Return a job as the line that asks for it.

    Examples
    --------
    >>> job = IndexJob(Path("run"), ("en",), {"en": "Demo shop"}, ())
    >>> from_line(to_line(job)) == job
    True
    """
    return json.dumps(asdict(job), default=str).encode() + b"\n"


def from_line(line: bytes) -> Job:
    """Return the job that a line asks for."""
    content = json.loads(line)
    content["folder"] = Path(content["folder"])
    content["languages"] = tuple(content["languages"])
    if "entries" in content:
        content["entries"] = tuple(IndexEntry(**entry) for entry in content["entries"])
        return IndexJob(**content)
    content["provenance"] = Provenance(**content["provenance"])
    content["reads"] = tuple(content["reads"])
    return ReportJob(**content)


def bare_page(text: str) -> str:
    """Return a page for where there is nothing better: a text as it is."""
    return f"<!doctype html>\n<title>Failed</title>\n<pre>{escape(text)}</pre>\n"


def page_of(folder: Path, lang: str) -> Path:
    """Return where a job leaves its page in a language."""
    return folder / f"page.{lang}.html"


def leave(folder: Path, pages: Mapping[str, str], outcome: Outcome) -> None:
    """Leave what came of a job in its folder: a page in each language, or one where it failed."""
    for lang, page in pages.items():
        page_of(folder, lang).write_text(page, "utf-8")
    (folder / OUTCOME).write_text(json.dumps(asdict(outcome)), "utf-8")


def outcome_of(job: Job) -> Outcome:
    """Return what came of a job that is done."""
    return Outcome(**json.loads((job.folder / OUTCOME).read_text("utf-8")))
