"""Whose answers they should be: what part of the customers each group is, and weights to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import narwhals as nw
import numpy as np

from cxresearch.core.remarks import Remark
from cxresearch.engine import frames
from cxresearch.errors import WeightingError
from cxresearch.study import schema
from cxresearch.survey.weighting import post_stratify, rake
from cxresearch.survey.weights import Weights

if TYPE_CHECKING:
    import pandas as pd

    from cxresearch.study import Study

#: What tells customers apart where a study does not say so itself.
_TRAITS = ("segment", "region")
#: Groups with fewer answers are weighted together: a handful would stand for too many.
_FEWEST = 10
#: What they are called together; no value of a study is.
_TOGETHER = "\0together"
_LEFT_OUT = "answers of no group of the population, in no weighted number: {count}"
_JOINED = "groups with fewer than {fewest} answers, weighted together: {count}"
_ONE_MARGIN = "the groups of all columns cannot be met together: weighted by {column} alone"
_TOO_FEW = "too few answers to weight them by {column}"


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Population:
    """The customers whose opinion is asked for.

    Parameters
    ----------
    shares : mapping of str to mapping of str to float
        For each column what part of the customers has each of its values; each sums to 1.
    customers : int, optional
        How many there are; None where no table says it.
    """

    shares: Mapping[str, Mapping[str, float]]
    customers: int | None


def population_of(study: Study) -> Population:
    """Return a study's customers by what tells them apart.

    The shares are those that its manifest gives (``population``), else those of its table of
    customers, by the columns it names (``groups``), else by segment and region; without either
    there are none. A customer with several values of a column has the first in the alphabet.
    """
    if not study.has("customers"):
        return Population(shares=_scaled(study.manifest.population), customers=None)
    known = frames.without_blanks(study.frame("customers"), frames.IDS).filter(frames.KNOWN)
    (row,) = frames.rows(known.select(nw.col("customer_id").n_unique().alias("n")))
    shares = study.manifest.population or {
        column: counts
        for column in study.manifest.groups or _TRAITS
        if column in schema.table("customers").names
        and study.has("customers", column)
        and (counts := _counted(known, column))
    }
    return Population(shares=_scaled(shares), customers=int(row["n"] or 0) or None)


def _counted(known: frames.Frame, column: str) -> dict[str, float]:
    one_each = (
        known.filter(~nw.col(column).is_null())
        .group_by("customer_id")
        .agg(nw.col(column).cast(nw.String).min().alias("level"))
    )
    counted = one_each.group_by("level").agg(n=nw.len())
    return {str(row["level"]): float(row["n"]) for row in frames.rows(counted.sort("level"))}


def _scaled(shares: Mapping[str, Mapping[str, float]]) -> dict[str, dict[str, float]]:
    return {
        column: {level: share / sum(of.values()) for level, share in of.items()}
        for column, of in shares.items()
    }


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Weighted:
    """Answers that stand for a population.

    Parameters
    ----------
    rows : pandas.DataFrame, n rows
        The answers that are of a group of it.
    weights : Weights, of n
        What each stands for.
    by : tuple of str
        The columns whose shares they agree with; none where the weights are those of the export.
    remarks : tuple of Remark
        What a reader must know.
    """

    rows: pd.DataFrame
    weights: Weights
    by: tuple[str, ...]
    remarks: tuple[Remark, ...]


def weighted_to(
    rows: pd.DataFrame,
    shares: Mapping[str, Mapping[str, float]],
    *,
    tilt: Any = None,
) -> Weighted | None:
    """Return answers with weights that give each group its share of a population.

    Parameters
    ----------
    rows : pandas.DataFrame
        The answers, with the columns of `shares`, and `weight` where the export has weights: they
        are what is started from.
    shares : mapping
        As :class:`Population` has them; empty for the weights of the export alone.
    tilt : array of float, optional
        What each answer's weight is multiplied by before, above 0.

    Returns
    -------
    Weighted or None
        None where there is nothing to weight by: neither shares nor weights, or too few answers.

    Notes
    -----
    Groups with fewer than ten answers, nobody included, are weighted together, and with the next
    smallest one until they have ten. Post-stratified by one column, raked by several.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"segment": ["new"] * 10 + ["loyal"] * 30})
    >>> found = weighted_to(rows, {"segment": {"new": 0.5, "loyal": 0.5}})
    >>> found.weights.weights.round(2)[[0, -1]].tolist(), found.by
    ([2.0, 0.67], ('segment',))
    """
    base = np.ones(len(rows)) if tilt is None else np.asarray(tilt, dtype=float)
    has_own = "weight" in rows and bool(rows["weight"].notna().any())
    if has_own:
        base = base * rows["weight"].fillna(0.0).to_numpy(dtype=float)
    kept = base > 0
    for column, of in shares.items():
        kept &= rows[column].isin([*of]).to_numpy(dtype=bool)
    used, base = rows[kept], base[kept]
    remarks = [Remark(_LEFT_OUT, {"count": int((~kept).sum())})] if not kept.all() else []
    levels, targets = {}, {}
    for column, of in shares.items():
        names = _joined(used[column].astype(object), of)
        if names is None:
            remarks.append(Remark(_TOO_FEW, {"column": column}))
            continue
        if thin := [level for level, name in names.items() if name == _TOGETHER]:
            remarks.append(Remark(_JOINED, {"fewest": _FEWEST, "count": len(thin)}))
        levels[column] = used[column].map(names).to_numpy(dtype=object)
        targets[column] = {
            name: sum(of[level] for level in of if names[level] == name)
            for name in dict.fromkeys(names.values())
        }
    if len(used) < 2 or not (levels or has_own or tilt is not None):
        return None
    if not levels:
        base = base / base.mean()
        plain = Weights(weights=base, base=base, margins=(), method="weights of the export")
        return Weighted(rows=used, weights=plain, by=(), remarks=tuple(remarks))
    try:
        weights = _made(levels, targets, base)
    except WeightingError:
        first = next(iter(levels))
        remarks.append(Remark(_ONE_MARGIN, {"column": first}))
        levels = {first: levels[first]}
        weights = _made(levels, targets, base)
    return Weighted(rows=used, weights=weights, by=tuple(levels), remarks=tuple(remarks))


def _made(levels: dict[str, Any], targets: dict[str, dict[str, float]], base: Any) -> Weights:
    if len(levels) > 1:
        return rake(levels, {column: targets[column] for column in levels}, base=base)
    ((column, strata),) = levels.items()
    return post_stratify(strata, targets[column], base=base)


def _joined(values: pd.Series[Any], shares: Mapping[str, float]) -> dict[str, str] | None:
    """Return under which name each level is weighted; None where only one would be left."""
    counts = {level: int((values == level).sum()) for level in shares}
    order = sorted(shares, key=lambda level: (counts[level], level))
    thin = [level for level in order if counts[level] < _FEWEST]
    enough = order[len(thin) :]
    while thin and enough and sum(counts[level] for level in thin) < _FEWEST:
        thin.append(enough.pop(0))
    if len(enough) + bool(thin) < 2:
        return None
    return {level: _TOGETHER if level in thin else level for level in shares}
