"""Breaks gathered into fires: what leads, where it is."""

import numpy as np
import pytest

from cxresearch.core.remarks import Remark
from cxresearch.findings.fires import Alarm, gather, place_of, stretches
from cxresearch.findings.measures import Measure
from cxresearch.findings.watched_series import WHOLE, Series

WEEKS, START = 40, 30


def measure(name, kind="step", place=0):
    return Measure(
        name=name, kind=kind, what=Remark(name), unit="share", better="more", place=place
    )


def series(of, group, before, after, n=400, start=START, end=WEEKS):
    """A share that moves in one week and back in another, with nobody drawn by chance."""
    y = np.full(WEEKS, float(n))
    share = np.full(WEEKS, before)
    share[start:end] = after
    x = y * share
    return Series(measure=of, group=group, sums=np.array([y, x, y, x, x, y]))


def alarm(one, z, start=START, end=None, spread=0):
    return Alarm(
        series=one, start=start, low=start - spread, high=start + spread, end=end, z=z, p=0.01
    )


def known(*found):
    return {(one.measure.name, one.group): one for one in found}


ERROR, STEP, SCORE = measure("error", "error"), measure("buy", "step"), measure("nps", "score")


def shop(of, shares):
    """The whole and its devices, from each device's (before, after)."""
    parts = [series(of, ("device", name), *pair) for name, pair in shares.items()]
    whole = Series(measure=of, group=WHOLE, sums=np.sum([one.sums for one in parts], axis=0))
    return known(whole, *parts)


def test_the_stretches_of_a_break():
    lasting = alarm(series(ERROR, WHOLE, 0.1, 0.2), 9.0)
    assert stretches(lasting, WEEKS) == ((0, 30), (30, 40))
    gone = alarm(series(ERROR, WHOLE, 0.1, 0.2), 9.0, end=34)
    assert stretches(gone, WEEKS, most_before=10) == ((20, 30), (30, 34))


def test_the_error_leads_though_the_step_after_it_is_clearer():
    errors = shop(ERROR, {"phone": (0.01, 0.2), "desk": (0.01, 0.01)})
    steps = shop(STEP, {"phone": (0.6, 0.5), "desk": (0.6, 0.6)})
    alarms = [
        alarm(steps["buy", ("device", "phone")], -12.0),
        alarm(errors["error", ("device", "phone")], 9.0),
    ]
    (fire,) = gather(alarms, errors | steps, WEEKS)
    assert fire.leader.series.measure.name == "error"
    assert fire.leader.series.group == ("device", "phone")
    assert [part.series.measure.name for part in fire.parts] == ["buy"]


def test_a_mirror_is_part_of_the_fire_and_leads_nothing():
    errors = shop(ERROR, {"phone": (0.01, 0.2), "desk": (0.01, 0.01)})
    alarms = [
        alarm(errors["error", ("device", "desk")], -11.0),
        alarm(errors["error", ("device", "phone")], 9.0),
        alarm(errors["error", WHOLE], 8.0),
    ]
    (fire,) = gather(alarms, errors, WEEKS)
    assert fire.leader.series.group == ("device", "phone")


def test_what_hits_all_alike_is_in_the_whole():
    errors = shop(ERROR, {"phone": (0.05, 0.3), "desk": (0.05, 0.3)})
    alarms = [
        alarm(errors["error", WHOLE], 14.0),
        alarm(errors["error", ("device", "phone")], 9.0),
    ]
    (fire,) = gather(alarms, errors, WEEKS)
    assert fire.leader.series.group == WHOLE


def test_the_place_is_found_though_only_the_whole_alarmed():
    errors = shop(ERROR, {"phone": (0.01, 0.2), "desk": (0.01, 0.01), "tablet": (0.01, 0.01)})
    whole = alarm(errors["error", WHOLE], 9.0)
    assert place_of("error", whole, [WHOLE], errors, WEEKS) == ("device", "phone")


@pytest.mark.parametrize(
    ("other", "fires"),
    [
        (START + 3, 1),
        (START + 4, 2),
        (START - 3, 1),
        (START - 4, 2),
    ],
)
def test_breaks_that_began_together_are_one(other, fires):
    errors = shop(ERROR, {"phone": (0.01, 0.2), "desk": (0.01, 0.01)})
    scores = known(series(SCORE, WHOLE, 0.6, 0.3, start=other))
    alarms = [
        alarm(errors["error", ("device", "phone")], 9.0),
        alarm(scores["nps", WHOLE], -6.0, start=other),
    ]
    assert len(gather(alarms, errors | scores, WEEKS)) == fires


def test_a_month_that_has_gone_is_no_part_of_what_lasts():
    errors = known(series(ERROR, WHOLE, 0.01, 0.2, start=10))
    scores = known(series(SCORE, WHOLE, 0.6, 0.3, start=10, end=14))
    alarms = [
        alarm(errors["error", WHOLE], 9.0, start=10),
        alarm(scores["nps", WHOLE], -6.0, start=10, end=14),
    ]
    assert len(gather(alarms, errors | scores, WEEKS)) == 2


def test_no_alarms_make_no_fire():
    assert gather([], {}, WEEKS) == []
