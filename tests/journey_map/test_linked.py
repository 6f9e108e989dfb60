"""The map of a small shop, each lane counted by hand from its own tables."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from bs4 import BeautifulSoup

import cxresearch as cx
from cxresearch.core.languages import Language
from cxresearch.journey_map import JourneyMap
from cxresearch.report import page, shown
from tests.journey_map import linked

LANES = [
    "who", "next", "indicator", "trend", "wants", "satisfaction", "truth", "hurts", "todo",
    "behind",
]  # fmt: skip


def mapped(project: Path, name: str = "tiny", **options: object) -> JourneyMap:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CX_ROOT", str(project))
        return cx.journey_map(cx.open_study(name), **options)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with the shop."""
    project = tmp_path_factory.mktemp("project")
    linked.write(project)
    return project


@pytest.fixture(scope="module")
def whole(folder: Path) -> JourneyMap:
    """The map of the shop."""
    return mapped(folder)


def written(project: Path, folder: Path, **options: object) -> Path:
    """Write the shop otherwise; what is kept of its tables, by their content, is shared."""
    linked.write(project, **options)
    kept = Path("data", "tiny", ".cache")
    (project / kept).symlink_to(folder / kept)
    return project


@pytest.fixture(scope="module")
def rows() -> dict[str, pd.DataFrame]:
    """The tables it is of."""
    return linked.tables()


def cell(found: JourneyMap, stage: str, lane: str) -> pd.Series:
    frame = found.to_frame().set_index(["stage", "lane"])
    return frame.loc[(stage, lane)]


def point(found: JourneyMap, stage: str):
    (column,) = [one for one in found.columns if one.stage == stage]
    (only,) = column.cells["satisfaction"].points
    return only


def test_every_stage_has_every_lane_and_each_says_something_or_why_not(whole):
    frame = whole.to_frame()
    assert frame["lane"].tolist() == LANES * 6
    silent = frame[(frame["says"] == "") & (frame["why"] == "") & (frame["lane"] != "satisfaction")]
    assert silent.empty
    told = frame["measured"] & (frame["lane"] != "todo")
    assert (frame.loc[told, "n"] >= 5).all()
    assert (frame.loc[~frame["measured"], "n"] == 0).all()


def test_who_is_there_is_counted_and_set_against_the_stage_before(whole, rows):
    events = rows["events"]
    seen = {
        stage: set(events.loc[events["event"].isin(names), "customer_id"])
        for stage, names in {
            "awareness": ["ad"], "consideration": ["view"], "purchase": ["pay", "buy"],
        }.items()
    }  # fmt: skip
    for stage, people in seen.items():
        assert cell(whole, stage, "who")["n"] == len(people)
    both = len(seen["awareness"] & seen["consideration"]) / len(seen["awareness"])
    assert f"{100 * both:.0f}% of stage 1" in cell(whole, "consideration", "who")["says"]
    assert "advertisement; paid, online" in cell(whole, "awareness", "who")["says"]
    assert "help; owned, offline" in cell(whole, "service", "who")["says"]
    again = rows["orders"]["customer_id"].value_counts()
    assert cell(whole, "loyalty", "who")["n"] == int((again > 1).sum())


def test_the_planted_error_heads_the_map_with_its_level_and_its_step(whole):
    # Of the weeks it lasts the first is left out, in whose midst it may have begun.
    paying = [fails for week, _, _, pays, fails in linked.visits() if pays and week > 30]
    now = cell(whole, "purchase", "indicator")
    assert now["value"] == pytest.approx(sum(paying) / len(paying))
    assert now["n"] == len(paying)
    assert whole.top is not None
    assert str(whole.headline) == str(whole.top.what)
    assert "50.0% since 3 Aug 2026" in str(whole.headline)
    states = dict(whole.to_frame().groupby("stage")["state"].first())
    assert states.pop("purchase") == "critical"
    assert set(states.values()) == {""}
    assert cell(whole, "purchase", "todo")["says"].startswith("Fix payment")
    assert cell(whole, "purchase", "todo")["value"] == whole.top.worth.value


def test_the_score_of_a_touchpoint_is_that_of_its_last_year(whole, rows):
    one = point(whole, "purchase")
    scores = rows["surveys"]["score"]
    assert one.touchpoint == "payment"
    assert one.score.value == pytest.approx((scores >= 4).mean())
    assert one.score.n == len(scores)
    assert f"CSAT {(scores >= 4).mean():.1%}" in one.said.words(Language("en"))
    assert one.at == one.score.value
    assert one.ends == (one.score.ci.low, one.score.ci.high)


def test_the_moment_of_truth_counts_who_bought_again_in_90_days(whole, rows):
    ninety = pd.Timedelta(days=90)
    answers = rows["surveys"].assign(ts=pd.to_datetime(rows["surveys"]["ts"])).sort_values("ts")
    orders = rows["orders"].assign(ts=pd.to_datetime(rows["orders"]["ts"]))
    last = max(answers["ts"].max(), orders["ts"].max())
    first = answers[answers["ts"] <= last - ninety].drop_duplicates("customer_id")
    again = [
        (
            (orders["customer_id"] == one.customer_id)
            & (orders["ts"] > one.ts)
            & (orders["ts"] <= one.ts + ninety)
        ).any()
        for one in first.itertuples()
    ]
    share = pd.Series(again, index=first.index).groupby(first["score"] >= 4).mean()
    found = cell(whole, "purchase", "truth")
    assert (found["value"], found["n"]) == (pytest.approx(share[True] - share[False]), len(first))


def test_a_quote_complains_was_written_meanwhile_and_is_short(whole, rows):
    said = cell(whole, "purchase", "hurts")["says"]
    quote = re.search("“(.+)”", said)[1]
    assert quote in set(rows["feedback"]["text"])


def test_every_number_that_is_kept_stands_on_the_map_and_in_its_table(whole):
    language = Language()
    view = BeautifulSoup(whole.html(), "html.parser").select_one(".view-0")
    rows = whole.table().frame
    kept = 0
    for column, section in zip(whole.columns, view.select("section"), strict=True):
        text = " ".join(section.get_text(" ").split())
        for one in column.numbers():
            kept += 1
            digits = 0 if one["lane"] in ("next", "todo") else None
            said = language.quantity(abs(one["value"]), one["unit"], digits)
            # A break is said by its levels, what may be chance by its interval.
            if one["lane"] == "truth":
                said = language.number(100 * one["ci_high"], 1)
            assert one["lane"] == "hurts" or said in text, (column.stage, one)
            assert (rows["value"] == one["value"]).any()
    assert kept == len(rows) > 10


def test_only_a_report_that_the_study_has_is_linked(whole):
    assert set(whole.to_frame()["proof"]) == {"", "funnel_and_paths"}
    assert 'href="funnel_and_paths.html"' in whole.html()
    assert "funnel_and_paths.html" not in whole.html(is_linked=False)


def test_personas_share_the_customers_who_bought_and_their_revenue(whole, rows):
    orders = rows["orders"].groupby("customer_id")["revenue"].agg(["size", "sum"])
    assert sum(one.n for one in whole.personas) == len(orders)
    assert sum(one.share.value for one in whole.personas) == pytest.approx(1)
    assert sum(one.revenue.value for one in whole.personas) == pytest.approx(1)
    loyal = next(one for one in whole.personas if one.name == "loyal")
    limit = whole.personas.lapsed_after.value
    ends = pd.Timestamp("2026-11-09", tz="UTC")
    times = pd.to_datetime(rows["orders"]["ts"]).groupby(rows["orders"]["customer_id"]).max()
    own = orders[(orders["size"] >= 3) & ((ends - times).dt.total_seconds() / 86_400 <= limit)]
    assert loyal.n == len(own)
    assert loyal.revenue.value == pytest.approx(own["sum"].sum() / orders["sum"].sum())
    assert 0 < loyal.stability <= 1
    for one in whole.personas:
        (bought,) = [column for column in one.columns if column.stage == "purchase"]
        assert bought.cells["who"].n == one.n
        assert all(different.p_value < 0.05 for different in one.differences)


def test_the_page_shows_one_map_for_each_persona_without_a_script(whole):
    html = whole.html()
    views = 1 + len(whole.personas)
    assert html.count('type="radio"') == views
    assert html.count(" checked>") == 1
    assert html.count('<section class="stage') == 6 * views
    assert "<script" not in html
    anchors = re.findall(r' id="([^"]+)"', html)
    assert len(anchors) == len(set(anchors))
    targets = re.findall(r'href="#([^"]+)"', html)
    assert set(targets) <= set(anchors)


def test_a_page_is_in_each_language(whole):
    italian = whole.html(Language("it"))
    for name in ("Scoprire", "Valutare", "Acquistare", "Ricevere e farsi aiutare", "Tornare"):
        assert name in italian
    assert "Who is there" not in italian


def test_a_report_shows_what_a_map_writes_itself(whole, capsys):
    page.begin()
    shown.show(whole)
    assert "JourneyMap" in capsys.readouterr().out


def test_a_wheel_has_the_same_cells_and_a_ring_of_links(folder, whole):
    round_ = mapped(folder, stages="wheel")
    stages = [one.stage for one in round_.columns]
    assert stages == [
        "discovery", "interest", "conversion", "retention", "loyalty", "repurchase",
    ]  # fmt: skip
    assert (
        cell(round_, "conversion", "indicator")["value"]
        == (cell(whole, "purchase", "indicator")["value"])
    )
    html = round_.html()
    assert html.count('<svg class="wheel"') == 1 + len(round_.personas)
    assert '<a class="critical" href="#cx-stage-0-3"' in html
    assert "wheel" not in whole.html().split("</style>")[1]


def named(stages: dict[str, str]) -> dict[str, dict[str, str]]:
    """Return the touchpoints of the shop in stages of other names."""
    return {
        event: one | {"stage": stages[one["stage"]]}
        for event, one in linked.MANIFEST["touchpoints"].items()
    }


def test_a_study_in_the_stages_of_a_model_is_mapped_as_if_drawn_in_them(folder, tmp_path):
    own = {
        "awareness": "discovery", "consideration": "interest", "purchase": "conversion",
        "service": "retention",
    }  # fmt: skip
    linked.write(tmp_path, stages="wheel", touchpoints=named(own))
    found = mapped(tmp_path)
    pd.testing.assert_frame_equal(found.to_frame(), mapped(folder, stages="wheel").to_frame())
    assert '<svg class="wheel"' in found.html()
    # And the other way round.
    pd.testing.assert_frame_equal(
        mapped(tmp_path, stages="six").to_frame(), mapped(folder).to_frame()
    )


def test_stages_of_a_shops_own_hold_what_is_measured_before_and_after_the_sale(tmp_path, whole):
    own = {
        "awareness": "inspire", "consideration": "compare", "purchase": "order",
        "service": "enjoy",
    }  # fmt: skip
    linked.write(tmp_path, stages=[*own.values()], cyclic=True, touchpoints=named(own))
    found = mapped(tmp_path)
    for stage in ("awareness", "consideration", "purchase"):
        for lane in ("who", "indicator", "wants"):
            assert cell(found, own[stage], lane)["n"] == cell(whole, stage, lane)["n"]
    # Its last stage is the second order as well; too young to say who comes back in 90 days.
    assert cell(found, "enjoy", "who")["n"] == cell(whole, "loyalty", "who")["n"]
    for column in ("value", "why"):
        np.testing.assert_equal(
            cell(found, "enjoy", "indicator")[column], cell(whole, "loyalty", "indicator")[column]
        )
    assert cell(found, "enjoy", "behind")["measured"]
    assert '<svg class="wheel"' in found.html()


def test_a_study_opened_again_in_other_stages_shows_nothing_of_the_former(tmp_path):
    linked.write(tmp_path)
    assert cell(mapped(tmp_path), "purchase", "wants")["measured"]
    content = (tmp_path / "data" / "tiny" / "study.yaml").read_text("utf-8")
    moved = content.replace("payment\n    stage: purchase", "payment\n    stage: service")
    assert moved != content
    (tmp_path / "data" / "tiny" / "study.yaml").write_text(moved, "utf-8")
    again = mapped(tmp_path)
    assert not cell(again, "purchase", "wants")["measured"]
    assert cell(again, "service", "wants")["measured"]


@pytest.mark.parametrize(
    ("touchpoints", "why"),
    [
        ([None] * 9, "no text names its touchpoint"),
        (["help"] * 9, "no texts from here"),
        (["payment"] * 4 + ["help"] * 5, "fewer than 5 customers write"),
    ],
)
def test_a_stage_without_texts_says_why(tmp_path, touchpoints, why):
    linked.write(tmp_path)
    study = tmp_path / "data" / "tiny"
    texts = pd.read_csv(study / "feedback.csv").drop_duplicates("customer_id").head(9)
    texts.assign(touchpoint=touchpoints).to_csv(study / "feedback.csv", index=False)
    assert cell(mapped(tmp_path), "purchase", "wants")["why"] == why


@pytest.mark.parametrize(
    ("table", "gone"),
    [
        ("surveys", [("purchase", "satisfaction"), ("purchase", "truth")]),
        ("feedback", [("purchase", "wants")]),
        ("orders", [("purchase", "truth")]),
        ("events", [("awareness", "who"), ("consideration", "who")]),
        ("tickets", [("service", "who")]),
    ],
)
def test_without_a_table_its_cells_are_not_measured_and_the_others_stay(
    tmp_path, folder, whole, table, gone
):
    found = mapped(written(tmp_path, folder, without=[table]))
    before = whole.to_frame().set_index(["stage", "lane"])
    after = found.to_frame().set_index(["stage", "lane"])
    for key in gone:
        assert not after.loc[key, "measured"], key
        assert after.loc[key, "why"]
    assert after["measured"].sum() < before["measured"].sum()
    if table in ("surveys", "tickets"):
        assert (
            after.loc[("purchase", "indicator"), "value"]
            == (before.loc[("purchase", "indicator"), "value"])
        )
    if table == "events":
        assert not any(one.measure.startswith("error:") for one in found.found)
    if table == "orders":
        # Every order has a purchase in the log, which says who came back as well.
        assert after.loc[("loyalty", "who"), "n"] == before.loc[("loyalty", "who"), "n"] > 0
        assert len(found.personas) == 0
        assert after.loc[("purchase", "todo"), "value"] != after.loc[("purchase", "todo"), "value"]
    assert "<section" in found.html()


@pytest.mark.usefixtures("whole")
def test_a_cell_of_too_few_people_says_so(tmp_path, folder):
    gone = ["feedback", "tickets", "surveys"]
    found = mapped(written(tmp_path, folder, min_cell=80, without=gone))
    assert cell(found, "awareness", "who")["measured"] == False  # noqa: E712
    assert cell(found, "consideration", "who")["n"] == linked.CUSTOMERS
    assert [one.n for one in found.personas if one.n < 80] == []
