"""Events: what happened inside visits, around orders and answers, and exposures to experiments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

from cxresearch.simulate.block import (
    CATEGORIES,
    CHANNELS,
    DEVICES,
    VERSIONS,
    Arrays,
    Holdout,
)
from cxresearch.simulate.clock import DAY_S, utc_times
from cxresearch.simulate.draws import Draws, Floats, Ints, Texts, numbered, numbered_texts
from cxresearch.simulate.steps import OF_CATEGORY, PAGES, STEPS
from cxresearch.simulate.surveys import Answers
from cxresearch.simulate.tickets import Tickets
from cxresearch.simulate.visit_paths import units, variant
from cxresearch.simulate.world import World
from cxresearch.study.schema import MESSAGE_KINDS

#: Events and sessions of one block are numbered from its number times these.
EVENTS_PER_BLOCK, SESSIONS_PER_BLOCK = 50_000_000, 10_000_000
#: What happens around visits, and the page it happens on.
AROUND = {
    "store_visit": None,
    "newsletter_open": None,
    "delivery": None,
    "order_tracking": "/account/orders",
    "return_request": "/account/returns",
    "refer_friend": "/account/friends",
    "survey_answer": "/survey",
    "support_contact": None,
    "review_written": "/product/reviews",
}
EVENTS = (*STEPS, *AROUND)
#: The channels of events: those of visits, and those of what happens around them.
_CHANNELS = (*CHANNELS, "store", "carrier", "support")
_PAGES = tuple(
    sorted(
        {page for page, _ in PAGES.values()}
        | {page for page in AROUND.values() if page}
        | {f"{PAGES[step][0]}/{category}" for step in OF_CATEGORY for category in CATEGORIES}
    )
)
_TRACKED, _TRACKED_LATE = 0.40, 0.85
_REFERS = (0.01, 0.02, 0.06)
_NEVER_DOUBLED = ("purchase", "payment_error", "reorder")

#: The variants of a holdout, in this order: those who go on as before, and those held out.
HOLDOUT = ("shown", "held_out")


@dataclass(frozen=True, slots=True)
class Events(Arrays):
    """Events in any order; places in ``EVENTS`` and in the lists of this module.

    `session` is 0 for none, `order` and `version` -1; the id of the customer of a bot is its own.
    """

    person: Ints
    at: Ints
    event: Ints
    session: Ints
    channel: Ints
    device: Ints
    page: Ints
    order: Ints
    version: Ints


def events_table(
    world: World, answers: list[Answers], reviews: pd.DataFrame, revenue: Floats
) -> pa.Table:
    """Return the canonical events of a block, by time; event ids follow the same order.

    `reviews` has ``person``, ``order`` and ``at``; `revenue` is what each order came to, and the
    purchase shows it. A bot is a person after the last.
    """
    outside = [
        *_around_orders(world),
        *_apart_from_orders(world),
        *_around_service(world, answers, world.tickets, reviews),
    ]
    inside = _inside(world)
    events = Events.joined(
        [inside, _numbered(Events.joined(outside), len(world.visits)), bots(world)]
    )
    events = events.take(np.lexsort((events.event, events.person, events.at)))
    return _table(world, events, revenue)


def _inside(world: World) -> Events:
    """Return what happened inside visits, some of it logged twice."""
    visits, steps = world.visits, world.steps
    order_of_visit = np.full(len(visits), -1)
    order_of_visit[world.orders.visit] = np.arange(len(world.orders))
    visit = steps.visit
    events = Events(
        person=visits.person[visit],
        at=steps.at,
        event=steps.step,
        session=visit + 1,
        channel=visits.channel[visit],
        device=visits.device[visit],
        page=_pages(steps.step, visits.category[visit]),
        order=np.where(steps.of("purchase"), order_of_visit[visit], -1),
        version=visits.version[visit],
    )
    draws, share = world.draws("doubled"), world.planted.doubled_events.share
    doubled = draws.uniform("doubled", visits.key[visit], steps.key) < share
    doubled &= ~np.isin(steps.step, [STEPS.index(name) for name in _NEVER_DOUBLED])
    return Events.joined([events, events.take(doubled)])


def _pages(step: Ints, category: Ints) -> Ints:
    names = np.array(
        [
            [
                _PAGES.index(f"{PAGES[name][0]}/{of}" if name in OF_CATEGORY else PAGES[name][0])
                for of in CATEGORIES
            ]
            for name in STEPS
        ]
    )
    return np.asarray(names[step, category])


def _outside(
    event: str,
    person: Ints,
    at: Ints,
    channel: str,
    *,
    order: Ints | None = None,
    session: bool = False,
) -> Events:
    """Return things of one kind; `session` says whether each is a session by itself."""
    n, page = len(person), AROUND[event]
    none = np.full(n, -1)
    return Events(
        person=person,
        at=at,
        event=np.full(n, EVENTS.index(event)),
        session=np.full(n, int(session)),
        channel=np.full(n, _CHANNELS.index(channel)),
        device=none,
        page=none if page is None else np.full(n, _PAGES.index(page)),
        order=none if order is None else order,
        version=none,
    )


def _numbered(outside: Events, visits: int) -> Events:
    """Return the same with the numbers of the sessions that are no visit."""
    own = outside.session > 0
    numbers = np.where(own, visits + np.cumsum(own), 0)
    parts = {"session": numbers}
    return Events(**{name: parts.get(name, getattr(outside, name)) for name in Events.__slots__})


def _around_orders(world: World) -> list[Events]:
    """Return deliveries, tracking, returns and referrals."""
    draws, people, orders = world.draws("around_orders"), world.people, world.orders
    key = orders.key

    def after(name: str, at: Ints, low: float, high: float) -> Ints:
        return at + (draws.between(name, key, low, high) * DAY_S).astype(np.int64)

    came, kept = orders.delivered >= 0, orders.cancelled_at < 0
    tracks = draws.uniform("tracks", key) < np.where(orders.late, _TRACKED_LATE, _TRACKED)
    refers = draws.uniform("refers", key) < np.array(_REFERS)[people.segment[orders.person]]
    refers &= came & ~orders.late
    again = after("again", orders.promised, 0.2, 2.5)
    found = []
    for event, among, at, channel in (
        ("delivery", came, orders.delivered, "carrier"),
        ("order_tracking", tracks & kept, after("soon", orders.at, 0.8, 1.9), "email"),
        ("order_tracking", tracks & orders.late, again, "direct"),
        ("return_request", came, orders.return_asked, "direct"),
        ("refer_friend", refers, after("friend", orders.delivered, 0.1, 5.0), "direct"),
    ):
        places = np.flatnonzero(among & (at >= 0) & (at < world.clock.end_s))
        person, session = orders.person[places], event != "delivery"
        found.append(_outside(event, person, at[places], channel, order=places, session=session))
    return found


def _apart_from_orders(world: World) -> list[Events]:
    """Return visits to the shop's stores, and letters opened."""
    people, clock, plan = world.people, world.clock, world.planted.stores
    rng = world.draws("stores").stream("visits", world.block)
    ends = np.minimum(people.left, clock.end_s)
    years = (ends - people.arrived) / (365 * DAY_S)
    visits = np.where(people.near_store, plan.near, plan.far) * years
    person = np.repeat(np.arange(len(people)), rng.poisson(visits))
    share = rng.random(len(person)) * (ends - people.arrived)[person]
    at = people.arrived[person] + share.astype(np.int64)
    day = np.searchsorted(clock.midnights, at, side="right") - 1
    at = clock.midnights[day] + 36_000 + (rng.random(len(person)) * 36_000).astype(np.int64)
    person = np.concatenate([person, world.to_stores])
    at = np.concatenate([at, world.to_stores_at])
    opened = world.messages.take(world.messages.kind == MESSAGE_KINDS.index("opened"))
    return [
        _outside("store_visit", person, at, "store"),
        _outside("newsletter_open", opened.person, opened.at, "email"),
    ]


def _around_service(
    world: World, answers: list[Answers], tickets: Tickets, reviews: pd.DataFrame
) -> list[Events]:
    """Return answered surveys, contacts with customer service, and reviews.

    A chat is an event of the visit it was opened in, not one here.
    """
    elsewhere = tickets.take(tickets.channel != world.planted.tickets.channels.index("chat"))
    return [
        *(
            _outside("survey_answer", one.person, one.at, "email", order=one.order)
            for one in answers
        ),
        _outside(
            "support_contact", elsewhere.person, elsewhere.opened, "support", order=elsewhere.order
        ),
        _outside(
            "review_written",
            reviews["person"].to_numpy(),
            reviews["at"].to_numpy(),
            "direct",
            order=reviews["order"].to_numpy(),
            session=True,
        ),
    ]


def bots(world: World) -> Events:
    """Return the visits of programs: page after page of products, a few seconds apart."""
    plan, rng = world.planted.bots, world.draws("bots").stream("bots", world.block)
    n = rng.poisson(plan.per_1000 * len(world.people) / 1_000)
    pages = 1 + rng.poisson(plan.events, n)
    bot = np.repeat(np.arange(n), pages)
    begins = world.clock.midnights[0] + rng.random(n) * (
        world.clock.end_s - world.clock.midnights[0]
    )
    gap = np.cumsum(rng.integers(1, 9, len(bot)))
    first = np.cumsum(pages) - pages
    at = begins.astype(np.int64)[bot] + gap - gap[first][bot]
    step = np.where(
        rng.random(len(bot)) < 0.15, STEPS.index("category"), STEPS.index("view_product")
    )
    none = np.full(len(bot), -1)
    found = Events(
        person=len(world.people) + bot,
        at=at,
        event=step,
        session=SESSIONS_PER_BLOCK - n + bot,
        channel=np.full(len(bot), CHANNELS.index("direct")),
        device=np.full(len(bot), DEVICES.index("desktop")),
        page=_pages(step, rng.integers(0, len(CATEGORIES), len(bot))),
        order=none,
        version=none,
    )
    return found.take(at < world.clock.end_s)


def _table(world: World, events: Events, revenue: Floats) -> pa.Table:
    block, purchase = world.block, events.event == EVENTS.index("purchase")
    number = np.arange(1, len(events) + 1) + block * EVENTS_PER_BLOCK
    session = events.session + block * SESSIONS_PER_BLOCK
    shown = np.append(revenue, np.nan)[events.order]
    return pa.table(
        {
            "customer_id": _customer_ids(world, events),
            "ts": pa.array(events.at * 1_000_000, pa.timestamp("us", tz="UTC")),
            "event": _named(EVENTS, events.event),
            "event_id": numbered_texts("E", number, 10),
            "session_id": numbered_texts("S", session, 10, missing=events.session == 0),
            "channel": _named(_CHANNELS, events.channel),
            "device": _named(DEVICES, events.device),
            "page": _named(_PAGES, events.page),
            "order_id": _named(world.orders.ids, events.order),
            "revenue": pa.array(shown, mask=~purchase),
            "app_version": _named(VERSIONS, events.version),
        }
    )


def _customer_ids(world: World, events: Events) -> pa.Array:
    people, n = world.people, len(world.people)
    bot = events.person >= n
    since = people.second_from[np.where(bot, 0, events.person)]
    second = ~bot & (since >= 0) & (events.at >= since)
    bots = numbered("B", int(events.person.max(initial=n - 1)) + 1 - n, 7, 1 + world.block * 1_000)
    ids = np.concatenate([people.ids, people.second_ids, bots])
    return _named(ids, np.where(second | bot, n + events.person, events.person))


def _named(names: Sequence[str] | Texts, places: Ints) -> pa.Array:
    """Return names by their place; none for -1."""
    return pa.array(names, pa.string()).take(pa.array(places, mask=places < 0))


def exposures_table(world: World) -> pd.DataFrame:
    """Return each exposed customer's variant at the first exposure, by time."""
    parts = [_checkout(world), *(_holdout(world, trial) for trial in world.holdouts)]
    table = pd.concat(parts)
    return table.sort_values(["ts", "customer_id"], kind="stable", ignore_index=True)


def checkout_entries(world: World) -> tuple[Ints, Ints, Ints, Ints]:
    """Return the unit, person, time and variant of each first checkout within the experiment."""
    plan, steps, visits = world.planted.experiment, world.steps, world.visits
    start = visits.start[steps.visit]
    met = steps.of("begin_checkout") & world.clock.within(start, plan.first_day, plan.last_day)
    person, at = visits.person[steps.visit[met]], steps.at[met]
    unit = units(world.people, person, start[met])
    order = np.lexsort((at, unit))
    first = order[np.unique(unit[order], return_index=True)[1]]
    draws = Draws(world.seed, "visits")
    return unit[first], person[first], at[first], variant(draws, unit[first])


def _checkout(world: World) -> pd.DataFrame:
    plan = world.planted.experiment
    unit, person, at, code = checkout_entries(world)
    ids = np.where(unit % 2 == 1, world.people.second_ids[person], world.people.ids[person])
    return _exposures(plan.name, np.array(plan.variants, dtype=object)[code], ids, at)


def _holdout(world: World, trial: Holdout) -> pd.DataFrame:
    """Return who was and was not held out, from the moment it began."""
    who = np.flatnonzero(trial.among)
    at = np.full(len(who), trial.begins)
    variants = np.array(HOLDOUT, dtype=object)[trial.held[who].astype(np.int64)]
    return _exposures(trial.name, variants, world.people.ids_at(who, at), at)


def _exposures(name: str, variants: Texts, ids: Texts, at: Ints) -> pd.DataFrame:
    return pd.DataFrame(
        {"experiment": name, "variant": variants, "customer_id": ids, "ts": utc_times(at)}
    )
