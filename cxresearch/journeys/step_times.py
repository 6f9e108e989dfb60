"""How long those who go on take from one step of a funnel to the next."""

from __future__ import annotations

from typing import TYPE_CHECKING

import narwhals as nw

from cxresearch.engine import frames
from cxresearch.journeys import _step_matching
from cxresearch.journeys._times import QUARTILES, seconds

if TYPE_CHECKING:
    import pandas as pd

    from cxresearch.journeys._funnel_spec import FunnelSpec
    from cxresearch.journeys.funnel import Funnel


def step_times(funnel: Funnel) -> pd.DataFrame:
    """Return the time from step to step of the units that went on, and of them alone.

    Those still on their way are not in it, so it is too short for what a unit may expect, the more
    so the shorter the observation; :func:`cxresearch.journeys.time_to_goal` counts them.

    Parameters
    ----------
    funnel : Funnel
        The funnel, from :func:`cxresearch.journeys.funnel`, of steps in order.

    Returns
    -------
    pandas.DataFrame
        One row per step after the entry: `before`, `step`, the `units` that came from the one to
        the other, and the quartiles `q1_s`, `median_s` and `q3_s`, in seconds (nan where no unit
        did).

    Raises
    ------
    ValueError
        If the funnel's steps may come in any order: there is no step before then.

    Notes
    -----
    The time of a unit is that to the first event at which it reached the step, from the last
    before it at which it had reached the required step before; where steps follow one right after
    the other, from the event before it.

    Examples
    --------
    >>> from cxresearch.journeys import funnel
    >>> from cxresearch.journeys._example import PREPARED
    >>> times = step_times(funnel(PREPARED, ["view", "cart", "buy"]))
    >>> times[["before", "step", "units", "median_s"]]
      before  step  units  median_s
    0   view  cart      2     450.0
    1   cart   buy      1     240.0
    """
    import pandas as pd

    route = funnel.route
    if route.contract.order == "any":
        raise ValueError("funnel must be of steps in order; got order 'any'")
    return pd.DataFrame([_row(route, k) for k in range(1, len(route.steps))])


def _row(route: FunnelSpec, k: int) -> dict[str, object]:
    quartiles = {
        name: nw.col("wait_us").quantile(share, interpolation="linear")
        for name, share in QUARTILES.items()
    }
    (found,) = frames.rows(
        _step_matching.waits(route, k).select(nw.len().alias("units"), **quartiles)
    )
    times = {name: seconds(found[name]) for name in QUARTILES}
    names = {"before": route.name(route.before(k)), "step": route.name(k)}
    return {**names, "units": int(found["units"]), **times}
