"""Visits to the shop and how far each one goes: funnel, experiment, payment error, reorders."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, fields

import numpy as np
from scipy.special import ndtri

from cxresearch.simulate.arrays import Flags, Floats, Ints
from cxresearch.simulate.clock import DAY_S, Clock
from cxresearch.simulate.planted import CHANNELS, DEVICES, Planted
from cxresearch.simulate.shoppers import People, draw_channels, draw_devices

_NOT_BUYING_BUT_PAYING = 0.5


@dataclass(frozen=True, slots=True)
class Visits:
    """Visits, one entry each; all arrays have the same length.

    Parameters
    ----------
    customer, device, channel : array of int
        Places in the people, ``DEVICES`` and ``CHANNELS``.
    start : array of int
        UTC seconds since 1970.
    viewed, carted, checkout, paying, failed, bought : array of bool
        Whether the visit saw a product, filled a cart, began a checkout, came to the payment,
        met a payment error, ended in an order.
    reorder : array of bool
        Whether it is a one-click reorder from an e-mail, outside the funnel.
    """

    customer: Ints
    device: Ints
    channel: Ints
    start: Ints
    viewed: Flags
    carted: Flags
    checkout: Flags
    paying: Flags
    failed: Flags
    bought: Flags
    reorder: Flags

    def __len__(self) -> int:
        return len(self.customer)

    def take(self, places: Ints) -> Visits:
        """Return the visits at these places."""
        return Visits(*(getattr(self, field.name)[places] for field in fields(self)))


@dataclass(frozen=True, slots=True)
class Exposures:
    """Who met the experiment, and the variant each got: a place in the planted variants."""

    customer: Ints
    variant: Ints


def draw_visits(
    rng: np.random.Generator, people: People, clock: Clock, planted: Planted
) -> tuple[Visits, Exposures]:
    """Return every visit in the order of its start, and who met the experiment."""
    browsing, exposures = _browsing(rng, people, clock, planted)
    waves = [browsing]
    while waves[-1].bought.any():
        waves.append(_reorders(rng, waves[-1], people, clock, planted))
    visits = Visits(
        *(np.concatenate([getattr(wave, field.name) for wave in waves]) for field in fields(Visits))
    )
    return visits.take(np.lexsort((visits.customer, visits.start))), exposures


def _browsing(
    rng: np.random.Generator, people: People, clock: Clock, planted: Planted
) -> tuple[Visits, Exposures]:
    counts = rng.poisson(people.visits_per_year * clock.years)
    customer = np.repeat(np.arange(len(people)), counts)
    start = clock.draw(rng, len(customer))
    device = draw_devices(rng, people.device[customer])
    steps, funnel = _Steps(rng, customer, len(people), planted.funnel.icc), planted.funnel
    viewed = steps.taken(np.full(len(customer), funnel.view_product))
    carted = viewed & steps.taken(np.array(funnel.add_to_cart)[device])
    checkout = carted & steps.taken(np.full(len(customer), funnel.begin_checkout))
    exposures, effect = _expose(people, customer, start, checkout, clock, planted)
    willing = checkout & steps.taken(funnel.purchase + effect)
    paying = willing | (checkout & (rng.random(len(customer)) < _NOT_BUYING_BUT_PAYING))
    failed = paying & (rng.random(len(customer)) < _error_share(start, device, clock, planted))
    gives_up = failed & (rng.random(len(customer)) < planted.payment_error.gives_up)
    visits = Visits(
        customer=customer,
        device=device,
        channel=draw_channels(rng, len(customer)),
        start=start,
        viewed=viewed,
        carted=carted,
        checkout=checkout,
        paying=paying,
        failed=failed,
        bought=willing & ~gives_up,
        reorder=np.zeros(len(customer), dtype=bool),
    )
    return visits, exposures


class _Steps:
    """Chances that keep their mean over customers while visits of one customer are alike.

    A step is taken when a normal score, part the customer's and part the visit's, is low enough.
    Each step has its own customer scores, so those who took the last one are no likelier to take
    the next.
    """

    def __init__(self, rng: np.random.Generator, customer: Ints, people: int, icc: float) -> None:
        self._rng, self._customer, self._people, self._icc = rng, customer, people, icc

    def taken(self, chance: Floats) -> Flags:
        of_customer = self._rng.standard_normal(self._people)[self._customer]
        of_visit = self._rng.standard_normal(len(self._customer))
        score = np.sqrt(self._icc) * of_customer + np.sqrt(1 - self._icc) * of_visit
        return np.asarray(score < ndtri(chance))


def _expose(
    people: People, customer: Ints, start: Ints, checkout: Flags, clock: Clock, planted: Planted
) -> tuple[Exposures, Floats]:
    """Return who met the experiment, and what it adds to each visit's chance of a purchase."""
    plan = planted.experiment
    met = checkout & clock.within(start, plan.first_day, plan.last_day)
    who = np.unique(customer[met])
    variant = np.zeros(len(people), dtype=np.int64)
    variant[who] = [_variant(plan.name, people.ids[person]) for person in who]
    effect = np.where(met & (variant[customer] == 1), plan.effect, 0.0)
    return Exposures(who, variant[who]), effect


def _variant(experiment: str, customer_id: str) -> int:
    return hashlib.sha256(f"{experiment}:{customer_id}".encode()).digest()[0] % 2


def _error_share(start: Ints, device: Ints, clock: Clock, planted: Planted) -> Floats:
    error = planted.payment_error
    common = (device == DEVICES.index(error.device)) & (
        start >= clock.midnight(clock.day(error.first_day))
    )
    return np.where(common, error.after, error.before)


def _reorders(
    rng: np.random.Generator, before: Visits, people: People, clock: Clock, planted: Planted
) -> Visits:
    """Return the one-click reorders that follow the orders of earlier visits."""
    chance = np.array(planted.orders.reorder)[people.segment[before.customer]]
    delay = planted.orders.reorder_median_days * np.exp(
        planted.orders.reorder_sigma * rng.standard_normal(len(before))
    )
    start = before.start + (delay * DAY_S).astype(np.int64)
    again = before.bought & (rng.random(len(before)) < chance) & (start < clock.end_s)
    customer = before.customer[again]
    yes, no = np.ones(len(customer), dtype=bool), np.zeros(len(customer), dtype=bool)
    return Visits(
        customer=customer,
        device=people.device[customer],
        channel=np.full(len(customer), CHANNELS.index("email")),
        start=start[again],
        viewed=no,
        carted=no,
        checkout=no,
        paying=no,
        failed=no,
        bought=yes,
        reorder=yes,
    )
