"""Findings on Spark: the same code finds the same as on DuckDB."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from cxresearch import simulate
from cxresearch.findings import findings
from cxresearch.study import open_study
from tests.demo import DEMO

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = [
    pytest.mark.spark,
    # Of PySpark itself, which is older than the pandas of the lock.
    pytest.mark.filterwarnings("ignore:The copy keyword is deprecated"),
]


def found(folder: Path) -> tuple[int, list[dict[str, Any]]]:
    every = findings(open_study(folder))
    return every.judged, [one.to_dict() for one in every]


def numbers(value: Any) -> list[float]:
    """Return all numbers in a record, in their order."""
    if isinstance(value, dict):
        value = [*value.values()]
    if isinstance(value, list | tuple):
        return [number for one in value for number in numbers(one)]
    return [float(value)] if isinstance(value, int | float) else []


def test_the_findings_of_a_shop_are_the_same(
    spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert spark
    shop = simulate.shop(seed=5, customers=600, days=300, start="2025-09-01", faults=False)
    simulate.write(shop, tmp_path)
    study = yaml.safe_load((DEMO / "study.yaml").read_text("utf-8"))
    study["as_of"] = "2026-06-27"
    (tmp_path / "study.yaml").write_text(yaml.safe_dump(study), "utf-8")
    monkeypatch.delenv("CX_ENGINE", raising=False)
    judged, expected = found(tmp_path)
    monkeypatch.setenv("CX_ENGINE", "spark")
    same, on_spark = found(tmp_path)
    assert same == judged > 300
    assert [one["what"] for one in on_spark] == [one["what"] for one in expected]
    assert expected
    assert numbers(on_spark) == pytest.approx(numbers(expected), rel=1e-6, nan_ok=True)
