"""A study of one survey export: its score, who answers, its course, its parts, its targets."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

import cxresearch as cx
from cxresearch import survey
from cxresearch.core.missing import Missing

MANIFEST = """
title: {en: Survey}
currency: EUR
time_zone: Europe/Rome
population: {segment: {new: 0.6, loyal: 0.4}}
surveys:
  - {name: recommend, metric: nps, scale: [0, 10], target: 10}
tables:
  surveys:
    file: answers.csv
    columns: {response_id: id, ts: when, customer_id: id}
    melt:
      - columns: {score: recommend}
        constants: {metric: nps, scale_min: 0, scale_max: 10}
      - columns: {score: delivery}
        constants: {metric: csat, scale_min: 1, scale_max: 5, touchpoint: delivery}
      - columns: {score: price}
        constants: {metric: csat, scale_min: 1, scale_max: 5, touchpoint: price}
      - columns: {score: site}
        constants: {metric: csat, scale_min: 1, scale_max: 5, touchpoint: site}
"""

#: The score of {new: 0.6, loyal: 0.4} in `export`.
NPS = -40.8


def export(n: int = 400, seed: int = 1) -> pd.DataFrame:
    """Loyal customers answer three times in four; delivery decides what is said, and is bad."""
    rng = np.random.default_rng(seed)
    loyal = rng.random(n) < 0.75
    delivery = np.clip(np.round(rng.normal(2.8, 1.1, n)), 1, 5)
    price, site = (np.clip(np.round(rng.normal(4, 0.8, n)), 1, 5) for _ in range(2))
    score = 4 + 1.2 * (delivery - 2.8) + 3 * loyal + 0.2 * price + rng.normal(0, 1, n)
    return pd.DataFrame(
        {
            "id": [f"r{i}" for i in range(n)],
            "when": pd.date_range("2025-11-01", "2026-10-31", n).strftime("%Y-%m-%d"),
            "segment": np.where(loyal, "loyal", "new"),
            "recommend": np.clip(np.round(score), 0, 10).astype(int),
            "delivery": delivery.astype(int),
            "price": price.astype(int),
            "site": site.astype(int),
        }
    )


@pytest.fixture
def opened(project):
    def open_one(answers: pd.DataFrame, manifest: str = MANIFEST):
        folder = project / "data" / "asked"
        folder.mkdir()
        (folder / "study.yaml").write_text(manifest)
        answers.to_csv(folder / "answers.csv", index=False)
        return cx.open_study("asked")

    return open_one


def points(scores: pd.Series) -> float:
    return 100 * ((scores >= 9).mean() - (scores <= 6).mean())


def test_an_export_alone_is_weighted_to_the_population_it_names(opened):
    rows = export()
    heard = survey.satisfaction(opened(rows))
    assert (heard.metric, heard.scale, heard.touchpoint) == ("nps", (0, 10), "")
    by = rows.groupby("segment")["recommend"].apply(points)
    assert heard.raw.value == pytest.approx(points(rows["recommend"]))
    assert heard.level_of_all.value == pytest.approx(0.6 * by["new"] + 0.4 * by["loyal"])
    assert heard.selection.value == pytest.approx(heard.raw.value - heard.level_of_all.value)
    assert heard.selection.ci.low > 0
    said = str(heard.answer)
    level = f"{heard.level_of_all.value:.1f}".replace("-", "−")
    assert said.startswith(f"NPS is {level} weighted to all customers")
    assert said.endswith("loyal customers answer more.")
    assert len(said.split()) <= 20
    assert "weighted by segment" in str(heard.footnote)
    (table,) = survey.who_answers(heard)
    shares = table.frame.set_index("segment")
    assert shares.loc["loyal", "among"] == pytest.approx((rows["segment"] == "loyal").mean())
    assert "response" not in table.frame  # nobody says how many customers there are
    assert isinstance(survey.worst_and_best(heard), Missing)


@pytest.mark.parametrize("highest", [10, 5])  # scores up to 5 only are on another scale
def test_a_weighted_level_is_that_of_the_same_answers_counted_by_the_engine(opened, highest):
    rows = export()
    rows["recommend"] = rows["recommend"].clip(upper=highest)
    heard = survey.satisfaction(opened(rows))
    asked = {"touchpoint": "all", "confidence": heard.confidence}
    weighted = heard.weighted
    assert weighted is not None
    by_engine = survey.overall(weighted.rows, "nps", weights=weighted.weights, **asked)
    found = heard.level(weighted)
    assert (found.value, *found.ci) == pytest.approx((by_engine.value, *by_engine.ci), nan_ok=True)
    assert (found.n, found.method, found.note) == (by_engine.n, by_engine.method, by_engine.note)


def test_each_month_is_weighted_to_the_population_and_the_scorecard_says_so(opened):
    rows = export(4000)
    months = survey.scores_by_month(opened(rows))
    own = months[months["indicator"] == "nps"]
    assert set(own["name"]) == {"NPS, weighted"}
    for month, value in zip(own["month"], own["value"], strict=True):
        by = rows[rows["when"].str.startswith(month)].groupby("segment")["recommend"].apply(points)
        assert value == pytest.approx(0.6 * by["new"] + 0.4 * by["loyal"])


def test_months_stay_raw_where_one_cannot_be_weighted(opened):
    rows = export(4000)
    january = rows["when"].str.startswith("2026-01")
    months = survey.scores_by_month(opened(rows[~january | (rows["segment"] == "loyal")]))
    own = months[months["indicator"] == "nps"]
    assert set(own["name"]) == {"NPS"}
    assert len(own) == 12


def test_a_tilt_of_one_changes_nothing_and_more_lowers_the_score(opened):
    heard = survey.satisfaction(opened(export()))
    assert survey.tilted(heard, 1.0).value == pytest.approx(heard.level_of_all.value)
    by = [survey.tilted(heard, times).value for times in (1.0, 1.5, 3.0)]
    assert by == sorted(by, reverse=True)
    cases = survey.if_others_differ(heard).frame
    assert cases["value"].iloc[0] == pytest.approx(heard.raw.value)


def test_a_tilt_undoes_a_response_that_rises_with_the_score(opened):
    # Of 100 promoters 90 answer, of 100 detractors 60: one and a half times as often.
    scores = [10] * 90 + [0] * 60
    rows = export(150).assign(recommend=scores, segment=["new", "loyal"] * 75)
    manifest = MANIFEST.replace("{new: 0.6, loyal: 0.4}", "{new: 0.5, loyal: 0.5}")
    heard = survey.satisfaction(opened(rows, manifest))
    assert heard.raw.value == pytest.approx(20)
    assert survey.tilted(heard, 1.5).value == pytest.approx(0, abs=0.01)


@pytest.mark.parametrize(
    ("target", "verdict"), [(NPS - 20, "reached"), (NPS, "not shown"), (NPS + 20, "missed")]
)
def test_a_target_is_held_against_the_whole_interval(opened, target, verdict):
    manifest = MANIFEST.replace("target: 10", f"target: {target}")
    heard = survey.satisfaction(opened(export(), manifest))
    low, high = heard.level_of_all.ci
    assert NPS - 20 < low < NPS < high < NPS + 20
    (row,) = survey.targets(heard).frame.to_dict("records")
    assert row["question"] == "recommend"
    assert row["apart"] == pytest.approx(heard.level_of_all.value - target)
    assert str(row["verdict"]) == verdict


def test_the_part_that_decides_and_is_bad_comes_first(opened):
    parts = survey.rated_parts(survey.satisfaction(opened(export())), resamples=50)
    assert parts.first == "delivery"
    drivers = parts.drivers.drivers.set_index("driver")
    assert drivers["share"].idxmax() == "delivery"
    assert drivers["share"].sum() == pytest.approx(1)
    assert parts.drivers.n == 400
    assert parts.table().frame["driver"].iloc[0] == "delivery"
    assert "delivery" in str(parts.sentence.values["part"])


def test_parts_that_few_rate_are_left_out(opened):
    rows = export()
    rows["site"] = rows["site"].where(rows.index < 100)
    parts = survey.rated_parts(survey.satisfaction(opened(rows)), resamples=0)
    assert set(parts.rated) == {"delivery", "price"}
    assert (parts.left_out, parts.drivers.n) == (1, 400)


def test_a_dip_of_who_answers_is_none_of_satisfaction(opened):
    rows = export(1200, seed=4)
    dip = (rows["when"] >= "2026-06-01") & (rows["when"] < "2026-07-01")
    gone = dip & (rows["segment"] == "loyal") & (np.arange(1200) % 4 > 0)
    course = survey.course(survey.satisfaction(opened(rows[~gone])))
    by = course.frame.set_index("period")
    others = by.drop("2026-06")
    assert by.loc["2026-06", "raw"] < others["raw"].min()
    assert by.loc["2026-06", "weighted"] > others["weighted"].min()
    assert course.signalled == []
    assert by["weighted"].notna().all()
    assert len(by) == 12


def test_without_a_population_nothing_is_weighted(opened):
    manifest = MANIFEST.replace("population: {segment: {new: 0.6, loyal: 0.4}}\n", "")
    heard = survey.satisfaction(opened(export(60), manifest))
    assert heard.weighted is None
    assert heard.level_of_all == heard.raw
    assert isinstance(heard.selection, Missing)
    assert isinstance(survey.who_answers(heard), Missing)
    assert str(heard.answer).endswith("among the 60 who answered.")
    assert set(heard.estimates) == {"nps_raw"}
    assert heard.table().frame["weighted"].isna().all()
    assert list(survey.if_others_differ(heard).frame["value"]) == sorted(
        survey.if_others_differ(heard).frame["value"], reverse=True
    )


def test_customers_that_no_number_names_are_no_population(opened):
    unnamed = "  customers: {file: answers.csv, columns: {record_id: id, name: id}, constants: "
    manifest = MANIFEST.replace("population: {segment: {new: 0.6, loyal: 0.4}}\n", "")
    heard = survey.satisfaction(opened(export(60), manifest + unnamed + "{source: shop}}\n"))
    assert heard.level_of_all == heard.raw
    assert isinstance(survey.who_answers(heard), Missing)


def test_the_answers_needed_are_those_of_the_plan_times_the_cost_of_weights(opened):
    heard = survey.satisfaction(opened(export()))
    shares = {
        "promoters": float((heard.now["score"] >= 9).mean()),
        "detractors": float((heard.now["score"] <= 6).mean()),
    }
    plain = survey.nps_sample_size(5, **shares)
    needed = survey.answers_needed(heard).frame.set_index("answers").index
    wide = heard.level_of_all.ci.high - heard.level_of_all.ci.low
    cost = (wide / 2 / survey.nps_margin(400, **shares)) ** 2
    assert needed[0] == math.ceil(plain * max(1, cost))
    steps = survey.next_steps(heard, survey.rated_parts(heard, resamples=0))
    assert [one.message.split()[0] for one in steps] == ["Work", "Remind", "Ask"]


def test_a_question_of_the_shop_goes_before_one_of_a_touchpoint(opened):
    rows = export(80)
    manifest = MANIFEST.replace("metric: nps, scale_min: 0, scale_max: 10",
                                "metric: csat, scale_min: 0, scale_max: 10")  # fmt: skip
    manifest = manifest.replace("metric: nps, scale: [0, 10], target: 10",
                                "metric: csat, scale: [0, 10], target: 0.5")  # fmt: skip
    heard = survey.satisfaction(opened(rows, manifest))
    assert (heard.metric, heard.touchpoint) == ("csat", "")
    assert heard.raw.value == pytest.approx((rows["recommend"] >= 9).mean())
    assert isinstance(survey.answers_needed(heard), Missing)
    assert str(heard.answer).startswith("CSAT is ")


def test_nobody_answered(opened):
    heard = survey.satisfaction(opened(export(20).assign(recommend=None, delivery=None,
                                                         price=None, site=None)))  # fmt: skip
    assert isinstance(heard, Missing)
    assert isinstance(survey.course(heard), Missing)
    assert isinstance(survey.next_steps(heard, heard), Missing)


def test_months_are_at_least_one(opened):
    shop = opened(export(20))
    with pytest.raises(ValueError, match="months must be at least 1; got 0"):
        survey.satisfaction(shop, months=0)
