"""The part about breaks counts alarms, and holds what was found against what was planted."""

from __future__ import annotations

import json

import pytest

from cxresearch.calibrate.breaks_page import (
    Alarms,
    alarms_table,
    broken,
    found_of,
    found_table,
    section,
    stable,
)


def test_an_alarm_is_any_break_of_a_shop():
    one = Alarms(weeks=52, visits=1_900, breaks=(0, 2, 0, 1), series=900)
    assert one.share == 0.5
    # the standard error of a half among four
    assert alarms_table([one]).splitlines()[-1] == "| 52 | 1900 | 4 | 900 | 0.500 | 0.250 | 0.75 |"


def test_no_alarm_in_few_shops_is_not_sure():
    one = Alarms(weeks=52, visits=1_900, breaks=(0,) * 19, series=900)
    # of nineteen shops a share of .05 has a standard error of .05
    assert alarms_table([one]).splitlines()[-1] == "| 52 | 1900 | 19 | 900 | 0.000 | 0.050 | 0.00 |"


def test_stable_shops_are_counted_with_their_series():
    found = stable(52, 1_900, 0)
    assert found["breaks"] == 0
    assert 700 < found["series"] <= 16 * 63


def test_a_large_break_is_found_in_its_week_with_its_change():
    what = "late parcels 6 to 50 %, 4 weeks, all"
    found = found_of(what, 1_900, [broken(what, 1_900, number) for number in range(2)])
    assert found.found == (True, True)
    assert found.weeks_off == (0, 0)
    assert found.held_week == found.held_change == found.right_state == (True, True)


def test_what_is_too_small_is_not_found_and_has_dashes():
    found = found_of("NPS -10, all", 1_900, [broken("NPS -10, all", 1_900, 0)])
    assert found.found == (False,)
    assert found_table([found]).splitlines()[-1] == (
        "| NPS -10, all | 1900 | 1 | 0.00 | 0 | - | - | - | - |"
    )


def test_a_section_says_of_how_many_shops_it_is(tmp_path):
    kept = tmp_path / "shops.jsonl"
    lines = [{"of": 52, "visits": 1_900, "shop": one, "breaks": one, "series": 9} for one in (0, 1)]
    lines += [{"of": "NPS -10, all", "visits": 19_000, "shop": 0, "found": False}]
    kept.write_text("".join(f"{json.dumps(one)}\n" for one in lines), "utf-8")
    said = section(kept)
    assert "| 52 | 1900 | 2 | 9 | 0.500 | 0.354 | 0.50 |" in said
    assert "| NPS -10, all | 19000 | 1 | 0.00 |" in said


def test_a_name_of_no_break_is_refused():
    with pytest.raises(KeyError):
        broken("nothing", 1_900, 0)
