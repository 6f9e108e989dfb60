"""Support conversations: why customers write in, how long they wait, how it ends."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import poisson

from cxresearch.simulate.block import Arrays, Orders, People, Visits
from cxresearch.simulate.clock import DAY_S, HOUR_S, Clock, utc_times
from cxresearch.simulate.draws import (
    Draws,
    Flags,
    Floats,
    Ints,
    Texts,
    blanked,
    child_keys,
    numbered,
)
from cxresearch.simulate.planted import Planted
from cxresearch.simulate.steps import Steps

#: Why a customer writes in; the code of a cause is its place here.
CAUSES = ("late_parcel", "payment_error", "return", "question", "chat")
OUTCOMES = ("solved", "refunded", "replaced", "no_solution")
#: Tickets of one block are numbered from its number times this.
PER_BLOCK = 1_000_000
_OUTCOME_SHARE = np.array(
    [
        [0.60, 0.18, 0.10, 0.12],
        [0.85, 0.00, 0.00, 0.15],
        [0.25, 0.50, 0.20, 0.05],
        [0.92, 0.00, 0.00, 0.08],
        [0.86, 0.03, 0.03, 0.08],
    ]
)


@dataclass(frozen=True, slots=True)
class Tickets(Arrays):
    """Tickets by time. No time is -1.

    Parameters
    ----------
    key : array of int
        The key of the ticket.
    person, order, cause, channel, outcome : array of int
        Places in the people, the orders (-1 for none), ``CAUSES``, the planted channels and
        ``OUTCOMES`` (of a resolved one).
    opened, first_response, resolved : array of int
        UTC seconds since 1970.
    """

    key: Ints
    person: Ints
    order: Ints
    cause: Ints
    channel: Ints
    outcome: Ints
    opened: Ints
    first_response: Ints
    resolved: Ints

    def helped(self) -> Flags:
        """Return which ended with a solution."""
        solved = self.outcome != OUTCOMES.index("no_solution")
        return np.asarray((self.resolved >= 0) & solved)


def draw_tickets(
    draws: Draws, visits: Visits, steps: Steps, orders: Orders, clock: Clock, planted: Planted
) -> Tickets:
    """Return every ticket opened before the end of the study."""
    contacts = [
        *_about_orders(draws, orders, planted),
        *_about_visits(draws, visits, steps, planted),
    ]
    key, person, order, cause, opened = (
        np.concatenate(parts) for parts in zip(*contacts, strict=True)
    )
    by_time = np.lexsort((key, opened))
    by_time = by_time[opened[by_time] < clock.end_s]
    key, person, order, cause, opened = (
        values[by_time] for values in (key, person, order, cause, opened)
    )
    plan = planted.tickets
    channel = draws.place("channel", key, np.array(plan.share))
    channel[cause == CAUSES.index("chat")] = plan.channels.index("chat")
    first = opened + _wait(
        draws, "answer", key, plan.first_response_median, plan.first_response_sigma, channel
    )
    resolved = first + _wait(
        draws, "solve", key, plan.resolution_median, plan.resolution_sigma, channel
    )
    never = draws.uniform("never", key) < plan.never_resolved
    return Tickets(
        key=key,
        person=person,
        order=order,
        cause=cause,
        channel=channel,
        outcome=draws.place("outcome", key, _OUTCOME_SHARE[cause]),
        opened=opened,
        first_response=np.where(first < clock.end_s, first, -1),
        resolved=np.where(~never & (resolved < clock.end_s), resolved, -1),
    )


def tickets_table(
    draws: Draws, ids: Texts, tickets: Tickets, planted: Planted, block: int
) -> pd.DataFrame:
    """Return the canonical tickets, `ids` being what each shows; an open one has no outcome."""
    is_open, key = tickets.resolved < 0, tickets.key
    more = np.searchsorted(poisson.cdf(np.arange(40), 1.6), draws.uniform("messages", key))
    return pd.DataFrame(
        {
            "ticket_id": numbered("T", len(key), 7, first=block * PER_BLOCK + 1),
            "opened": utc_times(tickets.opened),
            "customer_id": ids,
            "first_response": utc_times(tickets.first_response),
            "resolved": utc_times(tickets.resolved),
            "channel": np.array(planted.tickets.channels, dtype=object)[tickets.channel],
            "outcome": blanked(np.array(OUTCOMES, dtype=object)[tickets.outcome], is_open),
            "messages": 1 + (tickets.first_response >= 0) * (1 + more),
            "reopened": ~is_open & (draws.uniform("reopened", key) < planted.tickets.reopened),
        }
    )


def put_off_from(
    people: People, orders: Orders, tickets: Tickets, planted: Planted
) -> tuple[Ints, Floats]:
    """Return from when each person makes fewer visits, and what share of them is lost.

    It is when the first late parcel comes that is not put right; the largest number is never.
    """
    never = np.iinfo(np.int64).max
    recovery = planted.recovery
    about = tickets.helped() & (tickets.cause == CAUSES.index("late_parcel"))
    helped = np.zeros(len(orders), dtype=bool)
    helped[tickets.order[about]] = True
    since, lost = np.full(len(people), never), np.zeros(len(people))
    for these, share in ((helped, recovery.solved), (~helped, recovery.put_off)):
        late = orders.late & (orders.delivered >= 0) & these & (share > 0)
        first = np.full(len(people), never)
        np.minimum.at(first, orders.person[late], orders.delivered[late])
        lost = np.where(first < since, share, lost)
        since = np.minimum(since, first)
    return since, lost


_Contacts = tuple[Ints, Ints, Ints, Ints, Ints]


def _contacts(cause: str, of: Ints, person: Ints, order: Ints, opened: Ints) -> _Contacts:
    number = CAUSES.index(cause)
    return child_keys(of, number), person, order, np.full(len(of), number), opened


def _about_orders(draws: Draws, orders: Orders, planted: Planted) -> list[_Contacts]:
    """Return contacts about late parcels, returns, and with questions."""
    plan, key = planted.tickets, orders.key
    worried = orders.promised + (DAY_S * draws.between("worried", key, 1.0, 4.0)).astype(np.int64)
    returns = orders.return_asked + (HOUR_S * draws.between("returns", key, 1, 96)).astype(np.int64)
    asks = orders.at + (HOUR_S * draws.between("asks", key, 1, 240)).astype(np.int64)
    found = []
    for cause, chance, among, opened in (
        ("late_parcel", plan.after_late, orders.late, worried),
        ("return", plan.after_return, orders.return_asked >= 0, returns),
        ("question", plan.any_order, np.ones(len(orders), dtype=bool), asks),
    ):
        places = np.flatnonzero(among & (draws.uniform(cause, key) < chance))
        found.append(_contacts(cause, key[places], orders.person[places], places, opened[places]))
    return found


def _about_visits(draws: Draws, visits: Visits, steps: Steps, planted: Planted) -> list[_Contacts]:
    """Return contacts after payment errors, and every chat on the site."""
    met = np.flatnonzero(steps.of("payment_error"))
    key = visits.key[steps.visit[met]]
    asks = draws.uniform("payment_error", key) < planted.tickets.after_payment_error
    after = draws.between("after_error", key, 300, 6 * HOUR_S).astype(np.int64)
    chats = np.flatnonzero(steps.of("chat_open"))
    found = []
    for cause, places, opened in (
        ("payment_error", met[asks], (steps.at[met] + after)[asks]),
        ("chat", chats, steps.at[chats]),
    ):
        visit, none = steps.visit[places], np.full(len(places), -1)
        found.append(_contacts(cause, visits.key[visit], visits.person[visit], none, opened))
    return found


def _wait(
    draws: Draws, name: str, key: Ints, median: tuple[float, ...], sigma: float, channel: Ints
) -> Ints:
    """Return lognormal waits in seconds, by the channel's median in minutes."""
    minutes = np.array(median)[channel] * np.exp(sigma * draws.normal(name, key))
    return np.asarray(np.ceil(60 * minutes).astype(np.int64))
