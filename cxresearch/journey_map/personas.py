"""Personas: who the customers of a group are, what they are worth, and what sets them apart."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import narwhals as nw
import numpy as np

from cxresearch import engine, stats
from cxresearch.core.comparison import two_sided
from cxresearch.core.remarks import Amount, Remark, joined
from cxresearch.core.results import Estimate, as_columns, with_unit
from cxresearch.core.table import Column, Table, Tabular
from cxresearch.core.unit_sums import RatioSums
from cxresearch.engine import frames
from cxresearch.findings.fires import Key
from cxresearch.findings.shifts import level, normal_difference, z_of
from cxresearch.findings.watched_series import Series
from cxresearch.journey_map.behaviours import BEHAVIOURS, Behaviours, of_known
from cxresearch.journey_map.map_cells import StageColumn
from cxresearch.stats.means.ratios import ratio_of_sums

if TYPE_CHECKING:
    import pandas as pd

    from cxresearch.study import Study

ALL = Remark("All customers")
NAMES = {
    "new": Remark("New customers"),
    "returning": Remark("Returning customers"),
    "loyal": Remark("Loyal customers"),
    "lapsed": Remark("Lapsed customers"),
}
#: The column that tells them apart.
TRAIT = "persona"
#: What makes the groups differ by the way they are made.
_BY_DEFINITION = ("again", "cancelled", "returned")
_ENDS_IN_A_SALE = ("buys:", "category:")
#: Fewer are not compared by a normal approximation.
_FEWEST = 30
_YEAR_WEEKS = 52
_MOST_DIFFERENCES = 2
_HOLM = "difference from all others over the last year, normal; Holm over all personas and measures"

_PERSONA = Column("persona", "Persona")
_COLUMNS = (
    _PERSONA,
    Column("customers", "Customers", role="people"),
    Column("share", "Share of customers", unit="share", role="estimate"),
    Column("revenue", "Share of revenue", unit="share", role="estimate"),
    Column("devices", "Devices"),
    Column("channels", "Channels"),
    Column("quotes", "They write"),
    Column("stability", "Stability", unit="share"),
)
#: What a study may know of none of them.
_LISTED = ("devices", "channels", "quotes")
_SCORES = (
    _PERSONA,
    Column("what", "Score"),
    Column("score", "Last 12 months", role="estimate"),
    Column("n", "People (n)", role="people"),
)
_DIFFERENCES = (
    _PERSONA,
    Column("what", "What sets them apart"),
    Column("own", "These customers"),
    Column("others", "All others"),
    Column("difference", "Difference", role="estimate", signed=True),
    Column("n", "n", role="people"),
    Column("p_value", "p (Holm)", role="p"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """How a persona differs from the others in one measure.

    Parameters
    ----------
    what : Remark
        The measure.
    own, others : float
        The level of the persona, and of all others.
    unit : str
        Their unit.
    difference : Estimate
        The one minus the other.
    p_value : float
        Of no difference, adjusted over all personas and measures (Holm).
    """

    what: Remark
    own: float
    others: float
    unit: str
    difference: Estimate
    p_value: float

    @property
    def said(self) -> Remark:
        """The difference in words."""
        return Remark(
            "{what}: {own}, others {others}",
            {
                "what": self.what,
                "own": Amount(self.own, self.unit),
                "others": Amount(self.others, self.unit),
            },
        )


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Persona:
    """Customers who behave alike.

    Parameters
    ----------
    name : str
        One of ``"new"``, ``"returning"``, ``"loyal"``, ``"lapsed"``.
    n : int
        How many they are.
    share, revenue : Estimate
        Their share of those who bought, and of what all of them spent on orders they kept.
    scores : tuple of (Remark, Estimate)
        What they answered over the last year. A persona is a stratum of the customers, so its
        scores stand for all of it as far as those who answer are like those who do not.
    devices, channels : dict of str to float
        The share of their visits on each device, and by each channel, the largest first.
    quotes : tuple of str
        What two of them wrote, of the texts that people have read on the study's coding sheets.
    differences : tuple of Difference
        What sets them apart, the clearest first.
    stability : float
        How alike the group stays where customers are drawn anew, 0-1.
    columns : tuple of StageColumn
        Their map.
    """

    name: str
    n: int
    share: Estimate
    revenue: Estimate
    scores: tuple[tuple[Remark, Estimate], ...]
    devices: dict[str, float]
    channels: dict[str, float]
    quotes: tuple[str, ...]
    differences: tuple[Difference, ...]
    stability: float
    columns: tuple[StageColumn, ...]

    @property
    def label(self) -> Remark:
        """What a reader calls it."""
        return NAMES[self.name]

    @property
    def about(self) -> Remark:
        """Who they are, in a line."""
        said = [
            Remark(
                "{n} customers, {share} of those who bought, {revenue} of the revenue",
                {
                    "n": self.n,
                    "share": Amount(self.share.value, "share", 0),
                    "revenue": Amount(self.revenue.value, "share", 0),
                },
            )
        ]
        said += [joined(_shares(one), ", ") for one in (self.devices, self.channels) if one]
        if self.differences:
            said.append(joined([one.said for one in self.differences[:_MOST_DIFFERENCES]], "; "))
        said += [Remark("“{quote}”", {"quote": one}) for one in self.quotes]
        return joined(said, ". ")

    def row(self) -> dict[str, Any]:
        """Return it as a row of a table."""
        listed = {
            "devices": _shares(self.devices),
            "channels": _shares(self.channels),
            "quotes": [Remark("“{quote}”", {"quote": one}) for one in self.quotes],
        }
        return {
            "persona": self.label,
            "customers": self.n,
            **as_columns("share", self.share),
            **as_columns("revenue", self.revenue),
            **{name: joined(said, ", ") if said else Remark("") for name, said in listed.items()},
            "stability": self.stability,
        }

    def score_rows(self) -> Iterator[dict[str, Any]]:
        """Yield its scores as rows of a table."""
        for what, one in self.scores:
            said = {"persona": self.label, "what": what, "n": one.n}
            yield said | with_unit("score", one)

    def difference_rows(self) -> Iterator[dict[str, Any]]:
        """Yield what sets it apart as rows of a table."""
        for one in self.differences:
            levels = {
                name: Remark("{value}", {"value": Amount(value, one.unit)})
                for name, value in (("own", one.own), ("others", one.others))
            }
            said = {"persona": self.label, "what": one.what, **levels, "n": one.difference.n}
            yield said | with_unit("difference", one.difference) | {"p_value": one.p_value}


def _shares(shares: Mapping[str, float]) -> list[Remark]:
    """Return the two largest shares in words."""
    return [
        Remark("{name} {share}", {"name": name, "share": Amount(share, "share", 0)})
        for name, share in list(shares.items())[:2]
    ]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True, repr=False)
class Personas(Tabular, Sequence[Persona]):
    """The personas of a study.

    Parameters
    ----------
    rows : tuple of Persona
        Each of them, in the order of a customer's life; those of too few customers are left out.
    lapsed_after : Estimate, optional
        The days without an order after which a customer has lapsed.
    """

    rows: tuple[Persona, ...] = ()
    lapsed_after: Estimate | None = None

    def __getitem__(self, place: Any) -> Any:
        return self.rows[place]

    def __iter__(self) -> Iterator[Persona]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def to_frame(self) -> pd.DataFrame:
        """Return one row per persona."""
        return _frame_of([one.row() for one in self.rows], _COLUMNS)

    def table(self) -> Table:
        """Return the personas as a reader sees them, without a column that is empty for all."""
        frame = self.to_frame()
        empty = {name for name in _LISTED if not any(one.message for one in frame[name])}
        return Table(
            frame=frame,
            columns=[one for one in _COLUMNS if one.name not in empty],
            caption="Personas: customers by their net orders",
            nothing="No personas: the study has no orders with a customer.",
        )

    def tables(self) -> list[Table]:
        """Return who the personas are, what they answered, and what sets them apart."""
        return [
            self.table(),
            Table(
                frame=_frame_of([row for one in self.rows for row in one.score_rows()], _SCORES),
                columns=_SCORES,
                caption="What each persona answered, if those who answer are like the rest",
                nothing="No scores: no persona was asked.",
            ),
            Table(
                frame=_frame_of(
                    [row for one in self.rows for row in one.difference_rows()], _DIFFERENCES
                ),
                columns=_DIFFERENCES,
                caption="What sets each persona apart from all others over the last 12 months",
                nothing="Nothing sets a persona apart by more than chance.",
            ),
        ]

    def __repr__(self) -> str:
        return f"<Personas: {', '.join(f'{one.name} {one.n}' for one in self.rows) or 'none'}>"


def personas(
    study: Study,
    found: Behaviours,
    series: Mapping[Key, Series],
    columns: Mapping[str, tuple[StageColumn, ...]],
    quotes: Mapping[str, tuple[str, ...]],
    weeks: int,
    *,
    confidence: float,
) -> Personas:
    """Return the personas of a study.

    Parameters
    ----------
    study : Study
        The study.
    found : Behaviours
        Who is of which group.
    series : mapping of (measure, group) to Series
        Every series by persona.
    columns : mapping of str to tuple of StageColumn
        The map of each persona that has enough customers.
    quotes : mapping of str to tuple of str
        What some of each wrote.
    weeks : int
        How many weeks the study has.
    confidence : float
        Coverage of the intervals.
    """
    customers = found.customers
    sale = next(iter(study.manifest.funnel[-1:]), "")
    differences = _differences(series, [*columns], weeks, confidence, sale=sale)
    devices, channels = (_visits_by(study, customers, column) for column in ("device", "channel"))
    rows = []
    for name in BEHAVIOURS:
        if name not in columns:
            continue
        own = (customers["behaviour"] == name).to_numpy()
        spent = customers["revenue"].to_numpy(float)
        rows.append(
            Persona(
                name=name,
                n=int(own.sum()),
                share=stats.proportion(int(own.sum()), len(own), confidence=confidence),
                revenue=ratio_of_sums(
                    RatioSums.from_arrays(spent * own, spent), unit="share", confidence=confidence
                ),
                scores=tuple(
                    (what, score)
                    for what, score in _scores(series, name, weeks, confidence)
                    if score.n >= study.manifest.min_cell
                ),
                devices=devices.get(name, {}),
                channels=channels.get(name, {}),
                quotes=quotes[name],
                differences=differences.get(name, ()),
                stability=found.stability[name],
                columns=columns[name],
            )
        )
    return Personas(rows=tuple(rows), lapsed_after=found.lapsed_after)


def _scores(
    series: Mapping[Key, Series], name: str, weeks: int, confidence: float
) -> Iterator[tuple[Remark, Estimate]]:
    for (_, group), one in series.items():
        if group == (TRAIT, name) and one.measure.kind == "score":
            score = one.estimate(max(0, weeks - _YEAR_WEEKS), weeks, confidence=confidence)
            if not math.isnan(score.value):
                yield one.measure.what, score


def _is_defining(measure: str, sale: str) -> bool:
    """Return whether personas differ in a measure by the way they are made: by their kept orders.

    `sale` is the event that buys, as the last step of the study's funnel.
    """
    of_a_sale = measure.startswith(_ENDS_IN_A_SALE)
    return measure in _BY_DEFINITION or of_a_sale or bool(sale and measure.endswith(f">{sale}"))


def _differences(
    series: Mapping[Key, Series],
    names: Sequence[str],
    weeks: int,
    confidence: float,
    *,
    sale: str = "",
) -> dict[str, tuple[Difference, ...]]:
    """Return what sets each persona apart, after Holm's adjustment over all of them."""
    year = (max(0, weeks - _YEAR_WEEKS), weeks)
    asked: list[tuple[str, Difference]] = []
    for (measure, group), one in series.items():
        if group[1] not in names or not one.measure.is_scanned or _is_defining(measure, sale):
            continue
        rest = [series.get((measure, (TRAIT, name))) for name in names if name != group[1]]
        sums = [other.sums for other in rest if other is not None]
        if one.measure.kind == "who" or not sums:
            continue
        own, others = level(one.sums, year), level(np.sum(sums, axis=0), year)
        value, variance = own.value - others.value, own.variance + others.variance
        if min(own.n, others.n) < _FEWEST or not min(own.variance, others.variance) > 0:
            continue
        asked.append(
            (
                group[1],
                Difference(
                    what=one.measure.what,
                    own=own.value,
                    others=others.value,
                    unit=one.measure.unit,
                    difference=normal_difference(
                        value,
                        variance,
                        n=min(own.n, others.n),
                        unit=one.measure.unit,
                        confidence=confidence,
                        method=_HOLM,
                    ),
                    p_value=two_sided(value / math.sqrt(variance)),
                ),
            )
        )
    return _clear(asked, 1 - confidence)


def _clear(asked: list[tuple[str, Difference]], most: float) -> dict[str, tuple[Difference, ...]]:
    """Return the differences that stand after adjustment, the clearest first."""
    adjusted = stats.multiplicity.adjusted([one.p_value for _, one in asked], method="holm")
    kept: dict[str, list[Difference]] = {}
    for (name, one), p_value in zip(asked, adjusted, strict=True):
        if p_value < most:
            kept.setdefault(name, []).append(replace(one, p_value=float(p_value)))
    return {
        name: tuple(sorted(found, key=lambda one: -abs(z_of(one.difference))))
        for name, found in kept.items()
    }


def _visits_by(study: Study, customers: pd.DataFrame, column: str) -> dict[str, dict[str, float]]:
    """Return the share of each persona's visits by the values of a column of the events."""
    if not (study.has("events") and study.has("events", column)):
        return {}
    visit = "session_id" if study.has("events", "session_id") else "ts_us"
    used = of_known(study, "events", ~nw.col(column).is_null())
    whose = customers["behaviour"].rename(TRAIT).rename_axis("customer_id").reset_index()
    used, personas = engine.alike(used, engine.lazy(whose))
    known = used.join(personas, on="customer_id")
    visits = frames.distinct(known, TRAIT, "customer_id", column, visit)
    counted = visits.group_by(TRAIT, column).agg(n=nw.len()).collect("pandas").to_native()
    sums = counted.set_index([TRAIT, column])["n"].unstack(fill_value=0)
    shares = sums.div(sums.sum(axis=1), axis=0)
    return {
        str(name): {
            str(value): float(share)
            for value, share in shares.loc[name].sort_values(ascending=False).items()
        }
        for name in shares.index
    }


def _frame_of(rows: list[dict[str, Any]], columns: Sequence[Column]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(rows, columns=[part for column in columns for part in column.parts])
