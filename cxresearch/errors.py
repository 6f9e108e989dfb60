"""The errors a user of the kit can meet; all derive from :class:`CxError`."""

from __future__ import annotations

from collections.abc import Sequence

#: How many faults a message tells, and of how many characters each: what is at fault may be long.
_SHOWN = 50
_LONGEST = 2_000


def _cut_short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}\N{HORIZONTAL ELLIPSIS}"


class CxError(Exception):
    """Base of every error the kit raises on its own account."""


class FaultsError(CxError):
    """Several faults found in one reading, raised together.

    Parameters
    ----------
    what : str
        What was read, as a user names it (a file, a table, a notebook).
    faults : sequence of str
        One sentence per fault, never empty.

    Examples
    --------
    >>> print(FaultsError("study.yaml", ["title: missing", "lang: 'fr' is not one of en, it"]))
    study.yaml has 2 faults:
      title: missing
      lang: 'fr' is not one of en, it
    """

    def __init__(self, what: str, faults: Sequence[str]) -> None:
        self.what = what
        self.faults = tuple(faults)
        count = "1 fault" if len(self.faults) == 1 else f"{len(self.faults)} faults"
        shown = [_cut_short(fault) for fault in self.faults[:_SHOWN]]
        if len(self.faults) > _SHOWN:
            shown.append(f"and {len(self.faults) - _SHOWN} more")
        super().__init__("\n  ".join([f"{_cut_short(what)} has {count}:", *shown]))


class ManifestError(FaultsError):
    """A study's manifest cannot be used; each fault names the key and what is allowed."""


class CodebookError(FaultsError):
    """A codebook of themes cannot be used; each fault names the key and what is allowed."""


class SchemaError(FaultsError):
    """A table cannot be used; each fault names the column, the rows and one example."""


class ParameterError(FaultsError):
    """The parameters given to a notebook are not the ones it has."""


class WeightingError(FaultsError):
    """Answers cannot be weighted to their targets; each fault names the margin and the level."""


class ReconciliationError(CxError):
    """Two numbers that must agree do not."""


class MissingTableError(CxError):
    """A study was asked for a table that its manifest does not name."""
