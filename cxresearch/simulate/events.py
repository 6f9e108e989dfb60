"""The events table: what happened inside visits, and what happened around orders and answers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cxresearch.simulate.arrays import Floats, Ints, Texts, numbered
from cxresearch.simulate.clock import DAY_S, utc_times
from cxresearch.simulate.order_history import Orders
from cxresearch.simulate.planted import CHANNELS, DEVICES
from cxresearch.simulate.steps import PAGES, STEPS, Steps
from cxresearch.simulate.surveys import Answers
from cxresearch.simulate.tickets import Tickets
from cxresearch.simulate.visit_paths import Visits
from cxresearch.simulate.world import World

_PAGE_OF = {event: page for event, (page, _) in PAGES.items()} | {
    "order_tracking": "/account/orders",
    "return_request": "/account/returns",
    "review_written": "/product/reviews",
    "survey_answer": "/survey",
    "refer_friend": "/account/friends",
}
_STORE_VISITS_PER_YEAR = 0.25
_OPENED_PER_YEAR = 0.6
_TRACKED, _TRACKED_LATE = 0.40, 0.85
_REFERS = (0.01, 0.02, 0.06)


@dataclass(frozen=True, slots=True)
class Happenings:
    """Things of one kind that customers did or met; all arrays have the same length.

    Parameters
    ----------
    event : str
        The event's name.
    customer : array of int
        Place in the people.
    at : array of int
        UTC seconds since 1970.
    channel : str
        Where it happened.
    order : array of int, optional
        Place in the orders; -1 for none.
    own_session : bool
        Whether each is a session by itself; else it has none.
    """

    event: str
    customer: Ints
    at: Ints
    channel: str
    order: Ints | None = None
    own_session: bool = False


def around_orders(rng: np.random.Generator, world: World) -> list[Happenings]:
    """Return deliveries, tracking, returns and referrals."""
    people, orders = world.people, world.orders

    def of(event: str, places: Ints, at: Ints, channel: str, *, session: bool) -> Happenings:
        inside = at < world.clock.end_s
        places, at = places[inside], at[inside]
        return Happenings(event, orders.customer[places], at, channel, places, session)

    delivered = np.flatnonzero(orders.delivered >= 0)
    tracks = rng.random(len(orders)) < np.where(orders.late, _TRACKED_LATE, _TRACKED)
    tracked = np.flatnonzero(tracks & (orders.cancelled_at < 0))
    after = (rng.uniform(0.8, 1.9, len(tracked)) * DAY_S).astype(np.int64)
    again = np.flatnonzero(orders.late & tracks)
    later = (rng.uniform(4.0, 6.9, len(again)) * DAY_S).astype(np.int64)
    refers = (
        rng.random(len(delivered)) < np.array(_REFERS)[people.segment[orders.customer[delivered]]]
    )
    friends = delivered[refers & ~orders.late[delivered]]
    wait = (rng.uniform(0.1, 5.0, len(friends)) * DAY_S).astype(np.int64)
    returned = np.flatnonzero(orders.return_asked >= 0)
    return [
        of("delivery", delivered, orders.delivered[delivered], "carrier", session=False),
        of("order_tracking", tracked, orders.at[tracked] + after, "email", session=True),
        of("order_tracking", again, orders.at[again] + later, "direct", session=True),
        of("return_request", returned, orders.return_asked[returned], "direct", session=True),
        of("refer_friend", friends, orders.delivered[friends] + wait, "direct", session=True),
    ]


def apart_from_orders(rng: np.random.Generator, world: World) -> list[Happenings]:
    """Return visits to the shop's stores and newsletters opened without a click."""
    people, clock, found = world.people, world.clock, []
    for event, channel, mean in (
        ("store_visit", "store", _STORE_VISITS_PER_YEAR),
        ("newsletter_open", "email", _OPENED_PER_YEAR),
    ):
        customer = np.repeat(np.arange(len(people)), rng.poisson(mean * clock.years, len(people)))
        found.append(Happenings(event, customer, clock.draw(rng, len(customer)), channel))
    return found


def around_service(
    world: World, answers: list[Answers], tickets: Tickets, occasions: pd.DataFrame
) -> list[Happenings]:
    """Return answered surveys, contacts with customer service, and reviews.

    A chat is an event of the visit it was opened in, not one here.
    """
    elsewhere = tickets.channel != world.planted.tickets.channels.index("chat")
    reviews = occasions[occasions["source"] == "review"]
    return [
        *(Happenings("survey_answer", one.person, one.at, "email", one.order) for one in answers),
        Happenings(
            "support_contact",
            tickets.person[elsewhere],
            tickets.opened[elsewhere],
            "support",
            tickets.order[elsewhere],
        ),
        Happenings(
            "review_written",
            reviews["person"].to_numpy(),
            reviews["at"].to_numpy(),
            "direct",
            reviews["order"].to_numpy(),
            own_session=True,
        ),
    ]


def events_table(world: World, around: list[Happenings], revenue: Floats) -> pd.DataFrame:
    """Return the canonical events, by time; event ids follow the same order.

    `revenue` is what each order came to; the purchase shows it.
    """
    visits = world.visits
    sessions = _session_numbers(around, first=len(visits) + 1)
    rows = pd.concat(
        [
            _inside(visits, world.steps, world.orders),
            *(_outside(one, number) for one, number in zip(around, sessions, strict=True)),
        ]
    )
    rows = rows.iloc[np.lexsort((rows["customer"], rows["at"]))]
    order = rows["order"].to_numpy()
    return pd.DataFrame(
        {
            "customer_id": world.people.ids[rows["customer"]],
            "ts": utc_times(rows["at"].to_numpy()),
            "event": rows["event"].to_numpy(),
            "event_id": numbered("E", len(rows), 7),
            "session_id": _named("S", rows["session"].to_numpy(), 6),
            "channel": rows["channel"].to_numpy(),
            "device": rows["device"].to_numpy(),
            "page": rows["event"].map(_PAGE_OF).to_numpy(),
            "order_id": world.order_ids(order),
            "revenue": np.where(
                rows["event"] == "purchase", np.append(revenue, np.nan)[order], np.nan
            ),
        }
    )


def _inside(visits: Visits, steps: Steps, orders: Orders) -> pd.DataFrame:
    """Return what happened inside visits; only a purchase belongs to an order."""
    order_of_visit = np.full(len(visits), -1)
    order_of_visit[orders.visit] = np.arange(len(orders))
    return pd.DataFrame(
        {
            "customer": visits.customer[steps.visit],
            "at": steps.at,
            "event": np.array(STEPS, dtype=object)[steps.step],
            "session": steps.visit + 1,
            "channel": np.array(CHANNELS, dtype=object)[visits.channel[steps.visit]],
            "device": np.array(DEVICES, dtype=object)[visits.device[steps.visit]],
            "order": np.where(steps.of("purchase"), order_of_visit[steps.visit], -1),
        }
    )


def _outside(happenings: Happenings, session: Ints) -> pd.DataFrame:
    n = len(happenings.at)
    return pd.DataFrame(
        {
            "customer": happenings.customer,
            "at": happenings.at,
            "event": happenings.event,
            "session": session,
            "channel": happenings.channel,
            "device": None,
            "order": np.full(n, -1) if happenings.order is None else happenings.order,
        }
    )


def _session_numbers(around: list[Happenings], first: int) -> list[Ints]:
    """Return a number for each happening that is a session by itself, else 0."""
    numbers = []
    for one in around:
        n = len(one.at) if one.own_session else 0
        numbers.append(np.arange(first, first + n) if n else np.zeros(len(one.at), dtype=np.int64))
        first += n
    return numbers


def _named(prefix: str, numbers: Ints, width: int) -> Texts:
    """Return numbers as ids; None for 0."""
    names = [f"{prefix}{i:0{width}d}" if i else None for i in numbers.tolist()]
    return np.array(names, dtype=object)
