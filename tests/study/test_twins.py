"""An export in Italian and its English twin give the same tables."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from cxresearch.study import open_study, starting

TWINS = {
    "orders": (
        "Numero ordine;Data ordine;Email;Totale;Stato\n"
        "1;25/02/2026 10:00;A@example.com;€ 1.210,39;Evaso\n"
        "2;03/02/2026 11:30;b@example.com;10,50 €;Reso\n3;04/02/2026 11:30;;-2,00;Annullato\n",
        "Order number,Order date,Email,Total,Status\n"
        '1,2026-02-25 10:00,A@example.com,"€1,210.39",Shipped\n2,2026-02-03 11:30,b@example.com,'
        "10.50 EUR,Refunded\n3,2026-02-04 11:30,,-2.00,Canceled\n",
    ),
    "exposures": (
        "Esperimento;Variante;Codice cliente;Data esposizione\nuna_pagina;B;C1;25/01/2026 10:00\n",
        "Experiment,Variant,Customer ID,Exposed at\nuna_pagina,B,C1,2026-01-25 10:00\n",
    ),
    "deliveries": (
        "Cod. ordine;Data spedizione;Data consegna\nA1;25/01/2026 10:00;27/01/2026 09:30\n",
        "Order code,Ship date,Delivery date\nA1,2026-01-25 10:00,2026-01-27 09:30\n",
    ),
    "marketing": (
        "Giorno;Canale;Spesa;Clic;Impressioni\n25/01/2026;email;1.500,50;30;12.000\n",
        'Day,Channel,Spend,Clicks,Impressions\n2026-01-25,email,"1,500.50",30,"12,000"\n',
    ),
    "tickets": (
        "ID ticket;Data creazione;Data chiusura;Canale;Stato\n7;13 gen 2026 10:00;;Email;Aperto\n",
        "Ticket ID,Created at,Closed at,Channel,Status\n7,2026-01-13 10:00,,Email,Aperto\n",
    ),
    "surveys": (
        "Data risposta;Email;Quanto ci consiglieresti? (0-10)\n13/01/2026;a@example.com;9\n"
        "14/01/2026;b@example.com;0\n",
        "Response date,Email,How likely to recommend us (0-10)?\n2026-01-13,a@example.com,9\n"
        "2026-01-14,b@example.com,0\n",
    ),
}


@pytest.mark.parametrize("table", TWINS)
def test_an_italian_export_and_its_english_twin(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, table: str
):
    monkeypatch.setenv("CX_ROOT", str(tmp_path))
    italian, english = TWINS[table]
    (tmp_path / "it.csv").write_bytes(italian.encode("cp1252"))
    (tmp_path / "en.csv").write_bytes(english.encode("utf-8-sig"))
    frames = []
    for name in ("it", "en"):
        starting.start(name, [tmp_path / f"{name}.csv"])
        frames.append(open_study(name).frame(table).to_pandas())
    pd.testing.assert_frame_equal(*frames)
    assert len(frames[0]) == italian.count("\n") - 1
