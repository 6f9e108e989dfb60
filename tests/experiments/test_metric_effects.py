"""One metric for each arm: which difference the plan decides by, and with what confidence."""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from cxresearch.core.languages import Language
from cxresearch.experiments import MetricColumns, analyse
from cxresearch.stats.multiplicity.simultaneous_intervals import DUNNETT

ARMS = ("control", "b", "c", "d")
REVENUE = MetricColumns(name="revenue", kind="mean", unit="EUR")


def people(
    n: int = 400, *, arms=ARMS, effects=(0.0, 3.0, 0.0, -4.0), seed: int = 2, slope: float = 1.0
) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    place = np.arange(n * len(arms)) % len(arms)
    before = rng.normal(50, 10, size=len(place))
    frame = pd.DataFrame({"variant": np.array(arms)[place], "before": before})
    frame["revenue"] = slope * before + np.array(effects)[place] + rng.normal(0, 10, len(place))
    frame["bought"] = (rng.random(len(place)) < 0.3).astype(float)
    return frame


def of(frame: pd.DataFrame, arm: str) -> pd.Series:
    return frame.loc[frame["variant"] == arm, "revenue"]


def test_every_arm_has_its_own_reading_against_the_control():
    found = analyse(people(), metrics=[REVENUE], control="control")
    assert [(one.variant, one.against) for one in found.readings] == [
        (arm, "control") for arm in ("b", "c", "d")
    ]
    assert found.between == ()
    frame = people()
    for one in found.readings:
        difference = of(frame, one.variant).mean() - of(frame, "control").mean()
        assert one.planned.value == pytest.approx(difference)
        assert one.treatment.value == pytest.approx(of(frame, one.variant).mean())


def test_the_plan_decides_by_dunnett_where_there_are_several_arms():
    frame = people(slope=0)
    found = analyse(frame, metrics=[REVENUE], control="control")
    treatments = [of(frame, arm) for arm in "bcd"]
    expected = stats.dunnett(
        *treatments, control=of(frame, "control"), rng=np.random.default_rng(1)
    )
    for one, p in zip(found.readings, expected.pvalue, strict=True):
        # scipy pools the variances; here each comparison has Welch's.
        assert one.p_adjusted == pytest.approx(p, abs=0.01)
        assert one.planned is one.simultaneous
        assert one.planned.method == DUNNETT
        assert one.correction == "Dunnett over the treatments"
    ci = expected.confidence_interval(0.95)
    assert [one.planned.ci.low for one in found.readings] == pytest.approx(ci.low, abs=0.05)


def test_a_difference_that_is_clear_alone_need_not_be_clear_among_several():
    # By hand: z = 2.1 has p = .036 alone; two arms of one size ask for 2.21.
    frame = pd.DataFrame({"variant": np.repeat(["a", "b", "c"], 2000), "m": 0.0})
    noise = np.tile([-1.0, 1.0], 1000)
    shift = 2.1 * math.sqrt(2 * np.var(noise, ddof=1) / 2000)
    frame["m"] = np.concatenate([noise, noise + shift, noise])
    one = analyse(frame, metrics=[MetricColumns(name="m", kind="mean")]).reading("m", "b")
    assert one.alone.p_value == pytest.approx(0.0358, abs=5e-4)
    assert one.p_adjusted == pytest.approx(0.0661, abs=2e-3)
    assert one.planned.ci.low < 0 < one.alone.ci.low
    assert one.lift.confidence == one.planned.confidence == 0.95


def test_the_decision_p_is_that_of_the_family_not_of_the_metric_alone():
    rng = np.random.default_rng(4)
    frame = pd.DataFrame({"variant": np.repeat(["a", "b"], 500)})
    names = [f"m{i}" for i in range(4)]
    for name in names:
        frame[name] = rng.normal(size=1000) + 0.12 * (frame["variant"] == "b")
    found = analyse(frame, metrics=[MetricColumns(name=name, kind="mean") for name in names])
    alone = [
        stats.ttest_ind(
            *(frame.loc[frame["variant"] == v, n] for v in "ba"), equal_var=False
        ).pvalue
        for n in names
    ]
    order = np.argsort(alone)
    holm = np.empty(4)
    holm[order] = np.minimum(np.maximum.accumulate(np.sort(alone) * [4, 3, 2, 1]), 1)
    assert [one.p_adjusted for one in found.readings] == pytest.approx(holm.tolist())
    assert {one.correction for one in found.readings} == {"Holm over the primary metrics"}
    assert any(p < 0.05 <= q for p, q in zip(alone, holm, strict=True))


def closed(p: dict[tuple[str, str], float]) -> dict[tuple[str, str], float]:
    """Return adjusted p-values by closed testing, of every set of the comparisons in turn.

    A set is tested by its least p, simultaneous over the arms, times its number of metrics.
    """
    sets = [one for k in range(1, len(p) + 1) for one in combinations(p, k)]
    of_set = {one: len({m for m, _ in one}) * min(p[key] for key in one) for one in sets}
    return {key: min(max(of_set[one] for one in sets if key in one), 1.0) for key in p}


@pytest.mark.parametrize("compare", ["with_control", "all_pairs"])
@pytest.mark.parametrize("seed", range(3))
def test_several_metrics_and_arms_have_one_chance_of_a_false_alarm(compare: str, seed: int):
    rng = np.random.default_rng(seed)
    arms = np.repeat(["a", "b", "c"], 400)
    frame = pd.DataFrame({"variant": arms})
    shifts = {"x": ("b", 0.17), "y": ("c", 0.17), "z": ("b", 0.1)}
    for name, (arm, shift) in shifts.items():
        frame[name] = rng.normal(size=1200) + shift * (arms == arm)
    metrics = [MetricColumns(name=name, kind="mean") for name in shifts]
    found = analyse(frame, metrics=metrics, compare=compare)
    every = [*found.readings, *found.between]

    def key(one) -> tuple[str, str]:
        return one.metric.name, f"{one.against} {one.variant}"

    expected = closed({key(one): one.simultaneous.p_value for one in every})
    assert {key(one): one.p_adjusted for one in every} == pytest.approx(expected)
    step = "Dunnett over the treatments; Holm over the primary metrics"
    assert compare == "all_pairs" or {one.correction for one in every} == {step}


def test_a_single_test_is_not_said_to_be_adjusted():
    found = analyse(people(arms=ARMS[:2], effects=(0, 3)), metrics=[REVENUE], control="control")
    (one,) = found.readings
    assert (one.correction, one.simultaneous) == ("", None)
    assert one.p_adjusted == one.planned.p_value
    said = found.correction("primary").words(Language("en"))
    assert said == "primary metrics (one comparison, not adjusted)"


def test_how_p_is_adjusted_is_said_by_role_or_by_metric():
    frame = people().assign(never=0.0)
    frame.loc[frame["variant"] == "b", "never"] = np.arange(400) % 2
    metrics = [
        REVENUE,
        MetricColumns(name="bought", kind="proportion", role="secondary"),
        MetricColumns(name="before", kind="mean", role="secondary"),
        MetricColumns(name="never", kind="proportion", role="exploratory"),
        MetricColumns(name="again", kind="mean", value="before", role="exploratory"),
    ]
    found = analyse(frame, metrics=metrics, control="control")
    assert found.correction("primary", "secondary").words(Language("en")) == (
        "primary metrics (Dunnett over the treatments); secondary metrics (Dunnett over the "
        "treatments + Benjamini-Hochberg over the secondary metrics)"
    )
    words = found.correction("exploratory").words(Language("en"))
    assert "never (" in words
    assert "again (Dunnett over the treatments" in words
    italian = found.correction("primary", "secondary").words(Language("it"))
    assert "metric" not in italian.replace("metriche", "")


def test_all_pairs_are_one_family_and_tukeys():
    frame = people(slope=0)
    found = analyse(frame, metrics=[REVENUE], control="control", compare="all_pairs")
    pairs = [(one.against, one.variant) for one in (*found.readings, *found.between)]
    assert pairs == [
        ("control", "b"), ("control", "c"), ("control", "d"), ("b", "c"), ("b", "d"), ("c", "d"),
    ]  # fmt: skip
    tukey = stats.tukey_hsd(*(of(frame, arm) for arm in ARMS))
    for one in (*found.readings, *found.between):
        i, j = ARMS.index(one.against), ARMS.index(one.variant)
        assert one.planned.value == pytest.approx(
            of(frame, ARMS[j]).mean() - of(frame, ARMS[i]).mean()
        )
        assert one.p_adjusted == pytest.approx(tukey.pvalue[i, j], abs=0.01)
        assert one.correction == "Games-Howell over all pairs of variants"
        assert one.treatment.value == pytest.approx(of(frame, one.variant).mean())
        assert one.control.value == pytest.approx(of(frame, one.against).mean())
    # More comparisons share the confidence, so those with the control are wider than Dunnett's.
    alone = analyse(frame, metrics=[REVENUE], control="control").reading("revenue", "b").planned.ci
    wider = found.reading("revenue", "b").planned.ci
    assert wider.high - wider.low > alone.high - alone.low


def test_the_lift_is_of_the_arm_it_is_compared_with():
    frame = people(slope=0).assign(revenue=lambda rows: rows["revenue"] + 100)
    metric = MetricColumns(name="revenue", kind="mean", covariates=("before",))
    found = analyse(frame, metrics=[metric], control="control", compare="all_pairs")
    for one in found.between:
        assert one.lift.value == pytest.approx(
            one.planned.value / of(frame, one.against).mean(), rel=0.02
        )
        assert one.guard is None
        assert one.lift.confidence == 0.95
        assert one.lift.ci.low < one.lift.value < one.lift.ci.high


@pytest.mark.parametrize("method", ["cuped", "lin"])
@pytest.mark.parametrize("values", [np.nan, 0.0, 0.1, 7.0])
def test_a_covariate_that_says_nothing_adjusts_nothing_and_that_is_said(method: str, values: float):
    frame = people(arms=ARMS[:2], effects=(0, 3)).assign(before=values)
    metric = MetricColumns(name="revenue", kind="mean", covariates=("before",))
    found = analyse(frame, metrics=[metric], control="control", adjust=method)
    (one,) = found.readings
    assert one.adjusted is None
    assert one.plain is None
    assert math.isnan(one.variance_saved)
    assert "CUPED" not in one.planned.method
    assert "Lin" not in one.planned.method
    assert [remark.words(Language("en")) for remark in found.remarks] == [
        "revenue is not adjusted for what was before: that is the same for all units, or unknown "
        "of all in a variant"
    ]


def test_a_covariate_that_says_something_adjusts_and_the_plain_difference_stays():
    frame = people()
    metric = MetricColumns(name="revenue", kind="mean", covariates=("before",))
    found = analyse(frame, metrics=[metric], control="control")
    plain = analyse(frame, metrics=[REVENUE], control="control")
    assert found.remarks == ()
    for one, other in zip(found.readings, plain.readings, strict=True):
        assert one.plain is not None
        assert one.plain.ci == pytest.approx(other.planned.ci)
        assert one.difference.ci == other.difference.ci
        assert one.variance_saved == pytest.approx(0.5, abs=0.1)
        assert one.planned.ci.high - one.planned.ci.low < 0.8 * (
            one.plain.ci.high - one.plain.ci.low
        )


def test_covariates_are_not_used_over_clusters_and_that_is_said():
    frame = people().assign(store=lambda rows: rows["variant"] + (rows.index % 40 // 4).astype(str))
    metric = MetricColumns(name="revenue", kind="mean", covariates=("before",))
    found = analyse(frame, metrics=[metric], control="control", cluster="store")
    assert [remark.words(Language("en")) for remark in found.remarks] == [
        "revenue is not adjusted for what was before: chance assigned clusters"
    ]


def test_clusters_share_the_confidence_by_bonferroni():
    frame = people().assign(store=lambda rows: rows["variant"] + (rows.index % 40 // 4).astype(str))
    options = {"metrics": [REVENUE], "control": "control", "cluster": "store"}
    found = analyse(frame, **options)
    strict = analyse(frame, **options, confidence=1 - 0.05 / 3)
    for one, other in zip(found.readings, strict.readings, strict=True):
        assert one.planned.ci == pytest.approx(other.difference.ci)
        assert one.planned.confidence == 0.95
        assert one.p_adjusted == pytest.approx(min(3 * one.difference.p_value, 1))
        assert one.correction == "Bonferroni over the comparisons of variants"
    pairs = analyse(frame, **options, compare="all_pairs")
    assert len(pairs.between) == 3
    one = pairs.between[0]
    assert one.p_adjusted == pytest.approx(min(6 * one.difference.p_value, 1))


def test_an_arm_of_which_nothing_is_known_takes_nothing_from_the_others():
    frame = people(arms=ARMS[:3], effects=(0, 3, 0))
    alone = analyse(frame, metrics=[REVENUE], variants=["control", "b", "c"])
    found = analyse(frame, metrics=[REVENUE], variants=[*ARMS[:3], "nobody"])
    for name in ("b", "c"):
        assert found.reading("revenue", name).planned.ci == pytest.approx(
            alone.reading("revenue", name).planned.ci
        )
    nobody = found.reading("revenue", "nobody")
    assert math.isnan(nobody.planned.value)
    assert math.isnan(nobody.p_adjusted)
    only = analyse(frame[frame["variant"] != "c"], metrics=[REVENUE], variants=list(ARMS[:3]))
    assert only.reading("revenue", "b").simultaneous is None
    assert only.reading("revenue", "b").correction == ""


def test_an_arm_whose_values_are_all_the_same_leaves_bonferroni():
    frame = people()
    frame.loc[frame["variant"] == "c", "bought"] = 0.0  # nobody of one arm bought
    bought = MetricColumns(name="bought", kind="proportion")
    found = analyse(frame, metrics=[bought], control="control")
    one = found.reading("bought", "b")
    assert one.correction == "Bonferroni over the comparisons of variants"
    alone = analyse(
        frame[frame["variant"].isin(["control", "b"])], metrics=[bought], control="control"
    )
    assert one.p_adjusted == pytest.approx(min(3 * alone.reading("bought").difference.p_value, 1))


def test_segments_and_guardrails_are_by_arm():
    frame = people().assign(device=lambda rows: np.where(rows.index % 8 < 4, "mobile", "desktop"))
    guard = MetricColumns(name="g", kind="mean", value="revenue", role="guardrail", margin=3.0)
    found = analyse(frame, metrics=[REVENUE, guard], control="control", segments=["device"])
    assert [one.variant for one in found.of("guardrail")] == ["b", "c", "d"]
    assert [one.broken for one in found.of("guardrail")] == [False, False, False]
    for effect in found.segments:
        own = frame[frame["device"] == "mobile"]
        level = effect.levels["mobile"]
        assert level.difference.value == pytest.approx(
            of(own, effect.variant).mean() - of(own, "control").mean()
        )
    worse = frame.assign(revenue=frame["revenue"] - 9.0 * (frame["variant"] == "c"))
    broken = analyse(worse, metrics=[REVENUE, guard], control="control").of("guardrail")
    assert [one.broken for one in broken] == [False, True, False]


@pytest.mark.parametrize("adjust", ["cuped", "lin"])
def test_a_history_that_only_one_variant_has_adjusts_nothing(adjust):
    # Who has a history is then who is in the variant: adjusting for it would take out the effect.
    frame = people(arms=("control", "b"), effects=(0.0, 8.0))
    frame.loc[frame["variant"] == "b", "before"] = np.nan
    metric = MetricColumns(name="revenue", kind="mean", unit="EUR", covariates=("before",))
    (one,) = (found := analyse(frame, metrics=[metric], control="control", adjust=adjust)).readings
    expected = stats.ttest_ind(of(frame, "b"), of(frame, "control"), equal_var=False)
    assert one.adjusted is None
    assert one.planned.p_value == pytest.approx(expected.pvalue, rel=1e-6)
    assert len(found.remarks) == 1
    frame.loc[frame["variant"] == "b", "before"] = frame["before"].mean()
    frame.loc[frame.index % 3 == 0, "before"] = np.nan
    (some,) = analyse(frame, metrics=[metric], control="control", adjust=adjust).readings
    assert some.adjusted is not None
