"""What the other reports of a study answered, as tables for its summary."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cxresearch.i18n import Language
from cxresearch.report import sidecar

if TYPE_CHECKING:
    import pandas as pd


def headlines(study: str, *, lang: str) -> pd.DataFrame:
    """Return one row per report that was built: its title, its answer, its status.

    Parameters
    ----------
    study : str
        The name of the study.
    lang : {"en", "it"}
        The language of the status.

    Returns
    -------
    pandas.DataFrame
        Columns ``title``, ``headline`` and ``status``.
    """
    import pandas as pd

    language = Language(lang)
    answers = [
        (record.title, record.headline, language.text(sidecar.status(study, record.report)))
        for record in sidecar.records(study)
    ]
    return pd.DataFrame(answers, columns=["title", "headline", "status"])


def numbers(study: str) -> pd.DataFrame:
    """Return one row per recorded number.

    Parameters
    ----------
    study : str
        The name of the study.

    Returns
    -------
    pandas.DataFrame
        Columns ``title``, ``quantity``, ``value`` with ``value_low``, ``value_high`` and
        ``value_unit``, ``n`` and ``method``.
    """
    import pandas as pd

    rows = [
        {
            "title": row["title"],
            "quantity": row["name"].replace("_", " "),
            "value": row["value"],
            "value_low": row["ci_low"],
            "value_high": row["ci_high"],
            "value_unit": row["unit"],
            "n": row["n"],
            "method": row["method"],
        }
        for row in sidecar.recorded(study)
    ]
    columns = ["title", "quantity", "value", "value_low", "value_high", "value_unit"]
    return pd.DataFrame(rows, columns=[*columns, "n", "method"])
