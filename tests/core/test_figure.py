from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import matplotlib as mpl
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

from cxresearch import report
from cxresearch.core.figure import Figure
from cxresearch.core.languages import Language

ROWS = pd.DataFrame({"theme": ["fit", "price", "site"], "customers": [9, 8, 1]})


@pytest.fixture(autouse=True)
def _no_window(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.setenv("CX_REPORT_RECORD", str(tmp_path / "record.json"))
    before = mpl.get_backend()
    plt.switch_backend("agg")
    yield
    report.begin()
    plt.close("all")
    plt.switch_backend(before)


class Drawn:
    """What was drawn: in which language, and of which rows."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, list[float]]] = []

    def __call__(self, rows: pd.DataFrame, language: Language) -> Axes:
        self.calls.append((language.code, rows["customers"].tolist()))
        axes: Axes = plt.figure().subplots()
        axes.bar([language.label(theme) for theme in rows["theme"]], rows["customers"])
        return axes


def figure(draw: Drawn, **changes: object) -> Figure:
    given: dict[str, object] = {
        "title": "Themes of {n} texts",
        "values": {"n": 18},
        "data": ROWS,
        "draw": draw,
        "describe": lambda rows, language: f"{language.code}: {rows['customers'].max():.0f}",
        "within": (),
    }
    return Figure(**(given | changes))  # type: ignore[arg-type]


def test_what_tells_about_too_few_people_is_taken_out_before_it_is_drawn() -> None:
    draw = Drawn()
    report.begin(min_cell=5)
    report.show(figure(draw))
    # Once as wide as a page, once as narrow as a phone.
    (_, customers), (_, again) = draw.calls
    assert str(customers) == str(again)
    assert customers[:2] == [9, 8]
    assert customers[2] != customers[2]
    assert ROWS["customers"].tolist() == [9, 8, 1]


def test_the_parts_of_a_whole_lose_the_next_smallest_too() -> None:
    draw = Drawn()
    assert figure(draw, within=None).shown(5)["customers"].isna().tolist() == [False, True, True]
    assert figure(draw, people=()).shown(5)["customers"].tolist() == [9, 8, 1]


def test_it_is_drawn_for_each_language_wide_and_narrow(project: Path) -> None:
    import cxresearch as cx

    (project / "data" / "shop").mkdir()
    (project / "data" / "shop" / "study.yaml").write_text(
        "{title: {en: Shop}, currency: EUR, time_zone: Europe/Rome, languages: [en, it],"
        " tables: {}, labels: {fit: {en: Fit, it: Taglia}}}"
    )
    draw = Drawn()
    report.begin(cx.open_study("shop"))
    report.show(figure(draw))
    assert [code for code, _ in draw.calls] == ["en", "en", "it", "it"]
    assert plt.get_fignums() == []


def test_a_caption_of_the_page_stands_for_its_title(capsys: pytest.CaptureFixture[str]) -> None:
    report.begin()
    report.show(figure(Drawn(), people=()))
    report.show(figure(Drawn(), people=()), caption="Of {who}", who="Anna")
    shown = capsys.readouterr().out.splitlines()
    assert [line.partition(" |")[0] for line in shown] == [
        "<Figure: Themes of 18 texts",
        "<Figure: Of Anna",
    ]


def test_in_jupyterlab_it_shows_itself() -> None:
    draw = Drawn()
    shown = figure(draw)
    assert repr(shown) == "<Figure: Themes of 18 texts>"
    assert draw.calls == []  # a figure is drawn when it is looked at
    assert shown._repr_png_().startswith(b"\x89PNG")
    assert plt.get_fignums() == []
    assert shown.alt("it") == "it: 9"
    assert shown.to_frame() is ROWS
    axes = shown.axes("it")
    assert axes.get_figure() is not None
