"""Theme shares: what belongs to what, which codes count, and what is called a change."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from cxresearch.core.languages import Language
from cxresearch.stats.shares.corrected_shares import LabelledSample, prediction_powered
from cxresearch.stats.shares.proportions import proportion
from cxresearch.voc.estimates.changes import change, changes, changes_table
from cxresearch.voc.estimates.prevalence import prevalence


@pytest.fixture
def study():
    """Texts of 200 customers in two months, tagged, with 240 of them coded."""
    rng = np.random.default_rng(21)
    names = [f"T{place:04}" for place in range(1200)]
    truth = pd.DataFrame(
        {"delivery": rng.random(1200) < 0.3, "price": rng.random(1200) < 0.1}, index=names
    )
    tags = truth ^ (rng.random((1200, 2)) < 0.1)
    coded = rng.choice(names, 240, replace=False)
    gold = truth.loc[coded].astype(float)
    customers = rng.integers(0, 200, 1200).astype(str)
    months = np.where(np.arange(1200) < 500, "2026-04", "2026-05")
    return tags, gold, customers, months, truth


def test_each_theme_is_estimated_from_its_own_columns(study):
    tags, gold, *_ = study
    found = prevalence(tags, gold)
    for theme in ("delivery", "price"):
        seen = gold[theme].reindex(tags.index)
        plain = prediction_powered(LabelledSample.of(tags[theme].astype(float), seen))
        one = found.of(theme)
        assert (one.value, one.ci, one.n) == (plain.value, plain.ci, 240)
        assert one.naive.value == tags[theme].mean()
        assert one.naive.ci == pytest.approx(proportion(int(tags[theme].sum()), 1200).ci, abs=1e-4)
        assert (one.texts, one.coded) == (1200, 240)
        lasting = prediction_powered(
            LabelledSample.of(tags[theme].astype(float), seen), long_run=True
        )
        assert one.long_run == lasting
        assert one.long_run.ci.low < one.ci.low < one.ci.high < one.long_run.ci.high
    assert [one.theme for one in found] == ["delivery", "price"]


def test_the_order_of_the_codes_does_not_matter(study):
    tags, gold, *_ = study
    assert prevalence(tags, gold.sample(frac=1, random_state=1)) == prevalence(tags, gold)


def test_groups_are_estimated_apart(study):
    tags, gold, customers, months, _ = study
    found = prevalence(tags, gold, by=months, clusters=customers)
    april = pd.Series(months, tags.index) == "2026-04"
    of_april = prevalence(tags[april], gold[gold.index.map(april)], clusters=customers[april])
    assert found.of("price", "2026-04").value == of_april.of("price").value
    assert found.of("price", "2026-04").ci == pytest.approx(of_april.of("price").ci)
    assert {one.group for one in found} == {"2026-04", "2026-05"}
    assert sum(one.texts for one in found if one.theme == "price") == 1200


def test_a_text_without_a_group_is_in_none(study):
    tags, gold, *_ = study
    labels = ["May"] * 600 + [None] * 600
    found = prevalence(tags, gold, by=labels)
    assert [(one.theme, one.group, one.texts) for one in found] == [
        ("delivery", "May", 600),
        ("price", "May", 600),
    ]


def test_a_group_that_nobody_coded_has_no_share_but_the_naive_one(study):
    tags, gold, *_ = study
    coded = tags.index.isin(gold.index)
    found = prevalence(tags, gold, by=np.where(coded, "coded", "not coded"))
    one = found.of("price", "not coded")
    assert math.isnan(one.value)
    assert one.note == "undefined: nobody has read any of them"
    assert one.naive.value == tags.loc[~coded, "price"].mean()


def test_customers_are_counted_once(study):
    tags, gold, customers, *_ = study
    one = prevalence(tags, gold, clusters=customers).of("price")
    assert one.n == len(set(customers[tags.index.isin(gold.index)]))
    loose = prevalence(tags, gold, clusters=[None] * 1200).of("price")
    assert loose.ci == prevalence(tags, gold).of("price").ci


@pytest.mark.parametrize("method", ["ppi", "gold"])
def test_what_a_coded_customer_wrote_besides_takes_no_code_away(study, method):
    _tags, gold, customers, *_, truth = study
    # Few errors, so that each guess has an interval of its own: see prediction_powered.
    guesses = truth.copy()
    guesses.loc[gold.index[0], "price"] ^= True
    one = prevalence(guesses, gold, clusters=customers, method=method).of("price")
    alone = prevalence(guesses, gold, method=method).of("price")
    assert one.value == pytest.approx(alone.value)
    assert one.ci == pytest.approx(alone.ci, rel=0.4)


def test_suggested_texts_do_not_count_and_probabilities_weigh(study):
    tags, gold, *_, truth = study
    codes = gold.rename_axis("text_id").reset_index()
    codes["drawn"], codes["probability"] = "random", np.where(codes.index < 100, 0.1, 0.4)
    extra = truth[~truth.index.isin(gold.index)].iloc[:50].astype(float)
    extra = extra.rename_axis("text_id").reset_index()
    extra["drawn"], extra["probability"] = "suggested", math.nan
    found = prevalence(tags, pd.concat([codes, extra], ignore_index=True)).of("price")
    plain = prevalence(tags, gold, weights=1 / codes["probability"]).of("price")
    assert (found.value, found.ci, found.n) == (plain.value, plain.ci, 240)
    assert found.value != prevalence(tags, gold).of("price").value


def test_what_was_suggested_is_no_sample_whatever_it_says(study):
    tags, gold, *_ = study
    random = gold.rename_axis("text_id").reset_index().assign(drawn="random", probability=0.2)
    others = tags.index.difference(gold.index)[:200]
    # A thousandfold: were it counted, everything would be of the theme.
    suggested = pd.DataFrame({"text_id": others, "delivery": 1.0, "price": 1.0})
    suggested = suggested.assign(drawn="suggested", probability=0.001)
    both = pd.concat([suggested, random], ignore_index=True)
    for method in ("ppi", "rogan_gladen", "gold"):
        for theme in ("delivery", "price"):
            found = prevalence(tags, both, method=method).of(theme)
            plain = prevalence(tags, random, method=method).of(theme)
            assert (found.value, found.ci, found.n) == (plain.value, plain.ci, plain.n)
            assert plain.note == ""
            assert found.note == (
                "texts that were suggested for coding, not drawn at random, do not count"
            )
    none = prevalence(tags, suggested).of("price")
    assert math.isnan(none.value)
    assert none.naive.value == tags["price"].mean()
    assert none.note_in(Language("it")) == (
        "non definito: nessuno dei testi è stato letto da una persona; i testi suggeriti per la "
        "codifica, non estratti a caso, non contano"
    )


@pytest.mark.parametrize(
    "gold",
    [
        pd.DataFrame(columns=["delivery", "price"]),
        pd.DataFrame({"delivery": [], "price": []}),
        pd.DataFrame(columns=["text_id", "drawn", "probability", "delivery", "price"]),
    ],
    ids=["objects", "numbers", "codes"],
)
@pytest.mark.parametrize("method", ["ppi", "rogan_gladen", "gold"])
def test_without_codes_there_is_no_share_but_the_naive_one(study, gold, method):
    tags, *_ = study
    found = prevalence(tags, gold, method=method, by=["May"] * 600 + ["June"] * 600)
    assert len(list(found)) == 4
    for one in found:
        assert math.isnan(one.value)
        assert all(map(math.isnan, (*one.ci, *one.long_run.ci)))
        assert (one.n, one.note) == (0, "undefined: nobody has read any of them")
    june = found.of("delivery", "June")
    assert june.naive.value == tags["delivery"].iloc[600:].mean()
    assert june.naive.ci.low < june.naive.value < june.naive.ci.high
    assert {one.called for one in changes(found, "May", "June")} == {"unknown"}


def test_each_method_is_told(study):
    tags, gold, *_ = study
    methods = {
        method: prevalence(tags, gold, method=method).of("delivery").method
        for method in ("ppi", "rogan_gladen", "gold")
    }
    assert methods == {
        "ppi": "prediction-powered inference for these units, Jeffreys for each guess",
        "rogan_gladen": "Rogan-Gladen, interval of Lang and Reiczigel",
        "gold": "Jeffreys, lengthened at the ends",
    }
    assert prevalence(tags, gold, method="gold").of("delivery").value == gold["delivery"].mean()


def test_the_table_has_the_naive_share_beside_the_other(study):
    tags, gold, *_ = study
    found = prevalence(tags, gold)
    table = found.to_frame()
    assert list(table.columns) == [
        *("theme", "group", "value", "ci_low", "ci_high", "n", "unit", "confidence", "method"),
        *("note", "texts", "coded", "naive", "naive_low", "naive_high"),
        *("long_run_low", "long_run_high"),
    ]
    assert table["long_run_low"].tolist() == [one.long_run.ci.low for one in found]
    assert table["naive"].tolist() == [one.naive.value for one in found]
    assert "delivery" in found._repr_html_()


def test_the_words_of_errors(study):
    tags, gold, *_ = study
    with pytest.raises(ValueError, match="method must be one of 'ppi', 'rogan_gladen', 'gold'"):
        prevalence(tags, gold, method="guess")
    with pytest.raises(ValueError, match=r"gold must be of texts in tags \(1 of 1 are not\)"):
        prevalence(tags, pd.DataFrame({"price": [1.0]}, index=["T9999"]))
    with pytest.raises(ValueError, match="gold must name each text once; got 'T0001' twice"):
        prevalence(tags, pd.DataFrame({"price": [1.0, 1.0]}, index=["T0001", "T0001"]))
    with pytest.raises(ValueError, match="the number of themes in both tags and gold must be at"):
        prevalence(tags, gold.rename(columns=str.upper))
    with pytest.raises(ValueError, match="the length of by must be one of 1200; got 2"):
        prevalence(tags, gold, by=["a", "b"])
    with pytest.raises(ValueError, match="the length of weights must be one of 240; got 2"):
        prevalence(tags, gold, weights=[1.0, 1.0])
    with pytest.raises(ValueError, match="theme must be one of 'delivery', 'price'; got 'store'"):
        prevalence(tags, gold).of("store")
    with pytest.raises(ValueError, match="group must be one of 'all'; got 'May'"):
        prevalence(tags, gold).of("price", "May")


def periods(rng, shares, false_alarms, themes=8):
    """Return tags, codes and periods of texts whose tagger errs more in the second period."""
    names = [f"theme_{place}" for place in range(themes)]
    tags, gold = [], []
    for period, (share, alarms) in enumerate(zip(shares, false_alarms, strict=True)):
        index = [f"{period}-{place}" for place in range(1500)]
        truth = pd.DataFrame(rng.random((1500, themes)) < share, index=index, columns=names)
        noise = rng.random((1500, themes))
        tags.append(truth & (noise < 0.85) | ~truth & (noise < alarms))
        gold.append(truth.iloc[:200].astype(float))
    return pd.concat(tags), pd.concat(gold), ["before"] * 1500 + ["after"] * 1500


def test_a_tagger_that_drifts_makes_no_change():
    rng = np.random.default_rng(5)
    any_called, naive = 0, 0
    for _ in range(60):
        tags, gold, by = periods(rng, (0.15, 0.15), (0.02, 0.08))
        each = changes(prevalence(tags, gold, by=by), "before", "after")
        any_called += any(one.called != "no" for one in each)
        naive += np.mean([one.naive for one in each]) > 0.03
    assert any_called <= 6  # of 60 at 5 %: more has a chance of 3 in 100
    assert naive == 60


def test_a_change_that_is_there_is_called_whichever_way():
    rng = np.random.default_rng(6)
    tags, gold, by = periods(rng, (0.1, 0.35), (0.03, 0.03), themes=2)
    found = prevalence(tags, gold, by=by)
    up, down = changes(found, "before", "after"), changes(found, "after", "before")
    assert {one.called for one in up} == {"up"}
    assert {one.called for one in down} == {"down"}
    for there, back in zip(up, down, strict=True):
        assert there.value == pytest.approx(-back.value)
        assert there.ci == pytest.approx((-back.ci.high, -back.ci.low))
        assert there.ci.low < 0.25 < there.ci.high
        assert there.p_adjusted >= there.p_value


def test_the_p_value_and_the_interval_say_the_same(study):
    tags, gold, _, months, _ = study
    found = prevalence(tags, gold, by=months)
    for theme in ("delivery", "price"):
        one = change(found.of(theme, "2026-04"), found.of(theme, "2026-05"))
        # The standard error is that of independent periods, each one's luck included.
        ends = [part.long_run.ci for part in (one.first, one.second)]
        half = [(high - low) / 2 / 1.96 for low, high in ends]
        z = one.value / math.hypot(*half)
        assert one.statistic == pytest.approx(z, rel=0.1)
        assert (one.p_value < 0.05) == (not one.ci.low <= 0 <= one.ci.high)
        assert one.n == 240


def test_what_the_rules_found_is_said_as_such(study):
    tags, gold, *_ = study
    found = prevalence(tags, gold).of("delivery")
    said = found.uncorrected.words(Language("it"))
    percent = f"{100 * tags['delivery'].mean():.1f}".replace(".", ",")
    assert said == f"{percent}% (secondo le sole regole, senza correzione)"


def test_a_change_from_what_is_not_known_is_unknown(study):
    tags, gold, *_ = study
    coded = tags.index.isin(gold.index)
    found = prevalence(tags, gold, by=np.where(coded, "coded", "not coded"))
    one = changes(found, "coded", "not coded")[0]
    assert one.called == "unknown"
    assert math.isnan(one.value)
    assert math.isnan(one.p_adjusted)
    assert one.note == "undefined: nobody has read any of them"


def test_the_table_of_changes(study):
    tags, gold, _, months, _ = study
    each = changes(prevalence(tags, gold, by=months), "2026-04", "2026-05")
    table = changes_table(each)
    assert table["theme"].tolist() == ["delivery", "price"]
    assert table["first"].tolist() == [one.first.value for one in each]
    assert {"value", "ci_low", "ci_high", "p_adjusted", "called", "naive"} <= set(table.columns)


def test_only_what_is_alike_can_be_compared(study):
    tags, gold, *_ = study
    found = prevalence(tags, gold)
    with pytest.raises(ValueError, match="the theme of second must be one of 'delivery'"):
        change(found.of("delivery"), found.of("price"))
    other = prevalence(tags, gold, confidence=0.9)
    with pytest.raises(ValueError, match=r"the confidence of second must be one of 0\.95; got 0"):
        change(found.of("price"), other.of("price"))
