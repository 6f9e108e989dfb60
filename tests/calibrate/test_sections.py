"""A section of the page on validity can be measured alone, and the others stay."""

from __future__ import annotations

from pathlib import Path

import pytest

from cxresearch.calibrate import __main__ as calibrate
from cxresearch.core import disk


def test_a_section_is_measured_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    page = tmp_path / "validity.md"
    for name in ("value", "paths"):  # not in the order of the page
        monkeypatch.setitem(calibrate.SECTIONS, name, lambda name=name: f"## {name} one\n\n| 1 |\n")
        calibrate.measure(page, [name])
    monkeypatch.setitem(calibrate.SECTIONS, "value", lambda: "## value two\n")
    calibrate.measure(page, ["value"])
    text = page.read_text("utf-8")
    assert text.startswith("# How often the intervals hold the truth\n")
    assert text.endswith("<!-- paths -->\n## paths one\n\n| 1 |\n\n<!-- value -->\n## value two\n")


def test_the_page_in_the_documentation_has_sections_that_can_be_measured_in_their_order():
    kept = calibrate.sections_of((disk.project_root() / "docs" / "validity.md").read_text("utf-8"))
    assert list(kept) == [name for name in calibrate.SECTIONS if name in kept]
    assert {"intervals", "experiments", "findings", "value"} <= set(kept)


def test_a_section_that_is_not_there_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr("sys.argv", ["calibrate", "baskets"])
    with pytest.raises(SystemExit, match="2"):
        calibrate.main()
    assert "no section baskets; there are intervals, experiments," in capsys.readouterr().err
