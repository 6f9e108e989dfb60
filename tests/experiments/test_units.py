"""Rows that are no units are refused, slips in the variants too, and crossings are counted."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest

import cxresearch as cx
from cxresearch import experiments
from cxresearch.core.languages import Language
from cxresearch.errors import SchemaError
from cxresearch.experiments import MetricColumns, analyse, check
from tests.experiments import studies

BOUGHT = [MetricColumns(name="bought", kind="proportion")]
SHARES = {"A": 0.5, "B": 0.5}


def people(**counts: int) -> pd.DataFrame:
    variants = [name for name, n in counts.items() for _ in range(n)]
    rng = np.random.default_rng(3)
    return pd.DataFrame(
        {
            "variant": variants,
            "bought": rng.integers(0, 2, len(variants)),
            "id": [f"c{i}" for i in range(len(variants))],
        }
    )


def faults(frame, **options) -> tuple[str, ...]:
    with pytest.raises(SchemaError) as caught:
        analyse(frame, metrics=BOUGHT, **options)
    return caught.value.faults


def test_one_row_per_unit_is_what_it_asks_for():
    frame = people(A=50, B=50)
    with_unit = analyse(frame, metrics=BOUGHT, unit="id")
    assert repr(with_unit.readings) == repr(analyse(frame, metrics=BOUGHT).readings)


@pytest.mark.parametrize("convert", [lambda rows: rows, pl.from_pandas])
def test_a_unit_with_several_rows_is_no_several_people(convert):
    frame = people(A=50, B=50)
    frame = pd.concat([frame, frame.iloc[:3], frame.iloc[:1]])
    (fault,) = faults(convert(frame), unit="id")
    assert fault.startswith("id: 3 units have 7 rows, and each row would count as one more;")
    assert "cluster='id'" in fault
    # Visits of one customer, told as such, are no fault.
    assert analyse(frame, metrics=BOUGHT, cluster="id").assigned == {"A": 50, "B": 50}


def test_a_cluster_has_the_one_variant_that_chance_gave_it():
    frame = people(A=50, B=50).assign(shop=[f"s{i % 10}" for i in range(100)])
    (fault,) = faults(frame, cluster="shop")
    assert fault.startswith("shop: 10 clusters have rows of several variants ('s0', 's1', 's2');")
    apart = frame.assign(shop=frame["variant"] + frame["shop"])
    assert analyse(apart, metrics=BOUGHT, cluster="shop").assigned == {"A": 10, "B": 10}
    apart.loc[[7, 8], "shop"] = None
    assert faults(apart, cluster="shop") == ("shop: missing in 2 rows",)


def test_a_unit_in_two_variants_and_a_row_without_a_unit():
    frame = people(A=50, B=50)
    frame.loc[99, "id"] = "c0"
    frame.loc[[7, 8], "id"] = None
    assert [fault[:32] for fault in faults(frame, unit="id")] == [
        "id: missing in 2 rows",
        "id: 1 units have 2 rows, and eac",
    ]


def test_a_misspelt_variant_does_not_become_the_control():
    frame = people(**{"A ": 6, "A": 4000, "B": 4000})
    (fault,) = faults(frame)
    assert fault == (
        "variant: 'A' (4000 rows) and 'A ' (6 rows) differ in spaces or capitals only; "
        "write them alike"
    )
    assert faults(frame, control="A") == (fault,)
    assert "6 rows of 'A '" in faults(frame, variants=["A", "B"])[0]


def test_a_variant_with_a_tiny_share_is_refused_where_no_control_is_named():
    frame = people(**{"-": 6, "A": 4000, "B": 4000})
    (fault,) = faults(frame)
    assert fault == (
        "variant: '-' has 6 of 8006 rows; mend it if it is a slip, else name control= or variants="
    )
    assert analyse(frame, metrics=BOUGHT, control="A").treatments == ("-", "B")


@pytest.mark.parametrize(
    ("counts", "tiny"),
    [((49, 951), True), ((51, 949), False), ((32, 484, 484), True), ((34, 483, 483), False)],
)
def test_tiny_is_less_than_a_tenth_of_an_equal_share(counts, tiny):
    frame = people(**dict(zip("ABC", counts, strict=False)))
    if tiny:
        assert len(faults(frame)) == 1
    else:
        assert analyse(frame, metrics=BOUGHT).control == "A"


def test_capitals_and_inner_spaces_are_slips_as_well():
    frame = people(**{"one page": 40, "One  Page": 40, "old": 40})
    assert "differ in spaces or capitals only" in faults(frame)[0]


def test_a_row_without_a_variant_is_in_no_variant():
    frame = people(A=50, B=50)
    frame["variant"] = frame["variant"].astype(object)
    frame.loc[:19, "variant"] = None
    assert faults(frame) == ("variant: missing in 20 rows",)


def crossed(frame: pd.DataFrame, **options):
    found = analyse(frame, metrics=BOUGHT, received="got", **options)
    return found, check(found, shares=SHARES).check("version received")


@pytest.mark.parametrize(
    ("wrong", "standing"), [(0, "passed"), (1, "warning"), (10, "warning"), (11, "failed")]
)
def test_units_that_received_another_version(wrong, standing):
    frame = people(A=500, B=500)
    frame["got"] = frame["variant"]
    frame.loc[500 : 499 + wrong, "got"] = "A"
    found, one = crossed(frame)
    assert one.standing == standing
    assert found.received["B"].other == wrong
    assert found.received["A"].other == 0
    # Everybody stays where chance put them.
    assert found.reading("bought").control.n == 500
    share = f"{wrong / 1000:.2%}"
    assert f": A 0 / B {wrong}, a share of {share};" in one.finding.words(Language("en"))


def test_what_was_received_and_is_not_known_is_no_crossing():
    frame = people(A=500, B=500)
    frame["got"] = frame["variant"].astype(object)
    frame.loc[::2, "got"] = None
    frame.loc[501, "got"] = "A"
    found, one = crossed(frame)
    assert (found.received["B"].unknown, found.received["B"].other) == (250, 1)
    assert "a share of 0.20%; not known of 500" in one.finding.words(Language("en"))


def test_versions_in_numbers_are_compared_as_numbers():
    frame = people(A=50, B=50)
    frame["variant"] = (frame["variant"] == "B").astype(int)
    frame["got"] = frame["variant"].astype(float)
    frame.loc[3, "got"] = np.nan
    found = analyse(frame, metrics=BOUGHT, received="got")
    assert [found.received[name].other for name in ("0", "1")] == [0, 0]


def test_without_a_received_version_there_is_no_such_check():
    names = [
        one.name for one in check(analyse(people(A=50, B=50), metrics=BOUGHT), shares=SHARES).checks
    ]
    assert "version received" not in names


def test_a_study_may_say_what_was_received(project):
    rows = [
        (f"c{i}", ("control", "one_page")[i % 2], "2026-02-03", "control" if i < 3 else None)
        for i in range(200)
    ]
    # The first exposure says what was received.
    rows.append(("c5", "one_page", "2026-02-01 10:00", "control"))
    studies.write(
        project, {"exposures": rows, "events": []}, exposures=["received"], as_of="2026-03-31"
    )
    trial = experiments.read(cx.open_study("shop"), "one_page")
    found = experiments.evaluate(trial)
    assert (found.received["one_page"].other, found.received["control"].other) == (2, 0)
    one = experiments.check_trial(trial, found).check("version received")
    assert one.standing == "failed"  # 2 of the 4 of whom it is known


def test_a_blank_unit_is_none():
    frame = people(A=50, B=50)
    frame.loc[:1, "id"] = ["", "  "]
    assert faults(frame, unit="id") == ("id: missing in 2 rows",)


def test_rows_without_a_variant_are_no_variant_of_their_own():
    frame = people(A=50, B=50)
    frame.loc[0, "variant"] = None
    assert faults(frame) == ("variant: missing in 1 rows",)


@pytest.mark.parametrize("convert", [lambda rows: rows, pl.from_pandas])
def test_outcomes_that_are_words_are_refused_all_at_once(convert):
    frame = people(A=50, B=50)
    frame["bought"] = np.where(frame["bought"] == 1, "yes", "no")
    frame["before"] = "much"
    metrics = [MetricColumns(name="bought", kind="mean", covariates=("before",))]
    with pytest.raises(SchemaError) as caught:
        analyse(convert(frame), metrics=metrics)
    assert caught.value.faults == (
        "bought: must be numbers; it is String",
        "before: must be numbers; it is String",
    )


def test_outcomes_that_are_flags_count_as_1_and_0():
    frame = people(A=50, B=50)
    flags = analyse(frame.assign(bought=frame["bought"] == 1), metrics=BOUGHT)
    assert repr(flags.readings) == repr(analyse(frame, metrics=BOUGHT).readings)


FRAMES = pytest.mark.parametrize("convert", [lambda rows: rows, pl.from_pandas])


@FRAMES
def test_versions_that_are_flags_are_compared_as_flags(convert):
    frame = people(A=50, B=50)
    frame["variant"] = frame["variant"] == "B"
    frame["got"] = frame["variant"] ^ (frame.index < 7)
    found = analyse(convert(frame), metrics=BOUGHT, received="got").received
    assert {name: (one.units, one.other, one.unknown) for name, one in found.items()} == {
        "False": (50, 7, 0),
        "True": (50, 0, 0),
    }


@FRAMES
def test_a_blank_version_is_not_known(convert):
    frame = people(A=50, B=50)
    frame["got"] = frame["variant"].where(frame.index > 9, " ")
    found = analyse(convert(frame), metrics=BOUGHT, received="got").received["A"]
    assert (found.units, found.other, found.unknown) == (50, 0, 10)


@FRAMES
@pytest.mark.parametrize("options", [{"control": "A"}, {}])
def test_a_blank_variant_is_none_whatever_is_named(convert, options):
    frame = people(A=50, B=50, C=50)
    frame["variant"] = frame["variant"].replace("C", " ")
    assert faults(convert(frame), **options) == ("variant: missing in 50 rows",)


def test_rows_without_a_variant_are_not_in_one_called_unknown():
    frame = people(A=50, unknown=50)
    frame.loc[:3, "variant"] = None
    assert faults(frame, variants=["A", "unknown"]) == ("variant: missing in 4 rows",)
    assert analyse(frame.dropna(), metrics=BOUGHT, variants=["A", "unknown"]).assigned == {
        "A": 46,
        "unknown": 50,
    }


@FRAMES
def test_a_blank_cluster_is_none(convert):
    frame = people(A=50, B=50)
    frame["shop"] = frame["variant"] + (frame.index % 10).astype(str)
    frame.loc[:2, "shop"] = ["", " ", None]
    assert faults(convert(frame), cluster="shop") == ("shop: missing in 3 rows",)


@FRAMES
def test_a_level_that_is_missing_blank_or_written_unknown_is_one(convert):
    frame = people(A=50, B=50)
    frame["device"] = np.tile([None, "", "unknown", "mobile"], 25)
    found = analyse(convert(frame), metrics=BOUGHT, segments=["device"])
    # Nobody is left out of the whole, and the levels have everybody.
    assert found.assigned == {"A": 50, "B": 50}
    by_hand = frame.groupby("variant")["bought"].mean()
    reading = found.reading("bought")
    assert (reading.control.value, reading.treatment.value) == pytest.approx(tuple(by_hand))
    levels = found.segments[0].levels
    assert {name: (one.control.n, one.treatment.n) for name, one in levels.items()} == {
        "mobile": (12, 13),
        "unknown": (38, 37),
    }


@pytest.mark.parametrize(
    "options",
    [
        {"variant": "bought"},
        {"segments": ["device", "device"]},
        {"segments": ["bought"]},
        {"segments": ["variant"]},
        {"cluster": "variant"},
        {"cluster": "bought"},
    ],
)
def test_a_column_stands_for_one_thing(options):
    frame = people(A=50, B=50).assign(device="mobile")
    with pytest.raises(ValueError, match=r"^variant, segments and cluster must be columns of the"):
        analyse(frame, metrics=BOUGHT, **options)


@pytest.mark.parametrize("more", [{"kind": "ratio", "per": "id"}, {"covariates": ("a", "a")}])
def test_a_metric_names_a_column_once(more):
    with pytest.raises(ValueError, match=r"^columns must be different ones; got \("):
        MetricColumns(**{"name": "id", "kind": "mean"} | more)


def test_variants_are_named_once():
    with pytest.raises(ValueError, match=r"^variants must be different names; got \['A', 'B', 'B'"):
        analyse(people(A=50, B=50), metrics=BOUGHT, variants=["A", "B", "B"])


@FRAMES
def test_a_metric_of_which_nothing_is_known_has_no_outcomes(convert):
    frame = people(A=50, B=50).assign(bought=None)
    reading = analyse(convert(frame), metrics=BOUGHT).reading("bought")
    assert (reading.control.n, reading.treatment.n) == (0, 0)
    assert np.isnan(reading.difference.value)
    assert reading.difference.note


@FRAMES
@pytest.mark.parametrize("value", [1e80, -1e200])
def test_values_whose_squares_are_no_numbers_are_refused(convert, value):
    frame = people(A=50, B=50).assign(spent=1.0)
    frame.loc[:2, "spent"] = value
    with pytest.raises(SchemaError) as caught:
        analyse(convert(frame), metrics=[MetricColumns(name="spent", kind="mean")])
    assert caught.value.faults == ("spent: beyond 1e+75 in 3 rows",)
