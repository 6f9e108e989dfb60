"""How often customers will buy again, and how many are still there, from how they bought so far."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from cxresearch.core import validate
from cxresearch.core.documented import documented
from cxresearch.core.languages import Language
from cxresearch.core.missing import Missing
from cxresearch.core.remarks import Remark, in_words
from cxresearch.core.results import Estimate, Result, as_columns, with_unit
from cxresearch.core.table import Column, Table, Tabular
from cxresearch.stats.purchases import buy_till_you_die as model_of
from cxresearch.stats.purchases import purchase_fits
from cxresearch.stats.purchases.delta_method import delta, log_interval, logit_interval
from cxresearch.value import summaries
from cxresearch.value.seasons import Season, as_season
from cxresearch.value.summaries import Summary

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

_TITLES = {"mbg": "MBG/NBD", "bg": "BG/NBD", "pareto": "Pareto/NBD"}
NO_LEAVING = "no leaving can be seen in these data"
_NO_FIT = "undefined: the model could not be fitted to these customers"
_ONCE = "undefined: nobody bought again after a first day"
_FLAT = "no interval: the data do not tell the parameters apart"
_ONE_TIME = "with BG/NBD, everyone who bought once counts as still there"
_NO_DAYS = "no season is taken into account: the summary has no days"
_MOST_DRAWN = 20_000
_SEED = 20_060
_COLUMNS = (
    Column("parameter", role="code"),
    Column("value", role="estimate"),
    Column("n", "Customers (n)", role="people"),
)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class PurchaseModel(Tabular, Result):
    """A fitted model of repeat purchases.

    Parameters
    ----------
    parameters : mapping of str to Estimate
        By name, such as r, alpha, a and b, in the summary's unit of time.
    loglik : float
        The logarithm of the likelihood at its maximum.
    at_bound : bool
        Whether no leaving can be seen: the model is then one in which everybody stays, and says
        neither how many have left nor how sure it is.
    n : int
        The number of customers.
    model : {"mbg", "bg", "pareto"}
        Which model.
    summary : Summary
        The customers.
    season : Season, optional
        The clock that the model runs on.
    confidence : float
        The coverage of the intervals.
    method : str
        How it was fitted.
    remarks : tuple of Remark
        What a reader must know before using it.
    note : str
        The remarks in English.
    """

    parameters: Mapping[str, Estimate]
    loglik: float
    at_bound: bool
    n: int
    model: model_of.Model
    summary: Summary
    season: Season | None
    confidence: float
    method: str
    remarks: tuple[Remark, ...] = ()
    note: str = ""
    fit: purchase_fits.PurchaseFit = field(compare=False)
    rows: purchase_fits.Customers = field(compare=False)
    kind: NDArray[np.intp] = field(compare=False)

    def to_dict(self) -> dict[str, Any]:
        """Return the parameters with their intervals, and what the model is."""
        row: dict[str, Any] = {}
        for name, one in self.parameters.items():
            row |= as_columns(name, one)
        for name in ("loglik", "at_bound", "n", "model", "confidence", "method", "note"):
            row[name] = getattr(self, name)
        return row

    def table(self) -> Table:
        """Return the parameters with their intervals."""
        import pandas as pd

        rows = [
            {"parameter": name, **with_unit("value", one), "n": one.n}
            for name, one in self.parameters.items()
        ]
        return Table(
            frame=pd.DataFrame(rows),
            columns=_COLUMNS,
            caption="The model of repeat purchases ({model})",
            values={"model": self.title},
        )

    def alive(self) -> Estimate:
        """Estimate the share of the customers who have not left; nan where none is seen to leave.

        Examples
        --------
        >>> from cxresearch.value._example import ORDERS
        >>> purchases(summaries.summary(ORDERS)).alive().note
        'no leaving can be seen in these data'
        """
        value = math.nan
        error = math.nan
        if not self.at_bound and math.isfinite(self.loglik):
            of_kind = np.bincount(self.kind) / self.n

            def share(logs: Array) -> Array:
                return np.array([of_kind @ model_of.alive(self.model, np.exp(logs), *self.rows)])

            (value,) = share(self.logs)
            error = math.sqrt(float(self.spread(share)[0]))
        return Estimate(
            value=float(value),
            ci=logit_interval(float(value), error, self.confidence),
            n=self.n,
            unit="share",
            confidence=self.confidence,
            method=f"{self.title}, delta method",
            note=self._why(error),
        )

    def expected(self, days: float) -> Estimate:
        """Estimate the purchases of all customers in the days ahead, with chance's own part.

        Parameters
        ----------
        days : float
            How far ahead, above 0.

        Raises
        ------
        ValueError
            If `days` is not above 0.

        Notes
        -----
        The interval has the parameters' errors (delta method) and the customers' own chance
        (simulated); it is for these customers, not for new ones, and of the logarithm.
        """
        horizon = self.horizon(validate.positive("days", days))
        value, error = math.nan, math.nan
        if math.isfinite(self.loglik):
            each = self.each(horizon)
            value = float(each.sum())
            own = self.simulated(horizon)
            apart = each[own[0]] - own[1]
            chance = float((apart**2).mean()) * self.n
            if not self.at_bound:
                spread = self.spread(lambda logs: np.array([self.each(horizon, logs).sum()]))
                error = math.sqrt(float(spread[0]) + chance)
        return Estimate(
            value=value,
            ci=log_interval(value, error, self.confidence),
            n=self.n,
            unit="purchases",
            confidence=self.confidence,
            method=f"{self.title}, delta method and simulated customers",
            note=self._why(error),
        )

    def customers(self, days: float) -> pd.DataFrame:
        """Return what the model says of each customer: to be used in groups, never one by one.

        Parameters
        ----------
        days : float
            How far ahead, above 0.

        Returns
        -------
        pandas.DataFrame
            The summary with `alive` (the chance of not having left; nan where no leaving is seen),
            `expected` (purchases ahead) and `buys_again` (the chance of at least one).
        """
        horizon = self.horizon(validate.positive("days", days))
        known = (self.model, self.fit.parameters, *self.rows)
        still = model_of.alive(*known)[self.kind] if not self.at_bound else math.nan
        return self.summary.frame.assign(
            alive=still,
            expected=self.each(horizon),
            buys_again=model_of.buys_again(*known, horizon)[self.kind],
        )

    @property
    def title(self) -> str:
        """The name of the model."""
        return _TITLES[self.model]

    @property
    def logs(self) -> Array:
        """The logarithms of the parameters."""
        with np.errstate(divide="ignore"):
            return np.log(self.fit.parameters)

    def horizon(self, days: float) -> float:
        """Return days from the end of the summary in the model's own time."""
        length = summaries.DAYS[self.summary.unit]
        if self.season is None:
            return days / length
        start = np.datetime64(self.summary.until, "us")
        end = start + np.timedelta64(round(days * 86_400_000_000), "us")
        return float(self.season.elapsed([start], [end])[0]) / length

    def each(self, horizon: float | Array, logs: Array | None = None) -> Array:
        """Return the expected purchases of each customer in the model's own time ahead.

        Of several times, shape (k, 1), it has a row for each.
        """
        parameters = self.fit.parameters if logs is None else np.exp(logs)
        return model_of.expected(self.model, parameters, *self.rows, horizon)[..., self.kind]

    def simulated(self, horizon: float) -> tuple[NDArray[np.intp], Array]:
        """Return which customers were drawn (all, where they are few), and what they bought."""
        rng = np.random.default_rng(_SEED)
        size = max(self.n, 1)
        drawn = (
            np.repeat(np.arange(self.n), max(1, min(50, _MOST_DRAWN // size)))
            if size <= _MOST_DRAWN
            else rng.choice(self.n, _MOST_DRAWN, replace=False)
        )
        x, t, T = (each[self.kind[drawn]] for each in self.rows)  # noqa: N806
        bought = model_of.simulated_ahead(self.model, self.fit.parameters, x, t, T, horizon, rng)
        return drawn, bought

    def spread(self, of: Callable[[Array], Array]) -> Array:
        """Return the variance of functions of the parameters' logarithms, by the delta method."""
        return delta(of, self.logs, self.fit.covariance)

    def _why(self, error: float) -> str:
        flat = [Remark(_FLAT)] if math.isnan(error) and not self.remarks else []
        return in_words((*self.remarks, *flat), Language("en"))


@documented
def purchases(
    summary: Summary | pd.DataFrame,
    *,
    model: model_of.Model = "pareto",
    season: Season | Mapping[int, float] | Missing | None = None,
    confidence: float = 0.95,
) -> PurchaseModel:
    """Fit a model of repeat purchases to the customers of a shop.

    Parameters
    ----------
    summary : Summary or pandas.DataFrame
        The customers, from :func:`cxresearch.value.summary`; a frame with `frequency`, `recency`
        and `T` is one in weeks.
    model : {"mbg", "bg", "pareto"}, default "pareto"
        Pareto/NBD: a customer may leave at any time; MBG/NBD: after any purchase; BG/NBD: after any
        but the first, so that all who bought once count as still there. `docs/decisions/019` has
        what was measured of each, whichever of them is true.
    season : Season or mapping of int to float, optional
        How busy each month (1-12) is: the model then runs on the season's clock.
    %(confidence)s

    Returns
    -------
    PurchaseModel
        With `at_bound` and a note where no leaving can be seen in the data.

    Raises
    ------
    %(missing_column)s
    ValueError
        If `model` is none of those allowed or `confidence` is not strictly between 0 and 1.

    Notes
    -----
    Maximum likelihood (:func:`cxresearch.stats.purchases.purchase_fits.fit_purchases`);
    intervals of the parameters' logarithms by the curvature. The season's clock is exact for
    MBG/NBD and BG/NBD, where customers leave at purchases only; by Pareto/NBD they then leave by
    that clock too.

    Examples
    --------
    >>> from cxresearch.value._example import ORDERS
    >>> purchases(summaries.summary(ORDERS)).at_bound
    True
    """
    validate.share("confidence", confidence)
    validate.one_of("model", model, model_of.MODELS)
    customers = summaries.taken(summary)
    clock = as_season(season)
    dated = customers.until is not None and "first_day" in customers.frame
    remarks = list(customers.remarks)
    if clock is not None and not dated:
        clock = None
        remarks.append(Remark(_NO_DAYS))
    times = _times(customers, clock)
    fit = purchase_fits.fit_purchases(*times, model=model)
    rows, kind = purchase_fits.alike(*times)
    fitted = math.isfinite(fit.loglik)
    at_bound = fitted and not fit.sees_leaving
    none_again = fit.n > 0 and not times[0].any()
    notes = [NO_LEAVING] if at_bound else [] if fitted else [_ONCE if none_again else _NO_FIT]
    if model == "bg" and fit.sees_leaving:
        notes.append(_ONE_TIME)
    said = (*map(Remark, notes),)
    errors = np.sqrt(np.diag(fit.covariance))
    names = model_of.NAMES[model][: 2 if at_bound else 4]
    parameters = {}
    for place, name in enumerate(names):
        value, error = float(fit.parameters[place]), float(errors[place] or math.nan)
        is_time = name in ("alpha", "beta")
        ci = log_interval(value, value * error, confidence)
        parameters[name] = Estimate(
            value=value,
            ci=ci,
            n=fit.n,
            unit=f"{customers.unit}s" if is_time else "",
            confidence=confidence,
            method=f"{_TITLES[model]}, maximum likelihood",
            note=notes[0] if notes else _FLAT if math.isnan(ci.low) else "",
        )
    return PurchaseModel(
        parameters=parameters,
        loglik=fit.loglik,
        at_bound=at_bound,
        n=fit.n,
        model=model,
        summary=customers,
        season=clock,
        confidence=confidence,
        method=f"{_TITLES[model]}, maximum likelihood",
        remarks=said,
        note=in_words((*remarks, *said), Language("en")),
        fit=fit,
        rows=rows,
        kind=kind,
    )


def _times(customers: Summary, season: Season | None) -> tuple[Array, Array, Array]:
    """Return the frequency, recency and T of customers, in the model's own time."""
    frame = customers.frame
    x = frame["frequency"].to_numpy(float)
    if season is None:
        return x, frame["recency"].to_numpy(float), frame["T"].to_numpy(float)
    first, last = (frame[name].to_numpy("datetime64[us]") for name in ("first_day", "last_day"))
    until = np.full(first.shape, np.datetime64(customers.until, "us"))
    length = summaries.DAYS[customers.unit]
    return x, season.elapsed(first, last) / length, season.elapsed(first, until) / length
