"""Whether a report is what a new build would give, and if not, why: by content, never by dates."""

from __future__ import annotations

import hashlib
import json
import platform
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any, Literal

from cxresearch.core import disk
from cxresearch.core.disk import name_of, path_of
from cxresearch.core.languages import Language
from cxresearch.report import jobs, sidecar
from cxresearch.report.plan import Plan, PlannedReport
from cxresearch.report.sidecar import IndexEntry, Inputs, Sidecar, Status
from cxresearch.study import manifest

#: The libraries whose release can change a number or a figure.
LIBRARIES = (
    "cxresearch",
    "duckdb",
    "matplotlib",
    "narwhals",
    "nbconvert",
    "numpy",
    "pandas",
    "scipy",
    "seaborn",
    "statsmodels",
)
LOCK = "requirements.lock"
#: Stands for the hash of a file that is not there.
ABSENT = "absent"


class Hashes:
    """The hashes of files, each file read once in a run."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def of(self, name: str) -> str:
        """Return the hash of a file, as it was when it was first asked for."""
        if name not in self._known:
            self._known[name] = _hash(path_of(name))
        return self._known[name]

    def as_of(self, name: str, began: datetime) -> str:
        """Return a file's hash if it is the file that a run begun at `began` has read.

        Of a file that was written meanwhile nobody can tell which state the run has read; its
        hash is then given as absent, so that the next build runs again.
        """
        path = path_of(name)
        if path.is_file() and began.timestamp() < path.stat().st_mtime <= time.time():
            return ABSENT
        return self.of(name)


def _hash(path: Path) -> str:
    if not path.is_file():
        return ABSENT
    if path.name == manifest.FILE_NAME:
        return _manifest_hash(path)
    return disk.sha256(path)


def _manifest_hash(path: Path) -> str:
    """Hash a manifest without its list of reports: a report depends on its own entry only."""
    import yaml

    fast = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    content = yaml.load(path.read_text("utf-8"), Loader=fast)
    content.pop("reports", None)
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()


@cache
def versions() -> dict[str, str]:
    """Return the versions of Python and of the libraries that shape a page."""
    return {"python": platform.python_version()} | {
        name: metadata.version(name) for name in LIBRARIES
    }


def page_files(languages: Sequence[str]) -> list[str]:
    """Return the files that every page depends on: lock, templates, catalogues of languages."""
    templates = (disk.PACKAGE / "report" / "templates").rglob("*")
    locale = disk.PACKAGE / "core" / "locale"
    catalogues = [path for lang in languages for path in (locale / lang).glob("*.po")]
    found = [path for path in [*templates, *catalogues] if path.is_file()]
    return [LOCK, *sorted(name_of(path) for path in found)]


def known_inputs(
    study: str, report: PlannedReport, hashes: Hashes, pages: Mapping[str, str] | None = None
) -> Inputs:
    """Return what a report depends on, as far as it is known before a run.

    `pages` are the titles of the study's reports, by name.
    """
    return Inputs(
        notebook=report.source.sha256,
        parameters=report.parameters,
        versions=versions(),
        files={name: hashes.of(name) for name in page_files(report.languages)},
        reports={name: _answer(study, name) for name in report.reads},
        as_of=str(manifest.read(study).as_of or ""),
        pages=dict(pages or {}),
    )


def _answer(study: str, report: str) -> str:
    record = sidecar.read(study, report)
    return record.answer_sha256(sidecar.status(study, report)) if record else ABSENT


def reasons(
    study: str, report: PlannedReport, now: Inputs, hashes: Hashes, *, lang: str = "en"
) -> list[str]:
    """Return why a report must be built again; nothing where it is up to date.

    Parameters
    ----------
    study : str
        The name of the study.
    report : PlannedReport
        The report.
    now : Inputs
        What :func:`known_inputs` says of it.
    hashes : Hashes
        The hashes of this run.
    lang : {"en", "it"}
        The language of the reasons.
    """
    say = Language(lang).text
    record = sidecar.read(study, report.name)
    if record is None:
        made = sidecar.path(study, report.name).exists()
        return [say("its record cannot be read") if made else say("never built")]
    found = _input_reasons(report, record.build, now, hashes, say)
    return [*map(say, _page_reasons(study, record, report.languages)), *found]


def _input_reasons(
    report: PlannedReport, then: Inputs, now: Inputs, hashes: Hashes, say: Callable[..., str]
) -> Iterator[str]:
    if then.notebook != now.notebook:
        yield say("{name} changed", name=f"notebooks/{report.source.path.name}")
    for name, old, new in _differences(then.parameters, now.parameters):
        values = {"name": name, "old": json.dumps(old), "new": json.dumps(new)}
        yield say("parameter {name} {old} -> {new}", **values)
    for name in sorted(then.files | now.files):
        if then.files.get(name) != hashes.of(name):
            gone = hashes.of(name) == ABSENT
            yield say("{name} is missing" if gone else "{name} changed", name=name)
    for name, old, new in _differences(then.versions, now.versions):
        yield f"{name} {old} -> {new}"
    for name, _, _ in _differences(then.reports, now.reports):
        yield say("the results of report {name} changed", name=name)
    if then.pages != now.pages:
        yield say("the reports of the study changed")


def _differences(then: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    """Yield each name whose value changed, with both values; JSON has no tuples and no nan."""
    for name in {**then, **now}:
        old, new = then.get(name), now.get(name)
        if json.dumps(old) != json.dumps(new):
            yield name, old, new


def _page_reasons(study: str, record: Sidecar, wanted: Sequence[str]) -> list[str]:
    languages = list(record.pages)
    if languages != list(wanted):
        return ["its languages changed"]
    pages = {
        sidecar.page_path(study, record.report, lang, languages): page.sha256
        for lang, page in record.pages.items()
    }
    if not all(page.is_file() for page in pages):
        return ["report missing"]
    if sidecar.failed_path(study, record.report).exists():
        return ["the last run failed"]
    if any(disk.sha256(page) != sha256 for page, sha256 in pages.items()):
        return ["the page is not the one that was built"]
    return []


Did = Literal["rebuilt", "up to date", "failed", "not run", "not asked for"]
_INDEX = "index"


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a report stands after a build.

    Parameters
    ----------
    did : {"rebuilt", "up to date", "failed", "not run", "not asked for"}
        What this build did about it.
    status : {"built", "out of date", "failed", "not run"}
        What became of its last run, of this build or an earlier one; out of date where it would
        give another page now.
    reason : str
        Why it failed, was not run or is out of date: a message in English, with names in braces.
    values : dict
        The values of those names.
    reasons : dict
        The reason in each language of the index, where it is in words already.
    """

    did: Did
    status: Status
    reason: str = ""
    values: dict[str, str] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)

    def reason_in(self, lang: str) -> str:
        """Return the reason in a language."""
        if lang in self.reasons:
            return self.reasons[lang]
        return Language(lang).text(self.reason, **self.values) if self.reason else ""


def summary(standings: Mapping[str, Standing]) -> str:
    """Return what a build did, in one line.

    Examples
    --------
    >>> summary({"kpis": Standing("up to date", "built")})
    '1 report, all up to date (nothing rebuilt)'
    >>> summary({"kpis": Standing("rebuilt", "built"), "funnel": Standing("not run", "not run")})
    '2 reports: 1 rebuilt, 1 not run'
    >>> summary({})
    'no report is listed in its study.yaml'
    """
    count = Counter(standing.did for standing in standings.values())
    if not standings:
        return "no report is listed in its study.yaml"
    reports = "1 report" if len(standings) == 1 else f"{len(standings)} reports"
    if count["up to date"] == len(standings):
        return f"{reports}, all up to date (nothing rebuilt)"
    counts = ", ".join(f"{n} {did}" for did, n in count.items())
    untouched = not count["rebuilt"] and not count["failed"]
    return f"{reports}: {counts}" + (" (nothing rebuilt)" if untouched else "")


def index_path(study: str, lang: str = "", languages: Sequence[str] = ("",)) -> Path:
    """Return where the index of a study's reports is, in one of its languages."""
    return sidecar.page_path(study, _INDEX, lang, languages)


def index_entries(plan: Plan, standings: Mapping[str, Standing]) -> tuple[IndexEntry, ...]:
    """Return the lines of a study's index, in the manifest's order."""
    entries = []
    for report in plan.reports:
        record = sidecar.read(plan.study, report.name)
        pages = record.pages if record else {}
        standing = standings[report.name]
        entries.append(
            IndexEntry(
                report=report.name,
                titles={lang: report.source.title_in(lang) for lang in report.languages},
                headlines={lang: page.headline for lang, page in pages.items()},
                status=standing.status,
                reasons={lang: standing.reason_in(lang) for lang in plan.languages},
                pages={lang: page.sha256 for lang, page in pages.items()},
                day=record.run.started[:10] if record else "",
                findings=record.findings if record else None,
                stages=record.stages if record else None,
            )
        )
    return tuple(entries)


def index_inputs(plan: Plan, entries: tuple[IndexEntry, ...]) -> dict[str, Any]:
    """Return what the index says, as its own record keeps it."""
    return {
        "titles": plan.titles,
        "entries": [asdict(entry) for entry in entries],
        "versions": versions(),
    }


def index_is_fresh(study: str, now: Mapping[str, Any], hashes: Hashes) -> bool:
    """Return whether the index says `now` already, as its templates and modules write it now."""
    record = _last_index(study)
    files = record.pop("files", None)
    if not isinstance(files, dict) or record != now:
        return False
    languages = list(now["titles"])
    there = all(index_path(study, lang, languages).exists() for lang in languages)
    return there and all(hashes.of(name) == sha256 for name, sha256 in files.items())


def publish_index(study: str, folder: Path, now: Mapping[str, Any], files: dict[str, str]) -> None:
    """Put a new index in the place of the old one, its record last."""
    last = _last_index(study)
    record = folder / "index.json"
    record.write_text(json.dumps({**now, "files": files}, indent=1, ensure_ascii=False), "utf-8")
    languages = list(now["titles"])
    for lang in languages:
        disk.put(jobs.page_of(folder, lang), index_path(study, lang, languages))
    record.replace(sidecar.path(study, _INDEX))
    sidecar.drop_pages(study, _INDEX, was=list(last.get("titles", ())), now=languages)


def _last_index(study: str) -> dict[str, Any]:
    """Return what the last index said; nothing where its record cannot be read."""
    try:
        record = json.loads(sidecar.path(study, _INDEX).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}
