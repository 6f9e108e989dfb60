"""Figures: a result or a small frame in, matplotlib Axes out; nothing is computed here.

===============  ==================================================================
journey_figures  funnel, flow, time_to_goal, transition_differences
monthly          what is measured by month: control_chart, trend, stacked
effect_figures   an effect day by day: daily_effect
theme_figures    themes of texts: their shares, by stage and by period, their impacts
importance_map   importance and performance, behind a door of its own, since it
                 brings the surveys with it
heat_map         shares or differences as a map of colours: draw, describe
theme            one look, and one colour per category across all figures
===============  ==================================================================
"""

from cxresearch.plots import heat_map, theme
from cxresearch.plots.effect_figures import daily_effect
from cxresearch.plots.journey_figures import flow, funnel, time_to_goal, transition_differences
from cxresearch.plots.monthly import (
    control_chart,
    net_revenue_chart,
    order_value_by_month,
    revenue_by_kind,
    stacked,
    trend,
)
from cxresearch.plots.theme_figures import impacts, theme_courses, theme_shares, theme_stages

__all__ = [
    "control_chart",
    "daily_effect",
    "flow",
    "funnel",
    "heat_map",
    "impacts",
    "net_revenue_chart",
    "order_value_by_month",
    "revenue_by_kind",
    "stacked",
    "theme",
    "theme_courses",
    "theme_shares",
    "theme_stages",
    "time_to_goal",
    "transition_differences",
    "trend",
]
