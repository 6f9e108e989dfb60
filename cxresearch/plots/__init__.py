"""Figures: a result or a small frame in, matplotlib Axes out; nothing is computed here.

==========  ==================================================================
monthly     what is measured by month: control_chart, trend, stacked
importance  the map of importance and performance, with its words; behind a door
            of its own, since it brings the surveys with it
funnel      how many reached each step, with intervals; draw and in_words
graph       transitions between touchpoints as arrows; draw and in_words
heat_map    shares or differences as a map of colours; draw and in_words
flow        how journeys go on from step to step; draw and in_words
incidence   how many have arrived by when; draw and in_words
effects     effects with intervals, and an effect day by day; draw and in_words
shares      shares with intervals, beside what was tagged; draw and in_words
theme       one look, and one colour per category across all figures
==========  ==================================================================
"""

from cxresearch.plots import (
    effects,
    flow,
    funnel,
    graph,
    heat_map,
    incidence,
    shares,
    theme,
)
from cxresearch.plots.monthly import (
    control_chart,
    net_revenue_chart,
    order_value_by_month,
    revenue_by_kind,
    stacked,
    trend,
)

__all__ = [
    "control_chart",
    "effects",
    "flow",
    "funnel",
    "graph",
    "heat_map",
    "incidence",
    "net_revenue_chart",
    "order_value_by_month",
    "revenue_by_kind",
    "shares",
    "stacked",
    "theme",
    "trend",
]
