"""A column of another table, in every engine, without a row more or less."""

from __future__ import annotations

import pandas as pd
import pytest

from cxresearch import kpis
from cxresearch.errors import SchemaError
from tests.kpis.shop import ENGINES, in_engine

ANSWERS = pd.DataFrame({"customer_id": ["a", "b", "b", None, "z"], "score": [1, 2, 3, 4, 5]})
PEOPLE = pd.DataFrame(
    {
        "customer_id": ["a", "b", "b", None, "c"],
        "segment": ["new", "loyal", "returning", "loyal", None],
    }
)


@pytest.mark.parametrize("engine", ENGINES)
def test_each_row_stays_once(engine):
    answers, people = in_engine(ANSWERS, engine), in_engine(PEOPLE, engine)
    found = kpis.with_attribute(answers, people, on="customer_id", column="segment", name="kind")
    rows = found.select("score", "kind").collect().to_pandas().sort_values("score")
    assert rows["score"].tolist() == [1, 2, 3, 4, 5]
    assert rows["kind"].fillna("?").tolist() == ["new", "returning", "returning", "?", "?"]


def test_a_column_that_is_not_there_is_told():
    with pytest.raises(SchemaError, match="city: no such column; it has customer_id, segment"):
        kpis.with_attribute(ANSWERS, PEOPLE, on="customer_id", column="city")
