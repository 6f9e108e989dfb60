"""A file of SPSS: codes and their labels, what is missing, dates."""

from __future__ import annotations

import json
from datetime import date, datetime

import numpy as np
import pandas as pd
import pytest

from cxresearch.errors import SchemaError
from cxresearch.study import starting
from tests.study.loaders import made_files

ANSWERS = pd.DataFrame(
    {
        "ID": ["r1", "r2", "r3", "r4"],
        "WHEN": [datetime(2026, 1, 5, 10, 30), datetime(2026, 3, 29, 23, 59)] * 2,
        "Q1": [0.0, 9.0, 99.0, np.nan],
        "Q2": [1, 5, 2, 2],
        "AREA": [1, 2, 2, 1],
        "Q3": ["perché è così", "", "tutto bene, grazie mille", "x"],
    }
)
SAID = {
    "column_labels": {
        "WHEN": "Data di compilazione",
        "Q1": "Da 0 a 10, quanto ci consiglieresti?",
        "Q2": "Quanto sei soddisfatto?",
        "AREA": "Dove abiti?",
    },
    "variable_value_labels": {
        "Q1": {0: "Per niente", 10: "Moltissimo", 99: "Non risponde"},
        "Q2": {1: "Molto soddisfatto", 2: "Soddisfatto", 5: "Molto insoddisfatto"},
        "AREA": {1: "Nord", 2: "Sud"},
    },
    "missing_ranges": {"Q1": [{"lo": 90, "hi": 99}]},
}
SCORED = {"constants": {"metric": "nps", "scale_min": 0, "scale_max": 10}}
COLUMNS = {"response_id": "ID", "ts": "WHEN", "score": "Q1"}


def test_codes_are_read_and_what_is_missing_is_empty(bench, tmp_path):
    data = made_files.sav(ANSWERS, tmp_path, **SAID)
    outcome = bench("surveys", {"a.sav": data}, columns=COLUMNS | {"touchpoint": "AREA"}, **SCORED)
    assert outcome.rows["score"].tolist() == [0.0, 9.0]
    assert outcome.rows["touchpoint"].tolist() == ["1", "2"]
    assert [str(one) for one in outcome.rows["ts"]] == [
        "2026-01-05 10:30:00",
        "2026-03-29 23:59:00",
    ]
    assert outcome.counts() == [(4, 2, 2)]
    # The label of the missing answer is all that is left of its code.
    assert [json.loads(one)["Q1.label"] for one in outcome.rejected["record"]] == [
        "Non risponde",
        None,
    ]


def test_labels_stand_in_a_column_of_their_own(bench, tmp_path):
    data = made_files.sav(ANSWERS, tmp_path, **SAID)
    columns = COLUMNS | {"score": "Q2.label", "touchpoint": "AREA.label"}
    values = {"score": {"Molto soddisfatto": 5, "Soddisfatto": 4, "Molto insoddisfatto": 1}}
    said = {"constants": {"metric": "csat", "scale_min": 1, "scale_max": 5}, "values": values}
    outcome = bench("surveys", {"a.sav": data}, columns=columns, **said)
    assert outcome.rows["score"].tolist() == [5.0, 1.0, 4.0, 4.0]
    assert outcome.rows["touchpoint"].tolist() == ["Nord", "Sud", "Sud", "Nord"]


def test_days_and_clocks_in_the_formats_of_spss(bench, tmp_path):
    frame = pd.DataFrame(
        {"response_id": ["a", "b"], "ts": [date(2026, 1, 5), date(1999, 12, 31)]}
    ).assign(score=[1, 2], weight=[0.5, 2.25])
    data = made_files.sav(frame, tmp_path, variable_format={"ts": "EDATE10"}, compress=True)
    outcome = bench("surveys", {"a.zsav": data}, **SCORED)
    assert [str(one)[:10] for one in outcome.rows["ts"]] == ["2026-01-05", "1999-12-31"]
    written = bench("surveys", {"a.zsav": data}, time_format="%d/%m/%Y", decimal=",", **SCORED)
    assert written.rows["weight"].tolist() == outcome.rows["weight"].tolist() == [0.5, 2.25]
    assert written.rows["ts"].tolist() == outcome.rows["ts"].tolist()


def test_a_date_after_9999_is_a_row_that_is_rejected(bench, tmp_path):
    frame = pd.DataFrame({"response_id": ["a", "b"], "ts": [1.3e10, 9e14], "score": [1, 2]})
    data = made_files.sav(frame, tmp_path, variable_format={"ts": "DATETIME20"})
    outcome = bench("surveys", {"a.sav": data}, **SCORED)
    assert outcome.counts() == [(2, 1, 1)]
    assert json.loads(outcome.rejected["record"][0])["ts"] == "900000000000000"


def test_more_rows_than_are_read_at_once_and_none(bench, tmp_path, monkeypatch):
    monkeypatch.setattr("cxresearch.study.loaders.spss._ROWS", 2)
    data = made_files.sav(ANSWERS, tmp_path, **SAID)
    outcome = bench("surveys", {"a.sav": data}, columns=COLUMNS | {"score": "Q2"}, **SCORED)
    assert outcome.rows["response_id"].tolist() == ["r1", "r2", "r3", "r4"]
    none = made_files.sav(ANSWERS[:0], tmp_path)
    assert bench("surveys", {"a.sav": none}, columns=COLUMNS, **SCORED).counts() == [(0, 0, 0)]


def test_a_damaged_file_is_the_kits_own_error(bench, tmp_path):
    data = made_files.sav(ANSWERS, tmp_path, **SAID)
    for spoilt in (data[:200], b"$FL2", b"not of SPSS"):
        with pytest.raises(SchemaError, match=r"^a\.sav.*\n.*the file cannot be read: "):
            bench("surveys", {"a.sav": spoilt}, columns=COLUMNS, **SCORED)


def test_a_new_study_finds_the_questions_by_their_words(tmp_path, monkeypatch):
    monkeypatch.setenv("CX_ROOT", str(tmp_path))
    path = tmp_path / "answers.sav"
    path.write_bytes(made_files.sav(ANSWERS, tmp_path, **SAID))
    started = starting.start("asked", [path])
    assert started.placed == {"answers.sav": ["surveys", "feedback"]}
    # Code 1 is the best of Q2: its labels say so. AREA has codes too, and asks for no score.
    assert "score: Q1\n" in started.text
    assert "score: Q2.label\n" in started.text
    assert "Molto soddisfatto: 5" in started.text
    assert "AREA" not in started.text
