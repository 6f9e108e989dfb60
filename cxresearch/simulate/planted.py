"""Every value that the simulator plants: what the shop is like, and what happens to it.

A docstring says what its values mean; ``truth.json`` and ``docs/simulator.md`` print it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from cxresearch.core import validate
from cxresearch.simulate import effects, identity, messages
from cxresearch.simulate.clock import Season
from cxresearch.simulate.effects import BySegment
from cxresearch.simulate.shoppers import Accounts, Affinities, Arrivals, Habits, Segments

#: How an effect is planted: as usual, not at all (False), or with some values changed.
Switch = bool | Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Funnel:
    """Share of browsing visits that take each step, given the step before it.

    Customers differ: `icc` is the correlation, on the normal scale, between two visits of one
    customer at one step. `add_to_cart` is in the order desktop, mobile, tablet. `purchase` holds
    before any payment error. The effects of this list come on top.
    """

    view_product: float = 0.65
    add_to_cart: tuple[float, float, float] = (0.42, 0.35, 0.38)
    begin_checkout: float = 0.60
    purchase: float = 0.62
    icc: float = 0.20


@dataclass(frozen=True, slots=True)
class Channels:
    """Share of visits of people's own accord by how they come; none of it changes what they do.

    In the order paid search, organic search, social, referral, direct. Visits by e-mail are those
    that a message causes or is credited with (``messages``).
    """

    share: tuple[float, ...] = (0.26, 0.24, 0.06, 0.08, 0.36)


@dataclass(frozen=True, slots=True)
class App:
    """The share of people whose mobile visits are with the app, and its releases.

    `released` holds the day of each; a person has a release a few days later (exponential,
    `days_behind` on average). Its visits show the release as ``app_version``.
    """

    users: float = 0.40
    released: tuple[int, ...] = (0, 130, 300, 520, 705, 761, 900)
    days_behind: float = 6.0


@dataclass(frozen=True, slots=True)
class Orders:
    """What becomes of an order, and who places one again in one click.

    `reorder` is the share of the visits of somebody who has bought before that are a one-click
    order from an e-mail, outside the funnel: new, returning, loyal. A return is asked for after
    delivery, so orders near the end have fewer.
    """

    reorder: BySegment = (0.015, 0.025, 0.050)
    cancelled: float = 0.03
    returned: float = 0.10
    guest: float = 0.03
    discounted: float = 0.25


@dataclass(frozen=True, slots=True)
class Parcels:
    """Deliveries: the share of each method and carrier, and when the parcel is promised and comes.

    `promised` is in days after the order, standard, express, pickup. A parcel on time comes in the
    last half of that; a late one `late_by` days after it. `late` is the usual share.
    """

    method: tuple[float, float, float] = (0.75, 0.15, 0.10)
    carrier: tuple[float, float, float] = (0.50, 0.30, 0.20)
    promised: tuple[float, float, float] = (4.0, 2.0, 3.0)
    late: float = 0.05
    late_by: tuple[float, float] = (3.0, 11.0)


@dataclass(frozen=True, slots=True)
class Nps:
    """Chance of being promoter, passive, detractor in a relational wave, by segment.

    A delivery survey follows the customer's segment when the parcel came on time, and `late`
    when it did not. Every wave asks all people with an account who have come and not left.
    """

    new: BySegment = (0.34, 0.36, 0.30)
    returning: BySegment = (0.46, 0.33, 0.21)
    loyal: BySegment = (0.62, 0.26, 0.12)
    late: BySegment = (0.06, 0.19, 0.75)
    wave_days: tuple[int, ...] = (45, 136, 227, 318, 411, 502, 593, 684, 776, 867, 958, 1049)


@dataclass(frozen=True, slots=True)
class Response:
    """Chance of answering a survey, new, returning, loyal: the loyal answer far more often.

    In a relational wave it is multiplied by `satisfied` for promoter, passive, detractor: weights
    by segment take out a part of what is too good, and this part stays.
    """

    relational: BySegment = (0.05, 0.09, 0.20)
    satisfied: BySegment = (1.15, 1.0, 0.85)
    checkout: BySegment = (0.07, 0.10, 0.18)
    delivery: BySegment = (0.10, 0.15, 0.25)
    returns: BySegment = (0.30, 0.36, 0.45)
    chat: BySegment = (0.22, 0.28, 0.38)


@dataclass(frozen=True, slots=True)
class Scores:
    """Chance of each score, from the lowest up: CSAT 1 to 5, CES 1 to 7 (7 is effortless)."""

    checkout: tuple[float, ...] = (0.03, 0.06, 0.14, 0.41, 0.36)
    checkout_after_error: tuple[float, ...] = (0.22, 0.28, 0.25, 0.17, 0.08)
    delivery_on_time: tuple[float, ...] = (0.02, 0.04, 0.11, 0.38, 0.45)
    delivery_late: tuple[float, ...] = (0.38, 0.29, 0.18, 0.11, 0.04)
    returns: tuple[float, ...] = (0.16, 0.18, 0.22, 0.28, 0.16)
    returns_picked_up: tuple[float, ...] = (0.06, 0.08, 0.16, 0.38, 0.32)
    returns_effort: tuple[float, ...] = (0.10, 0.13, 0.16, 0.19, 0.19, 0.14, 0.09)
    chat: tuple[float, ...] = (0.08, 0.10, 0.19, 0.36, 0.27)
    chat_effort: tuple[float, ...] = (0.05, 0.07, 0.10, 0.15, 0.22, 0.24, 0.17)


@dataclass(frozen=True, slots=True)
class Employees:
    """The people who work there, asked twice a year: how many, who answers, what they say.

    `enps` is the chance of promoter, passive, detractor. Their answers name nobody.
    """

    people: int = 240
    answers: float = 0.62
    enps: BySegment = (0.30, 0.41, 0.29)
    wave_days: tuple[int, ...] = (100, 283, 466, 649, 832, 1015)


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
class Stores:
    """Visits to the two stores a year: of people in their towns, and of people elsewhere."""

    near: float = 0.80
    far: float = 0.08


@dataclass(frozen=True, slots=True)
class Texts:
    """Who writes a text, and how.

    `comment` is the chance of a comment with an answer, `review` of a review after a delivery,
    `*_late` the same when the parcel was late. `mixed` is the share of texts with a second theme
    that praise the one and blame the other; `goal` of e-mails, chats and calls about something
    that can be done say what the customer wants, `emotion` of texts that praise or blame state a
    feeling; the rest are shares of all texts.
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
    goal: float = 0.40
    emotion: float = 0.25


@dataclass(frozen=True, slots=True)
class Coders:
    """Two people who each code the same texts, drawn at random, and err independently.

    `misses` is the chance that a coder overlooks a theme that is there, `adds` that a coder sees
    one that is not. Where the two differ, what was decided is true; where both err, nobody knows.
    Of `emotions` texts that state a feeling, or none, each coder names it; `confuses` is the chance
    of another one.
    """

    names: tuple[str, str] = ("first", "second")
    texts: int = 1200
    misses: float = 0.05
    adds: float = 0.005
    emotions: int = 300
    confuses: float = 0.12


@dataclass(frozen=True, slots=True)
class Planted:
    """All planted values, by topic."""

    arrivals: Arrivals = field(default_factory=Arrivals)
    habits: Habits = field(default_factory=Habits)
    segments: Segments = field(default_factory=Segments)
    accounts: Accounts = field(default_factory=Accounts)
    season: Season = field(default_factory=Season)
    channels: Channels = field(default_factory=Channels)
    app: App = field(default_factory=App)
    funnel: Funnel = field(default_factory=Funnel)
    orders: Orders = field(default_factory=Orders)
    parcels: Parcels = field(default_factory=Parcels)
    nps: Nps = field(default_factory=Nps)
    response: Response = field(default_factory=Response)
    scores: Scores = field(default_factory=Scores)
    employees: Employees = field(default_factory=Employees)
    tickets: Tickets = field(default_factory=Tickets)
    stores: Stores = field(default_factory=Stores)
    texts: Texts = field(default_factory=Texts)
    coders: Coders = field(default_factory=Coders)
    consent: identity.Consents = field(default_factory=identity.Consents)
    records: identity.Records = field(default_factory=identity.Records)
    letters: messages.Letters = field(default_factory=messages.Letters)
    payment_error: effects.PaymentError = field(default_factory=effects.PaymentError)
    experiment: effects.Experiment = field(default_factory=effects.Experiment)
    late_month: effects.LateMonth = field(default_factory=effects.LateMonth)
    recovery: effects.Recovery = field(default_factory=effects.Recovery)
    stock_out: effects.StockOut = field(default_factory=effects.StockOut)
    slow_search: effects.SlowSearch = field(default_factory=effects.SlowSearch)
    pickup_launch: effects.PickupLaunch = field(default_factory=effects.PickupLaunch)
    home_page_launch: effects.HomePageLaunch = field(default_factory=effects.HomePageLaunch)
    other_people_asked: effects.OtherPeopleAsked = field(default_factory=effects.OtherPeopleAsked)
    social: effects.Social = field(default_factory=effects.Social)
    retargeting: effects.Retargeting = field(default_factory=effects.Retargeting)
    offers: messages.Offers = field(default_factory=messages.Offers)
    store_sms: messages.StoreSms = field(default_factory=messages.StoreSms)
    baskets: Affinities = field(default_factory=Affinities)
    bots: effects.Bots = field(default_factory=effects.Bots)
    doubled_events: effects.DoubledEvents = field(default_factory=effects.DoubledEvents)

    def to_dict(self) -> dict[str, dict[str, Any]]:
        """Return every topic as JSON-ready values, with what it is.

        Examples
        --------
        >>> Planted().to_dict()["experiment"]["effect"]
        0.08
        """
        return {
            topic: {"what": " ".join(getattr(self, topic).__doc__.split()), **values}
            for topic, values in asdict(self).items()
        }

    def with_effects(self, switches: Mapping[str, Switch]) -> Planted:
        """Return the same with some effects off (False) or of other values.

        Raises
        ------
        ValueError
            If a topic or a value of one does not exist, or a topic cannot be switched off.

        Examples
        --------
        >>> Planted().with_effects({"experiment": False}).experiment.effect
        0.0
        >>> Planted().with_effects({"experiment": {"effect": 0.02}}).experiment.effect
        0.02
        """
        changed = {}
        for topic, switch in switches.items():
            usual = getattr(self, validate.one_of("effect", topic, [f.name for f in fields(self)]))
            if switch is False:
                validate.one_of("effect to switch off", topic, self.switchable())
            values = usual.OFF if switch is False else {} if switch is True else switch
            known = [one.name for one in fields(usual)]
            for name in values:
                validate.one_of(f"value of {topic}", name, known)
            changed[topic] = replace(usual, **values)
        return replace(self, **changed)

    def switchable(self) -> tuple[str, ...]:
        """Return the topics that can be switched off.

        Examples
        --------
        >>> Planted().switchable()[:3]
        ('payment_error', 'experiment', 'late_month')
        """
        return tuple(f.name for f in fields(self) if hasattr(getattr(self, f.name), "OFF"))
