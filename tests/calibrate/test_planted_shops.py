"""Effects are planted where they are said to be, and what is found is held against them."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cxresearch.calibrate import planted_shops
from cxresearch.calibrate.planted_shops import DAYS, Seen, Shown, drawn, page_of


@pytest.mark.parametrize("seed", range(40))
def test_two_effects_of_other_kinds_begin_apart_and_inside(seed: int) -> None:
    one, other = drawn(np.random.default_rng(seed))
    assert one.topic != other.topic
    assert abs(one.first - other.first) >= 35
    for effect in (one, other):
        assert 0 < effect.first < effect.end <= DAYS
        assert effect.measures
        assert effect.is_open == (effect.end == DAYS)


def test_what_a_twin_sells_more_is_the_cost_of_a_month() -> None:
    start = date(2025, 1, 6)
    effect = planted_shops.Effect("stock_out", {}, ("m",), ("page", "p"), 280, DAYS)
    day = pd.Timestamp(start + timedelta(days=300), tz="Europe/Rome")
    early = pd.Timestamp(start + timedelta(days=100), tz="Europe/Rome")
    here = {"orders": pd.DataFrame({"ts": [day, early], "revenue": [50.0, 50.0]})}
    twin = {"orders": pd.DataFrame({"ts": [day] * 4 + [early], "revenue": [50.0] * 5})}
    # 3 orders more in 12 weeks, of 50 each, a month of 365.25 / 84 weeks
    each = 50 / 12 * (365.25 / 84)
    found = planted_shops._cost(effect, start, here, twin)
    assert found == pytest.approx((3 * each, 3**0.5 * each))


def test_a_shop_with_a_large_payment_error_is_seen_as_a_user_would() -> None:
    start = date(2025, 1, 6)
    values = {"device": "mobile", "first_day": 600, "after": 0.4}
    effect = planted_shops.Effect(
        "payment_error", values, ("error:payment_error",), ("device", "mobile"), 199, DAYS
    )
    found = planted_shops.looked(planted_shops._tables(7, start, [effect]), start)
    first = effect.of(found.rows)
    assert first is found[0]
    seen = planted_shops._seen(effect, first, (0.0, 0.0), start)
    assert (seen.found, seen.placed, seen.held_date, seen.right_state) == (True,) * 4
    assert seen.days_off < 14
    assert seen.held_worth is False  # it costs something


def test_the_page_counts_shops_and_effects() -> None:
    late = Seen("late_month", found=True, placed=True, days_off=3, held_date=True, right_state=True)
    missed = Seen("late_month", found=False)
    shops = [Shown((late,), ("x",), False, 600), Shown((missed,), (), None, 600)]
    page = page_of([Shown((), (), None, 600)] * 3 + [Shown((), ("x",), None, 600)], shops)
    # Wilson by hand for 1 of 4: (1 + z2/2 -+ z sqrt(.75 + z2/4)) / (4 + z2), z2 = 3.8415.
    assert page.startswith("Stable shops with any finding: 1 of 4 (0.05 to 0.70).")
    assert "leads in 0 of 1 (0.00 to 0.79); 1 of 2 (0.09 to 0.91) have a\n" in page
    one = "1 of 1 (0.21 to 1.00)"
    assert page.splitlines()[-1] == (
        f"| late_month | 1 of 2 (0.09 to 0.91) | {one} | {one} | {one} | - | {one} |"
    )


def test_shops_that_are_kept_are_not_looked_at_again_and_make_the_page(tmp_path: Path) -> None:
    late = Seen("late_month", found=True, placed=True, days_off=3, held_date=True, right_state=True)
    kept = [("stable", Shown((), ("x",), None, 600)), ("planted", Shown((late,), (), True, 600))]
    path = tmp_path / "shops.jsonl"
    lines = [json.dumps({"kind": kind, "number": 0, **asdict(one)}) for kind, one in kept]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    planted_shops.look_at(path, stable_shops=1, planted_shops=1)
    assert len(path.read_text("utf-8").splitlines()) == 2
    assert planted_shops.section(path).endswith(page_of([kept[0][1]], [kept[1][1]]))
