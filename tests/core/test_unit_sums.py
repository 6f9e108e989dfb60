"""One record of sums over independent units, against the units themselves."""

from __future__ import annotations

import pytest

from cxresearch.core.unit_sums import CrossSums, RatioSums, UnitSums, is_part, pairs, product

UNITS = {"x": [30.0, 10.0, 0.0], "y": [2.0, 1.0, 4.0], "z": [0.0, 5.0, 3.0]}


def summed(units: dict[str, list[float]]) -> UnitSums:
    sums = {name: sum(values) for name, values in units.items()}
    for a, b in pairs(list(units)):
        sums[product(a, b)] = sum(p * q for p, q in zip(units[a], units[b], strict=True))
    sums |= {is_part(name): sum(one != 0 for one in values) for name, values in units.items()}
    return UnitSums.of({"n": len(units["x"]), **sums})


def test_a_ratio_has_the_sums_of_its_two_columns():
    assert summed(UNITS).ratio("x", "y") == RatioSums.from_arrays(UNITS["x"], UNITS["y"])


def test_products_between_two_ratios():
    # x y: 60 + 10; x z: 50; y y: 4 + 1 + 16; y z: 5 + 12.
    found = summed(UNITS).cross(("x", "y"), ("z", "y"))
    assert found == CrossSums(n=3, xx=50.0, xy=70.0, yx=17.0, yy=21.0)


def test_sums_of_two_groups_are_those_of_all_their_units():
    first = {name: values[:1] for name, values in UNITS.items()}
    second = {name: values[1:] for name, values in UNITS.items()}
    assert summed(first) + summed(second) == summed(UNITS)


def test_more_units_with_one_in_a_column():
    more = summed({"x": [*UNITS["x"], 1, 1], "y": [*UNITS["y"], 0, 0], "z": [*UNITS["z"], 0, 0]})
    assert summed(UNITS).with_others(2, "x") == more
    assert more.clusters("x") == 4


def test_a_sum_over_no_rows_is_0():
    assert UnitSums.of({"n": 0, "x": None}) == UnitSums(0, {"x": 0.0})
    with pytest.raises(KeyError):
        UnitSums(0, {"x": 0.0}).product("x", "y")


@pytest.mark.parametrize("far", [0, 1e5, 1e9])
def test_a_ratio_far_from_0_varies_as_one_near_it(far):
    # 1, 2, 4 and 5 of one each: the mean is 3, the squares 4 + 1 + 1 + 4, over 3 and over 4.
    sums = RatioSums.from_arrays([far + 1, far + 2, far + 4, far + 5], [1, 1, 1, 1])
    assert sums.ratio == far + 3
    assert sums.variance == pytest.approx(10 / 3 / 4)


@pytest.mark.parametrize("each", [0.1, 1.0, 1e9, 1e9 + 0.1])
def test_ratios_that_are_all_the_same_do_not_vary(each):
    assert RatioSums.from_arrays([3 * each, each, 7 * each], [3, 1, 7]).variance == 0
