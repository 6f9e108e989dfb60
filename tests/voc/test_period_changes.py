"""Each period against all the others: what is compared, and how many looks are paid for."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from cxresearch.stats.multiplicity import p_values
from cxresearch.voc.estimates.changes import OTHERS, change, changes_table, period_changes
from cxresearch.voc.estimates.prevalence import prevalence


@pytest.fixture
def study():
    """Texts of three periods; in the second, delivery is twice as frequent."""
    rng = np.random.default_rng(8)
    names = [f"T{place:04}" for place in range(3000)]
    periods = np.repeat(["P1", "P2", "P3"], 1000)
    share = np.where(periods == "P2", 0.4, 0.2)
    truth = pd.DataFrame(
        {"delivery": rng.random(3000) < share, "price": rng.random(3000) < 0.15}, index=names
    )
    tags = truth ^ (rng.random((3000, 2)) < 0.02)
    gold = truth.loc[rng.choice(names, 600, replace=False)].astype(float)
    return tags, gold, periods, rng.integers(0, 1500, 3000)


def test_each_period_is_compared_with_the_texts_of_all_others(study):
    tags, gold, periods, customers = study
    found = period_changes(tags, gold, periods, clusters=customers)
    assert [(one.second.group, one.theme) for one in found] == [
        (period, theme) for period in ("P1", "P2", "P3") for theme in ("delivery", "price")
    ]
    by = np.where(periods == "P3", "P3", OTHERS)
    two = prevalence(tags, gold, by=by, clusters=customers)
    plain = change(two.of("price", OTHERS), two.of("price", "P3"))
    one = found[-1]
    assert (one.value, one.ci, one.p_value) == (plain.value, plain.ci, plain.p_value)


def test_only_what_changed_is_called_and_every_look_is_paid_for(study):
    tags, gold, periods, customers = study
    found = period_changes(tags, gold, periods, clusters=customers)
    assert {(one.second.group, one.theme): one.called for one in found}["P2", "delivery"] == "up"
    assert {one.called for one in found if one.theme == "price"} == {"no"}
    looks = [one.p_value for one in found]
    assert [one.p_adjusted for one in found] == p_values.adjusted(looks, method="holm").tolist()


def test_a_text_of_no_period_is_on_neither_side(study):
    tags, gold, periods, _ = study
    labels = [None if one == "P2" else one for one in periods]
    found = period_changes(tags, gold, labels)
    assert {one.second.group for one in found} == {"P1", "P3"}
    assert {one.first.texts for one in found} == {1000}


def test_without_codes_nothing_is_called(study):
    tags, gold, periods, _ = study
    coded = gold[gold.index < "T2000"]
    found = {(one.second.group, one.theme): one for one in period_changes(tags, coded, periods)}
    assert found["P3", "price"].called == "unknown"
    assert math.isnan(found["P3", "price"].value)


def test_the_table_names_the_periods(study):
    tags, gold, periods, _ = study
    table = changes_table(period_changes(tags, gold, periods))
    assert table["period"].tolist() == ["P1", "P1", "P2", "P2", "P3", "P3"]
    assert set(table["before"]) == {OTHERS}
