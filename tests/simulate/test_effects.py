"""Each effect is found by plain pandas where it is planted, and is not there when switched off.

A value is held to 4.5 standard errors of what the tables give; a right simulator fails one of
these about once in 100,000.
"""

from __future__ import annotations

import pandas as pd
import pytest

from cxresearch import simulate
from cxresearch.simulate import Planted, Shop
from tests.simulate.__main__ import PATH, page
from tests.simulate.measures import MEASURES, ROME, Measure, Seen

SWITCHES = Planted().switchable()


@pytest.mark.parametrize("measure", MEASURES, ids=lambda one: one.name)
def test_what_is_planted_is_found(measure: Measure, seen: Seen) -> None:
    value, error = measure.found(seen)
    assert abs(value - measure.planted(seen)) <= 4.5 * error


@pytest.mark.parametrize("measure", MEASURES, ids=lambda one: one.name)
def test_what_is_switched_off_is_not_there(measure: Measure, seen_plain: Seen) -> None:
    value, error = measure.found(seen_plain)
    assert abs(value - measure.none) <= 4.5 * error


def test_every_effect_is_measured() -> None:
    assert set(SWITCHES) <= {one.name.split(":")[0] for one in MEASURES}


@pytest.fixture(scope="module")
def alone() -> Shop:
    return simulate.shop(seed=5, customers=1_500)


def happened(shop: Shop) -> pd.Series:
    """Return how often each thing happened: customer, time, event."""
    return shop.tables["events"].groupby(["customer_id", "ts", "event"]).size()


def sent(shop: Shop) -> pd.DataFrame:
    """Return what the calendar sends."""
    messages = shop.tables["messages"]
    letters = messages[messages["campaign"].isin(["nurture", "offer"])]
    chosen = letters[letters["kind"] == "sent"].drop(columns="message_id")
    return chosen.sort_values(["ts", "customer_id"], ignore_index=True)


@pytest.mark.parametrize("effect", SWITCHES)
def test_an_effect_moves_nothing_before_it_and_little_that_is_not_its_own(
    effect: str, alone: Shop
) -> None:
    without = simulate.shop(seed=5, customers=1_500, effects={effect: False})
    pd.testing.assert_frame_equal(without.tables["customers"], alone.tables["customers"])
    pd.testing.assert_frame_equal(sent(without), sent(alone))
    pd.testing.assert_frame_equal(without.answer_keys["people"], alone.answer_keys["people"])
    both = pd.concat([happened(alone), happened(without)], axis=1).fillna(0)
    moved = both[both[0] != both[1]]
    assert len(moved) < 0.15 * len(both)
    period = alone.truth["periods"].get(effect)
    if period:
        begins = pd.Timestamp(period["first"], tz=ROME)
        assert (moved.index.get_level_values("ts") >= begins).all()


def test_sizes_can_be_set_alone() -> None:
    more = simulate.shop(seed=5, customers=300, effects={"payment_error": {"after": 0.9}})
    assert more.truth["payment_error"]["after"] == 0.9
    assert more.truth["experiment"]["effect"] == 0.08


@pytest.mark.parametrize(
    ("effects", "words"),
    [
        ({"payment": False}, "effect must be one of 'arrivals', "),
        ({"funnel": False}, "effect to switch off must be one of 'payment_error', "),
        ({"social": {"more": 1}}, "value of social must be one of 'added', "),
    ],
)
def test_a_switch_that_is_not_there_is_named(effects: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        simulate.shop(customers=10, days=7, effects=effects)  # type: ignore[arg-type]


def test_the_page_of_what_is_found_is_the_one_of_these_shops(seen: Seen, seen_plain: Seen) -> None:
    assert PATH.read_text("utf-8") == page(seen, seen_plain)
