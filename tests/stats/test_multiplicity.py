"""Adjusted p-values against statsmodels, by hand, and at the edges."""

from __future__ import annotations

import math
from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from cxresearch.stats.multiplicity import p_values as multiplicity
from cxresearch.stats.multiplicity.p_values import adjusted

METHODS = get_args(multiplicity.Method)
THEIRS = {
    "holm": "holm", "hochberg": "simes-hochberg", "bonferroni": "bonferroni",
    "bh": "fdr_bh", "by": "fdr_by",
}  # fmt: skip
p_values = st.lists(st.floats(0, 1) | st.sampled_from([0.01, 0.05]), min_size=1, max_size=30)


def test_by_hand():
    # In order .01 .02 .03 .04: Holm 4x.01, 3x.02, max(2x.03), max(.04); Hochberg all reach .04.
    given_order = [0.04, 0.01, 0.03, 0.02]
    assert adjusted(given_order).tolist() == pytest.approx([0.06, 0.04, 0.06, 0.06])
    assert adjusted(given_order, method="hochberg").tolist() == pytest.approx([0.04] * 4)
    assert adjusted(given_order, method="bh").tolist() == pytest.approx([0.04] * 4)
    by = 0.04 * (1 + 1 / 2 + 1 / 3 + 1 / 4)
    assert adjusted(given_order, method="by").tolist() == pytest.approx([by] * 4)


@pytest.mark.slow
@pytest.mark.parametrize("method", METHODS)
def test_they_are_those_of_statsmodels(method):
    rng = np.random.default_rng(11)
    for m in (1, 2, 5, 12, 40):  # statsmodels collects garbage at every call
        values = rng.choice([rng.uniform(size=m), np.full(m, 0.04), rng.uniform(0, 0.02, m)])
        expected = multipletests(values, method=THEIRS[method])[1]
        assert adjusted(values, method=method) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("method", METHODS)
@given(values=p_values, seed=st.integers(0, 99))
def test_the_order_of_the_tests_does_not_matter(method, values, seed):
    order = np.random.default_rng(seed).permutation(len(values))
    shuffled = adjusted(np.array(values)[order], method=method)
    assert shuffled == pytest.approx(adjusted(values, method=method)[order])


@pytest.mark.parametrize("method", METHODS)
def test_a_test_not_done_stays_so_and_does_not_count(method):
    result = adjusted([0.02, math.nan, 0.01, math.nan], method=method)
    assert np.isnan(result).tolist() == [False, True, False, True]
    assert result[[0, 2]] == pytest.approx(adjusted([0.02, 0.01], method=method))


@pytest.mark.parametrize("method", METHODS)
def test_edges(method):
    assert adjusted([], method=method).tolist() == []
    assert adjusted([0.03], method=method).tolist() == [0.03]
    assert adjusted([1, 1, 0], method=method).tolist() == [1, 1, 0]
    assert len(set(adjusted([0.02, 0.02, 0.9], method=method)[:2])) == 1


def test_bad_values_are_worded():
    with pytest.raises(ValueError, match=r"^p_values must be between 0 and 1; got 1\.2$"):
        adjusted([0.1, 1.2])
    with pytest.raises(TypeError, match=r"^p_values must be a number; got '0\.1'$"):
        adjusted(["0.1"])
    with pytest.raises(ValueError, match=r"^method must be one of 'holm', .*; got 'sidak'$"):
        adjusted([0.1], method="sidak")
