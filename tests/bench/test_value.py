"""The bench of customer value is right: the tools agree, and the page says what was measured."""

from __future__ import annotations

from dataclasses import replace

import pyarrow.parquet as pq
import pytest

from tests.bench import value
from tests.bench.value import orders
from tests.bench.value.tools import BY_HAND, KIT, TASKS

SIZE = 0.02


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """What a small run finds; it fails where the two do not agree."""
    quick = tuple(replace(tool, repeats=1, at_once=True) for tool in (BY_HAND, KIT))
    return value.run(SIZE, tmp_path_factory.mktemp("bench"), quick)


def test_every_task_is_measured_and_the_page_has_a_row_for_each(found):
    assert tuple(found[KIT.name]) == TASKS
    assert tuple(found[BY_HAND.name]) == BY_HAND.tasks
    text = value.section({SIZE: found})
    took = found[KIT.name]["triangle"]
    assert "### 0.02 million orders" in text
    assert f"| triangle | cxresearch | {took['cpu_s']:.2f} |" in text
    assert "Nothing has been measured" in value.section({})


def test_answers_that_do_not_agree_are_found():
    assert value.same([1.0, 2.0], [1.0, 2.000001], 1e-6)
    for other in ([1.0, 2.001], [1.0], []):
        assert not value.same(other, [1.0, 2.0], 1e-6)


def test_orders_are_those_of_their_seed(tmp_path):
    for name in ("one", "other"):
        orders.write(20_000, tmp_path / name)
    one, other = (pq.read_table(tmp_path / name).to_pandas() for name in ("one", "other"))
    assert one.equals(other)
    placed = one[one["revenue"].notna()]
    assert placed["order_id"].is_unique
    assert len(placed) == pytest.approx(20_000, rel=0.05)
    assert one["customer_id"].nunique() == 5600
    assert one.groupby("order_id").size().max() == 3
