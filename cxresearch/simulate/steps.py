"""The events inside a visit, from the door it came through to the purchase, with their times."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cxresearch.simulate.arrays import Flags, Ints
from cxresearch.simulate.planted import CHANNELS
from cxresearch.simulate.visit_paths import Visits

#: Each event inside a visit: the page it happens on, and the median seconds before it.
PAGES: dict[str, tuple[str, float]] = {
    "ad_click": ("/", 0.0),
    "organic_visit": ("/", 0.0),
    "newsletter_click": ("/", 0.0),
    "social_click": ("/", 0.0),
    "price_comparison": ("/", 0.0),
    "home": ("/", 6.0),
    "category": ("/category", 25.0),
    "search": ("/search", 20.0),
    "view_product": ("/product", 40.0),
    "reviews_read": ("/product/reviews", 45.0),
    "add_to_cart": ("/cart", 50.0),
    "chat_open": ("/help/chat", 60.0),
    "begin_checkout": ("/checkout", 55.0),
    "shipping_step": ("/checkout/shipping", 45.0),
    "payment_step": ("/checkout/payment", 40.0),
    "payment_error": ("/checkout/payment", 15.0),
    "reorder": ("/reorder", 20.0),
    "purchase": ("/checkout/thanks", 50.0),
}
STEPS = tuple(PAGES)

#: The event with which a visit of each channel begins; a direct visit begins on the home page.
_DOORS = {
    "paid_search": "ad_click",
    "organic_search": "organic_visit",
    "email": "newsletter_click",
    "social": "social_click",
    "referral": "price_comparison",
    "direct": "home",
}
_GAP_SIGMA = 0.8
_LONGEST_GAP_S = 1_500  # below the 30 minutes at which sessions are usually cut
_REACHES_SHIPPING = 0.85


@dataclass(frozen=True, slots=True)
class Steps:
    """What happened inside visits, in the order of visits and of time.

    Parameters
    ----------
    visit : array of int
        The place of the visit.
    step : array of int
        A place in ``STEPS``.
    at : array of int
        UTC seconds since 1970.
    """

    visit: Ints
    step: Ints
    at: Ints

    def of(self, name: str) -> Flags:
        """Return which entries are the named step."""
        return np.asarray(self.step == STEPS.index(name))


def draw_steps(rng: np.random.Generator, visits: Visits, end_s: int) -> Steps:
    """Return the events of every visit that happen before the end of the study."""
    counts = _counts(rng, visits)
    visit = np.concatenate([np.repeat(np.arange(len(visits)), n) for n in counts.values()])
    step = np.concatenate([np.full(int(n.sum()), STEPS.index(name)) for name, n in counts.items()])
    order = np.lexsort((_places(rng, step), visit))
    visit, step = visit[order], step[order]
    at = visits.start[visit] + _since_start(rng, visit, step)
    kept = at < end_s
    return Steps(visit[kept], step[kept], at[kept])


def _counts(rng: np.random.Generator, visits: Visits) -> dict[str, Ints]:
    """Return how often each step happens in each visit."""
    n = len(visits)

    def some(share: float, among: Flags) -> Ints:
        return (among & (rng.random(n) < share)).astype(np.int64)

    browsing = ~visits.reorder
    counts = {
        door: (visits.channel == CHANNELS.index(channel)).astype(np.int64)
        for channel, door in _DOORS.items()
    }
    counts["home"] += some(0.25, browsing & (counts["home"] == 0))
    counts["category"] = some(0.45, browsing) + some(0.12, browsing)
    counts["search"] = some(0.22, browsing)
    counts["view_product"] = visits.viewed * (1 + rng.poisson(0.6, n))
    counts["reviews_read"] = some(0.15, visits.viewed)
    counts["add_to_cart"] = visits.carted * (1 + rng.poisson(0.2, n))
    counts["chat_open"] = some(0.02, visits.viewed)
    counts["begin_checkout"] = visits.checkout.astype(np.int64)
    leaving = visits.checkout & ~visits.paying
    counts["shipping_step"] = visits.paying + some(_REACHES_SHIPPING, leaving)
    counts["payment_step"] = visits.paying.astype(np.int64)
    counts["payment_error"] = visits.failed.astype(np.int64)
    counts["reorder"] = visits.reorder.astype(np.int64)
    counts["purchase"] = visits.bought.astype(np.int64)
    return counts


def _places(rng: np.random.Generator, step: Ints) -> Ints:
    """Return where in its visit each step stands.

    The door comes first, then categories, searches and products in any order, then what follows
    a product in the order of ``STEPS``.
    """
    place = step * 1_000
    browsing = (step >= STEPS.index("category")) & (step <= STEPS.index("view_product"))
    place[browsing] = STEPS.index("category") * 1_000 + rng.integers(0, 1_000, browsing.sum())
    return place


def _since_start(rng: np.random.Generator, visit: Ints, step: Ints) -> Ints:
    """Return the seconds from the start of the visit to each step; a visit's first is 0."""
    median = np.array([seconds for _, seconds in PAGES.values()])[step]
    gap = np.rint(median * np.exp(_GAP_SIGMA * rng.standard_normal(len(step))))
    gap = np.clip(gap, 1, _LONGEST_GAP_S).astype(np.int64)
    first = np.ones(len(visit), dtype=bool)
    first[1:] = visit[1:] != visit[:-1]
    gap[first] = 0
    total = np.cumsum(gap)
    return np.asarray(total - total[first][np.cumsum(first) - 1])
