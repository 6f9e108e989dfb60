from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from cxresearch.core.languages import Language
from cxresearch.errors import ManifestError
from cxresearch.study import manifest

PLAN = {
    "name": "one_page",
    "hypothesis": {"en": "One page is better."},
    "variants": {"control": 0.5, "one_page": 0.5},
    "entry": "begin_checkout",
    "start": "2026-02-01",
    "end": "2026-02-28",
    "metrics": [
        {
            "name": "conversion",
            "role": "primary",
            "kind": "proportion",
            "of": "purchase",
            "days": 7,
            "mde": 0.05,
        }
    ],
}
STUDY = {
    "title": {"en": "Shop"},
    "currency": "EUR",
    "time_zone": "Europe/Rome",
    "tables": {
        "events": {"file": "e.csv"},
        "exposures": {"file": "x.csv"},
        "surveys": {"file": "s.csv"},
        "orders": {"file": "o.csv"},
    },
    "touchpoints": {
        event: {"touchpoint": "page", "stage": "purchase"}
        for event in ("begin_checkout", "purchase")
    },
}


def read(**changes: object):
    study = STUDY | {"experiments": [PLAN | changes]}
    return manifest.parse(yaml.safe_dump(study, sort_keys=False)).experiments[0]


def faults(**changes: object) -> tuple[str, ...]:
    with pytest.raises(ManifestError) as caught:
        read(**changes)
    return caught.value.faults


def metric(**changes: object) -> dict[str, object]:
    given = {**PLAN["metrics"][0], **changes}
    return {"metrics": [{key: value for key, value in given.items() if value is not None}]}


def test_a_plan_has_its_defaults():
    plan = read()
    assert (plan.control, plan.treatments) == ("control", ("one_page",))
    assert (plan.confidence, plan.power, plan.unit) == (0.95, 0.8, "customer")
    assert (plan.several_variants, plan.adjustment, plan.looks) == ("exclude", "cuped", None)
    assert plan.metric("conversion").counted.event == "purchase"
    assert plan.metric("conversion").direction == "increase"
    assert plan.metric("revenue") is None


def test_answers_count_all_of_their_survey_where_nothing_else_is_said():
    plan = read(**metric(kind="nps", of=None))
    assert plan.metrics[0].counted.table == "surveys"


def test_the_hash_tells_plans_apart_and_nothing_else():
    assert read().digest == read().digest == read(start="2026-02-01").digest
    assert len(read().digest) == 12
    changed = [
        read(end="2026-03-01"),
        read(**metric(mde=0.06)),
        read(variants={"control": 0.6, "one_page": 0.4}),
        read(hypothesis={"en": "One page is worse."}),
    ]
    assert len({plan.digest for plan in [read(), *changed]}) == 5


def test_the_order_of_the_variants_is_a_part_of_the_hash():
    swapped = read(variants={"one_page": 0.5, "control": 0.5})
    assert swapped.control == "one_page"
    assert swapped.digest != read().digest


def test_the_hypothesis_in_the_language_it_has():
    assert read().expected.words(Language("it")) == "One page is better."


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        (
            {"variants": {"control": 0.5, "one_page": 0.4}},
            "experiments.0: variants must have shares that sum to 1, not 0.9",
        ),
        (
            {"variants": {"a": 0.5, "A": 0.5}},
            "experiments.0: variants must not differ in spaces or capitals only, as 'a' and 'A' do",
        ),
        ({"variants": {"control": 0.5}}, "experiments.0.variants: Dictionary should have at least"),
        (
            {"variants": {"b": 0.3, "B ": 0.3, "c": 0.4}},
            "experiments.0: variants must not differ in spaces or capitals only, as 'b' and 'B '",
        ),
        ({"start": "2026-03-01"}, "experiments.0: start must not be after end, 2026-02-28"),
        ({"end": "February"}, "experiments.0.end: must be a day such as 2026-01-31"),
        (
            {"metrics": PLAN["metrics"] * 2},
            "experiments.0: metrics and segments must have names of their own, not conversion",
        ),
        (
            metric(name="variant"),
            "experiments.0: metrics and segments must have names of their own, not variant",
        ),
        (
            metric(name="Conversion"),
            "experiments.0.metrics.0.name: must be words in small letters joined by _",
        ),
        (
            metric(name="a__b"),
            "experiments.0.metrics.0.name: must be words in small letters joined by _",
        ),
        (metric(role="secondary"), "experiments.0: metrics must have a primary one"),
        (metric(mde=None), "experiments.0.metrics.0: mde must be given for a primary metric"),
        (metric(margin=0.1), "experiments.0.metrics.0: margin must be given for a guardrail and"),
        (metric(kind="ratio"), "experiments.0.metrics.0: per must be given for a ratio and for"),
        (metric(per="purchase"), "experiments.0.metrics.0: per must be given for a ratio and for"),
        (metric(kind="quantile"), "experiments.0.metrics.0: q must be given for a quantile and"),
        (metric(winsorise=0.9), "experiments.0.metrics.0: winsorise must be given for a mean only"),
        (metric(of=None), "experiments.0.metrics.0: of must say what a proportion counts"),
        (metric(kind="csat"), "experiments.0.metrics.0: of must be of the surveys for csat"),
        (
            metric(kind="nps", of=None, relative=True),
            "experiments.0.metrics.0: relative must not be set for nps",
        ),
        (
            metric(of={"event": "purchase", "column": "revenue"}),
            "experiments.0.metrics.0: column must not be given for a proportion",
        ),
        (metric(of={}), "experiments.0.metrics.0.of: event must name the events that are cou"),
        (
            metric(of={"table": "orders", "event": "purchase"}),
            "experiments.0.metrics.0.of: event must not be given for orders",
        ),
        ({"entry": "home"}, "experiments.0.entry: must be one of 'begin_checkout', 'purchase'; g"),
        (metric(of="bought"), "experiments.0.metrics.0.of.event: must be one of 'begin_checkout'"),
        (
            metric(of={"table": "tickets"}),
            "experiments.0.metrics.0.of.table: must be one of 'events', 'exposures', 'surveys', "
            "'orders'; got 'tickets'",
        ),
        (
            metric(kind="mean", of={"table": "orders", "column": "total"}),
            "experiments.0.metrics.0.of.column: must be one of 'order_id', ",
        ),
        (
            metric(of={"event": "purchase", "where": {"colour": "red"}}),
            "experiments.0.metrics.0.of.where: must be one of 'customer_id', ",
        ),
        (
            {"segments": {"device": {"column": "browser"}}},
            "experiments.0.segments.device.column: must be one of 'customer_id', ",
        ),
        (
            {"segments": {"loyalty": {"table": "customers", "column": "segment"}}},
            "experiments.0.segments.loyalty.table: must be one of 'events', ",
        ),
        (
            {"looks": {"shares": [0.5, 0.4, 1]}},
            "experiments.0.looks: shares must rise to 1; got [0.5, 0.4, 1.0]",
        ),
        ({"looks": {"shares": [0.5]}}, "experiments.0.looks: shares must rise to 1; got [0.5]"),
        ({"confidence": 0.05}, "experiments.0.confidence: must be above 0.5"),
        ({"colour": "red"}, "experiments.0.colour: unknown key"),
    ],
)
def test_a_fault_names_its_key_and_what_is_allowed(changes: dict[str, object], fault: str):
    (found,) = faults(**changes)
    assert found.startswith(fault)
    assert "{" not in found, "a whole part of the plan is repeated"


def test_all_faults_are_told_at_once():
    found = faults(**metric(mde=None, margin=0.1, of=None), start="soon")
    assert {fault.split(":")[0] for fault in found} == {
        "experiments.0.start",
        "experiments.0.metrics.0",
    }
    assert found[1].count(";") >= 2  # of, margin and mde, and what was got


def test_two_experiments_of_one_name():
    with pytest.raises(ManifestError) as caught:
        manifest.parse(yaml.safe_dump(STUDY | {"experiments": [PLAN, PLAN]}))
    assert caught.value.faults == ("experiments: two are named 'one_page'",)


def test_the_demo_has_a_whole_plan():
    demo = manifest.parse(Path(manifest.path_of("demo")).read_text("utf-8"))
    (plan,) = demo.experiments
    assert {metric.role for metric in plan.metrics} == {"primary", "secondary", "guardrail"}
    assert {metric.kind for metric in plan.metrics} >= {"proportion", "mean", "ratio", "nps"}
    assert set(plan.hypothesis) == {"en", "it"}
