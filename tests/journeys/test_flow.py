"""The flow between the first steps of units, counted again from plain lists."""

from __future__ import annotations

from collections import Counter

import pandas as pd
import pytest

from cxresearch import journeys as cx_journeys
from cxresearch.journeys.transitions import flow
from tests.journeys.logs import ENGINES, in_engine, random_log
from tests.journeys.plain import journeys, share, units_of


@pytest.mark.parametrize("unit", ["session", "customer"])
@pytest.mark.parametrize("seed", range(3))
def test_the_flow_is_that_of_plain_lists(seed, unit):
    prepared = cx_journeys.prepare(random_log(seed))
    units = units_of(prepared, unit)
    expected: Counter[tuple[int, str, str]] = Counter()
    for path in units.values():
        names = [step.event for step in path]
        for place, (source, target) in enumerate(zip(names, [*names[1:], "(exit)"], strict=True)):
            if place < 4:
                expected[place + 1, source, target] += 1
    table = flow(prepared, unit=unit).to_frame()
    keys = table[["step", "source", "target"]].itertuples(index=False, name=None)
    assert dict(zip(keys, table["count"], strict=True)) == dict(expected)
    assert (table["of"] == table.groupby(["step", "source"])["count"].transform("sum")).all()
    assert table.loc[table["step"] == 1, "count"].sum() == len(units)


def test_a_share_has_the_interval_of_customers():
    prepared = journeys("A: view cart", "A: view", "B: view cart buy", "C: view", "C: view cart")
    units = units_of(prepared, "session")
    inside = [key for key, path in units.items() if len(path) > 1]
    table = flow(prepared, steps=1).to_frame()
    (row,) = table[table["target"] == "cart"].to_dict("records")
    assert (row["share"], row["ci_low"], row["ci_high"]) == pytest.approx(share(inside, units))


def test_what_flows_into_a_step_flows_out_of_it():
    table = flow(cx_journeys.prepare(random_log(4)), steps=5).to_frame()
    for step in range(2, 6):
        into = table[(table["step"] == step - 1) & (table["target"] != "(exit)")]
        out = table[table["step"] == step]
        pd.testing.assert_series_equal(
            into.groupby("target")["count"].sum(),
            out.groupby("source")["count"].sum(),
            check_names=False,
        )


@pytest.mark.parametrize("engine", ENGINES[1:])
def test_every_engine_gives_the_same(engine):
    log = random_log(5)
    there = flow(cx_journeys.prepare(in_engine(log, engine))).to_frame()
    pd.testing.assert_frame_equal(there, flow(cx_journeys.prepare(log)).to_frame())


def test_steps_are_at_least_one():
    with pytest.raises(ValueError, match=r"^steps must be at least 1; got 0$"):
        flow(journeys("A: view"), steps=0)
