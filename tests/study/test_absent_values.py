"""`cxresearch new`: what stands for nothing is taken out, in sight."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.study.begun import begun


@pytest.mark.parametrize("nobody", ["0", "Guest", "N/A", "#N/D", "-", "anonimo", "(not set)"])
def test_a_guest_is_nobody(project: Path, nobody: str):
    text = "order_id,customer_id,date,total\nA,a@example.com,2026-02-25,1.5\n"
    text += f"B,{nobody},2026-02-25,2\n"
    source, asks, rows = begun(project / "o.csv", "orders", text)
    assert asks == []
    assert source.values["customer_id"][nobody] == ""
    assert rows["customer_id"].fillna("nobody").tolist() == ["a@example.com", "nobody"]


def test_words_among_days_stand_for_none_and_are_named(project: Path):
    days = "".join(f"A{n};{n + 10}/02/2026;{n + 11}/02/2026\n" for n in range(6))
    text = f"Numero ordine;Data spedizione;Data consegna\n{days}B;13/02/2026;In giacenza\n"
    source, asks, rows = begun(project / "d.csv", "deliveries", text + text.splitlines()[-1][1:])
    assert source.values == {"delivered": {"In giacenza": ""}}
    assert asks == [
        "d.csv: deliveries: delivered: 'In giacenza' (2 rows): taken for none, by values:"
    ]
    assert rows["delivered"].notna().tolist() == [True] * 6 + [False]


def test_a_column_of_words_is_no_column_of_days(project: Path):
    text = "Numero ordine;Data spedizione;Data consegna\nA;13/02/2026;oggi\nB;14/02/2026;mai\n"
    source, _, rows = begun(project / "d.csv", "deliveries", text)
    assert "delivered" not in source.columns
    assert rows["delivered"].isna().all()


def test_a_word_among_few_days_leaves_them_days(project: Path):
    text = "Numero ordine;Data;Totale\nA;25/01/2026;1,5\nTotale;Totale;1,5\n"
    source, asks, rows = begun(project / "o.csv", "orders", text)
    assert (asks, source.time_format) == ([], ["%d/%m/%Y"])
    assert rows["order_id"].tolist() == ["A"]
