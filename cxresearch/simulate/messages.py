"""Messages: letters, offers and one SMS by the calendar; lead, welcome, win-back by what people do.

Offers bring visits and the SMS visits to a store that would not have been; some of the people, by
chance, get neither. The other letters cause nothing: who clicks would have come anyway.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from cxresearch.simulate.block import (
    Campaigns,
    Consent,
    Holdout,
    Messages,
    Orders,
    People,
)
from cxresearch.simulate.clock import DAY_S, HOUR_S, STUDY_DAYS, Clock, utc_times
from cxresearch.simulate.draws import Draws, Flags, Ints, child_keys, numbered
from cxresearch.study.schema import MESSAGE_KINDS as KINDS

#: Every campaign and its channel.
CAMPAIGNS = {
    "nurture": "email",
    "offer": "email",
    "store_sms": "sms",
    "lead": "email",
    "welcome": "email",
    "win_back": "email",
}
#: Messages of one block are numbered from its number times this.
PER_BLOCK = 10_000_000


@dataclass(frozen=True, slots=True)
class Letters:
    """Who is written to, and what becomes of it.

    A nurture letter goes out every `every_days`; a lead three days after an account without an
    order, a welcome a day after the first order, a win-back after `win_back_days` without one.
    `machine` is the share of people whose mail program opens whatever comes; the others open the
    share `opened` while they still shop. Of the visits of people's own accord within `credit_days`
    of a letter that was opened, the share `credited` come by a click in it and would have come
    without. Most of those who withdraw their consent do so by the link of the last letter; the
    share `sent_anyway` of them are written to all the same.
    """

    every_days: int = 91
    win_back_days: int = 180
    delivered: float = 0.97
    machine: float = 0.30
    opened: float = 0.32
    credited: float = 0.50
    credit_days: float = 2.0
    by_link: float = 0.70
    sent_anyway: float = 0.03


@dataclass(frozen=True, slots=True)
class Offers:
    """Offers by e-mail, on the days listed, bring visits that would not have been.

    `caused` is the share of delivered offers, to people who still shop, that bring a visit within
    `within_days`. From the day `trial_day` on the share `held_out` of those with consent that day
    get none, by chance: the experiment `holdout`.
    """

    OFF: ClassVar[Mapping[str, Any]] = {"caused": 0.0}
    days: tuple[int, ...] = (27, 250, 392, 615, 758, 840, 868, 896, 924)
    caused: float = 0.08
    within_days: float = 3.0
    holdout: str = "offer_holdout"
    trial_day: int = 840
    held_out: float = 0.40


@dataclass(frozen=True, slots=True)
class StoreSms:
    """One SMS, 2026-04-16, to people in the towns of the stores who allow it.

    `comes` is the share of those who get it, and still shop, that come to a store within
    `within_days` and would not have. The share `held_out` get none: the experiment `holdout`.
    """

    OFF: ClassVar[Mapping[str, Any]] = {"comes": 0.0}
    day: int = 897
    comes: float = 0.12
    within_days: float = 4.0
    holdout: str = "store_sms_holdout"
    held_out: float = 0.50


@dataclass(frozen=True, slots=True)
class _Mail:
    """The people that a block's messages go to, and what they allow."""

    draws: Draws
    people: People
    consent: Consent
    clock: Clock
    letters: Letters

    def allows(self, purpose: str, person: Ints, at: Ints) -> Flags:
        """Return who of these may be written to at that time, and who is all the same."""
        since = getattr(self.consent, f"{purpose}_from")[person]
        until = getattr(self.consent, f"{purpose}_until")[person]
        anyway = self.draws.uniform("anyway", self.people.key[person]) < self.letters.sent_anyway
        return np.asarray((since >= 0) & (since <= at) & ((until < 0) | (at < until) | anyway))

    def sent(self, campaign: str, number: int, person: Ints, at: Ints) -> Messages:
        """Return the messages sent, delivered and opened; `number` tells two of a person apart."""
        people, letters = self.people, self.letters
        place = list(CAMPAIGNS).index(campaign)
        key = child_keys(people.key[person], 1_000 * place + number)
        arrives = at + self.draws.between("arrives", key, 2, 90).astype(np.int64)
        delivered = self.draws.uniform("delivered", key) < letters.delivered
        machine = self.draws.uniform("machine", people.key[person]) < letters.machine
        reads = self.draws.uniform("opened", key) < letters.opened
        reads &= people.left[person] > at
        email = CAMPAIGNS[campaign] == "email"
        wait = np.where(machine, 0.02, self.draws.exponential("reading", key) * 9) * HOUR_S
        parts = [
            (np.ones(len(key), dtype=bool), at, "sent"),
            (delivered, arrives, "delivered"),
            (delivered & (machine | reads) & email, arrives + 1 + wait.astype(np.int64), "opened"),
        ]
        found = [
            Messages(
                key=key[these],
                campaign=np.full(these.sum(), place),
                person=person[these],
                at=times[these],
                kind=np.full(these.sum(), KINDS.index(kind)),
            )
            for these, times, kind in parts
        ]
        return Messages.joined(found)


def calendar(
    draws: Draws,
    people: People,
    consent: Consent,
    person: Ints,
    at: Ints,
    clock: Clock,
    *,
    letters: Letters,
    offers: Offers,
    sms: StoreSms,
) -> Campaigns:
    """Return what the calendar sends, and the visits that it causes or is credited with.

    `person` and `at` are the visits of people's own accord, by person and time.
    """
    mail = _Mail(draws, people, consent, clock, letters)
    begins = clock.begins(offers.trial_day) + 9 * HOUR_S
    every = np.arange(len(people))
    among = (
        people.known
        & (people.arrived < begins)
        & mail.allows("email", every, np.full(len(people), begins))
    )
    held = among & (draws.uniform(offers.holdout, people.key) < offers.held_out)
    trial = Holdout(offers.holdout, begins, among, held)
    sent = [
        _on_day(mail, "nurture", number, day, ~people.known)
        for number, day in enumerate(range(letters.every_days, STUDY_DAYS, letters.every_days))
    ]
    of_offers = [
        _on_day(mail, "offer", number, day, ~people.known | (held & (day >= offers.trial_day)))
        for number, day in enumerate(offers.days)
    ]
    caused = _caused(mail, Messages.joined(of_offers), offers)
    texts, stores, stores_at, sms_trial = _sms(mail, sms)
    messages = Messages.joined([*sent, *of_offers, texts])
    credited, clicks = _credited(mail, messages, person, at)
    opened = _of_kind(caused, "opened", caused.at - 30)
    messages = Messages.joined([messages, opened, caused, clicks])
    messages = Messages.joined([messages, _unsubscribed(mail, messages)])
    return Campaigns(
        messages=_in_time(messages, clock),
        caused_key=child_keys(caused.key, 1),
        caused_person=caused.person,
        caused_at=caused.at,
        credited=credited,
        stores=stores,
        stores_at=stores_at,
        holdouts=(trial, sms_trial),
    )


def triggered(
    draws: Draws,
    people: People,
    consent: Consent,
    visit_person: Ints,
    visit_at: Ints,
    orders: Orders,
    clock: Clock,
    *,
    letters: Letters,
) -> Campaigns:
    """Return lead, welcome and win-back letters, and the visits they are credited with."""
    mail = _Mail(draws, people, consent, clock, letters)
    never = np.iinfo(np.int64).max
    by_person = np.lexsort((orders.at, orders.person))
    person, at = orders.person[by_person], orders.at[by_person]
    first = np.full(len(people), never)
    np.minimum.at(first, person, at)
    lead_at = _next_morning(people.arrived + 3 * DAY_S)
    silent_at = _next_morning(at + letters.win_back_days * DAY_S)
    following = np.full(len(at), never)
    following[:-1] = np.where(person[1:] == person[:-1], at[1:], never)
    leads = np.flatnonzero(people.known & (first > lead_at))
    buyers = np.flatnonzero(people.known & (first < never))
    missed = np.flatnonzero(people.known[person] & (following > silent_at))
    sent = []
    for campaign, who, when in (
        ("lead", leads, lead_at[leads]),
        ("welcome", buyers, _next_morning(first[buyers] + DAY_S)),
        ("win_back", person[missed], silent_at[missed]),
    ):
        number = _counted(who)
        kept = mail.allows("email", who, when) & (when < clock.end_s)
        sent += [
            mail.sent(campaign, one, who[kept & (number == one)], when[kept & (number == one)])
            for one in np.unique(number[kept]).tolist()
        ]
    messages = Messages.joined(sent) if sent else Messages(*(np.zeros(0, dtype=np.int64),) * 5)
    credited, clicks = _credited(mail, messages, visit_person, visit_at)
    nobody = np.zeros(0, dtype=np.int64)
    return Campaigns(
        messages=_in_time(Messages.joined([messages, clicks]), clock),
        caused_key=nobody,
        caused_person=nobody,
        caused_at=nobody,
        credited=credited,
        stores=nobody,
        stores_at=nobody,
        holdouts=(),
    )


def messages_table(messages: Messages, people: People, block: int) -> pd.DataFrame:
    """Return the canonical messages, by time; ids are in the order of what was sent."""
    by_time = np.lexsort((messages.kind, messages.key, messages.at))
    rows = messages.take(by_time)
    _, first, place = np.unique(rows.key, return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first, kind="stable")] = np.arange(len(first))
    ids = numbered("M", len(first), 9, first=block * PER_BLOCK + 1)
    return pd.DataFrame(
        {
            "message_id": ids[rank[place]],
            "campaign": np.array(list(CAMPAIGNS), dtype=object)[rows.campaign],
            "channel": np.array(list(CAMPAIGNS.values()), dtype=object)[rows.campaign],
            "customer_id": people.ids_at(rows.person, rows.at),
            "ts": utc_times(rows.at),
            "kind": np.array(KINDS, dtype=object)[rows.kind],
        }
    )


def _next_morning(at: Ints) -> Ints:
    """Return nine in the morning of the day after."""
    return np.asarray(at - at % DAY_S + DAY_S + 9 * HOUR_S)


def _on_day(mail: _Mail, campaign: str, number: int, day: int, left_out: Flags) -> Messages:
    """Return what is sent at nine on a day to all who allow it, but for those left out."""
    at = np.full(len(mail.people), mail.clock.begins(day) + 9 * HOUR_S)
    everybody = np.arange(len(mail.people))
    gets = ~left_out & (mail.people.arrived < at) & mail.allows("email", everybody, at)
    return mail.sent(campaign, number, everybody[gets], at[gets])


def _caused(mail: _Mail, sent: Messages, offers: Offers) -> Messages:
    """Return the clicks of offers that bring a visit of their own."""
    delivered = sent.take(sent.kind == KINDS.index("delivered"))
    comes = mail.draws.uniform("comes", delivered.key) < offers.caused
    days = mail.draws.uniform("days", delivered.key) ** 2 * offers.within_days
    at = delivered.at + HOUR_S // 4 + (days * DAY_S).astype(np.int64)
    comes &= (at < mail.people.left[delivered.person]) & (at < mail.clock.end_s)
    return _of_kind(delivered, "clicked", at).take(comes)


def _sms(mail: _Mail, sms: StoreSms) -> tuple[Messages, Ints, Ints, Holdout]:
    """Return the SMS, who comes to a store for it and when, and who was held out."""
    people, at = mail.people, mail.clock.begins(sms.day) + 10 * HOUR_S
    everybody = np.arange(len(people))
    among = people.known & people.near_store & (people.arrived < at)
    among &= mail.allows("sms", everybody, np.full(len(people), at))
    held = among & (mail.draws.uniform(sms.holdout, people.key) < sms.held_out)
    gets = np.flatnonzero(among & ~held)
    sent = mail.sent("store_sms", 0, gets, np.full(len(gets), at))
    came = sent.take(sent.kind == KINDS.index("delivered"))
    days = mail.draws.uniform("store_days", came.key) * sms.within_days
    when = came.at + HOUR_S + (days * DAY_S).astype(np.int64)
    comes = mail.draws.uniform("store", came.key) < sms.comes
    comes &= (when < people.left[came.person]) & (when < mail.clock.end_s)
    return sent, came.person[comes], when[comes], Holdout(sms.holdout, at, among, held)


def _credited(mail: _Mail, messages: Messages, person: Ints, at: Ints) -> tuple[Ints, Messages]:
    """Return the visits that come by a click in a letter opened before, and the clicks.

    The visits are by person and time.
    """
    letters = mail.letters
    opened = messages.take(messages.kind == KINDS.index("opened"))
    opened = opened.take(np.lexsort((opened.at, opened.person)))
    span = 1 << 34  # seconds: longer than a study, so that people do not meet
    begin = int(mail.clock.midnights[0])
    visits, reads = person * span + at - begin, opened.person * span + opened.at - begin
    place = np.searchsorted(visits, reads, side="right")
    there = place < len(visits)
    place, opened, reads = place[there], opened.take(there), reads[there]
    near = visits[place] - reads < letters.credit_days * DAY_S
    near &= mail.draws.uniform("credited", opened.key) < letters.credited
    place, opened = place[near], opened.take(near)
    place, first = np.unique(place, return_index=True)
    opened = opened.take(first)
    return place, _of_kind(opened, "clicked", at[place])


def _of_kind(messages: Messages, kind: str, at: Ints) -> Messages:
    """Return the same messages, of another kind and time."""
    return replace(messages, kind=np.full(len(messages), KINDS.index(kind)), at=at)


def _unsubscribed(mail: _Mail, messages: Messages) -> Messages:
    """Return who withdraws by the link of the last letter sent before."""
    email = messages.campaign != list(CAMPAIGNS).index("store_sms")
    sent = messages.take(email & (messages.kind == KINDS.index("delivered")))
    until = mail.consent.email_until[sent.person]
    sent = sent.take((until >= 0) & (sent.at < until))
    last = np.lexsort((-sent.at, sent.person))
    last = last[np.unique(sent.person[last], return_index=True)[1]]
    sent = sent.take(last)
    by_link = mail.draws.uniform("by_link", mail.people.key[sent.person]) < mail.letters.by_link
    sent = sent.take(by_link)
    return _of_kind(sent, "unsubscribed", mail.consent.email_until[sent.person])


def _in_time(messages: Messages, clock: Clock) -> Messages:
    """Return what happens before the end, each kind of a message once."""
    messages = messages.take(messages.at < clock.end_s)
    order = np.lexsort((messages.at, messages.kind, messages.key))
    messages = messages.take(order)
    first = np.ones(len(messages), dtype=bool)
    first[1:] = (messages.key[1:] != messages.key[:-1]) | (messages.kind[1:] != messages.kind[:-1])
    return messages.take(first)


def _counted(person: Ints) -> Ints:
    """Return 0, 1 and so on for each entry of a person, entries being by person."""
    first = np.searchsorted(person, person)
    return np.arange(len(person)) - first
