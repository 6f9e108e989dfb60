"""The demo's scores against what was planted in it: who answers, and what a late parcel does."""

from __future__ import annotations

import json

import pytest

import cxresearch as cx
from cxresearch import survey
from cxresearch.core import disk

DEMO = disk.project_root() / "data" / "demo"

pytestmark = pytest.mark.skipif(
    not (DEMO / "surveys.csv").is_file(), reason="the demo is not written: make data"
)


@pytest.fixture(scope="module")
def planted():
    return json.loads((DEMO / "truth.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def heard():
    return survey.satisfaction(cx.open_study("demo"))


def test_the_weighted_nps_holds_what_was_planted_and_the_raw_one_misses_it(heard, planted):
    truth = planted["expected"]["relational_nps"]
    low, high = heard.level_of_all.ci
    assert low < truth["weighted_by_segment"] < high
    assert heard.raw.ci.low > truth["weighted_by_segment"]
    assert heard.raw.ci.low < truth["of_those_who_answer"] < heard.raw.ci.high
    assert heard.answers_most == "loyal"


def test_the_nps_of_all_is_held_once_the_satisfied_are_known_to_answer_more(heard, planted):
    # Within a segment the satisfied answer more, which no weight of a survey can know.
    truth = planted["expected"]["relational_nps"]["of_all"]
    promoters, _, detractors = planted["response"]["satisfied"]
    assert heard.level_of_all.ci.low > truth
    found = survey.tilted(heard, promoters / detractors)
    assert found.ci.low < truth < found.ci.high


def test_other_people_asked_in_one_wave_are_no_change_of_satisfaction(heard, planted):
    wave = planted["other_people_asked"]["wave"]
    assert planted["other_people_asked"]["asks"][2] < 0.2
    rows = survey.course(heard).frame
    assert rows["raw"].idxmin() == wave
    assert rows.loc[wave, "raw_high"] < rows["raw"].mean()
    assert rows.loc[wave, "weighted_low"] < rows["weighted"].mean()
    assert rows["signal"].eq("").all()


def test_a_late_parcel_costs_the_score_that_was_planted(planted):
    # At 99 %, as it is five numbers at once that are to be held.
    nps, csat = survey.scores_by_lateness(cx.open_study("demo"), confidence=0.99)
    scores = {one["arrived"]: one for one in csat.frame.to_dict("records")}
    for arrived, name in (("late", "delivery_late"), ("on time", "delivery_on_time")):
        top_two = sum(planted["scores"][name][-2:])
        assert scores[arrived]["ci_low"] < top_two < scores[arrived]["ci_high"]
    promoters, _, detractors = planted["nps"]["late"]
    late = nps.frame.set_index("arrived").loc["late"]
    assert late["ci_low"] < 100 * (promoters - detractors) < late["ci_high"]
    assert late["difference_high"] < -80
