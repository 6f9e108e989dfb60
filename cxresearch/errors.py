"""The errors a user of the kit can meet; all derive from :class:`CxError`."""

from __future__ import annotations

from collections.abc import Sequence


class CxError(Exception):
    """Base of every error the kit raises on its own account."""


class FaultsError(CxError):
    """Several faults found in one reading, told all at once.

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
        super().__init__("\n  ".join([f"{what} has {count}:", *self.faults]))


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
