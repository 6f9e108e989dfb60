"""A break is dated by the counts of the series that broke, never by those of its mirror."""

from __future__ import annotations

import numpy as np

from cxresearch.core.remarks import Remark
from cxresearch.findings.fires import Key, gather
from cxresearch.findings.measures import Measure
from cxresearch.findings.scan import scanned
from cxresearch.findings.watched_series import WHOLE, Group, Series

WEEKS, SINCE = 60, 40
ERROR = Measure(name="error:pay", kind="error", what=Remark("Errors"), unit="share", better="less")


def shop() -> dict[Key, Series]:
    """Errors on phones from a Thursday of week 40 on; of two groups that are a whole."""
    rng = np.random.default_rng(11)
    found: dict[Group, np.ndarray] = {}
    for name, after in (("phone", 0.22), ("desktop", 0.012)):
        share = np.where(np.arange(WEEKS) > SINCE, after, 0.012)
        share[SINCE] = 0.012 + 4 / 7 * (after - 0.012)
        y = rng.poisson(90, WEEKS).astype(float)
        x = rng.binomial(y.astype(int), share).astype(float)
        found["device", name] = np.array([y, x, y, x, x, y])
    found[WHOLE] = np.sum(list(found.values()), axis=0)
    return {
        (ERROR.name, group): Series(measure=ERROR, group=group, sums=sums)
        for group, sums in found.items()
    }


def test_the_mirror_of_a_break_is_a_part_of_it_and_has_no_day_of_its_own() -> None:
    series = shop()
    alarms = {one.series.group: one for one in scanned(series, WEEKS).alarms}
    phone = alarms["device", "phone"]
    assert phone.days is not None
    assert phone.days.low <= 7 * SINCE + 3 <= phone.days.high
    assert phone.days.high - phone.days.low < 21
    mirror = alarms["device", "desktop"]
    assert (mirror.z < 0, mirror.days) == (True, None)
    (fire,) = gather([*alarms.values()], series, WEEKS)
    assert fire.leader.series.group == ("device", "phone")
