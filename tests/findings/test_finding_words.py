"""A score while other people answered, in words."""

from cxresearch.core.languages import Language
from cxresearch.core.remarks import Remark
from cxresearch.core.results import Estimate, Interval
from cxresearch.findings.finding_words import raw_and_weighted


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
