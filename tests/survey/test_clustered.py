"""Customers who answer several times: they are the independent units, not their answers."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm, t

from cxresearch.core.languages import Language
from cxresearch.core.unit_sums import RatioSums
from cxresearch.stats.means.ratios import ONE_CLUSTER
from cxresearch.survey.answers import answers
from cxresearch.survey.clustered import Group, splits
from cxresearch.survey.groups import overall
from cxresearch.survey.metrics import CLUSTERED, METRICS, TOO_FEW
from cxresearch.survey.nps import nps, one_each
from tests.survey.test_groups import answered, by_group


def table_of(people, metric="csat", scale=(1, 5), place=None):
    rows = [
        {
            "metric": metric,
            "score": score,
            "scale_min": scale[0],
            "scale_max": scale[1],
            "customer_id": person,
            "group": place or "all",
        }
        for person, scores in people.items()
        for score in scores
    ]
    return pd.DataFrame(rows)


def split_of(frame, group="all"):
    import narwhals as nw

    (groups,) = splits(nw.from_native(frame).lazy()).values()
    return groups[group]


def test_the_size_of_four_customers_by_hand():
    split = split_of(table_of({"a": [5, 5], "b": [2, 1], "c": [4], "d": [3]}))
    # Satisfied 3 of 6. Over people x - y / 2 is 1, -1, 1/2, -1/2: 4/3 * 2.5 / 36 = 0.0926; over
    # answers 6/5 * 6 * 0.25 / 36 = 0.05. Student's t is 2.5706 with 5 and 3.1824 with 3.
    assert split.group.people.variance == pytest.approx(4 / 3 * 2.5 / 36)
    assert split.group.each.variance == pytest.approx(0.05)
    size = 6 / (4 / 3 * 2.5 / 36 / 0.05) * (2.570582 / 3.182446) ** 2
    assert split.group.size(0.95) == pytest.approx(size, rel=1e-6)
    found = METRICS["csat"].level(split.group, 0.95)
    z = norm.ppf(0.975)
    margin = z * math.sqrt(0.25 / size + z**2 / (4 * size**2)) / (1 + z**2 / size)
    assert found.value == 0.5
    assert found.ci == pytest.approx((0.5 - margin, 0.5 + margin), rel=1e-6)
    assert (found.n, found.method, found.note) == (6, METRICS["csat"].method, CLUSTERED)


def test_alike_answers_of_a_customer_are_one():
    """The mean of three answers by each of two people is as sure as that of two people."""
    split = split_of(table_of({"a": [7] * 3, "b": [1] * 3, "c": [4] * 3}, "ces", (1, 7)))
    # With t of two degrees of freedom: mean 4, standard deviation 3, three people.
    margin = t.ppf(0.975, 2) * 3 / math.sqrt(3)
    found = METRICS["ces"].level(split.group, 0.95)
    assert found.ci == pytest.approx((max(4 - margin, 1), min(4 + margin, 7)))
    size = split.group.size(0.95)
    variance = split.group.each.variance * split.group.each.n / size
    assert t.ppf(0.975, 8) * math.sqrt(variance) == pytest.approx(margin)


def test_opposite_answers_of_a_customer_do_not_shorten_the_interval():
    split = split_of(table_of({f"c{i}": [0, 10] for i in range(50)}, "nps", (0, 10)))
    assert split.group.people.variance == 0
    plain, found = nps(counts=(50, 0, 50)), METRICS["nps"].level(split.group, 0.95)
    assert found.ci.low < plain.ci.low
    assert found.ci.high > plain.ci.high


def test_when_all_say_the_same_each_customer_counts_once():
    split = split_of(table_of({f"c{i}": [10] * 4 for i in range(25)}, "nps", (0, 10)))
    wider = (t.ppf(0.975, 99) / t.ppf(0.975, 24)) ** 2
    assert split.group.size(0.95) == pytest.approx(25 * wider)
    found = METRICS["nps"].level(split.group, 0.95)
    assert found.ci.low < nps(counts=(25, 0, 0)).ci.low < nps(counts=(100, 0, 0)).ci.low


def test_one_customer_has_no_interval():
    found = METRICS["csat"].level(split_of(table_of({"a": [5, 3, 1]})).group, 0.95)
    assert found.value == pytest.approx(1 / 3)
    assert math.isnan(found.ci.low)
    assert found.note == ONE_CLUSTER


def test_nine_colleagues_are_not_told_however_often_they_answer():
    people = {f"c{i}": [9, 3] for i in range(9)}
    found = METRICS["enps"].level(split_of(table_of(people, "enps", (0, 10))).group, 0.95)
    assert (found.n, found.note) == (18, TOO_FEW)
    assert math.isnan(found.value)
    told = METRICS["enps"].level(
        split_of(table_of({**people, "c9": [9, 3]}, "enps", (0, 10))).group, 0.95
    )
    assert told.value == 0


def residuals(frame, value):
    """Return what each person adds to the mean of a value, over all people of the frame."""
    of_person = value.groupby(frame["customer_id"]).agg(["sum", "size"])
    return (of_person["sum"] - value.mean() * of_person["size"]) / len(value)


def test_a_customer_on_both_sides_is_counted_on_both():
    rng = np.random.default_rng(4)
    taste = rng.integers(1, 8, 60)
    rows = [
        {
            "customer_id": f"c{i}",
            "score": int(np.clip(taste[i] + rng.integers(-1, 2), 1, 7)),
            "group": g,
        }
        for i in range(60)
        for g in ("chat", "web")
        if i % 3 or g == "chat"
    ]
    frame = pd.DataFrame(rows).assign(metric="ces", scale_min=1, scale_max=7)
    split = split_of(frame, "chat")
    found = split.against_rest(METRICS["ces"], 0.95)
    sides = [frame[frame["group"] == g] for g in ("web", "chat")]
    web, chat = (residuals(side, side["score"]) for side in sides)
    both = pd.concat([web, chat], axis=1).fillna(0).to_numpy()
    # Everybody answered once on a side, so each side's variance is that of its own sample.
    v1, v2 = (side["score"].var() / len(side) for side in sides)
    alike = both[:, 0] @ both[:, 1] / math.sqrt((both[:, 0] ** 2).sum() * (both[:, 1] ** 2).sum())
    variance = v1 + v2 - 2 * alike * math.sqrt(v1 * v2)
    assert alike > 0.5
    assert found.statistic == pytest.approx(found.value / math.sqrt(variance))
    df = (v1 + v2) ** 2 / (v1**2 / 39 + v2**2 / 59)
    assert found.ci.high - found.value == pytest.approx(t.ppf(0.975, df) * math.sqrt(variance))


def test_every_split_is_the_group_and_the_others_by_a_plainer_road():
    frame = answered().query("metric == 'nps'").assign(metric="nps")
    frame["group"] = frame["touchpoint"].fillna("none")
    frame["customer_id"] = frame["customer_id"].fillna(frame["order_id"])
    frame["value"] = one_each(frame["score"].to_numpy())
    split = split_of(frame, "chat")
    is_here = frame["group"] == "chat"
    for part, mine in ((split.group, frame[is_here]), (split.rest, frame[~is_here])):
        of_person = mine.groupby("customer_id")["value"].agg(["sum", "size"])
        expected = RatioSums.from_arrays(of_person["sum"], of_person["size"])
        assert part.people == expected
        ones = np.ones(len(mine))
        assert part.each == RatioSums.from_arrays(mine["value"], ones)
    sides = [
        frame["value"].where(side, 0).groupby(frame["customer_id"]).sum()
        for side in (~is_here, is_here)
    ]
    assert split.cross.xx == pytest.approx(float(sides[0] @ sides[1]))
    assert split.cross.n == frame["customer_id"].nunique()


@pytest.mark.slow
def test_the_intervals_of_people_who_answer_often_hold_and_plain_ones_do_not():
    rng = np.random.default_rng(11)
    # A taste decides 85 of 100 answers: promoter, passive, detractor with 0.5, 0.2, 0.3.
    truth, held, plainly = 20.0, 0, 0
    trials, people = 600, 60
    for _ in range(trials):
        owner = np.repeat(np.arange(people), rng.integers(1, 8, people))
        taste = rng.choice([10, 8, 3], people, p=[0.5, 0.2, 0.3])[owner]
        score = np.where(
            rng.random(len(owner)) < 0.85,
            taste,
            rng.choice([10, 8, 3], len(owner), p=[0.5, 0.2, 0.3]),
        )
        value, ones = one_each(score), np.ones(len(owner))
        group = Group(
            answers=answers(score, scale=(0, 10)),
            each=RatioSums.from_arrays(value, ones),
            people=RatioSums.from_arrays(np.bincount(owner, value), np.bincount(owner)),
        )
        low, high = METRICS["nps"].level(group, 0.95).ci
        held += low <= truth <= high
        low, high = nps(score).ci
        plainly += low <= truth <= high
    assert plainly / trials < 0.8
    # Three standard errors of 600 trials are 0.027.
    assert 0.923 < held / trials < 0.977


def test_by_group_takes_customers_as_units():
    frame = answered()
    frame = frame[frame.metric == "csat"]
    doubled = pd.concat([frame, frame])
    once, twice = by_group(frame), by_group(doubled)
    assert (twice["n"] == 2 * once["n"]).all()
    known = frame.dropna(subset="customer_id")
    once, twice = by_group(known), by_group(pd.concat([known, known]))
    assert twice["people"].tolist() == once["people"].tolist()
    width = [found["ci_high"] - found["ci_low"] for found in (once, twice)]
    assert width[1].to_numpy() == pytest.approx(width[0].to_numpy(), rel=0.06)
    p_values = [found["p_value"].dropna().to_numpy() for found in (once, twice)]
    assert p_values[1] == pytest.approx(p_values[0], abs=0.06)


def test_a_note_of_two_parts_is_said_in_italian():
    alike = table_of({"a": [6, 6], "b": [6]}, metric="ces", scale=(1, 7)).assign(touchpoint=None)
    found = overall(alike, "ces")
    assert found.note.count("; ") == 1
    assert not set(found.note.split("; ")) & set(found.note_in(Language("it")).split("; "))
