from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cxresearch import value
from cxresearch.core.missing import Missing
from tests.value.shops import leaving_shop, order, orders


@pytest.fixture(scope="module")
def shop() -> pd.DataFrame:
    return leaving_shop(7, customers=400)


@pytest.fixture(scope="module")
def found(shop) -> value.NextPurchase:
    return value.next_purchase(shop, days=90)


def test_it_predicts_better_than_one_chance_for_all(found):
    scores = found.scores
    assert scores["auc"].ci.low > 0.6
    assert scores["brier"].value < scores["brier_of_one_rate"].value
    assert scores["slope"].ci.low < 1.1
    assert found.model == "logistic"
    assert scores["predicted"].value == pytest.approx(scores["observed"].value, abs=0.08)


def test_the_auc_is_how_often_a_buyer_is_above_a_non_buyer():
    from cxresearch.value.next_orders import _auc

    y = np.array([0, 0, 1, 1, 1.0])
    chance = np.array([0.1, 0.6, 0.6, 0.7, 0.9])
    # Of 6 pairs 5 are right and 1 is a tie.
    assert _auc(y, chance, 0.95)[0] == pytest.approx(5.5 / 6)


def test_the_calibration_slope_of_true_chances_is_one():
    from cxresearch.value.next_orders import _slope

    rng = np.random.default_rng(3)
    chance = rng.uniform(0.02, 0.9, 20_000)
    y = (rng.random(20_000) < chance).astype(float)
    assert _slope(y, chance, 0.95)[0] == pytest.approx(1, abs=0.05)
    timid = 0.5 + (chance - 0.5) / 4
    assert _slope(y, timid, 0.95)[0] > 2


def test_what_becomes_of_an_order_later_is_no_feature(shop, found):
    """Orders of before a cut that are returned after it are known as placed, not as returned."""
    train, _ = found.cuts
    changed = shop.copy()
    early = changed["day"] <= pd.Timestamp(train)
    changed.loc[early & (changed.index % 5 == 0), "status"] = "returned"
    again = value.next_purchase(changed, days=90)
    assert again.reasons.equals(found.reasons)
    assert again.scores["auc"].value == found.scores["auc"].value


def test_the_model_is_of_the_earlier_window_alone(shop, found):
    """Whatever happens after the test's cut, the weights are the same."""
    _, test = found.cuts
    late = shop["day"] > pd.Timestamp(test)
    last = shop["day"].max()
    changed = shop[~late | (shop.index % 2 == 0) | (shop["day"] == last)]
    again = value.next_purchase(changed, days=90)
    assert again.reasons.equals(found.reasons)
    assert again.scores["observed"].value < found.scores["observed"].value


@pytest.mark.parametrize(
    ("cut", "train", "words"),
    [
        ("2024-09-01", "2024-07-01", "train_cut must be at least 90 days before cut"),
        ("2025-01-20", "2024-07-01", "cut must be at least 90 days before the last order"),
    ],
)
def test_windows_that_overlap_are_refused(shop, cut, train, words):
    with pytest.raises(ValueError, match=words):
        value.next_purchase(shop, days=90, cut=cut, train_cut=train)


def test_boosting_stays_only_where_it_beats_the_logistic_model(shop):
    tried = value.next_purchase(shop, days=90, boosting=True)
    models = set(tried.compared["model"])
    assert ("boosting" in models) == (tried.model == "boosting")
    assert {"logistic", "Pareto/NBD"} <= models


def test_tenths_of_today_are_of_all_who_ever_bought(shop, found):
    assert found.today["customers"].sum() == shop["customer_id"].nunique()
    assert found.today["predicted"].is_monotonic_increasing


def test_a_list_is_written_on_request_only(shop, found, tmp_path):
    assert list(tmp_path.iterdir()) == []
    found.write_list(tmp_path / "win_back.csv")
    listed = pd.read_csv(tmp_path / "win_back.csv")
    assert listed.columns.tolist() == ["customer_id", "chance"]
    assert len(listed) == shop["customer_id"].nunique()


def test_too_few_are_missing():
    few = orders(*(order(f"C{i}", f"2024-0{m}-01", 9.0) for i in range(5) for m in range(1, 9)))
    assert isinstance(value.next_purchase(few, days=30), Missing)
