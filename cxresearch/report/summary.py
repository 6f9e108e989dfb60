"""What the other reports of a study answered, as tables for its summary."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cxresearch.i18n import Language
from cxresearch.report import sidecar
from cxresearch.results import Interval

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


def numbers(study: str, *, lang: str) -> pd.DataFrame:
    """Return one row per recorded number, in words.

    Parameters
    ----------
    study : str
        The name of the study.
    lang : {"en", "it"}
        The language of the words.

    Returns
    -------
    pandas.DataFrame
        Columns ``title``, ``quantity``, ``value``, ``interval``, ``n`` and ``method``.
    """
    import pandas as pd

    language = Language(lang)
    rows = []
    for row in sidecar.recorded(study):
        value, interval = language.estimate(
            row["value"], Interval(row["ci_low"], row["ci_high"]), row["unit"]
        )
        rows.append(
            {
                "title": row["title"],
                "quantity": language.text(row["name"].replace("_", " ")),
                "value": value,
                "interval": interval,
                "n": row["n"],
                "method": language.text(row["method"]),
            }
        )
    columns = ["title", "quantity", "value", "interval", "n", "method"]
    return pd.DataFrame(rows, columns=columns)
