"""What a figure shows, in words with the numbers of its data."""

from __future__ import annotations

import ast
import re
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from cxresearch import kpis, plots
from cxresearch.core.catalogues import catalogue
from cxresearch.plots import monthly, theme
from cxresearch.stats.control.shewhart import BEYOND_LIMITS, RUN, individuals

MONTHS = pd.DataFrame(
    {
        "month": ["2025-12", "2026-01", "2026-02"],
        "net": [120.0, 80.0, 100.0],
        "net_low": [110.0, 70.0, 90.0],
        "net_high": [130.0, 90.0, 110.0],
        "new": [60.0, 20.0, 40.0],
        "returning": [60.0, 60.0, 60.0],
    }
)


def plain(text):
    return text.replace("\N{NO-BREAK SPACE}", " ")


@pytest.fixture
def chart():
    chart = individuals(MONTHS["net"], unit="EUR")
    points = chart.points.assign(month=MONTHS["month"], signal=["", BEYOND_LIMITS, RUN])
    return replace(chart, points=points)


def test_a_control_chart(chart):
    # Mean 100; moving ranges 40 and 20, so sigma is 30 / 1.128 and the limits 100 -+ 79.79.
    assert plots.control_chart(chart, label="Net revenue").alt() == (
        "Net revenue by month, Dec 2025 to Feb 2026: highest in Dec 2025 (€120.00), lowest in "
        "Jan 2026 (€80.00). The mean is €100.00, the control limits are €20.21 to €179.79. "
        "Months beyond the limits: Jan 2026. "
        "Months that end a run of eight or more on one side of the mean: Feb 2026."
    )


def test_a_control_chart_in_italian(chart):
    quiet = replace(chart, points=chart.points.assign(signal=""))
    assert plain(plots.control_chart(quiet, label="Net revenue").alt("it")) == (
        "Ricavi netti per mese, da dic 2025 a feb 2026: massimo in dic 2025 (120,00 €), minimo in "
        "gen 2026 (80,00 €). La media è 100,00 €; limiti di controllo: 20,21 €–"
        "179,79 €. Mesi oltre i limiti: nessuno. "
        "Mesi che chiudono una serie di otto o più dallo stesso lato della media: nessuno."
    )


def test_of_too_few_months_a_chart_has_no_limits_and_calls_none_usual():
    """Seven whole months between two that are not."""
    days = pd.date_range("2025-01-15", "2025-09-15", freq="D")
    rows = {"order_id": days.astype(str), "customer_id": days.astype(str), "ts": days,
            "revenue": 10.0}  # fmt: skip
    net = kpis.net_revenue(pd.DataFrame(rows), currency="EUR")
    drawn = plots.net_revenue_chart(net)
    assert drawn.title == "Net revenue by month: too few months to say what is usual"
    assert "limits" not in drawn.alt()
    assert len(drawn.axes().lines) == 1


def test_a_trend():
    assert plots.trend(MONTHS, y="net", unit="EUR", label="Net revenue").alt() == (
        "Net revenue by month, Dec 2025 to Feb 2026: highest in Dec 2025 (€120.00), lowest in "
        "Jan 2026 (€80.00). In Feb 2026 it was €100.00 (interval €90.00 to €110.00)."
    )


def test_a_trend_passes_over_months_without_a_value():
    gap = MONTHS.assign(net=[120.0, 80.0, float("nan")])
    said = plots.trend(gap, y="net", unit="EUR", label="Net revenue").alt()
    assert said.endswith("In Jan 2026 it was €80.00 (interval €70.00 to €90.00).")


def test_stacked_parts():
    said = plots.stacked(
        MONTHS,
        columns={"returning": "returning", "new": "new"},
        unit="EUR",
        label="Revenue kept",
    ).alt("it")
    assert plain(said) == (
        "Ricavi netti per mese, da dic 2025 a feb 2026: massimo in dic 2025 "
        "(120,00 €), minimo in gen 2026 (80,00 €). "
        "Sull'insieme dei mesi: di ritorno 60,0%, nuovi 40,0%."
    )


def test_nothing_to_show(chart):
    empty = replace(chart, points=chart.points.iloc[:0])
    said = "Net revenue: there is no month to show."
    assert plots.control_chart(empty, label="Net revenue").alt() == said
    assert plots.trend(MONTHS.iloc[:0], y="net", unit="EUR", label="Net revenue").alt() == said
    columns = {"new": "new"}
    nothing = plots.stacked(MONTHS.iloc[:0], columns=columns, unit="EUR", label="Net revenue").alt()
    assert nothing == said


def messages(module):
    """Yield every text of a module with a space in it that is not a docstring."""
    tree = ast.parse(Path(module.__file__).read_text(encoding="utf-8"))
    docstrings = [node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)]
    for node in ast.walk(tree):
        is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
        if is_text and node not in docstrings and re.search(r"\w \w", node.value):
            yield node.value


def test_every_message_is_said_in_italian():
    words_of_matplotlib = {"axes fraction", "offset points"}
    said = set(messages(monthly)) - words_of_matplotlib
    assert said
    assert said <= catalogue("it").keys()


def test_the_categories_and_single_words_are_said_in_italian():
    kinds = {"new", "returning", "anonymous"}
    assert kinds <= theme.COLOURS.keys()
    assert kinds | {"none", "mean"} <= catalogue("it").keys()
