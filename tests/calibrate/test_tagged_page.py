"""The page about theme shares: a line for each theme, each group of populations, each change."""

from __future__ import annotations

from cxresearch.calibrate import tagged


def test_the_page_has_a_line_for_each(monkeypatch):
    monkeypatch.setattr(tagged, "SHARES", (0.01, 0.1))
    text = tagged.section(draws=20, pairs=3)
    for theme in tagged.THEMES:
        assert f"| {theme} | {tagged.THEMES[theme][0]:.3g} |" in text
    for group in ("0 to 1", "1 to 2", "5 to 10", "10 or more"):
        assert f"| {group} | " in text
    for theme in tagged.CHANGED:
        assert f"| {theme} | {tagged.THEMES[theme][0]:.3g} | {tagged.CHANGED[theme]:.3g} |" in text
    assert "over 3 pairs the kit called a change" in text
    assert "lay apart in 100.0%" in text
    assert "{" not in text
