"""What `cxresearch check` says of a study before a notebook runs."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest
import yaml
from typer.testing import CliRunner

from cxresearch.cli import app
from cxresearch.report.study_check import check, check_files
from cxresearch.study import manifest

STUDY = """
title: {en: Shop}
currency: EUR
time_zone: UTC
tables:
  orders:
    file: orders.csv
    where: {revenue: {filled: true}}
  surveys:
    file: surveys.csv
    constants: {metric: nps, scale_min: 0, scale_max: 10}
"""
ORDERS = "order_id,customer_id,ts,revenue\n" + "".join(
    f"A{i},p{i},2026-01-0{i},{i}\n" for i in range(1, 7)
)
SURVEYS = "response_id,ts,score,customer_id,order_id\nr1,2026-01-05,9,A1,A1\n"


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CX_ROOT", str(tmp_path))
    folder = tmp_path / "data" / "shop"
    folder.mkdir(parents=True)
    (folder / "study.yaml").write_text(STUDY, "utf-8")
    (folder / "orders.csv").write_text(ORDERS + "A9,p,2026-01-05,\n", "utf-8")
    (folder / "surveys.csv").write_text(SURVEYS, "utf-8")
    return folder


@pytest.mark.usefixtures("shop")
def test_a_good_study():
    found = check("shop")
    orders = found.files[0]
    counts = (orders.rows_in, orders.rows_accepted, orders.rows_left_out, orders.rows_rejected)
    assert counts == (7, 6, 1, 0)
    assert found.good
    assert found.covers["orders"] == ("2026-01-01", "2026-01-06")


@pytest.mark.usefixtures("shop")
def test_an_order_id_that_is_used_as_customer_id_is_seen():
    links = {link.column: link for link in check("shop").links}
    assert (links["surveys.order_id"].keys, links["surveys.order_id"].found) == (1, 1)
    assert links["surveys.customer_id"].note == "1 of them are order ids"


def test_a_build_asks_only_what_became_of_the_rows_and_no_row_is_read_for_it(shop: Path):
    (shop / "surveys.csv").write_text(SURVEYS + "r2,2026-01-05,far too high,A2,A2\n", "utf-8")
    found, whole = check_files("shop", threshold=0.2), check("shop", threshold=0.2)
    assert [file.table for file in whole.files if file.refused] == ["surveys"]
    assert found == replace(whole, links=(), unlabelled=(), covers={}, reports={})
    assert [*found.trouble()] == [*whole.trouble()] != []
    (shop / "surveys.csv").write_text(SURVEYS, "utf-8")
    check_files("shop")
    heavy = "{'matplotlib', 'narwhals', 'numpy', 'pandas', 'pyarrow'}"
    code = (
        "import sys; from cxresearch.report.study_check import check_files; "
        f"assert check_files('shop').files; print(sorted({heavy} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.splitlines() == ["[]"], done.stderr


def test_rejected_rows_are_shown_as_written_with_what_is_allowed(shop: Path):
    rows = "".join(f"B{i},p,2026-01-05,{value}\n" for i, value in enumerate("vwxyx"))
    (shop / "orders.csv").write_text(ORDERS + rows, "utf-8")
    found = check("shop")
    (refused,) = found.files[0].refused
    assert (refused.rule, refused.column, refused.rows) == ("not_a_number", "revenue", 5)
    assert refused.values == ("v", "w", "x")
    assert refused.allowed == "a number with the decimal mark ."
    assert not found.good
    assert found.files[0].rejected_share == pytest.approx(5 / 11)
    assert check("shop", threshold=0.5).good


def test_rows_left_out_do_not_thin_the_share_of_rejected_ones(shop: Path):
    left_out = "".join(f"C{i},p,2026-01-05,\n" for i in range(100))
    (shop / "orders.csv").write_text(ORDERS + "B,p,x,1\n" + left_out, "utf-8")
    assert check("shop").files[0].rejected_share == pytest.approx(1 / 7)


def test_the_command(shop: Path):
    run = CliRunner().invoke(app, ["check", "shop"])
    assert run.exit_code == 0, run.output
    assert "orders: orders.csv" in run.output
    (shop / "orders.csv").write_text("order_id,customer_id,ts\n", "utf-8")
    run = CliRunner().invoke(app, ["check", "shop", "--json"])
    assert run.exit_code == 1
    found = json.loads(run.output)
    assert not found["good"]
    assert "lacks 'revenue' for where" in found["faults"][0]
    assert CliRunner().invoke(app, ["check", "none"]).exit_code == 2


def test_the_schema_takes_what_the_kit_takes():
    schema = manifest.json_schema()
    jsonschema.validate(yaml.safe_load(STUDY), schema)
    demo = manifest.path_of("demo").read_text("utf-8")
    jsonschema.validate(yaml.safe_load(demo), schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(yaml.safe_load(STUDY.replace("file:", "fiel:")), schema)


def test_months_without_a_row_are_named(shop: Path):
    text = ORDERS.replace("2026-01-01", "2025-10-01").replace("2026-01-02", "2025-12-02")
    (shop / "orders.csv").write_text(text, "utf-8")
    found = check("shop")
    assert found.empty_months == {"orders": ["2025-11"]}
    assert "days: orders from 2025-10-01 to 2026-01-06; no row in 2025-11" in found.lines()
