"""How often the shares of paths hold the truth, and how often their comparison raises the alarm.

Customers have tastes of their own, so that what one of them does is much alike.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cxresearch.calibrate.coverage_page import others_table, table
from cxresearch.calibrate.coverages import Coverage
from cxresearch.calibrate.scenes import error
from cxresearch.core.unit_sums import RatioSums
from cxresearch.journeys._pair_sums import PairSums
from cxresearch.journeys.compare import LEAST_CUSTOMERS, cell_tests
from cxresearch.stats.shares.proportions import clustered_proportion, proportion

SEED = 2026
#: Where customers go on to from each of three events, on average.
TARGETS = np.array([[0.5, 0.3, 0.15, 0.05], [0.1, 0.6, 0.1, 0.2], [0.25, 0.25, 0.25, 0.25]])
#: How alike customers are: 0 is not at all; the correlation of two moves of one is 1 / (1 + this).
_ALIKE = 2.0
_MOVES = 5.0

Counts = NDArray[np.int64]
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """How chance makes two groups of customers.

    Parameters
    ----------
    customers : int
        How many there are.
    second : float
        The share of them in the second group.
    in_both : float
        The share of them who are in both, with moves of their own in each.
    """

    customers: int = 150
    second: float = 0.5
    in_both: float = 0.0


SPLITS = {
    "150 customers, half and half": Split(),
    "150 customers, one in ten in the second": Split(second=0.1),
    "150 customers, all of them in both": Split(in_both=1.0),
    "40 customers, half and half": Split(customers=40),
}


@dataclass(frozen=True, slots=True)
class FalseAlarms:
    """How many of the cells that do not differ were called significant.

    Parameters
    ----------
    runs, alarmed : int
        How many logs were split by chance, and in how many any cell was called significant. Their
        ratio is the false discovery rate, all discoveries being false.
    cells, flagged : int
        The cells that were tested, and those called significant.
    """

    runs: int
    alarmed: int
    cells: int
    flagged: int


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
    rows = []
    for name, one in splits.items():
        share = one.alarmed / one.runs
        shares = (f"{share:.3f}", f"{error(share, one.runs):.3f}")
        flagged = f"{one.flagged / one.cells:.4f}"
        rows.append((name, str(one.runs), *shares, str(one.cells), flagged))
    return table(head, rows)


def path_shares(
    *, sizes: Sequence[int] = (50, 200, 1000), draws: int = 1000, clustered: bool = True
) -> list[Coverage]:
    """Return the coverage of the share of a transition, of n customers with tastes of their own.

    Not `clustered` is the interval that takes every move as independent.
    """
    rng = np.random.default_rng(SEED)
    truth = float(TARGETS[0, 1])
    found = []
    for n in sizes:
        held = 0
        for _ in range(draws):
            moves = _moves(rng, n)[:, 0]
            x, y = moves[:, 1], moves.sum(axis=1)
            plain = proportion(int(x.sum()), int(y.sum()))
            one = clustered_proportion(RatioSums.from_arrays(x, y)) if clustered else plain
            held += one.ci.low <= truth <= one.ci.high
        share = held / draws
        method = "customers as clusters" if clustered else "every move on its own"
        found.append(Coverage("Share of a path", method, n, share, share, draws))
    return found


def false_alarms(split: Split, *, runs: int = 200) -> FalseAlarms:
    """Return how often comparing two groups that chance made finds a difference, in `runs` logs."""
    alarmed = cells = flagged = 0
    for seed in range(runs):
        rng = np.random.default_rng([SEED, seed])
        tables = cell_tests(list(_compared(rng, split)))
        alarmed += bool(tables["significant"].any())
        cells += int(tables["tested"].sum())
        flagged += int(tables["significant"].sum())
    return FalseAlarms(runs, alarmed, cells, flagged)


def _compared(rng: np.random.Generator, split: Split) -> Iterator[PairSums]:
    """Yield the sums of every cell, of customers who are split into two groups by chance."""
    tastes = _tastes(rng, split.customers)
    group = rng.random(split.customers) < split.second
    both = rng.random(split.customers) < split.in_both
    sides = [_moved(rng, tastes) * there[:, None, None] for there in (~group | both, group | both)]
    for source in range(len(TARGETS)):
        of = [side[:, source].sum(axis=1).astype(float) for side in sides]
        for target in range(TARGETS.shape[1]):
            first, other = (
                (side[:, source, target].astype(float), y)
                for side, y in zip(sides, of, strict=True)
            )
            yield PairSums.from_arrays({"source": source, "target": target}, first, other)


def _moves(rng: np.random.Generator, customers: int) -> Counts:
    """Return how often each customer went from each event to each, shape (customers, 3, 4)."""
    return _moved(rng, _tastes(rng, customers))


def _tastes(rng: np.random.Generator, customers: int) -> NDArray[np.float64]:
    drawn = rng.gamma(_ALIKE * TARGETS, size=(customers, *TARGETS.shape))
    return np.asarray(drawn / drawn.sum(axis=2, keepdims=True))


def _moved(rng: np.random.Generator, tastes: NDArray[np.float64]) -> Counts:
    return rng.multinomial(1 + rng.poisson(_MOVES, tastes.shape[:2]), tastes)
