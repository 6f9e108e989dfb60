"""The measured coverages as a page of documentation."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from cxresearch.calibrate import coverages
from cxresearch.calibrate.coverages import PAIRS, SATISFIED, SIZES, VECTORS, Coverage
from cxresearch.survey.nps_intervals import LABELS

HEAD = """\
# How often the intervals hold the truth

An interval of 95 % confidence promises to hold the truth in 95 of 100 surveys. This page says how
often the kit's intervals do. `make calibrate` measures and writes it; the seeds are fixed, so the
same kit writes the same page.
"""
_NPS = """\
## Net Promoter Score: every outcome enumerated

Exact coverage of the nominal 0.950: each outcome of a survey of n people, weighted by its
probability. A cell is the mean over {count} vectors of promoters, passives and detractors, then the
least: {vectors}.

"""
_NPS_READING = """
- `score` is the default, `adjusted_wald` the simple alternative. The least of {least} at n = 50 is
  the lattice of (0.5, 0, 0.5), where every answer moves the NPS by two steps; most share it.
- The Wald methods, the bootstrap and the uniform prior fail where nearly everybody answers alike:
  a sample of equal answers has an interval of no width, or one that leaves its own truth out.
- A dash: without a closed form, so not enumerated at that size.

"""
_REST = """\
## The other intervals

Nominal 0.950. The Monte Carlo error is the standard error of a measured coverage; an exact row has
none.

"""
_REST_READING = """
- NPS difference: mean and least over {pairs} pairs of groups of n people each, from alike to far
  apart.
- CSAT: mean and least over shares of {satisfied}. The least is again a lattice.
- Order value: customers with one or more orders, log-normal values, a level of spending of their
  own. The interval is symmetric and the values are skewed, so few customers give too short a one.
- p90 response time: log-normal with a median of an hour. Order statistics promise at least the
  nominal coverage.
- Post-stratified: loyal customers answer more often, and better; few new ones answer, and the
  weights lean on them. With some 15 answers of new customers the intervals are a little short.
  Weights alone, without what they agree with, give an interval that is wider than it need be.
- Raked: two margins, of which the cells differ in how often they answer, and how.
"""


def section() -> str:
    """Measure, and return the first section as Markdown."""
    others = [
        *coverages.nps_differences(),
        *coverages.csat_coverages(),
        *coverages.order_values(),
        *coverages.response_times(),
        *coverages.post_stratified(),
        *coverages.raked(),
    ]
    return section_of(coverages.nps_coverages(), others)


def section_of(nps: Sequence[Coverage], others: Sequence[Coverage]) -> str:
    """Return the measured coverages as Markdown."""
    default = next(one.least for one in nps if one.method == "score" and one.n == SIZES[1])
    return "".join(
        [
            _NPS.format(count=len(VECTORS), vectors=", ".join(map(_vector, VECTORS))),
            nps_table(nps),
            _NPS_READING.format(least=f"{default:.3f}"),
            _REST,
            others_table(others),
            _REST_READING.format(
                pairs=len(PAIRS), satisfied=", ".join(f"{share:g}" for share in SATISFIED)
            ),
        ]
    )


def nps_table(coverages: Sequence[Coverage]) -> str:
    """Return the methods by size, each cell the mean and the least coverage.

    Examples
    --------
    >>> print(nps_table([Coverage("NPS", "score", 20, 0.9671, 0.9471)]))
    | method | | n = 20 |
    | --- | --- | --- |
    | `score` | score (Tango) | 0.967 / 0.947 |
    <BLANKLINE>
    """
    sizes = sorted({one.n for one in coverages})
    cells = {(one.method, one.n): f"{one.mean:.3f} / {one.least:.3f}" for one in coverages}
    rows = (
        (f"`{method}`", label, *(cells.get((method, n), "\N{EN DASH}") for n in sizes))
        for method, label in LABELS.items()
        if any((method, n) in cells for n in sizes)
    )
    return table(["method", "", *(f"n = {n}" for n in sizes)], rows)


def others_table(coverages: Sequence[Coverage]) -> str:
    """Return one row per quantity, method and size."""
    head = ("quantity", "method", "n", "mean", "least", "Monte Carlo error")
    rows = (
        (
            *(one.what, one.method, str(one.n), f"{one.mean:.3f}", f"{one.least:.3f}"),
            f"{one.error:.3f}" if one.draws else "exact",
        )
        for one in coverages
    )
    return table(head, rows)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table as Markdown writes it."""
    return "".join(row(*cells) for cells in (head, ["---"] * len(head), *rows))


def row(*cells: str) -> str:
    """Return one row of a table."""
    # An empty cell is two bars with one space between them.
    return "|" + "|".join(f" {cell} " if cell else " " for cell in cells) + "|\n"


def kept_lines(path: Path) -> list[dict[str, Any]]:
    """Return what a long run has kept so far, one result a line; none where it has not begun."""
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def _vector(shares: tuple[float, float, float]) -> str:
    return "(" + ", ".join(f"{share:.3g}" for share in shares) + ")"
