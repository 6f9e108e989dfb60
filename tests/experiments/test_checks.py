"""A check fails where the data are broken, warns where they are odd, and passes chance."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import cxresearch as cx
from cxresearch import experiments
from cxresearch.core.languages import Language
from cxresearch.core.remarks import Remark
from cxresearch.experiments import MetricColumns, analyse, check
from cxresearch.experiments.checks import NOTHING, judged
from tests.experiments import studies

SHARES = {"control": 0.5, "one_page": 0.5}
REVENUE = MetricColumns(name="revenue", kind="mean", covariates=("before",))


def customers(counts: tuple[int, int], seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    before = rng.gamma(2, 10, sum(counts))
    return pd.DataFrame(
        {
            "variant": np.repeat(["control", "one_page"], counts),
            "before": before,
            "revenue": before + rng.gamma(2, 10, sum(counts)),
        }
    )


def found(frame: pd.DataFrame, name: str, shares=SHARES):
    return check(analyse(frame, metrics=[REVENUE]), shares=shares).check(name)


@pytest.mark.parametrize(
    ("counts", "standing"),
    [((1000, 1010), "passed"), ((1000, 1130), "warning"), ((1000, 1200), "failed")],
)
def test_the_sample_ratio(counts, standing):
    one = found(customers(counts), "sample ratio")
    assert one.standing == standing
    assert one.p_value == pytest.approx(stats.chisquare(counts).pvalue)


def test_shares_that_are_not_equal():
    assert found(customers((1000, 4010)), "sample ratio").standing == "failed"
    shares = {"control": 0.2, "one_page": 0.8}
    assert found(customers((1000, 4010)), "sample ratio", shares).standing == "passed"


def test_findings_are_said_in_the_language_of_the_page():
    one = found(customers((1000, 1010)), "sample ratio")
    counts = "control 1.000 / one_page 1.010"
    italian = f"osservati: {counts}; pianificati: 50,0% / 50,0%; p = 0,823"
    assert one.finding.words(Language("it")) == italian
    column = "order_value__before"
    frame = customers((1000, 1010)).rename(columns={"before": column})
    metric = MetricColumns(name="order_value", kind="mean", value="revenue", covariates=(column,))
    checks = check(analyse(frame, metrics=[metric]), shares=SHARES)
    said = checks.check("balance before the exposure").finding.words(Language("en"))
    assert "differs most, order value before the exposure (one_page): p = " in said
    assert checks.rule.words(Language("en")) == (
        "A check fails where p < 0.001, and warns where p < 0.010."
    )


def test_shares_of_other_variants_are_an_error():
    with pytest.raises(ValueError, match="shares must be those of control, one_page; got"):
        found(customers((10, 10)), "sample ratio", {"control": 0.5, "two_page": 0.5})
    with pytest.raises(ValueError, match="the sum of shares must be between"):
        found(customers((10, 10)), "sample ratio", {"control": 0.5, "one_page": 0.4})


def test_variants_that_were_not_alike_before():
    frame = customers((1000, 1000))
    assert found(frame, "balance before the exposure").standing == "passed"
    better = frame.assign(before=frame["before"] + 3 * (frame["variant"] == "one_page"))
    one = found(better, "balance before the exposure")
    control, treatment = (own["before"] for _, own in better.groupby("variant"))
    assert one.standing == "failed"
    assert one.p_value == pytest.approx(
        stats.ttest_ind(treatment, control, equal_var=False).pvalue, rel=1e-6
    )


def test_outcomes_that_one_variant_lacks_more_often():
    frame = customers((1000, 1000))
    frame.loc[::10, "revenue"] = np.nan
    assert found(frame, "missing outcomes").standing == "passed"
    frame.loc[frame.index % 7 == 0, "revenue"] = np.where(
        frame.loc[frame.index % 7 == 0, "variant"] == "one_page", np.nan, 1.0
    )
    one = found(frame, "missing outcomes")
    assert one.standing == "failed"
    missing = frame["revenue"].isna().groupby(frame["variant"]).sum()
    counts = f"control {missing['control']} / one_page {missing['one_page']}"
    assert f"revenue (one_page), {counts}: p < 0.001" in one.finding.words(Language("en"))


def test_nothing_to_compare_passes():
    frame = customers((100, 100))
    checks = check(
        analyse(frame, metrics=[MetricColumns(name="revenue", kind="mean")]), shares=SHARES
    )
    assert checks.check("missing outcomes").finding.message == "nothing to compare"
    assert not checks.blocked
    assert checks.reasons == ()


def trial(project, exposed, events=(), **plan):
    later = [("z", name, "2026-03-31", "mobile") for name in ("begin_checkout", "purchase")]
    studies.write(project, {"exposures": exposed, "events": [*events, *later]}, **plan)
    read = experiments.read(cx.open_study("shop"), "one_page")
    return experiments.check_trial(read, experiments.evaluate(read))


def exposed(counts: tuple[int, int], days: range = range(1, 11)) -> list[tuple[str, str, str]]:
    variants = ["control"] * counts[0] + ["one_page"] * counts[1]
    order = np.random.default_rng(2).permutation(len(variants))
    return [
        (f"c{i}", variants[place], f"2026-02-{days[i % len(days)]:02d} 12:00")
        for i, place in enumerate(order)
    ]


def test_a_healthy_experiment_passes_every_check(project):
    checks = trial(project, exposed((300, 310)))
    assert {one.name: one.standing for one in checks.checks} == dict.fromkeys(
        [
            "exposures",
            "sample ratio",
            "balance before the exposure",
            "missing outcomes",
            "outcomes before the exposure",
            "sample ratio at any day",
            "shares over time",
        ],
        "passed",
    )


def test_a_few_odd_exposures_warn_and_many_block(project):
    few = [*exposed((300, 310)), ("early", "control", "2026-01-31 12:00")]
    assert trial(project, few).check("exposures").standing == "warning"
    both = [(name, "one_page", "2026-02-09 13:00") for name, *_ in few[:20]]
    checks = trial(project, [*few, *both])
    assert checks.check("exposures").standing == "failed"
    assert checks.blocked
    assert checks.reasons[0].name == "exposures"


def test_a_ramp_is_seen_though_the_shares_add_up(project):
    first = exposed((150, 50), range(1, 6))
    then = [(f"x{name}", *rest) for name, *rest in exposed((50, 150), range(8, 11))]
    checks = trial(project, [*first, *then])
    assert checks.check("sample ratio").standing == "passed"
    assert checks.check("shares over time").standing == "failed"
    # While it ran, it was far from the plan; that does not heal.
    assert checks.check("sample ratio at any day").standing == "failed"


def test_exposures_written_after_the_outcome_in_one_variant(project):
    rows = exposed((200, 200), range(3, 11))
    events = [
        (name, "purchase", "2026-02-02 10:00", "mobile")
        for name, variant, _ in rows
        if variant == "one_page" and int(name[1:]) % 4 == 0
    ]
    checks = trial(project, rows, events)
    assert checks.check("outcomes before the exposure").standing == "failed"
    assert checks.check("outcomes before the exposure").finding.values["counts"].values["n0"] == 0


def test_units_of_clusters_are_alike_so_that_they_only_warn():
    frame = customers((1000, 1000))
    better = frame.assign(
        before=frame["before"] + 5 * (frame["variant"] == "one_page"), store=frame.index % 40
    )
    better["store"] += 40 * (better["variant"] == "one_page")
    metric = MetricColumns(name="missing", kind="mean", value="revenue")
    better.loc[(better["variant"] == "one_page") & (better.index % 3 == 0), "revenue"] = np.nan
    for cluster, standing in ((None, "failed"), ("store", "warning")):
        analysis = analyse(better, metrics=[REVENUE, metric], cluster=cluster)
        checks = check(analysis, shares=SHARES)
        assert checks.check("balance before the exposure").standing == standing
        assert checks.check("missing outcomes").standing == standing


def test_clusters_are_what_is_counted(project):
    rows = [
        (f"c{i}", "control" if i % 20 < 10 else "one_page", "2026-02-03", f"s{i % 20}")
        for i in range(400)
    ]
    # Twice as many customers in every store of one variant: the stores are as planned.
    more = [(f"x{i}", "control", "2026-02-03", f"s{i % 10}") for i in range(200)]
    studies.write(
        project,
        {
            "exposures": [*rows, *more],
            "events": [("z", "begin_checkout", "2026-03-31", "mobile")],
        },
        exposures=["cluster"],
        unit="cluster",
    )
    read = experiments.read(cx.open_study("shop"), "one_page")
    analysis = experiments.evaluate(read)
    assert dict(analysis.assigned) == {"control": 10, "one_page": 10}
    checks = experiments.check_trial(read, analysis)
    assert checks.check("sample ratio").standing == "passed"


def test_a_check_without_a_p_value_compares_nothing():
    found = judged("sample ratio", math.nan, Remark("p = {p}", {"p": 1}))
    assert (found.standing, found.finding.message) == ("passed", NOTHING)
