"""Patterns are found where a regular expression finds them in the letters of a unit's events."""

from __future__ import annotations

import math
import re

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxresearch.core.languages import Language
from cxresearch.journeys import Prepared, prepare
from cxresearch.journeys.counting_rules import UNITS, Unit
from cxresearch.journeys.patterns import matching_units, patterns
from tests.journeys import plain
from tests.journeys.logs import ENGINES, EVENTS, Engine, in_engine, logs, random_log

LETTERS = {name: name[0] for name in EVENTS}

names = st.lists(st.sampled_from(list(EVENTS)), min_size=1, max_size=2, unique=True)


@st.composite
def written(draw: st.DrawFn) -> tuple[str, str]:
    """Return a pattern, and the same as a regular expression over letters."""

    def one() -> tuple[str, str]:
        kind = draw(st.sampled_from(["name", "several", "but", "any"]))
        if kind == "any":
            return ".", "."
        chosen = draw(names)
        letters = "".join(LETTERS[name] for name in chosen)
        if kind == "name":
            return chosen[0], letters[0]
        if kind == "several":
            return f"({'|'.join(chosen)})", f"[{letters}]"
        return f"[^{'|'.join(chosen)}]", f"[^{letters}]"

    def gap() -> list[tuple[str, str]]:
        if draw(st.booleans()):
            return []
        text, expression = one()
        return [(f"{text}*", f"{expression}*")]

    begins, ends = draw(st.booleans()), draw(st.booleans())
    parts = [*(gap() if begins else []), one()]
    for _ in range(draw(st.integers(0, 2))):
        parts += [*gap(), one()]
    parts += gap() if ends else []
    text = "->".join(text for text, _ in parts)
    expression = "".join(expression for _, expression in parts)
    signs = "^" * begins, "$" * ends
    return signs[0] + text + signs[1], signs[0] + expression + signs[1]


def found(prepared: Prepared, text: str, unit: Unit = "session") -> set[plain.Key]:
    rows = matching_units(prepared, text, unit=unit).collect().rows(named=True)
    keys = [(row["customer_id"], row["unit"]) for row in rows]
    assert len(keys) == len(set(keys))
    return set(keys)


@pytest.mark.slow
@settings(max_examples=12)
@given(
    log=logs(customers=4, events=60),
    chosen=st.lists(written(), min_size=6, max_size=6),
    unit=st.sampled_from(UNITS),
)
def test_a_pattern_is_found_where_a_regular_expression_is(
    log: pd.DataFrame, chosen: list[tuple[str, str]], unit: Unit
):
    prepared = prepare(log)
    units = plain.units_of(prepared, unit)
    letters = {key: "".join(LETTERS[s.event] for s in steps) for key, steps in units.items()}
    for text, expression in chosen:
        expected = {key for key, word in letters.items() if re.search(expression, word)}
        assert found(prepared, text, unit) == expected, text


@pytest.mark.parametrize(
    ("text", "followed"),
    [
        ("view->cart", [1, 2, 5]),
        ("view->.*->buy", [1, 4]),
        ("cart->[^buy]*$", [2, 3, 5]),
        ("cart->[^buy]*->$", [2, 3, 5]),
        ("^view", [1, 2, 4]),
        ("^[^view]*->cart", [3]),
        ("buy$", [1, 4]),
        ("^view->home*->buy$", [4]),
        ("view->(cart|home)->(cart|buy)", [1, 4, 5]),
        ("cart->cart", [5]),
        ("cart->.*->cart", [5]),
        ("^.->.$", [2]),
        ("[^view|cart]", [1, 3, 4, 5]),
    ],
)
def test_each_sign_means_what_it_says(text: str, followed: list[int]):
    prepared = plain.journeys(
        "1: view cart buy",
        "2: view cart",
        "3: cart home home",
        "4: view home buy",
        "5: home view cart cart",
    )
    units = matching_units(prepared, text).collect().rows(named=True)
    assert sorted(int(row["customer_id"]) for row in units) == followed


def test_a_customer_is_followed_across_sessions():
    prepared = plain.journeys("A: view", "A: buy", "B: view buy")
    table = patterns(prepared, ["view->buy"], unit="customer").frame
    assert table[["count", "of"]].to_numpy().tolist() == [[2, 2]]
    assert patterns(prepared, ["view->buy"]).frame["count"].tolist() == [1]


def test_shares_have_the_interval_of_customers():
    prepared = prepare(random_log(2))
    units = plain.units_of(prepared, "session")
    texts = ["view->.*->buy", "home", "never->buy", "buy->[^home]*->buy"]
    result = patterns(prepared, texts)
    assert result.frame["pattern"].tolist() == texts
    for row in result.frame.itertuples():
        inside = found(prepared, row.pattern)
        assert (row.of, row.units) == (len(units), len(inside))
        assert row.customers == len({customer for customer, _ in inside})
        shown = (row.share, row.ci_low, row.ci_high)
        assert shown == pytest.approx(plain.share(inside, units))


def test_a_pattern_that_nobody_follows_has_an_interval_from_zero():
    prepared = plain.journeys(*(f"{k}: view" for k in range(20)))
    (row,) = patterns(prepared, ["view->view"]).frame.to_dict("records")
    assert (row["count"], row["of"], row["n"], row["share"], row["ci_low"]) == (0, 20, 20, 0, 0)
    assert 0.1 < row["ci_high"] < 0.3  # Wilson by t with 20 customers: t**2 / (20 + t**2) = 0.18


def test_an_event_that_never_happened_is_told():
    prepared = plain.journeys("A: view", "B: view cart")
    assert patterns(prepared, ["view->cart"]).note == ""
    result = patterns(prepared, ["view->cart", "[^bye]", "view->card"])
    assert result.frame["count"].tolist() == [1, 2, 0]
    assert result.note == "events that never happened: bye, card"
    told = result.note_in(Language("it"))
    assert told == "eventi che non si sono mai verificati: bye, card"


def test_checks_compare_each_count_with_its_list():
    result = patterns(plain.journeys("A: view", "B: view cart"), ["view", "buy"])
    assert list(result.checks()) == [
        ("units that follow view = rows of their list", 2, 2),
        ("units that follow buy = rows of their list", 0, 0),
    ]


def test_patterns_can_name_labels():
    labels = {"view": "looking", "home": "looking", "buy": "buying"}
    prepared = plain.journeys("A: home view buy", "B: home view", "C: buy home")
    result = patterns(prepared, ["looking->buying", "looking->looking"], labels=labels)
    assert result.frame["count"].tolist() == [1, 2]
    assert result.note == ""


@pytest.mark.parametrize("engine", ENGINES)
def test_every_engine_finds_the_same(engine: Engine):
    log = random_log(3, ties=True)
    texts = ["view->[^cart]*->buy", "^home->.*->pay$"]
    tables = [patterns(prepare(frame), texts).frame for frame in (log, in_engine(log, engine))]
    pd.testing.assert_frame_equal(*tables)


def test_without_events_shares_are_undefined():
    (row,) = patterns(prepare(random_log(0).iloc[:0]), ["view"]).frame.to_dict("records")
    assert (row["count"], row["of"], row["n"]) == (0, 0, 0)
    assert math.isnan(row["share"])


def test_a_text_that_is_no_pattern_is_refused():
    with pytest.raises(ValueError, match=r"an event is missing at character 7\); got 'view->'"):
        patterns(plain.journeys("A: view"), ["view", "view->"])


def test_patterns_are_a_list_of_texts():
    with pytest.raises(TypeError, match="texts must be a list, not one text; got 'view->cart'"):
        patterns(plain.journeys("A: view"), "view->cart")
    with pytest.raises(ValueError, match=r"texts must be at least 1 long; got \(\)"):
        patterns(plain.journeys("A: view"), [])
