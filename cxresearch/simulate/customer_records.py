"""The customers table: what each of the shop's systems knows of a person, often not the same."""

from __future__ import annotations

import random
from datetime import date, timedelta

import numpy as np
import pandas as pd

from cxresearch.simulate import person_names
from cxresearch.simulate.planted import SEGMENTS
from cxresearch.simulate.shoppers import People

#: Share of the customers that each system knows; every customer has a web account.
SOURCES = {"web": 1.0, "app": 0.35, "store": 0.22, "support": 0.12}
#: The systems that know the customer id; in the others a person must be recognised.
_KNOWS_ID = ("web", "app")
_CONSENTS = 0.62
_FIRST_BIRTHDATE = date(1944, 1, 1)
_BIRTHDATES = 23_000
_COLUMNS = ("name", "email", "phone", "address", "city", "postcode", "birthdate")

Person = dict[str, str | date | None]


def customers_tables(rng: np.random.Generator, people: People) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the canonical customers, and which person each record truly is.

    The web account holds what the person typed at leisure; the app, the loyalty card of the stores
    and the support desk hold variants of it. Only web and app records carry the customer id.
    """
    draw = random.Random(int(rng.integers(2**63)))  # a stream of choices; no secret is made of it
    persons = [_person(draw, number) for number in range(len(people))]
    consent = rng.random(len(people)) < _CONSENTS
    tables = []
    for source, share in SOURCES.items():
        known = np.flatnonzero(rng.random(len(people)) < share)
        rows = [_as_known_to(draw, source, persons[person]) for person in known.tolist()]
        table = pd.DataFrame(rows, columns=list(_COLUMNS), dtype=object)
        account = source in _KNOWS_ID
        table["source"] = source
        table["record_id"] = [f"{source[0].upper()}{i:06d}" for i in range(1, len(known) + 1)]
        table["customer_id"] = people.ids[known] if account else None
        table["segment"] = (
            np.array(SEGMENTS, dtype=object)[people.segment[known]] if account else None
        )
        table["consent"] = consent[known] if account else None
        table["person_id"] = people.ids[known]
        tables.append(table.astype(object))
    records = pd.concat(tables, ignore_index=True).infer_objects()
    leading = ["source", "record_id", "customer_id", "email", "phone", "name"]
    rest = ["address", "city", "postcode", "birthdate", "segment", "consent"]
    return records[leading + rest], records[["source", "record_id", "person_id"]]


def _person(draw: random.Random, number: int) -> Person:
    """Return what is true of a person; e-mail and phone are theirs alone up to 100,000 people."""
    name = person_names.full_name(draw)
    town = draw.choice(list(person_names.TOWNS))
    return {
        "name": name,
        "email": person_names.email(name, number + 1),
        "phone": person_names.phone(number),
        "address": f"{draw.choice(person_names.STREETS)} {draw.randint(1, 120)}",
        "city": town,
        "postcode": person_names.TOWNS[town],
        "birthdate": _FIRST_BIRTHDATE + timedelta(days=draw.randrange(_BIRTHDATES)),
    }


def _as_known_to(draw: random.Random, source: str, person: Person) -> Person:
    """Return a person's record in one system."""
    if source == "web":
        return person
    known = dict(person)
    known["name"] = _varied_name(draw, str(person["name"]))
    known["email"] = _varied_email(draw, str(person["email"]))
    known["phone"] = _varied_phone(draw, str(person["phone"]))
    if source == "support" or draw.random() < 0.30:
        known |= {"address": None, "city": None, "postcode": None}
    if source == "support" or draw.random() < 0.40:
        known["birthdate"] = None
    if source == "store" and draw.random() < 0.45:
        known["email"] = None
    return known


def _varied_name(draw: random.Random, name: str) -> str:
    first, last = name.split(" ", 1)
    variants = (
        name,
        name,
        name.upper(),
        f"{last} {first}",
        person_names.plain_letters(name).lower(),
    )
    return draw.choice((*variants, f"{first[0]}. {last}", person_names.swapped(draw, name)))


def _varied_email(draw: random.Random, email: str) -> str | None:
    user, domain = email.split("@")
    variants = (email, email, email, email.upper(), f"{user}+shop@{domain}")
    return draw.choice((*variants, f"{person_names.swapped(draw, user)}@{domain}", None))


def _varied_phone(draw: random.Random, phone: str) -> str | None:
    digits = phone.removeprefix("+39 ").replace(" ", "")
    spaced = f"{digits[:3]} {digits[3:6]} {digits[6:]}"
    variants = (
        phone,
        digits,
        f"0039{digits}",
        spaced,
        f"{digits[:3]}-{digits[3:]}",
        f"+39{digits}",
    )
    return draw.choice((*variants, None))
