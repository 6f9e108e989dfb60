"""Breaks gathered into fires: what leads, where it is."""

from dataclasses import replace

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


def test_what_is_led_by_its_place_rose_there_though_its_mirror_is_clearest():
    errors = shop(ERROR, {"phone": (0.01, 0.2), "desk": (0.01, 0.01)})
    phone, desk = (errors["error", ("device", name)] for name in ("phone", "desk"))
    (mirror,) = gather([alarm(desk, -11.0)], errors, WEEKS)
    assert (mirror.leader.series, mirror.leader.z) == (phone, 11.0)
    # A short stretch of the mirror is within the break of the place: no second fire.
    (fire,) = gather([alarm(desk, -11.0, end=START + 3), alarm(phone, 9.0)], errors, WEEKS)
    assert sorted(part.z for part in fire.parts) == [-11.0, 9.0]


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


def new(of, group, after, n=400):
    """A share in a group that is not there before the break."""
    one = series(of, group, after, after, n)
    sums = one.sums.copy()
    sums[:, :START] = 0
    return Series(measure=of, group=group, sums=sums)


def test_a_release_that_came_with_the_break_is_its_place():
    old = series(STEP, ("version", "1"), 0.5, 0.5)
    release = new(STEP, ("version", "2"), 0.2, n=300)
    phone = Series(measure=STEP, group=("device", "phone"), sums=old.sums + release.sums)
    desk = series(STEP, ("device", "desk"), 0.5, 0.5)
    whole = Series(measure=STEP, group=WHOLE, sums=phone.sums + desk.sums)
    every = known(whole, phone, desk, old, release)
    (fire,) = gather([alarm(phone, -9.0), alarm(whole, -7.0)], every, WEEKS)
    assert fire.leader.series.group == ("version", "2")


def test_several_values_of_a_column_are_a_place_where_only_they_moved():
    towns = {f"moved {n}": (0.4, 0.5) for n in range(4)}
    towns |= {f"still {n}": (0.4, 0.4) for n in "ab"}
    every = shop(STEP, towns)
    whole = every["buy", WHOLE]
    (fire,) = gather([alarm(whole, 8.0)], every, WEEKS)
    assert fire.leader.series.group == ("device", "moved 0, moved 1, moved 2, moved 3")
    expected = sum(every["buy", ("device", f"moved {n}")].sums for n in range(4))
    assert np.array_equal(fire.leader.series.sums, expected)


def test_two_breaks_of_one_week_are_two_where_the_one_cannot_hold_the_other():
    errors = shop(ERROR, {"tablet": (0.01, 0.2), "desk": (0.01, 0.01)})
    refunds = shop(measure("refund", "order"), {"tablet": (0.1, 0.2), "desk": (0.1, 0.2)})
    alarms = [
        alarm(errors["error", ("device", "tablet")], 9.0),
        alarm(refunds["refund", WHOLE], 12.0),
    ]
    fires = gather(alarms, errors | refunds, WEEKS)
    found = {(one.leader.series.measure.name, one.leader.series.group) for one in fires}
    assert found == {("error", ("device", "tablet")), ("refund", WHOLE)}


@pytest.mark.parametrize(("desk", "fires"), [(0.603, 1), (0.63, 1), (0.56, 2)])
def test_of_many_customers_a_surely_small_move_of_the_others_is_no_second_fire(desk, fires):
    """On the phone 10 points fell; .3 points on the desk are 7 standard errors at this traffic."""
    many = {"n": 200_000}
    errors = [
        series(ERROR, ("device", "phone"), 0.01, 0.2, **many),
        series(ERROR, ("device", "desk"), 0.01, 0.01, **many),
    ]
    steps = [
        series(STEP, ("device", "phone"), 0.6, 0.5, **many),
        series(STEP, ("device", "desk"), 0.6, desk, **many),
    ]
    wholes = [
        Series(measure=of, group=WHOLE, sums=np.sum([one.sums for one in own], axis=0))
        for of, own in ((ERROR, errors), (STEP, steps))
    ]
    alarms = [alarm(steps[0], -12.0), alarm(errors[0], 9.0)]
    found = gather(alarms, known(*errors, *steps, *wholes), WEEKS)
    assert len(found) == fires
    assert found[0].leader.series.measure.name == "error"


def test_too_few_customers_cannot_have_moved_everybody():
    parts = {"tablet": (0.01, 0.2, 20), "desk": (0.01, 0.01, 380)}
    own = [series(ERROR, ("device", name), a, b, n) for name, (a, b, n) in parts.items()]
    whole = Series(measure=ERROR, group=WHOLE, sums=np.sum([one.sums for one in own], axis=0))
    refunds = series(measure("refund", "order"), WHOLE, 0.1, 0.2)
    little = series(measure("again", "order"), WHOLE, 0.1, 0.12)
    alarms = [alarm(own[0], 9.0), alarm(refunds, 12.0), alarm(little, 6.0)]
    fires = gather(alarms, known(whole, *own, refunds, little), WEEKS)
    names = [
        [one.leader.series.measure.name, *(part.series.measure.name for part in one.parts)]
        for one in fires
    ]
    assert sorted(names) == [["error", "again"], ["refund"]]


@pytest.mark.parametrize(("category", "fires"), [("shoes", 1), ("beauty", 2)])
def test_what_a_page_sells_no_more_is_missing_among_the_orders_of_its_category(category, fires):
    parts = {"/product/shoes": (0.4, 0.05, 40), "/product/other": (0.4, 0.4, 360)}
    own = [series(STEP, ("page", name), a, b, n) for name, (a, b, n) in parts.items()]
    whole = Series(measure=STEP, group=WHOLE, sums=np.sum([one.sums for one in own], axis=0))
    sold = Remark("Orders with {category}", {"category": category})
    sold = series(replace(measure("sold", "order", 1), what=sold), WHOLE, 0.4, 0.25)
    found = gather([alarm(own[0], -11.0), alarm(sold, -9.0)], known(whole, *own, sold), WEEKS)
    assert len(found) == fires
    assert found[0].leader.series.group == ("page", "/product/shoes")


def test_what_moved_in_everybody_has_its_place_there_though_one_group_alarmed_alone():
    every = shop(STEP, {"phone": (0.6, 0.5), "desk": (0.6, 0.52)})
    (fire,) = gather([alarm(every["buy", ("device", "phone")], -6.0)], every, WEEKS)
    assert fire.leader.series.group == WHOLE


def test_a_series_that_was_low_until_the_break_is_that_break_said_twice():
    errors = shop(ERROR, {"tablet": (0.01, 0.4), "desk": (0.01, 0.2)})
    alarms = [
        alarm(errors["error", WHOLE], 15.0),
        alarm(errors["error", ("device", "tablet")], -5.0, start=8, end=START),
    ]
    (fire,) = gather(alarms, errors, WEEKS)
    assert fire.leader.series.group == WHOLE


def test_a_short_break_within_a_long_one_of_the_same_place_is_part_of_it():
    errors = shop(ERROR, {"phone": (0.01, 0.2), "desk": (0.01, 0.01)})
    phone = errors["error", ("device", "phone")]
    (fire,) = gather([alarm(phone, 15.0), alarm(phone, 6.0, end=START + 2)], errors, WEEKS)
    assert len(fire.parts) == 1
