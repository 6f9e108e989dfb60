"""Many indicators as one table, in the language of the report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from cxresearch.i18n import Language

if TYPE_CHECKING:
    import pandas as pd

    from cxresearch.kpis.kpi import Kpi


def scorecard(kpis: Mapping[str, Kpi], *, lang: str = "en") -> pd.DataFrame:
    """Return indicators with their intervals, as words: their units differ.

    Parameters
    ----------
    kpis : mapping of str to Kpi
        The indicators by name; a name is an English message.
    lang : {"en", "it"}, default "en"
        The language of the words.

    Returns
    -------
    pandas.DataFrame
        One row per indicator: `indicator`, `value`, `interval` (empty where it is undefined) and
        `n`.

    Raises
    ------
    ValueError
        If `lang` is neither.

    Examples
    --------
    >>> from cxresearch.kpis import repeat_purchase_rate
    >>> from cxresearch.kpis._example import ORDERS
    >>> scorecard({"Repeat purchase rate": repeat_purchase_rate(ORDERS)})
                  indicator  value       interval  n
    0  Repeat purchase rate  50.0%  9.5% to 90.5%  2
    """
    import pandas as pd

    language = Language(lang)
    rows = [
        (language.text(name), *language.estimate(kpi.value, kpi.ci, kpi.unit), kpi.n)
        for name, kpi in kpis.items()
    ]
    return pd.DataFrame(rows, columns=["indicator", "value", "interval", "n"])


def definitions(kpis: Mapping[str, Kpi], *, lang: str = "en") -> pd.DataFrame:
    """Return what each indicator counts, how its interval was found, and what to know.

    Parameters
    ----------
    kpis : mapping of str to Kpi
        The indicators by name; a name is an English message.
    lang : {"en", "it"}, default "en"
        The language of the words.

    Returns
    -------
    pandas.DataFrame
        One row per indicator: `indicator`, `definition`, `method` and `note`.

    Raises
    ------
    ValueError
        If `lang` is neither.

    Examples
    --------
    >>> from cxresearch.kpis import repeat_purchase_rate
    >>> from cxresearch.kpis._example import ORDERS
    >>> definitions({"Repeat purchase rate": repeat_purchase_rate(ORDERS)})["note"].item()
    'orders without a customer left out: 1'
    """
    import pandas as pd

    language = Language(lang)
    rows = [
        (
            language.text(name),
            language.text(kpi.definition),
            language.text(kpi.method),
            kpi.note_in(language),
        )
        for name, kpi in kpis.items()
    ]
    return pd.DataFrame(rows, columns=["indicator", "definition", "method", "note"])
