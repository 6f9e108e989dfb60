"""Real logs of which every break is destroyed by chance, looked at as a user would do it.

``CX_RAW=folder python -m cxresearch.calibrate.shuffled_logs SHUFFLES`` looks at so many of each log
whose file is below the folder, 1 to 4 CPU seconds each; the others are named. Those that
are in ``docs/shuffled_logs.jsonl`` are not looked at again.
"""

from __future__ import annotations

import json
import math
import os
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from cxresearch.calibrate.coverage_page import kept_lines, row
from cxresearch.core import disk
from cxresearch.findings import Finding, Findings, findings
from cxresearch.stats.shares.proportions import proportion
from cxresearch.study import open_study

if TYPE_CHECKING:
    import pandas as pd

_SEED = 20_270_131
_WEEK = 7
_HEAD = """
## Findings in real logs whose breaks are destroyed

Four logs that nobody in this project wrote: Online Retail (orders, by country), CDNOW (orders),
retentioneering (visits of a synthetic shop, by device and channel), and the BPI Challenge of 2012
(steps of applications for a loan). They are not part of the project. Each is shuffled and looked at
by `cx.findings` from its files; whatever it says to have moved is a false alarm, and at most 0.05
of the shuffles may have one.

Each customer's whole history is moved by weeks of its own, drawn at random, and what passes the end
comes in at the beginning. What one customer does stays together and in order; what all do at one
time, a break or a season, is spread over all weeks. Whole weeks put in another order are no such
test: what broke in one week alone is still there.

"""
_READING = """
- The error is the Monte Carlo standard error, of a share of 0.05 where no shuffle alarms.
- Logs of clicks that last some days only (yoochoose, REES46) have no weeks to be looked at.
"""
_STUDY = """\
title: {en: Shuffled}
currency: EUR
time_zone: UTC
as_of: "%s"
tables:
%s
"""

Tables = dict[str, "pd.DataFrame"]


@dataclass(frozen=True, slots=True)
class Log:
    """A real log.

    Parameters
    ----------
    name : str
        What it is called.
    file : str
        Its file below ``CX_RAW``.
    read : function of Path to tables
        Its tables by name. The first is shuffled: `customer_id`, `ts`, and `unit`, what is one
        visit or one order and stays in one week.
    """

    name: str
    file: str
    read: Callable[[Path], Tables]


def _online_retail(path: Path) -> Tables:
    import pandas as pd

    lines = pd.read_csv(path, parse_dates=["InvoiceDate"], dtype={"InvoiceNo": str})
    lines["revenue"] = (lines["Quantity"] * lines["UnitPrice"]).round(2)
    orders = lines.groupby("InvoiceNo", as_index=False).agg(
        customer_id=("CustomerID", "first"),
        ts=("InvoiceDate", "min"),
        revenue=("revenue", "sum"),
        segment=("Country", "first"),
    )
    known = orders["customer_id"].notna()
    orders["customer_id"] = orders["customer_id"].astype("Int64").astype("string")
    people = orders[known].drop_duplicates("customer_id")[["customer_id", "segment"]]
    orders = orders.rename(columns={"InvoiceNo": "order_id"}).drop(columns="segment")
    people = people.assign(source="shop", record_id=people["customer_id"])
    # An order without a customer is a customer of its own.
    whose = orders["customer_id"].fillna(orders["order_id"])
    return {
        "orders": orders.assign(unit=orders["order_id"], whose=whose),
        "customers": people,
    }


def _cdnow(path: Path) -> Tables:
    import pandas as pd

    names = ["customer_id", "ts", "items", "revenue"]
    text = {"customer_id": str, "ts": str}
    orders = pd.read_csv(path, sep=r"\s+", skiprows=1, header=None, names=names, dtype=text)
    orders["ts"] = pd.to_datetime(orders["ts"], format="%Y%m%d")
    orders["order_id"] = [f"o{one}" for one in range(len(orders))]
    return {"orders": orders.assign(unit=orders["order_id"], whose=orders["customer_id"])}


def _retentioneering(path: Path) -> Tables:
    import pandas as pd

    named = {
        "user_id": "customer_id",
        "timestamp": "ts",
        "platform": "device",
        "acquisition_channel": "channel",
    }
    events = pd.read_csv(path, parse_dates=["timestamp"]).rename(columns=named)
    kept = ["customer_id", "session_id", "event", "ts", "device", "channel"]
    return {"events": events[kept].assign(unit=events["session_id"], whose=events["customer_id"])}


def _loans(path: Path) -> Tables:
    import pandas as pd

    log = pd.read_csv(path, parse_dates=["CompleteTimestamp"])
    case = "c" + log["CaseID"].astype(str)
    events = pd.DataFrame(
        {
            "customer_id": case,
            "ts": log["CompleteTimestamp"],
            "event": "activity " + log["ActivityID"].astype(str),
        }
    )
    day = events["ts"].dt.strftime("%F")
    return {"events": events.assign(unit=case + day, whose=case)}


LOGS = (
    Log("Online Retail", "online_retail_uci/online_retail.csv.gz", _online_retail),
    Log("CDNOW", "cdnow_lifetimes/CDNOW_master.txt", _cdnow),
    Log("retentioneering", "retentioneering_ecom/ecom.csv.gz", _retentioneering),
    Log("BPI 2012", "bpi12_loan_log/bpi_12_w.csv.gz", _loans),
)


def by_customers(log: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Return a log with each customer's history moved by weeks of its own.

    Parameters
    ----------
    log : pandas.DataFrame
        `whose`, `unit` and `ts`; what is left of its first week is dropped, so that its weeks are
        whole.
    rng : numpy.random.Generator
        What is drawn from.

    Examples
    --------
    Of two weeks an order stays, or moves by one and comes in at the other end.

    >>> import pandas as pd
    >>> days = pd.to_datetime(["2026-01-01", "2026-01-08", "2026-01-14"])
    >>> one = pd.DataFrame({"whose": "a", "unit": ["x", "y", "z"], "ts": days})
    >>> moved = by_customers(one, np.random.default_rng(2))
    >>> sorted(moved["ts"].dt.day.tolist()) in ([1, 8, 14], [1, 7, 8])
    True
    """
    week, weeks = _weeks(log)
    names, whose = np.unique(log["whose"].astype(str), return_inverse=True)
    shift = rng.integers(0, weeks, names.size)[whose]
    return _moved(log, week, (week + shift) % weeks)


def _weeks(log: pd.DataFrame) -> tuple[np.ndarray[Any, Any], int]:
    """Return the week of each row's unit, counted back from the last day, and how many there are.

    Rows before the first whole week are below 0.
    """
    begun = log.groupby("unit")["ts"].transform("min").dt.normalize()
    last = begun.max()
    weeks = int(((last - begun.min()).days + 1) // _WEEK)
    return (weeks - 1 - (last - begun).dt.days // _WEEK).to_numpy(), weeks


def _moved(log: pd.DataFrame, week: np.ndarray[Any, Any], to: np.ndarray[Any, Any]) -> pd.DataFrame:
    import pandas as pd

    by = pd.to_timedelta((to - week) * _WEEK, unit="D")
    return log.assign(ts=log["ts"] + by)[week >= 0]


def found_in(tables: Mapping[str, pd.DataFrame], manifest: str, last: date) -> Findings:
    """Return what a study of some tables shows, its files written and read as any study's.

    Parameters
    ----------
    tables : mapping of str to pandas.DataFrame
        The tables.
    manifest : str
        The text of its ``study.yaml``, with a place for the last day and one for the tables.
    last : datetime.date
        The last day.
    """
    with tempfile.TemporaryDirectory() as name:
        for table, frame in tables.items():
            frame.to_parquet(Path(name) / f"{table}.parquet", index=False)
        files = "\n".join(f"  {table}: {{file: {table}.parquet}}" for table in tables)
        (Path(name) / "study.yaml").write_text(manifest % (last.isoformat(), files), "utf-8")
        return findings(open_study(Path(name)))


def broken(found: Iterable[Finding]) -> tuple[str, ...]:
    """Return the measures that are said to have moved; what is always so is no false alarm."""
    return tuple(one.measure for one in found if one.state != "standing")


def looked(tables: Mapping[str, pd.DataFrame]) -> tuple[tuple[str, ...], int]:
    """Return the measures that are said to have moved, and how many series were judged."""
    kept = {
        table: frame.drop(columns=["unit", "whose"], errors="ignore")
        for table, frame in tables.items()
    }
    found = found_in(kept, _STUDY, next(iter(tables.values()))["ts"].max().date())
    return broken(found), found.judged


def look_at(path: Path, raw: Path, shuffles: int) -> list[str]:
    """Look at shuffles of each log, and append what is found to a file.

    Parameters
    ----------
    path : Path
        The file, one shuffle a line; those in it are passed over.
    raw : Path
        The folder of the logs.
    shuffles : int
        How many there are to be of each log.

    Returns
    -------
    list of str
        The logs that are not there.
    """
    known = {(one["log"], one["number"]) for one in kept_lines(path)}
    there = [(place, log) for place, log in enumerate(LOGS) if (raw / log.file).is_file()]
    read = {log.name: log.read(raw / log.file) for _, log in there}
    for number in range(shuffles):
        for place, log in there:
            if (log.name, number) in known:
                continue
            (name, first), *others = read[log.name].items()
            moved = by_customers(first, np.random.default_rng([_SEED, place, number]))
            measures, judged = looked({name: moved, **dict(others)})
            said = {"log": log.name, "number": number, "measures": measures, "judged": judged}
            with path.open("a", encoding="utf-8") as file:
                file.write(f"{json.dumps(said)}\n")
    return [log.file for log in LOGS if log.name not in read]


def section(path: Path) -> str:
    """Return the part of the page about shuffled logs, from those in a file."""
    return _HEAD + "".join(page_of(kept_lines(path))) + _READING


def page_of(lines: list[dict[str, Any]]) -> Iterator[str]:
    """Yield a row for each log, and one for all.

    Parameters
    ----------
    lines : list of dict
        `log`, `measures` and `judged` of each shuffle.

    Examples
    --------
    >>> one = {"log": "CDNOW", "measures": [], "judged": 2}
    >>> print(*page_of([one, one | {"measures": ["late"]}]), sep="", end="")
    | log | series | shuffles | any alarm | Monte Carlo error |
    | --- | --- | --- | --- | --- |
    | CDNOW | 2 | 2 | 0.500 (0.095 to 0.905) | 0.354 |
    | all | | 2 | 0.500 (0.095 to 0.905) | 0.354 |
    """
    yield row("log", "series", "shuffles", "any alarm", "Monte Carlo error")
    yield row(*["---"] * 5)
    for name in dict.fromkeys(one["log"] for one in lines):
        own = [one for one in lines if one["log"] == name]
        yield row(name, str(min(one["judged"] for one in own)), *_counted(own))
    yield row("all", "", *_counted(lines))


def _counted(lines: list[dict[str, Any]]) -> tuple[str, str, str]:
    alarms, n = sum(bool(one["measures"]) for one in lines), len(lines)
    if not n:
        return "0", "-", "-"
    ends, share = proportion(alarms, n).ci, alarms / n
    error = math.sqrt(max(share * (1 - share), 0 if alarms else 0.05 * 0.95) / n)
    return str(n), f"{share:.3f} ({ends.low:.3f} to {ends.high:.3f})", f"{error:.3f}"


def file() -> Path:
    """Return where what was found is kept."""
    return disk.project_root() / "docs" / "shuffled_logs.jsonl"


if __name__ == "__main__":
    if "CX_RAW" not in os.environ:
        sys.exit("CX_RAW must name the folder that holds the logs")
    for absent in look_at(file(), Path(os.environ["CX_RAW"]), int(sys.argv[1])):
        print(f"skipped, for it is not there: {absent}")  # noqa: T201
