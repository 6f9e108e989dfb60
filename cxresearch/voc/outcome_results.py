"""What goes with complaints, ready to be shown: scores, orders, support."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cxresearch.core.documented import documented
from cxresearch.core.missing import Missing
from cxresearch.core.remarks import Amount, Remark, Sentence
from cxresearch.core.results import Estimate
from cxresearch.core.table import Column, Table, Tabular
from cxresearch.engine import order_rules
from cxresearch.voc.estimates.associations import (
    Association,
    associations,
    associations_table,
    impact_difference,
    nps_points,
)
from cxresearch.voc.estimates.recovery import (
    Recovery,
    bought_again,
    contacts,
    experiences,
    nearest_score,
    recovery_gain,
    recovery_table,
    service_recovery,
)
from cxresearch.voc.estimates.theme_tables import (
    Lead,
    leader,
)
from cxresearch.voc.theme_results import ThemeShares
from cxresearch.voc.voice import Voice

if TYPE_CHECKING:
    import pandas as pd


_FEATURE = (
    Column("feature", "Complaint of", role="name"),
    Column("mean", "Share of the texts", "share"),
)
_PEOPLE = (
    Column("p_adjusted", "p, adjusted", role="p"),
    Column("n_with", "Of these, who complain", role="people"),
)
_NPS = (
    *_FEATURE,
    Column("value", "Difference", "points", role="estimate", signed=True),
    Column("impact", "Gap × frequency", "points", role="estimate", signed=True),
    *_PEOPLE,
)
_ORDERS = (
    *_FEATURE,
    Column("value", "Difference", "share difference", role="estimate", signed=True),
    *_PEOPLE,
)
_RECOVERY = (
    Column("group", "The text"),
    Column("n", "Customers (n)", role="people"),
    Column("mean", "Order again", "share", role="estimate"),
    Column("value", "Difference from no contact", "share difference", role="estimate", signed=True),
)
_TOO_FEW = "Too few customers write about any one theme to name it."
#: By whether the first theme is separated, and by what is said of the one that weighs most.
_ANSWERS = {
    (True, "nps"): (
        "{theme} is the top theme: {share} of texts. Complaints about {worst} go with the largest "
        "NPS gap."
    ),
    (False, "nps"): (
        "{theme} is among the top themes: {share} of texts. Complaints about {worst} go with the "
        "largest NPS gap."
    ),
    (True, "feeling"): (
        "{theme} is the top theme: {share} of texts. Customers feel worst about {worst}."
    ),
    (False, "feeling"): (
        "{theme} is among the top themes: {share} of texts. Customers feel worst about {worst}."
    ),
    (True, "alike"): "{theme} is the top theme: {share} of texts. No theme stands out in NPS.",
    (False, "alike"): (
        "{theme} is among the top themes: {share} of texts. No theme stands out in NPS."
    ),
    (True, ""): "{theme} is the top theme: {share} of texts.",
    (False, ""): "{theme} is among the top themes: {share} of texts.",
}


_READ = "Read the complaints about {theme} first: no theme is named more often."
_READ_ANY = "No theme stands out: read the complaints of the most frequent one, and ask more."
_FIX = "Look into {theme} first: read its complaints, fix one cause and test whether scores rise."
_FIX_ONE = (
    "Look into {theme} first, though the next theme may weigh as much: read its complaints, fix "
    "one cause and test whether scores rise."
)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True, repr=False)
class NpsLosses(Tabular):
    """How far the NPS of customers who complain of a theme differs from that of the others.

    Parameters
    ----------
    found : tuple of Association
        One per theme.
    hardest : Lead
        The theme with the largest loss, and whether it is separated from the next.
    min_cell : int
        How many must complain for an impact to be shown.
    """

    found: tuple[Association, ...]
    hardest: Lead
    min_cell: int

    @property
    def rows(self) -> pd.DataFrame:
        """One row per theme, the one that takes most from the NPS first."""
        return associations_table(self.found)

    @property
    def impacts(self) -> dict[str, Estimate]:
        """By theme how far the NPS would be off, of those that enough complain of."""
        return {one.feature: one.impact for one in self.found if one.n_with >= self.min_cell}

    @property
    def estimates(self) -> dict[str, Estimate]:
        """The impacts by the names they are recorded under."""
        return {f"nps_impact_{theme}": one for theme, one in self.impacts.items()}

    def table(self) -> Table:
        """Return one row per theme, the one that takes most from the NPS first."""
        return Table(
            frame=self.rows,
            columns=_NPS,
            caption="NPS of those who complain against the others; {n} customers answered",
            values={"n": self.found[0].n},
        )


@dataclass(frozen=True, slots=True, eq=False, kw_only=True, repr=False)
class OrdersLost(Tabular):
    """How far those who complain of a theme order again less often than the others.

    Parameters
    ----------
    found : tuple of Association
        One per theme.
    outcome : pandas.Series of float
        Whether the customer of each text ordered again; nan where it is not known.
    days : float
        The time a customer has.
    """

    found: tuple[Association, ...]
    outcome: pd.Series[float]
    days: float

    def table(self) -> Table:
        """Return one row per theme, the one that takes most from the orders first."""
        return Table(
            frame=associations_table(self.found),
            columns=_ORDERS,
            caption="Share that orders again within {days}: those who complain against the "
            "others; known for {n} customers",
            values={"days": (self.days, "days"), "n": self.found[0].n},
        )


@dataclass(frozen=True, slots=True, eq=False, kw_only=True, repr=False)
class SupportRecovery(Tabular):
    """Whether customers whose problem support solved come back more often.

    Parameters
    ----------
    found : tuple of Recovery
        One per experience, the worst first.
    gain : Recovery or None
        "resolved" minus "not resolved"; None where too few turned to support.
    days : float
        The time a customer has to order again.
    n : int
        The customers of whom that is known.
    """

    found: tuple[Recovery, ...]
    gain: Recovery | None
    days: float
    n: int

    @property
    def estimates(self) -> dict[str, Recovery]:
        """The gain by the name it is recorded under."""
        return {"reorder_share_resolved_minus_not_resolved": self.gain} if self.gain else {}

    @property
    def sentence(self) -> Sentence:
        """Whether recovery is seen."""
        if self.gain is None:
            return Sentence(
                "Too few customers turned to support to say whether they come back.", {}
            )
        if self.gain.ci.low > 0:
            return Sentence(
                "Recovery: with the problem solved, the share that orders again is {gain} higher.",
                {"gain": self.gain},
            )
        return Sentence(
            "No recovery shown: the share that orders again differs by {gain} between solved and "
            "not solved.",
            {"gain": self.gain},
        )

    def table(self) -> Table:
        """Return one row per experience, the worst first."""
        return Table(
            frame=recovery_table(self.found),
            columns=_RECOVERY,
            caption="Share that orders again within {days} after a text, by what it was about and "
            "how it ended; {n} customers, who can be in several rows",
            values={"days": (self.days, "days"), "n": self.n},
            within=None,
        )


@documented
def nps_losses(voice: Voice, *, days: float = 7.0) -> NpsLosses | Missing:
    """Estimate how far the NPS differs with complaints of each theme, the others held.

    Parameters
    ----------
    %(voice)s
    days : float, default 7
        How far the answer of a customer may be from the text.

    Raises
    ------
    %(days_not_positive)s
    """
    study = voice.study
    if not study.has("surveys"):
        return Missing("the study has no surveys")
    scores = nearest_score(study.frame("feedback"), study.frame("surveys"), "nps", days=days)
    points = nps_points(scores.reindex(voice.tags.index))
    options: dict[str, Any] = {"unit": "points", **_held(voice)}
    found = associations(voice.complaints, points, **options)
    is_shown = [one.n_with >= voice.min_cell for one in found]
    rows = associations_table([one for one, shown in zip(found, is_shown, strict=True) if shown])
    hardest = leader(
        rows, "impact", key="feature", people="n_with", min_cell=voice.min_cell, largest=False
    )
    if hardest.first and hardest.second:
        gap = impact_difference(voice.complaints, points, hardest.first, hardest.second, **options)
        hardest = hardest._replace(separated=gap.ci.high < 0)
    return NpsLosses(found=found, hardest=hardest, min_cell=voice.min_cell)


@documented
def orders_lost(voice: Voice, *, days: float = 90.0) -> OrdersLost | Missing:
    """Estimate how far ordering again differs with complaints of each theme, the others held.

    Parameters
    ----------
    %(voice)s
    days : float, default 90
        The time a customer has to order again after a text.

    Raises
    ------
    %(days_not_positive)s
    """
    study = voice.study
    if not study.has("orders"):
        return Missing("the study has no orders")
    orders = study.frame("orders").filter(order_rules.SALE)
    outcome = bought_again(study.frame("feedback"), orders, days=days).reindex(voice.tags.index)
    found = associations(voice.complaints, outcome, unit="share", **_held(voice))
    return OrdersLost(found=found, outcome=outcome, days=days)


@documented
def support_recovery(
    voice: Voice, lost: OrdersLost | Missing, *, days: float = 14.0
) -> SupportRecovery | Missing:
    """Estimate whether customers whose problem support solved order again more often.

    Parameters
    ----------
    %(voice)s
    lost : OrdersLost or Missing
        Who ordered again.
    days : float, default 14
        How long after a text a contact with support belongs to it.

    Raises
    ------
    %(days_not_positive)s
    """
    study, complains = voice.study, voice.complaints.any(axis=1)
    if isinstance(lost, Missing) or not study.has("tickets") or not complains.any():
        return Missing("it takes orders and tickets")
    asked = contacts(study.frame("feedback"), study.frame("tickets"), days=days)
    asked = asked.reindex(voice.tags.index)
    lived = experiences(complains, asked["contacted"], asked["resolved"])
    options: dict[str, Any] = {"unit": "share", **_held(voice)}
    found = service_recovery(lived, lost.outcome, **options)
    gain = recovery_gain(lived, lost.outcome, **options)
    answered = [one.mean.n for one in found if one.group in ("resolved", "not resolved")]
    few = min(answered, default=0) < voice.min_cell
    return SupportRecovery(
        found=found, gain=None if few else gain, days=lost.days, n=lost.found[0].n
    )


def weightiest(feelings: Table, losses: NpsLosses | Missing) -> list[str]:
    """Return the three themes that matter most: by the NPS, else by how customers feel.

    Parameters
    ----------
    feelings : Table
        From :func:`feelings`.
    losses : NpsLosses or Missing
        From :func:`nps_losses`.
    """
    ordered = feelings.frame["theme"] if isinstance(losses, Missing) else losses.rows["feature"]
    return list(ordered.head(3))


@documented
def answer(
    voice: Voice, shares: ThemeShares, feelings: Table, losses: NpsLosses | Missing
) -> Sentence:
    """Return the sentence that answers what customers write of, and no more than is separated.

    Parameters
    ----------
    %(voice)s
    shares, feelings, losses : ThemeShares, Table, NpsLosses or Missing
        What customers write of, how they feel about it, and what goes with it.
    """
    impacts = {} if isinstance(losses, Missing) else losses.impacts
    if isinstance(losses, Missing) or not impacts:
        hardest = leader(feelings.frame, "sentiment", min_cell=voice.min_cell, largest=False)
    else:
        hardest = losses.hardest
    tagged = Remark("{share}", {"share": Amount(shares.top.naive.value, "share")})
    share = shares.top if shares.is_coded else tagged  # the basis says that it is not corrected
    return headline(shares.lead, share, hardest, impacts)


def next_step(shares: ThemeShares, losses: NpsLosses | Missing) -> Sentence:
    """Return which theme to look into: that of the largest gap in NPS, else the most frequent.

    Parameters
    ----------
    shares, losses : ThemeShares, NpsLosses or Missing
        What customers write of, and what goes with it.
    """
    hardest = Lead(None, None, separated=False) if isinstance(losses, Missing) else losses.hardest
    if isinstance(losses, Missing) or hardest.first not in losses.impacts:
        top = shares.lead.first
        return Sentence(_READ if top else _READ_ANY, {"theme": top} if top else {})
    return Sentence(_FIX if hardest.separated else _FIX_ONE, {"theme": hardest.first})


def _held(voice: Voice) -> dict[str, Any]:
    """Return what is held, and by whom, where complaints are related to an outcome."""
    return {
        "covariates": voice.circumstances,
        "clusters": voice.customers,
        "confidence": voice.confidence,
    }


def headline(
    lead: Lead, share: Estimate | Remark, hardest: Lead, impacts: Mapping[str, Estimate]
) -> Sentence:
    """Return the sentence that answers what customers write of, and no more than is separated.

    Examples
    --------
    >>> lead, share = Lead("fit", "site", separated=True), Remark("a fifth")
    >>> said = headline(lead, share, Lead("site", None, separated=False), {})
    >>> said.message, said.values["theme"]
    ('{theme} is the top theme: {share} of texts.', 'fit')
    """
    if lead.first is None:
        return Sentence(_TOO_FEW, {})
    values: dict[str, Any] = {"theme": lead.first, "share": share}
    kind = "alike" if impacts else ""
    if hardest.first is not None and hardest.separated:
        if not impacts:
            kind = "feeling"
            values["worst"] = hardest.first
        elif impacts[hardest.first].ci.high < 0:
            kind = "nps"
            values["worst"] = hardest.first
    return Sentence(_ANSWERS[lead.separated, kind], values)
