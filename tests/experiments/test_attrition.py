"""Who has no outcome is counted for every metric, and no number is of more than have one."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import cxresearch as cx
from cxresearch import experiments
from cxresearch.core.languages import UNDEFINED, Language
from cxresearch.experiments import (
    MetricColumns,
    analyse,
    check,
    effects_table,
    missing_outcomes,
    missing_table,
)
from tests.experiments import studies

SHARES = {"control": 0.5, "one_page": 0.5}
VALUE = MetricColumns(name="value", kind="ratio", value="spent", per="orders", unit="EUR")
MEDIAN = MetricColumns(name="median", kind="quantile", value="answer")
BOUGHT = MetricColumns(name="bought", kind="proportion")


def shop(buys: tuple[float, float] = (0.15, 0.15), n: int = 2000) -> pd.DataFrame:
    """Customers of whom few order, and few answer."""
    rng = np.random.default_rng(5)
    variant = np.repeat(["control", "one_page"], n // 2)
    orders = (rng.random(n) < np.repeat(buys, n // 2)) * rng.integers(1, 4, n)
    answer = np.where(rng.random(n) < 0.15, rng.normal(5, 1, n), np.nan)
    return pd.DataFrame(
        {
            "variant": variant,
            "orders": orders,
            "spent": orders * rng.gamma(2, 20, n),
            "bought": (orders > 0).astype(int),
            "answer": answer,
            "before": rng.gamma(2, 10, n),
        }
    )


def found(frame: pd.DataFrame, *metrics: MetricColumns):
    analysis = analyse(frame, metrics=list(metrics))
    return analysis, {one.metric.name: one for one in missing_outcomes(analysis)}


def test_every_metric_says_who_has_no_outcome():
    frame = shop()
    analysis, missing = found(frame, BOUGHT, VALUE, MEDIAN)
    by_variant = frame.groupby("variant")
    assert missing["bought"].without == (0, 0)
    assert np.isnan(missing["bought"].p_value)
    no_order = frame["orders"].eq(0).groupby(frame["variant"]).sum()
    assert missing["value"].without == tuple(no_order)
    assert missing["median"].without == tuple(
        by_variant["answer"].agg(lambda one: one.isna().sum())
    )
    table = [[count, 1000 - count] for count in missing["median"].without]
    plain = stats.chi2_contingency(table, correction=False).pvalue
    assert missing["median"].p_value == pytest.approx(plain, rel=1e-6)
    assert len(missing_table(missing_outcomes(analysis)).frame) == 3


def test_an_outcome_that_most_lack_is_not_presented_with_all():
    frame = shop()
    with_orders = int((frame["orders"] > 0).sum())
    analysis, _ = found(frame, VALUE)
    reading = analysis.reading("value")
    assert reading.planned.n == reading.lift.n == with_orders < 400
    assert reading.control.n + reading.treatment.n == with_orders
    assert effects_table(analysis.readings).frame["n"].tolist() == [with_orders]
    # The others change nothing in the ratio.
    assert reading.control.value == pytest.approx(
        frame.query("variant == 'control'")["spent"].sum()
        / frame.query("variant == 'control'")["orders"].sum()
    )
    only = analyse(frame[frame["orders"] > 0], metrics=[VALUE]).reading("value")
    assert reading.difference.value == pytest.approx(only.difference.value)
    assert reading.difference.p_value == pytest.approx(only.difference.p_value, rel=0.02)


def test_a_total_over_nothing_that_is_something_is_an_outcome():
    frame = shop()
    frame["orders"] = frame["orders"].where(frame.index % 7 > 0, 0)
    _, missing = found(frame, VALUE)
    nothing = (frame["orders"] == 0) & (frame["spent"] == 0)
    assert sum(missing["value"].without) == nothing.sum() < (frame["orders"] == 0).sum()


def test_covariates_of_a_ratio_are_still_those_of_everybody():
    frame = shop()
    metric = MetricColumns(
        name="value", kind="ratio", value="spent", per="orders", covariates=("before",)
    )
    analysis, _ = found(frame, metric)
    sums = analysis.groups["control"].metrics["value"]
    assert (sums.n, sums.total(2)) == (1000, pytest.approx(frame["before"][:1000].sum()))
    assert analysis.reading("value").adjusted.n == (frame["orders"] > 0).sum()


def test_what_the_treatment_may_change_fails_no_check_and_is_shown():
    frame = shop(buys=(0.1, 0.3))
    analysis, missing = found(frame, BOUGHT, VALUE)
    assert missing["value"].p_value < 1e-6
    assert check(analysis, shares=SHARES).check("missing outcomes").standing == "passed"


def test_answers_that_one_variant_gives_less_often_fail():
    frame = shop()
    silent = (frame["variant"] == "one_page") & (frame.index % 2 == 0)
    frame.loc[silent, "answer"] = np.nan
    analysis, _ = found(frame, MetricColumns(name="answer", kind="mean"))
    assert check(analysis, shares=SHARES).check("missing outcomes").standing == "failed"
    exploring = MetricColumns(name="answer", kind="mean", role="exploratory")
    analysis, missing = found(frame, BOUGHT, exploring)
    # What is looked at besides the plan blocks nothing; the table shows it.
    assert check(analysis, shares=SHARES).check("missing outcomes").standing == "passed"
    assert missing["answer"].p_value < 0.001
    assert len(missing_outcomes(analysis, planned=True)) == 1


def test_the_table_says_the_share_of_each_variant_in_either_language():
    analysis, _ = found(shop(), MEDIAN)
    table = missing_table(missing_outcomes(analysis))
    row = table.frame.iloc[0]
    without = analysis.missing["median"]
    assert row["control"] == without["control"] / 1000
    assert row["treatment"] == without["one_page"] / 1000
    assert row["n"] == 2000
    shares = [f"{without[name] / 1000:.1%}" for name in ("control", "one_page")]
    said = {lang: table.made(Language(lang)).text.splitlines()[-1].split() for lang in ("en", "it")}
    assert said["en"][2:5] == ["2,000", *shares]
    assert said["it"][2:5] == ["2.000", *(share.replace(".", ",") for share in shares)]


def test_nobody_in_a_variant_is_no_share():
    frame = shop().query("variant == 'control'")
    analysis = analyse(frame, metrics=[BOUGHT], variants=["control", "one_page"])
    (one,) = missing_outcomes(analysis)
    assert one.units == (1000, 0)
    assert np.isnan(one.p_value)
    table = missing_table([one])
    assert table.frame["control"].tolist() == [0]
    assert np.isnan(table.frame["treatment"]).tolist() == [True]
    said = table.made(Language("en")).text.splitlines()[-1].split()
    assert said == ["bought", "one_page", "1,000", "0.0%", UNDEFINED, UNDEFINED]


@pytest.mark.parametrize(("until", "verdict"), [("2026-03-01", "blocked"), (None, "keep running")])
def test_a_primary_metric_that_nobody_has_decides_nothing(project, until, verdict):
    """At the end it blocks; before, their days are not over."""
    exposed = [(f"c{i}", ("control", "one_page")[i % 2], "2026-02-03") for i in range(80)]
    nps = {"name": "nps", "role": "primary", "kind": "nps", "days": 7, "mde": 5}
    rows = {"exposures": exposed, "events": [], "surveys": []}
    studies.write(project, rows, metrics=[nps], as_of=until)
    trial = experiments.read(cx.open_study("shop"), "one_page")
    analysis = experiments.evaluate(trial)
    decision = experiments.decide(trial, analysis, experiments.check_trial(trial, analysis))
    assert decision.verdict == verdict
