"""The page says what each report cost, and what is found in parts."""

from __future__ import annotations

from dataclasses import asdict

from tests.bench import page, reports, value
from tests.bench.measured import Measure


def took(cpu_s):
    return asdict(Measure(seconds=1.0, cpu_s=cpu_s, peak_mb=100.0, answer=None))


FOUND = {
    reports.NOTHING: {"summary": took(2.25), reports.ALL: took(61.0)},
    reports.TABLES: {"summary": took(1.5), reports.ALL: took(40.0)},
    reports.AGAIN: {reports.ALL: took(0.75)},
    reports.PARTS: {"scan": took(3.125)},
}


def test_each_page_has_a_row_and_each_pass_a_column():
    text = reports.section({1.0: FOUND})
    assert "| summary | 2.2 | 1.5 |  |" in text
    assert "| all | 61.0 | 40.0 | 0.8 |" in text
    assert "| scan | 3.12 |" in text
    assert "Nothing has been measured" not in text


def test_the_page_says_where_nothing_was_measured():
    assert "Nothing has been measured" in reports.section({})


def test_what_another_run_measured_stays_on_the_page():
    measured, empty = reports.section({1.0: FOUND}), reports.section({})
    whole = "\n".join(["# Benchmarks\n", value.section({}), measured])
    assert page.kept(whole, empty) == measured
    assert page.kept(value.section({}), empty) == empty
