"""Sums over customers, by a plainer road."""

from __future__ import annotations

import narwhals as nw
import pandas as pd

from cxresearch import engine
from cxresearch.engine import frames

ROWS = pd.DataFrame(
    {
        "cluster": ["a", "a", "b", "c", "c"],
        "x": [1, 1, 0, 2, -2],
        "y": [1, 0, 0, 3, 0],
        "group": ["g", "h", "g", "g", "g"],
    }
)


def test_moments_are_sums_over_clusters_and_of_their_products():
    found = frames.moments(nw.from_native(ROWS).lazy(), ["x", "y"])
    per_cluster = ROWS.groupby("cluster")[["x", "y"]].sum()
    assert (found.n, found.sums["x"], found.sums["y"]) == (3, 2, 4)
    assert found.product("x", "y") == (per_cluster["x"] * per_cluster["y"]).sum()
    assert found.product("y", "y") == (per_cluster["y"] ** 2).sum()


def test_clusters_with_a_part_in_a_column_are_those_whose_sum_is_not_0():
    found = frames.moments(nw.from_native(ROWS).lazy(), ["x", "y"])
    assert (found.clusters("x"), found.clusters("y")) == (1, 2)


def test_clusters_are_counted_in_each_group():
    lazy = nw.from_native(ROWS).lazy()
    found = frames.moments_by(lazy, "group", ["x", "y"], ["g", "h", "none"])
    assert [found[group].clusters("x") for group in found] == [1, 1, 0]
    assert [found[group].clusters("y") for group in found] == [2, 0, 0]


def test_clusters_with_nothing_but_one_in_a_column_are_added_without_being_there():
    clusters = ROWS.groupby("cluster", as_index=False)[["x", "y"]].sum()
    silent = pd.DataFrame({"cluster": ["d", "e"], "x": [0, 0], "y": [1, 1]})
    whole = frames.moments(nw.from_native(pd.concat([clusters, silent])).lazy(), ["x", "y"])
    found = frames.moments_of_rows(nw.from_native(clusters).lazy(), ["x", "y"])
    assert found.n == 3
    assert found.with_others(2, "y") == whole


def test_a_sum_of_whole_numbers_is_a_whole_number():
    made = engine.lazy(pd.DataFrame({"n": [1, 2, 3]}))  # DuckDB adds them up to a decimal
    asked = {"big": frames.one(nw.col("n") > 1).sum(), "mean": nw.col("n").mean()}
    (row,) = frames.rows(made.select(**asked))
    assert (row["big"], type(row["big"]), row["mean"]) == (2, int, 2.0)
