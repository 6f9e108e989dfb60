"""What stands out in the last week alone is named, not judged."""

from __future__ import annotations

import numpy as np
import pytest

from cxresearch.core.languages import Language
from cxresearch.core.remarks import Remark
from cxresearch.findings.last_week import last_week
from cxresearch.findings.measures import Measure
from cxresearch.findings.watched_series import WHOLE, Group, Series

ERROR = Measure(name="error:pay", kind="error", what=Remark("Errors"), unit="share", better="less")
STEP = Measure(name="step:a>b", kind="step", what=Remark("Steps"), unit="share", better="more")


def series(
    hits: list[float], n: float = 40, *, measure: Measure = ERROR, group: Group = WHOLE
) -> Series:
    x, y = np.array(hits), np.full(len(hits), n)
    return Series(measure=measure, group=group, sums=np.array([y, x, y, x, x, y]))


CALM = [1.0, 0.0, 2.0, 1.0] * 7


def test_a_jump_of_errors_in_the_last_week_is_named_where_it_is_surest() -> None:
    phone = series([*CALM, 12.0], group=("device", "phone"))
    whole = series([*CALM, 12.0], n=160)
    (found,) = last_week([whole, phone])
    assert found.words(Language("en")) == ("Errors (phone): 2.6% before, 30.0% in the last week")
    assert last_week([whole, phone], covered=["error:pay"]) == []


def test_a_step_that_fewer_take_is_worse_and_one_that_more_take_is_not() -> None:
    usual = [30.0, 31.0, 29.0, 30.0] * 7
    assert last_week([series([*usual, 39.0], measure=STEP)]) == []
    (found,) = last_week([series([*usual, 10.0], measure=STEP)])
    assert found.words(Language("en")).startswith("Steps: 74.9% before, 25.0%")


@pytest.mark.parametrize(
    "hits",
    [
        [*CALM, 4.0],  # 4 where one is usual: of many series one has it by chance
        [*([1.0, 12.0, 0.0, 9.0] * 7), 14.0],  # weeks that differ so much do so again
        [1.0] * 10 + [12.0],  # nobody knows yet what is usual
    ],
)
def test_chance_is_not_named(hits: list[float]) -> None:
    assert last_week([series(hits)]) == []


def test_of_a_thousand_calm_series_none_stands_out_more_than_once_in_a_hundred_looks() -> None:
    rng = np.random.default_rng(5)
    looks = 0
    for _ in range(40):
        drawn = [
            series(rng.binomial(40, 0.03, 30).astype(float), group=("device", str(place)))
            for place in range(50)
        ]
        looks += bool(last_week(drawn))
    # One in a hundred at most: of 40 looks four or more would be one in a thousand.
    assert looks < 4
