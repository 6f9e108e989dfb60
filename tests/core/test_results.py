from __future__ import annotations

import dataclasses
import math

import pytest

from cxresearch.core.results import Estimate, Interval, Result

HALF = Estimate(
    value=0.5, ci=Interval(0.4, 0.6), n=100, unit="share", confidence=0.95, method="Wilson"
)


def test_a_result_is_one_flat_row():
    assert HALF.to_dict() == {
        "value": 0.5,
        "ci_low": 0.4,
        "ci_high": 0.6,
        "n": 100,
        "unit": "share",
        "confidence": 0.95,
        "method": "Wilson",
        "note": "",
    }
    frame = HALF.to_frame()
    assert frame.shape == (1, 8)
    assert frame.iloc[0].to_dict() == HALF.to_dict()


def test_every_interval_of_a_result_becomes_two_columns():
    @dataclasses.dataclass(frozen=True, slots=True)
    class Two(Result):
        low: Interval
        high: Interval

    row = Two(Interval(0, 1), Interval(2, 3)).to_dict()
    assert row == {"low_low": 0, "low_high": 1, "high_low": 2, "high_high": 3}


def test_a_result_cannot_be_changed_or_grow():
    with pytest.raises(dataclasses.FrozenInstanceError):
        HALF.value = 1.0  # type: ignore[misc]
    assert not hasattr(HALF, "__dict__")


def test_a_result_is_written_by_name():
    with pytest.raises(TypeError, match="positional"):
        Estimate(0.5, Interval(0, 1), 1, "share", 0.95, "Wilson")  # type: ignore[misc]


def test_a_notebook_shows_the_row_and_runs_nothing_in_it():
    shown = dataclasses.replace(HALF, note="<script>alert(1)</script>", value=math.nan)
    html = shown._repr_html_()
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert "NaN" in html
    assert "0.4" in html
