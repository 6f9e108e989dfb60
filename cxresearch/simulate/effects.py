"""What happens to the shop: each effect, its size, and in its docstring what it means.

Days are counted from the first of a study of 1,096 days from 2023-11-01; another study keeps the
proportions. ``OFF`` holds the values with which an effect is not there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

BySegment = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class PaymentError:
    """A payment error becomes common on one device, and stays: 2026-06-01 to the end.

    `before` and `after` are the share of payment steps that fail there; elsewhere `before` holds
    all along. `gives_up` is the share of failed payments that end the visit.
    """

    OFF: ClassVar[Mapping[str, Any]] = {"after": 0.01}
    device: str = "mobile"
    first_day: int = 943
    before: float = 0.01
    after: float = 0.22
    gives_up: float = 0.55


@dataclass(frozen=True, slots=True)
class Experiment:
    """One-page checkout, an experiment from 2026-02-01 to 2026-04-30.

    `effect` is added to the share of checkouts that end in a purchase. Customers enter at their
    first checkout within the days; half get each variant, by customer id, so a person with two
    accounts can meet both.
    """

    OFF: ClassVar[Mapping[str, Any]] = {"effect": 0.0}
    name: str = "one_page_checkout"
    variants: tuple[str, str] = ("control", "one_page")
    first_day: int = 823
    last_day: int = 911
    effect: float = 0.08


@dataclass(frozen=True, slots=True)
class LateMonth:
    """Orders of one month, 2025-03-01 to 2025-03-31, come late in the share `late`."""

    OFF: ClassVar[Mapping[str, Any]] = {"late": 0.05}
    first_day: int = 486
    last_day: int = 516
    late: float = 0.50


@dataclass(frozen=True, slots=True)
class Recovery:
    """A late parcel puts people off, unless a ticket about it ends with a solution.

    After the first late parcel that is not put right a person makes the share `put_off` fewer
    visits of every kind, and so spends less; one that a ticket solved, refunded or replaced costs
    `solved`. A second late parcel changes nothing more.
    """

    OFF: ClassVar[Mapping[str, Any]] = {"put_off": 0.0, "solved": 0.0}
    put_off: float = 0.40
    solved: float = 0.0


@dataclass(frozen=True, slots=True)
class StockOut:
    """One category is out of stock, 2025-05-05 to 2025-06-08.

    Of the visits that are after it, the share that fills a cart once a product was seen is
    multiplied by `left`.
    """

    OFF: ClassVar[Mapping[str, Any]] = {"left": 1.0}
    category: str = "shoes"
    first_day: int = 551
    last_day: int = 585
    left: float = 0.20


@dataclass(frozen=True, slots=True)
class SlowSearch:
    """A release of the app, out from 2025-10-06 to 2025-11-30, has a slow search.

    Of its visits that search, the share `lost` of those who would see a product see none, and
    every search takes `slower` times as long until what comes next.
    """

    OFF: ClassVar[Mapping[str, Any]] = {"lost": 0.0, "slower": 1.0}
    version: str = "5.4"
    lost: float = 0.35
    slower: float = 4.0


@dataclass(frozen=True, slots=True)
class PickupLaunch:
    """Returns are picked up at home from 2025-07-14 on, in the named towns; elsewhere as before.

    There, `effect` is added to the share of product views that fill a cart, and the CSAT of
    returns asked for from that day on is that of `returns_picked_up` (see ``scores``) instead of
    `returns` for the share `noticed` of those who answer.
    """

    OFF: ClassVar[Mapping[str, Any]] = {"effect": 0.0, "noticed": 0.0}
    first_day: int = 621
    towns: tuple[str, ...] = (
        "Borgochiaro",
        "Acquaserena",
        "Valdichiaro",
        "Castelbruno",
        "Fontanova",
    )
    effect: float = 0.05
    noticed: float = 1.0


@dataclass(frozen=True, slots=True)
class HomePageLaunch:
    """A new home page goes live as the Christmas season begins, 2025-11-24, and changes nothing.

    `effect` is added to the share of visits that see a product.
    """

    OFF: ClassVar[Mapping[str, Any]] = {"effect": 0.0}
    first_day: int = 754
    effect: float = 0.0


@dataclass(frozen=True, slots=True)
class OtherPeopleAsked:
    """One relational wave, that of 2025-09, asks other people; how they feel does not change.

    `asks` is the share of each segment that is asked in it; every other wave asks all.
    """

    OFF: ClassVar[Mapping[str, Any]] = {"asks": (1.0, 1.0, 1.0)}
    wave: int = 7
    asks: BySegment = (1.0, 0.8, 0.1)


@dataclass(frozen=True, slots=True)
class Social:
    """Posts and ads on social networks bring visits that would not have been.

    `added` is their number for each visit of people's own accord; `again` is the share after which
    the person comes back once more, directly, within `again_days`, and would not have either.
    Other visits by social are of people who come anyway. From 2026-05-04 to 2026-07-26 half of the
    people with an account, by chance, are shown none: the experiment `holdout`.
    """

    OFF: ClassVar[Mapping[str, Any]] = {"added": 0.0}
    added: float = 0.08
    again: float = 0.60
    again_days: float = 4.0
    holdout: str = "social_holdout"
    held_out: float = 0.50
    first_day: int = 915
    last_day: int = 998


@dataclass(frozen=True, slots=True)
class Retargeting:
    """Ads follow those who left a full cart; they come back, but would have come anyway.

    The share `share` of the visits within `days` after a visit that left a cart come by a click
    on a retargeting ad, and change in nothing else: the true effect is none. In the same weeks as
    ``social`` half of the people, by chance, are shown none: the experiment `holdout`.
    """

    OFF: ClassVar[Mapping[str, Any]] = {"share": 0.0}
    share: float = 0.55
    days: int = 14
    holdout: str = "retargeting_holdout"


@dataclass(frozen=True, slots=True)
class Bots:
    """Programs that read the shop: `per_1000` people, each one visit of about `events` pages.

    Their ids begin with B; no account has one. None buys.
    """

    OFF: ClassVar[Mapping[str, Any]] = {"per_1000": 0.0}
    per_1000: float = 0.6
    events: int = 300


@dataclass(frozen=True, slots=True)
class DoubledEvents:
    """The share of page events that are logged twice, within a second, with two event ids.

    A purchase, a payment error and what happens outside visits are never doubled.
    """

    OFF: ClassVar[Mapping[str, Any]] = {"share": 0.0}
    share: float = 0.004
