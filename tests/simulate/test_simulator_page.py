"""docs/simulator.md says what is planted, now."""

from __future__ import annotations

from dataclasses import fields

from cxresearch.core import disk
from cxresearch.simulate import Planted
from cxresearch.simulate.truth import SEEN, page


def test_the_page_is_the_one_of_what_is_planted() -> None:
    written = (disk.PACKAGE.parent / "docs" / "simulator.md").read_text("utf-8")
    assert written == page(Planted())


def test_every_topic_says_where_it_is_seen() -> None:
    assert set(SEEN) == {one.name for one in fields(Planted())}


def test_every_topic_says_what_it_is_and_the_truth_repeats_it() -> None:
    for topic, values in Planted().to_dict().items():
        assert len(values["what"].split()) > 7, topic
