"""Same seed, same bytes; what is written is what was simulated, in each export's own manner."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import yaml

from cxresearch import open_study, simulate
from cxresearch.simulate.shop import Shop
from cxresearch.study import manifest, schema

#: Sheets for people: a mark at the start tells spreadsheets that they are UTF-8.
SHEETS = {
    "codes_first.csv",
    "codes_second.csv",
    "decisions.csv",
    "emotions_first.csv",
    "emotions_second.csv",
}
FILES = {
    "customers.csv",
    "deliveries.csv",
    "events.parquet",
    "exposures.csv",
    "feedback.csv",
    "marketing.csv",
    "messages.parquet",
    "order_lines.csv",
    "orders.csv",
    "surveys.csv",
    "tickets.csv",
    "truth.json",
    "truth_identities.csv",
    "truth_people.csv",
    "truth_themes.csv",
} | SHEETS


@pytest.fixture(scope="module")
def written(small: Shop, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("written")
    simulate.write(small, folder)
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_same_seed_same_bytes_and_no_file_besides(written: Path, tmp_path: Path) -> None:
    arguments = ["--seed", "7", "--customers", "600"]
    command = [sys.executable, "-m", "cxresearch.simulate", str(tmp_path / "again"), *arguments]
    subprocess.run(command, check=True)
    again = contents(tmp_path / "again")
    assert set(again) == FILES
    assert again == contents(written)


def test_another_seed_differs_in_every_file(written: Path, tmp_path: Path) -> None:
    simulate.write(simulate.shop(seed=8, customers=600), tmp_path)
    other = contents(tmp_path)
    assert [name for name, data in contents(written).items() if other[name] == data] == []


def test_the_command_can_leave_the_faults_out(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "cxresearch.simulate", str(tmp_path), "--clean"]
    subprocess.run([*command, "--customers", "60", "--days", "30"], check=True)
    truth = json.loads((tmp_path / "truth.json").read_text("utf-8"))
    assert truth["faults"] == {}
    assert (truth["study"]["customers"], truth["study"]["days"]) == (60, 30)


def test_truth_is_written_as_it_is(small: Shop, written: Path) -> None:
    text = (written / "truth.json").read_text("utf-8")
    assert json.loads(text) == json.loads(json.dumps(small.truth))
    assert text.endswith("}\n")
    assert list(json.loads(text)) == sorted(small.truth)


def test_text_files_have_unix_line_ends_and_only_sheets_a_mark_at_the_start(written: Path) -> None:
    for name, data in contents(written).items():
        if name.endswith(".csv"):
            assert b"\r" not in data, name
            assert data.startswith(b"\xef\xbb\xbf") == (name in SHEETS), name


def test_surveys_are_written_the_italian_way_and_lose_nothing(usual: Shop, clean: Path) -> None:
    first = (clean / "surveys.csv").read_text("utf-8").splitlines()[1].split(";")
    assert first[3].endswith(",0")
    read = pd.read_csv(clean / "surveys.csv", sep=";", decimal=",")
    local = pd.to_datetime(read["ts"], format="%d/%m/%Y %H:%M:%S")
    # Raises if a local time exists twice or not at all.
    times = local.dt.tz_localize("Europe/Rome", ambiguous="raise", nonexistent="raise")
    surveys = usual.tables["surveys"]
    assert (times.dt.tz_convert("UTC") == surveys["ts"]).all()
    assert (read["score"] == surveys["score"]).all()
    assert (read["response_id"] == surveys["response_id"]).all()


def test_marketing_is_written_the_italian_way_and_loses_nothing(usual: Shop, clean: Path) -> None:
    read = pd.read_csv(clean / "marketing.csv", sep=";", decimal=",", thousands=".")
    marketing = usual.tables["marketing"]
    assert (read["cost"] == marketing["cost"]).all()
    dates = pd.to_datetime(read["date"], format="%d/%m/%Y").dt.date
    assert (dates == marketing["date"]).all()
    assert "." in (clean / "marketing.csv").read_text("utf-8").replace("\n", "")


@pytest.mark.parametrize(
    "name", ["orders", "order_lines", "deliveries", "feedback", "tickets", "exposures"]
)
def test_the_other_exports_lose_nothing(usual: Shop, clean: Path, name: str) -> None:
    table, kinds = usual.tables[name], {c.name: c.kind for c in schema.table(name).columns}
    text = [column for column in table if kinds[column] == "text"]
    read = pd.read_csv(
        clean / f"{name}.csv", dtype=dict.fromkeys(text, "str"), keep_default_na=False, na_values=""
    )
    assert list(read.columns) == list(table.columns)
    for column in table:
        found = pd.to_datetime(read[column]) if kinds[column] == "time" else read[column]
        pd.testing.assert_series_equal(found, table[column], check_dtype=False)


@pytest.mark.parametrize("name", ["events", "messages"])
def test_parquet_has_the_types_of_the_contract(usual: Shop, clean: Path, name: str) -> None:
    read = pd.read_parquet(clean / f"{name}.parquet")
    pd.testing.assert_frame_equal(read, usual.tables[name], check_dtype=False)
    assert str(read["ts"].dt.tz) == "UTC"


def test_blocks_are_written_as_the_whole_is(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sys.modules[Shop.__module__], "BLOCK", 40)
    asked = {"seed": 3, "customers": 90, "days": 200, "faults": False}
    simulate.write(simulate.shop(**asked), tmp_path / "whole")
    simulate.write_blocks(simulate.plan(**asked), tmp_path / "blocks")
    whole, blocks = contents(tmp_path / "whole"), contents(tmp_path / "blocks")
    parquet = {name for name in whole if name.endswith(".parquet")}
    assert {name for name in whole if whole[name] != blocks[name]} <= parquet
    for name in parquet:
        tables = [pd.read_parquet(tmp_path / way / name) for way in ("whole", "blocks")]
        pd.testing.assert_frame_equal(*tables)


def test_the_demo_study_finds_exactly_the_planted_faults(
    small: Shop, written: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The loaders count what the simulator planted, and give the clean tables back."""
    study = tmp_path / "data" / "demo"
    study.mkdir(parents=True)
    for path in written.iterdir():
        (study / path.name).hardlink_to(path)
    demo = manifest.path_of("demo").read_text("utf-8")
    (study / manifest.FILE_NAME).write_text(demo, "utf-8")
    monkeypatch.setenv("CX_ROOT", str(tmp_path))
    opened = open_study("demo")

    findings = opened.findings()
    natural = {"anonymous", "cancelled", "returned"}
    planted = findings[~findings["rule"].isin(natural)]
    found = {
        table: dict(zip(rows["rule"], rows["rows"].astype(int), strict=True))
        for table, rows in planted.groupby("table")
    }
    assert found == small.truth["faults"]
    flagged = {"unknown_event", "times_out_of_order"}
    for name, rows in opened.counts().set_index("table")["rows_accepted"].items():
        rules = small.truth["faults"].get(str(name), {})
        added = sum(count for rule, count in rules.items() if rule in flagged)
        assert rows == len(small.tables[str(name)]) + added, name


def test_the_demo_manifest_explains_every_event_and_survey(usual: Shop) -> None:
    demo = manifest.parse(manifest.path_of("demo").read_text("utf-8"))
    assert set(demo.touchpoints) == set(usual.tables["events"]["event"])
    assert demo.tables.keys() == usual.tables.keys()
    asked = {(one.metric, one.touchpoint, *one.scale) for one in demo.surveys}
    surveys = usual.tables["surveys"][["metric", "touchpoint", "scale_min", "scale_max"]]
    rows = surveys.drop_duplicates().astype(object)
    assert asked == set(map(tuple, rows.where(rows.notna(), None).to_numpy()))
    plan = usual.truth["experiment"]
    assert [one.name for one in demo.experiments] == [plan["name"]]
    assert tuple(demo.experiments[0].variants) == tuple(plan["variants"])
    assert yaml.safe_load(manifest.path_of("demo").read_text("utf-8"))["as_of"] == "2026-10-31"
