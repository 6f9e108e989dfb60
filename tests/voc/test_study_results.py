"""What a study's customers tell, as it is said: by whether codes, leads and support are there."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from cxresearch.core.languages import Language
from cxresearch.core.missing import Missing
from cxresearch.core.remarks import Remark
from cxresearch.voc.estimates.emerging import emerging_terms
from cxresearch.voc.estimates.prevalence import prevalence
from cxresearch.voc.estimates.recovery import recovery_gain, service_recovery
from cxresearch.voc.estimates.theme_tables import Lead, leader, themes_table
from cxresearch.voc.outcome_results import NpsLosses, SupportRecovery, headline, next_step
from cxresearch.voc.period_results import Emerged
from cxresearch.voc.theme_results import ThemeShares

TAGS = pd.DataFrame({"price": [True, False] * 50, "delivery": [True, True, True, False] * 25})


def shares(*, is_coded: bool = True, lead: Lead | None = None) -> ThemeShares:
    gold = TAGS.head(40 if is_coded else 0).astype(float)
    found = prevalence(TAGS, gold)
    rows = themes_table(found, TAGS, range(100))
    lead = lead or leader(rows, "share" if is_coded else "naive")
    return ThemeShares(shares=found, rows=rows, lead=lead, is_coded=is_coded)


def test_the_first_place_is_said_as_far_as_it_is_separated():
    apart = shares(lead=Lead("delivery", "price", separated=True)).sentences
    near = shares(lead=Lead("delivery", "price", separated=False)).sentences
    alone = shares(lead=Lead("delivery", None, separated=False)).sentences
    assert apart[0].message.startswith("{theme} is the top theme, in {share} of the texts")
    assert near[0].message.startswith("The most frequent themes are not separated: {theme}")
    assert apart[0].values["tagged"] == (0.75, "share")
    assert near[0].values["second"] == "price"
    assert [one.values["coded"] for one in (apart[1], near[1], *alone)] == [40, 40, 40]


def test_without_scores_the_most_frequent_theme_is_read_first():
    """A study of texts alone has no NPS to speak of."""
    none = Missing("no survey")
    assert next_step(shares(), none).values == {"theme": "delivery"}
    nobody = shares(lead=Lead(None, None, separated=False))
    assert next_step(nobody, none).message.startswith("No theme stands out")
    few = NpsLosses(found=(), hardest=Lead(None, None, separated=False), min_cell=5)
    assert next_step(shares(), few).values == {"theme": "delivery"}
    lead, no_lead = Lead("delivery", None, separated=True), Lead(None, None, separated=False)
    alone = headline(lead, Remark("a fifth"), no_lead, {})
    assert alone.message == "{theme} is the top theme: {share} of texts."
    some = headline(lead, Remark("a fifth"), no_lead, {"delivery": shares().top})
    assert some.message.endswith("No theme stands out in NPS.")


def test_without_codes_nothing_is_recorded_and_the_share_says_so():
    bare = shares(is_coded=False)
    (only,) = bare.sentences
    assert only.message.startswith("Nobody has coded")
    assert bare.estimates == {}
    assert bare.notes == []
    assert "75.0% (by the rules alone" in only.values["share"].words(Language())
    assert list(shares().estimates) == ["share_price", "share_delivery"]


@pytest.mark.parametrize(
    ("solved", "begins"),
    [([1.0, 1.0, 1.0, 0.0], "Recovery: "), ([1.0, 0.0, 0.0, 1.0], "No recovery")],
)
def test_recovery_is_said_where_its_interval_is_above_none(solved: list[float], begins: str):
    lived = ["resolved", "not resolved"] * 40
    outcome = [value for one in solved * 10 for value in (one, float(one < 0.5))]
    found = service_recovery(lived, outcome, unit="share", reference="not resolved")
    gain = recovery_gain(lived, outcome, unit="share")
    told = SupportRecovery(found=found, gain=gain, days=90, n=80)
    assert told.sentence.message.startswith(begins)
    assert list(told.estimates) == ["reorder_share_resolved_minus_not_resolved"]
    few = SupportRecovery(found=found, gain=None, days=90, n=80)
    assert few.estimates == {}
    assert few.sentence.message.startswith("Too few")
    assert "90 days" in repr(few.table())


def test_what_did_not_emerge_has_no_table():
    texts = ["ottima consegna"] * 40 + ["errore di pagamento"] * 20 + ["ottima consegna"] * 20
    terms = emerging_terms(texts, [False] * 40 + [True] * 40)
    found = Emerged(terms=terms, groups=())
    named = found.sentence.values["words"].words(Language())
    assert named == "“errore”, “errore di pagamento”, “pagamento”"
    # What too few wrote to be quoted is not named either.
    few = Emerged(terms=tuple(replace(one, quotes=()) for one in terms), groups=())
    assert few.sentence.message == "No word is more frequent in the last period than before."
    (table,) = found.tables
    assert "errore di pagamento" in repr(table)
