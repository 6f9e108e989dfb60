"""The log-rank test against R's survival, and on simulated groups."""

from __future__ import annotations

import math

import numpy as np
import pytest

from cxresearch.stats import log_rank as module
from cxresearch.stats.log_rank import log_rank

# Acute myelogenous leukaemia, Miller (1997), Survival Analysis; R: survival::aml.
MAINTAINED = ([9, 13, 13, 18, 23, 28, 31, 34, 45, 48, 161], [1, 1, 0, 1, 1, 0, 1, 1, 0, 1, 0])
CONTROL = ([5, 5, 8, 8, 12, 16, 23, 27, 30, 33, 43, 45], [1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1])


def test_the_log_rank_test_of_r():
    # R survival: survdiff(Surv(time, status) ~ x, aml): 7 and 11 seen, 10.69 and 7.31 expected,
    # chisq = 3.4 on 1 degree of freedom, p = 0.0653.
    result = log_rank([MAINTAINED, CONTROL])
    assert result.observed == (7, 11)
    assert result.expected == pytest.approx((10.69, 7.31), abs=5e-3)
    assert result.statistic == pytest.approx(3.396, abs=1e-3)
    assert result.p_value == pytest.approx(0.0653, abs=5e-5)
    assert (result.df, result.n) == (1, 23)


def test_the_order_of_the_groups_does_not_matter():
    third = ([4, 6, 7, 30, 50], [1, 0, 1, 1, 1])
    one, other = log_rank([MAINTAINED, CONTROL, third]), log_rank([third, MAINTAINED, CONTROL])
    assert one.statistic == pytest.approx(other.statistic)
    assert (one.df, other.expected[1]) == (2, pytest.approx(one.expected[0]))
    assert sum(one.observed) == pytest.approx(sum(one.expected))


def test_groups_never_at_risk_together_cannot_be_compared():
    result = log_rank([([1, 2], [0, 0]), ([5, 6], [1, 1])])
    assert math.isnan(result.p_value)
    assert result.note == module.NOT_COMPARABLE
    assert log_rank([([], []), CONTROL]).df == 0


def test_alike_groups_are_rarely_told_apart():
    rng = np.random.default_rng(9)
    p_values = []
    for _ in range(400):
        life, seen_for = rng.exponential(10, 90), rng.exponential(20, 90)
        durations, ended = np.minimum(life, seen_for), life <= seen_for
        p_values.append(
            log_rank([(durations[:40], ended[:40]), (durations[40:], ended[40:])]).p_value
        )
    assert 0.025 <= np.mean(np.array(p_values) < 0.05) <= 0.08


def test_one_group_cannot_be_compared():
    with pytest.raises(ValueError, match=r"^the number of groups must be at least 2; got 1$"):
        log_rank([MAINTAINED])
