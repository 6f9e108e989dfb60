"""Comparisons of two groups, their sums taken again from one array per cell, and false alarms."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxresearch.core.languages import Language
from cxresearch.journeys import compare, entry_view, exit_view, prepare, step_view, transition_view
from cxresearch.journeys._pair_sums import PairCounts, PairSums
from cxresearch.journeys.compare import cell_tests
from tests.journeys.logs import ENGINES, in_engine, logs, random_log
from tests.journeys.plain import journeys

GROUPS = ("desktop", "mobile")


def rows_of(view, by):
    """Return what a view counts, and what that is a share of, as plain frames with a group."""
    split = view.split(by)
    both = (rows.collect().to_native().to_pandas() for rows in (split.counted, split.based))
    return [rows[rows[by].isin(GROUPS)] for rows in both]


def by_hand(view, by):
    """Return the sums of every cell from one number per customer and group."""
    counted, based = rows_of(view, by)
    expected = []
    for key, cell in counted.groupby(list(view.keys)):
        values = dict(zip(view.keys, key, strict=True))
        base = based
        for name in view.base:
            base = base[base[name] == values[name]]
        customers = sorted(base["customer_id"].unique())
        x, y = (
            [
                rows[rows[by] == group]["customer_id"].value_counts().reindex(customers).fillna(0)
                for group in GROUPS
            ]
            for rows in (cell, base)
        )
        first, second = ((x[i].to_numpy(dtype=float), y[i].to_numpy(dtype=float)) for i in range(2))
        expected.append(PairSums.from_arrays(view.named(values), first, second))
    return expected


def views_of(prepared):
    return [
        transition_view(prepared, unit="customer"),
        transition_view(prepared, base="target", at="start"),
        step_view(prepared, steps=3),
        entry_view(prepared),
        exit_view(prepared, unit="order"),
    ]


@pytest.mark.slow
@given(logs(customers=6, events=60), st.integers(0, 4))
@settings(max_examples=8)
def test_the_sums_are_those_of_plain_arrays(log, place):
    view = views_of(prepare(log))[place]
    found = {tuple(one.cell.values()): one for one in PairCounts.of(view, "device", GROUPS).sums()}
    assert found == {tuple(one.cell.values()): one for one in by_hand(view, "device")}


@pytest.mark.slow
def test_a_table_is_what_was_judged_of_its_sums():
    view = transition_view(prepare(random_log(1, customers=40, events=2000)))
    found = compare(view, by="device", first="desktop", second="mobile")
    expected = cell_tests(by_hand(view, "device"))
    both = expected.merge(found.frame, on=["source", "target"], suffixes=("_hand", ""))
    assert len(both) == len(found.frame) == len(expected)
    for name in list(expected)[2:]:
        pd.testing.assert_series_equal(both[f"{name}_hand"], both[name], check_names=False)
    assert found.tests == expected["tested"].sum() > 0


def test_groups_of_other_customers_are_counted_apart():
    prepared = prepare(
        pd.DataFrame(
            {
                "customer_id": [f"c{i}" for i in range(60)],
                "ts_us": range(60),
                "event": ["view"] * 20 + ["cart"] * 10 + ["view"] * 5 + ["cart"] * 25,
                "device": ["a"] * 30 + ["b"] * 30,
            }
        )
    )
    found = compare(entry_view(prepared), by="device", first="a", second="b")
    row = found.frame.set_index("event").loc["cart"]
    assert (row["count_first"], row["count_second"]) == (10, 25)
    assert row["difference"] == pytest.approx(25 / 30 - 10 / 30)
    assert (found.n_first, found.n_second, found.n_both, found.note) == (30, 30, 0, "")
    assert found.significant["event"].tolist() == ["cart", "view"]
    assert found.matrix("difference")["view"].tolist() == pytest.approx([-0.5])


def test_a_customer_in_both_groups_is_paired_and_reported():
    log = random_log(2, customers=40, events=1500)
    prepared = prepare(log)
    found = compare(transition_view(prepared), by="device", first="desktop", second="mobile")
    seen = prepared.steps("session").collect().to_native().to_pandas()
    on = [set(seen[seen["device"] == group]["customer_id"]) for group in GROUPS]
    assert (found.n_first, found.n_second, found.n_both) == (*map(len, on), len(on[0] & on[1]))
    told = f"customers in both groups, compared with themselves: {found.n_both}"
    assert found.note.startswith(told)
    assert found.n_both > 30
    assert (found.frame["n_both"] > 0).any()


def test_who_does_the_same_in_both_groups_shows_no_difference_at_all():
    """Paired, 40 customers who each do on one device what they do on the other."""
    rng = np.random.default_rng(3)
    log = random_log(3, customers=40, events=400, ties=False).assign(device="desktop")
    log["event"] = rng.choice(["home", "view"], len(log))
    day = pd.Timedelta(days=30)
    twin = log.assign(device="mobile", ts=log["ts"] + day)
    found = compare(
        transition_view(prepare(pd.concat([log, twin]))),
        by="device", first="desktop", second="mobile",
    )  # fmt: skip
    assert (found.frame["difference"] == 0).all()
    assert found.n_both == found.n_first == found.n_second
    assert found.tests == 0


def test_cells_with_few_customers_are_shown_and_not_tested():
    few = [f"a{i}: view cart" for i in range(9)] + [f"b{i}: view" for i in range(30)]
    log = journeys(*few)
    rows = log.frame.collect().to_native().to_pandas()
    names = pd.DataFrame(
        {
            "customer_id": rows["customer_id"],
            "ts_us": rows["ts_us"],
            "event": [log.events[code] for code in rows["event"]],
            "device": rows["customer_id"].str[0],
        }
    )
    found = compare(transition_view(prepare(names)), by="device", first="a", second="b")
    assert not found.frame["tested"].any()
    assert found.frame["p_value"].isna().all()
    assert found.note == f"shares not tested, with too few customers: {len(found.frame)}"
    row = found.frame.query("source == 'view' and target == 'cart'").iloc[0]
    assert (row["share_first"], row["share_second"], row["n_first"]) == (1.0, 0.0, 9)
    assert row["ci_low"] == row["difference"] == -1 < row["ci_high"] < 0


@pytest.mark.parametrize(("customers", "tested"), [(9, False), (10, True)])
def test_a_group_of_nine_is_too_small_however_often_they_move(customers, tested):
    first = np.arange(40) < customers
    x, y = 1.0 + np.arange(40) % 2, np.full(40, 3.0)
    one = PairSums.from_arrays({"event": "view"}, (x * first, y * first), (x * ~first, y * ~first))
    assert one.expected == customers
    assert cell_tests([one])["tested"].tolist() == [tested]


@pytest.mark.parametrize(
    ("never", "at_times", "always", "tested"),
    [(10, 0, 10, True), (0, 20, 0, True), (11, 9, 0, False), (0, 9, 11, False)],
)
def test_the_smaller_group_must_expect_five_on_either_side(never, at_times, always, tested):
    """Two groups of 10 customers, so that each may expect half of those on either side."""
    x, y = np.repeat([0.0, 1.0, 2.0], [never, at_times, always]), np.full(20, 2.0)
    first = np.arange(20) % 2 == 0
    one = PairSums.from_arrays({"event": "view"}, (x * first, y * first), (x * ~first, y * ~first))
    assert (one.having, one.lacking) == (at_times + always, never + at_times)
    # Nine moves more of one customer, or there is nothing to test where all do the same.
    varied = replace(one, first=replace(one.first, xx=one.first.xx + 9))
    assert cell_tests([varied])["tested"].tolist() == [tested]


@pytest.mark.slow
@pytest.mark.parametrize("engine", ENGINES[1:])
def test_every_engine_gives_the_same(engine):
    log = random_log(5, customers=30, events=900)
    tables = [
        compare(step_view(prepare(one)), by="device", first="mobile", second="desktop").frame
        for one in (in_engine(log, engine), log)
    ]
    pd.testing.assert_frame_equal(*tables)


def test_swapping_the_groups_flips_every_sign():
    view = transition_view(prepare(random_log(6, customers=40, events=1500)))
    one = compare(view, by="device", first="desktop", second="mobile").frame
    other = compare(view, by="device", first="mobile", second="desktop").frame
    pd.testing.assert_series_equal(one["difference"], -other["difference"])
    pd.testing.assert_series_equal(one["p_adjusted"], other["p_adjusted"])


def test_a_planted_difference_is_found_and_the_rest_is_not():
    rng = np.random.default_rng(1)
    visits = []
    for place in range(400):
        error = rng.random() < (0.4 if place % 2 else 0.05)
        visits.append(f"{'mb'[place % 2 == 0]}{place}: view pay {'error' if error else 'buy'}")
    log = journeys(*visits)
    rows = log.frame.collect().to_native().to_pandas()
    names = rows[["customer_id", "ts_us"]].assign(
        event=[log.events[code] for code in rows["event"]], device=rows["customer_id"].str[0]
    )
    found = compare(transition_view(prepare(names)), by="device", first="b", second="m")
    assert found.significant[["source", "target"]].to_numpy().tolist() in (
        [["pay", "error"], ["pay", "buy"]], [["pay", "buy"], ["pay", "error"]],
    )  # fmt: skip
    row = found.frame.query("source == 'pay' and target == 'error'").iloc[0]
    assert row["ci_low"] <= 0.35 <= row["ci_high"]


def test_p_values_are_adjusted_for_every_cell_that_was_tested():
    """Benjamini and Hochberg by hand: p times cells over rank, and no less than those above."""
    rng = np.random.default_rng(3)
    flips = rng.random((40, 2, 60)) < 0.3
    nobody, everyone = np.zeros(60), np.ones(60)
    pairs = [
        PairSums.from_arrays(
            {"event": f"e{place}"},
            (np.r_[first, nobody], np.r_[everyone, nobody]),
            (np.r_[nobody, second], np.r_[nobody, everyone]),
        )
        for place, (first, second) in enumerate(flips)
    ]
    table = cell_tests(pairs, fdr=0.05).sort_values("p_value", ignore_index=True)
    assert table["tested"].all()
    raw = table["p_value"].to_list()
    by_hand = [min(1, *(p * 40 / rank for rank, p in enumerate(raw, 1) if p >= one)) for one in raw]
    assert table["p_adjusted"].to_list() == pytest.approx(by_hand)
    assert raw[0] <= 0.05  # of forty cells in which nothing differs some have such a p
    assert not table["significant"].any()


def test_what_takes_every_move_as_independent_raises_many():
    """The customers of the same splits, taken for as many as they have moves."""
    alarmed = 0
    for seed in range(40):
        rng = np.random.default_rng([7, seed])
        y = 1 + rng.poisson(5, 150)
        x = rng.binomial(y, rng.beta(0.6, 1.4, 150))
        moves = np.concatenate([np.arange(k) < own for own, k in zip(x, y, strict=True)])
        second = np.repeat(rng.random(150) < 0.5, y)
        one, nought = np.ones(moves.size), np.zeros(moves.size)
        sides = [(moves * there + nought, one * there) for there in (~second, second)]
        alarmed += cell_tests([PairSums.from_arrays({"event": "view"}, *sides)])[
            "significant"
        ].any()
    assert alarmed / 40 > 0.12


def test_the_note_is_said_in_italian():
    view = transition_view(prepare(random_log(2)))
    found = compare(view, by="device", first="desktop", second="mobile")
    assert found.note_in(Language("it")).startswith("clienti presenti in entrambi i gruppi")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"by": "city"}, "by must be one of .*'device'.*; got 'city'"),
        ({"first": "tv"}, "first must be one of 'desktop', 'mobile'; got 'tv'"),
        ({"second": "tv"}, "second must be one of 'mobile'; got 'tv'"),
        ({"second": "desktop"}, "second must be one of 'mobile'; got 'desktop'"),
        ({"fdr": 0}, "fdr must be strictly between 0 and 1; got 0"),
        ({"confidence": 95}, "confidence must be strictly between 0 and 1; got 95"),
    ],
)
def test_a_bad_argument_is_named(options, words):
    view = entry_view(prepare(random_log(1)))
    with pytest.raises(ValueError, match=f"^{words}$"):
        compare(view, **{"by": "device", "first": "desktop", "second": "mobile", **options})


def test_without_cells_there_is_nothing_to_judge():
    table = cell_tests([])
    assert table.empty
    assert list(table)[-2:] == ["p_adjusted", "significant"]
