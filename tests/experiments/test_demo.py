"""The planted effect of the demo study is found, and nothing that was not planted."""

from __future__ import annotations

import json
import math
from statistics import NormalDist

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

import cxresearch as cx
from cxresearch import experiments
from cxresearch.cli import app
from cxresearch.core import disk
from cxresearch.core.languages import Language
from cxresearch.simulate.effects import Experiment


@pytest.fixture(scope="module")
def shop():
    return cx.open_study("demo")


@pytest.fixture(scope="module")
def trial(shop):
    more = [
        *experiments.funnel_metrics(shop, steps=["shipping_step", "payment_step", "purchase"]),
        *experiments.time_metrics("purchase", hours=(0.25, 1, 24)),
        *experiments.error_metrics("payment_error", attempt="payment_step"),
    ]
    return experiments.read(shop, "one_page_checkout", more=more)


@pytest.fixture(scope="module")
def analysis(trial):
    return experiments.evaluate(trial)


@pytest.fixture(scope="module")
def checks(trial, analysis):
    return experiments.check_trial(trial, analysis)


@pytest.fixture(scope="module")
def power(shop):
    return experiments.power_table(shop, "one_page_checkout")


@pytest.fixture(scope="module")
def followed(trial, analysis):
    return experiments.monitor(trial, analysis.primary)


@pytest.fixture(scope="module")
def events(shop):
    return shop.frame("events").collect().to_pandas()


@pytest.fixture(scope="module")
def exposed():
    """How many customers met each variant, as the simulator counted them."""
    truth = json.loads((disk.project_root() / "data" / "demo" / "truth.json").read_text("utf-8"))
    realised = truth["realised"]["checkout_experiment"]
    return {name: counts["customers"] for name, counts in realised.items()}


def test_the_exposed_are_those_of_the_truth(trial, exposed):
    assert dict(trial.tally.customers) == exposed


def test_the_planted_effect_is_inside_the_interval(analysis):
    ci = analysis.reading("purchases_per_checkout").difference.ci
    assert ci.low < Experiment().effect < ci.high
    assert ci.low > 0


def test_plain_pandas_says_the_same(shop, events, analysis):
    exposures = shop.frame("exposures").collect().to_pandas()
    exposures = exposures[exposures["experiment"] == "one_page_checkout"].set_index("customer_id")
    bought = events[events["event"] == "purchase"]
    exposed = bought["customer_id"].map(exposures["ts_us"])
    days = (bought["ts_us"] - exposed) / 86_400_000_000
    inside = bought["customer_id"][days.ge(0) & days.lt(7)]
    plain = pd.DataFrame({"variant": exposures["variant"], "n": 0.0})
    plain["n"] = inside.value_counts().reindex(plain.index).fillna(0)
    shares = (plain["n"] > 0).groupby(plain["variant"]).mean()
    reading = analysis.reading("conversion")
    assert reading.control.value == pytest.approx(shares["control"])
    assert reading.treatment.value == pytest.approx(shares["one_page"])
    checkouts = events[events["event"] == "begin_checkout"]
    exposed = checkouts["customer_id"].map(exposures["ts_us"])
    days = (checkouts["ts_us"] - exposed) / 86_400_000_000
    begun = checkouts["customer_id"][days.ge(0) & days.lt(7)].map(exposures["variant"])
    ratio = plain.groupby("variant")["n"].sum() / begun.value_counts()
    found = analysis.reading("purchases_per_checkout")
    assert found.treatment.value == pytest.approx(ratio["one_page"])


def test_the_decision_is_the_plans_though_the_effect_is_true(trial, analysis, checks):
    # The plan's own power table says that 89 days are too few for its guardrail on order values.
    decision = experiments.decide(trial, analysis, checks)
    assert not checks.blocked
    assert (decision.verdict, decision.variant) == ("do not ship", "")
    holds = {one.metric.name: one.guard.holds for one in analysis.of("guardrail")}
    assert holds == {"payment_errors": True, "tickets": True, "order_value": False}
    assert analysis.reading("order_value").difference.p_value > 0.05
    listed = [remark.words(Language("en")) for remark in decision.deviations]
    assert all(words.startswith("not in the plan: ") for words in listed)


def test_the_steps_are_counted_from_the_entry(analysis, exposed):
    # The purchase is what the plan calls its conversion.
    names = ("reached_shipping_step", "reached_payment_step", "conversion")
    steps = [analysis.reading(name) for name in names]
    for reading in steps:
        assert reading.control.n + reading.treatment.n == sum(exposed.values())
    values = [reading.treatment.value for reading in steps]
    assert values == sorted(values, reverse=True)


def test_purchases_come_in_time(analysis):
    hours = [analysis.reading(f"within_{one}") for one in ("15_minutes", "1_hour", "24_hours")]
    values = [reading.treatment.value for reading in hours]
    assert values == sorted(values)


def test_no_error_was_planted_while_it_ran(analysis):
    reading = analysis.reading("per_attempt_payment_error")
    assert reading.difference.p_value > 0.05
    assert reading.control.value == pytest.approx(0.01, abs=0.01)
    by_device = [
        one
        for one in analysis.segments
        if (one.metric.name, one.segment) == ("payment_errors", "device")
    ]
    assert by_device[0].p_adjusted > 0.05


def test_the_effect_stays_and_no_weekday_is_special(trial, analysis):
    found = experiments.over_time(trial, "conversion")
    assert found.trend.p_value > 0.01
    assert found.weekdays.p_value > 0.01
    assert found.weekdays.df == 6
    # The pooled effect of independent days is near that of all.
    whole = analysis.reading("conversion").difference.value
    assert found.weekdays.pooled == pytest.approx(whole, abs=0.02)


def test_reading_by_day(trial, analysis, exposed):
    found = experiments.monitor(trial, "conversion", looks=[0.25, 0.5, 0.75, 1])
    last = analysis.reading("conversion").difference
    assert found.days[-1].effect.value == pytest.approx(last.value)
    assert found.days[-1].effect.n == last.n == sum(exposed.values())
    assert [look.share for look in found.looks] == [0.25, 0.5, 0.75, 1]
    assert [str(look.day) for look in found.looks][-1] == "2026-04-30"
    width = found.sequence[-1].ci.high - found.sequence[-1].ci.low
    assert width > last.ci.high - last.ci.low
    assert found.posterior.chance_to_win > 0.99
    sizes = [day.effect.n for day in found.days]
    assert sizes == sorted(sizes)


@pytest.mark.parametrize(
    # The second look is of 17 March, and known a week later.
    ("until", "shares"),
    [("2026-03-23", [0.25]), ("2026-03-24", [0.25, 0.5])],
)
def test_looks_that_have_not_come_are_not_shown(shop, until, shares):
    early = experiments.read(shop, "one_page_checkout", until=until)
    looks = experiments.monitor(early, "conversion", looks=[0.25, 0.5, 0.75, 1]).looks
    assert [look.share for look in looks] == shares


@pytest.mark.parametrize("function", [experiments.monitor, experiments.over_time])
def test_what_cannot_be_followed_is_told(trial, function):
    with pytest.raises(ValueError, match="metric must be one of 'conversion', "):
        function(trial, "revenue")
    with pytest.raises(ValueError, match="variant must be one of 'one_page'; got 'control'"):
        function(trial, "conversion", variant="control")


def test_the_power_table_is_of_the_history(power, events):
    (conversion,) = [row for row in power.rows if row.metric.name == "conversion"]
    entered = events[events["event"] == "begin_checkout"]
    start = pd.Timestamp("2026-01-31 23:00").value // 1000  # midnight in Rome
    last = start - 30 * 86_400_000_000
    # As many days as the plan has, from February to April.
    inside = entered["ts_us"].ge(last - 89 * 86_400_000_000) & entered["ts_us"].lt(last)
    first = entered[inside].groupby("customer_id")["ts_us"].min()
    assert power.customers == len(first)
    bought = events[events["event"] == "purchase"]
    days = (bought["ts_us"] - bought["customer_id"].map(first)) / 86_400_000_000
    buyers = bought["customer_id"][days.ge(0) & days.lt(7)].nunique()
    assert conversion.baseline == pytest.approx(buyers / len(first))
    # As R's power.prop.test has it (Fleiss, without continuity correction), and without CUPED.
    before, after = conversion.baseline, conversion.baseline + 0.06
    pooled = (before + after) / 2
    tail, chance = NormalDist().inv_cdf(0.975), NormalDist().inv_cdf(0.8)
    root = tail * math.sqrt(2 * pooled * (1 - pooled)) + chance * math.sqrt(
        before * (1 - before) + after * (1 - after)
    )
    assert conversion.control == pytest.approx((root / 0.06) ** 2, abs=3)
    assert conversion.customers == 2 * conversion.control
    assert conversion.days == pytest.approx(conversion.customers / power.per_day)
    assert conversion.answering == 1
    (csat,) = [row for row in power.rows if row.metric.name == "checkout_csat"]
    # Customers in all times the share of them who answer are those with an outcome.
    assert csat.customers * csat.answering == pytest.approx(csat.control + csat.treatment, abs=1)
    assert 0 < conversion.detectable < 0.06  # the plan's 89 days bring more than it needs


def test_the_command_prints_the_power_table():
    result = CliRunner().invoke(app, ["plan", "demo", "one_page_checkout"])
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0].startswith("one_page_checkout  plan ")
    assert "customers in 89 days before 2026-02-01" in lines[1]
    assert lines[2].startswith("What the plan asked for")
    assert lines[4].split()[:2] == ["conversion", "primary"]
    assert len(lines) == 4 + 8


def test_the_command_says_what_is_wrong():
    result = CliRunner().invoke(app, ["plan", "demo", "another"])
    assert (result.exit_code, result.stderr) == (
        2,
        "experiment must be one of 'one_page_checkout'; got 'another'\n",
    )


def test_metrics_and_counts_are_named_in_words(shop, trial, analysis):
    names = analysis.readings
    english, italian = (
        [one.called.words(Language(lang)) for one in names] for lang in ("en", "it")
    )
    for name, said, detto in (
        ("conversion", "conversion", "conversione"),
        ("tickets", "tickets", "ticket"),
        ("reached_payment_step", "reached payment_step", "arrivo a payment_step"),
        ("within_15_minutes", "within 15 minutes", "entro 15 minuti"),
        ("within_1_hour", "within 1 hour", "entro 1 ora"),
        ("per_attempt_payment_error", "payment_error per attempt", "payment_error per tentativo"),
    ):
        place = [one.metric.name for one in analysis.readings].index(name)
        assert (english[place], italian[place]) == (said, detto)
    # What only this study measures, only its labels say in another language.
    assert analysis.reading("revenue_per_customer").called.words(Language("en")) == (
        "revenue per customer"
    )
    for lang, said in (("en", "Revenue per customer"), ("it", "Ricavo per cliente")):
        language = Language(lang, shop.labels(lang))
        assert analysis.reading("revenue_per_customer").called.words(language) == said
    counted = [one.words(Language("it")) for one in trial.tally.table().frame["counted"]]
    assert counted[-2:] == ["clienti: control", "clienti: one_page"]
    assert counted[0] == "righe"


@pytest.mark.parametrize("lang", ["en", "it"])
def test_every_table_is_whole_in_both_languages(shop, trial, analysis, checks, power, lang):
    language = Language(lang, shop.labels(lang))
    decision = experiments.decide(trial, analysis, checks)
    effects = experiments.effects_table(analysis.readings).frame
    assert len(effects) == len(analysis.readings)
    assert (effects["guardrail"] != "").sum() == 3
    assert len(checks.table().frame) == len(checks.checks)
    segments = experiments.segments_table(analysis.segments).frame
    assert segments["n"].sum() == sum(
        reading.difference.n for one in analysis.segments for reading in one.levels.values()
    )
    said = decision.table().made(language).text
    reasons = {"en": "one page: 8.6 percentage points", "it": "pagina unica, 8,6 punti percentuali"}
    assert reasons[lang] in said
    for about in {
        "en": ("reason", "would change the decision", "not as planned"),
        "it": ("motivo", "cambierebbe la decisione", "diverso dal piano"),
    }[lang]:
        assert about in said
    days = [row.days for row in power.rows if row.days > 0]
    assert power.table().frame["days"].dropna().tolist() == [np.ceil(one) for one in days]
    assert {"en": "982", "it": "4.463"}[lang] in power.table().made(language).text
    # Browsers without a name buy as guests, so no order, ticket or answer is theirs.
    nameless = (segments["segment"] == "loyalty") & (segments["level"] == "unknown")
    assert not segments[~nameless].isna().any().any()


@pytest.mark.parametrize("lang", ["en", "it"])
def test_no_code_of_the_study_is_shown(shop, trial, analysis, checks, power, followed, lang):
    language = Language(lang, shop.labels(lang))
    shown = [
        trial.tally,
        checks,
        analysis,
        experiments.decide(trial, analysis, checks),
        followed,
        power,
    ]
    tables = [
        *(one.table() for one in shown),
        experiments.guardrails_table(analysis),
        experiments.exploratory_table(analysis),
        experiments.decisive_segments(analysis),
        experiments.missing_table(experiments.missing_outcomes(analysis)),
    ]
    for table in tables:
        made = table.made(language, min_cell=5)
        assert "_" not in made.text
        assert "Remark" not in made.csv


def test_the_data_behind_a_table_of_effects_are_numbers(analysis):
    row = analysis.table().frame.iloc[0]
    first = analysis.readings[0]
    assert (row["control"], row["lift"]) == (first.control.value, first.lift.value)
    assert (row["difference_low"], row["difference_high"]) == first.planned.ci
    made = analysis.table().made(Language("en"))
    assert "control_low,control_high" in made.csv.splitlines()[0]
    # The page has an interval of the difference alone.
    assert made.text.splitlines()[1].count("Interval") == 1
