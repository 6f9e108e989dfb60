"""What plain pandas finds of each planted effect in the tables, and how sure it is."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from cxresearch.simulate import Planted, Shop

ROME = "Europe/Rome"
DAY = pd.Timedelta(days=1)
Found = tuple[float, float]


class Seen:
    """The tables of a shop, as an analyst would prepare them."""

    def __init__(self, shop: Shop) -> None:
        self.tables, self.truth, self.people = shop.tables, shop.truth, shop.answer_keys["people"]

    @cached_property
    def visits(self) -> pd.DataFrame:
        """One row per visit: customer, start, device, and how often each step happened."""
        events = self.tables["events"]
        inside = events[events["device"].notna() & ~events["customer_id"].str.startswith("B")]
        session = inside["session_id"].astype("category")
        kind = inside["event"].astype("category")
        shape = (len(session.cat.categories), len(kind.cat.categories))
        cells = session.cat.codes.to_numpy().astype(np.int64) * shape[1] + kind.cat.codes
        counts = np.bincount(cells, minlength=shape[0] * shape[1]).reshape(shape)
        about = inside.groupby("session_id").agg(
            customer_id=("customer_id", "first"),
            device=("device", "first"),
            channel=("channel", "first"),
            app_version=("app_version", "first"),
            start=("ts", "min"),
        )
        steps = pd.DataFrame(counts, index=about.index, columns=list(kind.cat.categories))
        return about.join(steps)

    @cached_property
    def browsing(self) -> pd.DataFrame:
        return self.visits[self.visits["reorder"] == 0]

    @cached_property
    def customers(self) -> pd.DataFrame:
        customers = self.tables["customers"]
        web = customers[customers["customer_id"].notna() & (customers["source"] == "web")]
        return web.drop_duplicates("customer_id").set_index("customer_id")

    @cached_property
    def parcels(self) -> pd.DataFrame:
        orders, parcels = self.tables["orders"], self.tables["deliveries"]
        both = orders.merge(parcels, on="order_id")
        return both.assign(late=both["delivered"] > both["promised"])[both["delivered"].notna()]

    def inside(self, times: pd.Series, period: str) -> pd.Series:
        """Return which times are in a period of the truth."""
        first, last = (self.truth["periods"][period][end] for end in ("first", "last"))
        begin, end = pd.Timestamp(first, tz=ROME), pd.Timestamp(last, tz=ROME) + DAY
        return (times >= begin) & (times < end)


def share(taken: pd.Series, among: pd.Series, by: pd.Series) -> Found:
    """Return sum(taken) / sum(among) with its standard error over the values of `by`."""
    sums = pd.DataFrame({"x": taken & among, "n": among}).astype(float).groupby(by).sum()
    total = sums["n"].sum()
    value = sums["x"].sum() / total
    return value, math.sqrt(((sums["x"] - value * sums["n"]) ** 2).sum()) / total


def ratio(one: Found, other: Found) -> Found:
    value = one[0] / other[0]
    return value, value * math.hypot(one[1] / one[0], other[1] / other[0])


def difference(one: Found, other: Found) -> Found:
    return one[0] - other[0], math.hypot(one[1], other[1])


def mean(values: pd.Series) -> Found:
    return float(values.mean()), float(values.std() / math.sqrt(len(values)))


def exposed_to(seen: Seen, experiment: str) -> pd.DataFrame:
    exposures = seen.tables["exposures"]
    return exposures[exposures["experiment"] == experiment]


def funnel_share(seen: Seen, taken: str, among: str, chosen: pd.Series) -> Found:
    visits = seen.browsing
    return share(visits[taken] > 0, chosen & (visits[among] > 0), visits["customer_id"])


def payment_errors(seen: Seen) -> Found:
    visits, planted = seen.browsing, seen.truth["payment_error"]
    chosen = seen.inside(visits["start"], "payment_error") & (visits["device"] == planted["device"])
    return funnel_share(seen, "payment_error", "payment_step", chosen)


def payment_errors_elsewhere(seen: Seen) -> Found:
    visits, planted = seen.browsing, seen.truth["payment_error"]
    chosen = seen.inside(visits["start"], "payment_error") & (visits["device"] != planted["device"])
    return funnel_share(seen, "payment_error", "payment_step", chosen)


def one_page(seen: Seen) -> Found:
    """Purchases per checkout, one page less control, while the experiment ran."""
    visits, plan = seen.browsing, seen.truth["experiment"]
    exposed = exposed_to(seen, plan["name"])
    variant = visits["customer_id"].map(exposed.set_index("customer_id")["variant"])
    inside = seen.inside(visits["start"], "experiment")
    control, page = (
        funnel_share(seen, "purchase", "begin_checkout", inside & (variant == name))
        for name in plan["variants"]
    )
    return difference(page, control)


def late_in_the_month(seen: Seen) -> Found:
    parcels = seen.parcels
    return mean(parcels["late"][seen.inside(parcels["ts"], "late_month")].astype(float))


def late_usually(seen: Seen) -> Found:
    parcels = seen.parcels
    usual = ~seen.inside(parcels["ts"], "late_month")
    settled = parcels["ts"] < parcels["ts"].max() - 20 * DAY
    return mean(parcels["late"][usual & settled].astype(float))


def after_late_parcels(seen: Seen) -> Found:
    """Visits in the half year after a first late parcel: not put right against put right."""
    late = seen.parcels[seen.parcels["late"] & seen.parcels["customer_id"].notna()]
    late = late.sort_values("delivered").drop_duplicates("customer_id")
    end = seen.tables["events"]["ts"].max()
    late = late[late["delivered"] < end - 180 * DAY].set_index("customer_id")
    tickets = seen.tables["tickets"].dropna(subset=["customer_id", "outcome"])
    asked = tickets.join(late[["promised"]], on="customer_id", how="inner")
    waited = asked["opened"] - asked["promised"]
    helped = asked[
        (waited > 0.95 * DAY) & (waited < 4.05 * DAY) & (asked["outcome"] != "no_solution")
    ]
    visits = seen.visits.join(late[["delivered"]], on="customer_id", how="inner")
    wait = visits["start"] - visits["delivered"]
    after = visits[(wait > pd.Timedelta(0)) & (wait < 180 * DAY)]["customer_id"].value_counts()
    count = after.reindex(late.index).fillna(0.0)
    mended = count.index.isin(helped["customer_id"])
    return ratio(mean(count[~mended]), mean(count[mended]))


def carts_without_stock(seen: Seen) -> Found:
    """Carts per visit that sees the category, in the weeks without stock against the others."""
    events, plan = seen.tables["events"], seen.truth["stock_out"]
    saw = events["session_id"][events["page"] == f"/product/{plan['category']}"]
    visits = seen.browsing
    shoes = visits.index.isin(saw)
    out = seen.inside(visits["start"], "stock_out")
    found = [
        funnel_share(seen, "add_to_cart", "view_product", shoes & these) for these in (out, ~out)
    ]
    return ratio(*found)


def views_after_slow_search(seen: Seen) -> Found:
    visits, plan = seen.browsing, seen.truth["slow_search"]
    app = visits["app_version"].notna()
    slow = visits["app_version"] == plan["version"]
    found = [funnel_share(seen, "view_product", "search", these) for these in (slow, app & ~slow)]
    return ratio(*found)


def wait_after_slow_search(seen: Seen) -> Found:
    """Median seconds from a search to what comes next: the release against the others."""
    events = seen.tables["events"]
    app = events[events["app_version"].notna()].sort_values(["session_id", "ts", "event_id"])
    wait = (app["ts"].shift(-1) - app["ts"]).dt.total_seconds()
    same = app["session_id"] == app["session_id"].shift(-1)
    searches = (app["event"] == "search") & same & (app["event"].shift(-1) != "search")
    slow = app["app_version"] == seen.truth["slow_search"]["version"]
    logs = [np.log(wait[searches & these]) for these in (slow, ~slow)]
    value = math.exp(logs[0].median() - logs[1].median())
    return value, value * 1.2533 * math.hypot(*(one.std() / math.sqrt(len(one)) for one in logs))


def pickup_on_carts(seen: Seen) -> Found:
    """Carts per product view: difference in differences of towns with pick-up and without."""
    visits, plan = seen.browsing, seen.truth["pickup_launch"]
    town = visits["customer_id"].map(seen.customers["city"])
    has, after = town.isin(plan["towns"]), seen.inside(visits["start"], "pickup_launch")
    change = [
        difference(
            funnel_share(seen, "add_to_cart", "view_product", town.notna() & these & after),
            funnel_share(seen, "add_to_cart", "view_product", town.notna() & these & ~after),
        )
        for these in (has, ~has)
    ]
    return difference(*change)


def pickup_on_returns(seen: Seen) -> Found:
    """Mean CSAT of returns: difference in differences of towns with pick-up and without."""
    surveys, plan = seen.tables["surveys"], seen.truth["pickup_launch"]
    asked = surveys[(surveys["touchpoint"] == "returns") & (surveys["metric"] == "csat")]
    asked = asked[asked["customer_id"].notna()]
    town = asked["customer_id"].map(seen.customers["city"])
    events = seen.tables["events"]
    when = events[events["event"] == "return_request"].set_index("order_id")["ts"]
    after = seen.inside(asked["order_id"].map(when), "pickup_launch")
    has = town.isin(plan["towns"])
    change = [
        difference(mean(asked["score"][these & after]), mean(asked["score"][these & ~after]))
        for these in (has, ~has)
    ]
    return difference(*change)


def home_page_on_views(seen: Seen) -> Found:
    """Share of visits that see a product, eight weeks after the new home page less eight before."""
    visits = seen.browsing
    day = pd.Timestamp(seen.truth["periods"]["home_page_launch"]["first"], tz=ROME)
    since = visits["start"] - day
    every = visits.assign(all=1)
    found = [
        share(every["view_product"] > 0, these, every["customer_id"])
        for these in (
            (since >= pd.Timedelta(0)) & (since < 56 * DAY),
            (since < pd.Timedelta(0)) & (since >= -56 * DAY),
        )
    ]
    return difference(*found)


def loyal_in_the_odd_wave(seen: Seen) -> Found:
    """Share of loyal customers among those who answer: the odd wave against the others."""
    surveys, plan = seen.tables["surveys"], seen.truth["other_people_asked"]
    waves = surveys[(surveys["metric"] == "nps") & surveys["touchpoint"].isna()]
    odd = sorted(waves["wave"].unique())[plan["wave"]]
    loyal = (waves["customer_id"].map(seen.customers["segment"]) == "loyal").astype(float)
    found = [mean(loyal[these]) for these in (waves["wave"] == odd, waves["wave"] != odd)]
    return ratio(*found)


def visits_of_those_shown(seen: Seen, experiment: str) -> Found:
    """Visits per customer in the weeks of a holdout: those shown ads against those held out."""
    exposed = exposed_to(seen, experiment)
    visits = seen.visits[seen.inside(seen.visits["start"], "ad_holdouts")]
    count = visits["customer_id"].value_counts().reindex(exposed["customer_id"]).fillna(0.0)
    arm = exposed["variant"].to_numpy()
    return ratio(mean(count[arm == "shown"]), mean(count[arm == "held_out"]))


def visits_after_offers(seen: Seen) -> Found:
    """Visits within three and a bit days of the offers of the holdout: held out less shown.

    Per person and offer; only people who still shop can come, so it is held to those.
    """
    plan = seen.truth["offers"]
    exposed = exposed_to(seen, plan["holdout"])
    visits = seen.visits[seen.visits["customer_id"].isin(exposed["customer_id"])]
    messages = seen.tables["messages"]
    sent = messages[(messages["campaign"] == "offer") & (messages["kind"] == "sent")]["ts"]
    days = sent[sent >= exposed["ts"].iloc[0]].drop_duplicates()
    near = sum(
        ((visits["start"] > day) & (visits["start"] < day + pd.Timedelta(days=3.2))).astype(int)
        for day in days
    )
    count = near.groupby(visits["customer_id"]).sum().reindex(exposed["customer_id"]).fillna(0.0)
    arm = exposed["variant"].to_numpy()
    found = difference(mean(count[arm == "shown"]), mean(count[arm == "held_out"]))
    return found[0] / len(days), found[1] / len(days)


def reached(seen: Seen, campaign: str, topic: str) -> float:
    """Return messages of a trial to somebody still there, per person and sending."""
    plan, messages = seen.truth[topic], seen.tables["messages"]
    exposed = exposed_to(seen, plan["holdout"])
    shown = exposed[exposed["variant"] == "shown"]["customer_id"]
    since = messages["ts"] >= exposed["ts"].iloc[0]
    of_trial = messages[since & (messages["campaign"] == campaign)]
    sendings = of_trial[of_trial["kind"] == "sent"]["ts"].nunique()
    came = of_trial[(of_trial["kind"] == "delivered") & of_trial["customer_id"].isin(shown)]
    left = came["customer_id"].map(seen.people.set_index("person_id")["left"])
    there = left.isna() | (left > came["ts"])
    return float(there.sum() / (len(shown) * sendings))


def to_stores(seen: Seen) -> Found:
    """Share of people who come to a store in the days after the SMS: shown less held out."""
    plan = seen.truth["store_sms"]
    exposed = exposed_to(seen, plan["holdout"])
    begins, events = exposed["ts"].iloc[0], seen.tables["events"]
    after = events["ts"] - begins
    came = events[
        (events["event"] == "store_visit")
        & (after > pd.Timedelta(0))
        & (after < pd.Timedelta(days=plan["within_days"] + 0.2))
    ]["customer_id"].value_counts()
    count = came.reindex(exposed["customer_id"]).fillna(0.0)
    arm = exposed["variant"].to_numpy()
    return difference(mean(count[arm == "shown"]), mean(count[arm == "held_out"]))


def pair_together(seen: Seen) -> Found:
    """Share of orders with the first article of a planted pair that have the second too.

    Without the pair it is what size alone makes of the second's share, some three in a hundred.
    """
    lines = seen.tables["order_lines"]
    first, second, _ = Planted().baskets.pairs[1]
    has = lines[lines["sku"] == first]["order_id"]
    return mean(has.isin(lines[lines["sku"] == second]["order_id"]).astype(float))


def retargeted_share(seen: Seen) -> Found:
    """Share of visits soon after a left cart, not by e-mail, that come by a retargeting ad."""
    visits = seen.visits.sort_values(["customer_id", "start"])
    before = visits.shift(1)
    soon = (visits["start"] - before["start"]) < seen.truth["retargeting"]["days"] * DAY
    same = visits["customer_id"] == before["customer_id"]
    left = (before["add_to_cart"] > 0) & (before["purchase"] == 0)
    outside = ~seen.inside(visits["start"], "ad_holdouts")
    after = soon & same & left & outside & (visits["channel"] != "email")
    return share(visits["channel"] == "retargeting", after, visits["customer_id"])


def bots_per_1000(seen: Seen) -> Found:
    events = seen.tables["events"]
    n = events["customer_id"][events["customer_id"].str.startswith("B")].nunique()
    people = seen.truth["study"]["customers"] / 1_000
    return n / people, math.sqrt(max(n, 1)) / people


def doubled(seen: Seen) -> Found:
    """Share of page events with another of the same kind at the same second of the visit."""
    events = seen.tables["events"]
    inside = events[events["device"].notna() & ~events["customer_id"].str.startswith("B")]
    inside = inside[~inside["event"].isin(["purchase", "payment_error", "reorder"])]
    return mean(inside.duplicated(["session_id", "event", "ts"]).astype(float))


def still_there(people: pd.DataFrame, end: pd.Timestamp, days: int) -> Found:
    """Return the Kaplan-Meier share still there so many days after they came, with Greenwood."""
    left = people["left"].fillna(end)
    stayed = (left - people["arrived"]) / DAY
    gone = (people["left"].notna() & (people["left"] < end)).to_numpy()
    order = np.argsort(stayed.to_numpy(), kind="stable")
    times, gone = stayed.to_numpy()[order], gone[order]
    inside = gone & (times <= days)
    at_risk = np.arange(len(times), 0, -1)
    value = float(np.prod(1 - 1 / at_risk[inside]))
    return value, value * math.sqrt(float(np.sum(1 / (at_risk[inside] * (at_risk[inside] - 1.0)))))


def planted_to_stay(seen: Seen, days: int) -> float:
    """Return the share of a Pareto/NBD shop that is still there after so many days."""
    habits = seen.truth["habits"]
    scale = float(habits["leave_days"])
    return float((scale / (scale + days)) ** habits["leave_shape"])


@dataclass(frozen=True)
class Measure:
    """What is measured, what is planted, and what there is without it."""

    name: str
    found: Callable[[Seen], Found]
    planted: Callable[[Seen], float]
    none: float


def _scores_mean(scores: list[float]) -> float:
    return float(np.dot(range(1, len(scores) + 1), scores))


def _loyal_ratio(seen: Seen) -> float:
    """Return the loyal share of the answers of the odd wave against the others'."""
    truth, response = seen.truth, seen.truth["response"]
    feel = np.array([truth["nps"][name] for name in ("new", "returning", "loyal")])
    answer = np.array(response["relational"]) * (feel @ response["satisfied"])
    waves = truth["realised"]["asked"]
    odd = sorted(waves)[truth["other_people_asked"]["wave"]]
    asked = {name: np.array(list(of.values())) for name, of in waves.items()}
    others = sum(of for name, of in asked.items() if name != odd) * answer
    inside = asked[odd] * answer
    return float((inside[2] / inside.sum()) / (others[2] / others.sum()))


MEASURES = (
    Measure(
        "payment_error", payment_errors, lambda seen: seen.truth["payment_error"]["after"], 0.01
    ),
    Measure(
        "payment_error elsewhere",
        payment_errors_elsewhere,
        lambda seen: seen.truth["payment_error"]["before"],
        0.01,
    ),
    Measure(
        "experiment",
        one_page,
        lambda seen: (
            seen.truth["experiment"]["effect"]
            * (1 - seen.truth["payment_error"]["before"] * seen.truth["payment_error"]["gives_up"])
        ),
        0.0,
    ),
    Measure("late_month", late_in_the_month, lambda seen: seen.truth["late_month"]["late"], 0.05),
    Measure("parcels", late_usually, lambda seen: seen.truth["parcels"]["late"], 0.05),
    Measure(
        "recovery", after_late_parcels, lambda seen: 1 - seen.truth["recovery"]["put_off"], 1.0
    ),
    Measure("stock_out", carts_without_stock, lambda seen: seen.truth["stock_out"]["left"], 1.0),
    Measure(
        "slow_search: views",
        views_after_slow_search,
        lambda seen: 1 - seen.truth["slow_search"]["lost"],
        1.0,
    ),
    Measure(
        "slow_search: waits",
        wait_after_slow_search,
        lambda seen: seen.truth["slow_search"]["slower"],
        1.0,
    ),
    Measure(
        "pickup_launch: carts",
        pickup_on_carts,
        lambda seen: seen.truth["pickup_launch"]["effect"],
        0.0,
    ),
    Measure(
        "pickup_launch: CSAT",
        pickup_on_returns,
        lambda seen: (
            seen.truth["pickup_launch"]["noticed"]
            * (
                _scores_mean(seen.truth["scores"]["returns_picked_up"])
                - _scores_mean(seen.truth["scores"]["returns"])
            )
        ),
        0.0,
    ),
    Measure(
        "home_page_launch",
        home_page_on_views,
        lambda seen: seen.truth["home_page_launch"]["effect"],
        0.0,
    ),
    Measure("other_people_asked", loyal_in_the_odd_wave, _loyal_ratio, 1.0),
    Measure(
        "social",
        lambda seen: visits_of_those_shown(seen, "social_holdout"),
        lambda seen: 1 + seen.truth["social"]["added"] * (1 + seen.truth["social"]["again"]),
        1.0,
    ),
    Measure(
        "retargeting: effect",
        lambda seen: visits_of_those_shown(seen, "retargeting_holdout"),
        lambda _: 1.0,
        1.0,
    ),
    Measure(
        "retargeting: clicks",
        retargeted_share,
        lambda seen: seen.truth["retargeting"]["share"],
        0.0,
    ),
    Measure(
        "offers",
        visits_after_offers,
        lambda seen: reached(seen, "offer", "offers") * seen.truth["offers"]["caused"],
        0.0,
    ),
    Measure(
        "store_sms",
        to_stores,
        lambda seen: reached(seen, "store_sms", "store_sms") * seen.truth["store_sms"]["comes"],
        0.0,
    ),
    Measure("baskets", pair_together, lambda seen: seen.truth["baskets"]["pairs"][1][2], 0.03),
    Measure("bots", bots_per_1000, lambda seen: seen.truth["bots"]["per_1000"], 0.0),
    Measure("doubled_events", doubled, lambda seen: seen.truth["doubled_events"]["share"], 0.0),
    *(
        Measure(
            f"habits: there after {days} days",
            lambda seen, days=days: still_there(
                seen.people, seen.tables["events"]["ts"].max(), days
            ),
            lambda seen, days=days: planted_to_stay(seen, days),
            (1 + days / 500) ** -1.2,  # nobody's leaving is switched off
        )
        for days in (180, 365, 730)
    ),
)
