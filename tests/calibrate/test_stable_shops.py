"""The shops in which nothing breaks are as they say, and a planted break is in them."""

from __future__ import annotations

import numpy as np
import pytest

from cxresearch.calibrate.breaks_page import planted
from cxresearch.calibrate.stable_shops import GROUPS, PlantedBreak, shop


def panels(seed=1, **settings):
    return {one.measure: one for one in shop(np.random.default_rng(seed), **settings)}


def test_groups_overlap_and_add_up_to_the_whole():
    one = panels()["payment"]
    assert one.groups == GROUPS
    assert len(GROUPS) == len(set(GROUPS)) == 32
    for axis in "dcs":
        rows = [i for i, name in enumerate(GROUPS) if name[0] == axis and len(name) == 2]
        assert one.sums[rows].sum(0) == pytest.approx(one.sums[0])
    inside = [i for i, name in enumerate(GROUPS) if name.startswith("d1s")]
    assert one.n[inside].sum(0) == pytest.approx(one.n[GROUPS.index("d1")])


def test_a_step_asks_who_took_the_step_before():
    shown = panels()
    assert (shown["purchase"].n == shown["payment"].sums).all()
    assert (shown["payment_error"].n == shown["payment"].sums).all()


def test_levels_and_spreads_are_those_that_are_set():
    shown = panels(visits=100_000)
    assert shown["payment_error"].level[0] == pytest.approx(0.01, rel=0.4)
    assert shown["purchase"].level[0] == pytest.approx(0.77, abs=0.06)
    assert shown["nps"].level[0] == pytest.approx(20, abs=15)
    assert shown["nps"].spread[0] == pytest.approx(80, rel=0.1)


def test_visits_grow_and_have_two_peaks_a_year():
    n = np.mean([panels(seed, weeks=104)["product"].n[0] for seed in range(8)], axis=0)
    assert n[52:].sum() / n[:52].sum() == pytest.approx(np.exp(0.18), rel=0.15)
    one = panels(weeks=52)["product"].n[0]
    assert one.max() > 1.4 * np.median(one)


def test_weeks_vary_more_than_counting_and_alike_in_neighbouring_weeks():
    shown = panels(weeks=156, visits=100_000, correlation=0.6)["purchase"]
    share = shown.sums[0] / shown.n[0]
    logit = np.log(share / (1 - share))
    away = np.diff(logit)
    assert 0.03 < away.std() < 0.12
    counting = np.sqrt((1 / shown.sums[0] + 1 / (shown.n[0] - shown.sums[0])).mean())
    assert away.std() > 2 * counting
    assert np.corrcoef(logit[1:], logit[:-1])[0, 1] > 0.3


def test_a_break_is_where_it_is_planted_and_nowhere_else():
    one = PlantedBreak("purchase", lambda week: -2.0 * (week >= 30), mobile=True, start=30)
    broken = panels(visits=19_000, breaks=[one])["purchase"]
    mobile, desktop = GROUPS.index("d1"), GROUPS.index("d0")
    share = broken.sums / broken.n
    assert share[mobile, 30:].mean() < share[mobile, :30].mean() - 0.3
    assert share[desktop, 30:].mean() == pytest.approx(share[desktop, :30].mean(), abs=0.1)


def test_planted_breaks_start_where_they_say():
    for name, (one, state) in planted().items():
        change = one.change(np.arange(52))
        assert np.flatnonzero(change)[0] == one.start, name
        assert (change[-1] != 0) == (state == "open"), name
