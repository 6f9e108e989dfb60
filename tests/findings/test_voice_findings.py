"""What customers complain of most, and what goes with their score, where it is told apart."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import cxresearch as cx
from cxresearch.findings.voice_findings import driver_findings, theme_findings

COMPLAINTS = {
    "delivery": "The parcel came two weeks late, terrible delivery and an awful courier.",
    "price": "Far too expensive, awful prices, a bad deal.",
}
PRAISE = "Lovely dress, beautiful fabric, excellent quality, I am very happy."


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CX_ROOT", str(tmp_path))
    return tmp_path


def study(root: Path, **tables: pd.DataFrame) -> cx.Study:
    folder = root / "data" / "shop"
    folder.mkdir(parents=True)
    for name, rows in tables.items():
        rows.to_csv(folder / f"{name}.csv", index=False)
    files = "".join(f"  {name}: {{file: {name}.csv}}\n" for name in tables)
    (folder / "study.yaml").write_text(
        f"title: {{en: Shop}}\ncurrency: EUR\ntime_zone: UTC\ntables:\n{files}"
    )
    return cx.open_study("shop")


def texts(root: Path, *, delivery: int, price: int, praise: int) -> cx.Study:
    said = [COMPLAINTS["delivery"]] * delivery + [COMPLAINTS["price"]] * price + [PRAISE] * praise
    rows = pd.DataFrame({"text": said, "source": "review", "language": "en"})
    ids = [str(place) for place in range(len(rows))]
    days = pd.Timestamp("2026-01-05") + pd.to_timedelta(np.arange(len(rows)) % 60, unit="D")
    return study(root, feedback=rows.assign(text_id=ids, customer_id=ids, ts=days))


def test_the_theme_that_most_complain_of_is_no_theme_that_most_praise(project: Path) -> None:
    shop = texts(project, delivery=120, price=30, praise=400)
    (found,) = theme_findings(shop, 0.95)
    assert found.measure == "theme:delivery"
    assert (found.state, found.is_bad, found.grade) == ("standing", True, "D")
    # 120 - 30 of 550 texts.
    assert found.change.value == pytest.approx(90 / 550, abs=0.01)
    assert "uncorrected" in str(found.what)
    assert theme_findings(shop, 0.95, covered=["theme:delivery"]) == []


@pytest.mark.parametrize(("delivery", "price"), [(60, 50), (20, 2)])
def test_where_none_is_told_apart_or_few_complain_there_is_none(
    project: Path, delivery: int, price: int
) -> None:
    assert theme_findings(texts(project, delivery=delivery, price=price, praise=200), 0.95) == []


def answers(root: Path, *, weight: float, rated: float, n: int = 900) -> cx.Study:
    """Answers to an NPS in which three parts are rated; delivery has a weight and a rating."""
    rng = np.random.default_rng(7)
    parts = {
        name: np.clip(np.round(rng.normal(centre, 0.9, n)), 1, 5)
        for name, centre in (("delivery", rated), ("site", 4.2), ("service", 4.2))
    }
    score = 7 + weight * (parts["delivery"] - rated)
    score += 0.4 * (parts["site"] - 4.2) + 0.4 * (parts["service"] - 4.2)
    score = np.clip(np.round(score + rng.normal(0, 1, n)), 0, 10)
    ids = [str(place) for place in range(n)]
    days = pd.Timestamp("2026-01-05") + pd.to_timedelta(np.arange(n) % 120, unit="D")
    base = pd.DataFrame({"response_id": ids, "customer_id": ids, "ts": days})
    rows = [base.assign(metric="nps", touchpoint="", score=score, scale_min=0, scale_max=10)]
    rows += [
        base.assign(metric="csat", touchpoint=name, score=own, scale_min=1, scale_max=5)
        for name, own in parts.items()
    ]
    return study(root, surveys=pd.concat(rows))


def test_the_part_that_goes_with_the_score_and_is_weak_is_a_finding(project: Path) -> None:
    (found,) = driver_findings(answers(project, weight=1.6, rated=3.1), 0.95)
    assert (found.measure, found.touchpoint, found.grade) == ("driver:delivery", "delivery", "D")
    assert found.during.value == pytest.approx(3.1, abs=0.1)
    assert found.before.value == pytest.approx(4.1, abs=0.1)
    assert found.change.ci.high < 0


@pytest.mark.parametrize(("weight", "rated"), [(1.6, 4.2), (0.1, 3.1)])
def test_a_part_that_is_not_weak_or_goes_with_nothing_is_none(
    project: Path, weight: float, rated: float
) -> None:
    assert driver_findings(answers(project, weight=weight, rated=rated), 0.95) == []
