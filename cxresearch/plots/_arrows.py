"""Where the boxes, the arrows and the labels of a graph go, in points of the figure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np

Array = np.ndarray[tuple[int, ...], np.dtype[np.float64]]
Truths = np.ndarray[tuple[int, ...], np.dtype[np.bool_]]

#: How far an arrow bends, as a share of its length, the gentlest first; below 0 to the outside.
_BENDS = (0.12, 0.3, -0.2, 0.5, 0.75, 1.0, -0.4)
#: Where along an arrow its label may be, and how far beside it.
_ALONG = (0.42, 0.5, 0.34, 0.58, 0.26, 0.66)
_BESIDE = (0.0, 18.0, -18.0)
#: How far from the middle of a box an arrow leaves or enters it, as a share of its half width.
_SPREAD = 0.7
#: The room above the highest box, for an arrow from it to itself, and that below the lowest.
_TOP, _BOTTOM = 52.0, 20.0
#: The points of an arrow that are looked at, the space before a box, and the length of a head.
_SEEN, _GAP, _HEAD = 40, 3.0, 16.0
#: What is worse for a label: hiding a box, a label or its own head, or crossing another arrow.
_HIDES, _CROSSES, _STANDS_OFF = 10.0, 1.0, 0.5


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle round a place.

    Parameters
    ----------
    x, y : float
        Its middle.
    half_width, half_height : float
        How far it reaches to each side.
    """

    x: float
    y: float
    half_width: float
    half_height: float

    def holds(self, points: Array, room: float = 0.0) -> Truths:
        """Return which points are in it, or within `room` of it."""
        across = np.abs(points[:, 0] - self.x) <= self.half_width + room
        up = np.abs(points[:, 1] - self.y) <= self.half_height + room
        held: Truths = across & up
        return held

    def meets(self, other: Box) -> bool:
        """Return whether the two overlap."""
        across = abs(self.x - other.x) < self.half_width + other.half_width
        return across and abs(self.y - other.y) < self.half_height + other.half_height


@dataclass(frozen=True, slots=True)
class Curve:
    """A quadratic Bézier curve.

    Parameters
    ----------
    start, control, end : tuple of float
        Its ends, and the point towards which it bends.
    """

    start: tuple[float, float]
    control: tuple[float, float]
    end: tuple[float, float]

    def points(self, times: Array) -> Array:
        """Return its points at times from 0 (start) to 1 (end)."""
        t = times[:, np.newaxis]
        start, control, end = map(np.array, (self.start, self.control, self.end))
        points: Array = (1 - t) ** 2 * start + 2 * t * (1 - t) * control + t**2 * end
        return points

    def seen(self) -> Array:
        """Return the points by which it is compared with boxes."""
        return self.points(np.linspace(0, 1, _SEEN))

    def part(self, first: float, last: float) -> Curve:
        """Return the part of it between two times."""
        start, end = self.points(np.array([first, last]))
        weights = (1 - first) * (1 - last), first * (1 - last) + last * (1 - first), first * last
        x, y = (
            sum(w * p for w, p in zip(weights, ways, strict=True))
            for ways in zip(self.start, self.control, self.end, strict=True)
        )
        return Curve((float(start[0]), float(start[1])), (x, y), (float(end[0]), float(end[1])))


def ordered(names: Sequence[str], counts: Mapping[tuple[str, str], float]) -> list[str]:
    """Return names in an order round a circle in which those with much between them are near.

    Two names change places as long as that brings what is between all names nearer together.

    Examples
    --------
    >>> ordered(["a", "b", "c", "d", "e"], {("a", "c"): 9, ("c", "e"): 9})
    ['a', 'c', 'e', 'd', 'b']
    """
    order = list(names)
    best = _length(order, counts)
    better = True
    while better:
        better = False
        for one, other in combinations(range(1, len(order)), 2):
            tried = list(order)
            tried[one], tried[other] = tried[other], tried[one]
            length = _length(tried, counts)
            if length < best:
                order, best, better = tried, length, True
    return order


def _length(order: Sequence[str], counts: Mapping[tuple[str, str], float]) -> float:
    place = {name: k for k, name in enumerate(order)}
    apart = {pair: abs(place[pair[0]] - place[pair[1]]) for pair in counts}
    return sum(count * min(apart[p], len(order) - apart[p]) for p, count in counts.items())


def round_the_edge(
    sizes: Mapping[str, tuple[float, float]], width: float, height: float
) -> dict[str, Box]:
    """Return a box for each name round an ellipse, the first on top, then clockwise.

    Boxes follow each other at equal steps of height, so that none stand side by side.

    Parameters
    ----------
    sizes : mapping of str to (float, float)
        The half width and half height of each box, in order.
    width, height : float
        The size of the figure.
    """
    down = max(1, math.ceil(len(sizes) / 2))
    widest = max((half for half, _ in sizes.values()), default=0.0)
    boxes = {}
    for place, (name, size) in enumerate(sizes.items()):
        left = place > down
        level = 2 * down - place if left else place
        rise = 1 - 2 * level / down
        side = (-1 if left else 1) * math.sqrt(1 - rise**2)
        x = width / 2 + side * (width / 2 - widest - 2 * _GAP)
        boxes[name] = Box(x, _BOTTOM + (1 + rise) / 2 * (height - _TOP - _BOTTOM), *size)
    return boxes


def arrow(source: Box, target: Box, boxes: Iterable[Box], drawn: Iterable[Curve]) -> Curve:
    """Return the gentlest arrow between two boxes that runs behind no other, nor along one drawn.

    Parameters
    ----------
    source, target : Box
        From where to where; an arrow from a box to itself leaves and enters it above.
    boxes : iterable of Box
        All boxes.
    drawn : iterable of Curve
        The arrows that are drawn already.
    """
    if source == target:
        top = source.y + source.half_height + _GAP
        return Curve((source.x - 16, top), (source.x, top + 60), (source.x + 16, top))
    others = [box for box in boxes if box not in (source, target)]
    middles = [curve.points(np.array([0.5]))[0] for curve in drawn]
    tried = [_trimmed(_bent(source, target, bend, boxes), source, target) for bend in _BENDS]
    return min(tried, key=lambda curve: _clashes(curve, others, middles))


def _clashes(curve: Curve, others: Sequence[Box], middles: Sequence[Array]) -> int:
    points = curve.seen()
    hidden = sum(bool(box.holds(points, _GAP).any()) for box in others)
    along = sum(bool(np.hypot(*(points - middle).T).min() < 2 * _GAP) for middle in middles)
    return hidden + along


def _bent(source: Box, target: Box, bend: float, boxes: Iterable[Box]) -> Curve:
    """Return a curve from middle to middle, bent towards the middle of all boxes."""
    xs, ys = zip(*((box.x, box.y) for box in boxes), strict=True)
    begin, end = _facing(source, target), _facing(target, source)
    across, up = end[0] - begin[0], end[1] - begin[1]
    x, y = (begin[0] + end[0]) / 2, (begin[1] + end[1]) / 2
    middle = (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2
    inward = up * (middle[0] - x) - across * (middle[1] - y)
    turn = bend if inward >= 0 else -bend
    return Curve(begin, (x + turn * up, y - turn * across), end)


def _facing(box: Box, other: Box) -> tuple[float, float]:
    """Return where in a box arrows to and from another end, so that not all meet in its middle."""
    across = other.x - box.x
    away = math.hypot(across, other.y - box.y) or 1.0
    return box.x + _SPREAD * box.half_width * across / away, box.y


def _trimmed(curve: Curve, source: Box, target: Box) -> Curve:
    """Return the part of a curve that lies outside of the boxes at its ends."""
    times = np.linspace(0, 1, 10 * _SEEN)
    points = curve.points(times)
    outside = ~source.holds(points) & ~target.holds(points, _GAP)
    if not outside.any():
        return curve
    return curve.part(float(times[outside][0]), float(times[outside][-1]))


def label(
    curve: Curve, size: tuple[float, float], taken: Sequence[Box], others: Sequence[Curve]
) -> Box:
    """Return where the label of an arrow hides least.

    Parameters
    ----------
    curve : Curve
        The arrow.
    size : tuple of float
        Half of its width and of its height.
    taken : sequence of Box
        The boxes and labels that are there.
    others : sequence of Curve
        The other arrows.
    """
    seen = curve.seen()
    head = seen[np.hypot(*(seen - seen[-1]).T) <= _HEAD]

    def cost(place: Box) -> float:
        hidden = sum(place.meets(box) for box in taken) + bool(place.holds(head).any())
        crossed = sum(bool(place.holds(other.seen()).any()) for other in others)
        on_it = bool(place.holds(seen).any())
        return _HIDES * hidden + _CROSSES * crossed + (0 if on_it else _STANDS_OFF)

    return min(_places(curve, size), key=cost)


def _places(curve: Curve, size: tuple[float, float]) -> list[Box]:
    """Return the places of a label on an arrow and beside it, the best to read first."""
    across, up = curve.end[0] - curve.start[0], curve.end[1] - curve.start[1]
    long = math.hypot(across, up) or 1.0
    return [
        Box(float(x) + beside * up / long, float(y) - beside * across / long, *size)
        for beside, (x, y) in product(_BESIDE, curve.points(np.array(_ALONG)))
    ]
