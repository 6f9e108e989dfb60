"""What truly happens to one block of people, drawn; every table is a view of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cxresearch.simulate import identity, messages, shoppers
from cxresearch.simulate.block import Consent, Holdout, Messages, Orders, People, Visits
from cxresearch.simulate.clock import Clock
from cxresearch.simulate.draws import Draws, Flags, Ints, Texts, blanked
from cxresearch.simulate.order_history import draw_orders
from cxresearch.simulate.planted import Planted
from cxresearch.simulate.shoppers import draw_people
from cxresearch.simulate.steps import Steps, draw_steps
from cxresearch.simulate.tickets import Tickets, draw_tickets, put_off_from
from cxresearch.simulate.visit_paths import (
    Times,
    ad_holdout,
    by_email,
    draw_visits,
    message_visits,
    own_visits,
    retargeted,
    social_visits,
)


@dataclass(frozen=True, slots=True)
class World:
    """A block of people and what they did.

    Parameters
    ----------
    seed, block : int
        The seed of the shop, and the number of the block.
    clock : Clock
        The days of the study.
    planted : Planted
        What is planted.
    people, consent, visits, steps, orders, tickets, messages
        The arrays.
    lines : pandas.DataFrame
        What is in the orders.
    to_stores, to_stores_at : array of int
        The persons that a message brings to a store, and when.
    holdouts : tuple of Holdout
        Who was kept from messages and ads.
    """

    seed: int
    block: int
    clock: Clock
    planted: Planted
    people: People
    consent: Consent
    visits: Visits
    steps: Steps
    orders: Orders
    tickets: Tickets
    messages: Messages
    lines: pd.DataFrame
    to_stores: Ints
    to_stores_at: Ints
    holdouts: tuple[Holdout, ...]

    def draws(self, topic: str) -> Draws:
        """Return the random numbers of a topic."""
        return Draws(self.seed, topic)

    def visible_ids(self, person: Ints, order: Ints, at: Ints) -> Texts:
        """Return the customer ids that records of an order show: None where it was a guest's.

        `order` is -1 for a record that belongs to no order; then a person without an account is
        not known.
        """
        guest = np.append(self.orders.guest, [False])[order] | ~self.people.known[person]
        return blanked(self.people.ids_at(person, at), guest)

    def was_late(self, order: Ints) -> Flags:
        """Return whose parcel came late; no order, -1, is never late."""
        return np.append(self.orders.late, [False])[order]

    def order_ids(self, order: Ints) -> Texts:
        """Return the ids of orders; None for -1."""
        ids: Texts = np.array([*self.orders.ids, None], dtype=object)[order]
        return ids


def draw_world(seed: int, clock: Clock, planted: Planted, key: Ints, block: int) -> World:
    """Return the block of the persons with these numbers."""
    people = draw_people(
        Draws(seed, "people"),
        key,
        clock,
        arrivals=planted.arrivals,
        habits=planted.habits,
        segments=planted.segments,
        accounts=planted.accounts,
        app=planted.app.users,
        english=planted.texts.english,
    )
    consent = identity.draw_consent(Draws(seed, "consent"), people, clock, planted.consent)
    on_visits, on_messages = Draws(seed, "visits"), Draws(seed, "messages")
    no_social, no_ads = (
        ad_holdout(on_visits, people, clock, planted, name)
        for name in (planted.social.holdout, planted.retargeting.holdout)
    )
    own = own_visits(on_visits, people, clock, block)
    calendar = messages.calendar(
        on_messages,
        people,
        consent,
        own.person,
        own.start,
        clock,
        letters=planted.letters,
        offers=planted.offers,
        sms=planted.store_sms,
    )
    social = social_visits(on_visits, people, clock, planted, no_social, block)
    times = Times.joined([own, social, message_visits(calendar)])
    credited = np.zeros(len(times), dtype=bool)
    credited[calendar.credited] = True
    visits = draw_visits(on_visits, people, times, credited, clock, planted)
    visits, orders = _without_the_put_off(seed, people, visits, clock, planted, block)
    triggered = messages.triggered(
        on_messages,
        people,
        consent,
        visits.person,
        visits.start,
        orders,
        clock,
        letters=planted.letters,
    )
    visits = by_email(visits, triggered.credited)
    visits = retargeted(on_visits, visits, no_ads, clock, planted)
    steps, orders, tickets = _what_follows(seed, people, visits, clock, planted, block)
    return World(
        seed=seed,
        block=block,
        clock=clock,
        planted=planted,
        people=people,
        consent=consent,
        visits=visits,
        steps=steps,
        orders=orders,
        tickets=tickets,
        messages=Messages.joined([calendar.messages, triggered.messages]),
        lines=shoppers.draw_lines(
            Draws(seed, "baskets"), orders, people, planted.baskets, planted.orders.discounted
        ),
        to_stores=calendar.stores,
        to_stores_at=calendar.stores_at,
        holdouts=(*calendar.holdouts, no_social, no_ads),
    )


def _what_follows(
    seed: int, people: People, visits: Visits, clock: Clock, planted: Planted, block: int
) -> tuple[Steps, Orders, Tickets]:
    """Return what happens in visits, the orders, and the tickets."""
    steps = draw_steps(Draws(seed, "steps"), visits, clock.end_s, planted)
    orders = draw_orders(Draws(seed, "orders"), people, visits, steps, clock, planted, block)
    tickets = draw_tickets(Draws(seed, "tickets"), visits, steps, orders, clock, planted)
    return steps, orders, tickets


def _without_the_put_off(
    seed: int, people: People, visits: Visits, clock: Clock, planted: Planted, block: int
) -> tuple[Visits, Orders]:
    """Return the visits but for those that a late parcel has cost, and their orders.

    The first late parcel of a person loses no visit before it, so who is put off, and when, is
    known from the visits as they would be.
    """
    draws = Draws(seed, "recovery")
    buying = visits.take(visits.bought)
    _, orders, tickets = _what_follows(seed, people, buying, clock, planted, block)
    since, lost = put_off_from(people, orders, tickets, planted)
    after = visits.start > since[visits.person]
    gone = after & (draws.uniform("lost", visits.key) < lost[visits.person])
    return visits.take(~gone), orders.take(~gone[np.flatnonzero(visits.bought)[orders.visit]])
