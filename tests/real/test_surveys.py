"""Real surveys: a recommend item on 1-10, items where 0 means "not applicable", two retentions.

The plain side uses pandas and numpy on the raw files, and published counts.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.proportion import proportion_confint

from cxresearch.stats.shares.proportions import proportion
from cxresearch.survey import nps
from cxresearch.survey.driver_analysis import key_drivers
from cxresearch.survey.weighting import post_stratify, rake
from cxresearch.survey.weights import weighted_mean


@pytest.fixture(scope="module")
def mobi(raw_data):
    return pd.read_csv(raw_data / "ecsi_mobi" / "mobi.csv")


@pytest.fixture(scope="module")
def airline(raw_data):
    return pd.read_csv(raw_data / "airline_satisfaction" / "airline_satisfaction_split.csv.gz")


@pytest.fixture(scope="module")
def items(airline):
    """The 14 rated items; 0 says that it did not apply."""
    rated = airline.loc[:, "Inflight_wifi_service":"Cleanliness"]
    return rated.where(rated > 0)


@pytest.fixture(scope="module")
def satisfied(airline):
    return (airline["satisfaction"] == "satisfied").astype(float)


def test_the_recommend_item_is_an_nps_like_of_14_points(mobi):
    found = nps(mobi["CUSL3"], scale=(1, 10))
    assert (found.promoters, found.detractors, found.n, found.missing) == (95, 60, 250, 0)
    assert found.nps == pytest.approx(14)
    assert found.ci.low < 14 < found.ci.high
    assert "NPS-like (1-10)" in found.note


def test_satisfaction_drives_what_is_recommended(mobi):
    drivers = mobi[["CUSA1", "CUEX1", "IMAG1", "PERQ1", "PERV2", "CUSCO"]]
    found = key_drivers(mobi["CUSL3"], drivers, resamples=200)
    design = np.column_stack([np.ones(len(mobi)), drivers])
    residuals = mobi["CUSL3"] - design @ np.linalg.lstsq(design, mobi["CUSL3"], rcond=None)[0]
    assert found.r2 == pytest.approx(1 - residuals.var(ddof=0) / mobi["CUSL3"].var(ddof=0))
    assert found.drivers["importance"].sum() == pytest.approx(found.r2)
    ranked = drivers.columns[found.drivers["share"].argsort()]
    assert ranked[0] == "CUEX1"  # what was expected before buying says least
    assert set(ranked[-2:]) == {"CUSA1", "PERV2"}  # satisfaction, and value for money
    first, second = (found.drivers.iloc[drivers.columns.get_loc(name)] for name in ranked[:-3:-1])
    assert first["share_low"] < second["share"]  # 250 answers do not tell these two apart
    johnson = key_drivers(mobi["CUSL3"], drivers, method="johnson", resamples=0)
    assert johnson.drivers["share"].to_numpy() == pytest.approx(
        found.drivers["share"].to_numpy(), abs=0.02
    )


def test_what_does_not_apply_is_no_low_rating(items, satisfied):
    found = key_drivers(satisfied, items, resamples=0)
    whole = items.notna().all(axis=1)
    assert found.n == whole.sum()
    assert found.missing == len(items) - whole.sum() > 2000
    expected = np.corrcoef(items[whole].T, satisfied[whole])[-1, :-1]
    assert found.drivers["correlation"].to_numpy() == pytest.approx(expected)
    assert found.drivers["importance"].sum() == pytest.approx(found.r2)
    # Taken as the lowest rating, the zeros would hide how much the wifi matters.
    wrong = key_drivers(satisfied, items.fillna(0), resamples=0)
    wifi = [result.drivers["importance"][0] for result in (found, wrong)]
    assert wifi[0] > 1.3 * wifi[1]


def test_a_sample_out_of_shape_is_weighted_back(airline, satisfied):
    # All passengers are the population; business travellers answer three times as often.
    rng = np.random.default_rng(9)
    odds = np.where(airline["Type_of_Travel"] == "Business travel", 0.12, 0.04)
    asked = rng.random(len(airline)) < odds
    truth, raw = satisfied.mean(), satisfied[asked].mean()
    columns = ["Type_of_Travel", "Class"]
    targets = {name: airline[name].value_counts(normalize=True).to_dict() for name in columns}
    one = post_stratify(airline.loc[asked, columns[0]], targets[columns[0]])
    both = rake({name: airline.loc[asked, name] for name in columns}, targets)
    assert raw - truth > 0.05
    for weights in (one, both):
        result = weighted_mean(satisfied[asked], weights, unit="share")
        assert result.ci.low < truth < result.ci.high
        assert weights.n_eff < asked.sum()
        assert result.se < weighted_mean(satisfied[asked], weights.weights, unit="share").se


@pytest.mark.parametrize(
    ("column", "gate", "share"),
    # The published retentions of the two gates.
    [
        ("retention_1", "gate_30", 0.4482),
        ("retention_1", "gate_40", 0.4423),
        ("retention_7", "gate_30", 0.1902),
        ("retention_7", "gate_40", 0.1820),
    ],
)
def test_the_retention_of_players_has_an_interval(raw_data, column, gate, share):
    players = pd.read_csv(raw_data / "cookie_cats" / "cookie_cats.csv.gz")
    kept = players.loc[players["version"] == gate, column]
    found = proportion(int(kept.sum()), len(kept))
    assert found.value == pytest.approx(share, abs=5e-5)
    assert found.ci == pytest.approx(proportion_confint(kept.sum(), len(kept), method="wilson"))
    assert found.ci.high - found.ci.low < 0.01
