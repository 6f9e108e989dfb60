"""The named rules a row must keep beyond its column's kind; each is one SQL condition.

A rule that rejects sends the row to quarantine; a rule that flags keeps it and counts it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from cxresearch.engine.backends import literal, quoted
from cxresearch.study.schema import Column, Table

Action = Literal["reject", "flag"]

#: What the second byte of a UTF-8 letter becomes where it is read as Windows-1252.
_SECOND = bytes(range(0x80, 0xC0)).decode("cp1252", "ignore")
#: What text looks like after it was read in a wrong encoding: control characters that were dashes
#: or curly quotes of Windows, accented letters, quotes and the euro sign of UTF-8.
_MOJIBAKE = (
    f"\N{REPLACEMENT CHARACTER}|[\u0080-\u009f]|\u00c3[{_SECOND}]|\u00e2\u20ac|\u00e2\u201a\u00ac"
    # An "à" at the end, whose second byte is a blank; accents of a Mac and of DOS.
    "|\\p{Ll}\u00c3$|\\p{L}[\u02c6\u02dc]|\\p{Ll}[\u0160\u017d\u201a]"
)


#: What databases and programs write where there is no value.
NULLS = ("NULL", "null", "(null)", r"\N", "None", "nan", "NaN", "<NA>", "undefined")
#: What people and tools write for the id of nobody, in lower case.
_NOBODY = (
    *("n/a", "#n/a", "n/d", "#n/d", "n.d.", "-", "--"),
    *("(not set)", "unknown", "sconosciuto"),
)
_NO_CUSTOMER = ("0", "guest", "ospite", "anonymous", "anonimo")
#: A number that a spreadsheet has shortened: 1.23E+12 is any of ten thousand million.
SHORTENED = r"\d([.,]\d+)?[eE]\+\d{2,3}"


@dataclass(frozen=True, slots=True)
class Rule:
    """One named rule.

    Parameters
    ----------
    name : str
        The rule, named by the fault it finds.
    action : {"reject", "flag"}
        What becomes of an offending row.
    column : str
        The column the fault is shown by.
    where : str
        SQL that is true for an offending row.
    among : str
        SQL that is true for more rows and takes less time to ask; mostly nothing.
    """

    name: str
    action: Action
    column: str
    where: str
    among: str = ""


@dataclass(frozen=True, slots=True)
class Setting:
    """What rules need to know of the study.

    Parameters
    ----------
    currency : str
        Its ISO 4217 currency.
    time_zone : str
        Its IANA time zone, in which days begin and end.
    events : sequence of str
        The events its manifest explains; empty when it explains none.
    as_of : str, optional
        The day the exports were made, ISO 8601; without it no time is known to be in the future.
    """

    currency: str
    time_zone: str
    events: Sequence[str] = ()
    as_of: str | None = None


def nobody(column: Column) -> frozenset[str]:
    """Return what an id says, in lower case, that stands for nobody, beside :data:`NULLS`.

    Examples
    --------
    >>> "guest" in nobody(Column("customer_id")), "guest" in nobody(Column("order_id"))
    (True, False)
    """
    return frozenset(_NOBODY + (_NO_CUSTOMER if column.name == "customer_id" else ()))


def rules(table: Table, setting: Setting) -> list[Rule]:
    """Return the rules of a table in the order they are applied."""
    of_table = _BY_TABLE.get(table.name)
    return [*_general(table, setting), *(of_table(setting) if of_table else ())]


def _general(table: Table, setting: Setting) -> Iterator[Rule]:
    for time in table.times:
        # A year of two digits, or a "zero" date, is no date of an export.
        yield Rule("before_1900", "reject", time, f"{quoted(time)} < DATE '1900-01-01'")
    if setting.as_of:
        # A day is over in every time zone, in UTC, before the second day after it begins.
        for time in [time for time in table.times if time not in table.ahead]:
            late = f"{quoted(time)} >= {literal(setting.as_of)}::DATE + 2"
            yield Rule("future_date", "reject", time, late)
    for column in table.columns:
        if column.kind == "text":
            name = quoted(column.name)
            # What is garbled has letters of several bytes; a pattern takes longer to find that.
            garbled = f"regexp_matches({name}, {literal(_MOJIBAKE)})"
            wide = f"strlen({name}) > length({name})"
            broken = f"CASE WHEN {wide} THEN {garbled} END"
            yield Rule("broken_encoding", "flag", column.name, broken, among=wide)
        name = quoted(column.name)
        if column.is_id:
            nulls, marks = (", ".join(map(literal, one)) for one in (NULLS, sorted(nobody(column))))
            odd = f"{name} IN ({nulls}) OR lower({name}) IN ({marks})"
            yield Rule("id_of_nobody", "flag", column.name, odd)
        if column.is_code:
            marked = f"(contains({name}, 'E+') OR contains({name}, 'e+'))"
            marked = f"{marked} AND regexp_full_match({name}, {literal(SHORTENED)})"
            yield Rule("shortened_code", "flag", column.name, marked)


def _events(setting: Setting) -> list[Rule]:
    if not setting.events:
        return []
    known = ", ".join(map(literal, setting.events))
    return [Rule("unknown_event", "flag", "event", f"event NOT IN ({known})")]


def _orders(setting: Setting) -> list[Rule]:
    negative = "revenue < 0 AND coalesce(status, 'completed') = 'completed'"
    return [
        Rule("anonymous", "flag", "customer_id", "customer_id IS NULL"),
        Rule("cancelled", "flag", "status", "status = 'cancelled'"),
        Rule("returned", "flag", "status", "status = 'returned'"),
        Rule("negative_revenue", "flag", "revenue", negative),
        Rule("zero_revenue", "flag", "revenue", "revenue = 0"),
        Rule("other_currency", "flag", "currency", f"currency <> {literal(setting.currency)}"),
    ]


def _surveys(_: Setting) -> list[Rule]:
    scales = "count(DISTINCT (scale_min, scale_max)) OVER (PARTITION BY metric, touchpoint) > 1"
    question = "OVER (PARTITION BY metric, touchpoint, scale_min, scale_max)"
    low_only = f"max(score) {question} <= 5 AND count(*) {question} >= 10"
    # The measures count answers by score: they know no answer between two of its steps.
    part = "score <> floor(score) OR scale_min <> floor(scale_min) OR scale_max <> floor(scale_max)"
    return [
        Rule("empty_scale", "reject", "scale_max", "scale_min >= scale_max"),
        Rule("score_outside_scale", "reject", "score", "score NOT BETWEEN scale_min AND scale_max"),
        Rule("score_not_whole", "reject", "score", part),
        Rule("mixed_scales", "flag", "scale_max", scales),
        Rule("scale_not_used", "flag", "score", f"scale_max = 10 AND {low_only}"),
    ]


def _tickets(_: Setting) -> list[Rule]:
    disorder = "first_response < opened OR resolved < opened OR resolved < first_response"
    return [Rule("times_out_of_order", "flag", "opened", disorder)]


def _deliveries(_: Setting) -> list[Rule]:
    return [Rule("came_before_it_left", "flag", "delivered", "delivered < shipped")]


_BY_TABLE = {
    "events": _events,
    "orders": _orders,
    "deliveries": _deliveries,
    "surveys": _surveys,
    "tickets": _tickets,
}
