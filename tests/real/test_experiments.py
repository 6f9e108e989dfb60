"""Three real experiments: a warning, a trap, and stores instead of customers."""

from __future__ import annotations

import math

import pandas as pd
import pytest
from scipy import stats

from cxresearch.experiments import MetricColumns, analyse, check


@pytest.fixture(scope="module")
def players(raw_data):
    return pd.read_csv(raw_data / "cookie_cats" / "cookie_cats.csv.gz", index_col=0)


@pytest.fixture(scope="module")
def viewers(raw_data):
    """One row per viewer of the page: whether they clicked."""
    actions = pd.read_csv(raw_data / "udacity_homepage_ab" / "homepage_actions.csv")
    clicked = actions["action"] == "click"
    return actions.assign(clicked=clicked).groupby("id", as_index=False).agg(
        group=("group", "first"), clicked=("clicked", "max")
    )  # fmt: skip


@pytest.fixture(scope="module")
def weeks(raw_data):
    """One row per store and week; the stores, not the weeks, got a promotion each."""
    frame = pd.read_csv(raw_data / "fastfood_promo" / "WA_Marketing-Campaign.csv")
    return frame.astype({"Promotion": str})


def test_a_gate_of_a_game_loses_players_and_the_counts_are_odd(players):
    metrics = [
        MetricColumns(name="retention_7", kind="proportion"),
        MetricColumns(
            name="rounds", kind="mean", value="sum_gamerounds", unit="rounds", winsorise=0.99
        ),
    ]
    analysis = analyse(players, metrics=metrics, variant="version")
    reading = analysis.reading("retention_7")
    assert dict(analysis.assigned) == {"gate_30": 44_700, "gate_40": 45_489}
    assert reading.control.value == pytest.approx(0.1902, abs=5e-5)
    assert reading.treatment.value == pytest.approx(0.1820, abs=5e-5)
    assert reading.difference.statistic == pytest.approx(-3.164, abs=5e-4)
    assert reading.difference.p_value == pytest.approx(0.00155, abs=5e-6)
    checks = check(analysis, shares={"gate_30": 0.5, "gate_40": 0.5})
    ratio = checks.check("sample ratio")
    assert ratio.p_value == pytest.approx(0.0086, abs=5e-5)
    assert ratio.standing == "warning"
    assert not checks.blocked


def test_one_player_with_49_854_rounds_does_not_decide(players):
    def read(**options):
        metric = MetricColumns(name="rounds", kind="mean", value="sum_gamerounds", **options)
        return analyse(players, metrics=[metric], variant="version").reading("rounds")

    assert players["sum_gamerounds"].max() == 49_854
    assert read().control.value > 52
    kept = read(winsorise=0.99)
    capped = players["sum_gamerounds"].clip(upper=players["sum_gamerounds"].quantile(0.99))
    welch = stats.ttest_ind(
        capped[players["version"] == "gate_40"],
        capped[players["version"] == "gate_30"],
        equal_var=False,
    )
    assert kept.difference.p_value == pytest.approx(welch.pvalue)


def test_a_page_that_wins_among_viewers_that_chance_did_not_make(viewers):
    analysis = analyse(
        viewers, metrics=[MetricColumns(name="clicked", kind="proportion")], variant="group"
    )
    reading = analysis.reading("clicked")
    assert reading.difference.p_value == pytest.approx(0.0088, abs=5e-5)
    assert reading.difference.value > 0
    checks = check(analysis, shares={"control": 0.5, "experiment": 0.5})
    assert dict(analysis.assigned) == {"control": 3332, "experiment": 2996}
    assert checks.check("sample ratio").p_value == pytest.approx(2.4e-5, abs=5e-7)
    assert checks.blocked
    assert [one.name for one in checks.reasons] == ["sample ratio"]


def test_three_promotions_in_137_stores(weeks):
    metric = MetricColumns(name="sales", kind="mean", value="SalesInThousands", unit="USD")
    analysis = analyse(
        weeks, metrics=[metric], variant="Promotion", control="1", cluster="LocationID"
    )
    assert dict(analysis.assigned) == {"1": 43, "2": 47, "3": 47}
    by_store = weeks.groupby(["Promotion", "LocationID"])["SalesInThousands"].mean()
    for name, mean in (("2", 47.329415), ("3", 55.364468)):
        reading = analysis.reading("sales", name)
        assert reading.control.value == pytest.approx(58.099012)
        assert reading.treatment.value == pytest.approx(mean)
        # Every store has four weeks, so the stores' means tell all: Welch over stores.
        welch = stats.ttest_ind(by_store[name], by_store["1"], equal_var=False)
        assert reading.difference.statistic == pytest.approx(welch.statistic)
        assert reading.difference.p_value == pytest.approx(welch.pvalue, rel=0.02)
    second, third = (analysis.reading("sales", name) for name in ("2", "3"))
    # Bonferroni over the two: the second sells less, of the third nothing is shown.
    assert second.p_adjusted == pytest.approx(2 * second.difference.p_value)
    assert second.p_adjusted < 0.01
    assert third.p_adjusted == pytest.approx(2 * third.difference.p_value)
    naive = analyse(weeks, metrics=[metric], variant="Promotion", control="1")
    clustered, plain = third.difference, naive.reading("sales", "3").difference
    assert clustered.value == pytest.approx(plain.value)
    ratio = (clustered.ci.high - clustered.ci.low) / (plain.ci.high - plain.ci.low)
    # Weeks of one store are alike: as if they were stores, they pretend to be four times as many.
    assert 1.5 < ratio < math.sqrt(4) + 0.1


def test_a_cluster_design_is_checked_by_its_clusters(weeks):
    metric = MetricColumns(name="sales", kind="mean", value="SalesInThousands", unit="USD")
    analysis = analyse(weeks, metrics=[metric], variant="Promotion", cluster="LocationID")
    third = 1 / 3
    checks = check(analysis, shares={"1": third, "2": third, "3": third})
    expected = stats.chisquare([43, 47, 47]).pvalue
    assert checks.check("sample ratio").p_value == pytest.approx(expected)
