"""What moved between two builds of a study's reports, and why: data, code, definition, noise."""

from __future__ import annotations

import json
import math
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Literal

from cxresearch.core import disk
from cxresearch.core.missing import Missing
from cxresearch.core.remarks import Amount, Remark, Said
from cxresearch.core.table import Column, Table
from cxresearch.report import sidecar
from cxresearch.report.summary import Quantity

Cause = Literal["appeared", "gone", "definition", "within noise", "data", "code", "data and code"]

_LOCK, _MANIFEST, _PACKAGE = "requirements.lock", "study.yaml", "cxresearch/"
#: What of a number says how it is defined.
_DEFINED_BY = ("unit", "method", "confidence")
_HISTORY = "history"
#: The build of a year ago is the one that is nearest to it, and not this many days away.
_YEAR, _NEAR = 365, 45
#: How each cause is said.
_CAUSES: dict[Cause, Remark] = {
    "appeared": Remark("new"),
    "gone": Remark("gone"),
    "definition": Remark("defined otherwise"),
    "within noise": Remark("no more than chance"),
    "data": Remark("the data moved it"),
    "code": Remark("computed otherwise"),
    "data and code": Remark("other data, computed otherwise"),
}
_STANDING = {"": Remark(""), "open": Remark("open"), "gone": Remark("gone")}
_COLUMNS = (
    Column("what", "What"),
    Column("before", "Before"),
    Column("after", "Now"),
    Column("why", "Why"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """One number that is not what it was.

    Parameters
    ----------
    report, name : str
        The report that recorded it, and its name.
    before, after : float or None
        Its value in each build; None where it has none.
    cause : str
        ``"appeared"`` or ``"gone"``; ``"definition"`` where its unit, method or confidence is
        another, or where the manifest, the notebook or its parameters are and the data and the
        code are not; ``"within noise"`` where other data moved it by no more than the intervals
        of both allow, h sqrt(1 + n/m) with h the narrower half-width, of n people, and m those of
        the other, as if the two were independent: one wrong row may widen the later interval as
        far as it moves the number, and adds nobody;
        else ``"data"``, ``"code"`` or ``"data and code"``, by what differs between the builds.
    """

    report: str
    name: str
    before: float | None
    after: float | None
    cause: Cause


def keep(study: str, as_of: str, report: str) -> None:
    """Keep a report's record among those of other days.

    Parameters
    ----------
    study : str
        The name of the study.
    as_of : str
        The day up to which its data reach, such as ``"2026-10-31"``.
    report : str
        The report that was built.
    """
    kept = sidecar.folder(study) / _HISTORY / as_of
    kept.mkdir(parents=True, exist_ok=True)
    with disk.replacing(kept / f"{report}.json") as scratch:
        shutil.copyfile(sidecar.path(study, report), scratch)


def compare(before: Path, after: Path) -> list[Moved]:
    """Return the numbers that differ between two builds, and the findings that opened or closed.

    Parameters
    ----------
    before, after : Path
        Folders of records, such as ``reports/demo/history/2026-09-30``.

    Raises
    ------
    ValueError
        If a folder holds no record.
    """
    one, other = _records(before), _records(after)
    return [
        moved
        for report in sorted(one.keys() | other.keys())
        for moved in (
            *_findings_between(report, one.get(report), other.get(report)),
            *between(report, one.get(report), other.get(report)),
        )
    ]


def changes(study: str) -> list[Table] | Missing:
    """Return what is not as it was in the last build of an earlier day, and in that of a year ago.

    A table for each: first the findings that opened or closed and the breaks that began or ended,
    then the numbers. What moved by no more than chance allows is left out, and counted.

    Parameters
    ----------
    study : str
        The name of the study.
    """
    from cxresearch.study import manifest

    as_of = str(manifest.read(study).as_of or "")
    days = sorted(one.name for one in (sidecar.folder(study) / _HISTORY).glob("*"))
    earlier = [day for day in days if day < as_of]
    if not earlier:
        return Missing("no build of an earlier day is kept")
    year_ago = date.fromisoformat(as_of) - timedelta(days=_YEAR)
    away = {day: abs((date.fromisoformat(day) - year_ago).days) for day in earlier}
    nearest = min(earlier, key=lambda day: away[day])
    compared = [earlier[-1], *([nearest] if away[nearest] <= _NEAR else [])]
    return [_changes_since(study, day) for day in dict.fromkeys(compared)]


def _changes_since(study: str, day: str) -> Table:
    import pandas as pd

    rows: list[tuple[Any, ...]] = []
    noise = 0
    for record in sidecar.records(study):
        path = sidecar.folder(study) / _HISTORY / day / f"{record.report}.json"
        if not path.is_file():
            continue
        then = json.loads(path.read_text("utf-8"))
        now = json.loads(sidecar.path(study, record.report).read_text("utf-8"))
        # A finding that is a break since then is said once, as a break.
        rows[:0] = (_opened_and_closed(then, now) | _breaks_since(now, day)).values()
        for one in between(record.report, then, now):
            noise += one.cause == "within noise"
            if one.cause != "within noise":
                said = [_amount(source["numbers"].get(one.name)) for source in (then, now)]
                rows.append((Quantity(one.name), *said, _CAUSES[one.cause]))
    return Table(
        frame=pd.DataFrame(rows, columns=[column.name for column in _COLUMNS]),
        columns=_COLUMNS,
        caption="What changed since {day}; {noise} numbers moved by no more than chance",
        values={"day": date.fromisoformat(day), "noise": noise},
        nothing="Nothing changed since {day} by more than chance.",
    )


def _breaks_since(record: Mapping[str, Any], day: str) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    """Return the row of each break that began or ended after a day, with its levels."""
    found = {}
    for key, one in _found(record).items():
        began, ended = one["since"] or "", one["until"] or ""
        if one["state"] != "standing" and max(began, ended) > day:
            message, last = ("ended on {day}", ended) if ended else ("began on {day}", began)
            levels = [_amount(one[name]) for name in ("before", "now")]
            why = Remark(message, {"day": date.fromisoformat(last)})
            found[key] = (_said(one), *levels, why)
    return found


def _found(record: Mapping[str, Any]) -> dict[tuple[Any, ...], Mapping[str, Any]]:
    """Return the findings of a record, by rank."""
    return {_key(one): one for one in (record.get("findings") or {"found": ()})["found"]}


def _hurting(record: Mapping[str, Any]) -> dict[tuple[Any, ...], Mapping[str, Any]]:
    return {key: one for key, one in _found(record).items() if one["hurts"]}


def _opened_and_closed(
    then: Mapping[str, Any], now: Mapping[str, Any]
) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    """Return the row of each finding that hurts now and did not then, or hurt then only."""
    was, is_ = _hurting(then), _hurting(now)
    opened = {
        key: (_said(one), _STANDING[""], _STANDING["open"], Remark("new finding"))
        for key, one in is_.items()
        if key not in was
    }
    closed = {
        key: (_said(one), _STANDING["open"], _STANDING["gone"], Remark("no longer open"))
        for key, one in was.items()
        if key not in is_
    }
    return opened | closed


def _said(one: Mapping[str, Any]) -> Said:
    return Said({code: said["what"] for code, said in one["words"].items()})


def _findings_between(
    report: str, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None
) -> Iterator[Moved]:
    """Yield the findings that hurt in one of two records only, each by its sentence."""
    was, now = _hurting(before or {}), _hurting(after or {})
    causes: dict[Cause, Any] = {"appeared": (now, was), "gone": (was, now)}
    for cause, (own, others) in causes.items():
        for key in sorted(own.keys() - others.keys()):
            words = own[key]["words"]
            said = (words.get("en") or next(iter(words.values())))["what"]
            yield Moved(report=report, name=said, before=None, after=None, cause=cause)


def _key(finding: Mapping[str, Any]) -> tuple[Any, ...]:
    return finding["measure"], *sorted(finding["group"].items())


def _amount(number: Mapping[str, Any] | None) -> Remark:
    if number is None or number["value"] is None:
        return Remark("")
    digits = None if number["unit"] else 0
    return Remark("{value}", {"value": Amount(number["value"], number["unit"], digits)})


def _records(folder: Path) -> dict[str, Mapping[str, Any]]:
    found: dict[str, Mapping[str, Any]] = {}
    for path in sorted(folder.glob("*.json")):
        content = json.loads(path.read_text("utf-8"))
        if isinstance(content, dict) and {"numbers", "build"} <= content.keys():
            found[path.stem] = content | {"numbers": content["numbers"] | _of_a_map(content)}
    if not found:
        raise ValueError(f"the folder must hold records of reports; {folder} has none")
    return found


def _of_a_map(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return the numbers of a journey map, where a record has one, each by its place on it."""
    return {
        " ".join(filter(None, (stage["stage"], one["lane"], one["what"]))): {
            **one,
            "ci": [one["ci_low"], one["ci_high"]],
        }
        for stage in record.get("stages") or ()
        for one in stage["numbers"]
    }


def between(
    report: str, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None
) -> Iterator[Moved]:
    """Yield the numbers that differ between two records of a report."""
    old = before["numbers"] if before else {}
    new = after["numbers"] if after else {}
    changed = _changed(before["build"], after["build"]) if before and after else set()
    for name in sorted(old.keys() | new.keys()):
        was, now = old.get(name), new.get(name)
        if was is None or now is None:
            cause: Cause = "gone" if now is None else "appeared"
        elif _same(was, now):
            continue
        else:
            cause = _cause(was, now, changed)
        values = [None if one is None else one["value"] for one in (was, now)]
        yield Moved(report=report, name=name, before=values[0], after=values[1], cause=cause)


def _same(was: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    return all(was[key] == now[key] for key in ("value", "ci", *_DEFINED_BY))


def _cause(was: Mapping[str, Any], now: Mapping[str, Any], changed: set[str]) -> Cause:
    if any(was[key] != now[key] for key in _DEFINED_BY):
        return "definition"
    if not changed & {"data", "code"}:
        return "definition" if changed else "code"
    if changed >= {"data", "code"}:
        return "data and code"
    if "code" in changed:
        return "code"
    return "within noise" if _is_noise(was, now) else "data"


def _is_noise(was: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    numbers = [was["value"], now["value"], *was["ci"], *now["ci"]]
    if None in numbers:
        return False
    narrow, wide = sorted((was, now), key=lambda one: float(one["ci"][1] - one["ci"][0]))
    half = (narrow["ci"][1] - narrow["ci"][0]) / 2
    fewer = max(narrow["n"] / wide["n"], 1.0) if narrow["n"] and wide["n"] else 1.0
    return bool(abs(now["value"] - was["value"]) <= half * math.sqrt(1 + fewer))


def _changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> set[str]:
    """Return what differs between what two builds were made from."""
    files = before["files"].keys() | after["files"].keys()
    found = {_kind(one) for one in files if before["files"].get(one) != after["files"].get(one)}
    if before.get("as_of", "") != after.get("as_of", ""):
        # The manifest says until when the data are taken: that day is no definition.
        found = found - {"definition"} | {"data"}
    if before["versions"] != after["versions"]:
        found.add("code")
    if (before["notebook"], before["parameters"]) != (after["notebook"], after["parameters"]):
        found.add("definition")
    return found


def _kind(file: str) -> str:
    if file.rpartition("/")[2] == _MANIFEST:
        return "definition"
    return "code" if file.startswith(_PACKAGE) or file == _LOCK else "data"
