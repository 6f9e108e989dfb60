"""Every effect the simulator plants: the value, and in its docstring what the value means.

A day is counted from the start of a year of 365 days (day 0 is the first); a shorter or longer
study keeps the same proportions.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

#: How well a customer knows the shop; the code of a segment is its place here.
SEGMENTS = ("new", "returning", "loyal")
DEVICES = ("desktop", "mobile", "tablet")
CHANNELS = ("paid_search", "organic_search", "email", "social", "referral", "direct")

YEAR_DAYS = 365

BySegment = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Segments:
    """Share of customers and mean visits per year, in the order new, returning, loyal."""

    share: BySegment = (0.50, 0.30, 0.20)
    visits_per_year: BySegment = (2.8, 5.0, 9.0)
    visit_shape: float = 1.2


@dataclass(frozen=True, slots=True)
class Funnel:
    """Share of browsing visits that take each step, given the step before it.

    Customers differ: `icc` is the correlation, on the normal scale, between two visits of one
    customer at one step. `add_to_cart` is in the order desktop, mobile, tablet. `purchase` holds
    before any payment error and before the experiment's effect.
    """

    view_product: float = 0.65
    add_to_cart: tuple[float, float, float] = (0.42, 0.35, 0.38)
    begin_checkout: float = 0.60
    purchase: float = 0.62
    icc: float = 0.20


@dataclass(frozen=True, slots=True)
class PaymentError:
    """A payment error that becomes common on mobile from one day on.

    `before` and `after` are the share of payment steps that fail; elsewhere `before` holds for
    the whole year. `gives_up` is the share of failed payments that end the visit.
    """

    device: str = "mobile"
    first_day: int = 212
    before: float = 0.01
    after: float = 0.22
    gives_up: float = 0.55


@dataclass(frozen=True, slots=True)
class Experiment:
    """One-page checkout: `effect` is added to the share of checkouts that end in a purchase.

    Customers enter at their first checkout within the days; the two variants get half each, by a
    hash of the customer.
    """

    name: str = "one_page_checkout"
    variants: tuple[str, str] = ("control", "one_page")
    first_day: int = 92
    last_day: int = 180
    effect: float = 0.08


@dataclass(frozen=True, slots=True)
class Delivery:
    """Parcels come late in the usual share, and in a far larger one for orders of one month."""

    first_day: int = 120
    last_day: int = 150
    late_usually: float = 0.05
    late_in_the_month: float = 0.50
    days_on_time: tuple[int, int] = (2, 4)
    days_late: tuple[int, int] = (7, 15)


@dataclass(frozen=True, slots=True)
class Orders:
    """What becomes of an order; the reorder chance is per order, new, returning, loyal.

    A reorder is placed in one click from an e-mail, outside the funnel; its delay is lognormal
    with this median. A return is asked for after delivery, so orders near the end have fewer.
    """

    reorder: BySegment = (0.16, 0.24, 0.38)
    reorder_median_days: float = 35.0
    reorder_sigma: float = 0.6
    cancelled: float = 0.03
    returned: float = 0.10
    guest: float = 0.03
    discounted: float = 0.25


@dataclass(frozen=True, slots=True)
class Nps:
    """Chance of being promoter, passive, detractor in a relational wave, by segment.

    A delivery survey follows the customer's segment when the parcel came on time, and `late`
    when it did not.
    """

    new: BySegment = (0.34, 0.36, 0.30)
    returning: BySegment = (0.46, 0.33, 0.21)
    loyal: BySegment = (0.62, 0.26, 0.12)
    late: BySegment = (0.06, 0.19, 0.75)
    wave_days: tuple[int, ...] = (45, 136, 227, 318)


@dataclass(frozen=True, slots=True)
class Response:
    """Chance of answering a survey, new, returning, loyal: the loyal answer far more often.

    The mean score of those who answer is therefore too good for all customers.
    """

    relational: BySegment = (0.03, 0.06, 0.16)
    checkout: BySegment = (0.07, 0.10, 0.18)
    delivery: BySegment = (0.10, 0.15, 0.25)
    chat: BySegment = (0.22, 0.28, 0.38)


@dataclass(frozen=True, slots=True)
class Scores:
    """Chance of each score, from the lowest up: CSAT 1 to 5, CES 1 to 7 (7 is effortless)."""

    checkout: tuple[float, ...] = (0.03, 0.06, 0.14, 0.41, 0.36)
    checkout_after_error: tuple[float, ...] = (0.22, 0.28, 0.25, 0.17, 0.08)
    delivery_on_time: tuple[float, ...] = (0.02, 0.04, 0.11, 0.38, 0.45)
    delivery_late: tuple[float, ...] = (0.38, 0.29, 0.18, 0.11, 0.04)
    chat: tuple[float, ...] = (0.08, 0.10, 0.19, 0.36, 0.27)
    chat_effort: tuple[float, ...] = (0.05, 0.07, 0.10, 0.15, 0.22, 0.24, 0.17)


@dataclass(frozen=True, slots=True)
class Tickets:
    """When customers write in, how, and how long they wait (lognormal, medians in minutes).

    `after_*` and `any_order` are chances that the thing is followed by a ticket. Waits in the
    order chat, email, phone, social. Tickets never resolved, or not yet, stay open.
    """

    channels: tuple[str, ...] = ("chat", "email", "phone", "social")
    share: tuple[float, ...] = (0.20, 0.45, 0.27, 0.08)
    after_late: float = 0.50
    after_payment_error: float = 0.25
    after_return: float = 0.35
    any_order: float = 0.10
    first_response_median: tuple[float, ...] = (2.0, 360.0, 1.5, 150.0)
    first_response_sigma: float = 0.9
    resolution_median: tuple[float, ...] = (25.0, 1_800.0, 30.0, 900.0)
    resolution_sigma: float = 1.1
    never_resolved: float = 0.02
    reopened: float = 0.08


@dataclass(frozen=True, slots=True)
class Texts:
    """Who writes a text, and how.

    `comment` is the chance of a comment with an answer, `review` of a review after a delivery,
    `*_late` the same when the parcel was late. `mixed` is the share of texts with a second theme
    that praise the one and blame the other; the rest are shares of all texts.
    """

    comment: float = 0.50
    comment_late: float = 0.90
    review: float = 0.12
    review_late: float = 0.30
    english: float = 0.25
    second_theme: float = 0.25
    mixed: float = 0.40
    short: float = 0.08
    typo: float = 0.10
    no_accents: float = 0.15
    capitals: float = 0.03
    emoji: float = 0.10
    personal_data: float = 0.03


@dataclass(frozen=True, slots=True)
class Coders:
    """Two people who each code the same texts, drawn at random, and err independently.

    `misses` is the chance that a coder overlooks a theme that is there, `adds` that a coder sees
    one that is not. Where the two differ, what was decided is true; where both err, nobody knows.
    """

    names: tuple[str, str] = ("first", "second")
    texts: int = 400
    misses: float = 0.05
    adds: float = 0.005


@dataclass(frozen=True, slots=True)
class Planted:
    """All planted effects, by topic."""

    segments: Segments = field(default_factory=Segments)
    funnel: Funnel = field(default_factory=Funnel)
    payment_error: PaymentError = field(default_factory=PaymentError)
    experiment: Experiment = field(default_factory=Experiment)
    delivery: Delivery = field(default_factory=Delivery)
    orders: Orders = field(default_factory=Orders)
    nps: Nps = field(default_factory=Nps)
    response: Response = field(default_factory=Response)
    scores: Scores = field(default_factory=Scores)
    tickets: Tickets = field(default_factory=Tickets)
    texts: Texts = field(default_factory=Texts)
    coders: Coders = field(default_factory=Coders)

    def to_dict(self) -> dict[str, dict[str, Any]]:
        """Return every topic as JSON-ready values, with one line saying what it is.

        Examples
        --------
        >>> Planted().to_dict()["experiment"]["effect"]
        0.08
        """
        return {
            topic: {"what": " ".join(getattr(self, topic).__doc__.split()), **values}
            for topic, values in asdict(self).items()
        }
