"""Survey metrics by group: the same in every engine, each against the rest."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from cxresearch.core.catalogues import catalogue
from cxresearch.errors import SchemaError
from cxresearch.stats.means.sample_means import difference_of_means
from cxresearch.stats.shares.differences import difference_of_proportions
from cxresearch.survey.groups import ALL, RELATIONAL, by_group, overall, with_attribute
from cxresearch.survey.metrics import METRICS, TOO_FEW
from cxresearch.survey.nps import NO_ANSWERS, NPS_LIKE, nps
from cxresearch.survey.nps_compare import nps_difference
from cxresearch.survey.ratings import ces, csat
from tests.kpis.shop import ENGINES, in_engine

SCALES = {"nps": (0, 10), "csat": (1, 5), "ces": (1, 7), "enps": (0, 10)}
PLACES = ("chat", "delivery", None)


def answered(seed=1, n=600):
    rng = np.random.default_rng(seed)
    metric = rng.choice(list(SCALES), n, p=[0.5, 0.3, 0.19, 0.01])
    low, high = np.array([SCALES[name] for name in metric]).T
    return pd.DataFrame(
        {
            "metric": metric,
            "score": rng.integers(low, high + 1).astype(float),
            "scale_min": low.astype(float),
            "scale_max": high.astype(float),
            "customer_id": [f"c{i}" if i < 90 else None for i in rng.integers(0, 100, n)],
            "touchpoint": rng.choice(np.array(PLACES, dtype=object), n),
            "order_id": [f"o{i}" for i in range(n)],
        }
    )


def answered_once(**options):
    """Answers of which no two are known to be of one customer."""
    return answered(**options).assign(customer_id=None)


def scores(frame, metric, touchpoint):
    same = frame["touchpoint"].isna() if touchpoint is None else frame["touchpoint"] == touchpoint
    return frame["score"][(frame["metric"] == metric) & same].tolist()


def row(table, metric, group):
    (found,) = table[(table.metric == metric) & (table.iloc[:, 2] == group)].to_dict("records")
    return found


@pytest.mark.parametrize("engine", ENGINES)
def test_every_engine_gives_the_same(engine):
    frame = answered()
    pd.testing.assert_frame_equal(by_group(in_engine(frame, engine)), by_group(frame))


def test_the_order_of_the_rows_says_nothing():
    frame = answered()
    pd.testing.assert_frame_equal(by_group(frame.sample(frac=1, random_state=3)), by_group(frame))


def test_every_metric_is_that_of_its_own_function():
    frame = answered_once()
    table = by_group(frame)
    assert table["metric"].unique().tolist() == ["nps", "csat", "ces", "enps"]
    for place, name in (("chat", "chat"), (None, "relational")):
        plain = nps(scores(frame, "nps", place))
        found = row(table, "nps", name)
        assert (found["value"], found["ci_low"], found["ci_high"], found["n"]) == (
            plain.nps,
            *plain.ci,
            plain.n,
        )
        satisfied = csat(scores(frame, "csat", place))
        assert row(table, "csat", name)["value"] == satisfied.csat
        assert row(table, "csat", name)["ci_low"] == satisfied.ci.low
        effort = ces(scores(frame, "ces", place))
        assert row(table, "ces", name)["value"] == effort.ces
        assert row(table, "ces", name)["ci_high"] == effort.ci.high


def test_people_are_counted_once_and_the_anonymous_each():
    frame = answered()
    chat = frame[(frame.metric == "nps") & (frame.touchpoint == "chat")]
    expected = chat["customer_id"].nunique() + chat["customer_id"].isna().sum()
    assert row(by_group(frame), "nps", "chat")["people"] == expected < len(chat)


def test_each_group_is_compared_with_the_rest():
    frame = answered_once()
    frame["place"] = frame["touchpoint"].fillna("nowhere")
    table = by_group(frame, "place")
    chat = scores(frame, "nps", "chat")
    rest = scores(frame, "nps", "delivery") + scores(frame, "nps", None)
    expected = nps_difference(nps(rest), nps(chat))
    found = row(table, "nps", "chat")
    assert found["difference"] == pytest.approx(expected.value)
    assert found["difference_low"] == pytest.approx(expected.ci.low)
    assert found["p_value"] == pytest.approx(expected.p_value)
    of_nps = table[table.metric == "nps"].sort_values("p_value")
    # Holm: the smallest of three times 3, then the running maximum of p times 2 and p.
    p = of_nps["p_value"].to_numpy()
    holm = np.minimum(np.maximum.accumulate(p * [3, 2, 1]), 1)
    assert of_nps["p_adjusted"].to_numpy() == pytest.approx(holm)
    shares = row(table, "csat", "chat")
    satisfied, others = (
        csat(scores(frame, "csat", "chat")),
        csat(scores(frame, "csat", "delivery") + scores(frame, "csat", None)),
    )
    tops = difference_of_proportions(
        (round(others.csat * others.n), others.n),
        (round(satisfied.csat * satisfied.n), satisfied.n),
    )
    assert shares["difference"] == pytest.approx(satisfied.csat - others.csat)
    assert shares["difference_high"] == pytest.approx(tops.ci.high)
    assert shares["p_value"] == pytest.approx(tops.p_value)
    effort = row(table, "ces", "chat")
    welch = difference_of_means(
        scores(frame, "ces", "delivery") + scores(frame, "ces", None),
        scores(frame, "ces", "chat"),
        unit="score",
    )
    assert effort["difference"] == pytest.approx(welch.value)
    assert effort["difference_low"] == pytest.approx(welch.ci.low)
    assert effort["p_value"] == pytest.approx(welch.p_value)


@pytest.mark.parametrize("weights", [None, 2.0])
def test_relational_answers_are_compared_with_no_touchpoint(weights):
    frame = answered_once()
    if weights:
        frame["weight"] = np.where(frame["score"] > 5, weights, 1.0)
    given = "weight" if weights else None
    table = by_group(frame, weights=given)
    relational = table[table.touchpoint == "relational"]
    assert set(relational["metric"]) == {"nps", "csat", "ces", "enps"}
    assert relational[["difference", "p_value", "p_adjusted"]].isna().all(axis=None)
    asked = table[table.touchpoint != "relational"].reset_index(drop=True)
    alone = by_group(frame[frame.touchpoint.notna()], weights=given)
    pd.testing.assert_frame_equal(asked, alone)
    assert asked.loc[asked.metric != "enps", "p_adjusted"].notna().all()


def test_two_groups_are_one_comparison():
    frame = answered()
    table = by_group(frame[frame.touchpoint.notna()])
    of_nps = table[table.metric == "nps"]
    assert len(of_nps) == 2
    assert of_nps["p_adjusted"].tolist() == of_nps["p_value"].tolist()
    assert of_nps["difference"].iloc[0] == pytest.approx(-of_nps["difference"].iloc[1])


def test_one_group_has_no_rest():
    frame = answered()
    table = by_group(frame[frame.touchpoint == "chat"])
    assert table["difference"].isna().all()
    assert table["p_adjusted"].isna().all()
    assert table["value"].notna().sum() >= 3


def test_groups_that_are_not_compared_have_the_same_levels():
    compared, alone = by_group(answered()), by_group(answered(), compare=False)
    told = ["difference", "difference_low", "difference_high", "p_value", "p_adjusted"]
    assert alone[told].isna().all(axis=None)
    assert compared[told].notna().any(axis=None)
    pd.testing.assert_frame_equal(alone.drop(columns=told), compared.drop(columns=told))


def test_few_colleagues_are_not_told_apart():
    found = by_group(answered())
    of_enps = found[found.metric == "enps"]
    assert (of_enps["n"] < 10).all()
    assert of_enps["value"].isna().all()
    assert of_enps["difference"].isna().all()
    assert set(of_enps["note"]) == {TOO_FEW}


def test_two_scales_are_never_pooled():
    frame = pd.DataFrame(
        {
            "metric": "nps",
            "score": [9, 3, 10, 1],
            "scale_min": [0, 0, 1, 1],
            "scale_max": 10,
            "customer_id": ["a", "b", "a", "b"],
            "touchpoint": None,
        }
    )
    table = by_group(frame)
    assert table["scale"].tolist() == ["0-10", "1-10"]
    assert table["note"].tolist() == ["", NPS_LIKE]
    assert table["people"].tolist() == [2, 2]


def test_no_answers_are_no_rows():
    table = by_group(answered().head(0))
    assert len(table) == 0
    assert "p_adjusted" in table


def test_faulty_scores_are_told_at_once():
    frame = answered(n=30)
    frame.loc[0, ["metric", "score"]] = ["csat", 9.0]
    frame.loc[1, ["metric", "score"]] = ["csat", 2.5]
    frame.loc[[0, 1], ["scale_min", "scale_max"]] = [1.0, 5.0]
    with pytest.raises(SchemaError) as caught:
        by_group(frame)
    assert sorted(caught.value.faults) == [
        "score: 1 answers of 2.5 to csat are no whole number from 1 to 5",
        "score: 1 answers of 9 to csat are no whole number from 1 to 5",
    ]


def test_a_scale_of_a_thousand_million_steps_is_a_mistake():
    frame = answered(n=30)
    frame.loc[[0, 1], ["metric", "score", "scale_min", "scale_max"]] = ["ces", 5.0, 1.0, 1e9]
    with pytest.raises(SchemaError) as caught:
        by_group(frame)
    assert list(caught.value.faults) == [
        "scale_max: must be at most scale_min + 1000; 2 answers to ces are on 1-1e+09"
    ]


def test_a_missing_column_is_named():
    with pytest.raises(SchemaError, match="segment: no such column; it has metric, score"):
        by_group(answered(), "segment")


@pytest.mark.parametrize("engine", ENGINES)
def test_an_attribute_of_the_customer(engine):
    frame = answered()
    customers = pd.DataFrame(
        {
            "customer_id": ["c1", "c1", "c2", None, "c3"],
            "segment": ["new", None, "loyal", "loyal", None],
        }
    )
    if engine == "duckdb":
        import duckdb

        link = duckdb.connect()
        left, right = (link.from_df(table) for table in (frame, customers))
    else:
        left, right = in_engine(frame, engine), in_engine(customers, engine)
    joined = with_attribute(left, right, "segment")
    table = by_group(joined, "segment")
    of_nps = table[table.metric == "nps"]
    assert of_nps["segment"].tolist() == ["loyal", "new", "unknown"]
    assert of_nps["n"].sum() == (frame.metric == "nps").sum()
    new = frame[(frame.metric == "nps") & (frame.customer_id == "c1")]
    assert of_nps["n"].iloc[1] == len(new)
    assert not math.isnan(of_nps["value"].iloc[1])


@pytest.mark.parametrize(
    ("on", "column", "table"),
    [("customer_id", "segment", "customers"), ("order_id", "channel", "orders")],
)
def test_the_table_that_lacks_an_attribute_is_named(on, column, table):
    with pytest.raises(SchemaError, match=f"^{table} has 1 fault:\n  {column}: no such"):
        with_attribute(answered(), pd.DataFrame({on: ["x1"]}), column, on=on)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("touchpoint", [RELATIONAL, "chat"])
def test_groups_of_the_answers_to_one_question(touchpoint, engine):
    frame = answered().assign(segment="new")
    frame.loc[frame.index[::2], "segment"] = "loyal"
    asked = by_group(in_engine(frame, engine), "segment", touchpoint=touchpoint)
    place = frame["touchpoint"].fillna(RELATIONAL)
    pd.testing.assert_frame_equal(asked, by_group(frame[place == touchpoint], "segment"))
    of_nps = asked[asked.metric == "nps"]
    assert of_nps["n"].sum() == overall(frame, touchpoint=touchpoint).n


def test_without_touchpoints_every_answer_is_relational():
    frame = answered().assign(segment="new").drop(columns="touchpoint")
    asked = by_group(frame, "segment", touchpoint=RELATIONAL)
    pd.testing.assert_frame_equal(asked, by_group(frame, "segment"))
    assert overall(frame) == overall(frame, touchpoint=ALL)


def test_one_touchpoint_takes_the_column_that_tells_it():
    frame = answered().assign(segment="new").drop(columns="touchpoint")
    assert by_group(frame, "segment")["n"].sum() == len(frame)
    with pytest.raises(SchemaError, match="touchpoint: no such column"):
        by_group(frame, "segment", touchpoint="chat")
    with pytest.raises(SchemaError, match="touchpoint: no such column"):
        overall(frame, touchpoint="chat")


@pytest.mark.parametrize("metric", METRICS.values())
def test_a_definition_is_said_in_italian(metric):
    assert metric.definition in catalogue("it")


def test_an_attribute_that_is_there_already_is_replaced():
    frame = answered().assign(channel="old")
    orders = pd.DataFrame({"order_id": ["o1"], "channel": ["email"]})
    joined = with_attribute(frame, orders, "channel", on="order_id").collect().to_pandas()
    assert joined["channel"].dropna().tolist() == ["email"]
    assert len(joined) == len(frame)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("metric", ["nps", "csat", "ces"])
def test_the_whole_is_the_group_of_its_answers(metric, engine):
    frame = answered()
    table = by_group(frame)
    given = in_engine(frame, engine)
    for name in (RELATIONAL, "chat"):
        found, told = overall(given, metric, touchpoint=name), row(table, metric, name)
        assert (found.value, *found.ci, found.n) == pytest.approx(
            (told["value"], told["ci_low"], told["ci_high"], told["n"])
        )
        assert (found.unit, found.method, found.note) == (
            told["unit"],
            told["method"],
            told["note"],
        )
    assert overall(given, metric, touchpoint=ALL).n == (frame["metric"] == metric).sum()


def test_a_metric_that_nobody_was_asked_is_undefined():
    frame = answered()
    found = overall(frame[frame.metric != "ces"], "ces")
    assert (found.n, found.unit, found.note) == (0, "score", NO_ANSWERS)
    assert math.isnan(found.value)
    assert math.isnan(found.ci.low)


def test_a_metric_on_two_scales_has_no_whole():
    frame = answered_once().query("metric == 'nps'")
    frame.loc[frame.index[:9], ["score", "scale_min"]] = [5.0, 1.0]
    with pytest.raises(SchemaError) as caught:
        overall(frame, touchpoint=ALL)
    assert list(caught.value.faults) == [
        "scale: nps was asked on 0-10 and 1-10, never to be pooled"
    ]


def test_an_unknown_metric_is_told():
    with pytest.raises(ValueError, match=r"^metric must be one of"):
        overall(answered(), "npss")


@pytest.mark.parametrize("engine", ENGINES)
def test_a_blank_name_is_no_group_of_its_own(engine):
    frame = answered(n=80)
    blank = frame.assign(touchpoint=frame["touchpoint"].where(frame["touchpoint"].notna(), "  "))
    blank.loc[blank.index[blank["touchpoint"] == "  "][:3], "touchpoint"] = ""
    pd.testing.assert_frame_equal(by_group(in_engine(blank, engine)), by_group(frame))
    weights = np.linspace(1, 2, len(frame))
    pd.testing.assert_frame_equal(
        by_group(blank, weights=weights), by_group(frame, weights=weights)
    )
    assert overall(in_engine(blank, engine), "csat") == overall(frame, "csat")
    weighted = overall(blank, "csat", weights=weights)
    assert weighted == overall(frame, "csat", weights=weights)


def test_a_column_of_weights_that_is_not_there_is_named():
    with pytest.raises(SchemaError, match="weight: no such column"):
        by_group(answered(n=20), weights="weight")


def test_faults_of_a_kind_are_counted_over_all_scores_and_groups():
    frame = answered(n=40).assign(metric="nps", scale_min=0.0, scale_max=10.0)
    frame.loc[:6, "metric"] = "NPS"
    frame.loc[10:14, "scale_max"] = np.nan
    frame.loc[20:22, "score"] = 11.0
    with pytest.raises(SchemaError) as caught:
        by_group(frame)
    assert sorted(caught.value.faults) == [
        "metric: must be one of 'nps', 'csat', 'ces', 'enps'; 7 rows are not: 'NPS'",
        "scale_max: must be the end of the scale; 5 answers to nps lack it",
        "score: 3 answers of 11 to nps are no whole number from 0 to 10",
    ]


@pytest.mark.parametrize("weights", [None, "weight"])
def test_answers_that_are_called_relational_are_so(weights):
    frame = answered_once().assign(weight=np.tile([1.0, 2.0], 300))
    written = frame.assign(touchpoint=frame["touchpoint"].fillna(RELATIONAL))
    odd = frame.index % 2 == 1
    some = frame.assign(touchpoint=written["touchpoint"].where(odd, frame["touchpoint"]))
    for given in (written, some):
        pd.testing.assert_frame_equal(
            by_group(given, weights=weights), by_group(frame, weights=weights)
        )
        assert overall(given, weights=weights) == overall(frame, weights=weights)


@pytest.mark.parametrize("engine", ENGINES)
def test_groups_of_yes_and_no_are_called_alike(engine):
    frame = answered_once().assign(late=np.tile([True, False, False], 200))
    table = by_group(in_engine(frame, engine), "late")
    nps_rows = table[table["metric"] == "nps"].set_index("late")["n"].to_dict()
    is_nps = frame["metric"] == "nps"
    assert nps_rows == {
        "False": int((is_nps & ~frame["late"]).sum()),
        "True": int((is_nps & frame["late"]).sum()),
    }


@pytest.mark.parametrize("name", ["n", "value", "metric"])
def test_groups_are_not_named_as_what_is_told_of_them(name):
    frame = answered().assign(n="a", value="b")
    with pytest.raises(ValueError, match=f"^by must be another name than .*; got '{name}'$"):
        by_group(frame, name)
