"""What customer value says of shops whose customers are known, beside the truth."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd

from cxresearch import value
from cxresearch.calibrate.coverage_page import row
from cxresearch.calibrate.known_customers import (
    AHEAD,
    KNOWN,
    STEADY,
    KnownShop,
    best_chances,
    known_shop,
    true_difference,
)
from cxresearch.calibrate.purchase_laws import LAWS, by_law, parameters_held
from cxresearch.core.missing import Missing
from cxresearch.core.results import Estimate
from cxresearch.value import next_orders
from cxresearch.value.customer_days import customer_days
from cxresearch.value.experience_moments import Experience

SHOPS, CUSTOMERS = 6, 6000
_LAWFUL, _SEEDS, _FITS, _BASKET_SHOPS = 2000, 4, 100, 60
#: What the page says of the shops of each law; of all together it says everything.
_OF_EACH_LAW = ("still there", "spend in a year")
_WINDOW, _AFTER = 90, 180
#: How many products there are, how many pairs of them are planted, and how often the second of a
#: planted pair is added for the sake of the first.
PRODUCTS, PLANTED, OFTEN = 60, 6, 0.25
#: How many more products than one a basket has: the shape and the mean of its gamma; the most.
_SPREAD, _MEAN, _LARGEST = 1.0, 4.0, 25
_GROUPS: dict[Experience, tuple[str, str]] = {
    "late_delivery": ("a late delivery", "a delivery on time"),
    "unsolved_ticket": ("an unsolved ticket", "a solved ticket"),
}
_HEAD = """\
## Customer value

{shops} shops of the simulator, of {customers:,} people each, drawn for four years of which the
method knows three; each customer has a rate, a lifetime and a level of spending that are
known. Leaving is by time there, as in Pareto/NBD, so MBG/NBD and BG/NBD are wrong on purpose.
Ratios are predicted over actual; RMSE is of single shops; coverage is of a nominal
0.950, and holds the customers' own chance.

"""
_READING = """
- Still there: the share of customers who have not left, of those with a kept order. The models
  predict nearly the same purchases and disagree about who is still there: the page takes
  Pareto/NBD, and gives the share by MBG/NBD beside it.
- By segment: each has models of its own. The model of all draws every customer towards the mean,
  and predicts too little of the loyal and too much of the new.
- Best possible knows each customer's true rate, the season and the law of leaving, and does not
  know who has left: no forecast from orders can be better.
- An experience: the difference in spend per customer in {after} days, of a shop with the effect
  and the same shop, person by person, without it. The placebo is the spend before, which the
  experience cannot have changed.
- Baskets: four planted pairs of articles in each shop. Every other pair meets by the size of
  baskets, and cheap articles also because customers who spend little choose them: most of the
  others found are two of the cheapest.

"""
_BASKETS = """
### Baskets in which only planted pairs go together

{shops} shops of {customers:,} customers with 1 to 25 of {products} products, some of which sell far
more than others; {planted} pairs are planted: of those who have the first, {often:.0%} get the
second for its sake. Every other pair meets by the size of baskets alone. The false share is the
mean, over shops, of the pairs found that were not planted: at most 0.050 is promised.

"""
_PARAMETERS = """
### Parameters, where their model is true

{shops} shops of each size for each law, all of one pace, two years known: the true parameters, in
weeks, the median of what is found, and how often the intervals hold the truth. Purchases of one day
are one, so those who buy most are slower than they were drawn and alpha is found 2 to 8 % high: the
more customers, the surer of it. Of 2,000 customers the intervals of MBG/NBD are too short besides.
The page gives the shares and sums that come of the parameters, whose coverage is above.

"""
_LAWS = """
### Whichever model is true

{shops} shops of {customers:,} customers, a third of each law (mbg, bg, pareto), two years known and
one ahead. Three tenths of the customers are loyal and buy three times as fast as the others, so
that no model is quite right. *Likelier* takes of MBG/NBD and Pareto/NBD, in each shop, the one with
the higher likelihood.

"""


def section(shops: int = SHOPS, customers: int = CUSTOMERS) -> str:
    """Measure, and return the section as Markdown."""
    text = _HEAD.format(shops=shops, customers=customers)
    for found in (
        forecasts(shops, customers),
        next_purchases(shops, customers),
        experiences(shops, customers),
        baskets(shops, customers),
    ):
        text += _table(found) + "\n"
    text += _READING.format(after=_AFTER)
    text += _PARAMETERS.format(shops=_FITS)
    text += _table(pd.concat([parameters_held(_FITS, size) for size in (_LAWFUL, 5 * _LAWFUL)]))
    text += _LAWS.format(shops=_SEEDS * sum(map(len, LAWS.values())), customers=_LAWFUL)
    laws = by_law(_SEEDS, _LAWFUL)
    text += _table(laws[(laws["law"] == "all") | laws["what"].isin(_OF_EACH_LAW)])
    planted = {"products": PRODUCTS, "planted": PLANTED, "often": OFTEN}
    text += _BASKETS.format(shops=_BASKET_SHOPS, customers=_LAWFUL, **planted)
    return text + _table(found_among(_BASKET_SHOPS, _LAWFUL))


def forecasts(shops: int, customers: int) -> pd.DataFrame:
    """Return how near the forecasts of a year are, by model and for segments."""
    rows = pd.concat(
        [_forecast_rows(known_shop(i, customers, effects=STEADY)) for i in range(shops)]
    )
    return _summed(rows, ["what", "model"])


def next_purchases(shops: int, customers: int) -> pd.DataFrame:
    """Return how well the next purchases are ranked and predicted, beside the best possible."""
    rows = pd.concat([_ranked(known_shop(i, customers, effects=STEADY)) for i in range(shops)])
    return rows.groupby("model", sort=False).mean().reset_index()


def experiences(shops: int, customers: int) -> pd.DataFrame:
    """Return the worth of experiences with a true effect, adjusted and plain, with the placebo."""
    rows = pd.concat([_worths(i, customers) for i in range(shops)])
    return rows.groupby(["experience", "outcome"], sort=False).mean().reset_index()


def baskets(shops: int, customers: int) -> pd.DataFrame:
    """Return how many planted pairs are found, and how many others."""
    rows = pd.DataFrame([_pairs(known_shop(i, customers, effects=STEADY)) for i in range(shops)])
    return rows.sum().to_frame().T


def _forecast_rows(shop: KnownShop) -> pd.DataFrame:
    until = pd.Timestamp(shop.cut)
    known = value.summary(shop.known, until=shop.cut)
    season = value.season(shop.known)
    whose = shop.people.loc[known.frame["customer_id"]]
    later = shop.orders[(shop.orders["day"] > until) & (shop.orders["status"] == "completed")]
    later = later[later["day"] <= until + pd.Timedelta(days=AHEAD)]
    later = later[later["customer_id"].isin(known.frame["customer_id"])]
    days = later.drop_duplicates(["customer_id", "day"])
    spent = later.groupby(later["customer_id"].map(whose["segment"]))["revenue"].sum()
    money = value.spend(known)
    rows: list[dict[str, Any]] = []

    def held(what: str, model: str, found: Estimate, true: float) -> None:
        rows.append(
            {
                "what": what,
                "model": model,
                "true": true,
                "predicted": found.value,
                "held": found.ci.low <= true <= found.ci.high,
            }
        )

    for model in ("mbg", "bg", "pareto"):
        bought = value.purchases(known, model=model, season=season)
        held("still there", model, bought.alive(), float((whose["left"] > KNOWN).mean()))
        held("purchases in a year", model, bought.expected(AHEAD), float(len(days)))
        worth = value.lifetime_value(
            bought, money, days=AHEAD, discount=0, by=whose["segment"].to_dict()
        )
        held("spend in a year", model, worth.total, float(spent.sum()))
        if model == "pareto":
            for group in worth.frame.to_dict("records"):
                ends = {"value": group["value"], "n": 0, "unit": "", "confidence": 0.95}
                ci = type(worth.total.ci)(group["value_low"], group["value_high"])
                found = Estimate(**ends, ci=ci, method="")
                held(f"the same, {group['group']}", model, found, float(spent[group["group"]]))
    before = value.season(shop.known, until=shop.cut - timedelta(days=AHEAD))
    tested = value.holdout(shop.known, days=AHEAD, season=before)
    held("purchases, held out before", "pareto", tested.ratio, 1.0)
    return pd.DataFrame(rows)


def _summed(rows: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    away = rows["predicted"] / rows["true"]
    grouped = rows.assign(ratio=away, off=(away - 1) ** 2).groupby(keys, sort=False)
    found = grouped[["true", "predicted", "ratio", "off", "held"]].mean()
    found["RMSE"] = np.sqrt(found.pop("off"))
    found["coverage"] = found.pop("held")
    return found.reset_index()


def _ranked(shop: KnownShop) -> pd.DataFrame:
    found = value.next_purchase(shop.known, days=_WINDOW)
    if isinstance(found, Missing):
        raise TypeError(found.why)
    cut = found.cuts[1]
    who = next_orders.features(next_orders.placed(customer_days(shop.known)), cut, _WINDOW)
    kept = shop.known[shop.known["status"] == "completed"]
    y = next_orders.bought_after(kept, who, cut, _WINDOW)
    last = pd.Timestamp(cut) - pd.to_timedelta(who["days_since_last"], unit="D")
    best = best_chances(shop, who.assign(last_day=last), cut, _WINDOW)
    both = pd.concat([found.compared, next_orders.compared(y, {"best possible": best}, 0.95)])
    return both[["model", "auc", "brier", "slope"]]


def _worths(seed: int, customers: int) -> pd.DataFrame:
    effects = STEADY | {"recovery": True}
    there = known_shop(seed, customers, days=KNOWN, effects=effects)
    none = known_shop(seed, customers, days=KNOWN, effects=STEADY)
    rows = []
    for experience, (met, beside) in _GROUPS.items():
        moments: Any = value.moments(there, experience)  # type: ignore[arg-type]
        found = value.worth_of(there.orders, moments, experience=met, beside=beside, days=_AFTER)
        if isinstance(found, Missing):
            continue
        day = pd.to_datetime(moments["day"])
        over = (day + timedelta(days=_AFTER) <= there.orders["day"].max()).to_numpy()
        moments = moments.assign(day=day)[over & moments["customer_id"].notna().to_numpy()]
        true = true_difference(moments, there, none, met, _AFTER)
        for outcome, plain, adjusted, truth in (
            ("spend after", found.naive_spent, found.spent, true),
            ("placebo: spend before", found.naive_placebo, found.placebo, 0.0),
        ):
            rows.append(
                {
                    "experience": met,
                    "outcome": outcome,
                    "true": truth,
                    "plain": plain.value,
                    "plain holds it": plain.ci.low <= truth <= plain.ci.high,
                    "adjusted": adjusted.value,
                    "adjusted holds it": adjusted.ci.low <= truth <= adjusted.ci.high,
                }
            )
    return pd.DataFrame(rows)


def _pairs(shop: KnownShop) -> dict[str, int]:
    from cxresearch.simulate.order_history import lines_table

    world = shop.world
    planted = {frozenset((a, b)) for a, b, _ in world.planted.baskets.pairs}
    lines = lines_table(world.orders, world.lines)
    found = value.baskets(lines, shop.orders, unit="order", least_expected=1.0)
    if isinstance(found, Missing):
        raise TypeError(found.why)
    pairs = found.pairs
    names = [frozenset(pair) for pair in zip(pairs["first"], pairs["second"], strict=True)]
    sure = found.found()
    those = {frozenset(pair) for pair in zip(sure["first"], sure["second"], strict=True)}
    return {
        "pairs tested": len(names),
        "planted among them": len(planted & set(names)),
        "planted and found": len(planted & those),
        "others found": len(those - planted),
        "others by plain lift above 1": int((found.pairs["lift"] > 1).sum()) - len(planted),
    }


def _table(frame: pd.DataFrame) -> str:
    head = row(*map(str, frame.columns)) + row(*["---"] * len(frame.columns))
    return head + "".join(row(*map(_shown, line)) for line in frame.itertuples(index=False))


def _shown(one: Any) -> str:
    if isinstance(one, str):
        return one
    return f"{one:,.0f}" if abs(one) >= 100 or float(one).is_integer() else f"{one:.3f}"


def planted_baskets(customers: int, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Draw lines and orders: products 0 and 1, 2 and 3... to `PLANTED` pairs go together."""
    rng = np.random.default_rng(seed)
    weights = rng.gamma(2, size=PRODUCTS)
    size = np.minimum(1 + rng.poisson(rng.gamma(_SPREAD, _MEAN, customers)), _LARGEST)
    # The largest of weight and chance are a draw without replacement.
    keys = np.log(weights) + rng.gumbel(size=(customers, PRODUCTS))
    has = keys.argsort(axis=1).argsort(axis=1) >= PRODUCTS - size[:, None]
    for first in range(0, 2 * PLANTED, 2):
        has[:, first + 1] |= has[:, first] & (rng.random(customers) < OFTEN)
    who, product = np.nonzero(has)
    lines = pd.DataFrame({"order_id": who.astype(str), "sku": [f"P{one:02d}" for one in product]})
    ids = pd.Series(np.arange(customers)).astype(str)
    orders = pd.DataFrame({"order_id": ids, "customer_id": "C" + ids, "revenue": 1.0})
    return lines, orders.assign(status="completed")


def found_among(shops: int, customers: int) -> pd.DataFrame:
    """Return what is found in several shops, with the share of it that is false.

    Returns
    -------
    pandas.DataFrame
        One row per way to look: `found by`, the means over shops of `tested`, `planted found` and
        `others found`, the mean `false share` of those found and its `Monte Carlo error`.
    """
    rows = pd.concat([_looked_at(customers, seed) for seed in range(shops)])
    grouped = rows.groupby("found by", sort=False)
    error = grouped["false share"].std() / np.sqrt(shops)
    return grouped.mean().assign(**{"Monte Carlo error": error}).reset_index()


def _looked_at(customers: int, seed: int) -> pd.DataFrame:
    planted = {(f"P{one:02d}", f"P{one + 1:02d}") for one in range(0, 2 * PLANTED, 2)}
    found = value.baskets(*planted_baskets(customers, seed))
    if isinstance(found, Missing):
        raise TypeError(found.why)
    ways = {
        "beyond size, Benjamini-Hochberg at 5 %": found.found(),
        "plain lift above 1": found.pairs[found.pairs["lift"] > 1],
    }
    rows = []
    for name, own in ways.items():
        pairs = {tuple(sorted(pair)) for pair in zip(own["first"], own["second"], strict=True)}
        false = len(pairs - planted)
        rows.append(
            {
                "found by": name,
                "tested": float(len(found.pairs)),
                "planted found": float(len(planted & pairs)),
                "others found": float(false),
                "false share": false / max(len(pairs), 1),
            }
        )
    return pd.DataFrame(rows)
