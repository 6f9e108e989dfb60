"""Whether a study's files can carry its reports, in seconds and without a kernel.

Every source is loaded, and what is odd is said: rows that were rejected with some of their values
as written, keys that link to nothing, values without a label, the days that are covered, and which
reports can run.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from cxresearch.core.remarks import Remark
from cxresearch.errors import CxError
from cxresearch.report.plan import plan
from cxresearch.study import Study, open_study, quality

#: The share of a source's rows that may be rejected.
THRESHOLD = 0.05
#: The same where reports are built all the same.
MOST_REJECTED = 0.2
#: How many values of a fault are shown, of how many characters.
_VALUES, _LONGEST = 3, 60
#: Fewer of the keys than this are found: they are likely of another kind.
_FEW_LINKS = 0.5
#: The columns that hold keys of another table.
_KEYS = {
    "order_id": ("orders", ("order_lines", "surveys", "events")),
    "customer_id": ("orders", ("events", "surveys", "feedback", "tickets", "exposures")),
}


@dataclass(frozen=True, slots=True)
class Refused:
    """Why rows of a source were rejected: the rule, its column, what is allowed, some values."""

    rule: str
    column: str
    rows: int
    allowed: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """What became of the rows of one file."""

    table: str
    file: str
    rows_in: int
    rows_accepted: int
    rows_left_out: int
    rows_rejected: int
    refused: tuple[Refused, ...] = ()

    @property
    def rejected_share(self) -> float:
        """The share of its rows, but those left out, that were rejected; nan where it has none."""
        rows = self.rows_in - self.rows_left_out
        return self.rows_rejected / rows if rows else float("nan")


@dataclass(frozen=True, slots=True)
class Link:
    """How many of the different keys of a column are found in the table they are keys of."""

    column: str
    of: str
    keys: int
    found: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """What checking a study found.

    Parameters
    ----------
    study : str
        The study.
    threshold : float
        The share of a source's rows that may be rejected.
    files : tuple of CheckedFile
        What became of the rows of each file.
    faults : tuple of str
        Why a table or the reports cannot be used at all.
    left_out : tuple of str
        Of which tables rows are left out that are no fault, and why.
    links : tuple of Link
        What the keys of the tables link to.
    unlabelled : tuple of str
        The values that a reader sees as they are.
    covers : dict of str to tuple
        The first and the last day of each table.
    empty_months : dict of str to list of str
        The months between them in which a table has no row.
    reports : dict of str to str
        For each report: ``can run``, or what it lacks or why its numbers need care.
    """

    study: str
    threshold: float
    files: tuple[CheckedFile, ...] = ()
    faults: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()
    unlabelled: tuple[str, ...] = ()
    covers: dict[str, tuple[str, str]] = field(default_factory=dict)
    empty_months: dict[str, list[str]] = field(default_factory=dict)
    reports: dict[str, str] = field(default_factory=dict)

    @property
    def good(self) -> bool:
        """Whether all tables load, each with no more than the share of rejected rows allowed."""
        return not self.faults and not any(map(self.is_bad, self.files))

    def to_dict(self) -> dict[str, Any]:
        """Return the findings as JSON-ready values."""
        return {"good": self.good, **asdict(self)}

    def is_bad(self, file: CheckedFile) -> bool:
        """Return whether more of a file's rows were rejected than may be, or all."""
        return file.rejected_share > self.threshold or file.rows_accepted == 0 < file.rows_in

    def trouble(self) -> Iterator[str]:
        """Yield the lines on what a build cannot go well with: files of which too much is lost."""
        for file in filter(self.is_bad, self.files):
            share = f"{file.rows_rejected:,} of {file.rows_in - file.rows_left_out:,}"
            yield f"{file.table}: {file.file}: {share} rows are rejected"
            for one in file.refused:
                must = f", must be {one.allowed}" if one.allowed else ""
                values = ", ".join(map(repr, one.values))
                yield f"  {quality.RULES[one.rule]} {one.column}: {values}{must}"
        # What is wrong with the manifest a build says itself, and then does nothing.
        own = (fault for fault in self.faults if not fault.startswith(f"data/{self.study}"))
        yield from (f"cannot be used: {fault}" for fault in own)

    def lines(self) -> Iterator[str]:
        """Yield the findings as lines of text."""
        yield f"{'rows in':>12}{'accepted':>12}{'left out':>12}{'rejected':>12}  source"
        for file in self.files:
            counts = (file.rows_in, file.rows_accepted, file.rows_left_out, file.rows_rejected)
            mark = "  <- too many" if self.is_bad(file) else ""
            numbers = "".join(f"{count:>12,}" for count in counts)
            yield f"{numbers}  {file.table}: {file.file}{mark}"
            for one in file.refused:
                where = f" in {one.column}" if one.column else ""
                must = f", must be {one.allowed}" if one.allowed else ""
                values = ", ".join(map(repr, one.values))
                said = f": {values}" if values else ""
                rows = "1 row" if one.rows == 1 else f"{one.rows:,} rows"
                yield f"{'':>4}{rows}: {quality.RULES[one.rule]}{where}{must}{said}"
        yield from self.left_out
        yield from (f"cannot be used: {fault}" for fault in self.faults)
        for link in self.links:
            note = f"  <- {link.note}" if link.note else ""
            yield f"keys: {link.found:,} of {link.keys:,} {link.column} are in {link.of}{note}"
        for table, (first, last) in self.covers.items():
            none = quality.few(self.empty_months.get(table, []))
            yield f"days: {table} from {first} to {last}" + (f"; no row in {none}" if none else "")
        if self.unlabelled:
            yield f"without a label: {', '.join(self.unlabelled)}"
        yield from (f"report {name}: {state}" for name, state in self.reports.items())


def check(study: str, *, threshold: float = THRESHOLD) -> Check:
    """Check a study: load what is not kept yet, and say what its reports would stumble over.

    Parameters
    ----------
    study : str
        A folder below ``data/``.
    threshold : float
        The share of a source's rows that may be rejected.

    Raises
    ------
    ManifestError
        If there is no such study, or its manifest has faults.
    CxError
        If what is loaded cannot be kept, as where the disk is full.
    """
    opened = open_study(study)
    found, whole = _loaded(opened, threshold)
    rows = {one["table"]: one for one in map(opened.summary_of, whole)}
    left_out = quality.left_out(opened) if not found.faults else []
    found = replace(
        found,
        files=tuple(_with_reasons(opened, file) for file in found.files),
        links=tuple(_links(opened, whole)),
        empty_months={
            table: months for table in whole if (months := quality.empty_months(opened, table))
        },
        left_out=tuple(str(Remark(*said)) for said in left_out),
        unlabelled=tuple(quality.unlabelled(opened).frame["value"]) if not found.faults else (),
        covers={
            table: (str(one["first_day"]), str(one["last_day"]))
            for table, one in rows.items()
            if one["first_day"] is not None
        },
    )
    return _with_reports(found)


def check_files(study: str, *, threshold: float = THRESHOLD) -> Check:
    """Check what became of the rows of a study's files, as `check` does, and nothing else of it.

    Why rows were rejected is said of those files alone of which too many were.
    """
    opened = open_study(study)
    found, _ = _loaded(opened, threshold)
    files = (_with_reasons(opened, file) if found.is_bad(file) else file for file in found.files)
    return replace(found, files=tuple(files))


def _loaded(study: Study, threshold: float) -> tuple[Check, list[str]]:
    """Return what became of the rows of each file, and the tables that could be loaded."""
    import duckdb

    files: list[CheckedFile] = []
    faults: list[str] = []
    whole: list[str] = []
    for table in study.tables:
        try:
            loaded = study.loaded(table)
        except CxError as error:
            faults.append(str(error))
        except (OSError, duckdb.IOException) as error:
            why = getattr(error, "strerror", None) or str(error).rpartition(": ")[2]
            raise CxError(f"data/{study.name}: {table} cannot be loaded: {why}") from error
        else:
            files += [CheckedFile(table, **asdict(count)) for count in loaded.files]
            whole.append(table)
    return Check(study.name, threshold, tuple(files), tuple(faults)), whole


def _with_reasons(study: Study, file: CheckedFile) -> CheckedFile:
    """Return a file with why its rows were rejected, the most frequent reason first."""
    if not file.rows_rejected:
        return file
    refused = []
    rejected = study.quarantine(file.table).fillna({"column": "", "detail": ""})
    own = rejected[rejected["file"] == file.file]
    for (rule, column), rows in own.groupby(["rule", "column"], sort=True):
        allowed = ""
        values: list[str] = []
        for detail in rows["detail"].astype(str):
            must, got, value = detail.partition("; got ")
            allowed = allowed or (must.partition(" must be ")[2] if got else "")
            value = (value if got else detail)[:_LONGEST]
            if value and value != "nothing" and value not in values and len(values) < _VALUES:
                values.append(value)
        refused.append(Refused(str(rule), str(column), len(rows), allowed, tuple(values)))
    return replace(file, refused=tuple(sorted(refused, key=lambda one: -one.rows)))


def _links(study: Study, tables: Sequence[str]) -> Iterator[Link]:
    for column, (home, others) in _KEYS.items():
        for table in others if home in tables else ():
            if table not in tables:
                continue
            keys = _keys(study, table, column)
            if not keys:
                continue
            found = len(keys & _keys(study, home, column))
            note = ""
            if column == "customer_id":  # not everybody who visits or writes has bought
                orders = len(keys & _keys(study, home, "order_id"))
                if orders > found:
                    note = f"{orders:,} of them are order ids"
                elif not found:
                    note = "none links"
            elif found < _FEW_LINKS * len(keys):
                note = "few link"
            yield Link(f"{table}.{column}", f"{home}.{column}", len(keys), found, note)


def _keys(study: Study, table: str, column: str) -> set[str]:
    import narwhals as nw

    values = study.frame(table).select(column).filter(~nw.col(column).is_null()).unique()
    return set(values.collect()[column].to_list())


def _with_reports(found: Check) -> Check:
    bad = {file.table for file in found.files if found.is_bad(file)}
    bad |= {link.column.partition(".")[0] for link in found.links if link.note}
    states = {}
    try:
        planned = plan(found.study).reports
    except CxError as error:
        return replace(found, faults=(*found.faults, str(error)))
    broken = {fault.partition(" ")[0] for fault in found.faults}
    for report in planned:
        lacks = [*report.missing, *(need for need in report.source.needs if need in broken)]
        care = [need for need in report.source.needs if need in bad]
        if lacks:
            states[report.name] = f"cannot run: no {', '.join(lacks)}"
        elif care:
            states[report.name] = f"needs care: {', '.join(care)}"
        else:
            states[report.name] = "can run"
    return replace(found, reports=states)
