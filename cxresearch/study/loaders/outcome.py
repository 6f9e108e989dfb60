"""What loading a table gave: the count contract of its files, and what each rule found."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class FileCount:
    """The count contract of one file: rows in = rows accepted + rejected + left out on purpose."""

    file: str
    rows_in: int
    rows_accepted: int
    rows_rejected: int
    rows_left_out: int = 0


@dataclass(frozen=True, slots=True)
class Finding:
    """What one rule found.

    Parameters
    ----------
    rule : str
        The rule's name.
    action : {"reject", "leave out", "flag"}
        Whether the rows went to quarantine, count for nothing, or were kept.
    column : str
        The column the fault is shown by; empty for a line that is no row.
    of : str
        What one of the `rows` is.
    rows : int
        How many rows it found.
    example : str
        The first value found, as its file writes it, cut off when long; empty for free text and
        identifiers, which reports may not show.
    """

    rule: str
    action: str
    column: str
    of: str
    rows: int
    example: str


@dataclass(frozen=True, slots=True)
class Rejection:
    """How many rows one rule took out that have the same values of some columns.

    Parameters
    ----------
    rule : str
        The rule's name.
    values : dict of str to str or None
        The values by column; none where the row has none.
    rows : int
        How many rows.
    """

    rule: str
    values: dict[str, str | None]
    rows: int


@dataclass(frozen=True, slots=True)
class Loaded:
    """What loading one canonical table gave.

    Parameters
    ----------
    table : str
        The canonical table.
    of : str
        What one row of its files is.
    files : tuple of FileCount
        The count contract of each file.
    findings : tuple of Finding
        What each rule found, rejections first.
    rows : int
        The rows of the canonical table.
    rejections : tuple of Rejection
        The rows rejected or left out, by the columns by which the table counts them.
    """

    table: str
    of: str
    files: tuple[FileCount, ...]
    findings: tuple[Finding, ...]
    rows: int
    rejections: tuple[Rejection, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the record as JSON-ready values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Loaded:
        """Return the record that :meth:`to_dict` wrote."""
        files = tuple(FileCount(**count) for count in values["files"])
        findings = tuple(Finding(**finding) for finding in values["findings"])
        rejections = tuple(Rejection(**one) for one in values["rejections"])
        made = {"files": files, "findings": findings, "rejections": rejections}
        return cls(**{**values, **made})
