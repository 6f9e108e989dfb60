"""A score while other people answered, in words."""

from datetime import date

import pandas as pd

from cxresearch.core.languages import Language
from cxresearch.core.remarks import Remark
from cxresearch.core.results import Estimate, Interval
from cxresearch.findings.finding import Findings
from cxresearch.findings.finding_words import next_step, raw_and_weighted
from cxresearch.findings.measures import Measure


def score(value: float) -> Estimate:
    return Estimate(
        value=value,
        ci=Interval(value - 3, value + 3),
        n=200,
        unit="points",
        confidence=0.95,
        method="by hand",
    )


def test_a_score_is_told_raw_and_with_the_people_of_before():
    told = raw_and_weighted(Remark("NPS"), score(31.24), score(22.5), 30.96)
    assert told.words(Language("en")) == (
        "NPS: 31.2 points before, then 22.5 points; 31.0 points if the same people had answered"
    )
    assert told.words(Language("it")) == (
        "NPS: prima 31,2 punti, poi 22,5 punti; 31,0 punti a parità di chi risponde"
    )


def test_an_event_that_the_study_says_nothing_about_is_named_and_not_its_key():
    error = Measure(
        name="error:card_declined", kind="error", what=Remark("x"), unit="share", better="less"
    )
    step = next_step(error, "", "open", date(2026, 6, 1), is_bad=True)
    assert str(step).startswith("Fix card_declined: try it")


def test_what_is_neither_good_nor_bad_is_looked_at_and_not_repaired():
    wait = Measure(name="wait:pay", kind="wait", what=Remark("x"), unit="s", better="")
    step = next_step(wait, "", "open", date(2026, 6, 1), is_bad=None)
    assert str(step) == "Check pay: see what changed around 1 Jun 2026."


def test_of_a_change_that_would_not_show_no_size_is_said():
    nan = float("nan")
    sizes = [(0.1, -0.2), (0.1, nan), (nan, -0.2), (nan, nan)]
    frame = pd.DataFrame(
        [("purchase", Remark("Orders"), rise, fall, "share") for rise, fall in sizes],
        columns=["stage", "measure", "rise", "fall", "unit"],
    )
    found = Findings(
        rows=(), ranks=(), top_three=(), judged=1, thin=0, false_alarms=0.05, weeks=30,
        visible=frame,
    )  # fmt: skip
    assert [str(one) for one in found.could_see().frame["change"]] == [
        "up by 10.0% or down by 20.0%",
        "up by 10.0%; a fall would not show",
        "down by 20.0%; a rise would not show",
        "none would show",
    ]
