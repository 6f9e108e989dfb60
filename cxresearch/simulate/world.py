"""What truly happens in the simulated year; every table is a view of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cxresearch.simulate.clock import Clock
from cxresearch.simulate.orders import Orders, draw_orders
from cxresearch.simulate.people import People, draw_people
from cxresearch.simulate.planted import Planted
from cxresearch.simulate.steps import Steps, draw_steps
from cxresearch.simulate.visits import Exposures, Visits, draw_visits


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
