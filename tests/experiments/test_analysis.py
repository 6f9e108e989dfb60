"""The readings are those of scipy, statsmodels and plain pandas on the units themselves."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from scipy import stats

from cxresearch.errors import SchemaError
from cxresearch.experiments import MetricColumns, analyse, guardrails_table
from cxresearch.stats.ranks.quantiles import quantile
from tests.experiments.test_sums import units

REVENUE = MetricColumns(name="revenue", kind="mean", unit="EUR")
BOUGHT = MetricColumns(name="bought", kind="proportion")
PER_VISIT = MetricColumns(name="orders_per_visit", kind="ratio", value="orders", per="visits")


def two(seed: int = 1, n: int = 800) -> pd.DataFrame:
    frame = units(seed, n)
    return frame[frame["variant"] != "c"].reset_index(drop=True)


def of(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    return frame[frame["variant"] == name]


def test_a_mean_is_compared_as_welch_does():
    frame = two()
    reading = analyse(frame, metrics=[REVENUE]).reading("revenue")
    a, b = of(frame, "a")["revenue"], of(frame, "b")["revenue"]
    expected = stats.ttest_ind(b, a, equal_var=False)
    assert reading.control.value == pytest.approx(a.mean())
    assert reading.difference.value == pytest.approx(b.mean() - a.mean())
    assert reading.difference.p_value == pytest.approx(expected.pvalue)
    assert reading.difference.ci == pytest.approx(tuple(expected.confidence_interval()))
    assert reading.planned is reading.difference
    assert (reading.adjusted, reading.guard, reading.simultaneous) == (None, None, None)


def test_a_proportion_is_compared_by_the_pooled_z_test():
    frame = two()
    reading = analyse(frame, metrics=[BOUGHT]).reading("bought")
    counts = pd.crosstab(frame["variant"], frame["bought"])
    expected = stats.chi2_contingency(counts, correction=False)
    assert reading.difference.p_value == pytest.approx(expected.pvalue)
    assert reading.difference.method == "Newcombe, from two Wilson intervals"


def test_a_ratio_is_compared_by_the_delta_method_over_units():
    frame = two()
    reading = analyse(frame, metrics=[PER_VISIT]).reading("orders_per_visit")
    value, variance = {}, {}
    for name in "ab":
        own = of(frame, name)
        value[name] = own["orders"].sum() / own["visits"].sum()
        linear = (own["orders"] - value[name] * own["visits"]) / own["visits"].mean()
        variance[name] = linear.var() / len(own)
    assert reading.difference.value == pytest.approx(value["b"] - value["a"])
    z = reading.difference.value / math.sqrt(sum(variance.values()))
    assert reading.difference.statistic == pytest.approx(z)


def test_a_quantile_is_that_of_the_values():
    frame = two()
    frame.loc[::9, "revenue"] = np.nan
    p90 = MetricColumns(name="p90", kind="quantile", value="revenue", q=0.9, unit="EUR")
    reading = analyse(frame, metrics=[p90]).reading("p90")
    for name, found in (("a", reading.control), ("b", reading.treatment)):
        expected = quantile(of(frame, name)["revenue"].dropna(), 0.9, unit="EUR")
        assert found.value == pytest.approx(expected.value)
        assert found.ci == pytest.approx(expected.ci)
        assert found.n == expected.n
    assert reading.difference.value == pytest.approx(
        reading.treatment.value - reading.control.value
    )


def test_cuped_and_lin_are_regressions():
    frame = two()
    metric = MetricColumns(name="revenue", kind="mean", unit="EUR", covariates=("before",))
    centred = frame.assign(
        t=(frame["variant"] == "b").astype(float), x=frame["before"] - frame["before"].mean()
    )
    lin = smf.ols("revenue ~ t * x", centred).fit()
    found = analyse(frame, metrics=[metric], adjust="lin").reading("revenue")
    assert found.adjusted.value == pytest.approx(lin.params["t"])
    assert found.planned is found.adjusted
    cuped = analyse(frame, metrics=[metric]).reading("revenue")
    slope = np.polyfit(centred["x"], centred["revenue"], 1)[0]
    left = centred["revenue"] - slope * centred["x"]
    expected = left[centred["t"] == 1].mean() - left[centred["t"] == 0].mean()
    assert cuped.adjusted.value == pytest.approx(expected)
    correlation = np.corrcoef(frame["revenue"], frame["before"])[0, 1]
    assert cuped.variance_saved == pytest.approx(correlation**2, abs=0.02)
    assert analyse(frame, metrics=[metric], adjust="none").reading("revenue").adjusted is None


@pytest.mark.parametrize("adjust", ["none", "cuped", "lin"])
def test_numbers_far_from_0_vary_as_they_do_near_it(adjust):
    near = two().assign(
        before=lambda frame: frame["before"].round(), revenue=lambda f: f["revenue"].round()
    )
    far = near.assign(revenue=near["revenue"] + 1e9, before=near["before"] + 4e9)
    metric = MetricColumns(name="revenue", kind="mean", unit="EUR", covariates=("before",))
    metrics = [metric, MetricColumns(name="share", kind="ratio", value="revenue", per="visits")]
    one, other = (
        analyse(frame, metrics=metrics, adjust=adjust).reading("revenue") for frame in (near, far)
    )
    assert other.control.value == pytest.approx(one.control.value + 1e9, rel=1e-11)
    for found, expected in [(other.difference, one.difference), (other.planned, one.planned)]:
        assert found.value == pytest.approx(expected.value, rel=1e-6)
        assert found.ci == pytest.approx(tuple(expected.ci), rel=1e-6)
        assert found.p_value == pytest.approx(expected.p_value, rel=1e-5)
    assert analyse(far.assign(revenue=1e9), metrics=[REVENUE]).reading("revenue").difference.note


def test_a_covariate_far_from_0_that_some_lack_adjusts_as_one_near_it():
    near = two().assign(before=lambda frame: frame["before"].round().where(frame.index % 5 > 0))
    far = near.assign(before=near["before"] + 4e9)
    metric = MetricColumns(name="revenue", kind="mean", unit="EUR", covariates=("before",))
    one, other = (analyse(frame, metrics=[metric]).reading("revenue") for frame in (near, far))
    assert other.adjusted.value == pytest.approx(one.adjusted.value, rel=1e-6)
    assert other.adjusted.ci == pytest.approx(tuple(one.adjusted.ci), rel=1e-6)


def test_the_lift_belongs_to_the_difference_that_is_shown():
    frame = two().assign(before=lambda rows: rows["before"] + 3 * (rows["variant"] == "b"))
    metric = MetricColumns(name="revenue", kind="mean", unit="EUR", covariates=("before",))
    reading = analyse(frame, metrics=[metric]).reading("revenue")
    assert reading.planned.value != pytest.approx(reading.difference.value, rel=0.01)
    slope = np.polyfit(frame["before"], frame["revenue"], 1)[0]
    control = of(frame, "a")
    adjusted = control["revenue"].mean() - slope * (
        control["before"].mean() - frame["before"].mean()
    )
    assert reading.lift.value == pytest.approx(reading.planned.value / adjusted)


def test_several_treatments_share_one_control():
    frame = units()
    found = analyse(frame, metrics=[REVENUE], control="b")
    assert found.treatments == ("a", "c")
    samples = {name: of(frame, name)["revenue"] for name in "abc"}
    dunnett = stats.dunnett(samples["a"], samples["c"], control=samples["b"], random_state=1)
    for name, p in zip("ac", dunnett.pvalue, strict=True):
        reading = found.reading("revenue", name)
        assert reading.simultaneous.value == reading.difference.value
        assert reading.simultaneous.p_value == pytest.approx(p, abs=0.02)
        assert reading.simultaneous.p_value > reading.difference.p_value


def test_p_values_are_adjusted_within_their_role():
    frame = units(n=3000)
    metrics = [
        MetricColumns(name="p1", kind="mean", value="revenue"),
        MetricColumns(name="p2", kind="mean", value="orders"),
        MetricColumns(name="p3", kind="mean", value="visits"),
        MetricColumns(name="s1", kind="mean", value="before", role="secondary"),
        MetricColumns(name="s2", kind="proportion", value="bought", role="secondary"),
        MetricColumns(name="e1", kind="mean", value="orders", role="exploratory"),
        MetricColumns(name="e2", kind="mean", value="revenue", role="exploratory"),
        MetricColumns(name="g", kind="mean", value="visits", role="guardrail", margin=1.0),
    ]
    found = analyse(frame[frame["variant"] != "c"], metrics=metrics)
    primary = sorted(one.planned.p_value for one in found.of("primary"))
    adjusted = sorted(one.p_adjusted for one in found.of("primary"))
    holm = np.minimum(np.maximum.accumulate(np.array(primary) * [3, 2, 1]), 1)
    assert adjusted == pytest.approx(holm.tolist())
    for role in ("secondary", "exploratory"):
        expected = stats.false_discovery_control([one.planned.p_value for one in found.of(role)])
        assert [one.p_adjusted for one in found.of(role)] == pytest.approx(expected)
        label = f"Benjamini-Hochberg over the {role} metrics"
        assert {one.correction for one in found.of(role)} == {label}
    assert math.isnan(found.reading("g").p_adjusted)
    assert found.reading("p1").correction == "Holm over the primary metrics"


def test_what_is_explored_changes_no_number_of_the_plan():
    frame = two(n=2000).dropna(subset=["device"])
    plan = [
        BOUGHT,
        MetricColumns(name="s1", kind="mean", value="revenue", role="secondary"),
        MetricColumns(name="s2", kind="mean", value="orders", role="secondary"),
    ]
    # A difference that is beyond doubt would make others of its family look surer.
    sure = frame.assign(sure=5.0 * (frame["variant"] == "b") * (frame["device"] == "mobile"))
    sure["sure"] += frame["visits"]
    more = [
        MetricColumns(name=f"e{i}", kind="mean", value="sure", role="exploratory", unit="EUR")
        for i in range(3)
    ]
    alone = analyse(sure, metrics=plan, segments=["device"])
    explored = analyse(sure, metrics=[*plan, *more], segments=["device"])
    for one, other in zip(alone.readings, explored.readings, strict=False):
        assert one.p_adjusted == other.p_adjusted
    assert all(effect.p_adjusted < 1e-6 for effect in explored.segments[len(plan) :])
    for effect, other in zip(alone.segments, explored.segments, strict=False):
        assert effect.p_adjusted == other.p_adjusted


def test_guardrails_are_read_against_their_margin():
    frame = two()
    shift = frame.assign(revenue=frame["revenue"] - 3 * (frame["variant"] == "b"))
    tight = MetricColumns(
        name="t", kind="mean", value="revenue", role="guardrail", margin=0.1, unit="EUR"
    )
    wide = MetricColumns(
        name="w", kind="mean", value="revenue", role="guardrail", margin=30, unit="EUR"
    )
    share = MetricColumns(
        name="r", kind="mean", value="revenue", role="guardrail", margin=0.9, relative=True
    )
    both = MetricColumns(
        name="b", kind="mean", value="revenue", role="guardrail", margin=30, guard="equivalence"
    )
    found = analyse(shift, metrics=[tight, wide, share, both])
    holds = {one.metric.name: one.guard.holds for one in found.readings}
    assert holds == {"t": False, "w": True, "r": True, "b": True}
    assert found.reading("r").guard.unit == "share"
    assert found.reading("b").guard.method == "equivalence, two one-sided t tests"
    low, high = found.reading("w").guard.ci
    # A one-sided bound of 95 % is an end of the two-sided interval of 90 %.
    narrower = analyse(shift, metrics=[REVENUE], confidence=0.9).reading("revenue").difference.ci
    assert found.reading("w").most_harm == -low == pytest.approx(-narrower.low)
    assert found.reading("b").most_harm == max(-low, high)
    assert math.isnan(analyse(shift, metrics=[REVENUE]).reading("revenue").most_harm)


def test_the_table_of_guardrails_has_the_bound_that_judges_them():
    frame = two()
    share = MetricColumns(
        name="r", kind="mean", value="revenue", role="guardrail", margin=0.9, relative=True
    )
    less = MetricColumns(
        name="l", kind="proportion", value="bought", role="guardrail", margin=0.2,
        direction="decrease",
    )  # fmt: skip
    found = analyse(frame, metrics=[REVENUE, share, less])
    table = guardrails_table(found).frame.astype(str)
    r, low = found.reading("r"), found.reading("l")
    assert table["metric"].tolist() == ["r", "l"]
    assert table["n"].tolist() == [str(len(frame))] * 2
    assert table["most_harm"].tolist() == [
        f"{-100 * r.guard.ci.low:.1f}%",
        f"{100 * low.guard.ci.high:.1f} percentage points",
    ]
    assert table["margin"].tolist() == ["90.0%", "20.0 percentage points"]
    assert table["guardrail"].tolist() == ["holds", "holds"]
    none = guardrails_table(analyse(frame, metrics=[REVENUE])).frame
    assert list(none.columns) == list(table.columns)


def test_more_is_worse_where_the_plan_says_so():
    frame = two()
    worse = frame.assign(revenue=frame["revenue"] + 20 * (frame["variant"] == "b"))
    for direction, holds in (("increase", True), ("decrease", False)):
        metric = MetricColumns(
            name="m", kind="mean", value="revenue", role="guardrail", margin=5, direction=direction
        )
        assert analyse(worse, metrics=[metric]).reading("m").guard.holds is holds


def test_an_nps_has_no_lift():
    frame = two().assign(points=lambda rows: 100.0 * rows["bought"], answers=1)
    metric = MetricColumns(name="nps", kind="nps", value="points", per="answers")
    reading = analyse(frame, metrics=[metric]).reading("nps")
    assert reading.difference.unit == "points"
    assert math.isnan(reading.lift.value)
    assert reading.lift.note == "undefined: a lift needs a control above 0"


def test_winsorised_values_count_as_the_quantile_of_all():
    frame = two()
    frame.loc[0, "revenue"] = 1e6
    metric = MetricColumns(name="revenue", kind="mean", unit="EUR", winsorise=0.95)
    plain = MetricColumns(name="plain", kind="mean", value="revenue", unit="EUR")
    found = analyse(frame, metrics=[metric, plain])
    bound = frame["revenue"].quantile(0.95)
    capped = frame["revenue"].clip(upper=bound)
    expected = capped[frame["variant"] == "b"].mean() - capped[frame["variant"] == "a"].mean()
    assert found.reading("revenue").difference.value == pytest.approx(expected)
    assert abs(found.reading("plain").difference.value) > 1000
    (remark,) = found.remarks
    assert remark.values["count"] == (frame["revenue"] > bound).sum()
    frame.loc[0, "revenue"] = np.inf
    with pytest.raises(SchemaError, match="infinite or not a number in 1 rows"):
        analyse(frame, metrics=[metric])


def width(comparison) -> float:
    return comparison.ci.high - comparison.ci.low


def test_clusters_are_what_varies():
    rng = np.random.default_rng(5)
    stores = np.repeat(np.arange(24), 30)
    frame = pd.DataFrame({"store": stores, "variant": np.where(stores % 2, "b", "a")})
    frame["sales"] = rng.normal(size=24)[stores] * 5 + rng.normal(size=len(stores)) + 50
    metric = MetricColumns(name="sales", kind="mean", unit="EUR")
    naive = analyse(frame, metrics=[metric]).reading("sales")
    found = analyse(frame, metrics=[metric], cluster="store")
    reading = found.reading("sales")
    by_store = frame.groupby(["variant", "store"])["sales"].mean()
    welch = stats.ttest_ind(by_store["b"], by_store["a"], equal_var=False)
    # Stores of one size: the units' mean is the stores', and CR2 is Welch's variance.
    assert reading.difference.statistic == pytest.approx(welch.statistic)
    assert reading.difference.df == pytest.approx(22, abs=0.5)
    assert width(naive.difference) < width(reading.difference) / 3
    assert dict(found.assigned) == {"a": 12, "b": 12}
    assert found.segments == ()


def test_effects_in_segments_and_whether_they_differ():
    frame = two(n=4000).dropna(subset=["device"])
    mobile = (frame["variant"] == "b") & (frame["device"] == "mobile")
    frame = frame.assign(revenue=frame["revenue"] + 20 * mobile)
    (effect,) = analyse(frame, metrics=[REVENUE], segments=["device"]).segments
    own = frame[frame["device"] == "mobile"]
    expected = stats.ttest_ind(of(own, "b")["revenue"], of(own, "a")["revenue"], equal_var=False)
    assert effect.levels["mobile"].difference.p_value == pytest.approx(expected.pvalue)
    assert effect.test.df == 1
    assert effect.test.p_value < 1e-6
    assert effect.p_adjusted == effect.test.p_value
    assert effect.reversed is False


def test_simpsons_paradox_is_seen():
    # Charig et al. (1986), BMJ 292, 879: small and large stones, two treatments.
    cells = {
        ("small", "a"): (81, 87),
        ("small", "b"): (234, 270),
        ("large", "a"): (192, 263),
        ("large", "b"): (55, 80),
    }
    rows = [
        (stone, variant, outcome)
        for (stone, variant), (x, n) in cells.items()
        for outcome in [1] * x + [0] * (n - x)
    ]
    frame = pd.DataFrame(rows, columns=["stone", "variant", "cured"])
    metric = MetricColumns(name="cured", kind="proportion")
    found = analyse(frame, metrics=[metric], segments=["stone"])
    (effect,) = found.segments
    assert found.reading("cured").difference.value > 0
    assert effect.reversed is True
    # The standardised difference of R's case "ab_simpson_kidney", with the other sign.
    assert effect.stratified.value == pytest.approx(-0.0536712, abs=1e-6)


def test_an_empty_variant_has_no_value():
    frame = two()
    found = analyse(frame, metrics=[REVENUE, BOUGHT, PER_VISIT], variants=["a", "b", "c"])
    for metric in ("revenue", "bought", "orders_per_visit"):
        reading = found.reading(metric, "c")
        assert math.isnan(reading.difference.value)
        assert reading.difference.note.startswith("undefined: one group has no")
        assert not math.isnan(found.reading(metric, "b").difference.p_value)
    assert found.assigned["c"] == 0


def test_a_metric_that_never_varies_has_no_test():
    frame = two().assign(one=1.0)
    always = MetricColumns(name="always", kind="proportion", value="one")
    found = analyse(frame, metrics=[MetricColumns(name="one", kind="mean"), always])
    for name in ("one", "always"):
        reading = found.reading(name)
        assert reading.difference.value == 0
        assert math.isnan(reading.difference.p_value)
        assert reading.difference.note


@pytest.mark.parametrize("labels", [(False, True), (0, 1)])
def test_variants_may_be_numbers_or_truths(labels):
    frame = two().rename(columns={"orders": "units"})
    coded = frame.assign(variant=frame["variant"].map(dict(zip("ab", labels, strict=True))))
    half = MetricColumns(name="half", kind="quantile", value="revenue")
    per_visit = MetricColumns(name="units", kind="ratio", per="visits")
    metrics = [REVENUE, half, per_visit]
    found = analyse(coded, metrics=metrics, control=labels[1])
    assert found.control == str(labels[1])
    expected = analyse(frame, metrics=metrics, control="b")
    for one, other in zip(found.readings, expected.readings, strict=True):
        assert one.difference.value == pytest.approx(other.difference.value)
        assert one.difference.p_value == pytest.approx(other.difference.p_value)


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"variants": ["a", "x"]}, SchemaError, "rows of 'b', which is none of a, x"),
        ({"control": "z"}, ValueError, "control must be one of 'a', 'b'; got 'z'"),
        ({"adjust": "cupac"}, ValueError, "adjust must be one of"),
        ({"segments": "device"}, TypeError, "segments must be a list, not one text; got 'device'"),
        ({"variants": "ab"}, TypeError, "variants must be a list, not one text; got 'ab'"),
        ({"metrics": REVENUE}, TypeError, "metrics must be a list; got MetricColumns"),
        ({"confidence": 95}, ValueError, "confidence must be strictly between 0 and 1; got 95"),
        ({"variant": "group"}, SchemaError, "group: no such column"),
        ({"metrics": []}, ValueError, "metrics must be some, each with a name of its own; got"),
        ({"metrics": [REVENUE, REVENUE]}, ValueError, "metrics must be some, each with a name"),
        (
            {"metrics": [MetricColumns(name="gone", kind="mean")]},
            SchemaError,
            "gone: no such column",
        ),
    ],
)
def test_wrong_use_is_told(options, error, words):
    with pytest.raises(error, match=words):
        analyse(two(), **({"metrics": [REVENUE]} | options))


def test_one_variant_is_no_experiment():
    with pytest.raises(ValueError, match="the number of variants must be at least 2; got 1"):
        analyse(of(two(), "a"), metrics=[REVENUE])


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"kind": "median"}, "kind must be one of 'proportion', "),
        ({"kind": "ratio"}, "per must be given for ratio, nps, csat and for nothing else; got"),
        ({"kind": "mean", "per": "visits"}, "per must be given for ratio, nps, csat and for"),
        ({"kind": "mean", "role": "guardrail"}, "margin must be given for a guardrail; got None"),
        ({"kind": "mean", "role": "guardrail", "margin": 0}, "margin must be above 0; got 0"),
        ({"kind": "mean", "role": "extra"}, "role must be one of 'primary', .*'exploratory'; got"),
        ({"kind": "mean", "mde": -1}, "mde must be above 0; got -1"),
        ({"kind": "proportion", "winsorise": 0.9}, "kind of a winsorised metric must be one of"),
        ({"kind": "quantile", "covariates": ("x",)}, "covariates must be empty for a quantile"),
    ],
)
def test_a_metric_says_what_is_wrong_with_it(options, words):
    with pytest.raises(ValueError, match=words):
        MetricColumns(name="m", **options)


def test_numbers_do_not_depend_on_the_order_of_rows_or_on_the_side():
    frame = two()
    metrics = [REVENUE, BOUGHT, PER_VISIT]
    found = analyse(frame, metrics=metrics)
    shuffled = analyse(frame.sample(frac=1, random_state=1), metrics=metrics)
    for one, other in zip(found.readings, shuffled.readings, strict=True):
        assert one.difference == other.difference
        assert one.lift == other.lift
    swapped = analyse(frame, metrics=metrics, control="b")
    for one, other in zip(found.readings, swapped.readings, strict=True):
        assert one.difference.value == pytest.approx(-other.difference.value)
        assert one.difference.p_value == pytest.approx(other.difference.p_value)
    widths = []
    for confidence in (0.8, 0.9, 0.99):
        reading = analyse(frame, metrics=metrics, confidence=confidence).reading("revenue")
        assert reading.difference.ci.low < reading.difference.value < reading.difference.ci.high
        widths.append(width(reading.difference))
    assert all(a < b for a, b in pairwise(widths))


def test_one_text_is_no_list_of_segments():
    frame = pd.DataFrame({"variant": ["a", "b"], "revenue": [1.0, 2.0], "s": ["x", "y"]})
    with pytest.raises(TypeError, match="segments must be a list, not one text; got 's'"):
        analyse(frame, metrics=[REVENUE], segments="s")
