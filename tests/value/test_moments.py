"""The moments of an experience: whose, when it is known, and in which group."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from cxresearch import engine, value
from cxresearch.core.missing import Missing


class Tables:
    """Tables as a study has them."""

    def __init__(self, **tables: pd.DataFrame) -> None:
        self.tables = tables

    def has(self, table: str, *columns: str) -> bool:
        return table in self.tables and set(columns) <= set(self.tables[table].columns)

    def frame(self, table: str) -> Any:
        return engine.lazy(self.tables[table])


def timed(frame: pd.DataFrame, *names: str) -> pd.DataFrame:
    for name in names:
        frame[name] = pd.to_datetime(frame[name])
        micros = frame[name].astype("datetime64[us]").astype("int64").astype("Int64")
        frame[f"{name}_us"] = micros.where(frame[name].notna())
    return frame


def parcels(*rows: tuple[str | None, str, str | None, str | None]) -> Tables:
    """Return a shop of one order and one parcel a row: customer, status, promised, delivered."""
    frame = pd.DataFrame(rows, columns=["customer_id", "status", "promised", "delivered"])
    frame["order_id"] = [f"O{number}" for number in range(len(frame))]
    orders = frame[["order_id", "customer_id", "status"]].astype("string")
    dates = timed(frame[["order_id", "promised", "delivered"]].copy(), "promised", "delivered")
    return Tables(orders=orders, deliveries=dates)


def found(study: Tables) -> dict[str, tuple[str, str]]:
    rows = value.moments(study, "late_delivery")
    days = rows["day"].dt.strftime("%Y-%m-%d")
    return dict(zip(rows["customer_id"], zip(days, rows["group"], strict=True), strict=True))


def test_a_parcel_is_late_a_day_after_it_was_promised():
    study = parcels(
        ("A", "completed", "2024-03-01 18:00", "2024-03-01 12:00"),
        ("B", "completed", "2024-03-01 18:00", "2024-03-02 17:59"),
        ("C", "completed", "2024-03-01 18:00", "2024-03-02 18:00"),
        ("D", "completed", "2024-02-28 18:00", "2024-04-30 09:00"),
        ("E", "returned", "2024-12-31 18:00", None),
    )
    assert found(study) == {
        "A": ("2024-03-02", "a delivery on time"),
        "B": ("2024-03-02", "a delivery on time"),
        "C": ("2024-03-02", "a late delivery"),
        "D": ("2024-02-29", "a late delivery"),  # known that day, however late it came in the end
        "E": ("2025-01-01", "a late delivery"),
    }


def test_parcels_of_nobody_cancelled_or_never_promised_are_no_moments():
    study = parcels(
        ("A", "completed", "2024-03-01", "2024-03-01"),
        ("B", "cancelled", "2024-03-01", None),
        (None, "completed", "2024-03-01", "2024-03-05"),
        ("D", "completed", None, "2024-03-05"),
    )
    assert set(found(study)) == {"A"}


@pytest.mark.parametrize("lacks", ["orders", "deliveries"])
def test_without_its_tables_an_experience_has_no_moments(lacks):
    study = parcels(("A", "completed", "2024-03-01", "2024-03-01"))
    del study.tables[lacks]
    missing = value.moments(study, "late_delivery")
    assert isinstance(missing, Missing)
    assert missing.why == "the study has no deliveries with the day they were promised"
