"""A small shop whose names mean something to every machine they pass, with cells of few people."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from cxresearch import simulate

ROOT = Path(__file__).parents[2]
#: Templates, mathtext, formats, escapes, HTML, Markdown, a new line, and marks of direction.
MARKS = (
    "{n} {} }{ $x$ $\\frac{1}$ %s 100% \\ \\n <b>&amp;</b> <i> & \" ' ` | [a](b) _c_ *d* #e ~f~ a"
    "\nb \u202eright\u202c \u05d0\u05d1 \u2066x"
)
FEW = 3
_RENAMED = {
    "orders": ["channel"],
    "order_lines": ["category", "sku"],
    "deliveries": ["carrier", "method"],
    "surveys": ["touchpoint", "wave"],
    "feedback": ["touchpoint"],
    "tickets": ["channel", "outcome"],
    "exposures": ["experiment", "variant"],
    "customers": ["segment", "city"],
    "marketing": ["channel"],
}


def name(word: Any) -> Any:
    """Return a word that has everything in it; what is missing stays so."""
    return f"{word}{MARKS}" if isinstance(word, str) and word else word


def write(root: Path) -> None:
    """Write the shop below `root`, with the kit's notebooks."""
    folder = root / "data" / "shop"
    # Sixty weeks in which the checkout experiment begins on the day of the demo's.
    shop = simulate.shop(seed=3, customers=2000, days=420, start="2025-06-08", faults=False)
    simulate.write(shop, folder)
    study = yaml.safe_load((ROOT / "data" / "demo" / "study.yaml").read_text("utf-8"))
    _events(folder, study)
    for table, columns in _RENAMED.items():
        source = study["tables"][table]
        delimiter = source.get("delimiter", ",")
        read = pd.read_csv(folder / f"{table}.csv", sep=delimiter, dtype=str, keep_default_na=False)
        rows = _with_few(table, read)
        for column in columns:
            rows[column] = rows[column].map(name)
        source["file"] = f"{table} {{x}} 100% $ & 'q'.csv"
        rows.to_csv(folder / source["file"], sep=delimiter, index=False)
    _codebook(folder, study)
    _manifest(study)
    text = yaml.safe_dump(study, allow_unicode=True, sort_keys=False)
    (folder / "study.yaml").write_text(text, "utf-8")
    (root / "requirements.lock").write_text("none\n")
    shutil.copytree(ROOT / "notebooks", root / "notebooks")


def _some(column: pd.Series[Any], *, after: int = 0) -> list[str]:
    return [one for one in dict.fromkeys(column.dropna()) if one][after : after + FEW]


def _events(folder: Path, study: dict[str, Any]) -> None:
    events = pd.read_parquet(folder / "events.parquet")
    few = events["customer_id"].isin(_some(events["customer_id"]))
    events.loc[few, "device"] = "watch"
    for column in ("event", "channel", "device", "page"):
        events[column] = events[column].map(name, na_action="ignore")
    study["tables"]["events"]["file"] = "events {x} 100% $.parquet"
    events.to_parquet(folder / study["tables"]["events"]["file"])


def _with_few(table: str, rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of a table in which a level, or a month, is of few customers."""
    if table == "orders":
        december = rows["ts"].str.startswith("2025-12")
        stay = rows["customer_id"].isin(_some(rows.loc[december, "customer_id"], after=1))
        rows = rows[~december | stay].copy()
        rows.loc[rows["customer_id"].isin(_some(rows["customer_id"], after=5)), "channel"] = "fax"
    elif table == "surveys":
        few = rows["customer_id"].isin(_some(rows["customer_id"], after=2))
        rows.loc[few, "touchpoint"] = "kiosk"
    elif table == "customers":
        rows.loc[rows["customer_id"].isin(_some(rows["customer_id"])), "segment"] = "tiny"
    elif table == "tickets":  # of few customers with many tickets
        few = rows["customer_id"].isin(_some(rows["customer_id"], after=2))
        rows.loc[few, "channel"] = "post"
        again = [rows[few].assign(ticket_id=rows["ticket_id"] + f"-{i}") for i in range(4)]
        rows = pd.concat([rows, *again], ignore_index=True)
    return rows


def _codebook(folder: Path, study: dict[str, Any]) -> None:
    path = ROOT / "cxresearch" / "voc" / "resources" / "codebooks" / "ecommerce.yaml"
    book = yaml.safe_load(path.read_text("utf-8"))
    for theme in book["themes"].values():
        theme["label"] = {lang: name(label) for lang, label in theme["label"].items()}
    (folder / "codebook.yaml").write_text(yaml.safe_dump(book, allow_unicode=True), "utf-8")
    study["voice"]["codebook"] = "codebook.yaml"


def _manifest(study: dict[str, Any]) -> None:
    study["title"] = {lang: name(title) for lang, title in study["title"].items()}
    study["touchpoints"] = {
        name(event): {
            **is_of,
            "touchpoint": name(is_of["touchpoint"]),
            "stage": name(is_of["stage"]),
            "label": {lang: name(label) for lang, label in _each(is_of["label"]).items()},
        }
        for event, is_of in study["touchpoints"].items()
    }
    for change in study["changes"]:
        change["label"] = {lang: name(label) for lang, label in _each(change["label"]).items()}
    del study["labels"]  # the other values are shown as they are
    study["stages"] = list(dict.fromkeys(one["stage"] for one in study["touchpoints"].values()))
    for mission in study["scenarios"].values():
        mission["label"] = {lang: name(label) for lang, label in _each(mission["label"]).items()}
        mission["events"] = list(map(name, mission["events"]))
    study["funnel"] = list(map(name, study["funnel"]))
    study["cart"] = {what: name(event) for what, event in study["cart"].items()}
    study["surveys"] = [
        {
            key: name(value) if key in ("name", "touchpoint") else value
            for key, value in survey.items()
        }
        for survey in study["surveys"]
    ]
    (plan,) = study["experiments"]
    plan |= {"name": name(plan["name"]), "entry": name(plan["entry"]), "end": "2026-03-31"}
    plan["hypothesis"] = {lang: name(words) for lang, words in plan["hypothesis"].items()}
    plan["variants"] = {name(variant): share for variant, share in plan["variants"].items()}
    for metric in plan["metrics"]:
        for key in metric.keys() & {"of", "per"}:
            if isinstance(metric[key], str):
                metric[key] = name(metric[key])
            elif "where" in metric[key]:
                where = metric[key]["where"]
                metric[key]["where"] = {column: name(value) for column, value in where.items()}
    study["as_of"] = "2026-08-01"
    own = {
        "03_funnel_and_paths": {"first": "desktop", "second": "mobile"},
        "06_checkout_experiment": {
            "experiment": "one_page_checkout",
            "error": "payment_error",
            "attempt": "payment_step",
            "purchase": "purchase",
        },
    }
    for spec in study["reports"].values():
        given = {key: name(value) for key, value in own.get(spec["notebook"], {}).items()}
        spec["parameters"] = spec.get("parameters", {}) | given


def _each(label: str | dict[str, str]) -> dict[str, str]:
    """Return a label by language; one text is the same in every language."""
    return dict.fromkeys(("en", "it"), label) if isinstance(label, str) else label
