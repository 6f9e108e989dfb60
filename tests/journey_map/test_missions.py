"""Scenarios, what is behind the scenes, and who is quoted: each counted from the tables."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
import yaml

import cxresearch as cx
from cxresearch import engine
from cxresearch.core.languages import Language
from cxresearch.errors import ManifestError
from cxresearch.journey_map.backstage import backstage
from cxresearch.journey_map.part_maps import travellers
from cxresearch.journey_map.verbatims import checked, quoted
from cxresearch.study.sections import Scenario
from cxresearch.voc import Codebook
from tests.journey_map import linked

RETURN = {"label": {"en": "A call", "it": "Una telefonata"}, "events": ["call"]}


def opened(project: Path) -> cx.Study:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CX_ROOT", str(project))
        return cx.open_study("tiny")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[cx.Study]:
    """The tiny shop with parcels and coding sheets."""
    project = tmp_path_factory.mktemp("project")
    folder = project / "data" / "tiny"
    linked.write(project)
    manifest = yaml.safe_load((folder / "study.yaml").read_text("utf-8"))
    parcels = [
        # Ten of each carrier: two of Vela's and five of Ponte's come a day late or more.
        [f"p{carrier}{place}", "2026-03-01T10:00:00Z",
         f"2026-03-0{3 if place < late else 1}T10:00:00Z", carrier]
        for carrier, late in (("Vela", 2), ("Ponte", 5))
        for place in range(10)
    ]  # fmt: skip
    pd.DataFrame(parcels, columns=["order_id", "promised", "delivered", "carrier"]).to_csv(
        folder / "deliveries.csv", index=False
    )
    texts = linked.tables()["feedback"]
    themes = list(Codebook.load().themes)
    codes = pd.DataFrame(0, index=range(12), columns=themes)
    codes["checkout"] = [1] * 8 + [0] * 4
    codes.insert(0, "text_id", texts["text_id"].head(12))
    codes = codes.assign(coder="first", probability=0.1, drawn="random")
    codes.to_csv(folder / "codes.csv", index=False)
    manifest["tables"]["deliveries"] = {"file": "deliveries.csv", "time_zone": "UTC"}
    manifest["voice"] = {"codes": ["codes.csv"]}
    (folder / "study.yaml").write_text(yaml.safe_dump(manifest, sort_keys=False), "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CX_ROOT", str(project))
        yield cx.open_study("tiny")


@pytest.mark.parametrize(
    ("asked", "events"),
    [
        ({"events": ["ad"]}, ["ad"]),
        ({"touchpoints": ["payment"]}, ["pay", "pay_error"]),
        ({"touchpoints": ["payment"], "events": ["pay_error"]}, ["pay_error"]),
        ({"devices": ["phone"]}, ["ad", "view", "pay", "pay_error", "buy"]),
        ({"events": ["ad"], "devices": ["desk"]}, []),
    ],
)
def test_a_mission_is_of_those_with_an_event_that_is_all_of_it(shop, asked, events):
    found = travellers(shop, Scenario(label={"en": "x"}, **asked))
    rows = linked.tables()["events"]
    assert found == set(rows.loc[rows["event"].isin(events), "customer_id"])


def test_a_first_purchase_by_mobile_is_of_those_whose_first_one_was(shop, monkeypatch):
    rows = pd.DataFrame({
        "customer_id": ["a", "a", "b", "b", "c"], "event": ["buy", "buy", "buy", "buy", "view"],
        "device": ["phone", "desk", "desk", "phone", "phone"], "ts_us": [1, 2, 3, 4, 0],
    })  # fmt: skip
    monkeypatch.setattr(type(shop), "frame", lambda *_: engine.lazy(rows))
    asked = {"label": {"en": "x"}, "events": ["buy"], "devices": ["phone"]}
    assert travellers(shop, Scenario(**asked)) == {"a", "b"}
    assert travellers(shop, Scenario(**asked, first=True)) == {"a"}


def test_behind_the_scenes_are_waits_and_carriers(shop):
    said = [str(one) for one in backstage(shop, "service", proof="", confidence=0.95).says]
    # Every ticket of the shop is answered after an hour.
    assert said[0] == "First answer: half within 1 hour, nine in ten within 1 hour"
    late = {text.split(":")[0]: text for text in said[-2:]}
    assert late["Vela"].startswith("Vela: 20.0% of parcels late (")
    assert late["Ponte"].startswith("Ponte: 50.0% of parcels late (")
    assert late["Ponte"].endswith("n 10)")


def test_only_what_people_coded_is_checked(shop):
    coded = checked(shop)
    assert len(coded) == 12
    assert int(coded["checkout"].sum()) == 8
    assert not coded["delivery"].any()


def test_a_theme_of_too_few_is_not_quoted_and_no_theme_twice(shop):
    texts = pd.DataFrame(
        {"text": [f"late {i}" for i in range(9)], "customer_id": [f"c{i}" for i in range(9)]}
    )
    tags = pd.DataFrame({"delivery": [True] * 9, "price": [True] * 2 + [False] * 7})
    assert len(quoted(texts, tags, shop, count=2)) == 1
    assert quoted(texts, tags & False, shop) == ()


def test_a_quote_is_drawn_of_the_texts_that_people_read_where_enough_wrote_of_its_theme(shop):
    texts = pd.DataFrame(
        {"text": [f"late {i}" for i in range(9)], "customer_id": [f"c{i}" for i in range(9)]}
    )
    tags = pd.DataFrame({"delivery": [True] * 9, "price": [True] * 4 + [False] * 5})
    read = pd.Series([False, True] + [False] * 7)
    assert quoted(texts, tags, shop, read=read) == ("late 1",)
    assert quoted(texts, tags[["price"]], shop, read=read) == ()
    assert quoted(texts, tags, shop, read=read & False) == ()


@pytest.mark.parametrize(
    ("scenario", "fault"),
    [
        ({"label": {"en": "x"}}, "must have events, touchpoints or devices"),
        ({"label": {"en": "x"}, "events": ["cal"]}, "call"),
        ({"label": {"en": "x"}, "touchpoints": ["helpdesk"]}, "helpdesk"),
    ],
)
def test_a_faulty_scenario_is_told_with_its_key(tmp_path, scenario, fault):
    linked.write(tmp_path, scenarios={"help": scenario})
    with pytest.raises(ManifestError) as caught:
        opened(tmp_path)
    assert "scenarios.help" in str(caught.value)
    assert fault in str(caught.value)


def test_a_mission_is_called_by_its_label():
    one = Scenario.model_validate(RETURN)
    assert one.label == {"en": "A call", "it": "Una telefonata"}
    assert Language("it").code in one.label
