"""The answers of a study: on a scale of their metric, to one question, of the last months."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import narwhals as nw

from cxresearch.engine import frames
from cxresearch.survey.nps import SCALES

if TYPE_CHECKING:
    import pandas as pd

    from cxresearch.study import Study


#: Whether an answer is to a question on a scale that its metric can have.
HAS_ITS_SCALE = ~nw.col("metric").is_in(["nps", "enps"]) | nw.any_horizontal(
    *((nw.col("scale_min") == low) & (nw.col("scale_max") == high) for low, high in SCALES),
    ignore_nulls=True,
)


def asked_well(study: Study) -> Any:
    """Return a study's answers, without those to an NPS on a scale that an NPS cannot have."""
    return study.frame("surveys").filter(HAS_ITS_SCALE)


def last_months(study: Study, answers: Any, months: int) -> tuple[date, date, date]:
    """Return the first day of the months before the last ones, of the last ones, the last day.

    The last day is that of the study (``as_of``), else that of the last answer.

    Parameters
    ----------
    study : Study
        The study.
    answers : frame
        Its surveys, with their `day`; not looked at where the study says its last day.
    months : int
        How many months are the last ones.
    """
    import pandas as pd

    if study.manifest.as_of:
        last = date.fromisoformat(study.manifest.as_of)
    else:
        (row,) = frames.rows(answers.select(nw.col("day").max()))
        last = date(row["day"].year, row["day"].month, row["day"].day)
    after = pd.Timestamp(last + timedelta(days=1))
    before, first = ((after - pd.DateOffset(months=many * months)).date() for many in (2, 1))
    return before, first, last


def is_asked(rows: pd.DataFrame, metric: str, scale: tuple[int, int]) -> Any:
    """Return which answers are to a metric on a scale."""
    low, high = scale
    return (rows["metric"] == metric) & (rows["scale_min"] == low) & (rows["scale_max"] == high)


def people_of(rows: pd.DataFrame) -> int:
    """Return how many people gave answers; one without a customer is of one of its own."""
    return int(rows["customer_id"].nunique() + rows["customer_id"].isna().sum())
