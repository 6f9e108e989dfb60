"""What the README says can be done, is done."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cxresearch.study import manifest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")


def block(language: str) -> str:
    found = re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)
    assert len(found) == 1
    return found[0]


def test_its_five_lines_give_numbers_with_intervals():
    pytest.importorskip("duckdb")
    *lines, aov, repeat = block("python").strip().splitlines()
    names: dict[str, object] = {}
    exec("\n".join(lines), names)
    value = eval(aov, names)
    assert value.ci.low < value.value < value.ci.high
    assert value.unit == "EUR"
    share = eval(repeat, names)
    assert 0 < share.ci.low < share.value < share.ci.high < 1


def test_its_manifest_is_one():
    study = manifest.parse(block("yaml"))
    assert study.tables["orders"][0].columns["order_id"].names == ["Numero ordine"]
    assert study.languages == ("it", "en")
    assert study.labels_in("it") == {"mobile": "Da mobile"}


def test_its_make_targets_are_there_and_ci_runs_those_it_starts_with():
    makefile = (ROOT / "Makefile").read_text("utf-8")
    named = set(re.findall(r"`make(?: -j2)? ([a-z]+)", README.replace("\n", " ")))
    assert named <= set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    started = re.findall(r"^make \w+", block("sh"), re.MULTILINE)
    assert started == ["make report", "make test"]
    assert set(started) <= set((ROOT / ".ci" / "run").read_text("utf-8").splitlines())


def test_every_file_it_links_to_is_there():
    for target in re.findall(r"\]\((?!https?:)([^)]+)\)", README):
        assert (ROOT / target).exists(), target
