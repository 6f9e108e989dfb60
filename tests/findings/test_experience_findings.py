"""A bad experience after which customers spend less is a finding, where that can be trusted."""

import numpy as np
import pandas as pd
import pytest

import cxresearch as cx
from cxresearch.core.languages import Language
from cxresearch.findings.experience_findings import experience_findings, known_experiences
from tests.experiments import studies

FIRST = pd.Timestamp("2024-01-01")
#: The day on which each customer writes in: the end of the week after it is the moment.
WROTE = 300


def shop(project, *, loss: float, before: float = 0.0, n: int = 400) -> list:
    """Return the findings of customers who buy every 30 days at a level of their own.

    Half have a ticket that is not solved: of them `loss` is off each order after it, and `before`
    is off each of the 180 days before it.
    """
    rng = np.random.default_rng(3)
    level, unsolved = rng.gamma(6, 10, n) + 20, rng.random(n) < 0.5
    rows = []
    for customer in range(n):
        for day in range(int(rng.integers(0, 30)), 600, 30):
            off = loss * (day > WROTE + 7) + before * (WROTE - 180 < day <= WROTE + 7)
            spent = level[customer] * rng.gamma(9) / 9 - off * unsolved[customer]
            rows.append((customer, day, max(round(spent, 2), 1.0)))
    orders = [
        (f"o{place}", f"c{who}", FIRST + pd.Timedelta(days=day), spent, "completed", "EUR")
        for place, (who, day, spent) in enumerate(rows)
    ]
    wrote = FIRST + pd.Timedelta(days=WROTE)
    tickets = [(f"t{who}", f"c{who}", wrote) for who in range(n)]
    studies.write(project, {"orders": orders, "tickets": tickets})
    path = project / "data" / "shop" / "tickets.csv"
    table = pd.read_csv(path)
    solved = (wrote + pd.Timedelta(days=2)).isoformat()
    table.assign(resolved=np.where(unsolved, "", solved)).to_csv(path, index=False)
    manifest = path.with_name("study.yaml")
    plan = manifest.read_text("utf-8")
    manifest.write_text(plan[: plan.index("experiments:")], "utf-8")
    study = cx.open_study("shop")
    return experience_findings(study, known_experiences(study, 0.95))


def test_a_loss_after_it_is_a_standing_finding(project):
    (one,) = shop(project, loss=9.0)
    # Six orders in 180 days.
    assert one.change.ci.low < -6 * 9 < one.change.ci.high < 0
    assert one.during.value - one.before.value == pytest.approx(one.change.value, abs=15)
    assert (one.measure, one.state, one.grade) == ("experience:unsolved_ticket", "standing", "C")
    assert (one.stage, one.touchpoint, one.proof) == (
        "service", "customer service", "customer_value",
    )  # fmt: skip
    # All wrote in more than thirteen weeks ago: now nobody meets it in a month.
    assert one.worth.value == 0
    said = one.what.words(Language("en"))
    assert said.startswith("After an unsolved ticket, customers spend €")
    assert said.endswith(" less in 180 days than after a solved ticket.")
    assert "half of the customers with an unsolved ticket" in one.step.words(Language("en"))
    assert one.hurts
    found = cx.findings(cx.open_study("shop"))
    assert [row.measure for row in found] == [one.measure]
    assert "an unsolved ticket" in repr(found.table())
    manifest = project / "data" / "shop" / "study.yaml"
    own = manifest.read_text("utf-8").replace("stage: purchase", "stage: conversion")
    manifest.write_text(own + "\nstages: wheel\n", "utf-8")
    (placed,) = cx.findings(cx.open_study("shop"))
    assert placed.stage == "retention"


def test_no_loss_and_one_of_people_who_spent_less_before_is_none(project):
    assert shop(project, loss=0.0) == []
    assert shop(project, loss=9.0, before=9.0) == []
    assert shop(project, loss=30.0, before=15.0) == []
