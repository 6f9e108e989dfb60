"""The sums of the engine are those of plain pandas, in one scan, whatever values are missing."""

from __future__ import annotations

from itertools import combinations_with_replacement

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pytest

from cxresearch import engine
from cxresearch.engine import frames
from cxresearch.errors import SchemaError
from cxresearch.experiments import MetricColumns
from cxresearch.experiments.sums import group_sums

REVENUE = MetricColumns(name="revenue", kind="mean", unit="EUR", covariates=("before",))
BOUGHT = MetricColumns(name="bought", kind="proportion")
PER_VISIT = MetricColumns(name="orders_per_visit", kind="ratio", value="orders", per="visits")
METRICS = (REVENUE, BOUGHT, PER_VISIT)


def units(seed: int = 1, n: int = 500) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    before = rng.gamma(2, 20, n)
    return pd.DataFrame(
        {
            "variant": rng.choice(["a", "b", "c"], n),
            "device": rng.choice(["mobile", "desktop", None], n),
            "revenue": before * 0.5 + rng.gamma(1, 30, n),
            "before": before,
            "bought": rng.integers(0, 2, n).astype("int8"),
            "orders": rng.poisson(1.0, n),
            "visits": 1 + rng.poisson(2.0, n),
        }
    )


def plain(frame: pd.DataFrame, columns: list[str]):
    """Return what a metric's sums should be, by pandas."""
    values = frame[columns].to_numpy(dtype=float)
    products = values.T @ values
    return values.sum(axis=0), products[np.triu_indices(len(columns))]


@pytest.mark.parametrize("engine_name", ["pandas", "polars", "duckdb"])
def test_the_sums_are_those_of_pandas(engine_name):
    frame = units()
    given = {
        "pandas": lambda: frame,
        "polars": lambda: pl.from_pandas(frame).lazy(),
        "duckdb": lambda: duckdb.from_df(frame),
    }[engine_name]()
    sums = group_sums(engine.lazy(given), METRICS, by=["variant"])
    for (name,), group in sums.groups.items():
        own = frame[frame["variant"] == name]
        assert group.units == len(own)
        for metric in METRICS:
            expected = plain(own, list(metric.columns))
            found = group.metrics[metric.name]
            assert (found.n, group.missing(metric.name)) == (len(own), 0)
            np.testing.assert_allclose(own_sums(found)[0], expected[0])
            np.testing.assert_allclose(own_sums(found)[1], expected[1])


def own_sums(found) -> tuple[list[float], list[float]]:
    """Return a metric's sums, and its products by rows of the upper triangle."""
    products = [found.over.product(*two) for two in combinations_with_replacement(found.columns, 2)]
    return [found.over.sums[name] for name in found.columns], products


def test_moments_and_ratio_sums_are_those_of_the_units():
    frame = units()
    sums = group_sums(engine.lazy(frame), METRICS, by=["variant"]).groups[("a",)]
    own = frame[frame["variant"] == "a"]
    moments = sums.metrics["revenue"].moments
    np.testing.assert_allclose(moments.mean, own[["revenue", "before"]].mean())
    np.testing.assert_allclose(moments.covariance, own[["revenue", "before"]].cov())
    ratio = sums.metrics["orders_per_visit"].ratio
    assert ratio.xy == pytest.approx((own["orders"] * own["visits"]).sum())
    assert ratio.yy == pytest.approx((own["visits"] ** 2).sum())


def test_coarser_groups_add_up():
    frame = units()
    fine = group_sums(engine.lazy(frame), METRICS, by=["variant", "device"])
    coarse = group_sums(engine.lazy(frame), METRICS, by=["variant"])
    for key, group in fine.along("variant").items():
        for name, metric in group.metrics.items():
            whole = coarse.groups[key].metrics[name]
            np.testing.assert_allclose(own_sums(metric)[1], own_sums(whole)[1])
    unknown = sum(group.units for key, group in fine.groups.items() if key[1] == "unknown")
    assert unknown == frame["device"].isna().sum()


def test_units_without_an_outcome_are_left_out_of_that_metric_only():
    frame = units()
    frame.loc[::7, "revenue"] = np.nan
    sums = group_sums(engine.lazy(frame), METRICS, by=["variant"])
    for (name,), group in sums.groups.items():
        own = frame[frame["variant"] == name]
        there = own[own["revenue"].notna()]
        assert group.missing("revenue") == own["revenue"].isna().sum() > 0
        assert group.missing("bought") == 0
        np.testing.assert_allclose(
            own_sums(group.metrics["revenue"])[0], there[["revenue", "before"]].sum()
        )


def test_a_covariate_that_some_lack_is_0_with_one_that_says_who_has_it():
    frame = units()
    frame.loc[::5, "before"] = np.nan
    frame.loc[::7, "revenue"] = np.nan
    sums = group_sums(engine.lazy(frame), [REVENUE], by=["variant"])
    filled = frame.assign(there=frame["before"].notna().astype(float)).fillna({"before": 0})
    filled = filled[filled["revenue"].notna()]
    for (name,), group in sums.groups.items():
        own = filled[filled["variant"] == name]
        expected = plain(own, ["revenue", "before", "there"])
        found = group.metrics["revenue"]
        np.testing.assert_allclose(own_sums(found)[0], expected[0])
        np.testing.assert_allclose(own_sums(found)[1], expected[1])


@pytest.mark.parametrize("missing", [False, True])
def test_adding_a_metric_adds_no_scan(monkeypatch, missing):
    frame = units()
    if missing:
        frame.loc[0, ["revenue", "orders"]] = np.nan
    asked = []
    computed = frames.rows
    monkeypatch.setattr(frames, "rows", lambda one: asked.append(one) or computed(one))
    many = [MetricColumns(name=f"revenue {i}", kind="mean", value="revenue") for i in range(20)]
    for metrics in ([REVENUE], [*METRICS, *many]):
        asked.clear()
        group_sums(engine.lazy(frame), metrics, by=["variant"])
        assert len(asked) == (2 if missing else 1)


@pytest.mark.parametrize("wrong", [np.inf, -np.inf])
def test_infinite_values_are_an_error(wrong):
    frame = units().astype({"visits": float})
    frame.loc[3, ["revenue", "before"]] = wrong
    frame.loc[5, "visits"] = np.inf
    with pytest.raises(SchemaError) as caught:
        group_sums(engine.lazy(frame), METRICS, by=["variant"])
    assert caught.value.faults == (
        "revenue: infinite or not a number in 1 rows",
        "before: infinite or not a number in 1 rows",
        "visits: infinite or not a number in 1 rows",
    )


def test_not_a_number_is_an_error_where_the_frame_tells_it_from_null():
    frame = pl.from_pandas(units()).with_columns(
        revenue=pl.when(pl.arange(pl.len()) == 0).then(float("nan")).otherwise("revenue")
    )
    with pytest.raises(SchemaError, match="revenue: infinite or not a number in 1 rows"):
        group_sums(engine.lazy(frame), [REVENUE], by=["variant"])


@pytest.mark.parametrize("wrong", [2, 0.5, -1])
def test_a_proportion_is_of_0_and_1(wrong):
    frame = units().astype({"bought": float})
    frame.loc[4, "bought"] = wrong
    with pytest.raises(SchemaError, match="bought: must be 0 or 1 for a proportion"):
        group_sums(engine.lazy(frame), METRICS, by=["variant"])


def test_values_that_are_neither_0_nor_1_are_no_proportion_whatever_they_add_up_to():
    # Three times 0.5 and once 1.5: their sum is that of their squares, 3.
    frame = units().astype({"bought": float})
    frame.loc[:3, "bought"] = [0.5, 0.5, 0.5, 1.5]
    with pytest.raises(SchemaError, match="bought: must be 0 or 1 for a proportion"):
        group_sums(engine.lazy(frame), METRICS, by=["variant"])


def test_truths_are_a_proportion_too():
    frame = units().astype({"bought": bool})
    sums = group_sums(engine.lazy(frame), [BOUGHT], by=["variant"])
    assert (
        sums.groups[("a",)].metrics["bought"].successes
        == frame.loc[frame["variant"] == "a", "bought"].sum()
    )


def test_no_units_at_all():
    sums = group_sums(engine.lazy(units().head(0)), METRICS, by=["variant"])
    assert sums.groups == {}
    assert sums.nothing.units == sums.nothing.metrics["revenue"].n == 0
