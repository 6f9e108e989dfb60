"""Where each report stands after a build, and the index page that tells it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from cxresearch.core import disk
from cxresearch.core.languages import Language
from cxresearch.report import freshness, jobs, sidecar
from cxresearch.report.freshness import Hashes
from cxresearch.report.plan import Plan
from cxresearch.report.run_records import IndexEntry, Status

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
    told = ", ".join(f"{n} {did}" for did, n in count.items())
    untouched = not count["rebuilt"] and not count["failed"]
    return f"{reports}: {told}" + (" (nothing rebuilt)" if untouched else "")


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
            )
        )
    return tuple(entries)


def index_inputs(plan: Plan, entries: tuple[IndexEntry, ...]) -> dict[str, Any]:
    """Return what the index says, as its own record keeps it."""
    return {
        "titles": plan.titles,
        "entries": [asdict(entry) for entry in entries],
        "versions": freshness.versions(),
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
