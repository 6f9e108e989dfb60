"""Figures: a result or a small frame in, matplotlib Axes out; nothing is computed here.

===============  ===========================================================
"""

from cxresearch.plots import theme
from cxresearch.plots.effect_figures import daily_effect, effects, effects_by_segment
from cxresearch.plots.journey_figures import funnel, time_to_goal, transition_differences
from cxresearch.plots.monthly import (
    control_chart,
    net_revenue_chart,
    revenue_by_kind,
    stacked,
    trend,
)
from cxresearch.plots.survey_figures import importance, score_course, scores_apart
from cxresearch.plots.theme_figures import impacts, theme_courses, themes, themes_by_score
from cxresearch.plots.value_figures import calibration, predicted_purchases, retention

__all__ = [
    "calibration",
    "control_chart",
    "daily_effect",
    "effects",
    "effects_by_segment",
    "funnel",
    "impacts",
    "importance",
    "net_revenue_chart",
    "predicted_purchases",
    "retention",
    "revenue_by_kind",
    "score_course",
    "scores_apart",
    "stacked",
    "theme",
    "theme_courses",
    "themes",
    "themes_by_score",
    "time_to_goal",
    "transition_differences",
    "trend",
]


def __dir__() -> list[str]:
    return __all__
