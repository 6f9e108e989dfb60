"""Three arms and more: every table, check, sentence and sum of money names its arm."""

from __future__ import annotations

import numpy as np
import pytest

import cxresearch as cx
from cxresearch import experiments
from cxresearch.core import phrasing as worded
from cxresearch.core.languages import Language
from cxresearch.errors import ManifestError
from tests.experiments import studies

ARMS = {"control": 0.25, "better": 0.25, "same": 0.25, "harmful": 0.25}
METRICS = [
    {"name": "bought", "role": "primary", "kind": "proportion", "of": "purchase", "days": 2,
     "mde": 0.05},
    {"name": "revenue", "role": "secondary", "kind": "mean", "days": 2,
     "of": {"table": "orders", "column": "revenue"}},
    {"name": "errors", "role": "guardrail", "kind": "proportion", "of": "payment_error", "days": 2,
     "direction": "decrease", "margin": 0.05},
]  # fmt: skip
SEGMENTS = {"device": {"table": "events", "column": "device"}}


def studied(
    project, *, buys=(0.3, 0.45, 0.3, 0.15), errors=(0.05, 0.05, 0.05, 0.3), days=10, n=300, **plan
):
    """Return an experiment of n customers in each of four arms, its results and its decision."""
    rng = np.random.default_rng(5)
    rows = {"exposures": [], "events": [], "orders": []}
    for place in range(n * len(ARMS)):
        customer, arm = f"c{place:05d}", place % len(ARMS)
        day = 1 + place * days // (n * len(ARMS))
        at = f"2026-02-{day:02d}"
        device = ("mobile", "desktop")[place % 8 < 4]
        rows["exposures"].append((customer, list(ARMS)[arm], f"{at} 12:00"))
        rows["events"].append((customer, "begin_checkout", f"{at} 12:00", device))
        if rng.random() < buys[arm]:
            rows["events"].append((customer, "purchase", f"{at} 13:00", device))
            rows["orders"].append((f"o{place}", customer, f"{at} 13:00", 50.0, "completed", "EUR"))
        if rng.random() < errors[arm]:
            rows["events"].append((customer, "payment_error", f"{at} 12:30", device))
    given = {"variants": ARMS, "metrics": METRICS, "segments": SEGMENTS} | plan
    studies.write(project, rows, as_of="2026-03-31", **given)
    shop = cx.open_study("shop")
    more = experiments.time_metrics("purchase", hours=(1,))
    trial = experiments.read(shop, "one_page", more=more)
    analysis = experiments.evaluate(trial)
    checks = experiments.check_trial(trial, analysis)
    return trial, analysis, checks, experiments.decide(trial, analysis, checks)


@pytest.fixture(scope="module")
def four(tmp_path_factory):
    """The usual experiment, read once for all tests; they do not change it."""
    folder = tmp_path_factory.mktemp("four")
    (folder / "data").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CX_ROOT", str(folder))
        patch.delenv("CX_RAW", raising=False)
        yield studied(folder)


def said(remarks, lang="en"):
    return [one.words(Language(lang)) for one in remarks]


def worth_of(decision, variant):
    """Return the message of what a treatment is worth."""
    found = decision.money.sentences()
    return next(message for message, values in found if values["variant"] == variant)


def test_every_table_has_a_row_for_every_arm_and_metric(four):
    _, analysis, _, _ = four
    treatments = ["better", "same", "harmful"]
    planned = [one for one in analysis.readings if one.metric.role != "exploratory"]
    effects = experiments.effects_table(planned).frame.astype({"metric": str})
    pairs = list(zip(effects["metric"], effects["variant"], strict=True))
    assert pairs == [(m, v) for m in ("bought", "revenue", "errors") for v in treatments]
    assert set(effects["against"]) == {"control"}
    assert "within 1 hour" not in set(effects["metric"])
    explored = experiments.exploratory_table(analysis).frame["metric"]
    assert explored.astype(str).tolist() == ["within 1 hour"] * 3
    guards = experiments.guardrails_table(analysis).frame
    assert guards["variant"].tolist() == treatments
    assert guards["guardrail"].tolist()[-1] == "broken"
    segments = experiments.segments_table(analysis.segments).frame.astype({"metric": str})
    for metric in ("bought", "revenue", "errors"):
        own = segments[segments["metric"] == metric]
        assert own["variant"].tolist() == [v for v in treatments for _ in range(2)]


def test_p_by_itself_and_p_for_how_many_there_are_are_two_numbers(four):
    _, analysis, _, _ = four
    table = experiments.effects_table(analysis.of("primary")).frame
    assert table["p_value"].tolist() == [one.difference.p_value for one in analysis.of("primary")]
    assert (table["p_value"] < table["p_adjusted"]).any()
    assert (table["p_value"] <= table["p_adjusted"]).all()


def test_checks_name_the_arm_of_each_count(four):
    _, _, checks, _ = four
    ratio = checks.check("sample ratio").finding.words(Language("en"))
    assert ratio.startswith("control 300 / better 300 / same 300 / harmful 300 units where ")


def test_a_change_between_two_treatments_is_a_change_of_the_shares(project):
    rows = {"exposures": [], "events": [("z", "begin_checkout", "2026-03-31", "mobile")]}
    for place in range(1200):
        late = place >= 600
        arm = "control" if place % 3 == 0 else ("better" if late else "same")
        at = f"2026-02-{(9 if late else 1) + place % 5:02d} 12:00"
        rows["exposures"].append((f"c{place}", arm, at))
    arms = {"control": 0.34, "better": 0.33, "same": 0.33}
    studies.write(project, rows, variants=arms, end="2026-02-14", as_of="2026-03-31")
    trial = experiments.read(cx.open_study("shop"), "one_page")
    checks = experiments.check_trial(trial, experiments.evaluate(trial))
    # The control has a third in both weeks; the other two have changed places.
    assert checks.check("shares over time").standing == "failed"


def test_the_decision_says_of_every_arm_what_was_found(four):
    trial, analysis, _, decision = four
    assert (decision.verdict, decision.variant, decision.best) == ("ship", "better", "better")
    reasons = said(decision.reasons)
    assert reasons[0].startswith("bought is better in better: ")
    assert any(one.startswith("no difference of bought is shown in same: ") for one in reasons)
    assert any(one.startswith("bought is worse in harmful: ") for one in reasons)
    assert "the guardrail errors is broken in harmful" in reasons
    changes = said(decision.would_change)
    assert all(any(f"({arm})" in one for arm in ARMS) for one in changes)
    message, values = experiments.answer(trial, analysis, decision)
    sentence = worded.plain(message, values, Language("en"))
    # 14 of 100 customers more who spend 50, of the 3,600 of a month.
    worth = "worth about €25,200 a month"
    assert sentence == f"Ship better: bought up 14.0 percentage points; {worth}."


def test_no_sentence_says_a_confidence_of_100_or_a_p_of_0(four):
    _, _, checks, decision = four
    everything = [
        *said([*decision.reasons, *decision.would_change]),
        *(one.finding.words(Language("en")) for one in checks.checks),
    ]
    assert not [one for one in everything if "100.0%" in one or "p = 0.000" in one]
    assert "bought (harmful) would still be shown at a confidence of 99.9%" in everything


def test_money_is_that_of_every_arm(four):
    _, analysis, _, decision = four
    assert list(decision.money.by_variant) == ["better", "same", "harmful"]
    for variant, money in decision.money.by_variant.items():
        effect = analysis.reading("revenue", variant).planned
        assert money.value == pytest.approx(effect.value * 1200 / 10 * 30)
        assert money.ci == pytest.approx(tuple(bound * 3600 for bound in effect.ci))
    assert decision.money.by_variant["harmful"].ci.high < 0
    assert worth_of(decision, "harmful").startswith("In 30 days at the traffic of the test")


def test_a_mailing_of_one_day_is_worth_what_it_brings_once(project):
    _, analysis, _, decision = studied(project, days=1)
    assert decision.money.days == 0
    effect = analysis.reading("revenue", "better").planned
    assert decision.money.by_variant["better"].value == pytest.approx(effect.value * 1200)
    assert worth_of(decision, "better").startswith("Given to all customers of the test")
    assert "30" not in decision.money.name


def test_pairs_of_treatments_are_compared_where_the_plan_asks(project):
    _, analysis, _, decision = studied(
        project, buys=(0.2, 0.5, 0.4, 0.2), errors=(0.05, 0.05, 0.05, 0.05), compare="all_pairs"
    )
    table = experiments.between_tables(analysis)[0].frame.astype({"metric": str})
    pairs = set(zip(table["metric"], table["against"], table["variant"], strict=True))
    assert ("bought", "better", "same") in pairs
    # What the plan does not name is compared with the control only.
    assert not [one for one in table["metric"] if one == "within 1 hour"]
    assert {one.against for one in analysis.readings} == {"control"}
    assert decision.variant == "better"
    (chosen,) = [one for one in said(decision.reasons) if one.startswith("same may be shipped")]
    between = next(
        one
        for one in analysis.between
        if (one.metric.name, one.against, one.variant) == ("bought", "better", "same")
    )
    shown = "and the difference of the two is shown"
    assert chosen.endswith(
        shown if between.p_adjusted < 0.05 else "but no difference of the two is shown"
    )


def test_a_plan_says_which_variants_are_compared(project):
    studies.write(project, {"exposures": [], "events": []}, variants=ARMS, compare="all_pairs")
    assert experiments.plan(cx.open_study("shop"), "one_page").compare == "all_pairs"
    studies.write(project, {"exposures": [], "events": []}, compare="all_pairs")
    with pytest.raises(ManifestError, match="compare must not be all_pairs where there is one tr"):
        cx.open_study("shop")
    studies.write(project, {"exposures": [], "events": []}, variants=ARMS, compare="all")
    with pytest.raises(ManifestError, match="with_control"):
        cx.open_study("shop")


def test_the_words_are_there_in_italian(four):
    trial, analysis, _, decision = four
    for remark in decision.table().frame["words"]:
        assert remark.words(Language("it")) != remark.words(Language("en"))
    message, values = experiments.answer(trial, analysis, decision)
    worth = "vale circa 25.200\N{NO-BREAK SPACE}€ al mese"
    sentence = worded.plain(message, values, Language("it"))
    assert sentence == f"Rilasciare better: bought +14,0 punti percentuali; {worth}."
