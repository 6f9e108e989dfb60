"""What the channels that are paid for brought: clicks per impression, and the cost of a click."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import narwhals as nw

from cxresearch.core.documented import documented
from cxresearch.core.remarks import Remark
from cxresearch.core.results import Estimate
from cxresearch.engine import frames
from cxresearch.engine.frames import stable
from cxresearch.kpis.kpi import Kpi, columns_of, in_groups, over_all
from cxresearch.kpis.series import MONTH, Coverage, Ratio
from cxresearch.stats.means.ratios import ratio_of_sums
from cxresearch.study import plain_frames

if TYPE_CHECKING:
    import pandas as pd

_NUMBERS = ("impressions", "clicks", "cost")
_COLUMNS = [
    "channel", "impressions", "clicks", "cost",
    "click_through", "click_through_low", "click_through_high",
    "cost_per_click", "cost_per_click_low", "cost_per_click_high", "days",
]  # fmt: skip
_MISSING = "channel-days without {column} left out: {count}"


@documented
def click_through_rate(
    marketing: frames.AnyFrame, *, by: str | None = None, confidence: float = 0.95
) -> Kpi:
    """Return the clicks per impression.

    Parameters
    ----------
    marketing : frame
        A study's channel-days; those without impressions or clicks on record are
        left out and counted in the note.
    %(by)s
    %(confidence)s

    Returns
    -------
    Kpi
        A share of impressions, with `n` days.

    Raises
    ------
    %(missing_column)s

    Notes
    -----
    Who saw an advertisement is not on record, so the days are taken as the independent units: a
    click is far from independent of the next one, and the interval of a plain proportion over
    millions of impressions would be absurdly short. A campaign that lasts for weeks makes even
    this one too short.

    Examples
    --------
    >>> from cxresearch.kpis._example import MARKETING
    >>> click_through_rate(MARKETING).value
    0.025
    """
    if by is not None:
        again = partial(click_through_rate, confidence=confidence)
        return in_groups(again, marketing, "marketing", by)
    rows, remarks = _prepared(marketing, ("clicks", "impressions"))
    rate = _ratio(rows, "clicks", "impressions", "share")
    return over_all(rate, "Clicks per impression.", *remarks, confidence=confidence)


@documented
def cost_per_click(
    marketing: frames.AnyFrame, *, currency: str, by: str | None = None, confidence: float = 0.95
) -> Kpi:
    """Return what a click cost.

    Parameters
    ----------
    marketing : frame
        A study's channel-days; those without clicks or cost on record are left out
        and counted in the note.
    currency : str
        The study's currency, which the costs are in.
    %(by)s
    %(confidence)s

    Returns
    -------
    Kpi
        Money per click, with `n` days.

    Raises
    ------
    %(missing_column)s

    See Also
    --------
    click_through_rate : Why the days are the independent units.

    Examples
    --------
    >>> from cxresearch.kpis._example import MARKETING
    >>> cost_per_click(MARKETING, currency="EUR").value
    0.5
    """
    if by is not None:
        again = partial(cost_per_click, currency=currency, confidence=confidence)
        return in_groups(again, marketing, "marketing", by)
    rows, remarks = _prepared(marketing, ("cost", "clicks"))
    cost = _ratio(rows, "cost", "clicks", currency)
    return over_all(cost, "The cost of the channels per click.", *remarks, confidence=confidence)


@documented
def marketing_channels(
    marketing: frames.AnyFrame, *, currency: str, confidence: float = 0.95
) -> pd.DataFrame:
    """Return what each channel brought and cost.

    Parameters
    ----------
    marketing : frame
        A study's channel-days; those without impressions, clicks or cost are left
        out.
    currency : str
        The study's currency, which the costs are in.
    %(confidence)s

    Returns
    -------
    pandas.DataFrame
        One row per channel, the dearest first: `channel`, `impressions`, `clicks`, `cost`,
        `click_through` with `click_through_low` and `click_through_high`, `cost_per_click` with
        `cost_per_click_low` and `cost_per_click_high`, and the number of `days`.

    Raises
    ------
    %(missing_column)s

    Examples
    --------
    >>> from cxresearch.kpis._example import MARKETING
    >>> marketing_channels(MARKETING, currency="EUR")[["channel", "clicks", "cost_per_click"]]
      channel  clicks  cost_per_click
    0  search      20             0.8
    1   email      30             0.3
    """
    import pandas as pd

    rows, _ = _prepared(marketing, _NUMBERS)
    channels = [row["channel"] for row in frames.rows(frames.distinct(rows, "channel"))]
    sums = frames.moments_by(rows, "channel", _NUMBERS, sorted(channels))
    found = []
    for channel, of_channel in sums.items():
        clicked, cost = (
            of_channel.ratio("clicks", "impressions"),
            of_channel.ratio("cost", "clicks"),
        )
        found.append(
            {
                "channel": channel,
                "impressions": int(of_channel.sums["impressions"]),
                "clicks": int(of_channel.sums["clicks"]),
                "cost": stable(of_channel.sums["cost"]),
                **columns_of("click_through", _estimate("share")(clicked, confidence=confidence)),
                **columns_of("cost_per_click", _estimate(currency)(cost, confidence=confidence)),
                "days": of_channel.n,
            }
        )
    frame = pd.DataFrame(found, columns=_COLUMNS)
    return frame.sort_values("cost", ascending=False, kind="stable", ignore_index=True)


def _prepared(
    marketing: frames.AnyFrame, columns: tuple[str, ...]
) -> tuple[frames.Frame, tuple[Remark, ...]]:
    """Return the channel-days that have these columns, and remarks on those that do not."""
    rows = plain_frames.lazy(marketing, "marketing", ["day", "channel", *_NUMBERS])
    remarks = []
    for column in columns:
        missing = nw.col(column).is_null()
        if count := frames.count(rows, missing):
            remarks.append(Remark(_MISSING, {"column": column, "count": count}))
            rows = rows.filter(~missing)
    return rows.with_columns(nw.col("day").alias(frames.CLUSTER), month=MONTH), tuple(remarks)


def _estimate(unit: str) -> partial[Estimate]:
    return partial(ratio_of_sums, unit=unit, low=0.0)


def _ratio(rows: frames.Frame, x: str, y: str, unit: str) -> Ratio:
    return Ratio(rows, x, y, unit, _estimate(unit), partial(Coverage.of, rows))
