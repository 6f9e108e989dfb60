"""The columns by which the customers of a study are grouped."""

from __future__ import annotations

from typing import TYPE_CHECKING

import narwhals as nw

from cxresearch import engine
from cxresearch.engine import frames
from cxresearch.study import schema

if TYPE_CHECKING:
    from cxresearch.engine.frames import Frame
    from cxresearch.study import Study

#: What tells customers apart where a study does not say so itself.
USUAL = (
    "device",
    "channel",
    "page",
    "app_version",
    "category",
    "carrier",
    "method",
    "region",
    "source",
    "campaign",
    "segment",
    "city",
)
#: Of a person rather than of a visit or an order.
_OF_PEOPLE = ("segment", "city")


def grouped(study: Study, table: str) -> list[str]:
    """Return the columns of a table by which what is counted in it is grouped.

    They are the study's own `groups`, else the usual ones, that have a value in the table.
    """
    asked = study.manifest.groups or USUAL
    columns = schema.table(table).names
    return [name for name in asked if name in columns and study.has(table, name)]


def of_people(study: Study) -> list[str]:
    """Return the columns by which the customers table tells people apart."""
    if not study.has("customers"):
        return []
    asked = study.manifest.groups or _OF_PEOPLE
    columns = schema.table("customers").names
    return [name for name in asked if name in columns and study.has("customers", name)]


def with_people(study: Study, rows: Frame) -> Frame:
    """Return rows with what tells their customers apart: of several values the least is taken."""
    traits = of_people(study)
    if not traits:
        return rows
    known = frames.without_blanks(study.frame("customers"), frames.IDS).filter(frames.KNOWN)
    least = known.group_by("customer_id").agg(*[nw.col(trait).min() for trait in traits])
    own, people = engine.alike(frames.without_blanks(rows, frames.IDS), least)
    return own.drop(*traits, strict=False).join(people, on="customer_id", how="left")
