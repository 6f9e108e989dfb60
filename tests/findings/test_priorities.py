"""The order of findings, and ranks that cannot be told apart."""

import math

import pytest

from cxresearch.core.remarks import Remark
from cxresearch.core.results import Estimate, Interval
from cxresearch.findings.finding import Finding
from cxresearch.findings.priorities import in_the_top, ranked
from cxresearch.findings.worth import unknown


def money(value, half):
    return Estimate(
        value=value,
        ci=Interval(value - half, value + half),
        n=100,
        unit="EUR",
        confidence=0.95,
        method="by hand",
    )


def finding(name, worth, state="open", is_bad=True):
    level = money(1.0, 0.5)
    return Finding(
        what=Remark(name),
        measure=name,
        group=("", ""),
        stage="",
        touchpoint="",
        change=level,
        before=level,
        during=level,
        now=level,
        state=state,
        since=None,
        until=None,
        since_between=None,
        is_bad=is_bad,
        worth=worth,
        grade="B",
        step=Remark("step"),
    )


def names(findings):
    order, ranks = ranked(findings)
    return [one.measure for one in order], ranks


def test_the_lower_bound_decides_not_the_middle():
    # "wide" costs 900 but may be as little as 0; "sure" costs 500, at least 400.
    found = [finding("wide", money(-900, 900)), finding("sure", money(-500, 100))]
    assert names(found)[0] == ["sure", "wide"]


def test_open_before_past_bad_before_good_known_before_unknown():
    found = [
        finding("past", money(-9000, 10), state="past"),
        finding("good", money(700, 10), is_bad=False),
        finding("unknown", unknown("EUR", 0.95)),
        finding("small", money(-10, 1)),
        finding("unsure", money(-5000, 10), state="unsure"),
    ]
    assert names(found)[0] == ["small", "unknown", "good", "unsure", "past"]


def test_costs_that_cannot_be_told_apart_share_a_rank():
    found = [
        finding("a", money(-1000, 50)),
        finding("b", money(-980, 50)),
        finding("c", money(-500, 50)),
    ]
    assert names(found) == (["a", "b", "c"], [1, 1, 3])


def test_nothing_has_no_rank():
    assert ranked([]) == ([], [])


def test_how_probably_each_is_among_the_costliest():
    found = [finding(str(place), money(-1000 + 300 * place, 10)) for place in range(4)]
    assert in_the_top(found, top=2) == pytest.approx([1, 1, 0, 0])
    alike = [finding("a", money(-100, 10)), finding("b", money(-100, 10))]
    assert in_the_top(alike, top=1) == pytest.approx([0.5, 0.5], abs=0.03)


def test_what_is_not_known_has_no_probability():
    found = [finding("a", money(-100, 10)), finding("b", unknown("EUR", 0.95))]
    first, second = in_the_top(found, top=1)
    assert first == 1
    assert math.isnan(second)
    assert all(math.isnan(one) for one in in_the_top(found[1:]))
