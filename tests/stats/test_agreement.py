"""Agreement against published values, statsmodels, scikit-learn and plain loops."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats import inter_rater

from cxresearch.stats.agreement.coefficients import (
    cohen_kappa,
    fleiss_kappa,
    gwet_ac1,
    krippendorff_alpha,
    percent_agreement,
)
from cxresearch.stats.agreement.reliability import NO_PAIRS, NO_SPREAD, NO_VARIATION, TOO_FEW
from cxresearch.stats.shares.proportions import proportion

# Krippendorff (2011), section C: four coders, twelve units, values printed with three decimals.
CANONICAL = [
    [1, 1, None, 1],
    [2, 2, 3, 2],
    [3, 3, 3, 3],
    [3, 3, 3, 3],
    [2, 2, 2, 2],
    [1, 2, 3, 4],
    [4, 4, 4, 4],
    [1, 1, 2, 1],
    [2, 2, 2, 2],
    [None, 5, 5, 5],
    [None, None, 1, 1],
    [None, 3, None, None],
]
TABLES = st.lists(
    st.lists(st.sampled_from([1, 2, 3]), min_size=3, max_size=3), min_size=4, max_size=20
)
MEASURES = {
    "alpha": krippendorff_alpha,
    "fleiss": fleiss_kappa,
    "ac1": gwet_ac1,
    "cohen": lambda codes, **options: cohen_kappa(*np.array(codes).T[:2], **options),
}


@pytest.mark.parametrize(
    ("level", "value"),
    [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849), ("ratio", 0.797)],
)
def test_alpha_as_printed(level, value):
    found = krippendorff_alpha(CANONICAL, level=level)
    assert round(found.value, 3) == value
    assert found.n == 11  # the last unit has one code
    assert found.ci.low < found.value < found.ci.high


def test_two_coders_and_two_codes_as_printed():
    # Krippendorff (2011), section A: ten units, 0.095; by hand 1 - 19 * 8 / (2 * 14 * 6).
    first, second = [0, 1, 0, 0, 0, 0, 0, 0, 1, 0], [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]
    found = krippendorff_alpha(np.array([first, second]).T)
    assert found.value == pytest.approx(1 - 19 * 8 / (2 * 14 * 6))
    assert found.observed == pytest.approx(0.6)


def alpha_by_pairs(codes, difference):
    """Return alpha by its words: the mean difference within units over that of all pairs."""
    units = [[code for code in unit if code is not None] for unit in codes]
    units = [unit for unit in units if len(unit) > 1]
    pooled = [code for unit in units for code in unit]
    within = sum(
        difference(a, b) / (len(unit) - 1)
        for unit in units
        for a, b in itertools.permutations(unit, 2)
    )
    anywhere = sum(difference(a, b) for a, b in itertools.permutations(pooled, 2))
    return 1 - (within / len(pooled)) / (anywhere / (len(pooled) * (len(pooled) - 1)))


@given(TABLES)
@settings(max_examples=30)
def test_alpha_by_a_plainer_road(codes):
    if len({code for unit in codes for code in unit}) == 1:
        return
    codes = [[None, *unit[1:]] if place % 3 == 0 else unit for place, unit in enumerate(codes)]
    pooled = [code for unit in codes for code in unit if code is not None]
    if len(set(pooled)) == 1:
        return

    def ranks_between(a, b):
        a, b = min(a, b), max(a, b)
        inside = sum(a <= code <= b for code in pooled)
        return (inside - (pooled.count(a) + pooled.count(b)) / 2) ** 2

    for level, difference in [
        ("nominal", lambda a, b: a != b),
        ("interval", lambda a, b: (a - b) ** 2),
        ("ratio", lambda a, b: ((a - b) / (a + b)) ** 2),
        ("ordinal", lambda a, b: 0 if a == b else ranks_between(a, b)),
    ]:
        found = krippendorff_alpha(codes, level=level, draws=100)
        assert found.value == pytest.approx(alpha_by_pairs(codes, difference))


@given(TABLES)
@settings(max_examples=30)
def test_kappas_are_those_of_other_packages(codes):
    first, second, _ = map(list, zip(*codes, strict=True))
    for weights in ("none", "linear", "quadratic"):
        found = cohen_kappa(first, second, weights=weights, categories=[1, 2, 3], draws=100)
        if len({*first, *second}) > 1:
            name = None if weights == "none" else weights
            expected = cohen_kappa_score(first, second, labels=[1, 2, 3], weights=name)
            assert found.value == pytest.approx(expected)
        else:
            assert math.isnan(found.value)
    counts = [[unit.count(code) for code in (1, 2, 3)] for unit in codes]
    if len({code for unit in codes for code in unit}) > 1:
        found = fleiss_kappa(codes, draws=100)
        assert found.value == pytest.approx(inter_rater.fleiss_kappa(counts))


@pytest.mark.parametrize("weights", ["none", "linear", "quadratic"])
def test_the_test_of_kappa_is_that_of_statsmodels(weights):
    rng = np.random.default_rng(1)
    first = rng.integers(3, size=60)
    second = np.where(rng.random(60) < 0.6, first, rng.integers(3, size=60))
    table = np.zeros((3, 3))
    np.add.at(table, (first, second), 1)
    options = {"none": {}, "linear": {"wt": "linear"}, "quadratic": {"wt": "quadratic"}}[weights]
    expected = inter_rater.cohens_kappa(table, **options)
    found = cohen_kappa(first, second, weights=weights)
    assert found.value == pytest.approx(expected.kappa)
    assert found.statistic == pytest.approx(expected.kappa / expected.std_kappa0)
    assert found.p_value == pytest.approx(2 * expected.pvalue_one_sided)


def test_gwets_own_example():
    # Gwet (2008), table 4: of 125 units, 118 and 0 alike, 5 and 2 not: kappa -.0234, AC1 .9408.
    codes = [[1, 1]] * 118 + [[1, 2]] * 5 + [[2, 1]] * 2
    assert gwet_ac1(codes).value == pytest.approx(0.9408, abs=5e-5)
    assert cohen_kappa(*zip(*codes, strict=True)).value == pytest.approx(-0.0234, abs=5e-5)


def test_ac1_with_missing_codes_by_hand():
    # Pairs: 1 of 1, 0 of 1, 1/3 of 3; shares of "a": 1, 1/2, 2/3, 1; P_e = 2 s (1 - s), s = 19/24.
    codes = [["a", "a", None], ["a", "b", None], ["a", "a", "b"], ["a", None, None]]
    seen, chance = (1 + 0 + 1 / 3) / 3, 2 * 19 / 24 * 5 / 24
    found = gwet_ac1(codes)
    assert (found.observed, found.expected) == pytest.approx((seen, chance))
    assert found.value == pytest.approx((seen - chance) / (1 - chance))
    assert found.n == 3


def test_percent_is_wilsons_for_two_coders_and_a_mean_for_more():
    two = [[1, 1], [1, 2], [2, 2], [None, 1], [2, 2]]
    assert percent_agreement(two) == proportion(3, 4)
    three = [[1, 1, 1], [1, 1, 2], [1, 2, 3], [2, 2, None]]
    found = percent_agreement(three)
    assert found.value == pytest.approx((1 + 1 / 3 + 0 + 1) / 4)
    assert found.ci.low < found.value < found.ci.high
    assert percent_agreement(three, of="units") == proportion(2, 4)


@pytest.mark.parametrize("measure", MEASURES)
def test_perfect_agreement_is_one_without_an_interval(measure):
    found = MEASURES[measure]([[1, 1], [2, 2], [1, 1]])
    assert found.value == pytest.approx(1)
    assert math.isnan(found.ci.low)
    assert found.note == NO_SPREAD


@pytest.mark.parametrize("measure", MEASURES)
def test_one_code_only_leaves_nothing_to_measure(measure):
    found = MEASURES[measure]([["x", "x"]] * 5)
    assert math.isnan(found.value)
    assert found.note == NO_VARIATION
    assert percent_agreement([["x", "x"]] * 5).value == 1


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("codes", [np.empty((0, 2), dtype=object), [[1, None], [None, 2]]])
def test_no_pairs_are_undefined(measure, codes):
    found = MEASURES[measure](codes)
    assert math.isnan(found.value)
    assert (found.n, found.note) == (0, NO_PAIRS)
    assert math.isnan(percent_agreement(codes).value)
    assert percent_agreement(codes).note == NO_PAIRS


def test_one_unit_has_no_interval():
    found = krippendorff_alpha([[1, 2]])
    assert found.value == 0
    assert math.isnan(found.ci.low)
    assert found.note == TOO_FEW


def test_ac1_of_one_code_is_one_where_others_could_have_been_given():
    assert gwet_ac1([[0, 0]] * 5, categories=[0, 1]).value == 1


@given(TABLES, st.randoms(use_true_random=False))
@settings(max_examples=20)
def test_the_order_of_units_and_coders_does_not_matter(codes, random):
    shuffled = random.sample(codes, len(codes))
    swapped = [unit[::-1] for unit in codes]
    for measure in (krippendorff_alpha, fleiss_kappa, gwet_ac1):
        value = measure(codes, draws=100).value
        for other in (shuffled, swapped):
            assert measure(other, draws=100).value == pytest.approx(value, nan_ok=True)


def test_names_of_codes_do_not_matter_and_their_order_does():
    numbers = [[unit[0], unit[1]] for unit in CANONICAL[1:9]]
    names = {1: "d", 2: "c", 3: "b", 4: "a"}
    named = [[names[code] for code in unit] for unit in numbers]
    assert krippendorff_alpha(named).value == pytest.approx(krippendorff_alpha(numbers).value)
    order = ["d", "c", "b", "a"]
    for weights in ("linear", "quadratic"):
        assert cohen_kappa(*zip(*named, strict=True), weights=weights, categories=order).value == (
            pytest.approx(cohen_kappa(*zip(*numbers, strict=True), weights=weights).value)
        )


def test_the_same_seed_gives_the_same_interval_and_more_confidence_a_wider_one():
    one, same, other = (krippendorff_alpha(CANONICAL, rng=seed) for seed in (4, 4, 5))
    assert one == same
    assert one.ci != other.ci
    wide, narrow = (krippendorff_alpha(CANONICAL, confidence=share).ci for share in (0.99, 0.8))
    assert wide.low < narrow.low < narrow.high < wide.high


def test_many_units_are_drawn_in_parts():
    rng = np.random.default_rng(2)
    codes = rng.integers(2, size=(9000, 2))
    assert krippendorff_alpha(codes, draws=1000).ci.low == pytest.approx(
        krippendorff_alpha(codes, draws=1000, rng=1).ci.low, abs=0.01
    )


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: krippendorff_alpha([1, 2]), "codes must be a row per unit and a column per coder"),
        (lambda: krippendorff_alpha([[1, 2]], level="odd"), "level must be one of 'nominal', "),
        (lambda: krippendorff_alpha([[1, 2]], confidence=1), "confidence must be strictly between"),
        (lambda: krippendorff_alpha([[1, 2]], draws=9), "draws must be at least 100; got 9"),
        (
            lambda: krippendorff_alpha([[1, 4]], categories=[1, 2]),
            "codes must be one of 1, 2; got 4",
        ),
        (lambda: cohen_kappa([1], [1, 2]), r"the length of second must be one of \(1,\)"),
        (lambda: cohen_kappa([1], [1], weights="odd"), "weights must be one of 'none', "),
        (lambda: percent_agreement([[1, 1]], of="odd"), "of must be one of 'pairs', 'units'"),
    ],
)
def test_wrong_calls_are_told(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_categories_are_a_list_and_not_one_text():
    with pytest.raises(TypeError, match="categories must be a list, not one text; got 'ab'"):
        cohen_kappa(["a", "b"], ["a", "a"], categories="ab")


def test_codes_of_two_kinds_need_an_order():
    with pytest.raises(TypeError, match="codes must be of one kind"):
        krippendorff_alpha([[1, "x"]])
    with pytest.raises(TypeError, match="categories must be numbers"):
        krippendorff_alpha([["x", "y"]], level="interval")


@pytest.mark.parametrize(("measure", "n"), [("alpha", 60), ("alpha", 200), ("ac1", 100)])
def test_the_interval_covers_what_it_promises(measure, n):
    # Two coders who see the truth (30 % yes) through errors of 10 %, against 300,000 units of them.
    rng = np.random.default_rng(7)

    def coded(size):
        truth = rng.random(size) < 0.3
        return np.stack([truth ^ (rng.random(size) < 0.1) for _ in range(2)], axis=1).astype(int)

    truth = MEASURES[measure](coded(300_000), draws=100).value
    covered = [
        low <= truth <= high
        for low, high in (MEASURES[measure](coded(n), draws=200, rng=i).ci for i in range(250))
    ]
    assert 0.91 <= np.mean(covered) <= 0.98
