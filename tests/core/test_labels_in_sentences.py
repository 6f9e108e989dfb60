"""A label in a sentence is as its study wrote it; alone it begins with a capital."""

from __future__ import annotations

import pytest

from cxresearch.core import phrasing
from cxresearch.core.languages import Language, capital
from cxresearch.core.remarks import Remark, joined

LABELS = {"pay_error": "payment error", "mobile": "mobile", "ios": "iPhone", "gads": "Google Ads"}
SHOP = Language("en", LABELS)
ON = Remark("{event} on {group}", {"event": "pay_error", "group": "mobile"})


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("payment error", "Payment error"),
        ("Google Ads", "Google Ads"),
        ("iPhone", "iPhone"),  # a capital of its own
        ("eNPS dei dipendenti", "eNPS dei dipendenti"),
        ("checkout CSAT", "Checkout CSAT"),
        ("età", "Età"),
        ("5.4", "5.4"),
        ("", ""),
    ],
)
def test_a_capital_is_given_to_a_word_that_has_none(said: str, expected: str) -> None:
    assert capital(said) == expected


def test_alone_a_label_has_a_capital_and_a_value_without_a_label_stays_as_it_is() -> None:
    assert [SHOP.label(one) for one in ("mobile", "ios", "tablet")] == [
        "Mobile",
        "iPhone",
        "tablet",
    ]
    assert SHOP.named("mobile") == "mobile"


def test_a_remark_begins_with_a_capital_whichever_depth_its_label_is_at() -> None:
    assert ON.words(SHOP) == "Payment error on mobile"
    assert Remark("{what}: up", {"what": ON}).words(SHOP) == "Payment error on mobile: up"
    assert Remark("Repair {what}.", {"what": ON}).words(SHOP) == "Repair payment error on mobile."
    assert Remark("{ios}", {"ios": "ios"}).words(SHOP) == "iPhone"
    # Words of a note that is a part of others stay as they are.
    assert Remark("{note}", {"note": Remark("no orders")}).words(SHOP) == "no orders"


def test_a_label_is_a_name_in_a_message_and_a_part_of_what_a_remark_says() -> None:
    values = {"theme": "mobile", "what": ON}
    message = "{theme} leads: see {what}; then {theme}."
    assert phrasing.plain(message, values, SHOP) == (
        "“Mobile” leads: see payment error on mobile; then “mobile”."
    )


def test_a_sentence_that_begins_with_a_remark_begins_with_a_capital() -> None:
    assert phrasing.plain("{what}.", {"what": ON}, SHOP) == "Payment error on mobile."
    assert phrasing.plain("{what}.", {"what": Remark("no orders")}, SHOP) == "No orders."
    assert phrasing.markdown("{what}.", {"what": ON}, SHOP) == "Payment error on mobile."
    brands = Remark("{group} grew", {"group": "ios"})
    assert phrasing.plain("{what}.", {"what": brands}, SHOP) == "iPhone grew."


def test_a_remark_that_begins_a_later_sentence_has_a_capital_too() -> None:
    share = Remark("{group} 60%", {"group": "mobile"})
    both = joined([Remark("1,871 customers"), share, share], ". ")
    assert both.words(SHOP) == "1,871 customers. Mobile 60%. Mobile 60%"
    assert joined([share, share], ", ").words(SHOP) == "Mobile 60%, mobile 60%"
