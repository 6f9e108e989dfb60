"""Several groups compared at once: each with all others, and each two, with who leads for sure.

A table that is sorted by an estimate shows a rank where there is none. Here groups share a rank
where no test tells them apart, and every difference has an interval that holds with the others.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING, Any, TypeVar

from cxresearch.core import validate
from cxresearch.core.comparison import Comparison, normal_quantile, two_sided, two_sided_t
from cxresearch.core.remarks import Sentence
from cxresearch.core.results import (
    Estimate,
    Interval,
    Result,
    as_columns,
    difference_unit,
    fields_of,
    people_of,
)
from cxresearch.core.table import Column, Table, Tabular
from cxresearch.core.unit_sums import CrossSums, RatioSums, UnitSums
from cxresearch.stats.means.estimators import ValueWithVariance, why_unknown
from cxresearch.stats.means.ratios import difference_of_ratios
from cxresearch.stats.multiplicity.p_values import adjusted
from cxresearch.stats.shares.differences import difference_of_clustered_shares, mover

if TYPE_CHECKING:
    import pandas as pd

#: More groups than this make no table that anybody reads.
MOST = 30
SIMULTANEOUS = "intervals hold together (Bonferroni), p-values are adjusted (Holm)"
_INDEPENDENT = "groups are taken as independent"
_Key = TypeVar("_Key")
#: The difference of two groups, given by their places, at a confidence.
_Difference = Callable[[int, int, float], Comparison]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class GroupContrasts(Tabular, Result):
    """Groups of one estimate, and their differences.

    Parameters
    ----------
    levels : mapping of str to Estimate
        The estimate of each group, each with its own interval; the largest first.
    against_rest : mapping of str to Comparison
        Each group minus all others together; none for totals, of which the rest is no peer.
    pairs : mapping of (str, str) to Comparison
        The first of two groups minus the second, the larger first.
    by : str
        The column that makes the groups.
    confidence : float
        The chance that all intervals of one kind hold together, 0-1.
    method : str
        How the differences are found.
    note : str
        What a reader must know.
    """

    levels: Mapping[str, Estimate]
    against_rest: Mapping[str, Comparison]
    pairs: Mapping[tuple[str, str], Comparison]
    by: str
    confidence: float
    method: str
    note: str = SIMULTANEOUS

    @property
    def ranks(self) -> dict[str, int]:
        """The rank of each group that has a value: 1 and how many are larger for sure."""
        return {
            name: 1 + sum(b == name and self.is_sure((a, b)) for a, b in self.pairs)
            for name, one in self.levels.items()
            if not math.isnan(one.value)
        }

    def is_sure(self, pair: tuple[str, str]) -> bool:
        """Return whether the test tells two groups apart at the confidence."""
        return self.pairs[pair].p_value < 1 - self.confidence

    @property
    def answer(self) -> Sentence:
        """Which group is the largest, and whether that is sure."""
        known = [name for name, one in self.levels.items() if not math.isnan(one.value)]
        if len(known) < 2:
            return Sentence("Fewer than two groups have a value, so none can be compared.", {})
        first, second = known[:2]
        pair = self.pairs[first, second]
        words = {
            "first": first,
            "value": self.levels[first],
            "second": second,
            "difference": replace(pair, note=""),
        }
        if self.is_sure((first, second)):
            return Sentence("{first} is the highest: {value}, {difference} above {second}.", words)
        return Sentence(
            "{first} is the highest, {value}, but nothing tells it apart from {second}: "
            "{difference}.",
            words,
        )

    def to_frame(self) -> pd.DataFrame:
        """Return one row per group, the largest first.

        The columns are the group under the name of `by`, `rank`, `value` with `ci_low` and
        `ci_high`, `n`, `people`, and `difference` to the rest with `difference_low`,
        `difference_high` and `p_adjusted`.
        """
        import pandas as pd

        ranks = self.ranks
        rows = []
        for name, one in self.levels.items():
            row: dict[str, Any] = {
                **{self.by: name, "rank": ranks.get(name, math.nan), "value": one.value},
                **{"ci_low": one.ci.low, "ci_high": one.ci.high, "n": one.n},
                "people": people_of(one),
            }
            rows.append(row | _columns(self.against_rest.get(name)))
        return pd.DataFrame(rows)

    def table(self) -> Table:
        """Return one row per group: its rank, its value, its difference to the rest."""
        unit = next(iter(self.levels.values())).unit if self.levels else ""
        apart = difference_unit(unit)
        compared = (
            Column("difference", "Difference to the rest", apart, "estimate", signed=True),
            Column("p_adjusted", "p, adjusted", role="p"),
        )
        return Table(
            frame=self.to_frame(),
            columns=(
                Column(self.by, role="name"),
                Column("rank", "Rank"),
                Column("value", "Value", unit=unit, role="estimate", ends="ci"),
                Column("people", "n", role="people"),
                *(compared if self.against_rest else ()),
            ),
            caption="Groups compared; those that no test tells apart share a rank",
        )


def _columns(one: Comparison | None) -> dict[str, float]:
    if one is None:
        names = ("difference", "difference_low", "difference_high", "p_adjusted")
        return dict.fromkeys(names, math.nan)
    return {**as_columns("difference", one), "p_adjusted": one.p_value}


def contrasts_of_ratios(
    levels: Mapping[str, Estimate],
    sums: UnitSums,
    *,
    by: str,
    unit: str,
    proportions: bool = False,
    confidence: float = 0.95,
) -> GroupContrasts:
    """Compare the ratios of groups in which a cluster may have a part in several.

    Parameters
    ----------
    levels : mapping of str to Estimate
        The ratio of each group.
    sums : UnitSums
        The sums over clusters of ``x0, y0, x1, y1``...: numerator and denominator in each group,
        in the order of `levels`.
    by : str
        What makes the groups.
    unit : str
        The unit of the ratios.
    proportions : bool
        Whether each ratio is a share of units that have something or not, whose intervals keep to
        0-1; not so a share of money.
    confidence : float
        The chance that all intervals of one kind hold together, strictly between 0 and 1.

    Notes
    -----
    The rest is the ratio of all other groups' sums. m differences have intervals at 1 - (1 -
    confidence) / m (Bonferroni) and p-values adjusted by Holm; two groups are one difference.

    References
    ----------
    Holm (1979), Scand. J. Stat. 6, 65-70.

    Examples
    --------
    Three customers bought in one of two visits on the phone, and in five of six at a desk.

    >>> from cxresearch.stats.shares.proportions import clustered_proportion
    >>> sums = UnitSums.from_arrays(x0=[1, 1, 1], y0=[2, 2, 2], x1=[2, 1, 2], y1=[2, 2, 2])
    >>> levels = {name: clustered_proportion(sums.ratio(f"x{i}", f"y{i}"))
    ...           for i, name in enumerate(["phone", "desk"])}
    >>> found = contrasts_of_ratios(levels, sums, by="device", unit="share", proportions=True)
    >>> round(found.pairs["desk", "phone"].value, 2), found.ranks
    (0.33, {'desk': 1, 'phone': 1})
    """
    validate.share("confidence", confidence)
    places = [i for i, one in enumerate(levels.values()) if not math.isnan(one.value)]

    def apart(first: Sequence[int], second: Sequence[int], level: float) -> Comparison:
        a, b = _together(sums, first), _together(sums, second)
        both = _cross(sums, second, first)
        if proportions:
            return difference_of_clustered_shares(b, a, both, confidence=level)
        return _of_ratios(b, a, both, unit, level)

    return _compared(
        levels,
        lambda i, j, level: apart([i], [j], level),
        lambda i, level: apart([i], [k for k in places if k != i], level),
        by=by,
        confidence=confidence,
        note=SIMULTANEOUS,
    )


def contrasts_apart(
    levels: Mapping[str, Estimate], *, by: str, confidence: float = 0.95
) -> GroupContrasts:
    """Compare estimates of groups that share no unit, such as medians, by their intervals.

    The estimates must be at `confidence`; a difference has MOVER's interval, widened by the normal
    quantiles to hold with the others, and a p-value from the end of it that lies towards 0.

    Parameters
    ----------
    levels, by, confidence
        As in :func:`contrasts_of_ratios`.

    References
    ----------
    Zou & Donner (2008), Stat. Med. 27, 1693-1702.
    """
    names = list(levels)

    def apart(i: int, j: int, level: float) -> Comparison:
        first, second = levels[names[j]], levels[names[i]]
        value = second.value - first.value
        ci = mover(first, second)
        wider = normal_quantile(level) / normal_quantile(confidence)
        ends = Interval(value - wider * (value - ci.low), value + wider * (ci.high - value))
        towards = value - ci.low if value > 0 else ci.high - value
        z = value / towards * normal_quantile(confidence) if towards else math.nan
        between = ValueWithVariance.of_estimate(second).minus(ValueWithVariance.of_estimate(first))
        return Comparison(
            value=value,
            ci=ends if ends.low < ends.high else Interval(math.nan, math.nan),
            n=first.n + second.n,
            unit=difference_unit(first.unit),
            confidence=level,
            method="MOVER",
            note=why_unknown(between),
            statistic=z,
            p_value=two_sided(z),
            test="normal, from the interval",
        )

    note = f"{SIMULTANEOUS}; {_INDEPENDENT}"
    return _compared(levels, apart, None, by=by, confidence=confidence, note=note)


def _compared(
    levels: Mapping[str, Estimate],
    apart: _Difference,
    to_rest: Callable[[int, float], Comparison] | None,
    *,
    by: str,
    confidence: float,
    note: str,
) -> GroupContrasts:
    validate.whole("the number of groups", len(levels), low=2)
    places = {name: i for i, name in enumerate(levels)}
    known = [name for name, one in levels.items() if not math.isnan(one.value)]
    ordered = sorted(known, key=lambda name: (-levels[name].value, name))
    two = list(combinations(ordered, 2))

    def at(count: int) -> float:
        return 1 - (1 - confidence) / max(count, 1)

    pairs = {(a, b): apart(places[a], places[b], at(len(two))) for a, b in two}
    several = len(known) if len(known) > 2 else 1
    rest = {name: to_rest(places[name], at(several)) for name in ordered} if to_rest else {}
    return GroupContrasts(
        levels={name: levels[name] for name in [*ordered, *(levels.keys() - set(known))]},
        against_rest=_holm(rest) if several > 1 else rest,
        pairs=_holm(pairs),
        by=by,
        confidence=confidence,
        method=next((one.method for one in pairs.values()), ""),
        note=note,
    )


def _holm(found: Mapping[_Key, Comparison]) -> dict[_Key, Comparison]:
    p_values = adjusted([one.p_value for one in found.values()], method="holm").tolist()
    return {
        key: replace(one, p_value=p) for (key, one), p in zip(found.items(), p_values, strict=True)
    }


def _of_ratios(
    first: RatioSums, second: RatioSums, cross: CrossSums, unit: str, confidence: float
) -> Comparison:
    """Return the second ratio minus the first."""
    from scipy.special import stdtrit

    found = difference_of_ratios(first, second, cross, unit=unit, confidence=confidence)
    df = cross.n - 1
    se = (found.ci.high - found.ci.low) / 2 / float(stdtrit(df, (1 + confidence) / 2))
    t = found.value / se if se else math.nan
    return Comparison(
        **fields_of(found),
        statistic=t,
        p_value=two_sided_t(t, df),
        test="t",
        df=df,
    )


def _together(sums: UnitSums, places: Sequence[int]) -> RatioSums:
    """Return the sums of several groups as one."""
    xs, ys = [f"x{i}" for i in places], [f"y{i}" for i in places]
    clusters = sums.n if len(places) > 1 else sums.clusters(ys[0])
    return RatioSums(
        n=clusters,
        x=sum(sums.sums[x] for x in xs),
        y=sum(sums.sums[y] for y in ys),
        xx=_products(sums, xs, xs),
        xy=_products(sums, xs, ys),
        yy=_products(sums, ys, ys),
    )


def _cross(sums: UnitSums, first: Sequence[int], second: Sequence[int]) -> CrossSums:
    x1, y1 = [f"x{i}" for i in first], [f"y{i}" for i in first]
    x2, y2 = [f"x{i}" for i in second], [f"y{i}" for i in second]
    return CrossSums(
        n=sums.n,
        xx=_products(sums, x1, x2),
        xy=_products(sums, x1, y2),
        yx=_products(sums, y1, x2),
        yy=_products(sums, y1, y2),
    )


def _products(sums: UnitSums, first: Sequence[str], second: Sequence[str]) -> float:
    return sum(sums.product(a, b) for a in first for b in second)
