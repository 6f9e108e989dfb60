"""The arrows of a graph run behind no box, and its labels hide neither boxes nor heads."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from matplotlib.patches import FancyArrowPatch

from cxresearch.plots import _arrows, graph

#: A shop's transitions: a much visited page, and a way to the till.
WAYS = {
    ("view", "view"): 30,
    ("view", "list"): 18,
    ("list", "view"): 18,
    ("home", "view"): 17,
    ("view", "cart"): 14,
    ("cart", "checkout"): 13,
    ("checkout", "shipping"): 13,
    ("home", "list"): 11,
    ("shipping", "payment"): 11,
    ("payment", "purchase"): 8,
    ("search", "view"): 7,
    ("view", "search"): 6,
}
SIZE = (46.0, 9.0)


def drawn() -> tuple[dict[str, _arrows.Box], dict[tuple[str, str], _arrows.Curve]]:
    names = _arrows.ordered(list(dict.fromkeys(name for way in WAYS for name in way)), WAYS)
    boxes = _arrows.round_the_edge(dict.fromkeys(names, SIZE), 547, 446)
    curves: dict[tuple[str, str], _arrows.Curve] = {}
    for source, target in WAYS:
        ends = boxes[source], boxes[target]
        curves[source, target] = _arrows.arrow(*ends, list(boxes.values()), curves.values())
    return boxes, curves


def test_no_arrow_runs_behind_a_box():
    boxes, curves = drawn()
    for way, curve in curves.items():
        behind = [name for name, box in boxes.items() if box.holds(curve.seen()).any()]
        assert set(behind) <= {way[0]}, way
        assert not boxes[way[1]].holds(np.array([curve.end])).any()


def test_two_arrows_between_the_same_boxes_run_apart():
    _, curves = drawn()
    there, back = curves["view", "list"].seen(), curves["list", "view"].seen()
    middle = len(there) // 2
    assert np.hypot(*(back - there[middle]).T).min() > 5


def test_a_label_hides_no_box_no_other_label_and_not_the_head_of_its_arrow():
    boxes, curves = drawn()
    taken = list(boxes.values())
    for curve in curves.values():
        others = [other for other in curves.values() if other is not curve]
        place = _arrows.label(curve, (12, 5), taken, others)
        assert not any(place.meets(box) for box in taken)
        assert not place.holds(np.array([curve.end])).any()
        taken.append(place)


def test_the_label_of_a_short_arrow_stands_beside_it():
    curve = _arrows.Curve((100, 130), (100, 120), (100, 110))
    place = _arrows.label(curve, (12, 5), [], [])
    assert abs(place.x - 100) > 12


def test_boxes_stand_inside_of_the_figure_and_none_beside_another():
    for count in (1, 2, 7, 12):
        sizes = {str(n): SIZE for n in range(count)}
        boxes = list(_arrows.round_the_edge(sizes, 547, 446).values())
        assert not any(one.meets(other) for one in boxes for other in boxes if one is not other)
        assert all(SIZE[0] <= box.x <= 547 - SIZE[0] for box in boxes)
        assert all(SIZE[1] <= box.y <= 446 - SIZE[1] for box in boxes)
        assert boxes[0].y == max(box.y for box in boxes)


def test_what_has_much_between_it_is_next_to_each_other():
    order = _arrows.ordered(list("abcdef"), {("a", "d"): 5, ("d", "f"): 5, ("f", "b"): 5})
    places = {name: place for place, name in enumerate(order)}
    for one, other in ("ad", "df", "fb"):
        assert abs(places[one] - places[other]) in (1, len(order) - 1)
    assert order[0] == "a"


def test_a_part_of_a_curve_lies_on_it():
    curve = _arrows.Curve((0, 0), (10, 20), (30, 0))
    part = curve.part(0.25, 0.75)
    assert part.points(np.array([0.5]))[0] == pytest.approx(curve.points(np.array([0.5]))[0])
    assert part.start == pytest.approx(tuple(curve.points(np.array([0.25]))[0]))


def test_the_boxes_of_a_figure_are_as_large_as_their_words():
    edges = pd.DataFrame(
        {"source": ["view_product"], "target": ["cart"], "count": [3], "share": [0.5]}
    )
    with plt.rc_context():
        axes = graph.draw(edges)
        axes.figure.canvas.draw()
        name = next(text for text in axes.texts if text.get_text() == "view_product")
        box = name.get_bbox_patch().get_window_extent()
        arrow = next(patch for patch in axes.patches if isinstance(patch, FancyArrowPatch))
        tail = axes.transData.transform(arrow.get_path().vertices[0])
        plt.close("all")
    apart = math.dist(tail, (np.clip(tail[0], box.x0, box.x1), np.clip(tail[1], box.y0, box.y1)))
    assert apart < 8
