"""A file of no known vendor is placed by what its columns are called and what is in them."""

from __future__ import annotations

import math
import re
from pathlib import Path

import pytest

from cxresearch.report import study_check
from cxresearch.study import column_names, manifest, open_study, questions, schema, starting

#: File, text, encoding -> tables with rows accepted, columns of the first row, edits of study.yaml.
FILES = {
    "prestashop_it": (
        "ID;Riferimento;Nuovo cliente;Consegna;Cliente;Totale;Pagamento;Stato;Data\n"
        "1;XK;1;Italia;A. Rossi;1.210,50\u00a0€;Carta;Consegnato;2026-01-05 10:00:00\n"
        "2;XL;1;Italia;M. Bianchi;10,00\u00a0€;Carta;Rimborsato;2026-01-06 10:00:00\n",
        {"orders": [2, 0, 0]},
        {"order_id": "1", "revenue": 1210.5, "status": "completed", "customer_id": None},
    ),
    "erp": (
        "Estrazione ordini;;;\nDal 01/01/2026;;;\nNr. Ordine;Data;Importo;Cod. Cliente\n"
        "2026/1;25/01/26;1.210,39;C1\n2026/2;03/01/26;10,50;C2\nTotale;;1.220,89;\n",
        {"orders": [2, 1, 0]},
        {"order_id": "2026/1", "revenue": 1210.39, "customer_id": "C1"},
    ),
    "lines": (
        "order_number,order_date,customer_email,sku,qty,unit_price,line_total\n"
        "1,2026-01-05,A@example.com,S1,2,12.50,25.00\n1,2026-01-05,,S2,1,5.00,5.00\n"
        "1,2026-01-09,,S1,-1,12.50,-12.50\n",
        {"orders": [3, 0, 0], "order_lines": [3, 0, 0]},
        {"order_id": "1", "revenue": 17.5, "customer_id": "a@example.com"},
    ),
    "totals_on_each_line": (
        "Order ID,Date,Order total,SKU,Quantity,Price\n1,2026-01-05,30.00,S1,1,25.00\n"
        "1,2026-01-05,30.00,S2,1,5.00\n2,2026-01-06,7.00,S2,1,7.00\n",
        {"orders": [2, 1, 0], "order_lines": [3, 0, 0]},
        {"order_id": "1", "revenue": 30.0},
    ),
    "day_and_clock": (
        "Numero ordine;Data;Ora;Totale\n1;25/02/2026;21:30;1 210,00\n2;03/02/2026;09:00;5,00\n",
        {"orders": [2, 0, 0]},
        {"ts": "2026-02-25 20:30:00", "revenue": 1210.0},
    ),
    "swiss": (
        "Order ID,Date,Total\n1,13.01.2026,1'234.50\n2,14.01.2026,12.00\n",
        {"orders": [2, 0, 0]},
        {"revenue": 1234.5},
    ),
    "ads_it": (
        'Rapporto campagne\n"1 gennaio 2026 - 31 gennaio 2026"\nGiorno,Campagna,Costo,Impressioni,'
        'Clic\n2026-01-01,a,"1.210,50",1.000,5\n2026-01-01,b,"10,50",500,1\n'
        'Totale: account,,"1.221,00",1.500,6\n',
        {"marketing": [2, 1, 0]},
        {"cost": 1221.0, "impressions": 1500, "channel": "ads_it"},
    ),
    "tickets_it": (
        "ID;Richiedente;E-mail richiedente;Oggetto;Stato;Canale;Data creazione;Data risoluzione\n"
        "7;Anna;A@example.com;Reso;Risolto;E-mail;13/01/2026 10:00;\n",
        {"tickets": [1, 0, 0]},
        {"ticket_id": "7", "customer_id": "a@example.com", "resolved": None, "channel": "E-mail"},
    ),
    "survey_it": (
        "Data risposta;Email;Voto (0-10);Quanto è stato facile? (1-7);Motivo\n"
        "13/01/2026;a@example.com;9;7;è andato tutto bene\n14/01/2026;;0;1;\n",
        {"surveys": [4, 0, 0], "feedback": [1, 1, 0]},
        {"metric": "nps", "score": 9.0, "scale_max": 10.0},
    ),
    "reviews_it": (
        "ID recensione;Data recensione;Nome;Voto;Recensione\nr1;5 gen 2026;Anna;5;Ottima\n"
        "r2;6 feb 2026;Luca;1;\n",
        {"feedback": [1, 1, 0]},
        {"text": "Ottima", "rating": 5.0, "source": "review"},
    ),
    "customers_it": (
        "Id cliente;Nome;Cognome;Email;Data di nascita;Consenso marketing\n"
        "7;Anna;Rossi;a@example.com;13/05/1980;Sì\n",
        {"customers": [1, 0, 0]},
        {"record_id": "7", "customer_id": "7", "name": "Anna Rossi", "consent": True},
    ),
    "documents_it": (
        "Nr. documento;Cod. cliente;Data documento;Totale documento\n"
        "D1;C7;13/01/2026;(1.210,50)\nTotali;;;1.210,50\n",
        {"orders": [1, 1, 0]},
        {"order_id": "D1", "customer_id": "C7", "revenue": -1210.5},
    ),
    "deliveries_it": (
        "Numero ordine;Data spedizione;Data consegna;Consegna prevista;Corriere\n"
        "1;13/01/2026;15/01/2026;16/01/2026;BRT\n",
        {"deliveries": [1, 0, 0]},
        {"order_id": "1", "carrier": "BRT"},
    ),
    "exposures": (
        "experiment,variant,user_id,timestamp\none,control,u1,2026-01-05 10:00:00\n",
        {"exposures": [1, 0, 0]},
        {"variant": "control", "customer_id": "u1"},
    ),
    "chat": (
        "conversation_id,timestamp,author_type,author,message\nc1,2026-01-05 10:01:00,agent,Luca,"
        "Prego?\nc1,2026-01-05 10:00:00,visitor,Anna,Il pacco è rotto\n",
        {"feedback": [2, 0, 0]},
        {"text_id": "c1", "text": "Customer: Il pacco è rotto\nAgent: Prego?", "source": "chat"},
    ),
    "call": (
        "ID chiamata;Inizio;Parlante;Testo\n1;13/01/2026 09:00;Operatore;Pronto\n"
        "1;13/01/2026 09:00;Cliente;Salve\n",
        {"feedback": [2, 0, 0]},
        {"text": "Agent: Pronto\nCustomer: Salve", "source": "call"},
    ),
    "gorgias": (
        "Ticket ID,Status,Channel,Subject,Customer email,Assignee name,Created datetime,"
        "First response datetime,Closed datetime,Messages count\n1,closed,email,Late,"
        "A@example.com,Ugo,2026-02-25T10:00:00+00:00,2026-02-25T10:20:00+00:00,,4\n",
        {"tickets": [1, 0, 0]},
        {"ticket_id": "1", "opened": "2026-02-25 10:00:00", "customer_id": "a@example.com"},
    ),
    "intercom": (
        "Conversation ID,Conversation started at (UTC),Channel,User email,Teammate assigned,"
        "Conversation state,Conversation closed at (UTC)\n"
        "1,2026-02-25 10:00:00,Chat,b@example.com,Ugo,closed,2026-02-25 11:00:00\n",
        {"tickets": [1, 0, 0]},
        {"opened": "2026-02-25 10:00:00", "resolved": "2026-02-25 11:00:00", "outcome": "closed"},
    ),
    "bazaarvoice": (
        "Review ID,Product ID,Overall Rating,Review Title,Review Text,Submission Date\n"
        "1,P1,5,Great,Very nice mug indeed,2/25/2026 10:05\n",
        {"feedback": [1, 0, 0]},
        {"text_id": "1", "rating": 5.0, "ts": "2026-02-25 09:05:00"},
    ),
    "courier_it": (
        "Numero spedizione;Riferimento cliente;Data ritiro;Data consegna;Esito\n"
        "1;A1;20260224;20260225;CONSEGNATA\n2;A2;20260203;00000000;IN GIACENZA\n",
        {"deliveries": [2, 0, 0]},
        {"order_id": "A1", "shipped": "2026-02-23 23:00:00"},
    ),
}
CHATS = {
    "whatsapp": (
        "13/01/26, 09:16 - I messaggi sono crittografati.\n13/01/26, 09:17 - Bottega: Salve\n"
        "13/01/26, 09:18 - Anna: Il pacco\nè rotto\n13/01/26, 09:19 - Anna: <Media omessi>\n",
        "      values: {speaker: {Bottega: agent, '*': customer}}\n",
        [2, 2, 0],
        "Agent: Salve\nCustomer: Il pacco\nè rotto",
    ),
    "whatsapp_ios": (
        "\ufeff[13/01/26, 09:16:03] \u200eBottega: Salve\n[13/01/26, 09:17:00] Anna: Rotto\n",
        "      values: {speaker: {Bottega: agent, '*': customer}}\n",
        [2, 0, 0],
        "Agent: Salve\nCustomer: Rotto",
    ),
    "whatsapp_of_the_app": (
        "[13/01/26, 09:16:03] Bottega: \u200eMessages are encrypted.\n"
        "[13/01/26, 09:17:00] Anna: Rotto <Questo messaggio è stato modificato>\n"
        "\u200e[13/01/26, 09:18:00] Anna: \u200eimage omitted\n"
        "[13/01/26, 09:19:00] Anna: IMG-1.jpg (file allegato)\nEcco la foto\n"
        "[13/01/26, 09:20:00] Bottega: Questo messaggio è stato eliminato\n",
        "      values: {speaker: {Bottega: agent, '*': customer}}\n",
        [2, 3, 0],
        "Customer: Rotto\nCustomer: Ecco la foto",
    ),
    "call_2026-01-14": (
        "Marta (Bottega)  0:05\nHello,\nhow are you?\n\nCliente  0:09\nBroken at 10:30\n",
        "      values: {speaker: {Marta (Bottega): agent, Cliente: customer}}\n",
        [2, 0, 0],
        "Agent: Hello,\nhow are you?\nCustomer: Broken at 10:30",
    ),
    "whatsapp_us": (
        "1/13/26, 7:02\u202fPM - Shop: Hello\n1/13/26, 7:03\u202fPM - Ann: Broken\n",
        "      values: {speaker: {Shop: agent, '*': customer}}\n",
        [2, 0, 0],
        "Agent: Hello\nCustomer: Broken",
    ),
    "call_2026-01-13": (
        "[00:00:05] Agent: Hello\n[00:00:09] Customer: It is\nbroken\n[00:01:00] Agent: Sorry\n",
        "",
        [3, 0, 0],
        "Agent: Hello\nCustomer: It is\nbroken\nAgent: Sorry",
    ),
    "cues": (
        "WEBVTT\n\n1\n00:00:05.000 --> 00:00:09.000\n<v Agent>Hello\n\n2\n"
        "00:00:10.000 --> 00:00:19.000\n<v Customer>It is broken\n",
        "      constants: {ts: '2026-01-13'}\n",
        [2, 0, 0],
        "Agent: Hello\nCustomer: It is broken",
    ),
}


def counts_of() -> dict[str, list[int]]:
    files = study_check.check("shop").files
    return {one.table: [one.rows_accepted, one.rows_left_out, one.rows_rejected] for one in files}


def first_of(table: str) -> dict[str, object]:
    rows = open_study("shop").frame(table).collect().to_pandas()
    row = rows.astype(object).where(rows.notna(), None).iloc[0].to_dict()
    times = {*schema.table(table).times} & {name for name, one in row.items() if one is not None}
    return {name: str(value) if name in times else value for name, value in row.items()}


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1252"])
@pytest.mark.parametrize("case", FILES)
def test_an_export_of_no_known_vendor_needs_no_edit(project: Path, case: str, encoding: str):
    text, counts, first = FILES[case]
    (project / f"{case}.csv").write_bytes(text.encode(encoding))
    starting.start("shop", [project / f"{case}.csv"])
    assert counts_of() == counts
    row = first_of(next(iter(counts)))
    assert {name: row[name] for name in first} == first


@pytest.mark.parametrize("case", CHATS)
def test_a_conversation_is_one_text_with_who_says_what(project: Path, case: str):
    text, edit, counts, said = CHATS[case]
    path = project / f"{case}{'.vtt' if case == 'cues' else '.txt'}"
    path.write_text(text, "utf-8")
    started = starting.start("shop", [path])
    own = f"    - file: {path.name}\n"
    yaml = started.text
    if "speaker" in edit:
        # Who is the shop is proposed, and is for the person who knows.
        yaml = re.sub(r"      values:\n        speaker:\n(?: {10}.*\n)+", "", yaml)
    started.path.write_text(yaml.replace(own, own + edit), "utf-8")
    assert counts_of() == {"feedback": counts}
    row = first_of("feedback")
    assert row["text"] == said
    assert str(row["day"])[:10] == ("2026-01-14" if case.endswith("14") else "2026-01-13")


@pytest.mark.parametrize("case", FILES)
def test_a_header_alone_and_one_row_are_read(project: Path, case: str):
    """With no row at all, or one, nothing is guessed of the values and nothing breaks."""
    text, counts, _ = FILES[case]
    lines = text.splitlines(keepends=True)
    head = 3 if case in {"erp", "ads_it"} else 1
    (project / "e.csv").write_text("".join(lines[:head]), "utf-8")
    (project / "one.csv").write_text("".join(lines[: head + 1]), "utf-8")
    starting.start("empty", [project / "e.csv"])
    assert all(one.rows_in == 0 for one in study_check.check("empty").files)
    started = starting.start("shop", [project / "one.csv"])
    assert set(started.placed["one.csv"]) >= {next(iter(counts))}


def test_every_name_is_a_text_of_a_column_there_is():
    for table, known in column_names.names()["tables"].items():
        assert {*known["columns"], *known.get("maybe", {})} <= set(schema.table(table).names)
        for called in (*known["columns"].values(), known.get("signs", [])):
            assert all(isinstance(one, str) and column_names.words(one) for one in called), table
    for part in ("statuses", "speakers"):
        given = [one for all_ in column_names.names()[part].values() for one in all_]
        assert len(given) == len({column_names.words(one) for one in given}), part


@pytest.mark.parametrize(
    ("question", "answers", "scale"),
    [
        ("Quanto ci consigli?", ["9", "10 - Certo", "0"], ("nps", 0, 10)),
        ("Quanto sei soddisfatto?", ["5", "1"], ("csat", 1, 5)),
        ("Sei soddisfatto? (1-10)", ["5", "9"], ("csat", 1, 10)),
        ("How easy was it?", ["6", "2"], ("ces", 1, 7)),
        ("How easy was it (1 to 5)?", ["5", "2"], ("ces", 1, 5)),
        ("Voto (0-10)", ["3"], ("nps", 0, 10)),
        ("Collector", ["5", "5"], ()),
        ("Q1", ["a"], ()),
        ("Quanto sei soddisfatto?", ["5", "1", "N/A", "-99", "Non so", "?"], ("csat", 1, 5)),
        ("Quanto sei soddisfatto?", ["N/A", "-99"], ()),
        ("Quanto sei soddisfatto?", ["1 - Molto soddisfatto", "3", "5 - Insoddisfatto"], ()),
        (
            "Quanto sei soddisfatto?",
            ["1 - Insoddisfatto", "3", "5 - Molto soddisfatto"],
            ("csat", 1, 5),
        ),
        ("How satisfied (1 = very satisfied, 5 = not at all)?", ["1", "5"], ()),
        ("How satisfied (1 = very dissatisfied, 5 = very satisfied)?", ["1", "5"], ("csat", 1, 5)),
    ],
)
def test_the_scale_of_a_question(question, answers, scale):
    assert tuple(questions.scale(answers, question).values()) == scale


def test_what_a_file_lacks_of_the_nearest_table_is_said(project: Path):
    (project / "o.csv").write_text("Numero ordine,Data,Cliente\n1,2026-01-05,C1\n", "utf-8")
    started = starting.start("shop", [project / "o.csv"])
    assert "nearest to orders, without revenue" in started.asks[0]
    assert not manifest.parse(started.text).tables


@pytest.mark.parametrize(
    ("heading", "unit", "amount"),
    [
        ("First response time (min)", "minutes", "90"),
        ("First Reply Time (s)", "seconds", "5400"),
        ("Tempo prima risposta [ore]", "hours", "1,5"),
        ("first_response_time_minutes", "minutes", "90.0"),
        ("Time to first response in seconds", "seconds", "5400"),
    ],
)
def test_how_long_a_ticket_waited_gives_the_time_of_the_answer(
    project: Path, heading: str, unit: str, amount: str
):
    lines = [f"ticket_id;created_at;{heading};Resolution time (days)"]
    lines += [f"{n};2026-03-0{n} 10:00:00;{amount};2" for n in range(1, 6)]
    lines += ["6;2026-03-06 10:00:00;;"]
    (project / "tickets.csv").write_text("\n".join(lines))
    started = starting.start("shop", [project / "tickets.csv"])
    assert not started.asks
    (source,) = manifest.parse(started.text).tables["tickets"]
    assert (source.columns["first_response"].unit, source.columns["resolved"].unit) == (
        unit,
        "days",
    )
    rows = open_study("shop").frame("tickets").to_pandas().sort_values("ticket_id")
    waited = (rows["first_response"] - rows["opened"]).dt.total_seconds().tolist()
    assert waited[:5] == [5400.0] * 5
    assert math.isnan(waited[5])
    assert (rows["resolved"] - rows["opened"]).dt.days.tolist()[:5] == [2] * 5


def test_a_wait_without_a_unit_is_asked_about(project: Path):
    text = "ticket_id,created_at,First response time\n1,2026-03-01 10:00:00,90\n"
    (project / "tickets.csv").write_text(text)
    started = starting.start("shop", [project / "tickets.csv"])
    said = "first_response: 'First response time' is not read: it names no unit of time"
    assert started.asks == [f"tickets.csv: tickets: {said}"]


def test_a_time_is_taken_before_a_wait(project: Path):
    text = "ticket_id,created_at,first response at,First response time (min)\n"
    text += "1,2026-03-01 10:00:00,2026-03-01 11:00:00,90\n"
    (project / "tickets.csv").write_text(text)
    (source,) = manifest.parse(starting.start("shop", [project / "tickets.csv"]).text).tables[
        "tickets"
    ]
    assert source.columns["first_response"].names == ["first response at"]
