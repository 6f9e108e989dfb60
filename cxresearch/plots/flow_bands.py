"""How journeys go on from step to step, as bands between stacked bars, and the same in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.colors import to_rgba
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from cxresearch.core.figure import Figure
from cxresearch.core.languages import Language, Words
from cxresearch.core.missing import or_missing
from cxresearch.plots import _axes, theme

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from cxresearch.journeys import Cells

_TITLES = {
    "customer": "How customers go on over their first steps",
    "session": "How sessions go on over their first steps",
    "order": "How orders go on over their first steps",
}
_BAR = 0.09
_GAP = 0.012
#: A bar thinner than this share has no room for its name.
_NAMED_FROM = 0.035
_MENTIONED = 5

Spans = dict[tuple[int, str], tuple[float, float]]


@or_missing
def flow(result: Cells) -> Figure:
    """Draw the flows between the first steps of journeys, as wide as they are frequent.

    Parameters
    ----------
    result : Cells
        The flows, from :func:`cxresearch.journeys.flow`.
    """
    return Figure(
        title=_TITLES[result.rules.unit],
        data=result.to_frame(),
        draw=_draw,
        describe=_describe,
        people="customers",
        within=["step"],
    )


def _draw(flows: pd.DataFrame, language: Language) -> Axes:
    flows = flows.dropna(subset=["count"])
    axes = _axes.new_axes(height=5.4)
    axes.grid(visible=False)
    spans = _spans(flows)
    _bands(axes, flows, spans)
    for (step, name), (low, high) in spans.items():
        axes.add_patch(_axes.block((step - _BAR / 2, low), _BAR, high - low, colour=theme.SERIES))
        if high - low >= _NAMED_FROM:
            axes.annotate(
                _axes.name(name, language),
                (step + _BAR / 2, (low + high) / 2),
                xytext=(3, 0),
                textcoords="offset points",
                verticalalignment="center",
                fontsize="x-small",
                zorder=4,
            )
    last = max((step for step, _ in spans), default=1)
    axes.set_xlim(0.85, last + 0.75)
    axes.set_ylim(max((high for _, high in spans.values()), default=1.0) + 0.01, -0.01)
    axes.set_xticks(range(1, last + 1))
    axes.set_xlabel(language.text("step of the journey"))
    axes.set_yticks([])
    return axes


def _describe(flows: pd.DataFrame, language: Language) -> Words:
    flows = flows.dropna(subset=["count"])
    ordered = flows.sort_values(
        ["count", "step", "source", "target"], ascending=[False, *[True] * 3]
    )
    named = [
        language.text(
            "Step {step}: {count} went from {source} to {target}.",
            step=language.number(int(row["step"])),
            count=language.number(int(row["count"])),
            source=language.said(row["source"]),
            target=language.said(row["target"]),
        )
        for _, row in ordered.head(_MENTIONED).iterrows()
    ]
    # How many there are is not said: the flows of too few people are not among these.
    title = language.text("Flow of journeys over their first steps.")
    return Words(" ".join([title, *named]))


def _spans(flows: pd.DataFrame) -> Spans:
    """Return where each bar begins and ends, as parts of all journeys, the largest on top."""
    whole = flows.loc[flows["step"] == 1, "count"].sum()
    # A bar is what flows out of it; the last ones, which nothing leaves, are what flows in.
    sizes = {**_sizes(flows, "target", later=1), **_sizes(flows, "source", later=0)}
    spans: Spans = {}
    down: dict[int, float] = {}
    for (step, name), size in sorted(sizes.items(), key=_largest_first):
        low = down.get(step, 0.0)
        spans[step, name] = (low, low + size / whole)
        down[step] = low + size / whole + _GAP
    return spans


def _sizes(flows: pd.DataFrame, end: str, *, later: int) -> dict[tuple[int, str], float]:
    """Return how many journeys are in each bar, counted at one end of the flows."""
    found: dict[tuple[int, str], float] = {}
    for step, name, count in zip(flows["step"], flows[end], flows["count"], strict=True):
        key = (int(step) + later, str(name))
        found[key] = found.get(key, 0.0) + float(count)
    return found


def _largest_first(bar: tuple[tuple[int, str], float]) -> tuple[int, float, str]:
    (step, name), size = bar
    return step, -size, name


def _bands(axes: Axes, flows: pd.DataFrame, spans: Spans) -> None:
    whole = flows.loc[flows["step"] == 1, "count"].sum()
    left = {key: low for key, (low, _) in spans.items()}
    come = dict(left)
    rank = {key: place for place, key in enumerate(spans)}
    ordered = sorted(
        zip(flows["step"], flows["source"], flows["target"], flows["count"], strict=True),
        key=lambda flow: (rank[flow[0], flow[1]], rank[flow[0] + 1, flow[2]]),
    )
    for step, source, target, count in ordered:
        start, end, size = (step, source), (step + 1, target), count / whole
        _band(axes, step, left[start], come[end], size)
        left[start] += size
        come[end] += size


def _band(axes: Axes, step: int, start: float, end: float, size: float) -> None:
    """Draw one band: a curve along its upper edge, and another back along its lower one."""
    x0, x1 = step + _BAR / 2, step + 1 - _BAR / 2
    middle = (x0 + x1) / 2
    points = [
        *((x0, start), (middle, start), (middle, end), (x1, end)),
        *((x1, end + size), (middle, end + size), (middle, start + size), (x0, start + size)),
        (x0, start),
    ]
    curve = [Path.CURVE4] * 3
    codes = [Path.MOVETO, *curve, Path.LINETO, *curve, Path.CLOSEPOLY]
    # The edge keeps a band apart from those it crosses, on a light page and on a dark one.
    axes.add_patch(
        PathPatch(
            Path(points, codes),
            facecolor=to_rgba(theme.SERIES, 0.25),
            edgecolor=to_rgba(theme.SERIES, 0.7),
            linewidth=0.4,
        )
    )
