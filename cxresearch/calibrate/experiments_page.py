"""What was measured of experiments, as a part of the page of documentation."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from cxresearch.calibrate import methods, peeking
from cxresearch.calibrate.coverage_page import table
from cxresearch.calibrate.peeking import Ending, Peeking
from cxresearch.calibrate.scenes import Reliability, error, reliability

_DASH = "\N{EN DASH}"
_HEAD = """
## Experiments

Each experiment is run many times without an effect and as often with the smallest one that its plan
promises to find with a power of 0.800. A false alarm is p < .05 without an effect; where several
comparisons are judged together, any of them. With {runs} runs the Monte Carlo error is {alarms} of
a false-alarm rate, {power} of a power, and with {fewest} runs {alarms_fewest} and {power_fewest}.

"""
_READING = """
- Non-inferiority and equivalence: the false alarm is to pass a treatment that is worse by the
  margin; their intervals are of 90 %. The plan's power is that of non-inferiority.
- Lifts: the plan is for the difference. The log and the linear delta method keep the false alarms,
  and find fewer rises.
- NPS: the effect leaves fewer opinions at odds, so it is easier to find than was planned.
- CR2 with ten clusters a side holds; not so where a few of them have most of the customers. The
  plan takes the spread as known, and promises too much where clusters are few.
- Medians: order statistics promise at least the nominal coverage, and pay for it with power.
- CUPED took {saved} off the variance of a difference; the squared correlation is {squared}.

### What is often done instead

"""
_NAIVE_READING = """
- Customers were assigned, and the sessions of a customer are alike: taken as independent, they find
  an effect that is not there {times} times as often as promised. The delta method over customers,
  above, holds on the same customers.
- Several metrics, or several treatments, each with a chance of its own.

### Looking more than once

The units are the mean with the planned effect, over those of an experiment with one look.

"""
_PEEKING_READING = """
- Five looks at a test of one look find nothing too often: so plan the looks, or use the
  confidence sequence, which may be read after every customer.
- The sample-ratio tests: chi-square once at its level of .001; the e-value at .05, at any look.

Once an experiment with five looks (Lan-DeMets, Pocock type) has ended, with the planned effect:

"""


def section() -> str:
    """Measure everything and return the part of the page about experiments."""
    return text(
        [reliability(scene) for scene in methods.methods()],
        [reliability(scene) for scene in methods.naive()],
        [*peeking.five_looks(), *peeking.all_the_time(), *peeking.sample_ratios()],
        peeking.at_the_end(),
        saved=methods.variance_saved(),
    )


def text(
    found: Sequence[Reliability],
    naive: Sequence[Reliability],
    looked: Sequence[Peeking],
    ended: Sequence[Ending],
    *,
    saved: tuple[float, float],
) -> str:
    """Return the part of the page about experiments."""
    runs, fewest = (pick(one.runs for one in [*found, *naive]) for pick in (max, min))
    return "".join(
        [
            _HEAD.format(
                runs=runs,
                alarms=_number(error(0.05, runs), 4),
                power=_number(error(0.8, runs), 4),
                fewest=fewest,
                alarms_fewest=_number(error(0.05, fewest), 4),
                power_fewest=_number(error(0.8, fewest), 4),
            ),
            reliability_table(found),
            _READING.format(saved=_number(saved[0]), squared=_number(saved[1])),
            reliability_table(naive),
            _NAIVE_READING.format(times=_number(naive[0].false_alarms / 0.05, 1)),
            peeking_table(looked),
            _PEEKING_READING,
            ending_table(ended),
        ]
    )


def reliability_table(found: Iterable[Reliability]) -> str:
    """Return one row per method.

    Examples
    --------
    >>> one = Reliability(method="Welch's t", setting="50 and 50", runs=10_000, false_alarms=0.0512,
    ...                   coverage=0.9488, coverage_with_effect=0.951, power=0.8, promised=0.8)
    >>> print(reliability_table([one]).splitlines()[-1])
    | Welch's t | 50 and 50 | 10000 | 0.0512 | 0.949 | 0.951 | 0.800 | 0.800 |
    """
    head = ("method", "tried on", "runs", "false alarms", "coverage", "coverage with the effect",
            "power", "planned")  # fmt: skip
    rows = (
        (
            one.method,
            one.setting,
            str(one.runs),
            _number(one.false_alarms, 4),
            *map(_number, (one.coverage, one.coverage_with_effect, one.power, one.promised)),
        )
        for one in found
    )
    return table(head, rows)


def peeking_table(found: Iterable[Peeking]) -> str:
    """Return one row per rule, with the Monte Carlo error of its false alarms."""
    head = ("rule", "looks", "runs", "false alarms", "Monte Carlo error", "promised", "power",
            "planned", "units", "planned")  # fmt: skip
    rows = (
        (
            one.rule,
            str(one.looks),
            str(one.runs),
            _number(one.false_alarms, 4),
            _number(error(one.false_alarms, one.runs), 4),
            *map(_number, (one.at_most, one.power, one.promised, one.units, one.expected)),
        )
        for one in found
    )
    return table(head, rows)


def ending_table(found: Iterable[Ending]) -> str:
    """Return one row per estimate."""
    head = ("estimate", "runs", "coverage", "Monte Carlo error", "too large")
    rows = (
        (
            one.method,
            str(one.runs),
            _number(one.coverage),
            _number(error(one.coverage, one.runs)),
            _number(one.too_large),
        )
        for one in found
    )
    return table(head, rows)


def _number(value: float, digits: int = 3) -> str:
    return _DASH if math.isnan(value) else f"{value:.{digits}f}"
