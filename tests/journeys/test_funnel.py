"""Every rule of a funnel by a case worked by hand, its rates by a plainer road."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd
import pytest

from cxresearch.core.languages import Language
from cxresearch.core.unit_sums import RatioSums
from cxresearch.journeys import CountingRules, Funnel, Prepared, days, funnel, prepare
from cxresearch.stats.shares.proportions import clustered_proportion, proportion
from tests.journeys import ways
from tests.journeys.logs import ENGINES, in_engine, random_log

STEPS = ["view", "cart", "buy"]


def log(*lines: str, **columns: list[Any]) -> Prepared:
    """Return the events of lines such as ``"A: view 0, cart 5"``, the minutes after ten o'clock."""
    rows = []
    for line in lines:
        customer, events = line.split(":")
        for event in events.split(","):
            name, minute = event.split()
            moment = pd.Timestamp("2026-05-01 10:00") + pd.Timedelta(minutes=float(minute))
            rows.append((customer, moment, name))
    frame = pd.DataFrame(rows, columns=["customer_id", "ts", "event"]).assign(**columns)
    return prepare(frame, carry=list(columns))


def counts(prepared: Prepared, steps: Any = STEPS, **rules: Any) -> list[int]:
    """Return how many units reached each step, by rules of both kinds."""
    own = {
        name: rules.pop(name) for name in list(rules) if name in CountingRules.__dataclass_fields__
    }
    found = funnel(prepared, steps, rules=CountingRules(**own), **rules)
    return [step.units for step in found.steps]


def test_a_step_counts_after_the_step_before_it():
    shop = log("A: view 0, cart 1, buy 2", "B: cart 0, view 1", "C: view 0, buy 1, cart 2")
    assert counts(shop) == [3, 2, 1]


def test_a_unit_counts_once_however_often_it_comes():
    shop = log("A: view 0, view 1, cart 2, cart 3", "B: view 0")
    assert counts(shop, ["view", "cart"]) == [2, 1]


def test_strict_steps_follow_one_right_after_the_other():
    shop = log("A: view 0, cart 1, buy 2", "B: view 0, home 1, cart 2", "C: view 0, view 1, cart 2")
    assert counts(shop, order="strict") == [3, 2, 1]
    assert counts(shop, order="ordered") == [3, 3, 1]


def test_in_any_order_all_steps_so_far_must_have_happened():
    shop = log("A: buy 0, cart 1, view 2", "B: buy 0, view 1", "C: buy 0, cart 1")
    assert counts(shop, order="any") == [2, 1, 1]


def test_in_any_order_the_window_holds_all_of_them():
    shop = log("A: buy 0, cart 5, view 10", "B: buy 0, cart 5, view 11", "C: home 60")
    assert counts(shop, order="any", window_s=600) == [2, 2, 1]


def test_the_window_runs_from_the_start_and_its_end_belongs_to_it():
    shop = log("A: view 0, cart 10, buy 20", "B: view 0, cart 10, buy 21", "C: home 90")
    assert counts(shop, window_s=20 * 60) == [2, 2, 1]


def test_a_window_from_the_step_before_starts_anew_at_each_step():
    shop = log("A: view 0, cart 10, buy 20", "B: view 0, cart 11, buy 12", "C: home 90")
    assert counts(shop, window_s=10 * 60, window_from="previous") == [2, 1, 1]
    assert counts(shop, window_s=10 * 60, window_from="start") == [2, 1, 0]


def test_any_entry_may_be_the_start_or_only_the_first():
    shop = log("A: view 0, view 30, cart 35, buy 40", "B: home 90")
    assert counts(shop, window_s=600, reentry="any") == [1, 1, 1]
    assert counts(shop, window_s=600, reentry="first") == [1, 0, 0]


def test_a_late_start_must_not_hide_an_early_one():
    # The latest start before the purchase has no cart after it.
    shop = log("A: view 0, cart 5, view 8, buy 9", "B: home 90")
    assert counts(shop, window_s=600) == [1, 1, 1]


def test_events_at_one_moment_go_by_their_row_or_not_at_all():
    shop = log("A: view 0, cart 0, buy 0", "B: cart 0, view 0")
    assert counts(shop, ties="row order") == [2, 1, 1]
    assert counts(shop, ties="later") == [2, 0, 0]


def test_one_event_serves_one_step():
    shop = log("A: view 0", "B: view 0, view 1", "C: view 0, view 0")
    assert counts(shop, ["view", "view"]) == [3, 2]
    assert counts(shop, ["view", "view"], ties="later") == [3, 1]
    assert counts(shop, ["view", "view"], window_s=60, immature="keep") == [3, 2]


def test_any_event_of_a_step_will_do():
    shop = log("A: view 0, app_cart 1", "B: view 0, cart 1", "C: view 0, buy 1")
    assert counts(shop, ["view", ("cart", "app_cart")]) == [3, 2]


def test_an_optional_step_is_counted_and_not_needed():
    shop = log("A: view 0, cart 1, buy 2", "B: view 0, buy 1", "C: view 0, cart 1")
    assert counts(shop, optional=["cart"]) == [3, 2, 2]
    found = funnel(shop, STEPS, optional=["cart"])
    assert [step.lost for step in found.steps] == [0, 1, 1]
    assert [round(step.step_rate.value, 3) for step in found.steps] == [1.0, 0.667, 0.667]


def test_between_strict_steps_nothing_but_the_optional_one_may_stand():
    shop = log("A: view 0, cart 1, buy 2", "B: view 0, buy 1", "C: view 0, home 1, buy 2")
    assert counts(shop, optional=["cart"], order="strict") == [3, 1, 2]


def test_an_excluded_event_undoes_a_way_and_not_the_next_one():
    shop = log(
        "A: view 0, error 1, cart 2", "B: view 0, error 1, view 2, cart 3", "C: view 0, cart 1"
    )
    assert counts(shop, ["view", "cart"]) == [3, 3]
    assert counts(shop, ["view", "cart"], exclude=["error"]) == [3, 2]
    assert counts(shop, ["view", "cart"], exclude=["error"], reentry="first") == [3, 1]


def test_an_excluded_event_counts_only_between_the_start_and_the_step():
    shop = log("A: error 0, view 1, cart 2, error 3", "B: cart 0, error 1, view 2")
    assert counts(shop, ["view", "cart"], exclude=["error"]) == [2, 1]
    assert counts(shop, ["view", "cart"], exclude=["error"], order="any") == [2, 1]


def test_a_held_column_is_the_same_all_along_the_way():
    shop = log(
        "A: view 0, cart 1, cart 2",
        "B: view 0, cart 1",
        "C: view 0, cart 1",
        page=["x", "y", "x", "x", "y", None, None],
    )
    assert counts(shop, ["view", "cart"]) == [3, 3]
    assert counts(shop, ["view", "cart"], hold="page") == [2, 1]


def test_strict_steps_of_one_page_follow_one_another_among_its_events():
    shop = log("A: view 0, view 1, cart 2", page=["x", "y", "x"])
    assert counts(shop, ["view", "cart"], order="strict", hold="page") == [1, 1]


def test_entries_whose_window_was_not_observed_are_left_out_and_counted():
    shop = log("A: view 0, cart 5", "B: view 50, cart 51", "C: view 60")
    found = funnel(shop, ["view", "cart"], rules=CountingRules(window_s=600))
    assert [step.units for step in found.steps] == [2, 2]
    assert found.immature == 1
    assert "left out, because their window was not observed to its end: 1" in found.rate.note
    kept = funnel(shop, ["view", "cart"], rules=CountingRules(window_s=600, immature="keep"))
    assert ([step.units for step in kept.steps], kept.immature) == ([3, 2], 0)
    assert "entries whose window was not observed to its end are kept" in kept.rate.note


def test_a_unit_with_a_mature_entry_stays_for_that_entry_alone():
    shop = log("A: view 0, view 58, cart 59", "B: home 60")
    assert counts(shop, ["view", "cart"], window_s=600) == [1, 0]


def test_the_end_of_observation_can_be_said():
    shop = log("A: view 0, cart 5", "B: view 50")
    later = datetime(2026, 5, 1, 11, 0)
    for end in (later, later.replace(tzinfo=UTC)):
        assert counts(shop, ["view", "cart"], window_s=600, observed_until=end) == [2, 1]
    assert counts(shop, ["view", "cart"], window_s=601, observed_until=later) == [1, 1]


def test_windows_between_steps_must_all_be_observed():
    shop = log("A: view 0, cart 9", "B: view 41", "C: buy 0, home 60")
    rules = {"window_s": 600, "window_from": "previous"}
    assert counts(shop, **rules) == [1, 1, 0]  # two windows
    assert counts(shop, ["view", "cart"], **rules) == [2, 1]  # one
    assert counts(shop, optional=["cart"], **rules) == [2, 1, 0]  # one: the cart is passed over
    assert counts(shop, optional=["buy"], **rules) == [1, 1, 0]  # two: it may come after the cart


def test_units_are_customers_sessions_or_orders():
    shop = log(
        "A: view 0, cart 5, view 60, buy 61",
        "B: view 0, cart 1, buy 2",
        order_id=["o1", "o1", "o2", "o2", "o1", "o1", None],
    )
    assert counts(shop, unit="customer") == [2, 2, 2]
    assert counts(shop, unit="session") == [3, 2, 1]
    assert counts(shop, unit="order") == [3, 2, 0]


def test_a_group_is_the_value_at_the_first_entry():
    shop = log(
        "A: home 0, view 1, cart 2",
        "B: view 0, view 1, cart 2",
        "C: view 0",
        "D: home 0",
        device=["mobile", "desktop", "mobile", "mobile", "desktop", "desktop", None, "mobile"],
    )
    found = funnel(shop, ["view", "cart"], by="device")
    cells = found.by_group().frame[["group", "step", "units"]].values.tolist()
    assert cells == [
        ["(none)", "view", 1],
        ["(none)", "cart", 0],
        ["desktop", "view", 1],
        ["desktop", "cart", 1],
        ["mobile", "view", 1],
        ["mobile", "cart", 1],
    ]
    assert "a group is the device at the first entry" in found.rate.note


def test_groups_come_the_largest_first():
    shop = log("A: view 0, buy 1", "B: view 0", "C: view 0", device=["a", "a", "b", "b"])
    assert [group.name for group in funnel(shop, ["view", "buy"], by="device").groups] == ["b", "a"]


# The rates.


def sums(found: Funnel, part: int, whole: int) -> RatioSums:
    """Return the sums over customers of the units at two steps, from all their ways."""
    per_customer: dict[str, list[int]] = {}
    for (customer, _), steps in ways.reached(found.route).items():
        pair = per_customer.setdefault(customer, [0, 0])
        pair[0] += part in steps
        pair[1] += whole in steps
    x, y = np.array([pair for pair in per_customer.values() if pair[1]]).reshape(-1, 2).T
    return RatioSums.from_arrays(x, y)


@pytest.mark.parametrize("unit", ["customer", "session"])
def test_each_rate_is_clustered_by_customer(unit: Any):
    shop = prepare(random_log(3, customers=40, events=900))
    found = funnel(shop, STEPS, rules=CountingRules(unit=unit), confidence=0.9)
    for k, step in enumerate(found.steps[1:], start=1):
        for estimate, base in ((step.rate, 0), (step.step_rate, k - 1)):
            plain = clustered_proportion(sums(found, k, base), confidence=0.9)
            assert estimate.value == pytest.approx(plain.value)
            assert estimate.ci == pytest.approx(plain.ci)
            assert estimate.n == plain.n
            assert estimate.confidence == 0.9
    assert (found.rate.value, found.rate.ci, found.rate.n) == (
        step.rate.value,
        step.rate.ci,
        step.rate.n,
    )


def test_customers_are_counted_apart_from_units():
    shop = log("A: view 0, view 60, cart 61, view 120, cart 121", "B: view 0")
    found = funnel(shop, ["view", "cart"], rules=CountingRules(unit="session"))
    assert [(step.units, step.customers) for step in found.steps] == [(4, 2), (2, 1)]


def test_sessions_of_one_customer_count_for_less_than_as_many_customers():
    lines = [f"{name}: view 0, cart 1, view 60, cart 61, view 120, cart 121" for name in "ABCDE"]
    lines += [f"{name}: view 0, view 60, view 120" for name in "FGHIJ"]
    found = funnel(log(*lines), ["view", "cart"], rules=CountingRules(unit="session"))
    naive = proportion(15, 30).ci
    assert found.rate.value == 0.5
    assert found.rate.ci.high - found.rate.ci.low > 1.5 * (naive.high - naive.low)


def test_the_entry_is_certain_by_definition():
    (entry, _) = funnel(log("A: view 0, cart 1", "B: view 0"), ["view", "cart"]).steps
    assert (entry.rate.value, *entry.rate.ci) == (1, 1, 1)
    assert (entry.step_rate.value, *entry.step_rate.ci) == (1, 1, 1)


def test_the_share_that_entered_is_of_all_units_immature_ones_among_them():
    shop = log("A: view 0, cart 1", "B: home 1, home 2", "C: view 60", "D: home 2")
    found = funnel(shop, ["view", "cart"], rules=CountingRules(window_s=600))
    assert (found.entered.value, found.entered.n, found.immature) == (0.5, 4, 1)


def test_a_population_holds_the_customers_without_events():
    shop = log("A: view 0", "B: cart 1")
    entered = funnel(shop, ["view", "cart"], population=10).entered
    plain = clustered_proportion(RatioSums.from_arrays([1] + [0] * 9, [1] * 10))
    assert (entered.value, entered.ci, entered.n) == (0.1, pytest.approx(plain.ci), 10)


def test_nobody_entered():
    shop = log("A: view 50, cart 55")
    rules = CountingRules(window_s=600)  # not observed to its end
    found = funnel(shop, ["view", "cart"], rules=rules)
    assert math.isnan(found.rate.value)
    assert all(map(math.isnan, (*found.rate.ci, *found.steps[0].rate.ci)))
    assert found.rate.note.startswith("undefined: there is nothing to divide by; people who reach")
    assert [step.units for step in found.steps] == [0, 0]
    assert (found.immature, found.entered.value) == (1, 1)


def test_a_step_that_never_happened_is_refused_with_the_nearest_names():
    shop = log("A: view 0, add_to_cart 1, Purchase 2, purchased 3")
    words = (
        "steps must be among the events that happened; got 'add_to_chart' (nearest: 'add_to_cart'),"
        " 'purchase' (nearest: 'Purchase', 'purchased'), 'xyz' (nothing like it among 'Purchase', "
        "'add_to_cart', 'purchased', ...)"
    )
    with pytest.raises(ValueError, match=f"^{re.escape(words)}$"):
        funnel(shop, ["view", "add_to_chart", ("purchase", "xyz")])


def test_no_events_at_all_are_no_steps():
    empty = prepare(random_log(1, events=0))
    with pytest.raises(ValueError, match=r"got 'view' \(no event happened\), 'cart'"):
        funnel(empty, STEPS)


def test_one_customer_has_a_rate_and_no_interval():
    found = funnel(
        log("A: view 0, cart 1, view 60"), ["view", "cart"], rules=CountingRules(unit="session")
    )
    assert found.rate.value == 0.5
    assert math.isnan(found.rate.ci.low)
    assert found.rate.note.startswith("no interval: it needs at least two independent units")


# What it says of itself.


def test_the_table_has_a_row_per_step():
    table = funnel(
        log("A: view 0, cart 1, buy 2", "B: view 0"), ["view", ("cart", "buy")]
    ).to_frame()
    assert table["step"].tolist() == ["view", "cart / buy"]
    assert table.columns.tolist() == [
        *("step", "optional", "units", "customers", "lost"),
        *("rate", "rate_low", "rate_high", "step_rate", "step_rate_low", "step_rate_high"),
    ]
    assert table["lost"].tolist() == [0, 1]


def test_it_is_recorded_as_the_rate_of_its_last_required_step():
    shop = log("A: view 0, cart 1", "B: buy 0, view 1")
    found = funnel(shop, ["view", "cart", "buy"], optional=["buy"])
    assert found.rate.to_dict()["value"] == 0.5
    assert "remarks" not in found.rate.to_dict()


def test_its_note_can_be_said_in_italian():
    shop = log("A: view 0, cart 1", "B: view 50", "C: view 0", page=["x", "x", "y", "y"])
    rules = {"rules": CountingRules(window_s=600), "hold": "page", "by": "page"}
    found = funnel(shop, ["view", "cart"], exclude=["never"], **rules)
    english, italian = (found.rate.note_in(Language(lang)).split("; ") for lang in ("en", "it"))
    assert english == found.rate.note.split("; ")
    assert len(english) == len(italian) == 5
    assert not set(english) & set(italian)
    assert "events that never happened: never" in found.rate.note


def test_without_a_window_the_note_says_who_had_less_time():
    assert (
        "the latest to enter have had the least time"
        in funnel(log("A: view 0, cart 1, buy 2"), STEPS).rate.note
    )


# Any frame, and nobody else's events.


@pytest.mark.slow
@pytest.mark.parametrize("rules", [CountingRules(), CountingRules(unit="session", window_s=1200)])
def test_all_engines_count_the_same(rules: CountingRules):
    events = random_log(5, customers=20, events=500)
    found = [
        funnel(prepare(in_engine(events, engine)), STEPS, rules=rules, by="device")
        for engine in ENGINES
    ]
    for other in found[1:]:
        pd.testing.assert_frame_equal(other.to_frame(), found[0].to_frame())
        pd.testing.assert_frame_equal(other.by_group().frame, found[0].by_group().frame)


def test_another_customer_changes_nobody_else():
    events = random_log(6, customers=10, events=200)
    until = datetime(2026, 6, 1, tzinfo=UTC)
    rules = CountingRules(window_s=3600)
    alone = funnel(prepare(events), STEPS, rules=rules, observed_until=until)
    silent = events.head(1).assign(customer_id="new", event="home")
    joined = prepare(pd.concat([silent, events], ignore_index=True))
    both = funnel(joined, STEPS, rules=rules, observed_until=until)
    pd.testing.assert_frame_equal(alone.to_frame(), both.to_frame())
    assert ways.reached(both.route) == ways.reached(
        replace(both.route, prepared=alone.route.prepared)
    )


# Bad calls.


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        ({"steps": ["view"]}, "the number of steps must be at least 2; got 1"),
        ({"steps": ["view", ()]}, r"steps must each have an event; got \(\)"),
        ({"steps": ["view", ""]}, "the event of a step must be a text that is not empty; got ''"),
        ({"optional": ["view"]}, "optional must not be the first step; got 'view'"),
        ({"optional": ["home"]}, "optional must be one of 'view', 'cart', 'buy'; got 'home'"),
        ({"exclude": ["cart"]}, "exclude must be events of no step; got 'cart'"),
        ({"hold": "page"}, "hold must be one of 'device'; got 'page'"),
        ({"by": "page"}, "by must be one of 'device'; got 'page'"),
        ({"confidence": 1}, "confidence must be strictly between 0 and 1; got 1"),
        ({"population": 0}, "population must be at least 1; got 0"),
        (
            {"population": 5, "rules": CountingRules(unit="session")},
            "unit with a population must be one of 'customer'; got 'session'",
        ),
        (
            {"rules": CountingRules(order="any", window_from="previous")},
            "window_from in any order must be one of 'start'; got 'previous'",
        ),
        (
            {"steps": ["view", "view"], "rules": CountingRules(order="any")},
            r"steps in any order must share no event; got \('view', 'view'\)",
        ),
    ],
)
def test_a_bad_rule_is_said(rules: dict[str, Any], words: str):
    shop = log("A: view 0, cart 1, buy 2", device=["mobile"] * 3)
    with pytest.raises(ValueError, match=words):
        funnel(shop, **{"steps": STEPS, **rules})


def test_bad_types_are_said():
    shop = log("A: view 0")
    with pytest.raises(TypeError, match="steps must be a list, not one text; got 'view'"):
        funnel(shop, "view")
    with pytest.raises(TypeError, match="exclude must be a list, not one text; got 'chat'"):
        funnel(shop, STEPS, exclude="chat")
    with pytest.raises(TypeError, match="optional must be a list, not one text; got 'cart'"):
        funnel(shop, STEPS, optional="cart")
    with pytest.raises(TypeError, match="observed_until must be a datetime; got '2026-05-01'"):
        funnel(shop, STEPS, observed_until="2026-05-01")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        (
            CountingRules(),
            "customers; steps in order; no window; from any entry; "
            "tied events in the order of the rows, oldest first",
        ),
        (
            CountingRules(unit="session", order="strict", window_s=days(7), ties="later"),
            "sessions; steps one right after the other; within 7 days of the start; "
            "from any entry; a step only at a later moment than the one before; "
            "entries whose window was not observed to its end left out",
        ),
        (
            CountingRules(order="any", window_s=days(1), window_from="start", immature="keep"),
            "customers; steps in any order; within 24 hours of the start; from any entry; "
            "tied events in the order of the rows, oldest first; "
            "entries whose window was not observed to its end kept",
        ),
        (
            CountingRules(unit="order", window_s=90.5, window_from="previous", reentry="first"),
            "orders; steps in order; within 90.5 s of the step before; from the first entry; "
            "tied events in the order of the rows, oldest first; "
            "entries whose window was not observed to its end left out",
        ),
    ],
)
def test_the_rules_say_all_of_themselves(rules: CountingRules, words: str):
    assert rules.remark.words(Language("en")) == words
    assert "  " not in rules.remark.words(Language("it"))
    assert not set(words.split("; ")) & set(rules.remark.words(Language("it")).split("; "))
