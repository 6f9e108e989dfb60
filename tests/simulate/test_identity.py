"""Several records of one person, alike enough to be matched and different enough to need it."""

from __future__ import annotations

import random
import re

import pandas as pd
import pytest

from cxresearch.simulate import Planted, Shop, person_names
from cxresearch.simulate.block import TOWNS
from cxresearch.simulate.identity import SOURCES


@pytest.fixture(scope="module")
def records(usual: Shop) -> pd.DataFrame:
    return usual.tables["customers"].merge(
        usual.answer_keys["identities"], on=["source", "record_id"], validate="one_to_one"
    )


@pytest.fixture(scope="module")
def web(records: pd.DataFrame) -> pd.DataFrame:
    """The first account of each person."""
    web = records[records["source"] == "web"]
    return web[web["customer_id"] == web["person_id"]].set_index("person_id")


def test_every_account_is_a_web_record_and_some_people_have_more(
    records: pd.DataFrame, usual: Shop
) -> None:
    people = usual.answer_keys["people"]
    web = records[records["source"] == "web"]
    assert web["person_id"].nunique() == people["known"].sum()
    assert web["person_id"].duplicated().sum() == people["second_id"].notna().sum() > 300
    share = records["source"].value_counts() / people["known"].sum()
    planted = Planted()
    for source in ("store", "marketplace", "support"):
        assert share[source] == pytest.approx(getattr(planted.records, source), abs=0.012)
    assert share["app"] == pytest.approx(planted.app.users, abs=0.015)
    assert set(records["source"]) == set(SOURCES)


def test_only_web_and_app_know_the_customer_id(records: pd.DataFrame) -> None:
    knows = records["source"].isin(["web", "app"])
    assert records["customer_id"].notna().eq(knows).all()


def test_a_record_number_says_nothing_of_the_person(records: pd.DataFrame) -> None:
    numbers = records["record_id"].str[1:].astype(int)
    person = records["person_id"].str[1:].astype(int)
    for _, these in records.groupby("source"):
        assert abs(numbers[these.index].corr(person[these.index])) < 0.1


def test_most_mailboxes_and_telephones_are_one_persons_and_some_a_familys(
    web: pd.DataFrame,
) -> None:
    for column in ("email", "phone"):
        shared = web[web[column].duplicated(keep=False)]
        assert 0.01 < len(shared) / len(web) < 0.12
        families = shared.groupby(column)
        assert families.size().max() == 2
        assert (families["address"].nunique() == 1).all()
        surnames = shared["name"].str.split(" ", n=1).str[1]
        married = Planted().records.married
        assert (surnames.groupby(shared[column]).nunique() == 1).mean() > 1 - 3 * married
    father_and_son = web[web.duplicated(["name", "address", "city"], keep=False)]
    assert len(father_and_son) > 50
    assert web["email"].str.fullmatch(r"[a-z.]+\d+@example\.com").all()
    assert web["phone"].str.fullmatch(r"\+39 399 \d{7}").all()


def test_other_records_vary(records: pd.DataFrame, web: pd.DataFrame) -> None:
    other = records[records["source"].isin(["app", "store", "support"])]
    true = web.loc[other["person_id"]]
    same = other["name"].to_numpy() == true["name"].to_numpy()
    assert 0.35 < same.mean() < 0.65
    written = other["phone"].notna().to_numpy()
    digits = other["phone"][written].str.replace(r"\D", "", regex=True).str[-10:]
    right = true["phone"][written].str.replace(r"\D", "", regex=True).str[-10:]
    assert 0.94 < (digits.to_numpy() == right.to_numpy()).mean() < 0.99
    assert other["phone"].str.replace(r"\d", "9", regex=True).nunique() >= 6
    assert other[["email", "phone", "address", "birthdate"]].isna().any().all()
    placed = other["city"].notna().to_numpy()
    elsewhere = other["city"][placed].to_numpy() != true["city"][placed].to_numpy()
    assert elsewhere.mean() == pytest.approx(0.9 * Planted().records.moved, abs=0.02)


def test_consent_differs_between_the_records_of_a_person(records: pd.DataFrame) -> None:
    known = records[["person_id", "consent", "consent_sms", "consent_profiling"]]
    differs = known.groupby("person_id").nunique().gt(1).mean()
    assert (differs > 0.01).all()
    assert known["consent"].mean() < Planted().consent.email


def test_places_are_invented(records: pd.DataFrame) -> None:
    assert set(records["city"].dropna()) == set(TOWNS)
    assert records["postcode"].dropna().str.startswith("99").all()


def test_swapped_letters_keep_the_word() -> None:
    rng = random.Random(4)
    for word in ("Quercialta", "ab", "a", "", "12 34"):
        typo = person_names.swapped(rng, word)
        assert sorted(typo) == sorted(word)
    assert person_names.swapped(rng, "abc") == "acb"
    assert re.fullmatch(r"\+39 399 55\d{5}", person_names.phone(123_456))
