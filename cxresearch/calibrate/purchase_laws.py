"""Which model of repeat purchases is nearest the truth, whichever of them is true."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cxresearch import value
from cxresearch.stats.purchases.buy_till_you_die import MODELS, NAMES, Model

KNOWN, AHEAD = 730, 365
_START = np.datetime64("2023-01-01")
#: Two shops of each law: r, alpha, and the two parameters of leaving, in weeks.
LAWS: dict[Model, tuple[tuple[float, float, float, float], ...]] = {
    "mbg": ((0.52, 6.2, 0.89, 1.6), (1.2, 8.0, 0.6, 3.0)),
    "bg": ((0.24, 4.4, 0.79, 2.43), (1.0, 8.0, 0.6, 3.0)),
    "pareto": ((0.55, 10.6, 0.61, 11.7), (1.0, 8.0, 1.2, 60.0)),
}
#: The segments of each shop: their share, and how much faster they buy than the law says.
_SEGMENTS = {"loyal": (0.3, 2.0), "new": (0.7, 0.7)}
#: One pace for all: the model of the law is then exactly right.
_ALIKE = {"all": (1.0, 1.0)}
_LIKELIER = "the likelier of mbg and pareto"
_ARRIVE = 0.9


@dataclass(frozen=True, slots=True, eq=False)
class LawfulShop:
    """A shop whose customers buy and leave by one of the models, but for their segments.

    Parameters
    ----------
    orders : pandas.DataFrame
        The orders of all days; `at` is the day's number.
    left : dict of str to float
        When each customer leaves.
    segments : dict of str to str
        The segment of each customer.
    """

    orders: pd.DataFrame
    left: dict[str, float]
    segments: dict[str, str]


def lawful_shop(
    law: Model,
    parameters: tuple[float, float, float, float],
    customers: int,
    seed: int,
    paces: Mapping[str, tuple[float, float]] = _SEGMENTS,
) -> LawfulShop:
    """Draw a shop of a law; customers arrive over nine tenths of the days that are known."""
    rng = np.random.default_rng(seed)
    parts: list[pd.DataFrame] = []
    left: dict[str, float] = {}
    segments: dict[str, str] = {}
    for name, (share, speed) in paces.items():
        count = round(customers * share)
        who, at, gone = _bought(rng, law, parameters, count, speed)
        ids = np.array([f"{name}-{i:05d}" for i in range(count)])
        level = 30 * 3 / rng.gamma(4, size=count)
        spent = level[who] * rng.gamma(6, size=who.size) / 6 + 0.01
        parts.append(pd.DataFrame({"customer_id": ids[who], "at": at, "revenue": spent}))
        left |= dict(zip(ids.tolist(), gone.tolist(), strict=True))
        segments |= dict.fromkeys(ids.tolist(), name)
    orders = pd.concat(parts, ignore_index=True)
    days = _START + orders["at"].to_numpy().astype("timedelta64[D]")
    return LawfulShop(orders.assign(day=days), left, segments)


def _bought(
    rng: np.random.Generator,
    law: Model,
    parameters: tuple[float, float, float, float],
    count: int,
    speed: float,
) -> tuple[NDArray[np.intp], NDArray[np.int64], NDArray[np.float64]]:
    """Return whose each order is and its day, and when each customer leaves."""
    r, alpha, third, fourth = parameters
    rate = rng.gamma(r, size=count) / alpha / 7 * speed
    at = rng.uniform(0, KNOWN * _ARRIVE, count)
    gone = np.full(count, np.inf)
    leaves = np.zeros(count)
    if law == "pareto":
        gone = at + rng.exponential(size=count) / rng.gamma(third, size=count) * fourth * 7
    else:
        leaves = rng.beta(third, fourth, count)
    buying = np.ones(count, dtype=bool)
    found = []
    while buying.any():
        found.append((np.flatnonzero(buying), at[buying]))
        if not (law == "bg" and len(found) == 1):
            quits = buying & (rng.random(count) < leaves)
            gone[quits] = at[quits]
        at = at + rng.exponential(size=count) / rate
        buying = buying & (at < KNOWN + AHEAD) & (at < gone)
    who, times = (np.concatenate(each) for each in zip(*found, strict=True))
    return who, np.floor(times).astype(np.int64), gone


def by_law(shops: int, customers: int) -> pd.DataFrame:
    """Return how near each model, and the likelier of two, is to shops of each law."""
    rows = [
        row
        for seed in range(shops)
        for law, every in LAWS.items()
        for place, parameters in enumerate(every)
        for row in _forecast_rows(
            lawful_shop(law, parameters, customers, 100 * seed + place), f"{law} {place}", seed
        )
    ]
    return _with_the_likelier(pd.DataFrame(rows))


def parameters_held(shops: int, customers: int) -> pd.DataFrame:
    """Return how often the intervals of a model's parameters hold them, where the model is true."""
    rows: list[dict[str, Any]] = []
    for law, (parameters, *_) in LAWS.items():
        for seed in range(shops):
            shop = lawful_shop(law, parameters, customers, 10_000 + seed, _ALIKE)
            found = value.purchases(_known(shop), model=law).parameters
            rows += [
                {
                    "customers": customers, "law": law, "parameter": name, "true": true,
                    "found": found[name].value,
                    "coverage": found[name].ci.low <= true <= found[name].ci.high,
                }
                for name, true in zip(NAMES[law], parameters, strict=True)
            ]  # fmt: skip
    by_parameter = pd.DataFrame(rows).groupby(["customers", "law", "parameter", "true"], sort=False)
    return by_parameter.agg({"found": "median", "coverage": "mean"}).reset_index()


def _known(shop: LawfulShop) -> value.Summary:
    until = str(_START + np.timedelta64(KNOWN - 1, "D"))
    return value.summary(shop.orders[shop.orders["at"] < KNOWN], until=until)


def _forecast_rows(shop: LawfulShop, name: str, seed: int) -> list[dict[str, Any]]:
    known = _known(shop)
    whose = known.frame["customer_id"]
    is_later = shop.orders["at"] >= KNOWN
    later = shop.orders[is_later & shop.orders["customer_id"].isin(whose)]
    spent = later.groupby(later["customer_id"].map(shop.segments))["revenue"].sum()
    true: dict[str, float] = {
        "still there": float(np.mean([shop.left[one] > KNOWN for one in whose])),
        "purchases in a year": float(len(later.drop_duplicates(["customer_id", "day"]))),
        "spend in a year": float(spent.sum()),
        **{f"the same, {segment}": float(spent[segment]) for segment in _SEGMENTS},
    }
    money = value.spend(known)
    rows = []
    for model in MODELS:
        bought = value.purchases(known, model=model)
        worth = value.lifetime_value(bought, money, days=AHEAD, discount=0, by=shop.segments)
        found = _ends(bought, worth)
        rows += [
            {
                "law": name, "seed": seed, "model": model, "loglik": bought.loglik, "what": what,
                "ratio": found[what][0] / true[what],
                "held": found[what][1] <= true[what] <= found[what][2],
            }
            for what in true
        ]  # fmt: skip
    return rows


def _ends(
    bought: value.PurchaseModel, worth: value.LifetimeValue
) -> Mapping[str, tuple[float, ...]]:
    measures = {
        "still there": bought.alive(),
        "purchases in a year": bought.expected(AHEAD),
        "spend in a year": worth.total,
    }
    columns = ["value", "value_low", "value_high"]
    of_segments = {
        f"the same, {row['group']}": tuple(row[name] for name in columns)
        for row in worth.frame.to_dict("records")
    }
    return {name: (one.value, *one.ci) for name, one in measures.items()} | of_segments


def _with_the_likelier(rows: pd.DataFrame) -> pd.DataFrame:
    """Return bias, RMSE and coverage by model, with those of the likelier of two."""
    keys = ["law", "seed"]
    logs = rows.pivot_table(index=keys, columns="model", values="loglik", aggfunc="first")
    best = logs[["mbg", "pareto"]].idxmax(axis=1).rename("best").reset_index()
    likelier = rows.merge(best, on=keys)
    likelier = likelier[likelier["model"] == likelier["best"]].assign(model=_LIKELIER)
    every = pd.concat([rows, likelier])
    every = every.assign(law=every["law"].str.split().str[0], off=(every["ratio"] - 1) ** 2)
    every = pd.concat([every, every.assign(law="all")])
    grouped = every.groupby(["law", "what", "model"], sort=False)
    found = grouped[["ratio", "off", "held"]].mean().reset_index()
    found["RMSE"] = np.sqrt(found.pop("off"))
    return found.rename(columns={"held": "coverage"})
