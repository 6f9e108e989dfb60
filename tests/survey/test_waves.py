"""The trend of an NPS: limits by hand, signals where something happened, none where nothing did."""

from __future__ import annotations

import math

import numpy as np
import pytest

from cxresearch.survey.nps import nps
from cxresearch.survey.nps_compare import nps_difference
from cxresearch.survey.waves import nps_waves


def test_limits_by_hand():
    # All answers together: 108 promoters, 60 passives, 32 detractors of 200; NPS 38.
    table = nps_waves({"Q1": nps(counts=(50, 30, 20)), "Q2": nps(counts=(58, 30, 12))})
    margin = 300 * math.sqrt((0.54 + 0.16 - 0.38**2) / 100)
    assert table["centre"].tolist() == pytest.approx([38, 38])
    assert table["upper_limit"].tolist() == pytest.approx([38 + margin] * 2)
    assert table["lower_limit"].tolist() == pytest.approx([38 - margin] * 2)
    assert table["signal"].tolist() == ["", ""]


def test_a_smaller_wave_has_wider_limits():
    table = nps_waves({"Q1": nps(counts=(200, 120, 80)), "Q2": nps(counts=(50, 30, 20))})
    assert table["centre"][0] == pytest.approx(30)
    widths = table["upper_limit"] - table["lower_limit"]
    assert widths[1] == pytest.approx(2 * widths[0])


def test_a_fall_is_a_signal_and_a_change():
    waves = {f"m{i}": nps(counts=(100, 60, 40)) for i in range(6)}
    waves["m6"] = nps(counts=(60, 60, 80))
    table = nps_waves(waves)
    assert table["signal"].tolist() == [""] * 6 + ["beyond the limits"]
    expected = nps_difference(waves["m5"], waves["m6"])
    last = table.iloc[-1]
    assert (last["change"], last["change_low"]) == (expected.value, expected.ci.low)
    assert last["change_high"] == expected.ci.high < 0
    assert last["p_value"] == expected.p_value


def test_a_shift_that_stays_is_a_run():
    waves = {f"a{i}": nps(counts=(100, 60, 40)) for i in range(8)}
    waves |= {f"b{i}": nps(counts=(106, 60, 34)) for i in range(8)}
    signals = nps_waves(waves)["signal"].tolist()
    assert signals == ([""] * 7 + ["run of eight"]) * 2


def test_false_alarms_are_rare():
    rng = np.random.default_rng(8)
    alarms = [
        signal == "beyond the limits"
        for _ in range(10)
        for signal in nps_waves(
            {
                str(i): nps(counts=c)
                for i, c in enumerate(rng.multinomial(80, [0.6, 0.2, 0.2], 12).tolist())
            }
        )["signal"]
    ]
    assert np.mean(alarms) < 0.02


def test_a_wave_of_equal_answers_keeps_its_limits():
    table = nps_waves({"Q1": nps(counts=(50, 30, 20)), "Q2": nps(counts=(3, 0, 0))})
    assert table["upper_limit"][1] == 100
    assert table["lower_limit"][1] < 0
    assert table["signal"][1] == ""


def test_a_weighted_wave_counts_by_its_effective_size():
    weighted = nps([10] * 6 + [8] * 6 + [3] * 6, weights=[2] * 6 + [1] * 12)
    plain = nps(counts=(8, 4, 4))
    other = nps(counts=(5, 5, 5))
    left, right = (nps_waves({"a": wave, "b": other}) for wave in (weighted, plain))
    assert left["upper_limit"].tolist() == pytest.approx(right["upper_limit"].tolist())


def test_a_whole_population_counts_by_its_n():
    left = nps_waves({"a": nps(counts=(5, 5, 5), population=15), "b": nps(counts=(5, 5, 5))})
    assert left["upper_limit"][0] == left["upper_limit"][1] < 100


def test_waves_nobody_answered():
    table = nps_waves({"Q1": nps(counts=(5, 3, 2)), "Q2": nps([]), "Q3": nps(counts=(4, 4, 2))})
    assert table["centre"].tolist() == pytest.approx([25] * 3)
    assert math.isnan(table["upper_limit"][1])
    assert table["change"].isna().all()
    assert table["signal"].tolist() == ["", "", ""]


@pytest.mark.parametrize("waves", [{}, {"Q1": nps(counts=(5, 3, 2))}])
def test_too_few_waves(waves):
    table = nps_waves(waves)
    assert len(table) == len(waves)
    assert table["centre"].isna().all()
    assert set(table["signal"]) <= {""}


def test_two_scales_are_never_one_trend():
    with pytest.raises(ValueError, match=r"^scale of each wave must be one of \(0, 10\); got \(1"):
        nps_waves({"a": nps([9, 2]), "b": nps([9, 2], scale=(1, 10))})
