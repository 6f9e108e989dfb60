"""What a value must be, in words: what the quarantine says beside a value that is not."""

from __future__ import annotations

from cxresearch.core.validate import choice
from cxresearch.study.manifest import Source
from cxresearch.study.schema import Column

#: Of a rule what a row must be, where neither its column nor its file has a say in it.
_ALWAYS = {
    "not_a_whole_number": "a whole number",
    "not_a_flag": "yes or no",
    "missing_value": "given",
    "before_1900": "of 1900 or later",
    "future_date": "of a day before the export was made",
    "duplicate_key": "of one row; this key came before",
    "empty_scale": "above the lower end of the scale",
    "score_outside_scale": "on its scale",
    "score_not_whole": "a whole number, and the ends of its scale as well",
}
_TIME = (
    "such as 2026-01-31 10:00:00, or counted since 1970; for others the manifest gives "
    "time_format: %d/%m/%Y, epoch_ms or excel_day"
)


def allowed(rule: str, column: Column, source: Source, *, words: str = "") -> str:
    """Return what a column must be by a rule; empty for a rule that speaks for itself.

    Where other answers to a question are words for numbers, `words` lists them.

    Examples
    --------
    >>> allowed("not_a_number", Column("revenue", "number"), Source(file="o.csv", decimal=","))
    'a number with the decimal mark ,'
    >>> allowed("out_of_range", Column("cost", "number", low=0), Source(file="m.csv"))
    'at least 0'
    """
    if rule in {"not_a_time", "not_a_date"}:
        return f"written as {source.time_format}" if source.time_format else _TIME
    if rule == "not_a_number":
        grouped = f", thousands grouped by {source.thousands!r}" if source.thousands else ""
        return f"a number with the decimal mark {source.decimal or '.'}{grouped}"
    if rule == "not_allowed":
        return choice(column.allowed)
    if rule == "out_of_range":
        ends = (("at least", column.low), ("at most", column.high))
        return " and ".join(f"{word} {end:g}" for word, end in ends if end is not None)
    if rule == "answers_in_words":
        return (
            f"of a question without words for numbers: {words} need values: {{{column.name}: ...}}"
        )
    return _ALWAYS.get(rule, "")
