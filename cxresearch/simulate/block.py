"""What truly happens to a block of people: the arrays that every table is a view of.

The shop is drawn in blocks of people (50,000 a block), each by itself, in this order::

    shoppers.draw_people      -> People        who they are, when they come and when they leave
    identity.draw_consent     -> Consent       what each allows, from when, until when
    visit_paths.own_visits    -> Times         the visits that people make of their own accord
    messages.calendar         -> Campaigns     newsletters, offers, the SMS: sends, and the visits
                                               they cause or are credited with
    visit_paths.draw_visits   -> Visits        how far each goes: the funnel and what acts on it
    order_history.draw_orders -> Orders        what became of each order, parcel included
    tickets.draw_tickets      -> Tickets       who wrote in, and what that solved
    (visits that a bad experience has put off are taken out of visits, orders and tickets)
    messages.triggered        -> Campaigns     lead, welcome, win-back: no effect on visits
    visit_paths.retargeted    -> Visits        the same, some of them by a click on an ad
    baskets.draw_lines        -> lines         what is in each order
    surveys, texts, events    -> tables

Times are whole UTC seconds since 1970 in int64; -1 is no time. Places start at 0; -1 is none.
Every array of a dataclass has one length. Keys belong to :class:`~cxresearch.simulate.draws.Draws`:
they never change, whatever effect is switched off.

Planted values are frozen dataclasses whose docstrings say what is planted (``truth.json`` and
``docs/simulator.md`` print them); they stand in ``effects`` or beside the code that they are for,
and ``planted`` collects them. One that can be switched off has ``OFF``, the values that plant
nothing. Days are counted from the first of a shop of 1,096 days and keep their proportion in
another (``clock.day``).
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Self

import numpy as np

from cxresearch.simulate.draws import Flags, Floats, Ints, Texts

#: How well a customer knows the shop.
SEGMENTS = ("new", "returning", "loyal")
DEVICES = ("desktop", "mobile", "tablet")
#: How a visit came to the shop; nobody comes by `retargeting` who would not have come without it.
CHANNELS = (
    *("paid_search", "organic_search", "email", "social", "referral", "direct"),
    "retargeting",
)
#: Invented towns, with postcodes beyond the last one in use; the first two have a store.
TOWNS = {
    "Borgochiaro": "99010",
    "Portovento": "99023",
    "Acquaserena": "99031",
    "Montelume": "99044",
    "Valdichiaro": "99052",
    "Rocca Ventosa": "99067",
    "Castelbruno": "99071",
    "Pietralba": "99075",
    "Fontanova": "99079",
    "Lagoscuro": "99083",
    "Campodoro": "99087",
    "Torrebianca": "99091",
}
STORES = ("Borgochiaro", "Portovento")
CATEGORIES = ("clothing", "shoes", "accessories", "living", "kitchen", "beauty", "kids")
#: The releases of the app, one after the other.
VERSIONS = ("5.0", "5.1", "5.2", "5.3", "5.4", "5.5", "5.6")
METHODS = ("standard", "express", "pickup")
CARRIERS = ("Rondine", "Vela", "Ponte")


class Arrays:
    """Arrays of one length, an entry for each thing; a base of frozen dataclasses."""

    __slots__ = ()

    def __len__(self) -> int:
        return len(getattr(self, fields(self)[0].name))  # type: ignore[arg-type]

    def take(self, places: Ints | Flags) -> Self:
        """Return the entries at these places, or where the flags are true."""
        names = [field.name for field in fields(self)]  # type: ignore[arg-type]
        return type(self)(*(getattr(self, name)[places] for name in names))

    @classmethod
    def joined(cls, parts: list[Self]) -> Self:
        """Return the entries of several one after the other."""
        names = [field.name for field in fields(cls)]  # type: ignore[arg-type]
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


@dataclass(frozen=True, slots=True)
class People(Arrays):
    """True persons.

    Parameters
    ----------
    key : array of int
        The number of the person in the whole shop, from 0; also the key of what is drawn for them.
    ids, second_ids : array of str
        The customer id of the account, and of the second account of those who have two.
    second_from : array of int
        From when the person shops with the second account; -1 for one account.
    known : array of bool
        Whether there is an account; the id of anybody else is that of a browser.
    arrived, left : array of int
        When the person first comes; when they would stop coming, which may be after the study.
    visits_per_year : array of float
        How often the person comes, of their own accord, while alive.
    spend : array of float
        What the person's orders cost beside everybody's; its mean is 1.
    segment, device, town : array of int
        Places in ``SEGMENTS``, ``DEVICES`` (the one they prefer) and ``TOWNS``.
    app, english : array of bool
        Whether the mobile visits are with the app; whether they write English, else Italian.
    """

    key: Ints
    ids: Texts
    second_ids: Texts
    second_from: Ints
    known: Flags
    arrived: Ints
    left: Ints
    visits_per_year: Floats
    spend: Floats
    segment: Ints
    device: Ints
    town: Ints
    app: Flags
    english: Flags

    @property
    def near_store(self) -> Flags:
        """Whether a person lives in a town with a store."""
        near: Flags = np.isin(self.town, [list(TOWNS).index(town) for town in STORES])
        return near

    def ids_at(self, person: Ints, at: Ints) -> Texts:
        """Return the id that each of these persons uses at that time."""
        since = self.second_from[person]
        second = (since >= 0) & (at >= since)
        ids: Texts = np.where(second, self.second_ids[person], self.ids[person])
        return ids


@dataclass(frozen=True, slots=True)
class Consent(Arrays):
    """What each person truly allows: from when, and until when it is withdrawn.

    Parameters
    ----------
    email_from, email_until, sms_from, sms_until, profiling_from, profiling_until : array of int
        When it was given (-1 for never) and withdrawn (-1 for not). A person is written to only
        between the two; the records of the shop's systems may say otherwise.
    """

    email_from: Ints
    email_until: Ints
    sms_from: Ints
    sms_until: Ints
    profiling_from: Ints
    profiling_until: Ints


@dataclass(frozen=True, slots=True)
class Messages(Arrays):
    """What became of messages: sent, delivered, opened, clicked, unsubscribed.

    Parameters
    ----------
    key : array of int
        The key of the message, which its events share.
    campaign : array of int
        Place in the campaigns of ``messages``.
    person, at : array of int
        Place in the people, and when.
    kind : array of int
        Place in ``messages.KINDS``.
    """

    key: Ints
    campaign: Ints
    person: Ints
    at: Ints
    kind: Ints


@dataclass(frozen=True, slots=True)
class Holdout:
    """An experiment that keeps some people, by chance, from messages or ads.

    Parameters
    ----------
    name : str
        The experiment.
    begins : int
        When, for all who are in it.
    among, held : array of bool
        By person: who is in it, and who of them is held out.
    """

    name: str
    begins: int
    among: Flags
    held: Flags


@dataclass(frozen=True, slots=True)
class Campaigns:
    """Messages, and the visits that go with them.

    Parameters
    ----------
    messages : Messages
        Every send and what came of it.
    caused_key, caused_person, caused_at : array of int
        The visits that would not have been without a message: key, person and time. The time is
        that of the click.
    credited : array of int
        Places in the visits of people's own accord that came through a click: their channel is
        then e-mail, and nothing else of them is.
    stores, stores_at : array of int
        The persons that a message brings to a store, and when.
    holdouts : tuple of Holdout
        Who was kept from what.
    """

    messages: Messages
    caused_key: Ints
    caused_person: Ints
    caused_at: Ints
    credited: Ints
    stores: Ints
    stores_at: Ints
    holdouts: tuple[Holdout, ...]


@dataclass(frozen=True, slots=True)
class Visits(Arrays):
    """Visits to the shop on the web or in the app, by person and time.

    Parameters
    ----------
    key : array of int
        The key of the visit.
    person, start : array of int
        Place in the people; when it begins.
    channel, device, category, version : array of int
        Places in ``CHANNELS`` (how it came), ``DEVICES``, ``CATEGORIES`` (what it is after), and
        ``VERSIONS`` of the app (-1 on the web).
    searched, viewed, carted, checkout, paying, failed, bought : array of bool
        Whether it used the search, saw a product, filled a cart, began a checkout, came to the
        payment, met a payment error, ended in an order.
    reorder : array of bool
        Whether it is a one-click reorder from an e-mail, outside the funnel.
    """

    key: Ints
    person: Ints
    start: Ints
    channel: Ints
    device: Ints
    category: Ints
    version: Ints
    searched: Flags
    viewed: Flags
    carted: Flags
    checkout: Flags
    paying: Flags
    failed: Flags
    bought: Flags
    reorder: Flags


@dataclass(frozen=True, slots=True)
class Orders(Arrays):
    """Orders by time.

    Parameters
    ----------
    key : array of int
        The key of the visit it was placed in.
    ids : array of str
        Order ids.
    visit, person, at : array of int
        Places in the visits and the people; when it was placed.
    category : array of int
        Place in ``CATEGORIES`` of its first line.
    promised, shipped, delivered, return_asked, cancelled_at : array of int
        When the parcel was promised for, left and came; when a return was asked for; when it was
        cancelled. What lies after the end of the study is -1, but for ``promised``.
    method, carrier : array of int
        Places in ``METHODS`` and ``CARRIERS``.
    late, guest, failed_payment : array of bool
        Whether the parcel is late, whether no customer id was left with the order, whether a
        payment error came before.
    """

    key: Ints
    ids: Texts
    visit: Ints
    person: Ints
    at: Ints
    category: Ints
    promised: Ints
    shipped: Ints
    delivered: Ints
    return_asked: Ints
    cancelled_at: Ints
    method: Ints
    carrier: Ints
    late: Flags
    guest: Flags
    failed_payment: Flags
