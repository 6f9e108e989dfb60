"""Figures: a result or a small frame in, matplotlib Axes out; nothing is computed here.

==========  ==================================================================
charts      the figures
importance  the map of importance and performance, with its words; behind a door
            of its own, since it brings the surveys with it
describe    what a figure shows, in words, for readers who cannot see it
theme       one look, and one colour per category across all figures
==========  ==================================================================
"""

from cxresearch.plots import describe, theme
from cxresearch.plots.charts import control_chart, stacked, trend

__all__ = ["control_chart", "describe", "stacked", "theme", "trend"]
