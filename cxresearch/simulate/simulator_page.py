"""Write ``docs/simulator.md``: every planted value, what it means, and where to see it."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from cxresearch.simulate.clock import STUDY_DAYS
from cxresearch.simulate.planted import Planted

#: Where each topic is seen: tables and columns of the written study.
SEEN = {
    "arrivals": "`truth_people`: `arrived`, `known`; ids with V in `events` are browsers",
    "habits": "`orders` by `customer_id`; `truth_people`: `visits_per_year`, `left`, `spend`",
    "segments": "`customers`: `segment` of web and app records",
    "accounts": "`truth_people`: `second_id`; two web records of one `person_id`",
    "season": "`events` and `orders` by day",
    "channels": "`events`: the first of a visit, and `channel`",
    "app": "`events`: `app_version` on mobile",
    "funnel": "`events` by `session_id`; a visit with `reorder` is outside it",
    "orders": "`orders`: `status`, `discount`, `customer_id`; `events`: `reorder`",
    "parcels": "`deliveries`: `delivered` after `promised`, by `method` and `carrier`",
    "nps": "`surveys`: `metric` nps, by `wave` and the customer's `segment`",
    "response": "`surveys` against `realised.asked` and the orders",
    "scores": "`surveys`: `metric` csat and ces, by `touchpoint`",
    "employees": "`surveys`: `metric` enps",
    "tickets": "`tickets`: times, `channel`, `outcome`",
    "stores": "`events`: `store_visit`, by the `city` of the web record",
    "texts": "`feedback`; `truth_themes` has what each is about",
    "coders": "`codes_first.csv`, `codes_second.csv`, `decisions.csv`",
    "consent": "`customers`: `consent`, `consent_sms`, `consent_profiling` at `updated`",
    "records": "`customers`; `truth_identities` has the person of each",
    "letters": "`messages` by `campaign` and `kind`",
    "payment_error": "`events`: `payment_error` after `payment_step`, by `device` and day",
    "experiment": "`exposures`; `purchase` after `begin_checkout`, by variant",
    "late_month": "`deliveries` of orders of the month; delivery surveys, texts and tickets",
    "recovery": "visits after a late parcel, by whether a ticket of the days after solved it",
    "stock_out": "`events`: visits with the page `/product/shoes`, and `order_lines`",
    "slow_search": "`events`: `view_product` after `search`, and the wait, by `app_version`",
    "pickup_launch": "`add_to_cart` after `view_product`, CSAT of returns, by `city` and day",
    "home_page_launch": "`view_product` in the weeks around; orders rise with the season",
    "other_people_asked": "who answers the wave 2025-09, by `segment`; NPS within segments stays",
    "social": "`exposures`: social_holdout; visits per customer in its weeks",
    "retargeting": "`channel` retargeting; `exposures`: retargeting_holdout; visits and orders",
    "offers": "`exposures`: offer_holdout; visits in the days after an offer was sent",
    "store_sms": "`exposures`: store_sms_holdout; `store_visit` in the days after",
    "baskets": "`order_lines`: pairs of `sku` in one order",
    "bots": "`events`: ids with B, hundreds of events in a visit",
    "doubled_events": "`events`: same session, event and second, two ids",
}
_HEAD = f"""<!-- Written by `python -m cxresearch.simulate --page`; a test holds it. -->
# The simulated shop

The demo and the test bed are an invented Italian online shop over three years
({STUDY_DAYS:,} days from 2023-11-01), drawn from one seed. `truth.json` holds the values below and
what came of them. Each belongs to a topic; those of the second part can be switched off or given
another size, each alone: `simulate.shop(effects={{"social": False}})`. Every draw belongs to its
person, visit or order, so what has no part in an effect stays as it is. What plain pandas finds of
each in the tables is [beside it](simulator_seen.md).
"""


def page(planted: Planted) -> str:
    """Return the page in Markdown."""
    switches = planted.switchable()
    traits = [one.name for one in fields(planted) if one.name not in switches]
    parts = [_HEAD, "## What the shop is like\n"]
    parts += [_section(name, getattr(planted, name)) for name in traits]
    parts.append("## What happens to it\n")
    parts += [_section(name, getattr(planted, name)) for name in switches]
    return "\n".join(parts)


def _section(name: str, topic: Any) -> str:
    rows = "\n".join(
        f"| `{one.name}` | {_shown(getattr(topic, one.name))} |" for one in fields(topic)
    )
    what = "\n".join(line.strip() for line in topic.__doc__.strip().splitlines())
    table = f"| value | planted |\n| --- | --- |\n{rows}"
    return f"### {name}\n\n{what}\n\nSeen in {SEEN[name]}.\n\n{table}\n"


def _shown(value: Any) -> str:
    if isinstance(value, tuple):
        return ", ".join(_shown(one) for one in value)
    return str(value)
