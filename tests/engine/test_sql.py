from __future__ import annotations

import pytest

from cxresearch import engine
from cxresearch.engine.backends import literal, quoted


@pytest.mark.parametrize(
    "value", ["plain", "l'ordine", '"', "'; DROP TABLE x; --", "\\", "%", "", None, 2.5, -3, True]
)
def test_a_literal_comes_back_as_it_was(value: object):
    with engine.connect() as connection:
        assert connection.execute(f"SELECT {literal(value)}").fetchall() == [(value,)]


@pytest.mark.parametrize("name", ["Order ID", 'a"b', "'", "select", "é", "a.b"])
def test_a_quoted_name_names_its_column(name: str):
    with engine.connect() as connection:
        connection.execute(f"CREATE TABLE x AS SELECT 1 AS {quoted(name)}")
        assert connection.execute("DESCRIBE x").fetchall()[0][0] == name
