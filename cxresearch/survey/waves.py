"""Whether the Net Promoter Score moves from wave to wave, or only varies by chance."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from cxresearch.core import validate
from cxresearch.core.documented import documented
from cxresearch.stats.control.shewhart import SIGMAS, signals
from cxresearch.survey import nps_intervals
from cxresearch.survey.nps import POINTS, NpsResult
from cxresearch.survey.nps_compare import nps_difference, of_nps

if TYPE_CHECKING:
    import pandas as pd

_FEWEST = 2


@documented
def nps_waves(waves: Mapping[str, NpsResult], *, confidence: float = 0.95) -> pd.DataFrame:
    """Return the NPS of each wave with its control limits and its change.

    Parameters
    ----------
    waves : mapping of str to NpsResult
        The NPS of each wave by name, in the order of time, of different people, on one scale.
    %(confidence)s

    Returns
    -------
    pandas.DataFrame
        One row per wave, in points: `wave`, `nps`, `ci_low`, `ci_high`, `n`, the `centre` of all
        waves, `lower_limit`, `upper_limit`, `signal` (empty, ``"beyond the limits"`` or
        ``"run of eight"``), and against the wave before `change`, `change_low`, `change_high` and
        `p_value` (nan at the first). With fewer than two waves that were answered, and at a wave
        nobody answered, there are no limits (nan) and no signal.

    Raises
    ------
    ValueError
        If two waves have different scales: they are never pooled.

    Notes
    -----
    The centre c is the NPS of all answers together; the limits of a wave are
    c -+ 3 sqrt((p + d - (p - d)**2) / n), with the shares p and d of all answers together and the
    (effective) n of the wave, within -100 to 100: what a p chart is to a share. With a wave's own
    shares, a small wave of equal answers would have no limits to be within. A change that is no
    signal on the chart may still be far from 0: read both.

    References
    ----------
    Montgomery (2020), Introduction to Statistical Quality Control, 8th ed., section 7.3, whose
    limits these are for a difference of two shares.

    Examples
    --------
    >>> from cxresearch.survey import nps
    >>> table = nps_waves({"Q1": nps(counts=(50, 30, 20)), "Q2": nps(counts=(58, 30, 12))})
    >>> table[["wave", "nps", "upper_limit", "change"]].round(1)
      wave   nps  upper_limit  change
    0   Q1  30.0         60.4     NaN
    1   Q2  46.0         60.4    16.0
    """
    import pandas as pd

    validate.share("confidence", confidence)
    if not isinstance(waves, Mapping):
        raise validate.refused_type("waves", "results of nps by name", type(waves).__name__)
    results = [of_nps(str(name), wave) for name, wave in waves.items()]
    for result in results[1:]:
        validate.one_of("scale of each wave", result.scale, [results[0].scale])
    centre, lows, highs = _limits(results)
    points = np.array([result.nps for result in results])
    table = pd.DataFrame(
        {
            "wave": list(waves),
            "nps": points,
            "ci_low": [result.ci.low for result in results],
            "ci_high": [result.ci.high for result in results],
            "n": [result.n for result in results],
            "centre": centre,
            "lower_limit": lows,
            "upper_limit": highs,
            "signal": signals(points, centre, lows, highs),
        }
    )
    return table.assign(**_changes(results, confidence))


def _limits(
    results: list[NpsResult],
) -> tuple[float, nps_intervals.Array, nps_intervals.Array]:
    """Return the centre and the limits of each wave; of nan where there are none."""
    nothing = np.full(len(results), math.nan)
    answered = [result for result in results if result.n]
    if len(answered) < _FEWEST:
        return math.nan, nothing, nothing
    # A wave is one draw of a process that goes on, however much of a population it reached.
    sizes = np.array([min(result.effective_n, result.n) for result in results])
    shares = np.array([result.shares for result in results])
    pooled = np.nansum(shares * sizes[:, None], axis=0)
    promoters, passives, detractors = pooled[:, None]
    centre = float(POINTS * (pooled[0] - pooled[2]) / pooled.sum())
    spread = nps_intervals.variance(promoters, passives, detractors)
    margin = SIGMAS * POINTS * np.sqrt(spread / sizes)
    return centre, np.maximum(centre - margin, -POINTS), np.minimum(centre + margin, POINTS)


def _changes(results: list[NpsResult], confidence: float) -> dict[str, list[float]]:
    """Return what each wave changed against the one before."""
    changes = [
        nps_difference(before, after, confidence=confidence) for before, after in pairwise(results)
    ]
    first = [math.nan] * min(len(results), 1)
    return {
        "change": first + [change.value for change in changes],
        "change_low": first + [change.ci.low for change in changes],
        "change_high": first + [change.ci.high for change in changes],
        "p_value": first + [change.p_value for change in changes],
    }
