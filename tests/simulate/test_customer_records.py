"""Several records of one person, alike enough to be matched and different enough to need it."""

from __future__ import annotations

import random
import re

import pandas as pd
import pytest

from cxresearch.simulate import person_names
from cxresearch.simulate.shop import Shop


@pytest.fixture(scope="module")
def records(year: Shop) -> pd.DataFrame:
    return year.tables["customers"].merge(
        year.answer_keys["identities"], on=["source", "record_id"], validate="one_to_one"
    )


def test_every_person_has_one_web_record_and_some_have_more(records: pd.DataFrame) -> None:
    assert records["source"].value_counts()["web"] == records["person_id"].nunique() == 20_000
    share = records["source"].value_counts() / 20_000
    assert share["app"] == pytest.approx(0.35, abs=0.02)
    assert share["store"] == pytest.approx(0.22, abs=0.02)
    assert share["support"] == pytest.approx(0.12, abs=0.02)


def test_only_web_and_app_know_the_customer_id(records: pd.DataFrame) -> None:
    knows = records["source"].isin(["web", "app"])
    assert records["customer_id"].notna().eq(knows).all()
    assert (records["customer_id"] == records["person_id"])[knows].all()


def test_web_contacts_are_one_persons_alone(records: pd.DataFrame) -> None:
    web = records[records["source"] == "web"]
    assert web["email"].is_unique
    assert web["phone"].is_unique
    assert web["email"].str.fullmatch(r"[a-z.]+\d+@example\.com").all()
    assert web["phone"].str.fullmatch(r"\+39 399 55\d{5}").all()


def test_other_records_vary_but_the_phone_keeps_its_digits(records: pd.DataFrame) -> None:
    web = records[records["source"] == "web"].set_index("person_id")
    other = records[records["source"] != "web"]
    same = other["name"].to_numpy() == web.loc[other["person_id"], "name"].to_numpy()
    assert 0.2 < same.mean() < 0.5
    written = other.dropna(subset="phone")
    digits = written["phone"].str.replace(r"\D", "", regex=True).str[-10:]
    true = web.loc[written["person_id"], "phone"].str.replace(r"\D", "", regex=True).str[-10:]
    assert (digits.to_numpy() == true.to_numpy()).all()
    assert written["phone"].str.replace(r"\d", "9", regex=True).nunique() >= 5
    assert other[["email", "phone"]].isna().any().all()


def test_places_are_invented(records: pd.DataFrame) -> None:
    assert set(records["city"].dropna()) == set(person_names.TOWNS)
    assert records["postcode"].dropna().str.startswith("99").all()


def test_swapped_letters_keep_the_word() -> None:
    rng = random.Random(4)
    for word in ("Quercialta", "ab", "a", "", "12 34"):
        typo = person_names.swapped(rng, word)
        assert sorted(typo) == sorted(word)
    assert person_names.swapped(rng, "abc") == "acb"
    assert re.fullmatch(r"\+39 399 55\d{5}", person_names.phone(123_456))
