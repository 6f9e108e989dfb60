"""The bench of texts is right: the peers agree with the kit, the page says what was measured."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from tests.bench import texts
from tests.bench.measured import Measure
from tests.bench.texts import feedback
from tests.bench.texts.tools import ALL, ALL_AGAIN, ENGLISH, KIT, LANGID, LANGUAGE, TASKS, VADER

SIZE = 0.03


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """What a small run finds; it fails where two do not agree."""
    quick = tuple(replace(tool, repeats=1, at_once=True) for tool in (KIT, LANGID, VADER))
    return texts.run(SIZE, tmp_path_factory.mktemp("bench"), quick)


def test_every_task_is_measured(found):
    assert {name: tuple(tasks) for name, tasks in found.items()} == {
        KIT.name: TASKS,
        LANGID.name: (LANGUAGE,),
        VADER.name: (ENGLISH,),
    }
    assert all(one["seconds"] > 0 for tasks in found.values() for one in tasks.values())


def test_the_page_has_a_row_for_each(found):
    text = texts.section({SIZE: found})
    assert "### 300 texts" in text
    by_kit, by_vader = found[KIT.name][ENGLISH], found[VADER.name][ENGLISH]
    # Half of the texts are English.
    assert f"texts per second | at least 10,000 | {150 / by_kit['cpu_s']:,.0f} |" in text
    beside = f"{150 / by_vader['cpu_s']:,.0f} | {by_vader['cpu_s'] / by_kit['cpu_s']:.2f} |"
    (row,) = [line for line in text.splitlines() if VADER.name in line]
    assert row.startswith(f"| {ENGLISH} | {VADER.name} | {by_vader['seconds']:.2f} |")
    assert row.endswith(beside)
    # Each of the two tables has a row of names and one of rules above its own.
    assert text.count("\n| ") == (2 + 7) + (2 + len(TASKS) + 2)


def test_without_measurements_the_page_says_so():
    assert "Nothing has been measured" in texts.section({})


def test_opinions_are_compared_where_both_have_one():
    assert texts.alike(LANGUAGE, ["en", "fr", "it", "de"], ["en", "it", "it", "unknown"]) == 2 / 3
    assert texts.alike(ENGLISH, [0.5, -0.1, 0.0, 0.2], [0.1, 0.3, 0.4, 0.9]) == 2 / 3
    assert texts.alike("themes", 4, 4) == 1
    assert texts.alike("themes", 4, 5) == 0


def answers(found):
    return {
        task: Measure(seconds=1.0, cpu_s=1.0, peak_mb=1.0, answer=answer)
        for task, answer in found.items()
    }


def test_a_tool_of_another_opinion_is_found():
    of_kit = answers({LANGUAGE: ["en"] * 50 + ["it"] * 50})
    texts.compare(LANGID, answers({LANGUAGE: ["en"] * 50 + ["it"] * 47 + ["fr"] * 3}), of_kit)
    with pytest.raises(RuntimeError, match=f"language: {LANGID.name} says .* of 96.0% only"):
        texts.compare(LANGID, answers({LANGUAGE: ["en"] * 54 + ["it"] * 46}), of_kit)


def test_a_rerun_that_answers_otherwise_is_found():
    texts.compare(KIT, answers({ALL_AGAIN: [[0.1]]}), answers({ALL: [[0.1]]}))
    with pytest.raises(RuntimeError, match=f"{ALL_AGAIN}: cxresearch says .* of 0.0% only"):
        texts.compare(KIT, answers({ALL_AGAIN: [[0.2]]}), answers({ALL: [[0.1]]}))


def test_texts_are_those_of_their_seed_and_no_two_alike(tmp_path):
    for name in ("one", "other"):
        feedback.write(3_000, tmp_path / name)
    one, other = (pd.read_parquet(tmp_path / name) for name in ("one", "other"))
    assert one.equals(other)
    assert one["text"].nunique() == len(one) == 3_000
    assert one["language"].value_counts().to_dict() == {"en": 1_500, "it": 1_500}
    assert 14 < one["text"].str.split().str.len().mean() < 17
    assert set(one["themes"].str.count(r"\|")) == {1}
