"""What distinguishes the journeys that come to a goal from those that do not, before the goal."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import narwhals as nw

from cxresearch.core import validate
from cxresearch.core.documented import documented
from cxresearch.core.languages import Language
from cxresearch.core.remarks import Amount, Remark, Sentence, in_words, joined
from cxresearch.core.table import Column, Table, Tabular
from cxresearch.engine import frames
from cxresearch.journeys._features import (
    AGAIN,
    ALL,
    BEFORE,
    CONVERTED,
    FIRST,
    HAS,
    SECOND,
    SOON,
    Features,
)
from cxresearch.journeys._pair_sums import PairSums
from cxresearch.journeys.compare import cell_tests
from cxresearch.journeys.counting_rules import CountingRules, Unit
from cxresearch.journeys.prepared import KEY, require
from cxresearch.stats.association.association_measures import odds_ratio, phi_coefficient
from cxresearch.stats.shares.differences import METHOD

if TYPE_CHECKING:
    import pandas as pd

    from cxresearch.journeys.prepared import Prepared

NOT_CAUSAL = (
    "what goes with the goal need not lead to it: who means to buy looks at more; only an "
    "experiment tells what would change if more customers did it"
)
LONGER = (
    "longer journeys have more of everything, and a goal cuts a journey short; compare the share "
    "among others of the same length"
)
_UNTESTED = "features not tested, with too few customers: {count}"
_KEYS = ["kind", "event", "other"]
#: What a reader calls each kind of feature.
_KINDS = {HAS: "with it", AGAIN: "with it twice", SOON: "with it early", BEFORE: "with it first"}
_FIGURES = {
    **{f"{what}_first": f"{what}_other" for what in ("count", "share", "n")},
    **{f"{what}_second": f"{what}_converted" for what in ("count", "share", "n")},
}

#: How many of the confirmed a table shows, and how many a sentence names.
_MOST, _MOST_NAMED = 12, 3
_MORE = "More often in sessions with {goal} than in others of equal length: {events}."
_LESS = "Less often in sessions with {goal} than in others of equal length: {events}."
_SHOWN = (
    Column("kind", "Sessions"),
    Column("event", "Event", role="name"),
    Column("other", "Earlier than", role="name"),
    Column("share_other", "Others", unit="share"),
    Column("share_converted", "With the last step", unit="share"),
    Column("same_length", "Others, of equal length", unit="share"),
    Column("difference", unit="share difference", role="estimate", ends="ci", signed=True),
    Column("p_confirmed", "p, confirmed", role="p"),
    Column("n_converted", "n", role="people"),
)
_CAPTION = "What sets sessions with {goal} apart, the largest difference first"
_NONE_FOUND = (
    "No event before {goal} sets apart the sessions that reach it, in both halves of the customers."
)
_NONE_ELSE = (
    "No event before {goal}, apart from the steps to it, sets apart the sessions that reach it, in "
    "both halves of the customers."
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Drivers(Tabular):
    """What distinguishes converting units, from :func:`drivers`.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per feature, the confirmed first, then the largest difference. `kind`, `event` and
        `other` say what it is: the unit ``"has"`` the event, has it ``"again"``, comes to it
        ``"soon"`` (no later than half of the units that have it), comes to it ``"before"`` the
        other (of the units with both). `share_other` and `share_converted` are the shares of
        units with it; `difference` the second minus the first, with `ci_low` and `ci_high`;
        `same_length` the share of others were they as long as those that converted (for
        ``"has"``); `odds_ratio` and `phi` the size of the difference over units. `found` says
        whether it is significant in one half of the customers (`difference_found`, `p_found`),
        and `confirmed` whether then in the other half too, in the same direction
        (`difference_confirmed`, `p_confirmed`); both p-values are adjusted.
    goal : str
        The event that converts.
    converted, units : int
        The units that come to it, and all.
    rules : CountingRules
        How they were counted.
    fdr : float
        The share of false alarms among the found, and among the confirmed, that is accepted.
    confidence : float
        Coverage of each interval.
    method : str
        How the intervals were found.
    remarks : tuple of Remark
        What `note` says.
    """

    frame: pd.DataFrame
    goal: str
    converted: int
    units: int
    rules: CountingRules
    fdr: float
    confidence: float
    method: str
    remarks: tuple[Remark, ...]
    _goal_units: int

    @property
    def note(self) -> str:
        """What a reader must know before using the table."""
        return self.note_in(Language("en"))

    def note_in(self, language: Language) -> str:
        """Return the note in a language."""
        return in_words(self.remarks, language)

    @property
    def confirmed(self) -> pd.DataFrame:
        """The features that were found in one half of the customers and again in the other."""
        return self.frame[self.frame["confirmed"]].reset_index(drop=True)

    def table(self) -> Table:
        """Return one row per confirmed feature, the first twelve."""
        rows = self.confirmed.head(_MOST)
        rows = rows.assign(kind=rows["kind"].map(_KINDS))
        return Table(
            frame=rows,
            columns=[one for one in _SHOWN if rows[one.name].ne("").any()],
            caption=_CAPTION,
            values={"goal": self.goal},
            within=None,
            nothing=_NONE_FOUND,
        )

    def sentences(self, apart_from: Sequence[str] = ()) -> list[Sentence]:
        """Return which events come more and less often before the goal, at equal length.

        Only what is confirmed, and points the same way against others of equal length.

        Parameters
        ----------
        apart_from : sequence of str, default ()
            Events that are not named, such as the steps of a funnel: who buys has been there.
        """
        rows = self.confirmed[self.confirmed["kind"] == HAS]
        on_the_way = rows["event"].isin(apart_from)
        none_found = _NONE_ELSE if on_the_way.any() else _NONE_FOUND
        rows = rows[~on_the_way]
        apart = rows["share_converted"] - rows["same_length"]
        rows = rows.assign(apart=apart)[apart * rows["difference"] > 0]
        said = []
        for message, some in (
            (_MORE, rows[rows["apart"] > 0].sort_values("apart", ascending=False)),
            (_LESS, rows[rows["apart"] < 0].sort_values("apart")),
        ):
            if len(some):
                named = [
                    Remark(
                        "{event} ({share}, others {other})",
                        {
                            "event": one["event"],
                            "share": Amount(one["share_converted"], "share", 0),
                            "other": Amount(one["same_length"], "share", 0),
                        },
                    )
                    for one in some.head(_MOST_NAMED).to_dict("records")
                ]
                said.append(Sentence(message, {"goal": self.goal, "events": joined(named, ", ")}))
        return said or [Sentence(none_found, {"goal": self.goal})]

    def checks(self) -> Iterator[tuple[str, int, int]]:
        """Yield what must agree: what it is, and the two numbers."""
        yield f"converted = units with {self.goal}", self.converted, self._goal_units

    def to_frame(self) -> pd.DataFrame:
        """Return the table."""
        return self.frame.copy()


@documented
def drivers(
    prepared: Prepared,
    goal: str = "purchase",
    *,
    unit: Unit = "session",
    common: int = 12,
    seed: int = 0,
    fdr: float = 0.05,
    confidence: float = 0.95,
) -> Drivers:
    """Find what distinguishes the units that come to a goal, by what they do before it.

    Parameters
    ----------
    %(prepared)s
    goal : str, default "purchase"
        The event that converts. Of a unit that comes to it only the events before its first are
        looked at; of the others all.
    %(journey_unit)s
    common : int, default 12
        Of how many of the most common events the order of every two is looked at.
    seed : int, default 0
        What decides, with the customer's name, which half of the customers she is in.
    fdr : float, default 0.05
        The share of false alarms that is accepted, strictly between 0 and 1.
    confidence : float, default 0.95
        Coverage of each interval, strictly between 0 and 1.

    Returns
    -------
    Drivers
        The features; what was found in one half of the customers is confirmed in the other.

    Raises
    ------
    ValueError
        If the goal never happened, or an argument is none of what is allowed.

    Notes
    -----
    Differences and tests are those of :func:`cxresearch.journeys.compare`, with customers as the
    independent units, on both halves for the estimates. None of it is causal.

    Examples
    --------
    >>> from cxresearch.journeys._example import PREPARED
    >>> found = drivers(PREPARED, goal="buy")
    >>> columns = ["kind", "event", "share_other", "share_converted", "confirmed"]
    >>> found.frame.loc[found.frame["kind"] == "has", columns]
      kind event  share_other  share_converted  confirmed
    1  has  cart          0.5              1.0      False
    2  has  view          1.0              1.0      False
    """
    require("goal", [goal], prepared.events)
    validate.whole("common", common, low=0)
    validate.share("fdr", fdr)
    validate.share("confidence", confidence)
    features = Features.of(prepared, goal, unit=unit, seed=validate.whole("seed", seed))
    table = _table(features, common, fdr=fdr, confidence=confidence)
    units = features.outcomes()
    untested = int((~table["tested"]).sum())
    return Drivers(
        frame=table,
        goal=goal,
        converted=units.get(CONVERTED, 0),
        units=sum(units.values()),
        rules=CountingRules(unit=unit),
        fdr=fdr,
        confidence=confidence,
        method=METHOD,
        remarks=(
            Remark(NOT_CAUSAL),
            Remark(LONGER),
            *([Remark(_UNTESTED, {"count": untested})] if untested else []),
            *prepared.remarks,
        ),
        _goal_units=_goal_units(prepared, goal, unit),
    )


def _table(features: Features, common: int, *, fdr: float, confidence: float) -> pd.DataFrame:
    sums = features.sums(common)
    whole = sums[ALL]
    same = features.at_same_length()
    table = _feature_tests(whole, fdr, confidence).drop(columns="significant")
    table = table.assign(
        same_length=[
            same[one.cell["event"]] if one.cell["kind"] == HAS else math.nan for one in whole
        ],
        odds_ratio=[odds_ratio(*_counts(one)).value for one in whole],
        phi=[phi_coefficient(*_counts(one)).value for one in whole],
    )
    tried = _feature_tests(sums[FIRST], fdr, confidence)
    left = set(tried.loc[tried["significant"], _KEYS].itertuples(index=False, name=None))
    held_out = [one for one in sums[SECOND] if tuple(one.cell.values()) in left]
    table = _with(table, tried, "found")
    table = _with(table, _feature_tests(held_out, fdr, confidence), "confirmed")
    same_way = table["difference_found"] * table["difference_confirmed"] > 0
    table["confirmed"] &= same_way
    return _in_order(table.rename(columns=_FIGURES))


def _feature_tests(sums: Sequence[PairSums], fdr: float, confidence: float) -> pd.DataFrame:
    """Return the difference and the test of every feature, of none too."""
    found = cell_tests(sums, fdr=fdr, confidence=confidence)
    figures = [name for name in found if name not in _KEYS]
    return found.reindex(columns=[*_KEYS, *figures]).astype(dict.fromkeys(_KEYS, "str"))


def _counts(one: PairSums) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return the units with a feature, and all, of others and of those that converted."""
    return (int(one.first.x), int(one.first.y)), (int(one.second.x), int(one.second.y))


def _in_order(table: pd.DataFrame) -> pd.DataFrame:
    order = table.assign(size=table["difference"].abs()).sort_values(
        ["confirmed", "size", *_KEYS], ascending=[False, False, True, True, True]
    )
    return table.loc[order.index].reset_index(drop=True)


def _with(table: pd.DataFrame, half: pd.DataFrame, name: str) -> pd.DataFrame:
    """Add what one half of the customers says: the difference, its p-value, and the verdict."""
    columns = {"difference": f"difference_{name}", "p_adjusted": f"p_{name}", "significant": name}
    own = half[[*_KEYS, *columns]].rename(columns=columns)
    both = table.merge(own, on=_KEYS, how="left")
    both[name] = both[name].eq(True)
    return both


def _goal_units(prepared: Prepared, goal: str, unit: Unit) -> int:
    goals = prepared.coded_steps(unit).filter(nw.col("event") == prepared.code(goal))
    (found,) = frames.rows(frames.distinct(goals, *KEY).select(n=nw.len()))
    return int(found["n"])
