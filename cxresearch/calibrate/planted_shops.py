"""Whole shops of the simulator, some with two effects planted, looked at as a user would do it.

``python -m cxresearch.calibrate.planted_shops STABLE PLANTED`` looks at so many, 12 CPU seconds
each; those that are in ``docs/whole_shops.jsonl`` are not looked at again.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from cxresearch.calibrate.coverage_page import kept_lines, row
from cxresearch.calibrate.shuffled_logs import broken, found_in
from cxresearch.core import disk
from cxresearch.core.comparison import normal_quantile
from cxresearch.core.results import Estimate
from cxresearch.findings import Finding, Findings
from cxresearch.findings.watched_series import WHOLE, Group
from cxresearch.findings.worth import RECENT_WEEKS, WEEKS_A_MONTH
from cxresearch.simulate import Planted, shop
from cxresearch.simulate.block import CATEGORIES, DEVICES, VERSIONS
from cxresearch.simulate.clock import STUDY_DAYS
from cxresearch.simulate.planted import Switch
from cxresearch.stats.shares.proportions import proportion

DAYS, PEOPLE = 364, 8_000
#: The first days of shops lie this far apart at most, so that the season begins anywhere.
_FIRST = date(2023, 1, 1)
_SEED = 20_270_129
#: The first and last day on which an effect may begin, and how far apart two are at least.
_EARLIEST, _LATEST, _APART = 90, 315, 35
#: A parcel is in the week for which it was promised, and people have a release some days later.
_SHOWS_AFTER = {"late_month": timedelta(days=4), "slow_search": timedelta(days=4)}
_TABLES = ("events", "orders", "order_lines", "deliveries", "surveys", "tickets", "customers")
_HEAD = """
## Findings in whole shops

Shops of the simulator with 8,000 people and 364 days that begin anywhere in a year, looked at by
`cx.findings` from their files: events, orders, parcels, surveys and tickets, by device, channel,
page, release, carrier, method and segment. In the stable ones nothing breaks. In the others two
effects of other kinds, of random place, size and date, begin at least five weeks apart. The true
worth is what a twin of the shop without the effect sells more in its last 13 weeks. That is counted
too, so each interval is widened by its error (Poisson) before it is asked whether it holds it. Late
parcels cost nothing there. Wilson intervals of 95 % in brackets.

"""
_STUDY = """\
title: {en: Simulated}
currency: EUR
time_zone: Europe/Rome
as_of: "%s"
groups: [device, channel, page, app_version, carrier, method, segment]
tables:
%s
touchpoints:
  home: {touchpoint: home page, stage: consideration}
  category: {touchpoint: category page, stage: consideration}
  search: {touchpoint: site search, stage: consideration}
  view_product: {touchpoint: product page, stage: consideration}
  add_to_cart: {touchpoint: cart, stage: purchase}
  begin_checkout: {touchpoint: checkout, stage: purchase}
  shipping_step: {touchpoint: checkout, stage: purchase}
  payment_step: {touchpoint: payment, stage: purchase}
  payment_error: {touchpoint: payment, stage: purchase}
  purchase: {touchpoint: order confirmation, stage: purchase}
  chat_open: {touchpoint: chat, stage: service}
  support_contact: {touchpoint: customer service, stage: service}
  order_tracking: {touchpoint: order tracking, stage: service}
  return_request: {touchpoint: returns, stage: service}
funnel: [view_product, add_to_cart, begin_checkout, purchase]
"""


@dataclass(frozen=True, slots=True)
class Effect:
    """One effect of the simulator, with what is to be found of it.

    Parameters
    ----------
    topic : str
        Its name in :class:`cxresearch.simulate.Planted`.
    values : mapping
        Its values.
    measures : tuple of str
        The measures in which it shows first.
    group : (str, str)
        Whom it hits.
    first, end : int
        Its first day, and the day after its last, counted from the first of the shop.
    """

    topic: str
    values: Mapping[str, object]
    measures: tuple[str, ...]
    group: Group
    first: int
    end: int

    @property
    def is_open(self) -> bool:
        """Whether it goes on at the end."""
        return self.end >= DAYS

    def of(self, found: Sequence[Finding]) -> Finding | None:
        """Return the finding about it: one of its measures, where it hits or in all."""
        own = [one for one in found if one.measure in self.measures]
        there = [one for one in own if one.group == self.group]
        return next(iter([*there, *(one for one in own if one.group == WHOLE)]), None)


@dataclass(frozen=True, slots=True)
class Seen:
    """What was found of one planted effect.

    Parameters
    ----------
    topic : str
        The effect.
    found, placed : bool
        Whether a finding is about it, and whether it names whom it hits.
    days_off : int
        How many days its date is from the true one.
    held_date : bool
        Whether the days in which it may have begun hold the true one.
    held_worth : bool, optional
        Whether the interval of its worth holds the true one; None where no worth is said. The
        interval is widened by the error of the true one, which is counted too (root of squares).
    right_state : bool
        Whether its state is the true one.
    """

    topic: str
    found: bool
    placed: bool = False
    days_off: int = 0
    held_date: bool = False
    held_worth: bool | None = None
    right_state: bool = False


@dataclass(frozen=True, slots=True)
class Shown:
    """What was found in one shop.

    Parameters
    ----------
    seen : tuple of Seen
        Of each effect.
    others : tuple of str
        The measures of the findings that are about none of them.
    is_largest_first : bool, optional
        Whether the open effect that truly costs most has the first rank; None where none is open.
    judged : int
        How many series were judged.
    """

    seen: tuple[Seen, ...]
    others: tuple[str, ...]
    is_largest_first: bool | None
    judged: int


def drawn(rng: np.random.Generator) -> tuple[Effect, Effect]:
    """Return two effects of other kinds, of random place, size and date."""
    kinds = rng.permutation(["payment_error", "late_month", "stock_out", "slow_search"])[:2]
    while True:
        effects = [_effect(str(kind), rng) for kind in kinds]
        if abs(effects[0].first - effects[1].first) >= _APART:
            return effects[0], effects[1]


def _effect(kind: str, rng: np.random.Generator) -> Effect:
    first = int(rng.integers(_EARLIEST, _LATEST))
    end = DAYS if rng.random() < 0.6 else min(DAYS, first + int(rng.integers(28, 90)))
    days = {"first_day": _usual(first), "last_day": _usual(end) - 1 if end < DAYS else STUDY_DAYS}
    if kind == "payment_error":
        device = str(rng.choice(DEVICES, p=[0.45, 0.45, 0.1]))
        after = float(rng.uniform(0.06, 0.35))
        values = {"device": device, "first_day": days["first_day"], "after": after}
        return Effect(kind, values, ("error:payment_error",), ("device", device), first, DAYS)
    if kind == "late_month":
        share = float(rng.uniform(0.12, 0.6))
        return Effect(kind, {**days, "late": share}, ("late",), WHOLE, first, end)
    if kind == "stock_out":
        what = str(rng.choice(CATEGORIES))
        values = {**days, "category": what, "left": float(rng.uniform(0, 0.6))}
        measures = ("step:view_product>add_to_cart", f"category:{what}")
        return Effect(kind, values, measures, ("page", f"/product/{what}"), first, end)
    released = [_day(day) for day in Planted().app.released]
    place = int(rng.choice([2, 3, 5]))  # those that are out for some weeks
    version, first = VERSIONS[place], released[place]
    end = released[place + 1]
    size = {"lost": float(rng.uniform(0.15, 0.5)), "slower": float(rng.uniform(2, 5))}
    measures = ("wait:search", "step:search>view_product")
    return Effect(
        kind, {"version": version, **size}, measures, ("app_version", version), first, end
    )


def _usual(day: int) -> int:
    return round(day * STUDY_DAYS / DAYS)


def _day(usual: int) -> int:
    return round(usual * DAYS / STUDY_DAYS)


def _tables(seed: int, start: date, effects: Iterable[Effect]) -> dict[str, pd.DataFrame]:
    switches: dict[str, Switch] = dict.fromkeys(Planted().switchable(), False)
    switches |= {one.topic: one.values for one in effects}
    made = shop(
        seed=seed,
        customers=PEOPLE,
        days=DAYS,
        start=start.isoformat(),
        faults=False,
        effects=switches,
    )
    return {name: made.tables[name] for name in _TABLES}


def looked(tables: Mapping[str, pd.DataFrame], start: date) -> Findings:
    """Return what a shop that begins on a day shows."""
    return found_in(tables, _STUDY, start + timedelta(days=DAYS - 1))


def stable(number: int) -> Shown:
    """Return what is found in a shop in which nothing breaks."""
    seed, start, _ = _of(number, "stable")
    found = looked(_tables(seed, start, []), start)
    return Shown((), broken(found), None, found.judged)


def planted(number: int) -> Shown:
    """Return what is found in a shop in which two effects are planted."""
    seed, start, rng = _of(number, "planted")
    effects = drawn(rng)
    tables = _tables(seed, start, effects)
    found = looked(tables, start)
    costs = [
        _cost(
            one,
            start,
            tables,
            _tables(seed, start, [other for other in effects if other is not one]),
        )
        for one in effects
    ]
    about = [one.of(found.rows) for one in effects]
    seen = [_seen(*each, start) for each in zip(effects, about, costs, strict=True)]
    others = broken(one for one in found if one not in about)
    still = [place for place, one in enumerate(effects) if one.is_open and costs[place][0] > 0]
    first: bool | None = None
    if still:
        largest = about[max(still, key=lambda place: costs[place])]
        first = largest is not None and found.ranks[found.rows.index(largest)] == 1
    return Shown(tuple(seen), others, first, found.judged)


def _of(number: int, kind: str) -> tuple[int, date, np.random.Generator]:
    rng = np.random.default_rng([_SEED, kind == "planted", number])
    start = _FIRST + timedelta(days=int(rng.integers(0, 365)))
    return int(rng.integers(1, 2**31)), start, rng


def _cost(
    effect: Effect,
    start: date,
    tables: Mapping[str, pd.DataFrame],
    without: Mapping[str, pd.DataFrame],
) -> tuple[float, float]:
    """Return what an effect truly costs in a month, in its last weeks: what its twin sold more.

    With its standard error: who buys is chance in the twin as well, and the orders that only one
    of the two has are Poisson. Nothing else differs between the two shops. A late parcel costs
    nothing here: the simulator's later visits are not changed by it when `recovery` is off.
    """
    begin = max(effect.first, effect.end - 7 * RECENT_WEEKS)
    orders = [_between(one["orders"], start, begin, effect.end) for one in (tables, without)]
    value = float(tables["orders"]["revenue"].mean())
    each = value / ((effect.end - begin) / 7) * WEEKS_A_MONTH
    lost = len(orders[1]) - len(orders[0])
    return lost * each, math.sqrt(abs(lost)) * each


def _between(orders: pd.DataFrame, start: date, first: int, end: int) -> pd.DataFrame:
    ends = [pd.Timestamp(start + timedelta(days=day), tz="Europe/Rome") for day in (first, end)]
    return orders[(orders["ts"] >= ends[0]) & (orders["ts"] < ends[1])]


def _seen(effect: Effect, found: Finding | None, cost: tuple[float, float], start: date) -> Seen:
    if found is None or found.since is None or found.since_between is None:
        return Seen(effect.topic, found=False)
    true_day = start + timedelta(days=effect.first) + _SHOWS_AFTER.get(effect.topic, timedelta())
    low, high = found.since_between
    worth: bool | None = None
    if not math.isnan(found.worth.value):
        worth = _holds(found.worth, -cost[0], cost[1])
    return Seen(
        effect.topic,
        found=True,
        placed=found.group == effect.group,
        days_off=abs((found.since - true_day).days),
        held_date=low <= true_day <= high,
        held_worth=worth,
        right_state=found.is_open == effect.is_open,
    )


def _holds(worth: Estimate, truth: float, error: float) -> bool:
    """Return whether an interval, widened by the standard error of the truth, holds the truth.

    Examples
    --------
    >>> from cxresearch.core.results import Interval
    >>> one = Estimate(value=-10.0, ci=Interval(-14.0, -6.0), n=9, unit="EUR", confidence=0.95,
    ...                method="by hand")
    >>> _holds(one, -15.0, 0.5), _holds(one, -15.0, 2.0)
    (False, True)
    """
    end = worth.ci.low if truth < worth.value else worth.ci.high
    z = normal_quantile(worth.confidence)
    return abs(truth - worth.value) <= math.hypot(end - worth.value, z * error)


def look_at(path: Path, *, stable_shops: int, planted_shops: int) -> None:
    """Look at the first shops, and append what is found to a file; those in it are passed over.

    Parameters
    ----------
    path : Path
        The file, one shop a line.
    stable_shops, planted_shops : int
        How many there are to be in the file.
    """
    known = {(row["kind"], row["number"]) for row in kept_lines(path)}
    counts = {"stable": stable_shops, "planted": planted_shops}
    asked = [(one / count, kind, one) for kind, count in counts.items() for one in range(count)]
    for _, kind, number in sorted(asked):
        if (kind, number) not in known:
            shown = stable(number) if kind == "stable" else planted(number)
            line = json.dumps({"kind": kind, "number": number, **asdict(shown)})
            with path.open("a", encoding="utf-8") as file:
                file.write(f"{line}\n")


def section(path: Path) -> str:
    """Return the part of the page about findings in whole shops, from those in a file."""
    shown: dict[str, list[Shown]] = {"stable": [], "planted": []}
    for one in kept_lines(path):
        seen = tuple(Seen(**effect) for effect in one["seen"])
        others, first = tuple(one["others"]), one["is_largest_first"]
        shown[one["kind"]].append(Shown(seen, others, first, one["judged"]))
    return _HEAD + page_of(shown["stable"], shown["planted"])


def page_of(calm: Iterable[Shown], broken: Iterable[Shown]) -> str:
    """Return what was found in stable shops, and of each kind of effect in the others.

    Examples
    --------
    >>> one = Shown((Seen("stock_out", found=True, placed=True, days_off=9, held_date=True),),
    ...             (), is_largest_first=True, judged=660)
    >>> print(page_of([Shown((), ("late",), None, 662)], [one]))
    Stable shops with any finding: 1 of 1 (0.21 to 1.00). Of the others 1 of 1 (0.21 to 1.00) have
    an open effect, and the costliest leads in 1 of 1 (0.21 to 1.00); 0 of 1 (0.00 to 0.79) have a
    finding about nothing planted.
    <BLANKLINE>
    | effect | found | placed | within 7 days | days held | worth held | state right |
    | --- | --- | --- | --- | --- | --- | --- |
    | stock_out | 1 of 1 (0.21 to 1.00) | ...
    <BLANKLINE>
    """
    shops, quiet = [*broken], [*calm]
    first = [one.is_largest_first for one in shops if one.is_largest_first is not None]
    is_open = [one.is_largest_first is not None for one in shops]
    said = (
        f"Stable shops with any finding: {_share([bool(one.others) for one in quiet])}. "
        f"Of the others {_share(is_open)} have\nan open effect, and the costliest leads in "
        f"{_share(first)}; {_share([bool(one.others) for one in shops])} have a\n"
        "finding about nothing planted.\n\n"
    )
    head = ("effect", "found", "placed", "within 7 days", "days held", "worth held")
    lines = [row(*head, "state right"), row(*["---"] * 7)]
    every = [one for shown in shops for one in shown.seen]
    for topic in sorted({one.topic for one in every}):
        own = [one for one in every if one.topic == topic]
        found = [one for one in own if one.found]
        cells = (
            [one.found for one in own],
            [one.placed for one in found],
            [one.days_off <= 7 for one in found],
            [one.held_date for one in found],
            [one.held_worth for one in found if one.held_worth is not None],
            [one.right_state for one in found],
        )
        lines.append(row(topic, *map(_share, cells)))
    return said + "".join(lines)


def _share(values: Sequence[bool | None]) -> str:
    """Return how many are true, with the Wilson interval of the share; a dash for none."""
    if not values:
        return "-"
    true = sum(map(bool, values))
    ends = proportion(true, len(values)).ci
    return f"{true} of {len(values)} ({ends.low:.2f} to {ends.high:.2f})"


def file() -> Path:
    """Return where what was found is kept."""
    return disk.project_root() / "docs" / "whole_shops.jsonl"


if __name__ == "__main__":
    look_at(file(), stable_shops=int(sys.argv[1]), planted_shops=int(sys.argv[2]))
