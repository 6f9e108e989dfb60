"""Marketing: what each channel-day cost, in step with the visits the channel brought."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cxresearch.simulate.block import CHANNELS, Visits
from cxresearch.simulate.clock import Clock
from cxresearch.simulate.draws import Draws, Ints

#: Each channel that costs money: clicks per visit of a known customer, share of impressions that
#: are clicked, and euro per click.
PRICES = {
    "paid_search": (22.0, 0.035, 0.42),
    "social": (14.0, 0.011, 0.31),
    "email": (1.6, 0.045, 0.02),
    "referral": (6.0, 0.060, 0.25),
    "retargeting": (1.2, 0.009, 0.38),
}


def visits_per_day(visits: Visits, clock: Clock) -> Ints:
    """Return how many visits each channel (a row) brought on each day (a column)."""
    brought = visits.take(~visits.reorder)
    day = np.searchsorted(clock.midnights, brought.start, side="right") - 1
    counts = np.bincount(brought.channel * clock.days + day, minlength=len(CHANNELS) * clock.days)
    return counts.reshape(len(CHANNELS), clock.days)


def marketing_table(draws: Draws, per_day: Ints, clock: Clock) -> pd.DataFrame:
    """Return impressions, clicks and cost of every day of the channels that cost money.

    Only a part of those who click is a known customer, so clicks are a multiple of the visits.
    """
    tables = []
    for channel, (per_visit, rate, per_click) in PRICES.items():
        rng = draws.stream(channel, 0)
        clicks = rng.poisson(per_visit * (per_day[CHANNELS.index(channel)] + 0.3))
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
