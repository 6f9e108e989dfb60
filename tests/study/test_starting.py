"""`cxresearch new`: what files say is written down, what they do not say is asked."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import openpyxl
import pytest
import yaml
from typer.testing import CliRunner

from cxresearch.cli import app
from cxresearch.core import languages
from cxresearch.errors import ManifestError
from cxresearch.study import (
    column_names,
    manifest,
    open_study,
    schema,
    starting,
    value_formats,
)
from tests.study.test_profiles import CASES

ITALIAN = (
    "Numero ordine;Data ordine;Email;Totale;Città\n"
    "1001;25/02/2026 10:00;a@example.com;€ 1.210,39;Forlì\n"
    "1002;03/02/2026 11:30;b@example.com;10,50 €;Città di Castello\n"
)


@pytest.fixture
def exports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CX_ROOT", str(tmp_path))
    (tmp_path / "exports").mkdir()
    return tmp_path / "exports"


def put(folder: Path, case: str) -> Path:
    _, _, content, _, own, *_ = CASES[case]
    path = folder / f"{case}.{own.get('suffix', 'csv')}"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_an_export_of_no_known_vendor_is_read_by_what_its_columns_are_called(exports: Path):
    (exports / "ordini.csv").write_bytes(ITALIAN.encode("cp1252"))
    started = starting.start("bottega", [exports / "ordini.csv"])
    (source,) = manifest.parse(started.text).tables["orders"]
    assert (source.encoding, source.delimiter) == ("cp1252", ";")
    assert (source.decimal, source.thousands) == (",", ".")
    assert source.time_format == ["%d/%m/%Y %H:%M"]
    assert started.asks == []
    rows = open_study("bottega").frame("orders").collect().to_pandas()
    assert rows["revenue"].tolist() == [1210.39, 10.5]
    assert rows["order_id"].tolist() == ["1001", "1002"]


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"])
def test_the_encoding_of_an_export_is_found(exports: Path, codec: str):
    (exports / "ordini.csv").write_bytes(ITALIAN.encode(codec))
    assert starting.start("bottega", [exports / "ordini.csv"]).asks == []
    rows = open_study("bottega").frame("orders").collect().to_pandas()
    assert rows["revenue"].tolist() == [1210.39, 10.5]


@pytest.mark.parametrize("end", [";", ";;;"])
@pytest.mark.parametrize("every", [1, 2])
def test_separators_at_the_end_of_rows_that_the_heading_has_not(
    exports: Path, end: str, every: int
):
    rows = [f"A{i};{i + 10}/01/2026;C{i};{i},50{end * (i % every == 0)}" for i in range(6)]
    text = "\n".join(["Numero ordine;Data;Cliente;Totale", *rows])
    (exports / "o.csv").write_text(text, "utf-8")
    assert starting.start("shop", [exports / "o.csv"]).asks == []
    loaded = open_study("shop").frame("orders").collect().to_pandas()
    assert loaded["revenue"].tolist() == [i + 0.5 for i in range(6)]


@pytest.mark.parametrize(
    "above",
    [
        [["Negozio: Bottega"], ["Periodo", "dal 01/01", "al 31/01"], []],
        [["Ordine", None, "Cliente", None, "Importi"]],
        [["Report degli ordini", "di gennaio", "del negozio", "di Lucca"]],
    ],
)
def test_rows_above_the_heading_of_a_sheet_are_less_full(exports: Path, above: list[list[str]]):
    book = openpyxl.Workbook()
    heading = ["Numero ordine", "Data ordine", "Cliente", "Email", "Totale"]
    rows = [[f"A{i}", f"2026-01-0{i}", f"C{i}", f"c{i}@example.com", 10.5] for i in range(1, 5)]
    ends = [["Subtotale", None, None, None, 42], ["Totale complessivo", None, None, None, 42]]
    for row in [*above, heading, *rows, *ends]:
        book.active.append(row)
    book.save(exports / "o.xlsx")
    assert starting.start("shop", [exports / "o.xlsx"]).asks == []
    (row,) = open_study("shop").counts().to_dict("records")
    assert (row["rows_accepted"], row["rows_rejected"], row["rows_left_out"]) == (4, 0, 2)


@pytest.mark.parametrize("text", ["", " \n\n", "\ufeff"])
def test_an_empty_file_is_called_empty(exports: Path, text: str):
    (exports / "o.csv").write_text(text, "utf-8")
    (ask,) = starting.start("shop", [exports / "o.csv"]).asks
    assert ask.endswith("the file cannot be read: it is empty")


def test_what_a_file_does_not_decide_is_asked(exports: Path):
    text = "order id,date,total\n1,01/02/2026,1.210\n2,03/04/2026,2.500\n"
    (exports / "o.csv").write_text(text, "utf-8")
    started = starting.start("shop", [exports / "o.csv"])
    (source,) = manifest.parse(started.text).tables["orders"]
    assert (source.time_format, source.decimal) == (None, None)
    dates, numbers = started.asks
    assert "time_format: '%d/%m/%Y' or '%m/%d/%Y'" in dates
    assert 'decimal: "." or decimal: ","' in numbers
    assert started.text.count("# ask:") == 2


#: Every export but those that need other files, and what nobody can know of them.
ALONE = [case for case in CASES if case not in {"olist", "prestashop", "transcript"}]


@pytest.mark.parametrize("case", ALONE)
def test_a_known_export_needs_no_edit_to_be_read(exports: Path, case: str):
    started = starting.start("shop", [put(exports, case)])
    (tables,) = started.placed.values()
    assert CASES[case][1] in tables or CASES[case][1] in {"feedback", "surveys"}
    for table in tables:
        source = manifest.parse(started.text).tables[table][0]
        assert source.profile == CASES[case][0]


def test_a_survey_is_melted_into_the_questions_that_look_scored(exports: Path):
    text = "Respondent ID,Collector ID,Start Date,End Date,Would you?,Site?,Delivery?,Why?\n"
    text += ",,,,Response,Response,Response,Open-Ended Response\n"
    for i, why in enumerate(
        ["it came far too late", "all was well with it", "fine by me and thanks"]
    ):
        text += f"{i},5,2026-01-05 10:00,2026-01-05 10:05,{i * 5},{i + 1},{5 - i},{why}\n"
    (exports / "s.csv").write_text(text, "utf-8")
    started = starting.start("shop", [exports / "s.csv"])
    shop = open_study("shop")
    rows = shop.frame("surveys").collect().to_pandas()
    asked = rows.groupby(["metric", "touchpoint"], dropna=False)["score"].apply(list).to_dict()
    assert {key[0]: value for key, value in asked.items() if key[0] == "nps"} == {"nps": [0, 5, 10]}
    assert asked["csat", "Site?"] == [1, 2, 3]
    assert asked["csat", "Delivery?"] == [5, 4, 3]
    assert len(shop.frame("feedback").collect()) == 3
    assert started.placed == {"s.csv": ["surveys", "feedback"]}


def test_a_column_called_as_the_contract_calls_it_is_that_column(exports: Path):
    (exports / "recensioni.csv").write_text(
        "text_id,ts,source,text,touchpoint\n"
        "1,2026-01-05 10:00:00,survey,Tutto bene,delivery\n"
        "2,2026-01-06 10:00:00,review,Arrivato tardi,checkout\n"
    )
    (exports / "google.csv").write_text(
        "text_id,ts,source,text\n1,2026-01-05 10:00:00,Google Maps,Tutto bene\n"
    )
    started = starting.start("shop", [exports / "recensioni.csv", exports / "google.csv"])
    own, foreign = manifest.parse(started.text).tables["feedback"]
    assert {"source", "touchpoint"} <= set(own.columns)
    assert not own.constants
    assert foreign.constants == {"source": "review"}


def test_events_come_with_their_counts_and_a_stage(exports: Path):
    started = starting.start("shop", [put(exports, "ga4")])
    said = "{touchpoint: purchase, stage: purchase, label: {en: purchase, it: acquisto}} # 3 rows"
    assert f'"purchase": {said}' in started.text
    touchpoints = manifest.parse(started.text).touchpoints
    assert set(touchpoints) == {"purchase", "page_view"}
    assert touchpoints["page_view"].label["en"] == "page view"


def test_events_in_italian_have_their_stage_and_a_name_to_read(exports: Path):
    (exports / "eventi.csv").write_text(
        "customer_id,ts,event\n"
        + "".join(
            f"c{i},2026-01-0{i + 1} 10:00:00,{name}\n"
            for i, name in enumerate(["vista_scheda", "agg_carrello", "errore-pagamento"])
        )
    )
    started = starting.start("shop", [exports / "eventi.csv"])
    known = manifest.parse(started.text).touchpoints
    assert {name: one.stage for name, one in known.items()} == {
        "vista_scheda": "consideration",
        "agg_carrello": "purchase",
        "errore-pagamento": "purchase",
    }
    assert known["vista_scheda"].label["en"] == "product page"
    assert known["errore-pagamento"].label["it"] == "errore di pagamento"


@pytest.mark.parametrize(
    ("names", "funnel", "cart"),
    [
        (["view_item", "add_to_cart", "begin_checkout", "purchase"], 4, True),
        (["Product Viewed", "Product Added", "Checkout Started", "Order Completed"], 4, True),
        (["Viewed Product", "Added to Cart", "Started Checkout", "Placed Order"], 4, True),
        (["ViewContent", "AddToCart", "InitiateCheckout", "Purchase"], 4, True),
        (
            ["Visualizzazione prodotto", "Aggiunta al carrello", "Inizio checkout", "Acquisto"],
            4,
            True,
        ),
        (["view", "addtocart", "transaction"], 3, False),
        (["view_item", "add_to_cart", "begin_checkout"], 0, False),
        (["purchase", "page_view"], 0, False),
        (["page: [1]", "on", "{x}"], 0, False),
    ],
)
def test_events_called_like_the_steps_of_a_sale_are_the_funnel_and_the_cart(
    exports: Path, names: list[str], funnel: int, cart: bool
):
    rows = [(name, day) for name in [*names, "remove_from_cart"] for day in range(1, 9)]
    (exports / "log.csv").write_text(
        "customer_id,ts,event\n"
        # Not in the order of the steps, and the last step is the most frequent.
        + "".join(f"c{day},2026-01-0{day} 10:00:00,{name}\n" for name, day in reversed(rows))
    )
    content = manifest.parse(starting.start("shop", [exports / "log.csv"]).text)
    assert content.funnel == names[:funnel]
    steps = dict(zip(["add", "checkout", "purchase"], names[1:], strict=False))
    assert (content.cart.model_dump() if content.cart else None) == (steps if cart else None)


def test_of_two_events_of_a_step_the_usual_name_is_taken(exports: Path):
    rows = ["order", "purchase", "view", "view_item", "order"]
    (exports / "log.csv").write_text(
        "customer_id,ts,event\n"
        + "".join(f"c{n},2026-01-05 10:0{n}:00,{name}\n" for n, name in enumerate(rows))
    )
    content = manifest.parse(starting.start("shop", [exports / "log.csv"]).text)
    assert content.funnel == ["view_item", "purchase"]


def test_values_that_many_exports_have_are_labelled_in_both_languages(exports: Path):
    (exports / "tickets.csv").write_text(
        "ticket_id,opened,channel\n1,2026-01-05 10:00:00,Telefono\n2,2026-01-05 11:00:00,\n"
        "3,2026-01-05 12:00:00,Live chat\n4,2026-01-05 13:00:00,sportello\n"
    )
    (exports / "log.csv").write_text(
        "customer_id,ts,event,device,channel\nc1,2026-01-05 10:00:00,page_view,Mobile,cpc\n"
        "c1,2026-01-05 10:01:00,remove_from_cart,Mobile,(none)\n"
        "c1,2026-01-05 10:01:00,Spin the wheel,Mobile,fax\n"
    )
    content = manifest.parse(
        starting.start("shop", [exports / "tickets.csv", exports / "log.csv"]).text
    )
    assert content.labels == {
        "Telefono": {"en": "phone", "it": "telefono"},
        "Live chat": {"en": "chat", "it": "chat"},
        "Mobile": {"en": "mobile", "it": "mobile"},
        "cpc": {"en": "paid search", "it": "ricerca a pagamento"},
        "(none)": {"en": "unknown", "it": "non noto"},
    }
    said = {name: one.label for name, one in content.touchpoints.items()}
    assert said == {
        "page_view": {"en": "page view", "it": "pagina vista"},
        "remove_from_cart": {"en": "removed from cart", "it": "rimozione dal carrello"},
        "Spin the wheel": None,
    }


def test_no_name_of_a_step_or_a_label_says_two_things():
    known = column_names.names()
    for names in (known["steps"].values(), [one["called"] for one in known["labels"]]):
        said = [{column_names.words(name) for name in called} for called in names]
        assert all(all(one) for one in said)
        assert sum(map(len, said)) == len(set().union(*said))
    assert known["steps"].keys() == known["step_labels"].keys()
    for one in [*known["labels"], *known["step_labels"].values()]:
        assert {*languages.LANGUAGES} <= one.keys()


def test_an_experiment_is_asked_for_its_plan(exports: Path):
    (exports / "log.csv").write_text(
        "experiment,variant,customer_id,ts\n"
        "buy,a,u1,2026-01-06 10:00:00\nbuy,b,u2,2026-01-07 10:00:00\n"
    )
    started = starting.start("shop", [exports / "log.csv"])
    asked = "experiments: must have the plan of 'buy', with the variants 'a', 'b'"
    assert started.asks == [f"log.csv: exposures: {asked}"]
    assert f"# ask: {asked}" in started.text


@pytest.mark.parametrize(
    ("columns", "rows"),
    [
        (
            {
                "experiment": "experiment_name",
                "variant": "variation_name",
                "customer_id": "visitor_id",
                "ts": "decision_timestamp",
            },
            "visitor_id,experiment_id,experiment_name,variation_id,variation_name,"
            "decision_timestamp\nv1,9,buy,1,a,2026-01-03T10:00:00Z\n",
        ),
        (
            {
                "experiment": "Codice test",
                "variant": "Gruppo test",
                "customer_id": "Codice visitatore",
                "ts": "Data prima esposizione",
            },
            "Codice visitatore;Codice test;Gruppo test;Data prima esposizione\n"
            "v1;9;a;15/01/2026 10:31\n",
        ),
    ],
)
def test_exposures_are_known_by_what_testing_tools_call_them(exports: Path, columns, rows):
    (exports / "log.csv").write_text(rows)
    started = starting.start("shop", [exports / "log.csv"])
    assert started.placed == {"log.csv": ["exposures"]}
    (source,) = yaml.safe_load(started.text)["tables"]["exposures"]
    assert source["columns"] == columns


@pytest.mark.parametrize(
    "rows",
    [
        "Variation;Visitatori;Conversioni\nControllo;10.234;512\nVariante 1;10.198;561\n",
        "experiment_variant,Utenti totali,Acquisti\na,15023,612\nb,15190,699\n,30213,1311\n",
    ],
)
def test_the_totals_of_a_test_are_no_exposures(exports: Path, rows: str):
    (exports / "test.csv").write_text(rows)
    started = starting.start("shop", [exports / "test.csv"])
    assert started.placed["test.csv"] == []
    assert started.asks[0].endswith(
        "(a row for each variant; exposures have one for each customer)"
    )


def test_a_file_that_is_no_table_is_not_placed(exports: Path):
    (exports / "chat.txt").write_text("Notes of Monday\nnothing to see\n", "utf-8")
    (exports / "one.csv").write_text("c0\nv0\na;b\n", "utf-8")
    files = [exports / "chat.txt", exports / "one.csv"]
    run = CliRunner().invoke(app, ["new", "shop", *map(str, files)])
    assert run.exit_code == 1
    assert run.output.count("not placed") == 2
    assert "# not placed: one.csv" in manifest.path_of("shop").read_text("utf-8")


def test_a_study_that_is_there_is_left_alone(exports: Path):
    starting.start("shop", [put(exports, "trustpilot")])
    before = manifest.path_of("shop").read_bytes()
    with pytest.raises(ManifestError, match="is there already"):
        starting.start("shop", [put(exports, "freshdesk")])
    assert manifest.path_of("shop").read_bytes() == before
    with pytest.raises(ManifestError, match="named by its folder"):
        starting.start("../shop", [])
    with pytest.raises(ManifestError, match=r"none\.csv: no such file"):
        starting.start("other", [exports / "none.csv"])


@pytest.mark.parametrize(
    ("values", "form"),
    [
        (["2026-01-05 10:00"], None),
        (["13.02.2026"], "%d.%m.%Y"),
        (["02/13/26 3:05 PM"], "%m/%d/%y %I:%M %p"),
        (["12/02/2026 19.07.17", "25/02/2026 09.00.00"], "%d/%m/%Y %H.%M.%S"),
        (["5 lug 2026", "6 ago 2026"], "%d %b %Y"),
        (["5 luglio 2026 10:00"], "%d %B %Y %H:%M"),
        (["46027.5"], "excel_day"),
        (["25/02/2026", "02/25/2026"], None),
        (["mar 21 gen 2026 09:05", "mer 22 mar 2026 18:00"], "%d %b %Y %H:%M"),
        (["mar 21, 2026", "giu 3, 2026"], "%b %d, %Y"),  # a month here, no Tuesday
        (["3-gen-26 09:05"], "%d-%b-%y %H:%M"),
        (["30/01/2026 alle ore 18:26", "31/01/2026 alle ore 9:00"], "%d/%m/%Y %H:%M"),
        (["30/01/2026 18:26 CET", "31/07/2026 18:26 CEST"], "%d/%m/%Y %H:%M%z"),
        (["30/01/2026 18:26 -05:00"], "%d/%m/%Y %H:%M%z"),
        (["2026-01-30 06:26 p.m."], "%Y-%m-%d %I:%M %p"),
        (["2026-30-01", "2026-02-01"], "%Y-%d-%m"),
        (["2026.01.30 18:26"], None),
        (["20260130182607"], "%Y%m%d%H%M%S"),
        (["Thu, 30 Jan 2026 18:26:07 +0100"], "%d %b %Y %H:%M:%S%z"),
        (["Feb-14-26", "Jan-05-26"], "%b-%d-%y"),
        (["feb 14, 2026"], "%b %d, %Y"),
    ],
)
def test_dates(values, form):
    assert value_formats.time_format(values)[0] == form


def test_dates_that_are_not_all_alike():
    typed = ["25/02/2026", "26/02/2026 9:30", "2026-02-27 00:00:00", "2026-02-28"]
    forms = ["%d/%m/%Y", "%d/%m/%Y %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d"]
    assert value_formats.time_formats(typed) == (forms, "")
    assert value_formats.time_formats(typed[2:]) == (None, "")
    assert value_formats.time_formats(["05/02/2026", "2026-02-27"])[1].startswith(
        "'05/02/2026' may"
    )


@pytest.mark.parametrize(
    ("values", "marks", "asked"),
    [
        (["1.50", "2"], {}, False),
        (["1,234.50"], {"thousands": ","}, False),
        (["1,50", "1.210"], {"decimal": ",", "thousands": "."}, False),
        (["1,50", "1.50"], {}, True),
        (["1.210", "3"], {}, True),
        (["7", "8"], {}, False),
    ],
)
def test_decimal_marks(values, marks, asked):
    found, ask = value_formats.decimal_mark(values)
    assert (found, bool(ask)) == (marks, asked)


def test_a_report_with_totals_nothings_and_a_heading_inside_is_read_whole(exports: Path):
    text = (
        "Rapporto campagne\n1 gennaio 2026 - 31 gennaio 2026\n"
        "Giorno,Campagna,Costo,Impressioni,Clic\n"
        '2026-01-01,Marchio,"1.234,50","2.000",10\n2026-01-01,Altro,--,--,0\n'
        "Giorno,Campagna,Costo,Impressioni,Clic\n"
        '2026-01-02,Marchio,"12,30","1.500",5\nTotale: account,--,"9,99",1,1\n'
    )
    (exports / "campagne.csv").write_text(text, "utf-8")
    started = starting.start("shop", [exports / "campagne.csv"])
    assert started.asks == []
    study = open_study("shop")
    counts = study.counts().iloc[0]
    assert [counts[f"rows_{name}"] for name in ("accepted", "left_out", "rejected")] == [3, 2, 0]
    rows = study.frame("marketing").collect().to_pandas().sort_values("date")
    assert rows["cost"].tolist() == [1234.5, 12.3]


def test_each_sheet_that_is_a_table_is_read_and_the_others_are_named(exports: Path):
    book = openpyxl.Workbook()
    book.active.title = "Leggimi"
    book.active.append(["Campo", "Significato"])
    sheet = book.create_sheet("Ordini")
    sheet.append(["Numero ordine", "Data ordine", "Email", "Totale"])
    for number in range(4):
        sheet.append([str(1000 + number), 46_023.5 + number, "a@example.com", "10,50 €"])
    sheet.append(["Totale", None, None, "42,00 €"])
    people = book.create_sheet("Clienti")
    people.append(["Codice cliente", "Nome", "Email"])
    people.append(["C1", "Anna Rossi", "a@example.com"])
    book.save(exports / "ordini.xlsx")
    started = starting.start("shop", [exports / "ordini.xlsx"])
    (ask,) = started.asks
    assert ask.startswith("ordini.xlsx/Leggimi: no table was found for its columns: Campo, Sign")
    assert started.placed == {"ordini.xlsx": ["orders", "customers"]}
    people = open_study("shop").frame("customers").collect().to_pandas()
    assert people["record_id"].tolist() == ["C1"]
    rows = open_study("shop").frame("orders").collect().to_pandas()
    assert rows["revenue"].tolist() == [10.5] * 4
    assert rows["ts"].astype(str).tolist()[0].startswith("2026-01-01 11:00")  # noon in Rome


def test_another_column_of_the_file_shows_its_decimal_mark(exports: Path):
    text = 'order id,date,total,share\n1,2026-01-02,1.210,"35,5%"\n2,2026-01-03,2.500,"0,8%"\n'
    (exports / "o.csv").write_text(text, "utf-8")
    started = starting.start("shop", [exports / "o.csv"])
    (source,) = manifest.parse(started.text).tables["orders"]
    assert (source.decimal, source.thousands, started.asks) == (",", ".", [])


def test_each_kind_of_file_in_an_archive_is_a_source_of_its_table(exports: Path):
    with zipfile.ZipFile(exports / "export.zip", "w") as archive:
        for month in (1, 2):
            text = f"Order ID,Customer ID,Date,Total\n{month},C1,2026-0{month}-05,10.5\n"
            archive.writestr(f"orders_2026-0{month}.csv", text)
        archive.writestr("customers.csv", "Customer ID,Email,Last name\nC1,a@example.com,Lee\n")
        archive.writestr("read me.pdf", "%PDF")
    started = starting.start("shop", [exports / "export.zip"])
    study = manifest.parse(started.text)
    assert [one.member for one in study.tables["orders"]] == ["orders_*-*.csv"]
    assert [one.member for one in study.tables["customers"]] == ["customers.csv"]
    assert len(open_study("shop").frame("orders").collect()) == 2
    assert [ask.partition(":")[0] for ask in started.asks] == ["export.zip/read me.pdf"]


def test_a_list_within_each_record_gives_a_table_too(exports: Path):
    orders = [
        {"id": 7, "createdAt": "2026-01-05", "total": {"price": 9}, "lineItems": []},
        {
            "id": 8,
            "createdAt": "2026-01-06",
            "total": {"price": 5},
            "lineItems": [{"sku": "A", "quantity": 2, "price": 2}, {"sku": "B", "quantity": 1}],
        },
    ]
    (exports / "o.json").write_text(json.dumps({"data": {"orders": orders}}))
    call = {"call_id": "c", "started_at": "2026-01-05 10:00", "turns": []}
    for who, words in (("operatore", "Hello"), ("cliente", "It broke")):
        call["turns"].append({"speaker": who, "start": 0.5, "text": words})
    (exports / "calls.json").write_text(json.dumps([call]))
    starting.start("shop", [exports / "o.json", exports / "calls.json"])
    shop = open_study("shop")
    lines = shop.frame("order_lines").collect().to_pandas()
    assert lines[["order_id", "sku", "quantity"]].values.tolist() == [["8", "A", 2.0]]
    assert shop.counts().set_index("table").loc["order_lines", "rows_rejected"] == 1
    texts = shop.frame("feedback").collect().to_pandas()
    assert texts["text"].tolist() == ["Agent: Hello\nCustomer: It broke"]


def test_a_heading_has_no_numbers(exports: Path):
    (exports / "o.csv").write_text("Numero ordine;Data;Totale\n1;46027,5;10,50\n2;46028,2;1,5\n")
    starting.start("shop", [exports / "o.csv"])
    rows = open_study("shop").frame("orders").collect().to_pandas()
    assert rows["revenue"].tolist() == [10.5, 1.5]


def test_a_scale_in_words_is_no_text_and_gets_its_numbers(exports: Path):
    text = "Data risposta,Quanto è soddisfatto?,Perché?\n"
    text += "2026-01-05,molto soddisfatto,tutto bene davvero\n2026-01-06,Insoddisfatto,\n"
    (exports / "s.csv").write_text(text)
    starting.start("shop", [exports / "s.csv"])
    shop = open_study("shop")
    rows = shop.frame("surveys").collect().to_pandas()
    assert rows[["metric", "score", "scale_max"]].values.tolist() == [
        ["csat", 5.0, 5.0],
        ["csat", 2.0, 5.0],
    ]
    assert len(shop.frame("feedback").collect()) == 1


def test_amounts_in_cents_and_in_another_currency_are_seen(exports: Path):
    text = "Order ID,Date,Total (cents),Currency\n1,2026-01-05,1050,USD\n"
    (exports / "o.csv").write_text(text)
    started = starting.start("shop", [exports / "o.csv"])
    assert open_study("shop").frame("orders").collect()["revenue"].to_list() == [10.5]
    text = "Date,Channel,Spend (USD)\n2026-01-05,x,10\n"
    (exports / "m.csv").write_text(text)
    started = starting.start("other", [exports / "m.csv"])
    (ask,) = started.asks
    assert ask.startswith("m.csv: marketing: amounts in USD, the study in EUR (1 rows)")


def test_a_byte_that_no_yaml_has_is_written_by_its_number(exports: Path):
    (exports / "o.csv").write_text("Order ID,Date,Total,M\0x,Status\n1,2026-01-05,1,2,paid\0\n")
    started = starting.start("shop", [exports / "o.csv"])
    assert r"'paid\\x00' (1)" in started.text


def test_a_file_that_another_takes_columns_from_is_placed(exports: Path):
    _, _, content, _, own, *_ = CASES["olist"]
    files = {"olist_orders_dataset.csv": content, **own["others"]}
    for name, text in files.items():
        (exports / name).write_text(text)
    started = starting.start("shop", [exports / name for name in files])
    assert started.placed["olist_orders_dataset.csv"] == ["orders"]
    assert started.placed["olist_order_payments_dataset.csv"] == ["joined"]
    assert started.asks == []


def test_each_list_of_a_json_file_is_looked_at(exports: Path):
    content = {
        "meta": [{"name": "event_time", "type": "DateTime"}],
        "data": [
            {"event_time": "2026-02-25 10:00:00", "user_id": "u1", "event_name": "view"},
            {"event_time": "2026-02-25 10:01:00", "user_id": "u2", "event_name": "buy"},
        ],
        "rows": 2,
    }
    (exports / "c.json").write_text(json.dumps(content), "utf-8")
    started = starting.start("shop", [exports / "c.json"])
    assert started.asks == ["c.json/meta: no table was found for its columns: name, type"]
    assert manifest.parse(started.text).tables["events"][0].records == "data"
    assert open_study("shop").frame("events").to_pandas()["customer_id"].tolist() == ["u1", "u2"]


def test_the_groups_that_a_tool_makes_of_answers_are_no_question(exports: Path):
    heading = "StartDate,RecordedDate,ResponseId,DistributionChannel,Q1_NPS_GROUP,Q1"
    rows = [f"x,2026-02-2{i} 10:00:00,R{i},web,{1 + i // 2},{3 * i}" for i in range(4)]
    (exports / "q.csv").write_text("\n".join([heading, heading, heading, *rows]), "utf-8")
    (source,) = manifest.parse(starting.start("shop", [exports / "q.csv"]).text).tables["surveys"]
    assert [part.columns["score"].names for part in source.melt] == [["Q1"]]


def test_a_workbook_is_one_whatever_its_name_ends_with(exports: Path):
    book = openpyxl.Workbook()
    for row in (["order_id", "created_at", "total"], ["A", "2026-02-05", 1.5]):
        book.active.append(row)
    book.save(exports / "o.xlsx")
    (exports / "o.xlsx").rename(exports / "o.csv")
    assert starting.start("shop", [exports / "o.csv"]).asks == []
    assert open_study("shop").frame("orders").to_pandas()["revenue"].tolist() == [1.5]


def canonical(table: str) -> str:
    """Return four rows of a canonical table under its own headings."""
    of_kind = {"time": "2026-02-0{i}T10:00:00Z", "date": "2026-02-0{i}", "flag": "true"}
    of_kind |= {"number": "{i}.5", "count": "{i}"}
    columns = schema.table(table).columns
    own = {"scale_min": "1", "scale_max": "5", "currency": "EUR", "email": "a{i}@example.com"}
    cells = [
        own.get(one.name)
        or (one.allowed[0] if one.allowed else of_kind.get(one.kind, f"{one.name}-{{i}}"))
        for one in columns
    ]
    rows = [",".join(cell.format(i=i) for cell in cells) for i in range(1, 5)]
    return "\n".join([",".join(one.name for one in columns), *rows]) + "\n"


@pytest.mark.parametrize("table", schema.TABLES)
def test_a_file_with_the_headings_of_a_table_is_that_table(exports: Path, table: str):
    (exports / "own.csv").write_text(canonical(table), "utf-8")
    started = starting.start("shop", [exports / "own.csv"])
    assert started.placed["own.csv"] == [table]


def test_answers_with_their_metric_in_a_column_are_a_survey(exports: Path):
    heading = "codice risposta;id cliente;data risposta;metrica;voto;scala min;scala max;ondata"
    rows = ["R1;C1;03/02/2026;NPS;9;0;10;w1", "R2;C2;13/02/2026;Soddisfazione;4;1;5;w1"]
    (exports / "risposte.csv").write_text("\n".join([heading, *rows]) + "\n", "utf-8")
    assert starting.start("bottega", [exports / "risposte.csv"]).asks == []
    found = open_study("bottega").frame("surveys").collect().to_pandas().sort_values("response_id")
    assert found["metric"].tolist() == ["nps", "csat"]
    assert found["score"].tolist() == [9, 4]
    assert found["scale_max"].tolist() == [10, 5]


QUALTRICS = (
    "Status,RecordedDate,ResponseId,DistributionChannel,Q1,Q2,Q3\n"
    "Response Type,Recorded Date,Response ID,Channel,How easy was it to order?,"
    "How satisfied are you? (1-7),How many orders?\n"
    + ",".join(['"{""ImportId"":""x""}"'] * 7)
    + "\n0,2026-01-05 10:00:00,R_1,email,5,7,2\n0,2026-01-06 10:00:00,R_2,email,2,1,3\n"
    "0,2026-01-07 10:00:00,R_3,email,-99,4,3\n"
)


def test_a_question_is_what_its_words_say_below_its_code(exports: Path):
    (exports / "q.csv").write_text(QUALTRICS, "utf-8")
    started = starting.start("shop", [exports / "q.csv"])
    (source,) = manifest.parse(started.text).tables["surveys"]
    asked = [
        (part.constants["metric"], part.constants["scale_min"], part.constants["scale_max"])
        for part in source.melt
    ]
    assert asked[:2] == [("ces", 1, 7), ("csat", 1, 7)]
    (guess,) = [one for one in started.asks if "by its numbers alone" in one]
    assert "'Q3' is read as csat from 1 to 5" in guess
    rows = open_study("shop").frame("surveys").to_pandas()
    assert sorted(rows["score"][rows["metric"] == "ces"]) == [2.0, 5.0]
    (count,) = open_study("shop").counts("surveys").to_dict("records")
    assert (count["rows_left_out"], count["rows_rejected"]) == (1, 0)


def test_minutes_that_cannot_be_read_are_the_fault_not_the_time(exports: Path):
    text = (
        "Id,Status,Via,Created at,Solved at,Satisfaction Score,First reply time in minutes\n"
        "1,Open,Mail,2026-01-05 10:00,,Good,45\n2,Open,Mail,2026-01-05 10:00,,Good,12h\n"
        '3,Open,Mail,2026-01-05 10:00,,Good,"1,440"\n'
    )
    (exports / "z.csv").write_text(text, "utf-8")
    started = starting.start("shop", [exports / "z.csv"])
    assert any("'1,440' may be thousands or decimals" in one for one in started.asks)
    details = open_study("shop").quarantine("tickets")["detail"].tolist()
    said = "First reply time in minutes after Created at must be a number with the decimal mark ."
    assert details == [f"{said}; got 12h", f"{said}; got 1,440"]
    started.path.write_text(
        started.text.replace("profile: zendesk", "profile: zendesk\n      thousands: ','"), "utf-8"
    )
    rows = open_study("shop").frame("tickets").to_pandas()
    waited = (rows["first_response"] - rows["opened"]).dt.total_seconds() / 60
    assert waited.tolist() == [45.0, 1440.0]


@pytest.mark.parametrize(
    ("question", "answers", "said"),
    [
        ("How satisfied are you?", ["😞", "🙂", "😍"], "nobody says which numbers"),
        ("Valuta la consegna", ["Ottimo", "Buono", "Pessimo"], "'Ottimo' (3)"),
        ("How satisfied are you?", ["20%", "100%"], "'20%' (3)"),
        ("How satisfied (1 = very satisfied)?", ["1", "5"], "'1 = very satisfied' is its good end"),
        (
            "How much effort did it take (1-5)?",
            ["1", "5"],
            "its highest answer must be the easiest",
        ),
    ],
)
def test_a_score_whose_numbers_or_direction_nobody_says_is_asked(
    exports: Path, question: str, answers: list[str], said: str
):
    rows = "".join(f'2026-02-{day:02d},"{one}"\n' for day in (1, 2, 3) for one in answers)
    (exports / "s.csv").write_text(f'Date,"{question}"\n{rows}', "utf-8")
    assert any(said in one for one in starting.start("shop", [exports / "s.csv"]).asks)


def test_agreement_with_a_sentence_is_a_scale(exports: Path):
    levels = ["Strongly disagree", "Disagree", "Neutral", "Agree", "Strongly agree"]
    rows = "".join(f"2026-02-0{day},{one}\n" for day, one in enumerate(levels, 1))
    (exports / "s.csv").write_text(f"Date,It was easy to order\n{rows}", "utf-8")
    assert starting.start("shop", [exports / "s.csv"]).asks == []
    answers = open_study("shop").frame("surveys").to_pandas()
    assert answers["score"].tolist() == [1.0, 2.0, 3.0, 4.0, 5.0]
    assert set(answers["metric"]) == {"ces"}


def test_who_logs_in_midway_is_named_as_two(exports: Path):
    text = "timestamp,event,user_id,visitor_id\n" + "".join(
        f"2026-01-05 10:0{i}:00,{event},{user},v1\n"
        for i, (event, user) in enumerate([("view", ""), ("login", "u1"), ("buy", "u1")])
    )
    (exports / "log.csv").write_text(text, "utf-8")
    (ask,) = starting.start("shop", [exports / "log.csv"]).asks
    assert "who logs in midway is two customers: 'visitor_id' before it, 'user_id' after it" in ask
    assert open_study("shop").frame("events").to_pandas()["customer_id"].tolist() == [
        "v1",
        "u1",
        "u1",
    ]
