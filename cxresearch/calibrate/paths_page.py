"""What was measured of the paths of customers, as a part of the page of documentation."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from cxresearch.calibrate.coverage_page import others_table, row
from cxresearch.calibrate.measured import Coverage
from cxresearch.calibrate.path_cells import SPLITS, FalseAlarms, false_alarms, path_shares
from cxresearch.journeys.compare import LEAST_CUSTOMERS

DRAWS = 5_000
_HEAD = """
## Paths: customers who go their own ways

The share of a transition, among all moves from where it starts. Customers have tastes of their own:
two moves of one are correlated by a third. Nominal 0.950; n is the number of customers.

"""
_SHARES_READING = """
- Taken as independent, the moves of a customer make the interval of their share much too short, and
  more customers do not mend it.

Two groups of customers that chance made are compared in {cells} cells, the p-values adjusted by
Benjamini and Hochberg with a false discovery rate of .05. Whatever is called significant is a false
alarm; at most 0.05 of the logs may have one.

"""
_SPLITS_READING = """
- Cells are not tested where fewer than {customers} customers of a group are in the base, or where
  they are too rare. In a group of some fifteen customers (one in ten) hardly anything is called
  significant, true or not.
"""


def section() -> str:
    """Measure everything and return the part of the page about paths."""
    shares = [
        one for clustered in (True, False) for one in path_shares(draws=DRAWS, clustered=clustered)
    ]
    return text(shares, {name: false_alarms(split) for name, split in SPLITS.items()})


def text(shares: Sequence[Coverage], splits: Mapping[str, FalseAlarms]) -> str:
    """Return the part of the page about paths.

    Parameters
    ----------
    shares : sequence of Coverage
        The coverages of the share of a path.
    splits : mapping of str to FalseAlarms
        What was found between groups that chance made, by how it made them.
    """
    return "".join(
        [
            _HEAD,
            others_table(shares),
            _SHARES_READING.format(cells=max(one.cells // one.runs for one in splits.values())),
            splits_table(splits),
            _SPLITS_READING.format(customers=LEAST_CUSTOMERS),
        ]
    )


def splits_table(splits: Mapping[str, FalseAlarms]) -> str:
    """Return one row per split.

    Examples
    --------
    >>> print(splits_table({"half and half": FalseAlarms(200, 8, 2400, 12)}))
    | groups | logs | with a false alarm | Monte Carlo error | cells tested | called significant |
    | --- | --- | --- | --- | --- | --- |
    | half and half | 200 | 0.040 | 0.014 | 2400 | 0.0050 |
    <BLANKLINE>
    """
    head = (
        *("groups", "logs", "with a false alarm", "Monte Carlo error"),
        *("cells tested", "called significant"),
    )
    return "".join(
        [row(*head), row(*["---"] * len(head)), *(_row(name, one) for name, one in splits.items())]
    )


def _row(name: str, found: FalseAlarms) -> str:
    share = found.alarmed / found.runs
    return row(
        name,
        str(found.runs),
        f"{share:.3f}",
        f"{math.sqrt(share * (1 - share) / found.runs):.3f}",
        str(found.cells),
        f"{found.flagged / found.cells:.4f}",
    )
