from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxresearch.study.loaders import csv_records
from cxresearch.study.loaders.csv_records import Unreadable


def cut(
    text: str, delimiter: str = ",", *, at_once: int = 1_000_000
) -> tuple[str, csv_records.Cut]:
    """Cut a text that is handed over some lines at a time; its last line is ended."""
    lines = [f"{line}\n".encode() for line in text.removesuffix("\n").split("\n")] if text else []
    blocks = [b"".join(lines[i : i + at_once]) for i in range(0, len(lines), at_once)]
    out = io.BytesIO()
    found = csv_records.cut(blocks, out, delimiter=delimiter, first=2)
    return out.getvalue().decode(), found


def test_each_record_is_led_by_its_line():
    assert cut("a,1\nb,2\n")[0] == "2,a,1\n3,b,2\n"


def test_a_quoted_field_may_hold_delimiters_quotes_and_lines():
    written, found = cut('"a,""b""\n\nc",1\nd,2\n')
    assert written == '2,"a,""b""\n\nc",1\n5,d,2\n'
    assert found == csv_records.Cut(records=2, unreadable=[])


def test_empty_lines_are_no_records():
    assert cut("\na,1\n\n\nb,2\n\n") == ("3,a,1\n6,b,2\n", csv_records.Cut(2, []))


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
    longest = 'a,"' + "\n" * csv_records.LONGEST_FIELD_LINES + '"\n'
    assert cut(longest)[1].records == 1
    assert cut(longest.replace('"\n', '\n"\n'))[1].unreadable[0].reason == "unclosed quote"


def test_a_record_that_is_too_long_is_set_aside_and_cut_off():
    _, found = cut("a," + "x" * csv_records.LONGEST_RECORD + "\nb,1\n")
    assert found.records == 1
    assert found.unreadable[0].reason == "too long"
    assert found.unreadable[0].text == "a," + "x" * 9_998


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", "^", "]", "-", "\\", "§", "¦"])
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


@given(st.text(st.sampled_from('a,"\n é'), max_size=60), st.integers(1, 3))
def test_lines_may_come_few_at_a_time(text: str, at_once: int):
    assert cut(text, at_once=at_once) == cut(text)


def plainly(text: str) -> tuple[list[tuple[int, str]], list[int]]:
    """Cut a text of fields divided by commas sign by sign: records with their lines, and faults."""

    def closed(record: str, state: str) -> str:
        """The state after the text: start (of a field), bare, quoted, closed, ended, or wrong."""
        for sign in record:
            match state, sign:
                case "start" | "bare" | "closed" | "ended", ",":
                    state = "start"
                case "start", '"':
                    state = "quoted"
                case "start", " ":
                    pass
                case "start", _:
                    state = "bare"
                case "quoted", '"':
                    state = "closed"
                case "closed", '"':
                    state = "quoted"
                case "closed" | "ended", " ":
                    state = "ended"
                case "closed" | "ended", _:
                    state = "wrong"
            if state == "wrong":
                break
        return state

    lines, kept, faults, number = text.split("\n"), [], [], 0
    while number < len(lines):
        state, last = closed(lines[number], "start"), number
        while state == "quoted" and last + 1 < len(lines):
            last += 1
            state = closed(lines[last], "quoted")
        if state in {"quoted", "wrong"}:
            faults.append(number + 2)
            last = number
        elif lines[number]:
            kept.append((number + 2, "\n".join(lines[number : last + 1])))
        number = last + 1
    return kept, faults


@settings(max_examples=400)
@given(st.text(st.sampled_from('aab,,""\n \n'), max_size=80))
def test_records_are_those_of_a_reader_that_goes_sign_by_sign(text: str):
    written, found = cut(text.removesuffix("\n"))
    kept, faults = plainly(text.removesuffix("\n"))
    assert written == "".join(f"{number},{record}\n" for number, record in kept)
    assert [one.line for one in found.unreadable] == faults


def test_a_block_is_cut_between_its_lines_alone():
    rows = [f'{i},"a\nb ""{i}""",c\n' if i % 3 else f'{i},5" x,c\n' for i in range(2_000)]
    assert cut("".join(rows), at_once=7) == cut("".join(rows))
    assert cut("".join(rows), at_once=7)[1] == csv_records.Cut(2_000, [])


@given(st.text(st.sampled_from('a,"\n'), max_size=60))
def test_no_line_is_lost_whatever_the_text(text: str):
    written, found = cut(text)
    filled = [line for line in text.split("\n") if line]
    kept = [line for line in written.split("\n") if line]
    # An unreadable record is one line; every other line that is not empty was carried over.
    assert len(filled) == len(kept) + len(found.unreadable)
    assert all('"' in one.text for one in found.unreadable)


def copied(*blocks: str, delimiter: str = ",") -> csv_records.Cut | None:
    out = io.BytesIO()
    found = csv_records.copy([block.encode() for block in blocks], out, delimiter=delimiter)
    if found:
        assert out.getvalue() == "".join(blocks).encode()
    return found


def test_lines_that_are_records_are_copied_and_counted():
    assert copied("a,1\n", 'b,"x,""y"""\nc,3\n') == csv_records.Cut(3, led=False, padded=False)
    assert copied() == csv_records.Cut(0, led=False, padded=False)


@pytest.mark.parametrize(
    "line", ["", 'a,"b', 'a,"b"c', 'a,5"', 'a,5" by 6"', "a," + "b" * csv_records.LONGEST_RECORD]
)
def test_nothing_is_copied_where_one_line_needs_a_second_look(line: str):
    assert copied("a,1\n", f"b,2\n{line}\nc,3\n") is None


@pytest.mark.parametrize("blank", list(csv_records.BLANK.replace("\n", "")))
@pytest.mark.parametrize("field", ["{}b", "b{}", "{}", '"{}b"', '"b{}"', '{}"b"', '"b"{}'])
@pytest.mark.parametrize("line", ["{},x\n", "x,{},x\n", "x,{}\n"])
def test_a_blank_at_an_end_of_a_field_is_seen(blank: str, field: str, line: str):
    text = line.format(field.format(blank))
    found = copied("a,1\n", text)
    assert found is None or found.padded
    assert copied("a,1\n", line.format(f"b{blank}b")).padded is False


def test_blanks_are_not_told_from_the_delimiter_where_that_is_one():
    assert copied('"\tb"\tc\n', delimiter="\t").padded
    assert not copied("\u00e0,citt\u00e0\n").padded
