"""Where the transitions of two groups differ, as a map of colours, and the same in words."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from cxresearch.core.figure import Figure
from cxresearch.core.languages import Language
from cxresearch.core.missing import or_missing
from cxresearch.plots import heat_map

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from cxresearch.journeys import Differences

_TITLE = "Transitions, {second} minus {first}; framed where the difference is significant"
_LABEL = "Second group minus first, in percentage points of those that leave the row"


@or_missing
def transition_differences(compared: Differences) -> Figure:
    """Draw the differences of two groups: the sources and targets of those that are significant.

    Parameters
    ----------
    compared : Differences
        Transitions of two groups, from :func:`cxresearch.journeys.compare_transitions`.
    """
    different = compared.significant
    ends = {end: different[end].unique() for end in ("source", "target")}
    return Figure(
        title=_TITLE,
        data=compared.to_frame(),
        draw=partial(_draw, ends=ends),
        describe=partial(_describe, ends=ends),
        values={"first": compared.first, "second": compared.second},
        people=["n_first", "n_second"],
        within=["source"],
    )


def _draw(rows: pd.DataFrame, language: Language, *, ends: dict[str, Any]) -> Axes:
    return heat_map.draw(language=language, **_map(rows, language, ends))


def _describe(rows: pd.DataFrame, language: Language, *, ends: dict[str, Any]) -> str:
    return heat_map.describe(language=language, **_map(rows, language, ends))


def _map(rows: pd.DataFrame, language: Language, ends: dict[str, Any]) -> dict[str, Any]:
    """Return what the map shows, its rows and columns by their labels."""

    def matrix(values: str) -> pd.DataFrame:
        wide = rows.pivot(index="source", columns="target", values=values)
        wide = wide.reindex(index=ends["source"], columns=ends["target"])
        return wide.rename(index=language.said, columns=language.said)

    return {
        "cells": matrix("difference"),
        "significant": matrix("significant").eq(True),
        "label": _LABEL,
        "signed": True,
        "down": "From",
        "across": "To",
    }
