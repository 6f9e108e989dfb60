"""The last months of a study's surveys, and those before them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import narwhals as nw

from cxresearch.engine import frames

if TYPE_CHECKING:
    from cxresearch.study import Study


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
