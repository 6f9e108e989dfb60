"""What broke in a log that the kit's simulator did not write is found, dated and valued."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from typer.testing import CliRunner

import cxresearch as cx
from cxresearch.cli import app
from tests.findings import planted_log
from tests.findings.planted_log import BASKET, BUYS, BUYS_AFTER_ALL, FAILS, PAYMENT, day_of


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Studies in which one thing broke, two did, one was mended, and nothing moved."""
    folder = tmp_path_factory.mktemp("planted")
    planted_log.write(folder, "cards", broken="cards")
    planted_log.write(folder, "basket", broken="basket", since=22)
    planted_log.write(folder, "calm")
    planted_log.write(folder, "two", broken="cards basket", since=22)
    planted_log.write(folder, "mended", broken="mended", since=24)
    return folder


@pytest.fixture(autouse=True)
def project(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CX_ROOT", str(root))


def test_declined_cards_lead_on_their_device_from_their_week() -> None:
    found = cx.findings(cx.open_study("cards"))
    first = found[0]
    assert (first.measure, first.group) == ("error:card_declined", ("device", "android"))
    assert abs((first.since - day_of(34)).days) <= 3
    low, high = first.since_between
    assert low <= day_of(34) <= high
    assert (high - low).days < 14
    assert (first.state, first.is_bad, first.grade) == ("open", True, "B")
    assert first.during.value == pytest.approx(0.2, abs=0.04)
    assert first.before.value == pytest.approx(FAILS, abs=0.01)
    # A month's visits on Android that reach the payment, times the purchases that fail.
    visits = planted_log.VISITS / planted_log.WEEKS * 365.25 / 84 * 0.4 * BASKET * PAYMENT
    lost = (0.2 - FAILS) * (BUYS - BUYS_AFTER_ALL) * visits * planted_log.ORDER_VALUE
    assert first.worth.ci.low <= -lost <= first.worth.ci.high
    assert first.worth.value == pytest.approx(-lost, rel=0.4)


def test_a_basket_that_led_nowhere_for_six_weeks_is_past() -> None:
    found = cx.findings(cx.open_study("basket"))
    first = found[0]
    assert (first.measure, first.group) == ("step:basket>payment", ("channel", "email"))
    assert abs((first.since - day_of(22)).days) <= 7
    assert abs((first.until - day_of(28)).days) <= 7
    assert first.state == "past"
    assert first.step.message.startswith("Watch")
    assert not found.open


def test_two_fires_that_began_in_one_week_are_two_findings() -> None:
    cards, basket = cx.findings(cx.open_study("two"))
    assert (cards.measure, cards.state) == ("error:card_declined", "open")
    assert (basket.measure, basket.state) == ("step:basket>payment", "past")
    assert [one.group for one in (cards, basket)] == [("device", "android"), ("channel", "email")]
    for one in (cards, basket):
        assert abs((one.since - day_of(22)).days) <= 7


def test_what_was_mended_is_kept_and_is_no_reason_to_wake_anybody() -> None:
    (found,) = cx.findings(cx.open_study("mended"))
    assert (found.measure, found.is_bad, found.state) == ("error:card_declined", False, "open")
    assert abs((found.since - day_of(24)).days) <= 7
    assert found.step.message.startswith("Keep")
    assert CliRunner().invoke(app, ["findings", "mended", "--fail"]).exit_code == 0


def test_a_calm_shop_has_no_finding_and_says_how_small_a_break_it_would_have_seen() -> None:
    found = cx.findings(cx.open_study("calm"))
    assert len(found) == 0
    assert found.judged > 50
    assert repr(found).startswith("Nothing moved: no break beyond chance in ")
    errors = found.visible[found.visible["measure"].map(str).str.contains("card_declined")]
    assert 0 < errors["rise"].iloc[0] < 0.2


def test_no_finding_costs_more_than_the_shop_sells() -> None:
    shop = cx.open_study("cards")
    found = cx.findings(shop)
    sold = shop.frame("orders").select("revenue").collect()["revenue"].sum()
    months = found.weeks / (365.25 / 84)
    costs = sum(-one.worth.value for one in found if one.worth.value < 0)
    assert 0 < costs < sold / months


def test_the_command_prints_the_first_ones_and_exits_with_3_when_one_is_open() -> None:
    result = CliRunner().invoke(app, ["findings", "cards", "--fail"])
    assert result.exit_code == 3
    assert result.stdout.startswith("1. card_declined among visits with payment (android)")
    for quiet in ("calm", "basket"):  # nothing moved; what broke has gone
        assert CliRunner().invoke(app, ["findings", quiet, "--fail"]).exit_code == 0


def test_json_is_json_and_what_is_undefined_is_null() -> None:
    result = CliRunner().invoke(app, ["findings", "basket", "--json", "--top", "1"])
    (first,) = json.loads(result.stdout)
    assert first["group"] == {"channel": "email"}
    assert first["state"] == "past"
    assert not any(isinstance(x, float) and math.isnan(x) for x in first["worth"].values())


def test_a_study_that_cannot_be_used_is_a_misuse() -> None:
    result = CliRunner().invoke(app, ["findings", "nowhere"])
    assert result.exit_code == 2


def test_series_are_those_of_plain_pandas() -> None:
    import pandas as pd

    shop = cx.open_study("cards")
    found = cx.findings(shop)
    events = pd.read_csv(planted_log_file(shop.name), parse_dates=["ts"])
    local = events["ts"].dt.tz_localize("UTC").dt.tz_convert("Europe/Rome")
    first = found.calendar.first_day
    events["week"] = (local.dt.tz_localize(None).dt.normalize() - pd.Timestamp(first)).dt.days // 7
    android = events[events["device"] == "android"]
    by_visit = android.groupby(["week", "session_id"])["event"].agg(set).reset_index()
    paid = by_visit[by_visit["event"].map(lambda seen: "payment" in seen)]
    failed = paid[paid["event"].map(lambda seen: "card_declined" in seen)]
    series = found.series["error:card_declined", ("device", "android")]
    for week in (0, 10, 33, 34, 40):
        assert series.y[week] == (paid["week"] == week).sum()
        assert series.x[week] == (failed["week"] == week).sum()


def planted_log_file(study: str) -> Path:
    from cxresearch.core import disk

    return disk.project_root() / "data" / study / "events.csv"
