"""Marketing: what each channel-day cost, in step with the visits the channel brought."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cxresearch.simulate.arrays import Ints
from cxresearch.simulate.clock import TIME_ZONE, Clock, utc_times
from cxresearch.simulate.planted import CHANNELS
from cxresearch.simulate.visit_paths import Visits

#: Each channel that costs money: clicks per visit of a known customer, share of impressions that
#: are clicked, and euro per click.
PRICES = {
    "paid_search": (22.0, 0.035, 0.42),
    "social": (14.0, 0.011, 0.31),
    "email": (1.6, 0.045, 0.02),
    "referral": (6.0, 0.060, 0.25),
}


def marketing_table(rng: np.random.Generator, visits: Visits, clock: Clock) -> pd.DataFrame:
    """Return impressions, clicks and cost of every day of the channels that cost money.

    Only a part of those who click is a known customer, so clicks are a multiple of the visits.
    """
    tables = []
    for channel, (per_visit, rate, per_click) in PRICES.items():
        known = _visits_per_day(visits, clock, channel)
        clicks = rng.poisson(per_visit * (known + 0.3))
        impressions = clicks + rng.poisson(clicks * (1 / rate - 1))
        cost = clicks * per_click * np.exp(0.10 * rng.standard_normal(clock.days))
        tables.append(
            pd.DataFrame(
                {
                    "date": pd.date_range(clock.start, periods=clock.days).date,
                    "channel": channel,
                    "impressions": impressions,
                    "clicks": clicks,
                    "cost": cost.round(2),
                }
            )
        )
    table = pd.concat(tables)
    return table.sort_values(["date", "channel"], kind="stable", ignore_index=True)


def _visits_per_day(visits: Visits, clock: Clock, channel: str) -> Ints:
    brought = (visits.channel == CHANNELS.index(channel)) & ~visits.reorder
    days = utc_times(visits.start[brought]).dt.tz_convert(TIME_ZONE).dt.tz_localize(None)
    place = (days.dt.normalize() - pd.Timestamp(clock.start)).dt.days
    return np.bincount(place.to_numpy(dtype=np.int64), minlength=clock.days)
