from __future__ import annotations

import sys

import pytest

from cxresearch.study.loaders import plain


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A clock that stands until it is set, and a terminal that is looked on."""
    now = [100.0]
    monkeypatch.setattr(plain.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    return now


def test_the_share_of_bytes_is_said_after_two_seconds_and_goes_at_the_end(clock, capsys):
    with plain.reading("orders.csv", 200_000_000) as done:
        clock[0] += 1
        done(50_000_000)
        clock[0] += 2
        done(90_000_000)
        done(91_000_000)
        said = capsys.readouterr().err
    assert said == "\rorders.csv: 45% of 200 MB read"
    assert capsys.readouterr().err.strip() == ""


def test_a_short_read_says_nothing(clock, capsys):
    assert clock
    with plain.reading("orders.csv", 5) as done:
        done(5)
    assert capsys.readouterr().err == ""


def test_nothing_is_said_where_nobody_looks(clock, capsys, monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: False, raising=False)
    monkeypatch.setenv("CX_REPORT_RECORD", "x")
    with plain.reading("orders.csv", 100) as done:
        clock[0] += 60
        done(50)
    assert capsys.readouterr().err == ""
