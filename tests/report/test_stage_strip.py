"""The stages that one report keeps are what summary and index show."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cxresearch import report
from cxresearch.core.languages import Language
from cxresearch.core.remarks import Amount, Remark
from cxresearch.report import cards, page, sidecar
from tests.report.test_sidecar import a_record, write


class Made:
    """A stage of which only what a page needs is known."""

    def __init__(self, stage: str, state: str = "", share: float = 0.2) -> None:
        self.stage, self.state = stage, state
        self.brief = {
            "name": Remark("Buy"),
            "number": Remark("{x}", {"x": Amount(share, "share")}),
            "measures": Remark("fails <often>"),
            "counted": Remark("n 90"),
        }

    def numbers(self) -> list[dict[str, Any]]:
        return [{"lane": "indicator", "value": 0.2}]


@pytest.fixture(autouse=True)
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CX_ROOT", str(tmp_path))
    monkeypatch.setenv(sidecar.READS_VARIABLE, "journey_map")
    return tmp_path


def keep(*stages: Made) -> None:
    report.begin()
    report.record_stages(stages)
    write(a_record("journey_map", stages=page.stages()))


def test_each_stage_is_a_box_with_its_number_its_state_and_a_link() -> None:
    keep(Made("awareness"), Made("purchase", "critical", 0.222))
    html = report.strip("shop").html(Language())
    assert html.count("<li") == 2
    assert 'href="journey_map.html#cx-stage-0-2"' in html
    assert '<li class="critical">' in html
    assert "▲ critical, open" in html
    assert "<b>22.2%</b>" in html
    assert "fails &lt;often&gt;" in html
    assert html.count("n 90") == 2


def test_the_card_of_a_map_has_its_stages_for_a_picture() -> None:
    keep(Made("awareness"), Made("purchase", "critical", 0.222))
    drawn = report.strip("shop").picture()
    assert drawn.count("<rect") == 2
    assert drawn.count('class="critical"') == 1
    assert "22.2" not in drawn


def test_the_numbers_of_a_map_are_in_its_record() -> None:
    keep(Made("purchase"))
    record = sidecar.read("shop", "journey_map")
    assert record.stages[0]["numbers"] == [{"lane": "indicator", "value": 0.2}]
    assert record.stages[0]["words"]["en"]["number"] == "20.0%"


def test_without_a_map_there_is_no_strip() -> None:
    write(a_record("journey_map"))
    assert report.strip("shop").why == "no report of the study has a journey map"


def test_a_page_that_reads_a_map_is_stale_when_it_changes() -> None:
    before, after = a_record(stages=[]), a_record(stages=[{"stage": "purchase"}])
    assert before.answer_sha256("built") != after.answer_sha256("built")


@pytest.mark.parametrize(
    ("headline", "card"),
    [
        ("Short enough.", "Short enough."),
        ("The verdict is: do not ship. One page changes conversion by 8.6 percentage points a "
         "visit of all.", "The verdict is: do not ship."),
        ("One " * 16 + "end", "One " * 16 + "end"),
        ("An order is worth €86.24 (95% CI €84.74 to €87.74).", "An order is worth €86.24."),
        # What was before is no answer without what is now.
        ("One " * 15 + "was 0.9%, since May it is 22.2%.",
         "One " * 15 + "was 0.9%, since May it is 22.2%."),
        ("One " * 12 + "is worth €86, and two are worth €90.", "One " * 12 + "is worth €86."),
    ],
)  # fmt: skip
def test_a_card_says_a_headline_in_fifteen_words(headline: str, card: str) -> None:
    assert cards.brief(headline) == card


def test_a_page_is_for_what_its_first_paragraph_says() -> None:
    path = sidecar.folder("shop") / "kpis.html"
    path.parent.mkdir(parents=True)
    path.write_text('<main id="main">\n<p>See <b>costs</b> &amp; worth.</p><p>More.</p>', "utf-8")
    assert cards.purpose("shop", "kpis.html") == "See costs & worth."
    assert cards.purpose("shop", "other.html") == ""


def test_the_days_of_a_page_are_those_above_its_title_whatever_the_shop_is_called() -> None:
    path = sidecar.folder("shop") / "it" / "kpis.html"
    path.parent.mkdir(parents=True)
    where = (
        '<p class="where"><b>A \N{MIDDLE DOT} B &amp; co \N{MIDDLE DOT} {days}</b> <a>All</a></p>'
    )
    path.write_text(where.replace("{days}", "1º nov 2023 – 31 ott 2026"), "utf-8")
    assert cards.period("shop", "it/kpis.html") == "1º nov 2023 – 31 ott 2026"
    path.write_text('<p class="where"><b>A shop</b></p>', "utf-8")
    assert cards.period("shop", "it/kpis.html") == ""
    assert cards.period("shop", "other.html") == ""


def test_a_picture_is_the_first_figure_without_its_words() -> None:
    svg = '<svg viewBox="0 0 9 9"><g id="figure-1-a"><path d="M0 0"/><text>12%</text></g></svg>'
    path = sidecar.folder("shop") / "kpis.html"
    path.parent.mkdir(parents=True)
    path.write_text(f'<figure id="figure-1"><div>{svg}</div></figure>', "utf-8")
    found = cards.picture("shop", "kpis.html", "kpis")
    assert "12%" not in found
    assert 'id="picture-kpis-a"' in found
    assert cards.picture("shop", "other.html", "other") == ""
    path.write_text(f'<figure id="figure-1">{svg.replace("M0 0", "M0 0" * 9000)}</figure>', "utf-8")
    assert cards.picture("shop", "kpis.html", "kpis") == ""
