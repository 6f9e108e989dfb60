"""Reject a scored question whole where some of its answers are words that nobody can read.

A survey tool may export the ends of a scale as words alone: "Not at all likely", 1, 2, ..., 9,
"Extremely likely". To reject the words and keep the numbers would turn the score upside down.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from cxresearch.core.validate import clipped
from cxresearch.engine.backends import literal, quoted
from cxresearch.study.loaders import row_faults
from cxresearch.study.loaders.export_reading import ROW
from cxresearch.study.loaders.row_faults import CastFile
from cxresearch.study.loaders.rules import Rule
from cxresearch.study.schema import Table

if TYPE_CHECKING:
    import duckdb

RULE = "answers_in_words"
#: How many words a message names.
_NAMED = 4
#: What says that there is no answer, by its letters alone: "N/A", "n.d.", "#N/D".
_NO_ANSWER = (
    *("na", "nan", "nd", "np", "nr", "ns", "nsnr", "null", "none", "nil", "missing", "blank"),
    *("empty", "skip", "skipped", "refused", "unknown", "unsure", "notsure", "dk", "dontknow"),
    *("idontknow", "donotknow", "cantsay", "noanswer", "noresponse", "noreply", "noopinion"),
    *("notanswered", "notapplicable", "notavailable", "notasked", "prefernottoanswer"),
    *("prefernottosay", "rathernotsay", "value", "div", "ref", "num", "name"),
    *("nonso", "nonsaprei", "nonsa", "nonrisponde", "nonrisposto", "nonsanonrisponde"),
    *("nessunarisposta", "nessunaopinione", "senzarisposta", "preferiscononrispondere"),
    *("nonapplicabile", "nonpertinente", "nondisponibile", "nonpervenuto", "nonpervenuta"),
    *("nonrilevato", "nonindicato", "nonchiesto", "saltata", "saltato", "mancante", "vuoto"),
)
_OTHER = r"[^\p{L}]"
_LETTERS = f"regexp_replace(lower(text), {literal(_OTHER)}, '', 'g')"
#: An answer has a letter, a digit or a picture such as a star; "?" and "-" have none.
_SAYS = r"[\p{L}\p{N}\p{So}]"
_IS_ANSWER = (
    f"regexp_matches(text, {literal(_SAYS)}) "
    f"AND {_LETTERS} NOT IN ({', '.join(map(literal, _NO_ANSWER))})"
)
_SCALE = ("scale_min", "scale_max")
_QUESTION = ("metric", "touchpoint", *_SCALE)


def reject_questions(
    connection: duckdb.DuckDBPyConnection, files: Sequence[CastFile], table: Table
) -> None:
    """Reject the numbers of each question that has words for numbers among its answers.

    It has where two or more of its answers could not be read, and either two of them are written
    alike or a number of its scale is written by nobody. What says that there is no answer ("n/a",
    "non so", "?") is none; `values` in the manifest gives any other text its number, or no answer.
    Their words and rows are noted in ``words``.
    """
    connection.execute("CREATE TEMP TABLE words (_id BIGINT, text VARCHAR)")
    for column in table.columns:
        if column.labelled:
            _reject(connection, files, column.name)


def words(connection: duckdb.DuckDBPyConnection) -> str:
    """Return the words that stand for numbers, the most frequent first, each with its rows."""
    found = connection.execute(
        "SELECT text, count(*) FROM words GROUP BY text ORDER BY count(*) DESC, text"
    ).fetchall()
    named = [f"{clipped(text)!r} ({rows:,} rows)" for text, rows in found[:_NAMED]]
    more = [f"{len(found) - _NAMED:,} more"] if len(found) > _NAMED else []
    return " and ".join([", ".join(named), *more])


def _reject(connection: duckdb.DuckDBPyConnection, files: Sequence[CastFile], column: str) -> None:
    score = quoted(column)
    unread = f"SELECT _id FROM faults WHERE rule = 'not_a_number' AND col = {literal(column)}"
    for file in files:
        (cast,) = (cast for cast in file.casts if cast.column == column)
        if cast.text:
            connection.execute(
                f"INSERT INTO words SELECT * FROM (SELECT {file.offset} + {ROW} AS _id, "
                f"({cast.raw}) AS text FROM {file.read.table} WHERE {file.offset} + {ROW} "
                f"IN ({unread})) WHERE {_IS_ANSWER}"
            )
    of, low, high = ", ".join(_QUESTION), *_SCALE
    same = " AND ".join(f"q.{name} IS NOT DISTINCT FROM r.{name}" for name in _QUESTION)
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE questions AS SELECT {of} FROM cast_rows r "
        f"SEMI JOIN (SELECT DISTINCT {of} FROM cast_rows JOIN words USING (_id)) q ON {same} "
        f"LEFT JOIN words USING (_id) GROUP BY {of} "
        "HAVING count(text) > 1 AND (count(text) > count(DISTINCT lower(text)) "
        f"OR count(DISTINCT {score}) FILTER ({score} BETWEEN {low} AND {high}) "
        f"< any_value({high} - {low}) + 1)"
    )
    among = f"_id IN (SELECT _id FROM cast_rows r SEMI JOIN questions q ON {same})"
    connection.execute(f"DELETE FROM words WHERE NOT {among}")
    broken = Rule("answers_in_words", "reject", column, f"{score} IS NOT NULL AND {among}")
    row_faults.find_broken_rules(connection, [broken], "cast_rows", "faults")
