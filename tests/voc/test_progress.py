"""The bar: shown for what takes long, never in a report."""

from __future__ import annotations

import pytest

from cxresearch import voc
from cxresearch.voc.texts import raw_text


@pytest.fixture
def clock(monkeypatch):
    """A clock that goes on by two seconds whenever it is looked at."""
    times = iter(range(0, 1000, 2))
    monkeypatch.setattr(raw_text.time, "monotonic", lambda: float(next(times)))
    monkeypatch.delenv("CX_REPORT_RECORD", raising=False)


pytestmark = pytest.mark.usefixtures("clock")


def run(count=5):
    return [list(part) for part in raw_text.batches(range(count), size=1, what="texts")]


def test_what_takes_long_shows_how_far_it_is(capsys):
    assert run() == [[0], [1], [2], [3], [4]]
    written = capsys.readouterr().err.split("\r")
    assert written[1].split("] ")[1] == "2 of 5 texts, 9 s left"
    assert written[1].count("#") == 12
    assert written[-1].split("] ")[1] == "5 of 5 texts, 12 s     \n"


def test_what_is_soon_done_shows_nothing(capsys):
    run(2)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("work", "what"),
    [
        (lambda texts: voc.tag(texts, voc.Codebook.load(), "en"), "texts tagged"),
        (voc.redact, "texts redacted"),
        (voc.detect_language, "texts by language"),
        (lambda texts: voc.sentiment(texts, "en"), "texts judged by their words"),
        (voc.encoder().encode, "texts encoded"),
        (lambda texts: voc.emerging_terms(texts, [True, False] * 512), "texts cut into words"),
    ],
    ids=["tag", "redact", "detect_language", "sentiment", "encode", "emerging_terms"],
)
def test_all_that_reads_many_texts_shows_how_far_it_is(work, what, capsys):
    work([f"ok {place}" for place in range(4 * 256)])
    last = capsys.readouterr().err.split("\r")
    assert any(f"] 768 of 1,024 {what}, " in shown for shown in last)


def test_a_report_shows_nothing(capsys, monkeypatch):
    monkeypatch.setenv("CX_REPORT_RECORD", "somewhere")
    run()
    assert capsys.readouterr().err == ""


def test_nothing_to_do_is_no_fault():
    assert run(0) == []
