"""Employee NPS: told only where those who answered stay anonymous."""

from __future__ import annotations

import math

import pytest

from cxresearch.survey.metrics import TOO_FEW, enps
from cxresearch.survey.nps import NO_ANSWERS, NPS_LIKE, nps


def test_from_the_threshold_on_it_is_the_nps():
    given = [9] * 6 + [7, 3, 2, None, 10]
    result, plain = enps(given), nps(given)
    assert (result.value, result.ci, result.n) == (plain.nps, plain.ci, 10)
    assert result.note == ""


@pytest.mark.parametrize(("threshold", "told"), [(5, True), (6, False)])
def test_below_the_threshold_nothing_is_told_but_n(threshold, told):
    result = enps([9, 9, 7, 3, 2], threshold=threshold)
    assert math.isnan(result.value) is not told
    assert math.isnan(result.ci.low) is not told
    assert result.n == 5
    assert result.note == ("" if told else TOO_FEW)
    assert not {"promoters", "detractors", "shares"} & set(result.to_dict())


def test_the_scale_is_labelled():
    assert enps([9] * 10, scale=(1, 10)).note == NPS_LIKE


def test_nobody():
    assert enps([]).note == TOO_FEW != NO_ANSWERS


def test_what_it_refuses():
    with pytest.raises(ValueError, match=r"^threshold must be at least 1; got 0$"):
        enps([9], threshold=0)
    with pytest.raises(ValueError, match=r"^scale must be one of"):
        enps([3], scale=(1, 5))
