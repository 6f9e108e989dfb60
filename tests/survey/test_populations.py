"""Answers weighted to the customers: hand cases, thin groups, weights of the export."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cxresearch.survey.populations import weighted_to


def answers(**counts: int) -> pd.DataFrame:
    return pd.DataFrame({"segment": [level for level, n in counts.items() for _ in range(n)]})


def test_each_group_gets_its_share():
    found = weighted_to(answers(new=10, old=30), {"segment": {"new": 0.5, "old": 0.5}})
    assert found.by == ("segment",)
    assert found.weights.weights[:10] == pytest.approx([2.0] * 10)
    assert found.weights.weights[10:] == pytest.approx([2 / 3] * 30)
    assert found.remarks == ()


def test_a_group_that_never_answers_is_stood_for_by_the_smallest():
    shares = {"segment": {"new": 0.5, "old": 0.3, "gold": 0.1, "lost": 0.1}}
    rows = answers(new=20, old=40, gold=4)
    found = weighted_to(rows, shares)
    # Gold (4 answers) and lost (none) have too few even together: new (20) joins them.
    by = found.rows.assign(w=found.weights.weights).groupby("segment")["w"].sum() / len(rows)
    assert by["old"] == pytest.approx(0.3)
    assert by["new"] + by["gold"] == pytest.approx(0.7)
    assert str(found.remarks[0]) == "groups with fewer than 10 answers, weighted together: 3"


def test_answers_of_no_group_are_left_out_and_counted():
    rows = answers(new=12, old=12)
    rows.loc[0, "segment"] = None
    rows.loc[1, "segment"] = "other"
    found = weighted_to(rows, {"segment": {"new": 0.5, "old": 0.5}})
    assert len(found.rows) == 22
    assert "in no weighted number: 2" in str(found.remarks[0])


def test_too_few_answers_are_not_weighted():
    assert weighted_to(answers(new=3, old=4), {"segment": {"new": 0.5, "old": 0.5}}) is None
    assert weighted_to(answers(new=30), {}) is None


def test_the_weights_of_an_export_are_where_it_starts():
    rows = answers(new=10, old=10).assign(weight=[1.0, 3.0] * 10)
    alone = weighted_to(rows, {})
    assert alone.by == ()
    assert alone.weights.weights[:2] == pytest.approx([0.5, 1.5])
    both = weighted_to(rows, {"segment": {"new": 0.8, "old": 0.2}})
    assert both.weights.weights[:2] == pytest.approx([0.8, 2.4])
    rows.loc[0, "weight"] = np.nan
    assert len(weighted_to(rows, {}).rows) == 19


def test_several_columns_are_raked():
    rows = answers(new=20, old=40).assign(region=["n", "s"] * 30)
    shares = {"segment": {"new": 0.5, "old": 0.5}, "region": {"n": 0.3, "s": 0.7}}
    found = weighted_to(rows, shares)
    w = found.weights.weights / len(rows)
    assert found.by == ("segment", "region")
    assert w[(rows["segment"] == "new").to_numpy()].sum() == pytest.approx(0.5)
    assert w[(rows["region"] == "n").to_numpy()].sum() == pytest.approx(0.3)
