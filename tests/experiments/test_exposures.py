"""Every exposure is in or counted among those left out, by hand and against plain pandas."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest

import cxresearch as cx
from cxresearch import experiments
from cxresearch.core.languages import Language
from cxresearch.errors import SchemaError
from cxresearch.experiments.exposures import first_exposures, midnight_us
from cxresearch.study.plans import Experiment
from tests.experiments import studies
from tests.experiments.studies import PLAN

DAY_US = 86_400_000_000


def plan(**changes: object) -> Experiment:
    return Experiment.model_validate(PLAN | changes)


def exposures(*rows: tuple[object, ...], cluster: bool = False) -> pd.DataFrame:
    columns = ["customer_id", "variant", "ts", *(["cluster"] if cluster else [])]
    frame = pd.DataFrame(rows, columns=columns)
    times = pd.to_datetime(frame["ts"], format="mixed")
    return frame.assign(
        experiment="one_page",
        ts_us=times.astype("datetime64[us]").astype("int64"),
        day=times.dt.normalize(),
    ).drop(columns="ts")


def read(frame, **changes):
    found, tally = first_exposures(frame, plan(**changes), time_zone="UTC")
    customers = found.collect().to_pandas().sort_values("customer_id", ignore_index=True)
    return customers, tally


def test_the_first_exposure_wins():
    customers, tally = read(
        exposures(("a", "control", "2026-02-03 10:00"), ("a", "control", "2026-02-02 09:00"))
    )
    assert customers["exposed_us"].tolist() == [pd.Timestamp("2026-02-02 09:00").value // 1000]
    assert customers["day"].dt.day.tolist() == [2]
    assert (tally.rows, tally.repeated) == (2, 1)


def test_customers_in_several_variants_are_left_out_or_count_for_the_first():
    rows = exposures(
        ("a", "one_page", "2026-02-02"),
        ("a", "control", "2026-02-03"),
        ("b", "control", "2026-02-02"),
        ("c", "control", "2026-02-04"),
        ("c", "one_page", "2026-02-04"),
    )
    customers, tally = read(rows)
    assert customers["customer_id"].tolist() == ["b"]
    assert (tally.several_variants, tally.several_left_out) == (2, 2)
    customers, tally = read(rows, several_variants="first")
    # c met both at one moment: nobody can say which was first.
    assert customers[["customer_id", "variant"]].values.tolist() == [
        ["a", "one_page"],
        ["b", "control"],
    ]
    assert (tally.several_variants, tally.several_left_out) == (2, 1)


def test_exposures_outside_the_planned_days():
    customers, tally = read(
        exposures(
            ("early", "control", "2026-01-31 23:59"),
            ("early", "control", "2026-02-03"),
            ("first", "control", "2026-02-01 00:00"),
            ("last", "control", "2026-02-10 23:59"),
            ("late", "control", "2026-02-11 00:00"),
            # After the end everybody gets the one that won; that is not a second variant.
            ("last", "one_page", "2026-02-12"),
        )
    )
    assert customers["customer_id"].tolist() == ["first", "last"]
    assert (tally.before_start, tally.after_end, tally.several_variants) == (1, 1, 0)


def test_days_begin_at_the_midnight_of_the_study():
    rows = exposures(("a", "control", "2026-01-31 23:30"))
    _, tally = first_exposures(rows, plan(), time_zone="Europe/Rome")
    assert tally.customers["control"] == 1
    # The clocks go forward on 29 March: that day has 23 hours.
    days = pd.to_datetime(["2026-03-29", "2026-03-30"])
    start, end = (midnight_us(day.date(), "Europe/Rome") for day in days)
    assert (end - start) / DAY_US * 24 == 23


def test_unknown_variants_are_counted_by_name():
    customers, tally = read(
        exposures(
            ("a", "red", "2026-02-02"), ("a", "control", "2026-02-03"), ("b", "red", "2026-02-04")
        )
    )
    assert customers["customer_id"].tolist() == ["a"]
    assert tally.unknown == {"red": 2}


def test_an_experiment_that_nobody_met():
    _, tally = read(exposures(("a", "control", "2026-02-02")).assign(experiment="another"))
    assert tally.customers == {"control": 0, "one_page": 0}
    assert (tally.rows, tally.repeated, tally.several_variants) == (0, 0, 0)


def test_clusters_in_several_variants_are_left_out_whole():
    rows = exposures(
        ("a", "control", "2026-02-02", "rome"),
        ("b", "control", "2026-02-02", "milan"),
        ("c", "one_page", "2026-02-02", "milan"),
        ("d", "one_page", "2026-02-03", "turin"),
        cluster=True,
    )
    customers, tally = read(rows, unit="cluster")
    assert customers[["customer_id", "cluster"]].values.tolist() == [["a", "rome"], ["d", "turin"]]
    assert (tally.mixed_clusters, sum(tally.customers.values())) == (1, 2)


def test_a_customer_without_a_cluster_is_an_error():
    rows = exposures(("a", "control", "2026-02-02", None), cluster=True)
    with pytest.raises(SchemaError) as caught:
        read(rows, unit="cluster")
    assert caught.value.faults == ("cluster: missing in 1 rows; the plan assigns clusters",)


def test_missing_columns_are_all_told():
    with pytest.raises(SchemaError, match="2 faults"):
        read(exposures(("a", "control", "2026-02-02")).drop(columns=["variant", "ts_us"]))


def test_the_cluster_is_that_of_the_first_exposure():
    rows = exposures(
        ("a", "control", "2026-02-05", "ancona"),
        ("a", "control", "2026-02-02", "turin"),
        ("b", "one_page", "2026-02-02", "rome"),
        cluster=True,
    )
    customers, _ = read(rows, unit="cluster")
    assert customers["cluster"].tolist() == ["turin", "rome"]


#: The file is written newest first; a is repeated, a and b met an unknown variant, one row is of
#: another experiment, and four cannot be used.
WRITTEN = """experiment,customer_id,variant,ts
one_page,a,control,2026-02-09 10:00
one_page,b,control,2026-02-08 10:00
one_page,c,one_page,2026-02-07 10:00
one_page,a,control,2026-02-02 10:00
one_page,b,red,2026-02-03 10:00
one_page,b,red,2026-02-04 10:00
one_page,b,control,2026-01-30 10:00
one_page,a,control,2026-02-05 10:00
other,a,control,2026-02-01 10:00
other,a,control,2026-02-02 10:00
other,,control,2026-02-02 10:00
one_page,,control,2026-02-02 10:00
one_page,,control,yesterday
one_page,d,control,yesterday
,d,control,2026-02-02 10:00
"""


def test_a_repeated_key_keeps_its_earliest_row_and_the_tally_counts_the_others(project):
    studies.write(project, {"exposures": [], "events": []}, as_of="2026-03-31")
    (project / "data" / "shop" / "exposures.csv").write_text(WRITTEN, "utf-8")
    shop = cx.open_study("shop")
    trial = experiments.read(shop, "one_page")
    customers = trial.frame.collect().to_pandas().sort_values("customer_id")
    # b was first exposed before the start, though the file says it last.
    assert customers["customer_id"].tolist() == ["a", "c"]
    assert str(customers["day"].iloc[0])[:10] == "2026-02-02"
    tally = trial.tally
    # Of 15 rows 3 are of the other experiment.
    assert (tally.rows, tally.rejected, tally.repeated) == (12, 4, 3)
    assert tally.unknown == {"red": 2}
    assert (tally.customers, tally.before_start) == ({"control": 1, "one_page": 1}, 1)
    people = sum(tally.customers.values()) + tally.before_start
    assert tally.rows == tally.rejected + tally.repeated + 2 + people
    check = experiments.check_trial(trial, experiments.evaluate(trial)).check("exposures")
    assert "2 exposures to unknown variants, 4 rejected when loaded" in check.finding.words(
        Language("en")
    )


def test_any_order_of_the_file_gives_the_same_customers(project):
    header, *lines = WRITTEN.splitlines()
    found = []
    for order in (lines, lines[::-1], sorted(lines)):
        studies.write(project, {"exposures": [], "events": []}, as_of="2026-03-31")
        text = "\n".join([header, *order])
        (project / "data" / "shop" / "exposures.csv").write_text(text, "utf-8")
        trial = experiments.read(cx.open_study("shop"), "one_page")
        rows = trial.frame.collect().to_pandas().sort_values("customer_id", ignore_index=True)
        found.append((trial.tally, rows[["customer_id", "variant", "exposed_us"]].to_dict()))
    assert found[0] == found[1] == found[2]


def random_exposures(seed: int, n: int = 400) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    start = pd.Timestamp("2026-01-30")
    hours = rng.integers(0, 24 * 14, n)
    return exposures(
        *zip(
            [f"c{c}" for c in rng.integers(0, 150, n)],
            rng.choice(["control", "one_page", "old"], n, p=[0.55, 0.4, 0.05]),
            [start + pd.Timedelta(hours=int(hour)) for hour in hours],
            strict=True,
        )
    )


@pytest.mark.parametrize("rule", ["exclude", "first"])
def test_plain_pandas_says_the_same(rule):
    rows = random_exposures(1)
    customers, tally = read(rows, several_variants=rule)
    known = rows[rows["variant"] != "old"].sort_values("ts_us")
    start, end = (pd.Timestamp(day).value // 1000 for day in ("2026-02-01", "2026-02-11"))
    kept, before, after, several = {}, 0, 0, 0
    for name, own in known.groupby("customer_id"):
        first = own["ts_us"].iloc[0]
        inside = own.groupby("variant")["ts_us"].min()
        inside = inside[inside < end]
        several += len(inside) > 1
        if first < start:
            before += 1
        elif first >= end:
            after += 1
        elif len(inside) == 1 or (rule == "first" and inside.nunique() == 2):
            kept[name] = own["variant"].iloc[0]
    assert dict(customers[["customer_id", "variant"]].values) == kept
    assert (tally.before_start, tally.after_end, tally.several_variants) == (before, after, several)
    left_out = tally.before_start + tally.after_end + tally.several_left_out
    assert len(customers) + left_out == known["customer_id"].nunique()
    assert tally.repeated == len(known) - len(known.drop_duplicates(["customer_id", "variant"]))
    assert tally.unknown == {"old": int((rows["variant"] == "old").sum())}


def test_every_engine_and_any_order_of_rows_give_the_same():
    rows = random_exposures(2)
    customers, tally = read(rows)
    shuffled = rows.sample(frac=1, random_state=1)
    for other in (shuffled, pl.from_pandas(rows), pl.from_pandas(rows).lazy()):
        again, other_tally = read(other)
        assert other_tally == tally
        pd.testing.assert_frame_equal(again, customers, check_dtype=False)


def test_an_exposure_without_a_time_is_counted_and_repeats_nothing():
    rows = pd.DataFrame(
        {
            "customer_id": ["a", "a", "b", "c"],
            "variant": ["control", "control", "one_page", "one_page"],
            "ts": pd.to_datetime(["2026-02-02", None, None, "2026-02-03"]),
            "experiment": "one_page",
        }
    )
    customers, tally = read(rows)
    assert customers["customer_id"].tolist() == ["a", "c"]
    assert (tally.rows, tally.rejected, tally.repeated) == (4, 2, 0)
    used = tally.rejected + tally.repeated + sum(tally.customers.values())
    assert used == tally.rows
