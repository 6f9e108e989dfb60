"""The export formats the kit can read, each described once.

A format says what one row of its file is, what its columns are called, and how accepted rows
become a canonical table.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from cxresearch.study.loaders.rules import Rule
from cxresearch.study.schema import Table


def _own_contract(table: Table) -> Table:
    return table


@dataclass(frozen=True, slots=True)
class Format:
    """One export format.

    Parameters
    ----------
    row_contract : callable
        The contract of a row of the file, given the canonical table that is wanted.
    aliases : Mapping of str to sequence of str
        Names under which a file of this format is known to give a column.
    rules : sequence of Rule
        Rules of this format's rows, after those of the row contract.
    shape : Mapping of str to str
        For each canonical table, the SQL that makes it of the accepted rows in ``rows``; a table
        not named here has the accepted rows as they are.
    expressions : Mapping of str to str
        SQL that mends a column after it was cast.
    """

    row_contract: Callable[[Table], Table] = _own_contract
    aliases: Mapping[str, Sequence[str]] = field(default_factory=dict)
    rules: Sequence[Rule] = ()
    shape: Mapping[str, str] = field(default_factory=dict)
    expressions: Mapping[str, str] = field(default_factory=dict)


#: Any table with a header: its columns are found by the manifest's mapping or by their own name.
MAPPED = Format()
