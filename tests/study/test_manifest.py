from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from cxresearch.errors import ManifestError
from cxresearch.study import manifest
from cxresearch.study.stage_models import DEFAULT

SMALL = {
    "title": {"en": "Shop", "it": "Negozio"},
    "currency": "EUR",
    "time_zone": "Europe/Rome",
    "tables": {"orders": {"file": "orders.csv"}},
}


def faults(text: str) -> tuple[str, ...]:
    with pytest.raises(ManifestError) as caught:
        manifest.parse(text)
    return caught.value.faults


def faults_with(**changes: object) -> tuple[str, ...]:
    return faults(yaml.safe_dump(SMALL | changes))


def source(**options: object) -> dict[str, object]:
    return {"orders": {"file": "orders.csv", **options}}


def test_a_small_manifest_has_its_defaults():
    read = manifest.parse(yaml.safe_dump(SMALL))
    assert read.tables["orders"][0].file == ["orders.csv"]
    assert read.tables["orders"][0].loader == "mapped"
    assert (read.language, read.min_cell, read.as_of) == ("en", 5, None)
    assert read.stages == DEFAULT
    assert (read.title_in("it"), read.title_in("en")) == ("Negozio", "Shop")


def test_how_texts_are_read():
    read = manifest.parse(yaml.safe_dump(SMALL)).voice
    assert (read.codebook, read.codes, read.decisions) == (None, [], None)
    voice = {"codebook": "own.yaml", "codes": "first.CSV"}
    assert manifest.parse(yaml.safe_dump(SMALL | {"voice": voice})).voice.codes == ["first.CSV"]


def test_what_the_shop_did_and_keeps():
    small = manifest.parse(yaml.safe_dump(SMALL))
    assert (small.changes, small.margin) == ([], None)
    given = {"changes": [{"date": "2026-03-02", "label": "New menu"}], "margin": 0.35}
    read = manifest.parse(yaml.safe_dump(SMALL | given))
    assert (read.changes[0].date, read.margin) == ("2026-03-02", 0.35)
    assert read.changes[0].label == {"en": "New menu", "it": "New menu"}


def test_what_part_of_the_customers_each_group_is():
    given = {"population": {"segment": {"new": 0.667, "loyal": 0.332}}}
    shares = manifest.parse(yaml.safe_dump(SMALL | given)).population["segment"]
    assert shares == {"new": 0.667, "loyal": 0.332}
    few, none = {"new": 0.5, "loyal": 0.3}, {"new": 1.0, "loyal": 0.0}
    assert "sum to 0.8" in faults_with(population={"segment": few})[0]
    assert "above 0" in faults_with(population={"segment": none})[0]
    assert "population.sku" in faults_with(population={"sku": {"a": 1.0}})[0]


def test_what_a_score_is_to_reach():
    asked = {"name": "nps", "metric": "nps", "scale": [0, 10], "target": -5}
    read = manifest.parse(yaml.safe_dump(SMALL | {"surveys": [asked]}))
    assert read.surveys[0].target == -5
    for metric, scale, target in (
        ("csat", [1, 5], 80),
        ("ces", [1, 7], 0.5),
        ("nps", [0, 10], 101),
    ):
        one = asked | {"metric": metric, "scale": scale, "target": target}
        assert "target must be from" in faults_with(surveys=[one])[0]


def test_a_title_in_the_language_it_has():
    read = manifest.parse(yaml.safe_dump(SMALL | {"title": {"it": "Negozio"}}))
    assert read.title_in("en") == "Negozio"


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"currency": "euro"}, "currency: must be three capital letters, such as EUR; got 'euro'"),
        (
            {"time_zone": "Rome"},
            "time_zone: must be a time zone of the IANA list, such as Europe/Rome; got 'Rome'",
        ),
        ({"language": "fr"}, "language: must be one of 'en', 'it'; got 'fr'"),
        ({"min_cell": 0}, "min_cell: must be at least 1; got 0"),
        ({"colour": "red"}, "colour: unknown key"),
        ({"as_of": "soon"}, "as_of: must be a day such as 2026-01-31; got 'soon'"),
        ({"as_of": "2026-02-30"}, "as_of: must be a day such as 2026-01-31; got '2026-02-30'"),
        (
            {"tables": source(own_way={"revenues": {"decimal": ","}})},
            "tables.orders.own_way.revenues: must be one of 'order_id', 'customer_id', 'ts', "
            "'revenue', 'currency', 'channel', 'items', 'discount', 'status'; got 'revenues' "
            "(did you mean 'revenue'?)",
        ),
        (
            {"tables": source(own_way={"revenue": {"decimal": ",", "thousands": ","}})},
            "tables.orders: own_way.revenue: decimal and thousands must differ",
        ),
        (
            {"tables": source(time_format="dd/mm/yyyy")},
            "tables.orders.time_format: must be made of directives such as %d/%m/%Y %H:%M:%S, "
            "or one of epoch_s, epoch_ms, epoch_us, epoch_ns, excel_day; got 'dd/mm/yyyy'",
        ),
        (
            {"tables": source(encoding="cp437")},
            "tables.orders.encoding: must be 'utf-8', 'cp1252', 'latin-1', 'utf-16', 'mac_roman' "
            "or 'cp850'; got 'cp437'",
        ),
        (
            {"tables": source(colums={})},
            "tables.orders.colums: unknown key (did you mean 'columns'?)",
        ),
        (
            {"tables": source(constants={"total": 1})},
            "tables.orders.constants.total: must be one of 'order_id', 'customer_id', 'ts', "
            "'revenue', 'currency', 'channel', 'items', 'discount', 'status'; got 'total'",
        ),
        (
            {"tables": source(values={"status": {"Completato": "complete"}})},
            "tables.orders.values.status.Completato: must be one of 'completed', 'cancelled', "
            "'returned'; got 'complete' (did you mean 'completed'?)",
        ),
        (
            {"tables": {"surveys": {"file": "s.csv", "constants": {"metric": "npss"}}}},
            "tables.surveys.constants.metric: must be one of 'nps', 'csat', 'ces', 'enps'; "
            "got 'npss' (did you mean 'nps'?)",
        ),
        (
            {"touchpoints": {"view": {"touchpoint": "page", "stage": "desire"}}},
            "touchpoints.view.stage: must be one of 'awareness', 'consideration', 'purchase', "
            "'service', 'loyalty', 'advocacy'; got 'desire'",
        ),
        ({"margin": 35}, "margin: must be at most 1; got 35"),
        ({"margin": 0}, "margin: must be above 0; got 0"),
        (
            {"changes": [{"date": "in March", "label": "New menu"}]},
            "changes.0.date: must be a day such as 2026-01-31; got 'in March'",
        ),
        ({"changes": [{"date": "2026-03-02"}]}, "changes.0.label: missing"),
        ({"voice": {"code": "first.csv"}}, "voice.code: unknown key (did you mean 'codes'?)"),
        (
            {"voice": {"codes": ["first.csv", "second.ods"]}},
            "voice.codes.1: must be a .csv or .xlsx file; got 'second.ods'",
        ),
        (
            {"voice": {"codes": "first.csv", "decisions": "decisions"}},
            "voice.decisions: must be a .csv or .xlsx file; got 'decisions'",
        ),
    ],
)
def test_a_fault_names_its_key_and_what_is_allowed(changes: dict[str, object], fault: str):
    assert faults_with(**changes) == (fault,)


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"title": {}}, "title: "),
        ({"title": {"fr": "Boutique"}}, "title.fr: "),
        ({"tables": {"order": {"file": "x.csv"}}}, "tables.order: must be one of 'events', "),
        ({"tables": source(delimiter='"')}, "tables.orders.delimiter: "),
        ({"tables": source(delimiter="ab")}, "tables.orders.delimiter: "),
        ({"tables": source(delimiter=" ")}, "tables.orders.delimiter: "),
        ({"map": "x.doc"}, "map: must be "),
        ({"tables": source(decimal=",", thousands=",")}, "tables.orders: decimal and thousands"),
        (
            {"tables": source(columns={"items": "n"}, constants={"items": 1})},
            "tables.orders: columns and constants must not both give items",
        ),
        ({"tables": {"orders": {"file": []}}}, "tables.orders.file: "),
        (
            {"voice": {"redact_always": ["Montefiore", "a"]}},
            "voice.redact_always.1: must be words of 2 letters or digits or more, 100 signs at "
            "most; got 'a'",
        ),
        ({"voice": {"redact_never": [12]}}, "voice.redact_never.0: must be a text; got 12"),
        (
            {"voice": {"redact_never": [True]}},
            "voice.redact_never.0: must be a text; got True (yes, no, on and off are true or false",
        ),
        (
            {"voice": {"redact_always": ["Lago  blu"], "redact_never": ["LAGO BLU"]}},
            "voice: redact_always and redact_never must not both have 'LAGO BLU'",
        ),
        (
            {"voice": {"decisions": "decisions.csv"}},
            "voice: decisions must come with the codes that were decided on",
        ),
        ({"funnel": ["view"]}, "funnel.0: must be one of those there are, and there is none; got"),
        ({"cart": {"add": "a", "checkout": "b", "purchase": "c"}}, "cart.add: must be one of "),
    ],
)
def test_faults_that_span_more_than_one_key(changes: dict[str, object], key: str):
    assert faults_with(**changes)[0].startswith(key)


def test_values_that_a_column_may_have_are_fine():
    names = {"status": {"Reso": "returned"}, "channel": {"Sito": "web"}}
    given = source(values=names, constants={"status": "Reso", "currency": "EUR"})
    assert (
        manifest.parse(yaml.safe_dump(SMALL | {"tables": given})).tables["orders"][0].values
        == names
    )


def test_an_infinite_constant_is_refused():
    assert all(
        fault.startswith("tables.orders.constants.revenue")
        for fault in faults_with(tables=source(constants={"revenue": float("inf")}))
    )


def test_all_faults_are_told_at_once():
    text = "currency: euro\ntime_zone: Rome\ntables: {orders: {}, order: {file: a}}\nx: 1\n"
    assert {fault.split(":")[0] for fault in faults(text)} == {
        "title",
        "currency",
        "time_zone",
        "tables.orders.file",
        "tables.order",
        "x",
    }


def test_all_faults_between_keys_are_told_at_once():
    tables = source(columns={"total": "t"}, values={"status": {"Reso": "back"}})
    assert {fault.split(":")[0] for fault in faults_with(tables=tables, funnel=["view"])} == {
        "tables.orders.columns.total",
        "tables.orders.values.status.Reso",
        "funnel.0",
    }


def test_a_fault_of_one_section_hides_none_of_another():
    found = faults_with(currency="euro", tables=source(columns={"total": "t"}))
    assert {fault.split(":")[0] for fault in found} == {"currency", "tables.orders.columns.total"}


def test_what_rests_on_a_faulty_section_is_not_looked_at():
    touchpoints = {"view": {"touchpoint": "page"}}  # without its stage
    found = faults_with(touchpoints=touchpoints, funnel=["view"])
    assert [fault.split(":")[0] for fault in found] == ["touchpoints.view.stage"]


@pytest.mark.parametrize(
    ("survey", "words"),
    [
        ({"touchpoint": "nowhere"}, "surveys.0.touchpoint: must be one of 'page'; got 'nowhere'"),
        ({"scale": [10, 0]}, "surveys.0: scale must begin with its lower end; it is 10 to 0"),
        ({"scale": [0, 9.5]}, "surveys.0.scale.1: must be a whole number; got 9.5"),
    ],
)
def test_a_survey_is_asked_on_a_scale_and_at_a_touchpoint(survey: dict[str, object], words: str):
    asked = {"name": "x", "metric": "nps", "scale": [0, 10], **survey}
    touchpoints = {"view": {"touchpoint": "page", "stage": "purchase"}}
    (fault,) = faults_with(touchpoints=touchpoints, surveys=[asked])
    assert fault.startswith(words)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "the file: "),
        ("- a\n", "the file: "),
        ("a: [", "not readable as YAML: "),
        ("a: 1\na: 2\n", "key given twice: a"),
        ("tables: {x: {file: a, file: b}}", "key given twice: file"),
        ("a: 1\nb:\n  c: 1\n  d: 2\n  c: 3\n", "line 5, column 3"),
        ("[1]: 2", "not readable as YAML: "),
        ("as_of: 2026-13-01", "not readable as YAML: month must be in 1..12"),
        ("a: 1\nb: 2026-13-01", "(line 2, column 4)"),
        ("a: !!python/object/apply:os.system [ls]", "not readable as YAML: "),
    ],
)
def test_a_text_that_is_no_manifest(text: str, words: str):
    assert words in faults(text)[0]


@pytest.mark.parametrize("written", ["2026-10-31", "'2026-10-31'"])
def test_a_day_with_or_without_quotes(written: str):
    assert manifest.parse(yaml.safe_dump(SMALL) + f"as_of: {written}\n").as_of == "2026-10-31"


def test_delimiters_and_formats_that_are_fine():
    read = manifest.parse(
        yaml.safe_dump(SMALL | {"tables": source(delimiter="\t", time_format="%d.%m.%y %H:%M %z")})
    )
    assert read.tables["orders"][0].delimiter == "\t"


def test_a_manifest_is_read_from_its_study(project: Path):
    folder = project / "data" / "shop"
    folder.mkdir()
    (folder / "study.yaml").write_text("\ufeff" + yaml.safe_dump(SMALL), "utf-8")
    assert manifest.read("shop").currency == "EUR"
    assert manifest.studies() == ["shop"]
    with pytest.raises(ManifestError) as caught:
        manifest.read("other")
    assert str(caught.value) == (
        "data/other has 1 fault:\n  no study.yaml here; the studies are: shop"
    )


def test_a_manifest_that_is_not_utf8(project: Path):
    (project / "data" / "shop").mkdir()
    manifest.path_of("shop").write_bytes("title: caffè".encode("latin-1"))
    with pytest.raises(ManifestError, match=r"data/shop/study\.yaml has 1 fault:\n  not readable"):
        manifest.read("shop")


@pytest.mark.parametrize("study", ["demo", "online-retail"])
def test_the_manifests_that_ship_are_whole(study: str):
    assert manifest.read(study).reports


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"labels": {"app": {"fr": "Appli"}}}, "labels.app.fr"),
        ({"labels": {"app": {}}}, "labels.app: "),
        ({"labels": {"app": 3}}, "labels.app: "),
        ({"languages": ["en", "fr"]}, "languages.1: must be one of 'en', 'it'; got 'fr'"),
    ],
)
def test_a_label_or_a_language_that_cannot_be_is_a_fault(changes: dict[str, object], key: str):
    (fault,) = faults_with(**changes)
    assert fault.startswith(key)


def test_a_value_has_one_label_in_all_languages_or_one_in_each():
    text = (
        "{title: {en: Shop}, currency: EUR, time_zone: Europe/Rome, languages: [en, it], "
        "labels: {app: App, new: {en: New, it: Nuovo}, old: {en: Old}}, tables: {}}"
    )
    read = manifest.parse(text)
    assert read.labels_in("en") == {"app": "App", "new": "New", "old": "Old"}
    assert read.labels_in("it") == {"app": "App", "new": "Nuovo", "old": "Old"}
