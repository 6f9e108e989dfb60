from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxresearch.loaders import records
from cxresearch.loaders.records import Unreadable


def cut(text: str, delimiter: str = ",") -> tuple[str, records.Cut]:
    out = io.StringIO()
    found = records.cut(io.StringIO(text), out, delimiter=delimiter, first=2)
    return out.getvalue(), found


def test_each_record_is_led_by_its_line():
    assert cut("a,1\nb,2\n")[0] == "2,a,1\n3,b,2\n"


def test_a_quoted_field_may_hold_delimiters_quotes_and_lines():
    written, found = cut('"a,""b""\n\nc",1\nd,2\n')
    assert written == '2,"a,""b""\n\nc",1\n5,d,2\n'
    assert found == records.Cut(records=2, unreadable=[])


def test_empty_lines_are_no_records():
    assert cut("\na,1\n\n\nb,2\n\n") == ("3,a,1\n6,b,2\n", records.Cut(2, []))


def test_the_last_line_needs_no_end():
    assert cut("a,1\nb,2")[0] == "2,a,1\n3,b,2"


@pytest.mark.parametrize("field", ['5" screen', 'he said "no"', 'a"', "'", ' a "b"'])
def test_a_quote_inside_a_bare_field_is_a_character(field: str):
    assert cut(f"{field},1\n")[1].records == 1


@pytest.mark.parametrize("line", ['"a"b,1', '1,"a"b', '"a" "b",1', '"a""b"c,1'])
def test_text_after_a_closing_quote_spoils_the_line_only(line: str):
    written, found = cut(f"x,1\n{line}\ny,2\n")
    assert written == "2,x,1\n4,y,2\n"
    assert found.unreadable == [Unreadable(3, "misplaced quote", line)]


def test_a_quote_that_is_never_closed_spoils_its_line_only():
    after = "".join(f"{i},{i}\n" for i in range(3_000))
    written, found = cut('1,"2\n' + after)
    assert found.unreadable == [Unreadable(2, "unclosed quote", '1,"2')]
    assert written.splitlines() == [f"{i + 3},{i},{i}" for i in range(3_000)]


def test_unclosed_quotes_do_not_close_one_another():
    # The second opens a field of its own, so it cannot be the end of the first.
    _, found = cut('1,"2\n3,4\n5,"6\n7,8\n')
    assert [one.line for one in found.unreadable] == [2, 4]
    assert found.records == 2


def test_what_follows_an_unclosed_quote_is_read_for_itself():
    # The last line closes the field that the second opened, not that of the first.
    written, found = cut('1,"2\n5,"6\nx"\n7,8\n')
    assert written == '3,5,"6\nx"\n5,7,8\n'
    assert [one.line for one in found.unreadable] == [2]


def test_an_unclosed_quote_at_the_end_of_the_file():
    written, found = cut('1,2\n3,"4')
    assert (written, found.unreadable) == ("2,1,2\n", [Unreadable(3, "unclosed quote", '3,"4')])


def test_a_field_of_too_many_lines_is_an_unclosed_quote():
    longest = 'a,"' + "\n" * records.LONGEST_FIELD_LINES + '"\n'
    assert cut(longest)[1].records == 1
    assert cut(longest.replace('"\n', '\n"\n'))[1].unreadable[0].reason == "unclosed quote"


def test_a_record_that_is_too_long_is_set_aside_and_cut_off():
    _, found = cut("a," + "x" * records.LONGEST_RECORD + "\nb,1\n")
    assert found.records == 1
    assert found.unreadable[0].reason == "too long"
    assert found.unreadable[0].text == "a," + "x" * 9_998


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", "^", "]", "-", "\\"])
def test_any_delimiter(delimiter: str):
    written, found = cut(f'a{delimiter}"b{delimiter}c"\n"d{delimiter}1\n', delimiter)
    assert written == f'2{delimiter}a{delimiter}"b{delimiter}c"\n'
    assert [one.line for one in found.unreadable] == [3]


fields = st.text(st.sampled_from('ab ,;"\nè'), max_size=6)


@given(st.lists(st.lists(fields, min_size=2, max_size=4), max_size=12))
def test_what_the_csv_module_writes_is_cut_as_it_reads(rows: list[list[str]]):
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    written, found = cut(text.getvalue())
    read = list(csv.reader(io.StringIO(written)))
    assert [row[1:] for row in read] == rows
    assert (found.records, found.unreadable) == (len(rows), [])


@given(st.text(st.sampled_from('a,"\n'), max_size=60))
def test_no_line_is_lost_whatever_the_text(text: str):
    written, found = cut(text)
    filled = [line for line in text.split("\n") if line]
    kept = [line for line in written.split("\n") if line]
    # An unreadable record is one line; every other line that is not empty was carried over.
    assert len(filled) == len(kept) + len(found.unreadable)
    assert all('"' in one.text for one in found.unreadable)
