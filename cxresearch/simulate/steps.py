"""The events inside a visit, from the door it came through to the purchase, with their times."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import poisson

from cxresearch.simulate.block import CHANNELS, VERSIONS, Visits
from cxresearch.simulate.draws import Draws, Flags, Floats, Ints
from cxresearch.simulate.planted import Planted

#: Each event inside a visit: the page it happens on, and the median seconds before it.
PAGES: dict[str, tuple[str, float]] = {
    "ad_click": ("/", 0.0),
    "organic_visit": ("/", 0.0),
    "newsletter_click": ("/", 0.0),
    "social_click": ("/", 0.0),
    "price_comparison": ("/", 0.0),
    "retargeting_click": ("/", 0.0),
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
    "retargeting": "retargeting_click",
}
_GAP_SIGMA = 0.8
_LONGEST_GAP_S = 1_500  # below the 30 minutes at which sessions are usually cut
_REACHES_SHIPPING = 0.85


#: Events whose page names the category of the visit.
OF_CATEGORY = ("category", "view_product", "reviews_read")
#: The most often that one step is drawn in a visit.
_MOST = 16


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
    key : array of int
        The number of the step in its visit, which never changes.
    """

    visit: Ints
    step: Ints
    at: Ints
    key: Ints

    def of(self, name: str) -> Flags:
        """Return which entries are the named step."""
        return np.asarray(self.step == STEPS.index(name))

    def reached(self, name: str, visits: int) -> Flags:
        """Return which of so many visits have the named step."""
        found = np.zeros(visits, dtype=bool)
        found[self.visit[self.of(name)]] = True
        return found


def draw_steps(draws: Draws, visits: Visits, end_s: int, planted: Planted) -> Steps:
    """Return the events of every visit that happen before the end of the study."""
    counts = _counts(draws, visits)
    places = np.arange(len(visits))
    visit = np.concatenate([np.repeat(places, n) for n in counts.values()])
    step = np.concatenate([np.full(int(n.sum()), STEPS.index(name)) for name, n in counts.items()])
    again = np.concatenate([_repeats(n) for n in counts.values()])
    key = step * _MOST + again
    order = np.lexsort((_places(draws, visits.key[visit], step, key), visit))
    visit, step, key = visit[order], step[order], key[order]
    slow = planted.slow_search
    factor = np.where(visits.version[visit] == VERSIONS.index(slow.version), slow.slower, 1.0)
    at = visits.start[visit] + _since_start(draws, visits.key[visit], visit, step, key, factor)
    kept = at < end_s
    return Steps(visit[kept], step[kept], at[kept], key[kept])


def _counts(draws: Draws, visits: Visits) -> dict[str, Ints]:
    """Return how often each step happens in each visit."""
    key = visits.key

    def some(name: str, share: float, among: Flags) -> Ints:
        return (among & (draws.uniform(name, key) < share)).astype(np.int64)

    def more(name: str, mean: float) -> Ints:
        return np.minimum(_poisson(draws.uniform(name, key), mean), _MOST - 2)

    browsing = ~visits.reorder
    counts = {
        door: (visits.channel == CHANNELS.index(channel)).astype(np.int64)
        for channel, door in _DOORS.items()
    }
    counts["home"] += some("home", 0.25, browsing & (counts["home"] == 0))
    counts["category"] = some("category", 0.45, browsing) + some("category_again", 0.12, browsing)
    counts["search"] = visits.searched.astype(np.int64)
    counts["view_product"] = visits.viewed * (1 + more("views", 0.6))
    counts["reviews_read"] = some("reviews_read", 0.15, visits.viewed)
    counts["add_to_cart"] = visits.carted * (1 + more("adds", 0.2))
    counts["chat_open"] = some("chat_open", 0.02, visits.viewed)
    counts["begin_checkout"] = visits.checkout.astype(np.int64)
    leaving = visits.checkout & ~visits.paying
    counts["shipping_step"] = visits.paying + some("shipping_step", _REACHES_SHIPPING, leaving)
    counts["payment_step"] = visits.paying.astype(np.int64)
    counts["payment_error"] = visits.failed.astype(np.int64)
    counts["reorder"] = visits.reorder.astype(np.int64)
    counts["purchase"] = visits.bought.astype(np.int64)
    return counts


def _poisson(u: Floats, mean: float) -> Ints:
    """Return Poisson numbers from numbers between 0 and 1."""
    return np.searchsorted(poisson.cdf(np.arange(40), mean), u).astype(np.int64)


def _repeats(counts: Ints) -> Ints:
    """Return 0, 1 and so on for each of the steps that a visit has several of."""
    first = np.cumsum(counts) - counts
    return np.arange(counts.sum()) - np.repeat(first, counts)


def _places(draws: Draws, visit_key: Ints, step: Ints, key: Ints) -> Ints:
    """Return where in its visit each step stands.

    The door comes first, then categories, searches and products in any order, then what follows
    a product in the order of ``STEPS``.
    """
    place = step * 1_000
    browsing = (step >= STEPS.index("category")) & (step <= STEPS.index("view_product"))
    drawn = draws.uniform("order", visit_key[browsing], key[browsing])
    place[browsing] = STEPS.index("category") * 1_000 + (1_000 * drawn).astype(np.int64)
    return place


def _since_start(
    draws: Draws, visit_key: Ints, visit: Ints, step: Ints, key: Ints, slower: Floats
) -> Ints:
    """Return the seconds from the start of the visit to each step; a visit's first is 0.

    What comes after a search comes `slower` times as late.
    """
    median = np.array([seconds for _, seconds in PAGES.values()])[step]
    after_search = np.zeros(len(step), dtype=bool)
    after_search[1:] = step[:-1] == STEPS.index("search")
    median = median * np.where(after_search, slower, 1.0)
    gap = np.rint(median * np.exp(_GAP_SIGMA * draws.normal("gap", visit_key, key)))
    gap = np.clip(gap, 1, _LONGEST_GAP_S).astype(np.int64)
    first = np.ones(len(visit), dtype=bool)
    first[1:] = visit[1:] != visit[:-1]
    gap[first] = 0
    total = np.cumsum(gap)
    return np.asarray(total - total[first][np.cumsum(first) - 1])
