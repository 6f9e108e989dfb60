"""What never broke and is bad is said by how the others fare."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest

from cxresearch.core.remarks import Remark
from cxresearch.findings.finding import Finding
from cxresearch.findings.fires import Key
from cxresearch.findings.measures import Measure
from cxresearch.findings.standing import always_worse
from cxresearch.findings.watched_series import WHOLE, Group, Series
from cxresearch.findings.weeks import Weeks

WEEKS = 40
CALENDAR = Weeks(date(2026, 10, 4), WEEKS, "Europe/Rome")
LATE = Measure(name="late", kind="delivery", what=Remark("Late"), unit="share", better="less")
NEW = ("carrier", "Delta")


def series(share: float, units: float, group: Group = WHOLE, measure: Measure = LATE) -> Series:
    """A share of units, one a customer, the same in every week."""
    y = np.full(WEEKS, units)
    return Series(
        measure=measure, group=group, sums=np.array([y, share * y, y, share * y, share * y, y])
    )


def both(
    share: float, others: float, *, units: float = 40, group: Group = NEW, **of: Any
) -> dict[Key, Series]:
    """A group and the whole of it and of three times as many others."""
    measure = replace(LATE, **of)
    own = series(share, units, group, measure)
    whole = replace(own, group=WHOLE, sums=own.sums + series(others, 3 * units).sums)
    return {(measure.name, WHOLE): whole, (measure.name, group): own}


def found_in(rows: dict[Key, Series], covered: tuple[str, ...] = ()) -> list[Finding]:
    return always_worse(rows, CALENDAR, "EUR", 0.95, covered=covered)


def test_a_carrier_that_was_always_late_stands_out() -> None:
    (found,) = found_in(both(0.3, 0.05))
    assert (found.group, found.state, found.is_bad, found.grade) == (NEW, "standing", True, "C")
    assert found.change.value == pytest.approx(0.25)
    assert found.before.value == pytest.approx(0.05)
    assert found.since == CALENDAR.first_day
    assert str(found.what) == "Late (Delta): 30.0%, against 5.0% elsewhere."
    assert np.isnan(found.worth.value)


@pytest.mark.parametrize(
    ("rows", "covered"),
    [
        (both(0.09, 0.05), ()),  # not twice as bad
        (both(0.012, 0.004, units=4000), ()),  # sure, and a small thing
        (both(0.3, 0.05, units=0.5), ()),  # six late parcels
        (both(0.05, 0.3), ()),  # better
        (both(0.3, 0.05), ("late",)),  # another finding tells of it
        (both(0.3, 0.05, kind="score"), ()),  # who differ in what they think
        (both(0.3, 0.05, better="more"), ()),  # a step of a group that is not new
        (both(0.3, 0.05, not_by=("carrier",)), ()),
    ],
)
def test_what_is_small_unsure_or_told_is_none(
    rows: dict[Key, Series], covered: tuple[str, ...]
) -> None:
    assert found_in(rows, covered) == []


def test_half_a_year_is_bad_in_both_halves() -> None:
    rows = both(0.05, 0.05)
    own = rows["late", NEW]
    own.sums[[1, 3, 4], -6:] = 0.6 * own.y[-6:]
    assert found_in(rows) == []


def test_a_step_of_a_new_version_is_compared_with_the_others() -> None:
    version = ("app_version", "9.1")
    rows = both(0.1, 0.4, group=version, better="more", kind="step")
    rows["late", version].sums[:, :20] = 0
    (found,) = found_in(rows)
    assert (found.group, found.since) == (version, CALENDAR.start(20))


def scores(*shares: float) -> dict[Key, Series]:
    rows = {}
    for place, share in enumerate(shares):
        touchpoint = f"t{place}"
        measure = replace(
            LATE,
            name=f"score:csat:{touchpoint}:5",
            kind="score",
            better="more",
            touchpoint=touchpoint,
        )
        rows[measure.name, WHOLE] = series(share, 30, measure=measure)
    return rows


def test_a_touchpoint_below_all_others_is_the_weak_one() -> None:
    (found,) = always_worse(scores(0.7, 0.5, 0.8), CALENDAR, "EUR", 0.95)
    assert (found.touchpoint, found.grade) == ("t1", "D")
    assert found.before.value == pytest.approx(0.75)
    assert str(found.what).endswith("is the lowest of 3: 50.0%, the others 75.0%.")


@pytest.mark.parametrize(
    ("rows", "covered"),
    [
        (scores(0.5, 0.51, 0.8), ()),  # two are low
        (scores(0.5, 0.8), ()),  # one of two is always the lower
        (scores(0.7, 0.5, 0.8), ("score:csat:t1:5",)),
    ],
)
def test_where_none_is_apart_none_is_weak(
    rows: dict[Key, Series], covered: tuple[str, ...]
) -> None:
    assert found_in(rows, covered) == []
