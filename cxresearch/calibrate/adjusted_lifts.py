"""Differences and lifts adjusted for covariates, where the effect is a share of what is spent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from cxresearch.calibrate import coverage_page
from cxresearch.calibrate.scenes import Array, error, seeded
from cxresearch.stats.means import adjustment
from cxresearch.stats.means.estimators import difference, lift
from cxresearch.stats.means.moments import Moments

RUNS = 2000
EFFECTS = (0.0, 0.05, 0.3, 0.5)
SIZES = (1000, 1000)
#: What each customer spends, on average, in either period.
_LEVEL = 10.0
#: The part of the spending that is what the customer spent before.
_BEFORE = {"weak": 0.2, "strong": 0.95}
_TAILS = ("light", "heavy")
_METHODS: dict[adjustment.Method, str] = {"cuped": "CUPED", "lin": "Lin's adjustment"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """Who takes part, and how they are read.

    Parameters
    ----------
    tails : {"light", "heavy"}
        A gamma distribution of what is spent, or a log-normal one whose largest customers spend
        twenty times the mean.
    covariate : {"weak", "strong"}
        How much of the spending goes with what was spent before.
    ratio : bool
        Whether the metric is a ratio of totals, spending per visit.
    method : {"cuped", "lin"}
        The adjustment.
    """

    tails: str
    covariate: str
    ratio: bool
    method: adjustment.Method

    def draw(self, rng: np.random.Generator, n: int, effect: float) -> Moments:
        """Return what is known of n customers who spend so much more by a share."""
        before, own = self._spent(rng, n), self._spent(rng, n)
        part = _BEFORE[self.covariate]
        spent = (1 + effect) * (part * before + (1 - part) * own)
        if not self.ratio:
            return Moments.from_arrays(spent, before)
        visits = 1.0 + rng.poisson(2, n)
        return Moments.from_arrays(spent * visits, visits, before)

    def _spent(self, rng: np.random.Generator, n: int) -> Array:
        if self.tails == "light":
            return rng.gamma(2, _LEVEL / 2, n)
        return _LEVEL * np.exp(rng.normal(-0.5, 1, n))


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """How often the intervals of a setting held the truth, by effect."""

    setting: Setting
    difference: tuple[float, ...]
    lift: tuple[float, ...]


def settings() -> list[Setting]:
    """Return every combination of them."""
    return [
        Setting(tails=tails, covariate=covariate, ratio=ratio, method=method)
        for tails, covariate, ratio, method in product(_TAILS, _BEFORE, (False, True), _METHODS)
    ]


def held(setting: Setting, *, effects: Sequence[float] = EFFECTS, runs: int = RUNS) -> Held:
    """Return the coverage of the difference and of the lift in one setting."""
    both = [_held(setting, effect, runs) for effect in effects]
    return Held(
        setting=setting,
        difference=tuple(one for one, _ in both),
        lift=tuple(other for _, other in both),
    )


def section(*, runs: int = RUNS) -> str:
    """Return the part of the page about differences and lifts after adjustment."""
    sizes = dict(zip(("control", "treatment"), SIZES, strict=True))
    return _HEAD.format(**sizes, runs=runs, error=f"{error(0.95, runs):.3f}") + table(
        held(setting, runs=runs) for setting in settings()
    )


def table(found: Iterable[Held]) -> str:
    """Return one row per setting: the coverage of the difference and of the lift, by effect.

    Examples
    --------
    >>> setting = Setting(tails="heavy", covariate="weak", ratio=True, method="lin")
    >>> one = Held(setting=setting, difference=(0.95,) * 4, lift=(0.94, 0.95, 0.95, 0.96))
    >>> print(table([one]).splitlines()[-1])
    | Lin's adjustment | heavy | weak | ratio | 0.950 / 0.940 | 0.950 / 0.950 | 0.950 / 0.950 | 0.950 / 0.960 |
    """  # noqa: E501
    head = ("method", "tails", "covariate", "metric", *(f"{effect:.0%}" for effect in EFFECTS))
    rows = []
    for one in found:
        setting = one.setting
        cells = (f"{a:.3f} / {b:.3f}" for a, b in zip(one.difference, one.lift, strict=True))
        metric = "ratio" if setting.ratio else "mean"
        rows.append((_METHODS[setting.method], setting.tails, setting.covariate, metric, *cells))
    return coverage_page.table(head, rows)


def _held(setting: Setting, effect: float, runs: int) -> tuple[float, float]:
    rng = seeded(setting.tails, setting.covariate, str(setting.ratio), f"{effect:g}")
    held = np.zeros(2)
    for _ in range(runs):
        groups = [setting.draw(rng, n, e) for n, e in zip(SIZES, (0.0, effect), strict=True)]
        method, ratio = setting.method, setting.ratio
        apart = difference(*adjustment.adjusted(groups, method=method, ratio=ratio), unit="EUR").ci
        (pair,) = adjustment.adjusted_for_lifts(groups, method=method, ratio=ratio)
        by = lift(*pair).ci
        held += apart.low <= effect * _LEVEL <= apart.high, by.low <= effect <= by.high
    one, other = (held / runs).tolist()
    return one, other


_HEAD = """
## Differences and lifts adjusted for covariates

{control} and {treatment} customers; the treatment raises what each of them spends by a share. A cell is
the coverage of the difference, then that of the lift, by that share; {runs} runs each, with a Monte
Carlo error of {error}. Of what is spent, 20 % (weak) or 95 % (strong) is what was spent before; heavy
tails are log-normal.

"""  # noqa: E501
