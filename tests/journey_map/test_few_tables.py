"""Maps of studies that have little: a survey of one day, a log without orders."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest
import yaml

import cxresearch as cx
from cxresearch.journey_map import JourneyMap

BASE = {
    "title": {"en": "Little"}, "currency": "EUR", "time_zone": "UTC", "languages": ["en"],
}  # fmt: skip


def mapped(
    project: Path, table: str, rows: pd.DataFrame, model: str | None = None, **manifest: object
) -> JourneyMap:
    folder = project / "data" / "little"
    folder.mkdir(parents=True)
    rows.to_csv(folder / f"{table}.csv", index=False)
    content = BASE | {"tables": {table: {"file": f"{table}.csv"}}} | manifest
    (folder / "study.yaml").write_text(yaml.safe_dump(content, sort_keys=False), "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CX_ROOT", str(project))
        return cx.journey_map(cx.open_study("little"), stages=model)


def test_a_survey_of_one_day_has_its_scores_and_no_course(tmp_path):
    scores = [5] * 12 + [2] * 8
    rows = pd.DataFrame({
        "response_id": [f"r{i}" for i in range(20)], "ts": "2015-03-04T10:00:00Z",
        "metric": "csat", "score": scores, "scale_min": 1, "scale_max": 5,
        "customer_id": [f"c{i}" for i in range(20)], "touchpoint": "seat",
    })  # fmt: skip
    found = mapped(
        tmp_path, "surveys", rows, touchpoints={"sit": {"touchpoint": "seat", "stage": "service"}}
    )
    frame = found.to_frame().set_index(["stage", "lane"])
    assert found.first_day <= found.last_day == datetime(2015, 3, 4).date()
    assert frame.loc[("service", "who"), "n"] == 20
    (column,) = [one for one in found.columns if one.stage == "service"]
    (point,) = column.cells["satisfaction"].points
    assert (point.score.value, point.score.n) == (0.6, 20)
    assert frame.loc[("service", "indicator"), "value"] == 0.6
    others = frame.drop(index=["service"], level="stage")
    assert not others.loc[others.index.get_level_values("lane") != "todo", "measured"].any()
    assert frame.loc[("purchase", "hurts"), "why"] == "nothing is watched"
    assert len(found.personas) == 0
    assert "<section" in found.html()


STAGES = {"search": "consideration", "view": "consideration", "cart": "purchase",
          "buy": "purchase"}  # fmt: skip
LOG = {
    "touchpoints": {name: {"touchpoint": name, "stage": stage} for name, stage in STAGES.items()},
    "funnel": ["view", "cart", "buy"],
}


def log() -> pd.DataFrame:
    """Return sixty visits of forty customers, every other one of which buys."""
    start, rows = datetime(2026, 1, 5, 9), []
    for visit in range(60):
        at, who = start + timedelta(days=visit), f"c{visit % 40}"
        names = ["search", "view", *(["cart", "buy"] if visit % 2 == 0 else [])]
        rows += [[who, at + timedelta(minutes=i), name, f"s{visit}"] for i, name in
                 enumerate(names)]  # fmt: skip
    return pd.DataFrame(rows, columns=["customer_id", "ts", "event", "session_id"])


def test_a_log_without_orders_has_its_own_last_step_and_those_who_buy_again(tmp_path):
    found = mapped(tmp_path, "events", log(), **LOG)
    frame = found.to_frame().set_index(["stage", "lane"])
    assert frame.loc[("consideration", "indicator"), "says"].startswith(
        "50.0%; Conversion from view to cart"
    )
    assert frame.loc[("purchase", "indicator"), "says"].startswith(
        "100.0%; Conversion from cart to buy"
    )
    # Customers 0 to 19 come twice, the even ones of them buy both times.
    assert frame.loc[("purchase", "who"), "n"] == 20
    assert frame.loc[("loyalty", "who"), "n"] == 10


def test_a_study_too_young_to_be_judged_is_not_called_calm(tmp_path):
    rows = log()
    week = rows[rows["ts"] < datetime(2026, 1, 12)]
    people = [
        week.assign(
            customer_id=week["customer_id"] + f"-{i}", session_id=week["session_id"] + f"-{i}"
        )
        for i in range(9)
    ]
    found = mapped(tmp_path, "events", pd.concat(people), **LOG)
    assert str(found.headline) == "Nothing is judged yet."
    assert str(found.footnote).startswith("Too early to judge: ")
    frame = found.to_frame().set_index(["stage", "lane"])
    assert frame.loc[("consideration", "hurts"), "why"] == "too few weeks or people to judge"
    assert frame.loc[("consideration", "trend"), "says"] == "too few weeks or people to judge"
    assert frame.loc[("purchase", "hurts"), "why"] == "too few weeks or people to judge"
    assert frame.loc[("service", "hurts"), "why"] == "nothing is watched"


def test_a_table_that_is_there_is_not_asked_for(tmp_path):
    """Orders of three weeks say too little of who comes back: more of them are waited for."""
    rows = pd.DataFrame({
        "order_id": [f"o{i}" for i in range(60)], "customer_id": [f"c{i % 40}" for i in range(60)],
        "ts": [datetime(2026, 1, 5, 9) + timedelta(hours=8 * i) for i in range(60)],
        "revenue": 20.0,
    })  # fmt: skip
    found = mapped(tmp_path, "orders", rows)
    frame = found.to_frame().set_index(["stage", "lane"])
    assert frame.loc[("loyalty", "who"), "n"] == 20
    assert frame.loc[("loyalty", "indicator"), "why"] == "too few weeks or people to judge"
    assert frame.loc[("loyalty", "todo"), "says"] == "Wait: there are too few data to judge it yet."
    # Nothing says what became of the orders, so nothing measures the service after them.
    assert frame.loc[("service", "indicator"), "why"] == "no table of the study measures this stage"
    assert frame.loc[("service", "todo"), "says"] == "Measure: bring parcels, tickets and scores."


def test_visits_without_a_funnel_are_asked_for_its_steps(tmp_path):
    found = mapped(tmp_path, "events", log(), **{k: v for k, v in LOG.items() if k != "funnel"})
    frame = found.to_frame().set_index(["stage", "lane"])
    assert frame.loc[("consideration", "todo"), "says"] == ("Ask: one question after search.")
    assert frame.loc[("consideration", "indicator"), "why"] == (
        "study.yaml names no steps of a funnel"
    )


@pytest.mark.parametrize(
    ("model", "stages", "buys", "again"),
    [
        ("five_to_advocacy", "awareness consideration decision retention advocacy",
         "decision", "retention"),
        ("five_to_loyalty", "awareness consideration acquisition service loyalty",
         "acquisition", "loyalty"),
        ("wheel", "discovery interest conversion retention loyalty repurchase",
         "conversion", "repurchase"),
    ],
)  # fmt: skip
def test_each_model_has_the_same_customers_in_its_own_stages(tmp_path, model, stages, buys, again):
    found = mapped(tmp_path, "events", log(), model=model, **LOG)
    assert [one.stage for one in found.columns] == stages.split()
    frame = found.to_frame().set_index(["stage", "lane"])
    assert frame.loc[(buys, "who"), "n"] == 20
    assert frame.loc[(again, "who"), "n"] == 10
    assert frame.loc[(buys, "indicator"), "says"].startswith("100.0%; Conversion from cart to buy")
    assert ('<svg class="wheel"' in found.html()) == (model == "wheel")
    found.save(tmp_path / "map.svg")
    assert "Conversion from" in (tmp_path / "map.svg").read_text("utf-8")


def test_how_small_a_change_could_be_seen_is_told_by_the_stages_of_the_map(tmp_path):
    start, rows = datetime(2025, 1, 6, 9), []
    for visit in range(1600):
        at, who = start + timedelta(hours=7 * visit), f"c{visit}"
        names = ["search", "view", *(["cart", "buy"] if visit % 2 == 0 else [])]
        rows += [[who, at + timedelta(minutes=i), name, f"s{visit}"] for i, name in
                 enumerate(names)]  # fmt: skip
    many = pd.DataFrame(rows, columns=["customer_id", "ts", "event", "session_id"])
    found = mapped(tmp_path, "events", many, **LOG)
    assert set(found.found.could_see().frame["stage"]) == {"consideration", "purchase"}
    shown = found.could_see()
    assert {str(one) for one in shown.frame["stage"]} == {"Choose", "Buy"}
    assert "consideration" not in repr(shown)
