"""Drivers are what a plain look at the events before the goal says, and chance is no driver."""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from dataclasses import replace
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxresearch.core import phrasing
from cxresearch.core.languages import Language
from cxresearch.journeys import prepare
from cxresearch.journeys.counting_rules import UNITS, Unit, reconcile
from cxresearch.journeys.drivers import Drivers, drivers
from tests.journeys import plain
from tests.journeys.logs import ENGINES, Engine, in_engine, logs, random_log

#: Kind, event, other event; whether the unit converted.
Feature = tuple[str, str, str]


def before(
    units: dict[plain.Key, list[plain.Step]],
) -> dict[plain.Key, tuple[bool, list[plain.Step]]]:
    """Return whether each unit buys, and its steps before that."""
    found = {}
    for key, steps in units.items():
        names = [step.event for step in steps]
        converted = "buy" in names
        found[key] = converted, steps[: names.index("buy")] if converted else steps
    return found


def by_hand(units: dict[plain.Key, list[plain.Step]]) -> dict[Feature, Counter[tuple[bool, bool]]]:
    """Return, per feature, the units by whether they convert and whether they have it."""
    counts: dict[Feature, Counter[tuple[bool, bool]]] = {}

    def count(feature: Feature, converted: bool, there: bool) -> None:
        counts.setdefault(feature, Counter())[converted, there] += 1

    parts = before(units)
    events = sorted({step.event for _, steps in parts.values() for step in steps})
    after = {
        event: [
            next(step.ts_us for step in steps if step.event == event) - units[key][0].ts_us
            for key, (_, steps) in parts.items()
            if event in [step.event for step in steps]
        ]
        for event in events
    }
    for key, (converted, steps) in parts.items():
        names = [step.event for step in steps]
        for event in events:
            count(("has", event, ""), converted, event in names)
            if event in names:
                first = steps[names.index(event)].ts_us - units[key][0].ts_us
                count(("again", event, ""), converted, names.count(event) > 1)
                count(("soon", event, ""), converted, first <= np.median(after[event]))
        for one, other in combinations(sorted(set(names)), 2):
            count(("before", one, other), converted, names.index(one) < names.index(other))
    return {feature: found for feature, found in counts.items() if any(there for _, there in found)}


def features(result: Drivers) -> dict[Feature, dict[str, object]]:
    rows = result.frame.to_dict("records")
    return {(row["kind"], row["event"], row["other"]): row for row in rows}


@settings(max_examples=5)
@given(log=logs(customers=8, events=120), unit=st.sampled_from(UNITS))
def test_features_are_those_of_a_plain_look_before_the_goal(log: pd.DataFrame, unit: Unit):
    prepared = prepare(log)
    if "buy" not in prepared.events:
        return
    units = plain.units_of(prepared, unit)
    expected = by_hand(units)
    result = drivers(prepared, goal="buy", unit=unit)
    found = features(result)
    assert set(found) == set(expected)
    for feature, row in found.items():
        counts = expected[feature]
        for name, converted in (("other", False), ("converted", True)):
            there, lacking = counts[converted, True], counts[converted, False]
            share = there / (there + lacking) if there + lacking else math.nan
            assert row[f"count_{name}"] == there
            assert row[f"share_{name}"] == pytest.approx(share, nan_ok=True)
    assert result.converted == sum(converted for converted, _ in before(units).values())
    assert result.units == len(units)
    assert reconcile(result)["agrees"].all()


def test_what_comes_with_or_after_the_goal_is_no_driver():
    prepared = plain.journeys(
        *(f"{k}: view buy thanks thanks" for k in range(20)), *(f"{k}: view" for k in range(20, 40))
    )
    found = features(drivers(prepared, goal="buy"))
    assert {event for _, event, _ in found} == {"view"}


def test_the_same_length_compares_like_with_like():
    # Two events before the goal; of the others, those with two events have a view half the time.
    prepared = plain.journeys(
        "a: view view buy", "b: cart view buy", "c: cart view", "d: cart cart", "e: cart", "f: cart"
    )
    row = features(drivers(prepared, goal="buy"))["has", "view", ""]
    assert (row["share_converted"], row["share_other"], row["same_length"]) == (1, 0.25, 0.5)
    assert math.isnan(features(drivers(prepared, goal="buy"))["again", "view", ""]["same_length"])


def planted(seed: int, effect: float, customers: int = 1_200) -> pd.DataFrame:
    """Return customers with two visits each of up to five events; who reads reviews buys more."""
    rng = np.random.default_rng(seed)
    rows = []
    for customer in range(customers):
        taste = rng.normal(0, 0.7)
        for visit in range(2):
            at = pd.Timestamp("2026-05-01") + pd.Timedelta(days=visit, minutes=customer)
            names = list(rng.choice(["view", "search", "reviews", "home"], rng.integers(2, 6)))
            chance = 1 / (1 + math.exp(1 - taste - effect * ("reviews" in names)))
            names += ["buy"] if rng.random() < chance else []
            rows += [(f"c{customer}", at + pd.Timedelta(seconds=k), e) for k, e in enumerate(names)]
    return pd.DataFrame(rows, columns=["customer_id", "ts", "event"])


def test_a_planted_driver_is_found_and_confirmed():
    result = drivers(prepare(planted(1, effect=1.0)), goal="buy")
    best = result.confirmed.iloc[0]
    assert (best["kind"], best["event"]) == ("has", "reviews")
    assert best["difference"] > 0.1
    assert best["odds_ratio"] > 1.5
    assert best["ci_low"] < best["difference"] < best["ci_high"]
    assert len(result.confirmed) < 4


def test_chance_is_not_confirmed():
    confirmed = [
        len(drivers(prepare(planted(seed, effect=0.0, customers=150)), goal="buy").confirmed)
        for seed in range(4)
    ]
    assert sum(confirmed) == 0


def test_customers_are_halved_by_their_name_and_the_seed():
    prepared = prepare(planted(3, effect=1.0, customers=300))
    result = drivers(prepared, goal="buy", seed=7)
    names = {f"c{k}" for k in range(300)}
    first = {
        name for name in names if hashlib.md5(f"7:{name}".encode()).hexdigest()[0] in "01234567"
    }
    units = plain.units_of(prepared, "session")
    own = {key: steps for key, steps in units.items() if key[0] in first}
    counts = by_hand(own)["has", "reviews", ""]
    shares = [counts[c, True] / (counts[c, True] + counts[c, False]) for c in (False, True)]
    row = features(result)["has", "reviews", ""]
    assert row["difference_found"] == pytest.approx(shares[1] - shares[0])
    assert 120 < len(first) < 180


def test_a_customer_more_moves_no_other_to_the_other_half():
    log = planted(3, effect=1.0, customers=100)
    more = pd.concat([log, log.iloc[:4].assign(customer_id="a")])
    assert len(drivers(prepare(more), goal="buy").frame) >= len(
        drivers(prepare(log), goal="buy").frame
    )


@pytest.mark.parametrize("engine", ENGINES)
def test_every_engine_finds_the_same(engine: Engine):
    log = random_log(3)
    tables = [drivers(prepare(frame), goal="buy").frame for frame in (log, in_engine(log, engine))]
    pd.testing.assert_frame_equal(*tables)


def test_only_the_order_of_common_events_is_looked_at():
    prepared = prepare(random_log(5))
    kinds = [
        drivers(prepared, goal="buy", common=k).frame["kind"].eq("before").sum() for k in (0, 2)
    ]
    assert kinds == [0, 1]


def test_the_note_says_that_it_is_no_cause():
    result = drivers(plain.journeys("A: view buy", "B: view"), goal="buy")
    assert "only an experiment tells" in result.note
    assert "features not tested, with too few customers: 2" in result.note
    assert "solo un test dice" in result.note_in(Language("it"))
    assert "No event before buy sets" in result._repr_html_()  # as on a page: none is confirmed


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"goal": "bye"}, "goal must be among the events that happened; got 'bye'"),
        ({"common": -1}, "common must be at least 0; got -1"),
        ({"fdr": 0}, "fdr must be strictly between 0 and 1; got 0"),
        ({"seed": 0.5}, "seed must be a whole number; got 0.5"),
    ],
)
def test_a_bad_argument_is_named(options: dict[str, object], words: str):
    with pytest.raises((ValueError, TypeError), match=words):
        drivers(plain.journeys("A: view buy"), **{"goal": "buy", **options})


def test_what_buyers_do_is_said_where_equal_length_says_the_same():
    result = drivers(prepare(planted(1, effect=1.0)), goal="buy")
    (more, *_) = result.sentences()
    row = result.confirmed.iloc[0]
    assert phrasing.plain(*more, Language()).startswith(
        "More often in sessions with buy than in others of equal length: "
        f"reviews ({row['share_converted']:.0%}, others {row['same_length']:.0%})"
    )
    (none,) = result.sentences(apart_from=["reviews", "view", "search", "home"])
    # The table shows these as confirmed: the sentence does not say that there are none.
    assert phrasing.plain(*none, Language()).startswith(
        "No event before buy, apart from the steps to it, sets apart"
    )
    # Where equal length turns it round, nothing is said of it.
    turned = replace(result, frame=result.frame.assign(same_length=1.0))
    assert "More often" not in str([phrasing.plain(*one, Language()) for one in turned.sentences()])
