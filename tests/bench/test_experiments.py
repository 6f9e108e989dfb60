"""The bench of experiments is right: the tools agree, and the page says what was measured."""

from __future__ import annotations

from dataclasses import replace

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from tests.bench import experiments
from tests.bench.experiments import customers
from tests.bench.experiments.tools import BY_HAND, KIT, TASKS

SIZE = 0.02


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """What a small run finds; it fails where the two do not agree."""
    quick = tuple(replace(tool, repeats=1, at_once=True) for tool in (BY_HAND, KIT))
    return experiments.run(SIZE, tmp_path_factory.mktemp("bench"), quick)


def test_every_task_of_both_is_measured(found):
    assert {name: tuple(tasks) for name, tasks in found.items()} == {
        BY_HAND.name: TASKS,
        KIT.name: TASKS,
    }
    assert all(one["seconds"] > 0 for tasks in found.values() for one in tasks.values())


def test_the_page_has_a_row_for_each(found):
    text = experiments.section({SIZE: found})
    assert "### 0.02 million customers" in text
    took = found["cxresearch"]["2 variants"]
    assert f"| 2 variants | cxresearch | {took['seconds']:.2f} | {took['cpu_s']:.2f} |" in text
    beside = took["cpu_s"] / found["DuckDB by hand"]["2 variants"]["cpu_s"]
    assert f"beside the sums by hand | at most 1.5 | {beside:.2f} |" in text


def test_without_measurements_the_page_says_so():
    assert "Nothing has been measured" in experiments.section({})


def test_differences_that_do_not_agree_are_found():
    assert experiments.same([[0.1, 0.001]], [[0.1005, 0.001]])
    for other in ([[0.1, 0.0011]], [[0.12, 0.001]], [[0.1]], []):
        assert not experiments.same(other, [[0.1, 0.001]])


def test_customers_are_those_of_their_seed_with_the_effects_they_should_have(tmp_path):
    for name in ("one", "other"):
        customers.write(200_000, tmp_path / name)
    one, other = (pq.read_table(tmp_path / name) for name in ("one", "other"))
    assert len(one) == 200_000
    assert one == other
    assert set(one["four"].to_pylist()) == {0, 1, 2, 3}
    means = [
        pc.mean(one.filter(pc.equal(one["two"], variant))["revenue"]).as_py() for variant in (0, 1)
    ]
    # Six standard errors of a difference whose standard deviation is about 9.
    assert means[1] - means[0] == pytest.approx(0.1, abs=0.25)
