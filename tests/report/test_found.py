"""Findings that one report keeps lead the pages of the others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cxresearch import report
from cxresearch.core.remarks import Amount, Remark
from cxresearch.report import page, sidecar
from tests.report.test_sidecar import a_record, write


class Made:
    """A finding of which only what a page needs is known."""

    def __init__(
        self,
        what: str,
        *,
        proof: str,
        hurts: bool = True,
        is_bad: bool | None = True,
        state: str = "open",
        worth: float | None = None,
    ) -> None:
        self.what = Remark("{x} fails: " + what, {"x": Amount(0.217, "share")})
        self.cost = Remark("Costs {value} a month", {"value": Amount(2308, "EUR", 0)})
        self.step = Remark("Repair it.")
        self.grounds = Remark("B: before and after")
        self.hurts = hurts
        change = {"confidence": 0.95}
        self._fields = {"proof": proof, "change": change, "is_bad": is_bad}
        self._fields |= {"state": state, "worth": {"value": worth}}

    def to_dict(self) -> dict[str, Any]:
        return dict(self._fields)


@pytest.fixture(autouse=True)
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CX_ROOT", str(tmp_path))
    monkeypatch.setenv(sidecar.READS_VARIABLE, "journey_map")
    return tmp_path


class AllMade(list[Made]):
    """Findings, and what is said of how much was looked at."""

    judged = 12
    scope = Remark("{n} series were analysed.", {"n": 12})


def keep(*findings: Made) -> None:
    """Write the record of a report that kept findings, and begin another page."""
    report.begin()
    report.record_findings(AllMade(findings))
    write(a_record("journey_map", findings=page.recorded()[2]))
    report.begin()


def test_the_first_open_finding_of_a_page_leads_it(capsys: pytest.CaptureFixture[str]) -> None:
    keep(
        Made("past", proof="funnel", hurts=False),
        Made("elsewhere", proof="scorecard"),
        Made("good news", proof="funnel", hurts=False),
        Made("payment", proof="funnel"),
        Made("second", proof="funnel"),
    )
    report.lead("shop", "funnel")
    report.headline("Nine of ten go on.")
    assert page.recorded()[0] == {"en": "21.7% fails: payment"}
    assert capsys.readouterr().out.splitlines() == [
        "Nine of ten go on.",
        "21.7% fails: payment",
        "Costs €2,308 a month; 95% CI. Evidence B: before and after.",
    ]


def test_what_has_always_been_leads_where_it_is_known_to_cost() -> None:
    keep(Made("e-mail", proof="funnel", state="standing"), Made("late", proof="cart"))
    report.lead("shop", "funnel")
    report.headline("Nine of ten go on.")
    assert page.recorded()[0] == {"en": "Nine of ten go on."}
    (first,) = report.to_do("shop", "funnel")
    assert first.message == "{what} {step}"
    keep(Made("late", proof="cart"), Made("e-mail", proof="funnel", state="standing"))
    (first,) = report.to_do("shop", "funnel")
    assert first.message == "Open on another page: {what} {step}"
    keep(Made("e-mail", proof="funnel", state="standing", worth=-12.0))
    report.lead("shop", "funnel")
    report.headline("Nine of ten go on.")
    assert page.recorded()[0] == {"en": "21.7% fails: e-mail"}


def test_a_page_that_a_finding_leads_says_its_own_footnote_with_its_own_sentence(
    capsys: pytest.CaptureFixture[str],
) -> None:
    keep(Made("payment", proof="funnel"))
    report.lead("shop", "funnel")
    report.headline("Nine of ten go on.")
    report.footnote("Twelve months.")
    said = capsys.readouterr().out.splitlines()
    assert said[-1] == "Twelve months."
    assert "Costs €2,308 a month; 95% CI. Evidence B: before and after." in said


def test_a_page_without_a_finding_has_its_own_headline() -> None:
    keep(Made("elsewhere", proof="scorecard"), Made("past", proof="funnel", hurts=False))
    report.lead("shop", "funnel")
    report.headline("Nine of ten go on.")
    assert page.recorded()[0] == {"en": "Nine of ten go on."}


def test_any_finding_may_lead_a_summary(capsys: pytest.CaptureFixture[str]) -> None:
    keep(Made("elsewhere", proof="scorecard"))
    report.lead("shop")
    report.headline("Nine of ten go on.")
    assert page.recorded()[0] == {"en": "21.7% fails: elsewhere"}
    # It is the whole answer of a page of all reports.
    assert "Nine of ten" not in capsys.readouterr().out


def test_no_report_that_kept_findings_is_no_fault() -> None:
    report.begin()
    report.lead("shop")
    report.headline("Nine of ten go on.")
    assert page.recorded()[0] == {"en": "Nine of ten go on."}
    assert report.findings("shop").why == "no report of the study looks for findings"


def test_a_report_that_looked_and_found_nothing_says_how_much_was_looked_at() -> None:
    keep()
    assert repr(report.findings("shop")) == "12 series were analysed."
    assert [one.values["scope"].versions["en"] for one in report.scope("shop")] == [
        "12 series were analysed."
    ]


def test_nothing_leads_outside_of_a_build(monkeypatch: pytest.MonkeyPatch) -> None:
    keep(Made("payment", proof="funnel"))
    monkeypatch.delenv(sidecar.READS_VARIABLE)
    report.lead("shop", "funnel")
    report.headline("Nine of ten go on.")
    assert page.recorded()[0] == {"en": "Nine of ten go on."}


def test_a_lead_is_of_one_page_only() -> None:
    keep(Made("payment", proof="funnel"))
    report.lead("shop", "funnel")
    report.begin()
    report.headline("Nine of ten go on.")
    assert page.recorded()[0] == {"en": "Nine of ten go on."}


def test_what_was_found_is_a_table_of_four_questions() -> None:
    keep(Made("payment", proof="funnel"), Made("past", proof="funnel", hurts=False))
    assert repr(report.findings("shop")).startswith("What hurts, the costliest open finding first")
    rows = report.findings("shop").to_frame()
    assert list(rows) == ["hurts", "worth", "sure", "next"]
    assert [str(one.versions["en"]) for one in rows.iloc[0]] == [
        "21.7% fails: payment",
        "Costs €2,308 a month",
        "B: before and after",
        "Repair it.",
    ]


def test_what_stands_under_a_headline_begins_with_a_capital() -> None:
    made = Made("payment", proof="funnel")
    made.cost = Remark("not known: the study has no orders")
    keep(made)
    (record,) = sidecar.records("shop")
    (one,) = record.findings["found"]
    assert one["words"]["en"]["footnote"].startswith("Not known: the study has no orders; 95% CI")


def test_good_news_stands_under_its_own_heading() -> None:
    keep(
        Made("payment", proof="funnel"),
        Made("cart", proof="funnel", hurts=False, is_bad=False),
        Made("who answers", proof="satisfaction", is_bad=None),
    )
    hurting, better = (
        one.to_frame() for one in [report.findings("shop"), *report.good_news("shop")]
    )
    said = [str(one.versions["en"]) for one in hurting["hurts"]]
    assert said == ["21.7% fails: payment", "21.7% fails: who answers"]
    assert [str(one.versions["en"]) for one in better["works"]] == ["21.7% fails: cart"]


def test_no_good_news_makes_no_table() -> None:
    keep(Made("payment", proof="funnel"))
    assert report.good_news("shop") == []


def test_a_summary_says_how_many_findings_hurt_or_that_nothing_is_open() -> None:
    assert str(report.open_findings("shop")) == "No report of the study looks for findings."
    keep(Made("payment", proof="a"), Made("b", proof="a"), Made("past", proof="a", hurts=False))
    assert str(report.open_findings("shop")) == "Open findings: 2."
    keep(Made("past", proof="a", hurts=False))
    assert str(report.open_findings("shop")) == "Nothing is open."


def test_where_nothing_could_be_judged_nothing_is_called_open_or_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(AllMade, "judged", 0)
    keep()
    assert str(report.open_findings("shop")) == "Nothing is judged yet."


def test_a_record_of_an_older_kit_is_not_judged() -> None:
    words = {"en": {"scope": "12 series were analysed."}}
    write(a_record("journey_map", findings={"found": [], "words": words}))
    assert str(report.open_findings("shop")) == "Nothing is judged yet."


def test_a_report_that_reads_findings_is_stale_when_they_change() -> None:
    before = a_record("journey_map", findings={"found": []})
    after = a_record("journey_map", findings={"found": [{"measure": "error"}]})
    assert before.answer_sha256("built") != after.answer_sha256("built")


def test_a_page_first_asks_for_what_is_open_on_it(capsys: pytest.CaptureFixture[str]) -> None:
    keep(Made("elsewhere", proof="scorecard"), Made("payment", proof="funnel"))
    report.say(report.to_do("shop", "funnel"))
    assert capsys.readouterr().out.splitlines() == ["Repair it."]
    report.say(report.to_do("shop", "voice"))
    assert capsys.readouterr().out.splitlines() == [
        "Open on another page: 21.7% fails: elsewhere Repair it."
    ]
    assert report.to_do("shop", "voice", elsewhere=False) == []
    assert report.to_do("shop", "funnel", elsewhere=False) == report.to_do("shop", "funnel")


def test_a_page_asks_for_nothing_where_nothing_is_open(monkeypatch: pytest.MonkeyPatch) -> None:
    keep(Made("past", proof="funnel", hurts=False))
    assert report.to_do("shop", "funnel") == []
    keep(Made("payment", proof="funnel"))
    monkeypatch.delenv(sidecar.READS_VARIABLE)
    assert report.to_do("shop", "funnel") == []
