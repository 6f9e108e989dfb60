"""What a report shows: the rows, their order, and the numbers that belong together."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cxresearch.stats.agreement.coefficients import gwet_ac1, krippendorff_alpha
from cxresearch.voc.coding.codes import coder_agreement
from cxresearch.voc.estimates.associations import associations, associations_table
from cxresearch.voc.estimates.prevalence import prevalence
from cxresearch.voc.estimates.recovery import recovery_table, service_recovery
from cxresearch.voc.estimates.theme_tables import (
    agreement_table,
    share_notes,
    themes_table,
)
from cxresearch.voc.texts.codebook import Codebook


def test_themes_come_with_the_most_frequent_first_and_who_wrote_them():
    tags = pd.DataFrame({"price": [True, False] * 50, "delivery": [True, True, True, False] * 25})
    shares = prevalence(tags, tags.head(40).astype(float))
    table = themes_table(shares, tags, [*range(98), 1, 1])
    assert table["theme"].tolist() == ["delivery", "price"]
    assert table["naive"].tolist() == [0.75, 0.5]
    assert table["texts"].tolist() == [75, 50]
    # Customer 1 wrote three texts: of delivery the second and the last but one, of price one.
    assert table["customers"].tolist() == [74, 50]
    assert (table["share_low"] < table["share"]).all()


def test_each_note_is_said_of_its_themes():
    tags = pd.DataFrame({"price": [True, False] * 50, "delivery": [True, True, True, False] * 25})
    gold = tags.head(40).astype(float).assign(text_id=tags.index[:40], drawn="random")
    gold.loc[[0, 2, 5, 7], "price"] = [0.0, 0.0, 1.0, 1.0]
    few = "at most one wrong tag was seen, so the interval is conservative"
    assert share_notes(prevalence(tags, gold)) == {few: ["delivery"]}
    gold.loc[39, "drawn"] = "suggested"
    suggested = "texts that were suggested for coding, not drawn at random, do not count"
    found = share_notes(prevalence(tags, gold))
    assert found == {suggested: ["price", "delivery"], few: ["delivery"]}


def test_agreement_is_one_row_per_theme():
    codebook = Codebook.load()
    rng = np.random.default_rng(3)
    rows = []
    for place in range(40):
        first = {theme: float(rng.random() < 0.3) for theme in codebook.themes}
        second = {theme: abs(code - (rng.random() < 0.1)) for theme, code in first.items()}
        beside = {"text_id": f"T{place}", "drawn": "random", "probability": 0.1}
        rows += [beside | {"coder": "a"} | first, beside | {"coder": "b"} | second]
    codes = pd.DataFrame(rows)
    table = agreement_table(coder_agreement(codes, codebook))
    assert table["theme"].tolist() == list(codebook.themes)
    units = codes.pivot(index="text_id", columns="coder", values="fit").to_numpy()
    fit = table.set_index("theme").loc["fit"]
    assert fit["percent"] == (units[:, 0] == units[:, 1]).mean()
    alpha = krippendorff_alpha(units, categories=(0.0, 1.0), rng=0)
    assert (fit["alpha"], fit["alpha_low"], fit["alpha_high"]) == (alpha.value, *alpha.ci)
    ac1 = gwet_ac1(units, categories=(0.0, 1.0), rng=0)
    assert (fit["ac1"], fit["ac1_low"], fit["ac1_high"]) == (ac1.value, *ac1.ci)
    assert fit["n"] == 40


def test_associations_come_with_the_largest_loss_first():
    rng = np.random.default_rng(4)
    features = pd.DataFrame({"price": rng.random(400) < 0.5, "delivery": rng.random(400) < 0.5})
    outcome = 10 - 50 * features["delivery"] + rng.normal(0, 5, 400)
    found = associations(features, outcome, unit="points")
    table = associations_table(found)
    assert table["feature"].tolist() == ["delivery", "price"]
    delivery = found[1]
    row = table.loc[0]
    assert (row["value"], row["value_low"], row["value_high"]) == (delivery.value, *delivery.ci)
    assert (row["n"], row["n_with"]) == (400, features["delivery"].sum())
    impact = delivery.impact
    assert (row["impact"], row["impact_low"], row["impact_high"]) == (impact.value, *impact.ci)


def test_recovery_counts_those_of_whom_the_mean_is():
    groups = ["no contact"] * 30 + ["resolved"] * 20
    outcome = [0.0, 1.0] * 15 + [1.0] * 15 + [0.0] * 5
    table = recovery_table(service_recovery(groups, outcome, unit="share"))
    assert table["group"].tolist() == ["no contact", "resolved"]
    assert table["n"].tolist() == [30, 20]
    assert table["mean"].tolist() == [0.5, 0.75]
    assert np.isnan(table.loc[0, "value"])
    assert round(table.loc[1, "value"], 9) == 0.25


def test_the_share_of_the_table_is_the_corrected_one():
    # Half of 1,000 texts are tagged; of 50 coded ones with a tag 45 are of the theme, of 50
    # without none: .5 * 45/50 + .5 * 0/50 = .45.
    tags = pd.DataFrame({"delivery": [True, False] * 500})
    codes = pd.DataFrame({"delivery": [0, 0] * 5 + [1, 0] * 45})
    table = themes_table(prevalence(tags, codes), tags, range(1000))
    assert table["share"].tolist() == [pytest.approx(0.45)]
    assert table["naive"].tolist() == [pytest.approx(0.5)]
