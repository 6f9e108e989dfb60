"""A pattern that goes back and forth without end is stopped and named; a sound one is not."""

from __future__ import annotations

import re
import signal
import threading
import time

import pytest

from cxresearch.errors import CodebookError
from cxresearch.voc import Codebook, redact, tag
from cxresearch.voc.texts import term_patterns
from cxresearch.voc.texts.term_patterns import OvertimeError, time_limit

ENDLESS = "a" * 60 + "!"
BOOK = """
name: Shop
languages: [en]
themes:
  delivery:
    label: {{en: Delivery}}
    definition: {{en: It comes}}
    terms: {{en: [parcel]}}
    regexes: {{en: ['late', '{regex}']}}
"""


@pytest.fixture
def short(monkeypatch):
    """A tenth of the time that a pattern may take, so that endless ones are soon stopped."""
    monkeypatch.setattr(term_patterns, "_LIMIT", 0.1)


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize("regex", ["(a+)+$", "(a|a)+$", "(a|aa)+$", "(.*a){30}$", "(a*)*bc"])
def test_an_endless_regex_is_stopped_and_named(regex):
    book = Codebook.parse(BOOK.format(regex=regex))
    with pytest.raises(CodebookError) as error:
        # Without its "bc" the last could not hold, and would not be looked for.
        tag(["the parcel is late", f"{ENDLESS} bc"], book, "en")
    (fault,) = error.value.faults
    assert error.value.what == "Shop"
    assert fault.startswith(
        "themes.delivery.regexes.en: must read a text of 64 letters in 0.1 s, so nothing repeated "
        "may be repeated; got "
    )
    assert fault.endswith(repr(regex))


@pytest.mark.usefixtures("short")
def test_sound_regexes_are_read_after_one_was_stopped():
    slow, sound = (Codebook.parse(BOOK.format(regex=regex)) for regex in ("(a+)+$", "a+!$"))
    with pytest.raises(CodebookError):
        tag([ENDLESS], slow, "en")
    assert tag([ENDLESS, "LATE", "no"], sound, "en")["delivery"].tolist() == [True, True, False]


def test_an_endless_order_pattern_is_stopped_and_named():
    with pytest.raises(ValueError, match=r"order_patterns must be .* in 1 s; got '\(a\+\)\+\$'"):
        redact([ENDLESS], order_patterns=["(a+)+$"])


def test_the_clock_counts_work_and_stops_with_the_search():
    before = signal.getsignal(signal.SIGVTALRM)
    with time_limit() as find:
        with pytest.raises(OvertimeError):
            find(re.compile("(a+)+$"), ENDLESS)
        assert [one[0] for one in find(re.compile("a+"), ENDLESS)] == ["a" * 60]
        assert signal.getitimer(signal.ITIMER_VIRTUAL) == (0.0, 0.0)
        began = time.process_time()
        while time.process_time() - began < 1.2:  # work outside a search is nobody's overtime
            pass
    assert signal.getsignal(signal.SIGVTALRM) == before


def test_a_long_text_may_take_longer():
    with time_limit() as find:
        assert len(find(re.compile("a"), "a" * 1_000_000)) == 1_000_000


def test_another_thread_reads_sound_patterns():
    found: list[int] = []

    def read() -> None:
        with time_limit() as find:
            found.append(len(find(re.compile("a"), ENDLESS)))

    thread = threading.Thread(target=read)
    thread.start()
    thread.join()
    assert found == [60]
