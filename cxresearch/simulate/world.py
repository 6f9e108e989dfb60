"""What truly happens in the simulated year; every table is a view of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cxresearch.simulate.arrays import Flags, Ints, Texts, blanked
from cxresearch.simulate.clock import Clock
from cxresearch.simulate.order_history import Orders, draw_orders
from cxresearch.simulate.planted import Planted
from cxresearch.simulate.shoppers import People, draw_people
from cxresearch.simulate.steps import Steps, draw_steps
from cxresearch.simulate.visit_paths import Exposures, Visits, draw_visits


@dataclass(frozen=True, slots=True)
class World:
    """Customers, what they did, and what was planted."""

    clock: Clock
    planted: Planted
    people: People
    visits: Visits
    exposures: Exposures
    steps: Steps
    orders: Orders

    def visible_ids(self, person: Ints, order: Ints) -> Texts:
        """Return the customer ids that records of an order show: None where it was a guest's.

        `order` is -1 for a record that belongs to no order.
        """
        guest = np.append(self.orders.guest, [False])[order]
        return blanked(self.people.ids[person], guest)

    def was_late(self, order: Ints) -> Flags:
        """Return whose parcel came late; no order, -1, is never late."""
        return np.append(self.orders.late, [False])[order]

    def order_ids(self, order: Ints) -> Texts:
        """Return the ids of orders; None for -1."""
        ids: Texts = np.array([*self.orders.ids, None], dtype=object)[order]
        return ids


def stream(seed: int, name: str) -> np.random.Generator:
    """Return the stream of random numbers of one part of the simulation.

    Each part has its own, so that a change in one leaves the draws of the others as they were.

    Examples
    --------
    >>> stream(1, "people").random() == stream(1, "people").random()
    True
    >>> stream(1, "people").random() == stream(1, "visits").random()
    False
    """
    return np.random.default_rng([seed, *name.encode()])


def draw_world(seed: int, customers: int, clock: Clock, planted: Planted) -> World:
    """Return the whole year, drawn from one seed."""
    people = draw_people(stream(seed, "people"), customers, planted)
    visits, exposures = draw_visits(stream(seed, "visits"), people, clock, planted)
    steps = draw_steps(stream(seed, "steps"), visits, clock.end_s)
    orders = draw_orders(stream(seed, "orders"), visits, steps, clock, planted)
    return World(clock, planted, people, visits, exposures, steps, orders)
