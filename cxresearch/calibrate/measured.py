"""One measured coverage."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Coverage:
    """How often an interval held the truth.

    Parameters
    ----------
    what : str
        The quantity and its setting.
    method : str
        The name of the interval's method.
    n : int
        The number of independent units in a sample.
    mean, least : float
        The mean coverage over the settings, and that of the worst; equal where there is one.
    draws : int
        How many samples were drawn per setting; 0 where every outcome was enumerated.
    """

    what: str
    method: str
    n: int
    mean: float
    least: float
    draws: int = 0

    @property
    def error(self) -> float:
        """The Monte Carlo standard error of a coverage; 0 where every outcome was enumerated.

        Examples
        --------
        >>> round(Coverage("share", "Wilson", 50, 0.95, 0.95, draws=1900).error, 4)
        0.005
        """
        return math.sqrt(self.mean * (1 - self.mean) / self.draws) if self.draws else 0.0
