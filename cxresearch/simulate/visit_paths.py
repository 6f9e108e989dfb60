"""Visits: when they are, how they come, how far each goes; and what the channels cost."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.special import ndtri

from cxresearch.simulate.block import (
    CATEGORIES,
    CHANNELS,
    DEVICES,
    TOWNS,
    VERSIONS,
    Arrays,
    Campaigns,
    Holdout,
    People,
    Visits,
)
from cxresearch.simulate.clock import DAY_S, Clock
from cxresearch.simulate.draws import Draws, Flags, Floats, Ints
from cxresearch.simulate.planted import Planted

#: What brought a visit: the person's own accord, a post, coming back after it, a message.
OWN, SOCIAL, AGAIN, MESSAGE = range(4)
#: The keys of a person's visits are that of the person times this, and the number of the visit.
_KEYS = 1 << 20
#: The first number of the visits that a post brings.
_SOCIAL_KEYS = 1 << 18

_OWN_CHANNELS = ("paid_search", "organic_search", "social", "referral", "direct")
_CATEGORY_SHARE = np.array([0.26, 0.14, 0.13, 0.14, 0.12, 0.12, 0.09])
_KEEPS_DEVICE = 0.80
_DEVICE_SHARE = np.array([0.30, 0.62, 0.08])
_SEARCHES = 0.22
_NOT_BUYING_BUT_PAYING = 0.5

#: Each channel that costs money: clicks per visit of a known customer, share of impressions that
#: are clicked, and euro per click.
PRICES = {
    "paid_search": (22.0, 0.035, 0.42),
    "social": (14.0, 0.011, 0.31),
    "email": (1.6, 0.045, 0.02),
    "referral": (6.0, 0.060, 0.25),
    "retargeting": (1.2, 0.009, 0.38),
}


@dataclass(frozen=True, slots=True)
class Times(Arrays):
    """Visits of which no more is known than who makes them, when, and what brought them."""

    key: Ints
    person: Ints
    start: Ints
    cause: Ints


def own_visits(draws: Draws, people: People, clock: Clock, block: int) -> Times:
    """Return the visits people make of their own accord, by person and time.

    The first is when they arrive; then they come at their rate, on the season's clock.
    """
    person, start = _while_alive(draws, people, clock, people.visits_per_year, block, "own")
    person = np.concatenate([np.arange(len(people)), person])
    start = np.concatenate([people.arrived, start])
    order = np.lexsort((start, person))
    person, start = person[order], start[order]
    return Times(_numbered(people, person), person, start, np.full(len(person), OWN))


def social_visits(
    draws: Draws, people: People, clock: Clock, planted: Planted, holdout: Holdout, block: int
) -> Times:
    """Return the visits that posts and ads on social networks bring, and those that follow."""
    social = planted.social
    rate = people.visits_per_year * social.added
    person, start = _while_alive(draws, people, clock, rate, block, "social")
    order = np.lexsort((start, person))
    person, start = person[order], start[order]
    key = _numbered(people, person) + _SOCIAL_KEYS
    first = Times(key, person, start, np.full(len(key), SOCIAL))
    comes = draws.uniform("again", key) < social.again
    wait = 3_600 + draws.uniform("wait", key) * social.again_days * DAY_S
    again = replace(
        first,
        key=key + _SOCIAL_KEYS,
        start=start + wait.astype(np.int64),
        cause=np.full(len(key), AGAIN),
    ).take(comes & (start + wait < people.left[person]))
    found = Times.joined([first, again])
    none = holdout.held[found.person] & clock.within(found.start, social.first_day, social.last_day)
    return found.take(~none & (found.start < clock.end_s))


def message_visits(campaigns: Campaigns) -> Times:
    """Return the visits that messages cause."""
    cause = np.full(len(campaigns.caused_key), MESSAGE)
    return Times(campaigns.caused_key, campaigns.caused_person, campaigns.caused_at, cause)


def ad_holdout(draws: Draws, people: People, clock: Clock, planted: Planted, name: str) -> Holdout:
    """Return who, by chance, is shown no ads of a kind: half of the accounts there on the day."""
    begins = clock.begins(planted.social.first_day)
    among = people.known & (people.arrived < begins)
    held = among & (draws.uniform(name, people.key) < planted.social.held_out)
    return Holdout(name, begins, among, held)


def draw_visits(
    draws: Draws, people: People, times: Times, credited: Flags, clock: Clock, planted: Planted
) -> Visits:
    """Return how far each visit goes.

    `credited` is which visits of people's own accord came through a message.
    """
    times = times.take(order := np.lexsort((times.start, times.person)))
    credited = credited[order]
    key, person, start = times.key, times.person, times.start
    device = _devices(draws, people, key, person)
    category = draws.place("category", key, _CATEGORY_SHARE)
    version = _versions(draws, people, person, start, device, clock, planted)
    searched = draws.uniform("searches", key) < _SEARCHES
    funnel, steps = planted.funnel, _Steps(draws, people, key, person, planted.funnel.icc)
    viewed = steps.taken("view_product", _view_share(version, searched, start, clock, planted))
    cart = np.array(funnel.add_to_cart)[device] + _launched(people, person, start, clock, planted)
    cart *= _in_stock(category, start, clock, planted)
    carted = viewed & steps.taken("add_to_cart", cart)
    checkout = carted & steps.taken("begin_checkout", np.full(len(key), funnel.begin_checkout))
    buys = funnel.purchase + _one_page(draws, people, person, start, clock, planted)
    willing = checkout & steps.taken("purchase", buys)
    paying = willing | (checkout & (draws.uniform("pays", key) < _NOT_BUYING_BUT_PAYING))
    failed = paying & (draws.uniform("fails", key) < _error_share(start, device, clock, planted))
    gives_up = failed & (draws.uniform("gives_up", key) < planted.payment_error.gives_up)
    visits = Visits(
        key=key,
        person=person,
        start=start,
        channel=_channels(draws, key, times.cause, credited, planted),
        device=device,
        category=category,
        version=version,
        searched=searched,
        viewed=viewed,
        carted=carted,
        checkout=checkout,
        paying=paying,
        failed=failed,
        bought=willing & ~gives_up,
        reorder=np.zeros(len(key), dtype=bool),
    )
    return _with_reorders(draws, visits, people, times.cause, planted)


def by_email(visits: Visits, places: Ints) -> Visits:
    """Return the visits, those at these places by e-mail."""
    channel = visits.channel.copy()
    channel[places] = CHANNELS.index("email")
    return replace(visits, channel=channel)


def retargeted(
    draws: Draws, visits: Visits, holdout: Holdout, clock: Clock, planted: Planted
) -> Visits:
    """Return the visits with those that came by a retargeting ad: after one that left a cart."""
    ads, social = planted.retargeting, planted.social
    after = np.zeros(len(visits), dtype=bool)
    left = visits.carted & ~visits.bought
    after[1:] = (
        left[:-1]
        & (visits.person[1:] == visits.person[:-1])
        & (visits.start[1:] - visits.start[:-1] < ads.days * DAY_S)
    )
    none = holdout.held[visits.person] & clock.within(
        visits.start, social.first_day, social.last_day
    )
    email = visits.channel == CHANNELS.index("email")
    by_ad = after & ~none & ~email & (draws.uniform("retargeted", visits.key) < ads.share)
    return replace(visits, channel=np.where(by_ad, CHANNELS.index("retargeting"), visits.channel))


def variant(draws: Draws, unit: Ints) -> Ints:
    """Return the variant of the checkout experiment of each customer id; see :func:`units`."""
    return (draws.uniform("variant", unit) < 0.5).astype(np.int64)


def units(people: People, person: Ints, at: Ints) -> Ints:
    """Return a number for the customer id that each of these persons uses at that time."""
    since = people.second_from[person]
    return 2 * people.key[person] + ((since >= 0) & (at >= since))


def _while_alive(
    draws: Draws, people: People, clock: Clock, rate: Floats, block: int, name: str
) -> tuple[Ints, Ints]:
    """Return persons and times of a Poisson process on the season's clock, after the first day."""
    rng = draws.stream(name, block)
    first = np.searchsorted(clock.midnights, people.arrived, side="right").clip(0, clock.days)
    last = np.searchsorted(clock.midnights, people.left, side="right").clip(0, clock.days)
    begins, ends = clock.busy[first], clock.busy[np.maximum(first, last)]
    person = np.repeat(np.arange(len(people)), rng.poisson(rate * (ends - begins)))
    where = begins[person] + rng.random(len(person)) * (ends - begins)[person]
    day = np.searchsorted(clock.busy, where, side="right") - 1
    start = clock.midnights[day] + clock.time_of_day(rng.random(len(person)))
    kept = (start < people.left[person]) & (start < clock.end_s)
    return person[kept], start[kept]


def _numbered(people: People, person: Ints) -> Ints:
    """Return the keys of visits that are by person and time."""
    first = np.searchsorted(person, np.arange(len(people)))
    return people.key[person] * _KEYS + np.arange(len(person)) - first[person]


class _Steps:
    """Chances that keep their mean over customers while visits of one customer are alike.

    A step is taken when a normal score, part the customer's and part the visit's, is low enough.
    Each step has its own customer scores, so those who took the last one are no likelier to take
    the next.
    """

    def __init__(self, draws: Draws, people: People, key: Ints, person: Ints, icc: float) -> None:
        self._draws, self._people, self._key, self._person = draws, people, key, person
        self._icc = icc

    def taken(self, step: str, chance: Floats) -> Flags:
        of_customer = self._draws.normal(f"customer_{step}", self._people.key)[self._person]
        of_visit = self._draws.normal(f"visit_{step}", self._key)
        score = np.sqrt(self._icc) * of_customer + np.sqrt(1 - self._icc) * of_visit
        return np.asarray(score < ndtri(chance))


def _devices(draws: Draws, people: People, key: Ints, person: Ints) -> Ints:
    """Return the device of each visit: mostly the one its person prefers."""
    other = draws.place("device", key, _DEVICE_SHARE)
    return np.where(
        draws.uniform("keeps_device", key) < _KEEPS_DEVICE, people.device[person], other
    )


def _versions(
    draws: Draws,
    people: People,
    person: Ints,
    start: Ints,
    device: Ints,
    clock: Clock,
    planted: Planted,
) -> Ints:
    """Return the release of the app that each visit is with; -1 on the web."""
    version = np.full(len(person), -1)
    for number, day in enumerate(planted.app.released):
        behind = planted.app.days_behind * draws.exponential("update", people.key, number) * DAY_S
        has_it = clock.begins(day) + behind * (number > 0)
        version[start >= has_it[person]] = number
    with_app = people.app[person] & (device == DEVICES.index("mobile"))
    return np.where(with_app, np.maximum(version, 0), -1)


def _view_share(
    version: Ints, searched: Flags, start: Ints, clock: Clock, planted: Planted
) -> Floats:
    slow, home = planted.slow_search, planted.home_page_launch
    share = planted.funnel.view_product + home.effect * (start >= clock.begins(home.first_day))
    hit = searched & (version == VERSIONS.index(slow.version))
    return np.asarray(share * (1 - slow.lost * hit))


def _launched(people: People, person: Ints, start: Ints, clock: Clock, planted: Planted) -> Floats:
    """Return what the pick-up of returns adds to the chance of filling a cart."""
    launch = planted.pickup_launch
    reached = has_pickup(people, planted)[person] & (start >= clock.begins(launch.first_day))
    return np.where(reached, launch.effect, 0.0)


def has_pickup(people: People, planted: Planted) -> Flags:
    """Return who lives where returns are picked up once that begins."""
    towns = [list(TOWNS).index(town) for town in planted.pickup_launch.towns]
    return np.isin(people.town, towns)


def _in_stock(category: Ints, start: Ints, clock: Clock, planted: Planted) -> Floats:
    out = planted.stock_out
    hit = category == CATEGORIES.index(out.category)
    hit &= clock.within(start, out.first_day, out.last_day)
    return np.where(hit, out.left, 1.0)


def _one_page(
    draws: Draws, people: People, person: Ints, start: Ints, clock: Clock, planted: Planted
) -> Floats:
    """Return what the one-page checkout adds to each visit's chance of a purchase."""
    plan = planted.experiment
    inside = clock.within(start, plan.first_day, plan.last_day)
    treated = variant(draws, units(people, person, start)) == 1
    return np.where(inside & treated, plan.effect, 0.0)


def _error_share(start: Ints, device: Ints, clock: Clock, planted: Planted) -> Floats:
    error = planted.payment_error
    common = (device == DEVICES.index(error.device)) & (start >= clock.begins(error.first_day))
    return np.where(common, error.after, error.before)


def _channels(draws: Draws, key: Ints, cause: Ints, credited: Flags, planted: Planted) -> Ints:
    names = np.array([CHANNELS.index(name) for name in _OWN_CHANNELS])
    channel = names[draws.place("channel", key, np.array(planted.channels.share))]
    channel[cause == SOCIAL] = CHANNELS.index("social")
    channel[cause == AGAIN] = CHANNELS.index("direct")
    channel[(cause == MESSAGE) | credited] = CHANNELS.index("email")
    return np.asarray(channel)


def _with_reorders(
    draws: Draws, visits: Visits, people: People, cause: Ints, planted: Planted
) -> Visits:
    """Return the visits, some of those after a person's first order turned into reorders."""
    first = np.full(len(people), np.iinfo(np.int64).max)
    np.minimum.at(first, visits.person[visits.bought], visits.start[visits.bought])
    share = np.array(planted.orders.reorder)[people.segment[visits.person]]
    again = (
        (cause == OWN)
        & (visits.start > first[visits.person])
        & (draws.uniform("reorders", visits.key) < share)
    )
    stays = {
        name: getattr(visits, name) & ~again
        for name in ("searched", "viewed", "carted", "checkout", "paying", "failed")
    }
    return replace(
        visits,
        **stays,
        bought=visits.bought | again,
        reorder=again,
        channel=np.where(again, CHANNELS.index("email"), visits.channel),
        version=np.where(again, -1, visits.version),
    )


def visits_per_day(visits: Visits, clock: Clock) -> Ints:
    """Return how many visits each channel (a row) brought on each day (a column)."""
    brought = visits.take(~visits.reorder)
    day = np.searchsorted(clock.midnights, brought.start, side="right") - 1
    counts = np.bincount(brought.channel * clock.days + day, minlength=len(CHANNELS) * clock.days)
    return counts.reshape(len(CHANNELS), clock.days)


def marketing_table(draws: Draws, per_day: Ints, clock: Clock) -> pd.DataFrame:
    """Return impressions, clicks and cost of every day of the channels that cost money.

    Only a part of those who click is a known customer, so clicks are a multiple of the visits.
    """
    tables = []
    for channel, (per_visit, rate, per_click) in PRICES.items():
        rng = draws.stream(channel, 0)
        clicks = rng.poisson(per_visit * (per_day[CHANNELS.index(channel)] + 0.3))
        impressions = clicks + rng.poisson(clicks * (1 / rate - 1))
        cost = clicks * per_click * np.exp(0.10 * rng.standard_normal(clock.days))
        tables.append(
            pd.DataFrame(
                {
                    "date": pd.date_range(clock.start, periods=clock.days).date,
                    "channel": channel,
                    "impressions": impressions,
                    "clicks": clicks,
                    "cost": cost.round(2),
                }
            )
        )
    table = pd.concat(tables)
    return table.sort_values(["date", "channel"], kind="stable", ignore_index=True)
