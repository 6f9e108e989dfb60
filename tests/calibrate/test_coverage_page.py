"""The page says what was measured, and the one in the documentation is up to date."""

from __future__ import annotations

from cxresearch.calibrate.coverage_page import nps_table, others_table, section_of
from cxresearch.calibrate.coverages import Coverage, nps_coverages
from cxresearch.core import disk

OTHERS = [
    Coverage("CSAT", "Wilson score", 20, 0.9512, 0.9301),
    Coverage("Order value", "t", 50, 0.94, 0.94, draws=2000),
]


def test_a_row_has_its_error_or_is_exact():
    lines = others_table(OTHERS).splitlines()
    assert lines[2] == "| CSAT | Wilson score | 20 | 0.951 | 0.930 | exact |"
    assert lines[3] == "| Order value | t | 50 | 0.940 | 0.940 | 0.005 |"


def test_a_size_that_was_not_enumerated_is_a_dash():
    table = nps_table(
        [Coverage("NPS", "score", n, 0.95, 0.94) for n in (20, 50)]
        + [Coverage("NPS", "bootstrap", 20, 0.89, 0.35)]
    )
    assert table.splitlines()[-1].endswith("| 0.890 / 0.350 | \N{EN DASH} |")


def test_the_whole_section():
    nps = nps_coverages(sizes=(20, 50), methods=("score", "wald"))
    text = section_of(nps, OTHERS)
    assert text.startswith("## Net Promoter")
    assert nps_table(nps) in text
    assert others_table(OTHERS) in text
    assert "The least of 0.935 at n = 50" in text


def test_the_page_in_the_documentation_is_that_of_the_kit():
    kept = (disk.project_root() / "docs" / "validity.md").read_text("utf-8")
    (score, wald) = nps_coverages(sizes=(20,), methods=("score", "wald"))
    for one in (score, wald):
        (line,) = [line for line in kept.splitlines() if line.startswith(f"| `{one.method}` ")]
        assert line.split(" | ")[2] == f"{one.mean:.3f} / {one.least:.3f}"
