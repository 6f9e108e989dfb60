"""What promoters write of, and what detractors do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from cxresearch.core.documented import documented
from cxresearch.core.missing import Missing
from cxresearch.core.results import as_columns
from cxresearch.core.table import Column, Table
from cxresearch.core.unit_sums import CrossSums, RatioSums
from cxresearch.engine import frames
from cxresearch.stats.multiplicity import p_values as multiplicity
from cxresearch.stats.shares.differences import difference_of_clustered_shares
from cxresearch.stats.shares.proportions import clustered_proportion
from cxresearch.voc.estimates.recovery import nearest_score
from cxresearch.voc.feedback import codebook_of, read_feedback
from cxresearch.voc.texts.tagging import tag

if TYPE_CHECKING:
    import pandas as pd

    from cxresearch.study import Study

#: From where on a score is a promoter's, and up to where a detractor's.
_PROMOTER, _DETRACTOR = 9, 6
_COLUMNS = (
    Column("theme", role="name"),
    Column("detractors", "Of detractors' comments", "share", role="estimate"),
    Column("promoters", "Of promoters' comments", "share", role="estimate"),
    Column("difference", "Detractors more by", "share difference", role="estimate", signed=True),
    Column("p_adjusted", "p, adjusted", role="p"),
    Column("people", "Who mention it (n)", role="people"),
)


@documented
def themes_by_score(
    study: Study, *, days: float = 7.0, confidence: float = 0.95
) -> Table | Missing:
    """Return how often promoters and detractors write of each theme, and how far they differ.

    A text has the NPS answer of its own response, else the one its customer gave nearest in time.

    Parameters
    ----------
    %(study)s
    days : float, default 7
        How far that answer may be from the text.
    %(confidence)s

    Raises
    ------
    %(days_not_positive)s

    Notes
    -----
    The themes are those that the rules find, which err alike for both. Customers are the
    independent units; p-values are adjusted for the number of themes (Holm).
    """
    import pandas as pd

    for table in ("feedback", "surveys"):
        if not study.has(table):
            return Missing("it takes surveys, and texts of those who answer them")
    texts = read_feedback(study).readable().texts
    scores = _scores(study, days).reindex(texts.index)
    said = texts.assign(score=scores).dropna(subset=["score"])
    said = said[(said["score"] >= _PROMOTER) | (said["score"] <= _DETRACTOR)]
    is_promoter = (said["score"] >= _PROMOTER).to_numpy()
    if is_promoter.all() or not is_promoter.any():
        return Missing("no text is of a promoter and none of a detractor, or all are of one")
    codebook = codebook_of(study)
    every = tag(texts["text"], codebook, texts["language"], cache=study.cache("feedback"))
    tags = every.loc[said.index]
    who = frames.customer_codes(said["customer_id"])
    lines = []
    for theme in tags:
        has = tags[theme].to_numpy(dtype=float)
        sides = [_sums(has, who, side) for side in (is_promoter, ~is_promoter)]
        (first, own), (second, others) = sides
        cross = CrossSums.from_arrays(own, others)
        apart = difference_of_clustered_shares(first, second, cross, confidence=confidence)
        lines.append(
            {
                "theme": str(theme),
                **as_columns("promoters", clustered_proportion(first, confidence=confidence)),
                **as_columns("detractors", clustered_proportion(second, confidence=confidence)),
                **as_columns("difference", apart),
                "p_value": apart.p_value,
                "people": len(np.unique(who[has > 0])),
            }
        )
    rows = pd.DataFrame(lines)
    rows["p_adjusted"] = multiplicity.adjusted(rows["p_value"].to_numpy(), method="holm")
    return Table(
        frame=rows.sort_values("difference", ascending=False, ignore_index=True),
        columns=_COLUMNS,
        caption="Themes in {texts} comments of detractors and promoters",
        values={"texts": len(said)},
    )


def _scores(study: Study, days: float) -> pd.Series[float]:
    """Return the NPS answer of each text: that of its own response, else the nearest one."""
    near = nearest_score(study.frame("feedback"), study.frame("surveys"), "nps", days=days)
    asked = study.frame("surveys").select("response_id", "metric", "score").collect("pandas")
    answers = asked.to_native()
    own = answers[answers["metric"] == "nps"].drop_duplicates("response_id")
    of_response = own.set_index("response_id")["score"]
    direct = near.index.to_series().map(of_response)
    return direct.fillna(near).astype(float)


def _sums(has: Any, who: Any, side: Any) -> tuple[RatioSums, tuple[Any, Any]]:
    """Return the sums of one side over its customers, and each customer's own."""
    size = int(who.max()) + 1
    x = np.bincount(who[side], has[side], minlength=size)
    y = np.bincount(who[side], minlength=size).astype(float)
    there = y > 0
    return RatioSums.from_arrays(x[there], y[there]), (x, y)
