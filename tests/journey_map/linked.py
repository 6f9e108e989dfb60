"""A small shop whose customers can be counted by hand, with one payment error that stays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

WEEKS, VISITS, PAYING, BROKEN_FROM = 44, 60, 40, 30
#: A visit in so many of those that pay meets an error, once it is broken.
ONE_IN = 2
CUSTOMERS = 150
START = datetime(2026, 1, 5, 9, tzinfo=UTC)

MANIFEST: dict[str, Any] = {
    "title": {"en": "Tiny shop", "it": "Negozietto"},
    "currency": "EUR",
    "time_zone": "UTC",
    "languages": ["en", "it"],
    "min_cell": 5,
    "touchpoints": {
        "ad": {"touchpoint": "advertisement", "stage": "awareness", "channel": "paid"},
        "view": {"touchpoint": "product page", "stage": "consideration"},
        "pay": {"touchpoint": "payment", "stage": "purchase"},
        "pay_error": {"touchpoint": "payment", "stage": "purchase"},
        "buy": {"touchpoint": "confirmation", "stage": "purchase"},
        "call": {"touchpoint": "help", "stage": "service", "place": "offline"},
    },
    "funnel": ["view", "pay", "buy"],
    "reports": {"funnel_and_paths": {"notebook": "03_funnel_and_paths"}},
}


def visits() -> Iterator[tuple[int, int, datetime, bool, bool]]:
    """Yield the week, the customer and the moment of each visit; whether it pays, and fails."""
    number = 0
    for week in range(WEEKS):
        for place in range(VISITS):
            at = START + timedelta(days=7 * week + place % 7, minutes=5 * place)
            pays = place < PAYING
            fails = pays and week >= BROKEN_FROM and place % ONE_IN == 0
            # Before, one visit in two weeks.
            fails = fails or (place == 0 and week % 2 == 0 and week < BROKEN_FROM)
            yield week, number % CUSTOMERS, at, pays, fails
            number += 1


def tables() -> dict[str, pd.DataFrame]:
    """Return every table of the shop."""
    events, orders, surveys, texts, tickets = [], [], [], [], []
    for number, (week, customer, at, pays, fails) in enumerate(visits()):
        who = f"c{customer}"
        names = ["view", *(["pay"] if pays else []), *(["pay_error"] if fails else [])]
        if number % 3 == 0:
            names = ["ad", *names]
        if pays and not fails:
            names.append("buy")
            orders.append([f"o{number}", who, at + timedelta(minutes=4), 50 + number % 7])
        for place, name in enumerate(names):
            events.append([who, at + timedelta(minutes=place), name, f"s{number}", "phone"])
        if number % 6 == 0:
            score = 2 if number % 12 == 0 else 5
            surveys.append([f"r{number}", at, "csat", score, 1, 5, who, "payment"])
        if fails and week >= BROKEN_FROM:
            texts.append(
                [
                    f"t{number}",
                    at,
                    "survey",
                    f"The payment failed, terrible {number}",
                    who,
                    "en",
                    "payment",
                ]
            )
        if number % 20 == 0:
            tickets.append([f"k{number}", at, who, at + timedelta(hours=1), "chat"])
    return {
        "events": _frame(events, "customer_id,ts,event,session_id,device"),
        "orders": _frame(orders, "order_id,customer_id,ts,revenue"),
        "surveys": _frame(
            surveys, "response_id,ts,metric,score,scale_min,scale_max,customer_id,touchpoint"
        ),
        "feedback": _frame(texts, "text_id,ts,source,text,customer_id,language,touchpoint"),
        "tickets": _frame(tickets, "ticket_id,opened,customer_id,first_response,channel"),
    }


def write(project: Path, name: str = "tiny", *, without: Sequence[str] = (), **more: Any) -> str:
    """Write the shop as a study, without some of its tables, and return its name."""
    folder = project / "data" / name
    folder.mkdir(parents=True)
    kept = {table: rows for table, rows in tables().items() if table not in without}
    for table, rows in kept.items():
        rows.to_csv(folder / f"{table}.csv", index=False)
    manifest = MANIFEST | {"tables": {table: {"file": f"{table}.csv"} for table in kept}} | more
    (folder / "study.yaml").write_text(yaml.safe_dump(manifest, sort_keys=False), "utf-8")
    return name


def _frame(rows: list[list[Any]], names: str) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=names.split(","))
    for column in frame.columns[frame.dtypes.astype(str).str.startswith("datetime")]:
        frame[column] = frame[column].dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    return frame
