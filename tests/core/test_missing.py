from __future__ import annotations

import json
from pathlib import Path

import pytest

from cxresearch import report
from cxresearch.core.languages import Language
from cxresearch.core.missing import Missing, or_missing

WAITS = Missing("the study has no row of it: {events}", {"events": "call"})


@or_missing
def doubled(value: int, *, times: int = 2) -> int:
    """Return a value several times."""
    return value * times


def test_what_is_missing_is_false_and_so_is_every_part_of_it() -> None:
    assert not WAITS
    assert WAITS["first"]["second"] is WAITS
    assert WAITS.words(Language()) == "the study has no row of it: call"
    assert WAITS._repr_html_() == "<p>Not measured: the study has no row of it: call.</p>"


def test_a_function_of_it_returns_it_and_does_not_run() -> None:
    other = Missing("no orders")
    assert doubled(2, times=4) == 8
    assert doubled(WAITS) is WAITS  # type: ignore[arg-type, comparison-overlap]
    assert doubled(2, times=other) is other  # type: ignore[arg-type, comparison-overlap]
    assert doubled(WAITS, times=other) is WAITS  # type: ignore[arg-type, comparison-overlap]
    assert doubled.__doc__ == "Return a value several times."


def test_a_page_says_why_and_records_nothing(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CX_REPORT_RECORD", str(tmp_path / "record.json"))
    report.begin(lang="it")
    why = Missing("no orders")
    report.show(why)
    report.say("They wait {time}, {name} too.", time=why, name="Anna")
    report.record("wait", why)
    report.record(why)
    report.provenance()
    shown = capsys.readouterr().out.splitlines()
    assert shown == ["Non misurato: no orders."] * 2
    assert json.loads((tmp_path / "record.json").read_text())["numbers"] == {}
    report.begin()


def test_what_goes_through_it_meets_it_once() -> None:
    assert list(WAITS) == [WAITS]
