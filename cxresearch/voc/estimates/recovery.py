"""Whether support turned what went wrong."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from cxresearch.core import validate
from cxresearch.core.comparison import Comparison
from cxresearch.core.results import Estimate, Interval, difference_unit
from cxresearch.voc.estimates.associations import METHOD, associations
from cxresearch.voc.estimates.prevalence import customer_numbers, mean_over_customers

if TYPE_CHECKING:
    import pandas as pd

Experience = Literal["no problem", "no contact", "not resolved", "resolved"]

REFERENCE = "this is the group that the others are compared with"

#: From the worst to the best that can be hoped for.
_ORDER = ("not resolved", "no contact", "resolved", "no problem")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery(Comparison):
    """The outcome of customers after one kind of experience, against a reference.

    `value` is the adjusted difference from the reference, nan for the reference itself.

    Parameters
    ----------
    group : str
        The experience.
    mean : Estimate
        The mean outcome after it, not adjusted.

    See Also
    --------
    cxresearch.core.comparison.Comparison : The other fields.
    """

    group: str
    mean: Estimate

    def to_dict(self) -> dict[str, Any]:
        """Return the fields in order, the group first; the mean becomes three columns."""
        row: dict[str, Any] = {"group": self.group}
        row |= Comparison.to_dict(self)
        ends = {"mean_low": self.mean.ci.low, "mean_high": self.mean.ci.high}
        return row | {"mean": self.mean.value} | ends


def experiences(
    negative: Iterable[bool], contacted: Iterable[bool], resolved: Iterable[bool]
) -> list[Experience]:
    """Return what each customer lived through, from whether it was bad and what support did.

    Parameters
    ----------
    negative, contacted, resolved : iterable of bool, length n
        Whether the experience was bad (by its sentiment, its rating or its theme), whether there
        was a contact with support after it, and whether that solved it.

    Examples
    --------
    >>> experiences([False, True, True, True], [True, False, True, True], [True] * 3 + [False])
    ['no problem', 'no contact', 'resolved', 'not resolved']
    """
    found: list[Experience] = []
    for bad, asked, solved in zip(negative, contacted, resolved, strict=True):
        if not bad:
            found.append("no problem")
        elif not asked:
            found.append("no contact")
        else:
            found.append("resolved" if solved else "not resolved")
    return found


def service_recovery(
    groups: Sequence[str],
    outcome: Iterable[float],
    *,
    unit: str,
    reference: str = "no contact",
    covariates: pd.DataFrame | None = None,
    clusters: Iterable[Any] | None = None,
    confidence: float = 0.95,
) -> tuple[Recovery, ...]:
    """Estimate whether support turned bad experiences.

    Parameters
    ----------
    groups : sequence of str, length n
        What each customer lived through, as :func:`experiences` tells it.
    outcome : iterable of float, length n
        A later score or purchase; nan where there is none.
    unit : str
        Its unit.
    reference : str, default "no contact"
        The group that the others are compared with.
    covariates, clusters, confidence
        As in :func:`associations`.

    Returns
    -------
    tuple of Recovery
        One per group that is there, the worst experience first. Who contacts support is not drawn
        by chance and is not like who keeps silent: "resolved" above "no contact" shows recovery
        only where it is above "not resolved" as well. "resolved" above "no problem" would be the
        service recovery paradox.

    Raises
    ------
    ValueError
        If the reference is not among the groups, or the lengths differ.

    References
    ----------
    de Matos, Henrique & Rossi (2007), Service recovery paradox: a meta-analysis, J. Serv. Res. 10,
    60-77.
    """
    import pandas as pd

    labels = np.array(list(groups), dtype=object)
    values = np.array(list(outcome), dtype=float)
    validate.one_of("the length of outcome", values.size, (labels.size,))
    there = [one for one in _ORDER if one in labels]
    there += sorted(set(labels) - set(_ORDER))
    validate.one_of("reference", reference, there)
    customers = customer_numbers(clusters, labels.size)
    others = {one: labels == one for one in there if one != reference}
    against = pd.DataFrame(others, index=range(labels.size))
    found = associations(
        against,
        values,
        unit=unit,
        covariates=covariates,
        clusters=customers,
        confidence=confidence,
    )
    compared: dict[str, Comparison] = {one.feature: one for one in found}
    return tuple(
        _recovery(
            group,
            mean_over_customers(
                values[labels == group],
                customers[labels == group],
                unit=unit,
                confidence=confidence,
            ),
            compared.get(group),
        )
        for group in there
    )


def recovery_gain(
    groups: Sequence[str],
    outcome: Iterable[float],
    *,
    unit: str,
    covariates: pd.DataFrame | None = None,
    clusters: Iterable[Any] | None = None,
    confidence: float = 0.95,
) -> Recovery | None:
    """Estimate how much better those fare whose matter support solved than whose it did not.

    Both turned to support, so this is what tells recovery from being one who asks.

    Parameters
    ----------
    groups, outcome, unit, covariates, clusters, confidence
        As in :func:`service_recovery`.

    Returns
    -------
    Recovery or None
        "resolved" minus "not resolved"; None where one of the two is not there. Recovery is seen
        where its interval is above 0.

    Examples
    --------
    >>> lived = ["resolved", "not resolved"] * 40
    >>> found = recovery_gain(lived, [1, 0, 0, 1, 1, 0, 1, 0] * 10, unit="share")
    >>> round(found.value, 2), found.ci.low > 0
    (0.5, True)
    >>> recovery_gain(["resolved", "no contact"], [1, 0], unit="share") is None
    True
    """
    if not {"resolved", "not resolved"} <= set(groups):
        return None
    found = service_recovery(
        groups,
        outcome,
        unit=unit,
        reference="not resolved",
        covariates=covariates,
        clusters=clusters,
        confidence=confidence,
    )
    return next(one for one in found if one.group == "resolved")


def _recovery(group: str, mean: Estimate, compared: Comparison | None) -> Recovery:
    if compared is not None:
        same = {one.name: getattr(compared, one.name) for one in fields(Comparison)}
        return Recovery(**{**same, "people": mean.n}, group=group, mean=mean)
    return Recovery(
        value=math.nan,
        ci=Interval(math.nan, math.nan),
        n=mean.n,
        unit=difference_unit(mean.unit),
        confidence=mean.confidence,
        method=METHOD,
        note=REFERENCE,
        statistic=math.nan,
        p_value=math.nan,
        test="t test",
        group=group,
        mean=mean,
    )
