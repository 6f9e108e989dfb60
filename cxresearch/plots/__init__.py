"""Figures: a result or a small frame in, matplotlib Axes out; nothing is computed here.

==========  ==================================================================
monthly     what is measured by month: control_chart, trend, stacked
effect_figures  an effect day by day: daily_effect
importance  the map of importance and performance, with its words; behind a door
            of its own, since it brings the surveys with it
funnel_bars     how many reached each step, with intervals: funnel
transition_map  where the transitions of two groups differ: transition_differences
flow_bands      how journeys go on from step to step: flow
goal_curves     how many have arrived by when: time_to_goal
heat_map    shares or differences as a map of colours; draw and in_words
shares      shares with intervals, beside what was tagged; draw and in_words
theme_figures  themes of texts: their shares, by stage and by period, their impacts
value_figures  what customers were foretold to buy and bought; who comes back
theme       one look, and one colour per category across all figures
==========  ==================================================================
"""

from cxresearch.plots import heat_map, shares, theme
from cxresearch.plots.effect_figures import daily_effect
from cxresearch.plots.flow_bands import flow
from cxresearch.plots.funnel_bars import funnel
from cxresearch.plots.goal_curves import time_to_goal
from cxresearch.plots.monthly import (
    control_chart,
    net_revenue_chart,
    order_value_by_month,
    revenue_by_kind,
    stacked,
    trend,
)
from cxresearch.plots.theme_figures import impacts, theme_courses, theme_shares, theme_stages
from cxresearch.plots.transition_map import transition_differences
from cxresearch.plots.value_figures import calibration, foretold, retention

__all__ = [
    "calibration",
    "control_chart",
    "daily_effect",
    "flow",
    "foretold",
    "funnel",
    "heat_map",
    "impacts",
    "net_revenue_chart",
    "order_value_by_month",
    "retention",
    "revenue_by_kind",
    "shares",
    "stacked",
    "theme",
    "theme_courses",
    "theme_shares",
    "theme_stages",
    "time_to_goal",
    "transition_differences",
    "trend",
]
