"""Support conversations: why customers write in, how long they wait, how it ends."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cxresearch.simulate.arrays import Flags, Ints, blanked, draw_places, numbered
from cxresearch.simulate.clock import DAY_S, utc_times
from cxresearch.simulate.world import World

#: Why a customer writes in; the code of a cause is its place here.
CAUSES = ("late_parcel", "payment_error", "return", "question", "chat")
_OUTCOMES = ("solved", "refunded", "replaced", "no_solution")
_OUTCOME_SHARE = np.array(
    [
        [0.60, 0.18, 0.10, 0.12],
        [0.85, 0.00, 0.00, 0.15],
        [0.25, 0.50, 0.20, 0.05],
        [0.92, 0.00, 0.00, 0.08],
        [0.86, 0.03, 0.03, 0.08],
    ]
)
_HOUR_S = 3_600


@dataclass(frozen=True, slots=True)
class Tickets:
    """Tickets by time, one entry each; all arrays have the same length. No time is -1.

    Parameters
    ----------
    person, order, cause, channel : array of int
        Places in the people, the orders (-1 for none), ``CAUSES`` and the planted channels.
    opened, first_response, resolved : array of int
        UTC seconds since 1970.
    """

    person: Ints
    order: Ints
    cause: Ints
    channel: Ints
    opened: Ints
    first_response: Ints
    resolved: Ints

    def __len__(self) -> int:
        return len(self.person)


def draw_tickets(rng: np.random.Generator, world: World) -> Tickets:
    """Return every ticket opened before the end of the study."""
    contacts = pd.concat(
        [
            _after_late_parcels(rng, world),
            _after_payment_errors(rng, world),
            _after_returns(rng, world),
            _questions(rng, world),
            _chats(world),
        ]
    )
    contacts = contacts[contacts["opened"] < world.clock.end_s]
    contacts = contacts.sort_values(["opened", "person"], kind="stable")
    cause, opened = contacts["cause"].to_numpy(), contacts["opened"].to_numpy()
    plan = world.planted.tickets
    channel = rng.choice(len(plan.channels), size=len(opened), p=plan.share)
    channel[cause == CAUSES.index("chat")] = plan.channels.index("chat")
    first, resolved = _waits(rng, opened, channel, world)
    return Tickets(
        person=contacts["person"].to_numpy(),
        order=contacts["order"].to_numpy(),
        cause=cause,
        channel=channel,
        opened=opened,
        first_response=first,
        resolved=resolved,
    )


def tickets_table(rng: np.random.Generator, world: World, tickets: Tickets) -> pd.DataFrame:
    """Return the canonical tickets; an open one has no outcome."""
    n, is_open = len(tickets), tickets.resolved < 0
    ending = draw_places(rng, _OUTCOME_SHARE[tickets.cause])
    outcome = np.array(_OUTCOMES, dtype=object)[ending]
    answered = tickets.first_response >= 0
    return pd.DataFrame(
        {
            "ticket_id": numbered("T", n, 6),
            "opened": utc_times(tickets.opened),
            "customer_id": world.visible_ids(tickets.person, tickets.order),
            "first_response": utc_times(tickets.first_response),
            "resolved": utc_times(tickets.resolved),
            "channel": np.array(world.planted.tickets.channels, dtype=object)[tickets.channel],
            "outcome": blanked(outcome, is_open),
            "messages": 1 + answered * (1 + rng.poisson(1.6, n)),
            "reopened": ~is_open & (rng.random(n) < world.planted.tickets.reopened),
        }
    )


def _waits(
    rng: np.random.Generator, opened: Ints, channel: Ints, world: World
) -> tuple[Ints, Ints]:
    """Return when each ticket was first answered and resolved; -1 when not before the end."""
    plan, end_s, n = world.planted.tickets, world.clock.end_s, len(opened)
    answer = np.array(plan.first_response_median)[channel] * np.exp(
        plan.first_response_sigma * rng.standard_normal(n)
    )
    solve = np.array(plan.resolution_median)[channel] * np.exp(
        plan.resolution_sigma * rng.standard_normal(n)
    )
    first = opened + np.ceil(60 * answer).astype(np.int64)
    resolved = first + np.ceil(60 * solve).astype(np.int64)
    never = rng.random(n) < plan.never_resolved
    return np.where(first < end_s, first, -1), np.where(~never & (resolved < end_s), resolved, -1)


def _contacts(cause: str, person: Ints, order: Ints | int, opened: Ints) -> pd.DataFrame:
    return pd.DataFrame(
        {"person": person, "order": order, "cause": CAUSES.index(cause), "opened": opened}
    )


def _of_orders(
    rng: np.random.Generator, world: World, cause: str, chance: float, among: Flags, opened: Ints
) -> pd.DataFrame:
    """Return contacts about some of these orders."""
    places = np.flatnonzero(among & (rng.random(len(among)) < chance))
    return _contacts(cause, world.orders.customer[places], places, opened[places])


def _after_late_parcels(rng: np.random.Generator, world: World) -> pd.DataFrame:
    orders, promised = world.orders, world.planted.delivery.days_on_time[1]
    worried = orders.at + (rng.uniform(promised + 1, promised + 4, len(orders)) * DAY_S).astype(
        np.int64
    )
    chance = world.planted.tickets.after_late
    return _of_orders(rng, world, "late_parcel", chance, orders.late, worried)


def _after_returns(rng: np.random.Generator, world: World) -> pd.DataFrame:
    orders = world.orders
    opened = orders.return_asked + rng.integers(_HOUR_S, 96 * _HOUR_S, len(orders))
    chance = world.planted.tickets.after_return
    return _of_orders(rng, world, "return", chance, orders.return_asked >= 0, opened)


def _questions(rng: np.random.Generator, world: World) -> pd.DataFrame:
    orders = world.orders
    opened = orders.at + rng.integers(_HOUR_S, 10 * DAY_S, len(orders))
    every = np.ones(len(orders), dtype=bool)
    return _of_orders(rng, world, "question", world.planted.tickets.any_order, every, opened)


def _after_payment_errors(rng: np.random.Generator, world: World) -> pd.DataFrame:
    met = world.steps.of("payment_error")
    asks = rng.random(met.sum()) < world.planted.tickets.after_payment_error
    person = world.visits.customer[world.steps.visit[met]][asks]
    opened = (world.steps.at[met] + rng.integers(300, 6 * _HOUR_S, met.sum()))[asks]
    return _contacts("payment_error", person, -1, opened)


def _chats(world: World) -> pd.DataFrame:
    opened = world.steps.of("chat_open")
    person = world.visits.customer[world.steps.visit[opened]]
    return _contacts("chat", person, -1, world.steps.at[opened])
