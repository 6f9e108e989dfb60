"""Messages: who gets them, what becomes of each, in which order."""

from __future__ import annotations

import pandas as pd
import pytest

from cxresearch.simulate import Planted, Shop
from cxresearch.simulate.messages import CAMPAIGNS
from cxresearch.study.schema import MESSAGE_KINDS

DAY = pd.Timedelta(days=1)
LETTERS = Planted().letters


@pytest.fixture(scope="module")
def sendings(usual: Shop) -> pd.DataFrame:
    """One row per message: when each kind happened."""
    messages = usual.tables["messages"]
    wide = messages.pivot(index="message_id", columns="kind", values="ts")
    about = messages.drop_duplicates("message_id").set_index("message_id")
    return wide.join(about[["campaign", "customer_id"]])


def test_every_campaign_and_every_kind_is_there(usual: Shop) -> None:
    messages = usual.tables["messages"]
    assert set(messages["campaign"]) == set(CAMPAIGNS)
    assert set(messages["kind"]) == set(MESSAGE_KINDS)
    channels = messages.drop_duplicates("campaign").set_index("campaign")["channel"]
    assert channels.to_dict() == CAMPAIGNS


def test_what_becomes_of_a_message_is_in_order(sendings: pd.DataFrame) -> None:
    assert sendings["sent"].notna().all()
    for first, then in (("sent", "delivered"), ("delivered", "opened"), ("opened", "clicked")):
        happened = sendings[then].notna()
        assert (sendings[then] >= sendings[first])[happened].all(), then
    assert (sendings["unsubscribed"] >= sendings["delivered"])[
        sendings["unsubscribed"].notna()
    ].all()


def test_the_planted_shares(sendings: pd.DataFrame) -> None:
    assert sendings["delivered"].notna().mean() == pytest.approx(LETTERS.delivered, abs=0.005)
    at_once = (sendings["opened"] - sendings["delivered"]).dt.total_seconds() < 120
    email = sendings[(sendings["campaign"] != "store_sms") & sendings["delivered"].notna()]
    assert at_once[email.index].mean() == pytest.approx(LETTERS.machine, abs=0.02)


def test_nobody_without_an_account_or_before_they_came_is_written_to(usual: Shop) -> None:
    messages, people = usual.tables["messages"], usual.answer_keys["people"]
    known = people[people["known"]].set_index("person_id")["arrived"]
    arrived = messages["customer_id"].map(known)
    second = messages["customer_id"].isin(people["second_id"])
    assert (arrived.notna() | second).all()
    assert (messages["ts"] > arrived)[arrived.notna()].all()


def test_those_who_unsubscribe_are_seldom_written_to_again(sendings: pd.DataFrame) -> None:
    gone = sendings.dropna(subset="unsubscribed").set_index("customer_id")["unsubscribed"]
    after = sendings[sendings["sent"] > sendings["customer_id"].map(gone)]
    again = after["customer_id"].nunique() / gone.index.nunique()
    assert 0 < again < 2 * LETTERS.sent_anyway


def test_a_welcome_follows_the_first_order_and_a_win_back_a_long_silence(
    usual: Shop, sendings: pd.DataFrame
) -> None:
    events = usual.tables["events"]
    bought = events[events["event"] == "purchase"][["customer_id", "ts"]].sort_values("ts")
    sent = sendings.sort_values("sent")[["customer_id", "campaign", "sent"]]
    last = pd.merge_asof(sent, bought, left_on="sent", right_on="ts", by="customer_id").assign(
        since=lambda both: both["sent"] - both["ts"]
    )
    welcome = last[last["campaign"] == "welcome"]
    assert (welcome["since"] < 3 * DAY).mean() > 0.95
    silent = last[(last["campaign"] == "win_back") & last["since"].notna()]
    assert (silent["since"] > LETTERS.win_back_days * DAY).all()
    lead = last[last["campaign"] == "lead"]
    assert lead["ts"].isna().mean() > 0.99


def test_a_click_is_a_visit_by_email(usual: Shop) -> None:
    messages, events = usual.tables["messages"], usual.tables["events"]
    clicks = messages[messages["kind"] == "clicked"][["customer_id", "ts"]]
    doors = events[(events["event"] == "newsletter_click")][["customer_id", "ts"]]
    both = clicks.merge(doors, on=["customer_id", "ts"])
    assert len(both) > 0.97 * len(clicks)  # a late parcel puts a few of those visits off


def test_the_held_out_get_no_offer(usual: Shop) -> None:
    exposures, messages = usual.tables["exposures"], usual.tables["messages"]
    for name, campaign in (("offer_holdout", "offer"), ("store_sms_holdout", "store_sms")):
        trial = exposures[exposures["experiment"] == name]
        held = trial[trial["variant"] == "held_out"]
        after = messages[
            (messages["campaign"] == campaign) & (messages["ts"] >= trial["ts"].iloc[0])
        ]
        assert len(held) > 200
        assert not after["customer_id"].isin(held["customer_id"]).any()
