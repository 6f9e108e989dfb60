"""Customers as the shop's systems know them: several records of a person, often not the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from cxresearch.simulate.block import SEGMENTS, TOWNS, Consent, People
from cxresearch.simulate.clock import DAY_S, YEAR_DAYS, Clock
from cxresearch.simulate.draws import Draws, Flags, Ints, child_keys, numbered_texts
from cxresearch.simulate.person_names import FIRST_NAMES, LAST_NAMES, STREETS, plain_letters

#: The systems, and the letter of their records. Only the first two know the customer id.
SOURCES = {
    "web": "W",
    "app": "A",
    "store": "S",
    "newsletter": "N",
    "marketplace": "M",
    "support": "H",
}
_KNOWS_ID = ("web", "app")
_FIRST_BIRTHDATE = np.datetime64("1944-01-01")
_BIRTHDATES = 23_000
_GENERATION = 29 * YEAR_DAYS
#: Record numbers are those of people times the one of their system, in the field of this prime.
_PRIME = 99_999_989
_SPREAD = (48_271_001, 39_916_801, 27_644_437, 67_867_967, 15_485_863, 86_028_121)


@dataclass(frozen=True, slots=True)
class Consents:
    """What people allow, by purpose: the share who do, and how long it lasts.

    Two thirds say so when they make their account, the others later. Those who withdraw do so
    after an exponential time of `lasts_days` on average; what is planted is what the person said
    last, wherever it was said.
    """

    email: float = 0.64
    sms: float = 0.45
    profiling: float = 0.38
    lasts_days: float = 1_500.0


@dataclass(frozen=True, slots=True)
class Records:
    """Which systems know a person, and how their records differ.

    Every account is in `web`; `app` holds those who use it. In the other systems names are
    mistyped, shortened, turned around or without accents, telephones written their own way, values
    missing. Two people of one `household` share a surname, an address, and a telephone or a
    mailbox; some of them are father and son of one name. Those who `moved` have their old address
    in all systems but the web, those who `married` their old surname. A marketplace gives its own
    address in place of the e-mail. Consent is as it was when the record was last touched.
    """

    store: float = 0.20
    newsletter: float = 0.35
    marketplace: float = 0.10
    support: float = 0.12
    typo: float = 0.06
    household: float = 0.10
    same_name: float = 0.25
    moved: float = 0.06
    married: float = 0.03
    email_missing: float = 0.15
    phone_missing: float = 0.25


def draw_consent(draws: Draws, people: People, clock: Clock, traits: Consents) -> Consent:
    """Return what each person truly allows, from when and until when."""
    key, parts = people.key, {}
    span = np.maximum(np.minimum(people.left, clock.end_s) - people.arrived, 1)
    for purpose in ("email", "sms", "profiling"):
        gives = people.known & (draws.uniform(purpose, key) < getattr(traits, purpose))
        later = draws.uniform(f"{purpose}_later", key)
        since = people.arrived + (span * np.maximum(later - 2 / 3, 0) * 3 * 0.9).astype(np.int64)
        lasts = draws.exponential(f"{purpose}_lasts", key) * traits.lasts_days * DAY_S
        until = since + 3_600 + lasts.astype(np.int64)
        ends = gives & (until < clock.end_s)
        parts[f"{purpose}_from"] = np.where(gives, since, -1)
        parts[f"{purpose}_until"] = np.where(ends, until, -1)
    return Consent(**parts)


def customers_tables(
    draws: Draws, people: People, consent: Consent, clock: Clock, traits: Records
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the canonical customers, and which person each record truly is.

    The second table has ``source``, ``record_id`` and ``person_id``, in the order of the first.
    """
    person = _Person(draws, people, traits)
    tables = []
    for source in SOURCES:
        who = np.flatnonzero(_known_to(draws, people, consent, traits, source))
        tables.append(_records(person, consent, clock, source, who, second=False))
    second = np.flatnonzero(people.second_from >= 0)
    tables.append(_records(person, consent, clock, "web", second, second=True))
    records = pa.concat_tables(tables).to_pandas()
    return records.drop(columns="person_id"), records[["source", "record_id", "person_id"]]


def _known_to(
    draws: Draws, people: People, consent: Consent, traits: Records, source: str
) -> Flags:
    if source == "web":
        return people.known
    if source == "app":
        return people.known & people.app
    some = draws.uniform(source, people.key) < getattr(traits, source)
    if source == "newsletter":
        some &= consent.email_from >= 0
    return np.asarray(people.known & some)


class _Person:
    """What is true of each person of a block; people 2k and 2k + 1 may be one household."""

    def __init__(self, draws: Draws, people: People, traits: Records) -> None:
        key, pair = people.key, people.key // 2
        self.draws, self.people, self.traits = draws, people, traits
        household = draws.uniform("household", pair) < traits.household
        one_name = household & (draws.uniform("same_name", pair) < traits.same_name)
        # What two people share is drawn for the pair, with a key that no person has.
        shared = np.where(household, -1 - pair, key)
        self.first = self._index("first", np.where(one_name, -1 - pair, key), len(FIRST_NAMES))
        self.last = self._index("last", shared, len(LAST_NAMES))
        self.maiden = self._index("maiden", key, len(LAST_NAMES))
        self.street = self._index("street", shared, len(STREETS))
        self.number = 1 + self._index("number", shared, 120)
        self.old_town = self._index("old_town", key, len(TOWNS))
        by_phone = draws.uniform("shares_phone", pair) < 0.5
        self.phone = np.where(household & by_phone, 2 * pair, key)
        self.household_mailbox = household & ~by_phone
        self.mailbox = np.where(self.household_mailbox, 2 * pair, key)
        son = one_name & (key % 2 == 1)
        of_father = np.where(one_name, -1 - pair, key)
        span = np.where(one_name, _BIRTHDATES - _GENERATION, _BIRTHDATES)
        self.born = (draws.uniform("born", of_father) * span).astype(np.int64) + son * _GENERATION
        self.moved = draws.uniform("moved", key) < traits.moved
        self.married = (draws.uniform("married", key) < traits.married) & ~household

    def _index(self, name: str, key: Ints, n: int) -> Ints:
        return (self.draws.uniform(name, key) * n).astype(np.int64)


def _records(
    person: _Person, consent: Consent, clock: Clock, source: str, who: Ints, *, second: bool
) -> pa.Table:
    """Return the records that one system has of these people."""
    people, account = person.people, source in _KNOWS_ID
    place = list(SOURCES).index(source)
    key = child_keys(people.key[who], 10 * place + second)
    number = people.key[who] + 1 + second * _PRIME // 2
    ids = people.second_ids[who] if second else people.ids[who]
    n = len(who)
    nothing = pa.nulls(n, pa.string())
    address = _addresses(person, source, who, key)
    touched = _touched(person, clock, who, key)
    return pa.table(
        {
            "source": pa.array([source] * n, pa.string()),
            "record_id": _ids(SOURCES[source], number * _SPREAD[place] % _PRIME),
            "customer_id": pa.array(ids, pa.string()) if account else nothing,
            "email": _emails(person, source, who, key, second=second),
            "phone": _phones(person, source, who, key),
            "name": _names(person, source, who, key),
            **address,
            "birthdate": _birthdates(person, source, who, key),
            "segment": _taken(SEGMENTS, people.segment[who]) if account else nothing,
            "consent": _allowed(consent, "email", who, touched),
            "consent_sms": _allowed(consent, "sms", who, touched),
            "consent_profiling": _allowed(consent, "profiling", who, touched),
            "updated": pa.array(touched // DAY_S, pa.int32()).cast(pa.date32()),
            "person_id": pa.array(people.ids[who], pa.string()),
        }
    )


def _taken(names: Sequence[str], places: Ints, missing: Flags | None = None) -> pa.Array:
    return pa.array(list(names), pa.string()).take(pa.array(places, mask=missing))


def _ids(letter: str, numbers: Ints) -> pa.Array:
    return numbered_texts(letter, numbers, 8)


def _one_of(draws: Draws, name: str, key: Ints, variants: Sequence[pa.Array]) -> pa.Array:
    """Return for each key one of the variants, all as likely."""
    place = (draws.uniform(name, key) * len(variants)).astype(np.int64)
    return pc.choose(pa.array(place), *variants)


def _names(person: _Person, source: str, who: Ints, key: Ints) -> pa.Array:
    last = np.where(person.married[who] & (source != "web"), person.maiden[who], person.last[who])
    first = person.first[who]
    full = _joined(_taken(FIRST_NAMES, first), " ", _taken(LAST_NAMES, last))
    if source == "web":
        return full
    mistyped = person.draws.uniform("typo", key) < person.traits.typo
    typo = _joined(_taken(FIRST_NAMES, first), " ", _taken(_MISTYPED, last))
    full = pc.if_else(pa.array(mistyped), typo, full)
    turned = _joined(_taken(LAST_NAMES, last), " ", _taken(FIRST_NAMES, first))
    letter = _taken([name[0] for name in FIRST_NAMES], first)
    initial = _joined(letter, ". ", _taken(LAST_NAMES, last))
    plain = _joined(_taken(_PLAIN_FIRST, first), " ", _taken(_PLAIN_LAST, last))
    variants = (full, full, full, full, full, pc.utf8_upper(full), turned, plain, initial)
    return _one_of(person.draws, "name_form", key, variants)


def _emails(person: _Person, source: str, who: Ints, key: Ints, *, second: bool) -> pa.Array:
    draws, mailbox = person.draws, person.mailbox[who]
    first, last = person.first[who], person.last[who]
    if source == "marketplace":  # each sale has an address that the marketplace made up
        number = (draws.uniform("alias", key) * 10**9).astype(np.int64)
        return _joined("buyer", _digits(number, 9), "@market.example.com")
    number = _digits(mailbox + 1)
    local = pc.if_else(
        pa.array(person.household_mailbox[who]),
        _joined("famiglia.", _taken(_PLAIN_LAST, last), number),
        _joined(_taken(_PLAIN_FIRST, first), ".", _taken(_PLAIN_LAST, last), number),
    )
    if second:
        local = _joined(local, ".2")
    email = _joined(local, "@example.com")
    if source in {"web", "newsletter"}:
        return email
    tagged = _joined(local, "+shop@example.com")
    wrong = _taken(_PLAIN_TYPO, last)
    typo = _joined(_taken(_PLAIN_FIRST, first), ".", wrong, number, "@example.com")
    mistyped = draws.uniform("email_typo", key) < person.traits.typo
    email = pc.if_else(pa.array(mistyped), typo, email)
    found = _one_of(draws, "email_form", key, (email,) * 6 + (pc.utf8_upper(email), tagged))
    return _blanked(found, draws.uniform("no_email", key) < person.traits.email_missing)


def _phones(person: _Person, source: str, who: Ints, key: Ints) -> pa.Array:
    draws = person.draws
    number = 5_500_000 + person.phone[who] % 4_400_000
    if source == "web":
        return _joined("+39 399 ", _digits(number, 7))
    mistyped = draws.uniform("phone_typo", key) < person.traits.typo / 2
    number = np.where(mistyped, number - number % 100 + (number % 100 + 37) % 100, number)
    plain, digits = _joined("399", _digits(number, 7)), _digits(number, 7)
    start, end = (pc.utf8_slice_codeunits(digits, *ends) for ends in ((0, 3), (3, 7)))
    variants = (
        _joined("+39 399 ", digits),
        plain,
        _joined("0039", plain),
        _joined("399 ", start, " ", end),
        _joined("399-", digits),
        _joined("+39", plain),
    )
    found = _one_of(draws, "phone_form", key, variants)
    return _blanked(found, draws.uniform("no_phone", key) < person.traits.phone_missing)


def _addresses(person: _Person, source: str, who: Ints, key: Ints) -> dict[str, pa.Array]:
    old = person.moved[who] & (source != "web")
    town = np.where(old, person.old_town[who], person.people.town[who])
    number = np.where(old, (person.number[who] + 31) % 120 + 1, person.number[who])
    missing = np.zeros(len(who), dtype=bool)
    if source in {"support", "newsletter"}:
        missing[:] = True
    elif source != "web":
        missing = person.draws.uniform("no_address", key) < 0.30
    address = _joined(_taken(STREETS, person.street[who]), " ", _digits(number))
    return {
        "address": _blanked(address, missing),
        "city": _taken(list(TOWNS), town, missing),
        "postcode": _taken(list(TOWNS.values()), town, missing),
    }


def _birthdates(person: _Person, source: str, who: Ints, key: Ints) -> pa.Array:
    days = _FIRST_BIRTHDATE.astype(np.int64) + person.born[who]
    missing = np.full(len(who), source in {"support", "newsletter", "marketplace"})
    if source in {"app", "store"}:
        missing = person.draws.uniform("no_birthdate", key) < 0.40
    return pa.array(days, pa.int32(), mask=missing).cast(pa.date32())


def _touched(person: _Person, clock: Clock, who: Ints, key: Ints) -> Ints:
    """Return when each record was last touched, in UTC seconds: between arrival and the end."""
    begins = person.people.arrived[who]
    ends = np.maximum(np.minimum(person.people.left[who], clock.end_s - 1), begins)
    return begins + (person.draws.uniform("touched", key) * (ends - begins)).astype(np.int64)


def _allowed(consent: Consent, purpose: str, who: Ints, touched: Ints) -> pa.Array:
    """Return what the person allowed when the record was last touched."""
    since = getattr(consent, f"{purpose}_from")[who]
    until = getattr(consent, f"{purpose}_until")[who]
    return pa.array((since >= 0) & (since <= touched) & ((until < 0) | (touched < until)))


def _joined(*parts: pa.Array | str) -> pa.Array:
    return pc.binary_join_element_wise(*parts, "")


def _digits(numbers: Ints, width: int = 1) -> pa.Array:
    return numbered_texts("", numbers, width)


def _blanked(values: pa.Array, missing: Flags) -> pa.Array:
    return pc.if_else(pa.array(missing), pa.nulls(len(values), pa.string()), values)


def _letters(name: str) -> str:
    return plain_letters(name).lower().replace("'", "").replace(" ", "")


_PLAIN_FIRST = tuple(_letters(name) for name in FIRST_NAMES)
_PLAIN_LAST = tuple(_letters(name) for name in LAST_NAMES)
#: Each surname with two neighbouring letters in each other's place.
_MISTYPED = tuple(f"{name[:3]}{name[4]}{name[3]}{name[5:]}" for name in LAST_NAMES)
_PLAIN_TYPO = tuple(_letters(name) for name in _MISTYPED)
