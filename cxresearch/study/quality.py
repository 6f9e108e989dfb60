"""How far a study's data can carry its answers: what came in, what was refused, what is odd."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from cxresearch.core import validate
from cxresearch.core.documented import documented
from cxresearch.core.languages import Language
from cxresearch.core.remarks import Remark, Said, Sentence
from cxresearch.core.results import Estimate, Interval
from cxresearch.core.table import Column, Table
from cxresearch.study import schema

if TYPE_CHECKING:
    import narwhals as nw
    import pandas as pd

    from cxresearch.engine.row_order import Ties
    from cxresearch.study import Study

#: What each rule of the loaders finds, in words.
RULES = {
    "anonymous": "no customer is named",
    "answers_in_words": "other answers to the question are words without a number",
    "before_1900": "dated before 1900",
    "broken_encoding": "letters were garbled by a wrong encoding",
    "came_before_it_left": "the parcel came before it left",
    "cancelled": "cancelled",
    "duplicate_key": "the key is already in an earlier row",
    "empty_scale": "the scale ends where it begins",
    "future_date": "dated after the export was made",
    "id_of_nobody": "the id stands for nobody, like NULL",
    "later_row": "an earlier row says the same",
    "local_time_skipped": "a local time that the change to summer time skipped",
    "local_time_twice": "a local time that the change to winter time showed twice",
    "missing_value": "a required value is missing",
    "mixed_scales": "one question was asked on several scales",
    "negative_revenue": "a completed order with negative revenue",
    "not_a_date": "cannot be read as a date",
    "not_a_flag": "cannot be read as yes or no",
    "not_a_number": "cannot be read as a number",
    "not_a_time": "cannot be read as a time",
    "not_a_whole_number": "cannot be read as a whole number",
    "not_allowed": "a value that is not on the list",
    "other_currency": "in another currency than the study's",
    "out_of_range": "below or above what is possible",
    "price_not_positive": "the price is zero or negative",
    "quantity_not_positive": "the quantity is zero or negative",
    "repeated_line": "the same line is there more than once",
    "returned": "returned",
    "row_in_two_files": "another file has the same row: it counts twice",
    "scale_not_used": "no answer to this question is above 5 on its scale to 10",
    "score_not_whole": "the score or an end of its scale is not a whole number",
    "score_outside_scale": "the score is not on its scale",
    "shortened_code": "a spreadsheet has shortened the number: different ones look the same",
    "times_out_of_order": "closed or answered before it was opened",
    "unknown_event": "the study does not explain this event",
    "unreadable_row": "the line cannot be read as a row",
    "zero_revenue": "worth nothing",
}

#: The columns of codes that a reader sees by their labels.
CODES = {
    "events": ("event", "channel", "device"),
    "orders": ("channel",),
    "surveys": ("touchpoint",),
    "feedback": ("source", "touchpoint"),
    "tickets": ("channel",),
    "exposures": ("experiment", "variant"),
    "marketing": ("channel",),
    "customers": ("segment",),
}
#: How many values without a label a page lists.
_MOST_VALUES = 100
#: How many months without a row are named of a table.
_MOST_MONTHS = 6
_WITH_GAPS = "The tables of the study and the days they cover; months without a row: {gaps}"


def rows_in(study: Study) -> Estimate:
    """Return how many rows were read for the tables of a study.

    A file that two tables are read from counts for both; rows that are read once and give two
    tables (invoice lines give orders and their lines) count once.
    """
    return _counted(int(_by_file(study)["rows_in"].sum()), "rows")


def rows_rejected(study: Study) -> Estimate:
    """Return how many of :func:`rows_in` went to quarantine."""
    counts = _by_file(study)[["rows_rejected", "rows_in"]].sum()
    return _counted(int(counts["rows_rejected"]), "rows", of=int(counts["rows_in"]))


@documented
def rejected_share(study: Study, *, confidence: float = 0.95) -> Estimate:
    """Return the share of :func:`rows_in` that went to quarantine.

    The Wilson interval tells what other exports made in the same way could show.

    Raises
    ------
    %(confidence_error)s
    """
    from cxresearch.stats.shares import proportions

    rejected, total = int(rows_rejected(study).value), int(rows_in(study).value)
    return proportions.proportion(rejected, total, confidence=confidence)


def worst_table(study: Study) -> Sentence:
    """Return which table lost the largest share of its rows, and that every row was counted."""
    rows = rejected_by_table(study).frame
    if not rows["rows_rejected"].any():
        return Sentence("Every row of every file was counted.", {})
    worst = rows.sort_values("share", ascending=False).iloc[0]
    return Sentence(
        "Every row of every file was counted. Most rejected: {table}, {share} of its rows.",
        {"table": Said({"en": worst["table"]}), "share": (float(worst["share"]), "share")},
    )


def left_out(study: Study) -> list[Sentence]:
    """Return of which tables rows are left out that are no fault, and why."""
    found = study.findings()
    return [
        Sentence(
            "{count} rows of {table} are left out, as {why}.",
            {
                "count": int(one["rows"]),
                "table": Said({"en": one["table"]}),
                "why": Remark(RULES[one["rule"]]),
            },
        )
        for one in found[found["action"] == "leave out"].to_dict("records")
    ]


def next_step(study: Study) -> Sentence:
    """Return what the owner of the exports is to do: what was rejected most, or nothing."""
    found = study.findings()
    rejected = found[found["action"] == "reject"]
    if not len(rejected):
        return Sentence("Nothing to fix: no row was rejected.", {})
    most = rejected.sort_values("rows", ascending=False, kind="stable").iloc[0]
    return Sentence(
        "Fix the export of {table} first: {what} ({count} rows). Then export it again.",
        {
            "table": Said({"en": most["table"]}),
            "what": Remark(RULES[most["rule"]]),
            "count": int(most["rows"]),
        },
    )


@documented
def rejected_by_table(study: Study, *, confidence: float = 0.95) -> Table:
    """Return the share of each table's rows that went to quarantine, with its Wilson interval.

    Returns
    -------
    Table
        Columns ``table``, ``rows_in``, ``rows_rejected``, ``share`` and the ends of its interval.

    Raises
    ------
    %(confidence_error)s

    Notes
    -----
    Had the refused rows been kept, no share of a table's rows could differ from the one computed
    without them by more than this. A share of something else that the rows count, such as
    customers, can: one row more makes a one-time buyer a repeat buyer.
    """
    from cxresearch.stats.shares import proportions

    tables = study.counts().groupby("table", sort=False)[["rows_in", "rows_rejected"]].sum()
    shares = [
        proportions.proportion(int(rejected), int(total), confidence=confidence)
        for total, rejected in tables.itertuples(index=False)
    ]
    rows = tables.reset_index().assign(
        share=[share.value for share in shares],
        share_low=[share.ci.low for share in shares],
        share_high=[share.ci.high for share in shares],
    )
    return Table(
        frame=rows,
        columns=[
            Column("table", role="code"),
            Column("rows_in", "Rows read"),
            Column("rows_rejected"),
            Column("share", unit="share", role="estimate"),
        ],
        caption="The share of each table's rows that was rejected",
    )


def event_ties(study: Study) -> Ties:
    """Return in which order of time the rows of the events come, and how many pairs share a moment.

    Raises
    ------
    MissingTableError
        If the study has no events.
    """
    from cxresearch.engine import row_order

    return row_order.ties(study.frame("events").to_native())


def orders_read(orders: nw.LazyFrame[Any]) -> Estimate:
    """Return how many order documents there are, cancellations included."""
    import narwhals as nw

    return _counted(int(orders.select(n=nw.len()).collect().item()), "orders")


def identified_customers(orders: nw.LazyFrame[Any]) -> Estimate:
    """Return how many customers are named by at least one order document."""
    import narwhals as nw

    named = orders.filter(~nw.col("customer_id").is_null()).select("customer_id").unique()
    return _counted(int(named.select(n=nw.len()).collect().item()), "customers")


@documented
def anonymous_share(orders: nw.LazyFrame[Any], *, confidence: float = 0.95) -> Estimate:
    """Return the share of order documents that name no customer, with its Wilson interval.

    Raises
    ------
    %(confidence_error)s
    """
    import narwhals as nw

    from cxresearch.stats.shares import proportions

    anonymous = nw.col("customer_id").is_null().cast(nw.Int64)
    sums = orders.select(anonymous=anonymous.sum(), n=nw.len()).collect()
    return proportions.proportion(
        int(sums.item(0, "anonymous") or 0), int(sums.item(0, "n")), confidence=confidence
    )


def findings(study: Study, *, action: str) -> Table:
    """Return what the rules rejected or flagged, in words.

    Parameters
    ----------
    study : Study
        The study.
    action : {"reject", "flag"}
        Which findings.

    Returns
    -------
    Table
        Columns ``table``, ``column``, ``finding``, ``of`` (what is counted) and ``rows``.

    Raises
    ------
    ValueError
        If `action` is another word.
    """
    captions = {"reject": "Rejected rows by reason", "flag": "Flagged rows by reason"}
    validate.one_of("action", action, tuple(captions))
    found = study.findings()
    found = found[found["action"] == action].reset_index(drop=True)
    return Table(
        frame=found.assign(finding=found["rule"].map(RULES)),
        columns=[
            Column("table", role="code"),
            Column("column", role="code"),
            Column("finding", "What is wrong"),
            Column("of", "A row is"),
            Column("rows"),
        ],
        caption=captions[action],
    )


def unlabelled(study: Study) -> Table:
    """Return the values of the data that a reader sees as they are: they have no label.

    Returns
    -------
    Table
        Columns ``value``, ``columns`` (where it stands), ``languages`` (in which it has no label)
        and ``rows``, the value of most rows first; no more than 100 values, and the caption says
        of how many.
    """
    import pandas as pd

    languages = study.languages or (study.language,)
    labels = study.manifest.all_labels
    found: dict[str, tuple[list[str], int]] = {}
    for table, column, value, rows in _codes(study):
        if any(language not in labels.get(value, {}) for language in languages):
            columns, before = found.get(value, ([], 0))
            found[value] = ([*columns, f"{table}.{column}"], before + rows)
    listed = [
        (
            value,
            ", ".join(columns),
            ", ".join(Language(one).name for one in languages if one not in labels.get(value, {})),
            count,
        )
        for value, (columns, count) in sorted(found.items(), key=lambda one: (-one[1][1], one[0]))
    ]
    return Table(
        frame=pd.DataFrame(
            listed[:_MOST_VALUES], columns=["value", "columns", "languages", "rows"]
        ),
        columns=[
            Column("value", role="code"),
            Column("columns", "Where it stands", role="code"),
            Column("languages", "Without a label in", role="code"),
            Column("rows"),
        ],
        caption="Values without a label, the most frequent first: {shown} of {all}",
        values={"shown": min(len(listed), _MOST_VALUES), "all": len(listed)} if listed else {},
        nothing="Every value has a label.",
    )


def _codes(study: Study) -> Iterator[tuple[str, str, str, int]]:
    """Yield each table, column and value that a reader may see, with its number of rows."""
    import narwhals as nw

    for table, columns in CODES.items():
        for column in columns if study.has(table) else ():
            rows = study.frame(table).filter(~nw.col(column).is_null())
            counts = rows.group_by(column).agg(rows=nw.len()).collect()
            for value, count in counts.iter_rows():
                yield table, column, str(value), int(count)


def overview(study: Study) -> Table:
    """Return the tables of a study, their sizes and the days they cover, with months left out."""
    rows = study.summary()
    names = [Column("table", role="code"), *map(Column, rows.columns.drop("table"))]
    found = {table: empty_months(study, table) for table in rows["table"]}
    gaps = [f"{table} {few(months)}" for table, months in found.items() if months]
    return Table(
        frame=rows,
        columns=names,
        caption=_WITH_GAPS if gaps else "The tables of the study and the days they cover",
        values={"gaps": "; ".join(gaps)} if gaps else {},
    )


def empty_months(study: Study, table: str) -> list[str]:
    """Return the months between a table's first row and its last in which it has none.

    Of a table of people there are none.
    """
    import narwhals as nw

    from cxresearch.engine.windows import month_name, months_of

    if not schema.table(table).covers_days:
        return []
    days = study.frame(table).filter(~nw.col("day").is_null())
    there = days.select(month=months_of(nw.col("day"))).unique().collect()
    months = {int(month) for (month,) in there.iter_rows()}
    every = range(min(months, default=0), max(months, default=0))
    return [month_name(month) for month in every if month not in months]


def few(months: list[str]) -> str:
    """Return the first of some months, and how many more there are."""
    more = [f"+{len(months) - _MOST_MONTHS}"] if len(months) > _MOST_MONTHS else []
    return ", ".join([*months[:_MOST_MONTHS], *more])


def row_counts(study: Study, *tables: str) -> Table:
    """Return rows in, accepted and rejected of each file; of all tables by default.

    Rows left out on purpose have a column where there are any.

    Raises
    ------
    AssertionError
        If rows in are not rows accepted, rejected and left out: a row was lost.
    """
    rows = study.counts(*tables)
    fates = ["rows_accepted", "rows_rejected", "rows_left_out"]
    lost = rows["rows_in"] != rows[fates].sum(axis=1)
    assert not lost.any(), f"rows were lost: {rows[lost].to_dict('records')}"
    if not rows["rows_left_out"].any():
        rows = rows.drop(columns="rows_left_out")
    ids = [Column("table", role="code"), Column("file", role="code")]
    return Table(
        frame=rows,
        columns=[*ids, *map(Column, rows.columns.drop(["table", "file"]))],
        caption="Rows in, accepted and rejected, by table and file",
    )


def _by_file(study: Study) -> pd.DataFrame:
    counts = study.counts()
    of = counts["table"].map({table: study.loaded(table).of for table in study.tables})
    return counts.assign(of=of).drop_duplicates(["file", "of"])


def _counted(value: int, unit: str, *, of: int | None = None) -> Estimate:
    """Return a complete count, of as many looked at: nothing was sampled, so it is its interval."""
    return Estimate(
        value=float(value),
        ci=Interval(float(value), float(value)),
        n=value if of is None else of,
        unit=unit,
        confidence=1.0,
        method="complete count",
    )
