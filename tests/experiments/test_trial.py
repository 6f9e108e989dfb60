"""What each customer did, by hand: windows, kinds, history, segments, and days not yet over."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import cxresearch as cx
from cxresearch.experiments import trial
from cxresearch.study.plans import Metric
from tests.experiments import studies

#: Two customers exposed at noon of 2 February; the events go on until the end of March.
EXPOSED = [("a", "control", "2026-02-02 12:00"), ("b", "one_page", "2026-02-02 12:00")]
LATER = [("z", "begin_checkout", "2026-03-31 00:00", "mobile")]


def metric(**changes: object) -> dict[str, object]:
    return {
        "name": "m",
        "role": "primary",
        "kind": "proportion",
        "of": "purchase",
        "days": 7,
        "mde": 0.1,
        **changes,
    }


def customers(project, rows, *metrics, **options) -> pd.DataFrame:
    until = options.pop("until", None)
    studies.write(project, rows, metrics=list(metrics), **options)
    found = trial.read(cx.open_study("shop"), "one_page", until=until)
    return found.frame.collect().to_pandas().set_index("customer_id").sort_index()


def bought(customer: str, ts: str) -> tuple[str, str, str, str]:
    return (customer, "purchase", ts, "mobile")


def test_a_window_begins_with_the_exposure_and_ends_with_its_last_moment(project):
    events = [
        bought("a", "2026-02-02 11:59:59"),
        bought("b", "2026-02-02 12:00:00"),
        bought("a", "2026-02-09 12:00:01"),
        *LATER,
    ]
    count = metric(kind="mean", name="n")
    found = customers(project, {"exposures": EXPOSED, "events": events}, metric(), count)
    assert found["m"].tolist() == [0, 1]
    assert found["n"].tolist() == [0, 1]
    # What a did between the start and the exposure is counted apart.
    assert found["m__early"].tolist() == [1, 0]
    last = [*events, bought("a", "2026-02-09 12:00:00")]
    found = customers(project, {"exposures": EXPOSED, "events": last}, metric(), count)
    assert found["n"].tolist() == [1, 1]


def test_a_proportion_is_whether_and_a_mean_is_how_many(project):
    events = [bought("a", "2026-02-03"), bought("a", "2026-02-04"), *LATER]
    count = metric(kind="mean", name="n")
    found = customers(project, {"exposures": EXPOSED, "events": events}, metric(), count)
    assert found[["m", "n"]].values.tolist() == [[1, 2], [0, 0]]


def test_a_ratio_of_two_events(project):
    events = [
        ("a", "begin_checkout", "2026-02-02 12:00", "mobile"),
        ("a", "begin_checkout", "2026-02-03", "mobile"),
        bought("a", "2026-02-03"),
        *LATER,
    ]
    ratio = metric(kind="ratio", per="begin_checkout")
    found = customers(project, {"exposures": EXPOSED, "events": events}, ratio)
    assert found[["m", "m__per"]].values.tolist() == [[1, 2], [0, 0]]


def test_orders_that_were_not_kept_or_are_in_another_currency_do_not_count(project):
    orders = [
        ("1", "a", "2026-02-03", 10.0, "completed", "EUR"),
        ("2", "a", "2026-02-03", 20.0, None, None),
        ("3", "a", "2026-02-03", 40.0, "cancelled", "EUR"),
        ("4", "a", "2026-02-03", 80.0, "completed", "USD"),
        ("5", "a", "2026-02-03", -160.0, "completed", "EUR"),
        ("6", "z", "2026-03-31", 1.0, "completed", "EUR"),
    ]
    value = metric(kind="mean", of={"table": "orders", "column": "revenue"})
    count = metric(kind="mean", of={"table": "orders"}, name="n")
    rows = {"exposures": EXPOSED, "events": LATER, "orders": orders}
    found = customers(project, rows, value, count)
    assert found[["m", "n"]].values.tolist() == [[30, 2], [0, 0]]


def test_nps_and_csat_count_answers_of_the_right_question(project):
    def answer(number, customer, kind, score, top=10, low=0, touchpoint="checkout"):
        return (number, customer, "2026-02-03", kind, score, low, top, touchpoint)

    surveys = [
        answer("1", "a", "nps", 9),
        answer("2", "a", "nps", 6),
        answer("3", "a", "nps", 10),
        answer("4", "a", "nps", 7),
        answer("5", "a", "csat", 4, top=5, low=1),
        answer("6", "a", "csat", 3, top=5, low=1),
        answer("7", "a", "csat", 5, top=5, low=1, touchpoint="chat"),
        ("8", "z", "2026-03-31", "nps", 0, 0, 10, "chat"),
    ]
    at_checkout = {"table": "surveys", "where": {"touchpoint": "checkout"}}
    found = customers(
        project,
        {"exposures": EXPOSED, "events": LATER, "surveys": surveys},
        metric(kind="nps", of=None),
        metric(kind="csat", of=at_checkout, name="satisfied"),
    )
    assert found.loc["a", ["m", "m__per", "satisfied", "satisfied__per"]].tolist() == [100, 4, 1, 2]
    # b did not answer: that is no score of 0.
    assert found.loc["b", ["m", "m__per", "satisfied", "satisfied__per"]].isna().all()


def test_tickets_count_by_their_opening(project):
    tickets = [("1", "b", "2026-02-03"), ("2", "b", "2026-03-03"), ("3", "z", "2026-03-31")]
    rows = {"exposures": EXPOSED, "events": LATER, "tickets": tickets}
    found = customers(project, rows, metric(kind="mean", of={"table": "tickets"}))
    assert found["m"].tolist() == [0, 1]


def test_a_customer_whose_days_are_not_over_has_no_outcome_yet(project):
    exposed = [*EXPOSED, ("c", "control", "2026-02-09 12:00")]
    events = [bought("c", "2026-02-09 13:00"), bought("a", "2026-02-09 12:00")]
    found = customers(project, {"exposures": exposed, "events": events}, metric(days=0.5))
    assert np.isnan(found.loc["c", "m"])
    assert found.loc["a", "m"] == 0
    # They are over before the very end of the last day that is read, which is not read itself.
    rows = {"exposures": exposed, "events": [*events, *LATER]}
    assert customers(project, rows, metric(days=0.49), until="2026-02-09").loc["c", "m"] == 1
    assert np.isnan(customers(project, rows, metric(days=0.5), until="2026-02-09").loc["c", "m"])


def test_history_is_what_came_before_and_null_where_there_is_none(project):
    events = [
        bought("a", "2026-01-30"),
        bought("a", "2026-01-01"),
        ("b", "begin_checkout", "2026-01-30", "mobile"),
        # What comes with the exposure or after it may be an effect of the variant.
        bought("a", "2026-02-02 12:00"),
        bought("a", "2026-02-04"),
        bought("b", "2026-02-04"),
        *LATER,
    ]
    exposed = [*EXPOSED, ("c", "control", "2026-02-02 12:00")]
    count = metric(kind="mean", history_days=10)
    whether = metric(name="w", history_days=10)
    found = customers(project, {"exposures": exposed, "events": events}, count, whether)
    assert found["m__before"].tolist()[:2] == [1, 0]
    assert np.isnan(found.loc["c", "m__before"])
    assert found["w__before"].tolist()[:2] == [1, 0]
    assert not [name for name in found.columns if "history" in name]


def test_segments_are_what_was_known_at_the_exposure(project):
    events = [
        ("a", "begin_checkout", "2026-02-01 12:00", "mobile"),
        ("a", "begin_checkout", "2026-02-02 12:00", "desktop"),
        ("a", "purchase", "2026-02-02 12:01", "tablet"),
        *LATER,
    ]
    records = [("web", "1", "a", "loyal"), ("app", "2", "a", None)]
    segments = {
        "device": {"column": "device"},
        "loyalty": {"table": "customers", "column": "segment"},
    }
    rows = {"exposures": EXPOSED, "events": events, "customers": records}
    found = customers(project, rows, metric(), segments=segments)
    assert found[["device", "loyalty"]].values.tolist() == [
        ["desktop", "loyal"],
        ["unknown", "unknown"],
    ]


def test_an_early_read_sees_what_one_would_have_seen_then(project):
    exposed = [*EXPOSED, ("c", "control", "2026-02-05 12:00")]
    events = [bought("a", "2026-02-03 12:00"), bought("b", "2026-02-04 12:00"), *LATER]
    rows = {"exposures": exposed, "events": events}
    found = customers(project, rows, metric(days=1), until="2026-02-03")
    assert found.index.tolist() == ["a", "b"]
    read = trial.read(cx.open_study("shop"), "one_page", until="2026-02-03")
    assert read.share_of_days == pytest.approx(0.3)
    assert read.tally.rows == 2


def test_the_last_day_is_that_of_the_manifest_or_of_the_data(project):
    rows = {"exposures": EXPOSED, "events": LATER}
    studies.write(project, rows, metrics=[metric()])
    assert str(trial.read(cx.open_study("shop"), "one_page").last_day) == "2026-03-31"
    studies.write(project, rows, metrics=[metric()], as_of="2026-04-02")
    assert str(trial.read(cx.open_study("shop"), "one_page").last_day) == "2026-04-02"


def test_metrics_that_the_plan_does_not_have_are_exploratory(project):
    logged = ("z", "payment_error", "2026-03-01", "mobile")
    studies.write(project, {"exposures": EXPOSED, "events": [*LATER, logged]})
    more = Metric.model_validate(metric(name="errors", of="payment_error"))
    found = trial.read(cx.open_study("shop"), "one_page", more=[more])
    assert [(one.name, one.role) for one in found.metrics] == [
        ("bought", "primary"),
        ("errors", "exploratory"),
    ]


def test_an_experiment_that_the_study_does_not_have(project):
    studies.write(project, {"exposures": EXPOSED, "events": LATER})
    with pytest.raises(ValueError, match="experiment must be one of 'one_page'; got 'two_page'"):
        trial.plan(cx.open_study("shop"), "two_page")
