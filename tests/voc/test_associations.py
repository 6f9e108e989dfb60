"""Themes and outcomes: adjusted differences, impact, recovery, stages, and who came back."""

from __future__ import annotations

import math

import duckdb
import numpy as np
import pandas as pd
import pytest

from cxresearch.errors import SchemaError
from cxresearch.stats.means.sample_means import difference_of_means
from cxresearch.voc.estimates.associations import associations, nps_points
from cxresearch.voc.estimates.recovery import (
    bought_again,
    contacts,
    experiences,
    nearest_score,
    service_recovery,
)
from cxresearch.voc.estimates.theme_tables import theme_by_stage

DAY = 86_400_000_000


@pytest.fixture
def answers():
    """3,000 texts: delivery costs 40 points, price nothing, but both are written of together."""
    rng = np.random.default_rng(41)
    delivery = rng.random(3000) < 0.3
    price = np.where(delivery, rng.random(3000) < 0.6, rng.random(3000) < 0.2)
    segment = np.where(rng.random(3000) < 0.5, "new", "loyal")
    outcome = 30 - 40 * delivery + 20 * (segment == "loyal") + rng.normal(0, 60, 3000)
    themes = pd.DataFrame({"delivery": delivery, "price": price})
    return themes, outcome, pd.DataFrame({"segment": segment}), rng.integers(0, 1500, 3000)


def test_a_theme_is_not_blamed_for_another(answers):
    themes, outcome, segment, customers = answers
    delivery, price = associations(
        themes, outcome, unit="points", covariates=segment, clusters=customers
    )
    assert delivery.ci.low < -40 < delivery.ci.high
    assert price.ci.low < 0 < price.ci.high
    alone = associations(themes[["price"]], outcome, unit="points")[0]
    assert alone.ci.high < 0
    assert delivery.p_adjusted == pytest.approx(2 * delivery.p_value)
    assert (delivery.n, delivery.unit) == (len(set(customers)), "points")


def test_alone_and_unclustered_it_is_the_difference_of_means(answers):
    themes, outcome, *_ = answers
    found = associations(themes[["delivery"]], outcome, unit="points")[0]
    with_it = themes["delivery"].to_numpy()
    plain = difference_of_means(outcome[~with_it], outcome[with_it], unit="points")
    assert found.value == pytest.approx(plain.value)
    assert found.ci == pytest.approx(plain.ci, rel=0.01)


def test_the_impact_is_what_the_mean_would_gain(answers):
    themes, outcome, *_ = answers
    found = associations(themes[["delivery"]], outcome, unit="points")[0]
    # Of one theme alone: the mean of all less that of the texts without it.
    without = outcome[~themes["delivery"].to_numpy()].mean()
    assert found.impact.value == pytest.approx(outcome.mean() - without)
    assert found.mean == themes["delivery"].mean()
    assert found.impact.ci.low < -12 < found.impact.ci.high


def test_the_interval_of_the_impact_holds_the_truth():
    rng = np.random.default_rng(8)
    held = 0
    for _ in range(400):
        theme = rng.random(300) < 0.2
        outcome = rng.normal(0, 1, 300) - 1.5 * theme
        ci = associations(pd.DataFrame({"t": theme}), outcome, unit="points")[0].impact.ci
        held += ci.low <= -0.3 <= ci.high
    assert 0.93 <= held / 400 <= 0.97


def test_a_number_has_a_slope():
    rng = np.random.default_rng(9)
    feeling = rng.uniform(-1, 1, 500)
    bought = (rng.random(500) < 0.4 + 0.2 * feeling).astype(float)
    feeling[:50] = math.nan
    found = associations(pd.DataFrame({"sentiment": feeling}), bought, unit="share")[0]
    assert found.value == pytest.approx(np.polyfit(feeling[50:], bought[50:], 1)[0])
    assert found.n == 450


def test_what_is_not_known_is_left_out(answers):
    themes, outcome, segment, _ = answers
    lacking = outcome.copy()
    lacking[:100] = math.nan
    segment = segment.copy()
    segment.loc[200:250, "segment"] = None
    found = associations(themes, lacking, unit="points", covariates=segment)
    assert found[0].n == 2900
    known = slice(100, None)
    again = associations(themes[known], outcome[known], unit="points", covariates=segment[known])
    assert again[0].value == pytest.approx(found[0].value)


def test_who_has_a_feature_is_counted_among_those_with_an_outcome():
    # A writes twice of delivery, C is not known to have answered, D wrote of nothing.
    features = pd.DataFrame({"delivery": [1, 1, 1, 1, 0], "price": [1, 0, 1, 0, 0]}, dtype=bool)
    outcome = [0.0, 1.0, 1.0, math.nan, 0.0]
    customers = ["A", "A", "B", "C", "D"]
    delivery, price = associations(features, outcome, unit="share", clusters=customers)
    assert (delivery.n, delivery.n_with, price.n_with) == (3, 2, 2)
    # Answers to another question have other customers behind them.
    outcome = [math.nan, 1.0, math.nan, 1.0, 0.0]
    delivery, price = associations(features, outcome, unit="share", clusters=customers)
    assert (delivery.n, delivery.n_with, price.n_with) == (3, 2, 0)


def test_a_theme_of_no_text_has_no_effect(answers):
    themes, outcome, *_ = answers
    found = associations(themes.assign(store=False), outcome, unit="points")[2]
    assert math.isnan(found.value)
    assert math.isnan(found.impact.value)
    assert math.isnan(found.p_adjusted)
    assert (
        found.note
        == "undefined: it is the same in every text, or cannot be separated from the others"
    )
    assert found.impact.note == found.note


def test_an_outcome_that_is_always_the_same_is_said_of_the_impact_too():
    themes = pd.DataFrame({"delivery": [True, False] * 5})
    (found,) = associations(themes, [7.0] * 10, unit="points")
    assert found.value == pytest.approx(0)
    assert found.note == found.impact.note == "no interval: every value is the same"


def test_no_texts_have_no_associations():
    found = associations(pd.DataFrame({"delivery": []}), [], unit="points")[0]
    assert math.isnan(found.value)
    assert found.n == 0


def test_a_row_of_an_effect(answers):
    themes, outcome, *_ = answers
    row = associations(themes, outcome, unit="points")[0].to_dict()
    assert next(iter(row)) == "feature"
    assert row["impact_low"] < row["impact"] < row["impact_high"]
    assert not any(hasattr(value, "to_dict") for value in row.values())


def test_nps_points_are_the_nps_when_averaged():
    scores = [10, 9, 9, 8, 7, 6, 0]
    assert nps_points(scores).mean() == pytest.approx(100 * (3 - 2) / 7)


@pytest.fixture
def bad_experiences():
    rng = np.random.default_rng(12)
    negative = rng.random(2000) < 0.5
    contacted = rng.random(2000) < 0.5
    resolved = rng.random(2000) < 0.7
    groups = experiences(negative, contacted, resolved)
    chance = {"no problem": 0.5, "no contact": 0.25, "resolved": 0.42, "not resolved": 0.1}
    bought = np.array([rng.random() < chance[group] for group in groups], dtype=float)
    return groups, bought


def test_support_that_resolves_turns_experiences(bad_experiences):
    groups, bought = bad_experiences
    found = service_recovery(groups, bought, unit="share")
    by = {one.group: one for one in found}
    assert list(by) == ["not resolved", "no contact", "resolved", "no problem"]
    assert by["resolved"].ci.low > 0 > by["not resolved"].ci.high
    own = np.array(groups) == "resolved"
    other = np.array(groups) == "no contact"
    assert by["resolved"].value == pytest.approx(bought[own].mean() - bought[other].mean())
    assert by["resolved"].mean.value == bought[own].mean()
    assert math.isnan(by["no contact"].value)
    assert by["no contact"].note == "this is the group that the others are compared with"
    assert by["no contact"].n == other.sum()
    assert by["resolved"].to_dict()["mean"] == bought[own].mean()


def test_the_reference_can_be_another(bad_experiences):
    groups, bought = bad_experiences
    one = service_recovery(groups, bought, unit="share", reference="no problem")
    assert {part.group: part.value for part in one}["resolved"] < 0.05
    with pytest.raises(ValueError, match="reference must be one of 'not resolved'"):
        service_recovery(groups, bought, unit="share", reference="happy")
    with pytest.raises(ValueError, match="the length of outcome must be one of 2000; got 1"):
        service_recovery(groups, [1.0], unit="share")


def test_themes_by_stage_are_counted_plainly():
    tags = pd.DataFrame({"delivery": [1, 1, 0, 0, 1], "price": [0, 0, 1, 0, 0]}, dtype=bool)
    stages = ["service", "service", "service", "purchase", None]
    felt = [-0.5, 0.1, 0.3, 0.2, -1]
    table = theme_by_stage(tags, stages, sentiment=felt, clusters=["a", "a", "b", "c", "d"])
    cell = table.set_index(["theme", "stage"]).loc[("delivery", "service")]
    assert cell["share"] == pytest.approx(2 / 3)
    assert (cell["texts"], cell["customers"]) == (2, 1)
    assert cell["sentiment"] == pytest.approx(-0.2)
    assert cell["ci_low"] < cell["share"] < cell["ci_high"]
    assert len(table) == 4
    assert math.isnan(table.set_index(["theme", "stage"]).loc[("price", "purchase")]["sentiment"])
    assert theme_by_stage(tags, stages)["sentiment"].isna().all()
    with pytest.raises(ValueError, match="the length of stages must be one of 5; got 1"):
        theme_by_stage(tags, ["service"])


@pytest.fixture
def written():
    return pd.DataFrame(
        {
            "text_id": ["a", "b", "c", "d"],
            "customer_id": ["X", "Y", None, "X"],
            "ts_us": [10 * DAY, 10 * DAY, 10 * DAY, 80 * DAY],
        }
    )


def test_who_came_back(written):
    orders = pd.DataFrame(
        {
            "customer_id": ["X", "X", "Y", "Z", None],
            "ts_us": [5 * DAY, 39 * DAY, 41 * DAY, 90 * DAY, 12 * DAY],
        }
    )
    found = bought_again(written, orders, days=30)
    assert found.index.tolist() == ["a", "b", "c", "d"]
    # a came back after 29 days, b after 31; c is not known; of d the orders end too soon.
    assert found.tolist()[:2] == [1.0, 0.0]
    assert np.isnan(found.tolist()[2:]).all()
    with duckdb.connect() as connection:
        lazy = [connection.from_df(frame) for frame in (written, orders)]
        assert bought_again(*lazy, days=30).equals(found)


def test_an_order_at_the_moment_of_the_text_is_not_a_return(written):
    orders = pd.DataFrame({"customer_id": ["X", "Z"], "ts_us": [10 * DAY, 200 * DAY]})
    assert bought_again(written, orders, days=30)["a"] == 0.0


def test_the_nearest_score_counts(written):
    surveys = pd.DataFrame(
        {
            "customer_id": ["X", "X", "X", "Y", "X"],
            "ts_us": [8 * DAY, 11 * DAY, 10 * DAY, 18 * DAY, 79 * DAY],
            "metric": ["nps", "nps", "csat", "nps", "nps"],
            "score": [2.0, 9.0, 5.0, 7.0, 4.0],
        }
    )
    found = nearest_score(written, surveys, "nps", days=7)
    assert found["a"] == 9.0
    assert found["d"] == 4.0
    assert math.isnan(found["b"])
    assert math.isnan(found["c"])
    assert nearest_score(written, surveys, "nps", days=8)["b"] == 7.0
    equally = surveys.assign(ts_us=[8 * DAY, 12 * DAY, 10 * DAY, 18 * DAY, 79 * DAY])
    assert nearest_score(written, equally, "nps")["a"] == 9.0


def test_the_words_of_errors(written, answers):
    themes, outcome, segment, _ = answers
    with pytest.raises(SchemaError, match="score: no such column"):
        nearest_score(written, written.assign(metric="nps"), "nps")
    with pytest.raises(ValueError, match="days must be above 0; got 0"):
        bought_again(written, written, days=0)
    with pytest.raises(ValueError, match="the length of outcome must be one of 3000; got 1"):
        associations(themes, [1.0], unit="points")
    with pytest.raises(ValueError, match="the number of rows of covariates must be one of 3000"):
        associations(themes, outcome, unit="points", covariates=segment[:5])


def test_a_contact_belongs_to_a_text_when_it_comes_with_it_or_soon_after():
    texts = pd.DataFrame(
        {
            "text_id": ["with", "soon", "late", "before", "nobody", "open", "closed", "first"],
            "customer_id": ["A", "B", "C", "D", None, "E", "F", "G"],
            "ts_us": [DAY] * 8,
        }
    )
    tickets = pd.DataFrame(
        {
            "customer_id": ["A", "B", "C", "D", None, "E", "F", "G", "G"],
            "opened_us": [
                *(DAY, 3 * DAY, 9 * DAY, DAY - 1, DAY, 2 * DAY, 2 * DAY, 3 * DAY, 2 * DAY)
            ],
            "resolved_us": [*([10.0 * DAY] * 5), math.nan, *([10.0 * DAY] * 3)],
            "outcome": [
                *("solved", "refunded", "solved", "solved", "solved", None, "no_solution"),
                *("solved", "no_solution"),
            ],
        }
    )
    found = contacts(texts, tickets, days=7)
    assert found.index.tolist() == sorted(texts["text_id"])
    assert set(found.index[found["contacted"]]) == {"with", "soon", "open", "closed", "first"}
    # Of two contacts the first counts: it left the customer without a solution.
    assert set(found.index[found["resolved"]]) == {"with", "soon"}
    assert found["contacted"].dtype == found["resolved"].dtype == bool


def test_contacts_are_the_same_from_any_engine():
    texts = pd.DataFrame(
        {"text_id": ["a", "b"], "customer_id": ["A", "B"], "ts_us": [0, 0]},
    )
    tickets = pd.DataFrame(
        {"customer_id": ["A", "B"], "opened_us": [5, 5], "resolved_us": [9, None]}
    ).assign(outcome="solved", resolved_us=lambda rows: rows["resolved_us"].astype("Int64"))
    plain = contacts(texts, tickets)
    engine = contacts(
        duckdb.from_df(texts), duckdb.from_df(tickets.astype({"resolved_us": "float64"}))
    )
    assert plain.equals(engine)
    assert plain["resolved"].tolist() == [True, False]


def test_the_words_of_errors_of_contacts():
    with pytest.raises(SchemaError, match="opened: no such column"):
        contacts(
            pd.DataFrame({"text_id": ["a"], "customer_id": ["A"], "ts_us": [0]}),
            pd.DataFrame({"customer_id": ["A"], "resolved_us": [0], "outcome": ["solved"]}),
        )
    with pytest.raises(ValueError, match="days must be above 0"):
        contacts(
            pd.DataFrame({"text_id": ["a"], "customer_id": ["A"], "ts_us": [0]}),
            pd.DataFrame(
                {"customer_id": ["A"], "opened_us": [0], "resolved_us": [0], "outcome": ["solved"]}
            ),
            days=0,
        )
