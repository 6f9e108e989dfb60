"""How many invented identifiers redaction takes out, and how many texts without any it alters."""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

import numpy as np
import yaml

from cxresearch.calibrate.coverage_page import table
from cxresearch.voc import personal_data
from cxresearch.voc.redaction.identifiers import is_card, is_tax_code, is_vat_number

Generator = np.random.Generator
Sentences = Mapping[str, Sequence[str]]
#: Sentences by the kind of value that they hold, and those whose numbers identify nobody.
TEXTS: Mapping[str, Sentences] = yaml.safe_load(
    Path(__file__).with_name("redacted_texts.yaml").read_text("utf-8")
)
#: Values of each kind, as people write them and disguised.
VALUES = 400
_GIVEN = re.compile(r"<([^<>]*)>")


@dataclass(frozen=True, slots=True)
class Recall:
    """How many values of a kind were taken out whole.

    Parameters
    ----------
    kind : str
        The kind.
    values : int
        How many there were, as often plain as disguised.
    plain, is_disguised : float
        The share of those that was taken out to the last letter and digit.
    """

    kind: str
    values: int
    plain: float
    is_disguised: float


def recalls(sentences: Sentences, *, values: int = VALUES, seed: int = 0) -> list[Recall]:
    """Return the recall of each kind: the share of values of which nothing is left.

    Parameters
    ----------
    sentences : mapping of str to sequence of str
        The sentences of each kind.
    values : int, default 400
        The values of each kind; half of them are disguised.
    seed : int, default 0
        Of the values.

    Examples
    --------
    >>> recalls({"email": ("Scrivetemi a <>",)}, values=20)
    [Recall(kind='email', values=20, plain=1.0, is_disguised=1.0)]
    """
    found = []
    for kind, templates in sentences.items():
        rng = np.random.default_rng([seed, *kind.encode()])
        gone: tuple[list[bool], list[bool]] = ([], [])
        for place in range(values):
            is_disguised = place % 2 == 1
            template = templates[place // 2 % len(templates)]
            before, *values_between = _GIVEN.split(template)
            parts = [before]
            for given, after in zip(values_between[::2], values_between[1::2], strict=True):
                value = given or KINDS[kind](rng)
                parts += [disguised(rng, value) if is_disguised else value, after]
            gone[is_disguised].append(not left_of(parts))
        found.append(Recall(kind, values, *(float(np.mean(one)) for one in gone)))
    return found


def left_of(parts: Sequence[str]) -> str:
    """Return the letters and digits that redaction leaves of the values in a text.

    Parameters
    ----------
    parts : sequence of str
        The text: what stands before a value, the value, what stands after it, and so on.

    Examples
    --------
    >>> left_of(["tel. ", "347 123 4567", ""]), left_of(["", "347", " pezzi"])
    ('', '347')
    """
    ends = [0, *accumulate(map(len, parts))]
    covered = {
        place for one in personal_data("".join(parts)) for place in range(one.start, one.end)
    }
    return "".join(
        sign
        for number in range(1, len(parts), 2)
        for place, sign in enumerate(parts[number], start=ends[number])
        if sign.isalnum() and place not in covered
    )


def false_alarms(harmless: Sentences) -> dict[str, tuple[int, Sequence[str]]]:
    """Return, by what the numbers are, how many texts there are and those that are altered."""
    return {
        kind: (len(texts), [text for text in texts if personal_data(text)])
        for kind, texts in harmless.items()
    }


_SPACES = "\u00a0\u2009\u202f\u2007\u2003\u3000"
_HYPHENS = "\u2010\u2011\u2012\u2013\u2014\u2212"
_UNSEEN = "\u200b\u200d\u2060\u00ad\ufeff"
_FULL_WIDTH = str.maketrans(string.digits, "".join(map(chr, range(0xFF10, 0xFF1A))))
_ARABIC = str.maketrans(string.digits, "".join(map(chr, range(0x660, 0x66A))))
#: The countries of the IBANs, with the letters of a bank, and how many digits follow.
_BANKS = {
    "IT": ("X", 22), "GB": ("NWBK", 14), "DE": ("", 18), "FR": ("", 23), "ES": ("", 20),
    "NL": ("ABNA", 10), "PL": ("", 24), "CH": ("", 17), "TR": ("", 22), "BR": ("", 23),
}  # fmt: skip
_ITALIAN_STREETS = ("via", "viale", "piazza", "corso", "Via", "P.zza", "largo")
_STREETS = ("dei Gelsi", "Lunga", "delle Rondini", "Aurora", "San Fermo", "Garibaldi")
_TOWNS = ("20121 Milano", "00185 Roma", "10128 Torino", "80133 Napoli (NA)", "50122 Firenze FI")
_MONTHS = (
    "gennaio", "February", "marzo", "April", "maggio", "June",
    "luglio", "August", "settembre", "October", "novembre", "December",
)  # fmt: skip
_ENGLISH_STREETS = ("Mulberry Lane", "High Street", "Old Mill Road", "Larkbridge Avenue")
_AREAS = ("SW", "M", "LS", "EH", "B", "CB", "OX")


def email(rng: Generator) -> str:
    """Return a mail address at a domain that is nobody's, in a way that people write one."""
    first = rng.choice(["anna", "m.rossi", "paul_82", "zoe+shop", "g.b", "lucia-verdi"])
    place = rng.choice(["example.com", "posta.example.it", "example.co.uk", "mail-example.org"])
    spelt = place.replace(".", rng.choice([".", " punto "]))
    return str(
        rng.choice(
            [
                f"{first}@{place}", f"{first}@{place}", f"{first.upper()}@{place.upper()}",
                f"{first} @ {place}", f"{first}[at]{place}", f"{first} (at) {place}",
                f"{first} chiocciola {spelt}", f"{first}(at){place.replace('.', '(dot)')}",
                f"{first} at {place.replace('.', ' dot ')}", f"{first}@{place.split('.')[0]}mail",
            ]
        )
    )  # fmt: skip


def phone(rng: Generator) -> str:
    """Return a phone number of Italy or the United Kingdom."""
    last = "".join(map(str, rng.integers(0, 10, 4)))
    mobile = f"3{rng.choice(['47', '28', '33', '92'])}", f"{rng.integers(200, 999)}", last
    british = "07700", "900", last[:3]
    landline = "0" + str(rng.choice(["2", "6", "11"])), "5550", last
    parts = [mobile, mobile, british, landline][rng.integers(4)]
    gap = rng.choice(["", " ", "-", ".", " - ", "/", "  "])
    code = "+44" if parts is british else "+39"
    sign = rng.choice(["", "", f"{code} ", f"00{code[1:]} ", code])
    bare = parts[0].removeprefix("0") if sign and parts is british else parts[0]
    return str(sign) + str(gap).join((bare, *parts[1:]))


def iban(rng: Generator) -> str:
    """Return an IBAN of one of ten countries, in one or in groups."""
    land = str(rng.choice(list(_BANKS)))
    letters, count = _BANKS[land]
    rest = letters + "".join(map(str, rng.integers(0, 10, count)))
    tail = {"BR": "1C"}.get(land, "")
    rest += tail
    number = int("".join(str(int(sign, 36)) for sign in f"{rest}{land}00"))
    whole = f"{land}{98 - number % 97:02d}{rest}"
    return _grouped(rng, whole, 4)


def card(rng: Generator) -> str:
    """Return the number of a payment card, in one or in fours."""
    return _grouped(rng, _checked(rng, str(rng.choice(["4", "52", "37"])), is_card), 4)


def mistyped_card(rng: Generator) -> str:
    """Return the number of a payment card with one digit typed wrong."""
    digits = _checked(rng, "4", is_card)
    place = int(rng.integers(4, len(digits)))
    other = str((int(digits[place]) + int(rng.integers(1, 10))) % 10)
    return _grouped(rng, digits[:place] + other + digits[place + 1 :], 4)


def tax_code(rng: Generator) -> str:
    """Return an Italian tax code, in one or in its groups."""
    name = "".join(rng.choice(list("BCDFGLMNPRST"), 6))
    day = int(rng.integers(1, 29)) + int(rng.choice([0, 40]))
    born = f"{rng.integers(50, 99)}{rng.choice(list('ABCDEHLMPRST'))}{day:02d}"
    start = f"{name}{born}{rng.choice(list('ABFHL'))}{rng.integers(100, 999)}"
    last = next(sign for sign in string.ascii_uppercase if is_tax_code(start + sign))
    code = start + last
    parts = code[:3], code[3:6], code[6:11], code[11:]
    written = str(rng.choice(["", "", " ", "-", "."])).join(parts)
    return written if rng.random() < 2 / 3 else written.lower()


def vat_number(rng: Generator) -> str:
    """Return an Italian VAT number."""
    return _checked(rng, "0", is_vat_number, length=11)


def plate(rng: Generator) -> str:
    """Return an Italian number plate of today."""
    letters = list("ABCDEFGHJKLMNPRSTVWXYZ")
    left, right = ("".join(rng.choice(letters, 2)) for _ in range(2))
    gap = str(rng.choice(["", "", " ", "-"]))
    return f"{left}{gap}{rng.integers(100, 999)}{gap}{right}"


def old_plate(rng: Generator) -> str:
    """Return an Italian number plate of before 1994."""
    town = rng.choice(["MI", "TO", "NA", "BO", "FI"])
    tail = rng.choice([f"{rng.integers(10000, 99999)}", f"{rng.integers(1000, 9999)}A", "A12345"])
    return f"{town}{rng.choice(['', ' '])}{tail}"


def document(rng: Generator) -> str:
    """Return the number of an identity card, a passport or a licence."""
    left, right = ("".join(rng.choice(list("ACEMXY"), 2)) for _ in range(2))
    number = rng.integers(10000, 99999)
    return str(
        rng.choice(
            [
                f"C{left[0]}{number}{right}", f"AX{rng.integers(1000000, 9999999)}",
                f"Y{left[0]}{rng.integers(1000000, 9999999)}", f"U1{left[0]}{number}42{right[0]}",
            ]
        )
    )  # fmt: skip


def ip_address(rng: Generator) -> str:
    """Return an IP address of version 4 or 6."""
    if rng.random() < 2 / 3:
        return ".".join(map(str, [rng.integers(11, 250), *rng.integers(0, 256, 3)]))
    groups = [f"{part:x}" for part in rng.integers(256, 65536, 8)]
    return ":".join(groups) if rng.random() < 1 / 2 else "2001:db8::" + ":".join(groups[:2])


def link(rng: Generator) -> str:
    """Return the link of a profile."""
    who = str(rng.choice(["anna.bianchi82", "paul_w", "zoe-marsh-19", "@anna_b", "in/annab"]))
    site = str(
        rng.choice(["facebook.com", "instagram.com", "t.me", "www.linkedin.com", "tiktok.com"])
    )
    return str(rng.choice(["https://", ""])) + f"{site}/{who}"


def handle(rng: Generator) -> str:
    """Return the name somebody goes by online."""
    return str(rng.choice(["@anna_b82", "@paul.w", "@zoe1990", "@x_marco_x", "@lucia"]))


def order(rng: Generator) -> str:
    """Return the number of an order, a ticket or a parcel."""
    number = rng.integers(10000, 9999999)
    return str(rng.choice([f"{number}", f"O{number}", f"AB-2025-{number}", f"{number}-IT"]))


def tracking(rng: Generator) -> str:
    """Return a tracking code of a courier."""
    nine = "".join(map(str, rng.integers(0, 10, 9)))
    return str(
        rng.choice([f"1Z999AA1{nine}5", f"RR{nine}IT", f"RR {nine[:3]} {nine[3:6]} {nine[6:]} IT"])
    )


def italian_address(rng: Generator) -> str:
    """Return a street with its number, with or without the town."""
    street = f"{rng.choice(_ITALIAN_STREETS)} {rng.choice(_STREETS)}"
    number = f"{rng.choice([' ', ', ', ' n. '])}{rng.integers(1, 199)}"
    return street + number + str(rng.choice(["", f", {rng.choice(_TOWNS)}"]))


def english_address(rng: Generator) -> str:
    """Return a house number and its street."""
    return f"{rng.integers(1, 300)} {rng.choice(_ENGLISH_STREETS)}"


def postcode(rng: Generator) -> str:
    """Return an Italian postcode with its town, or a British one."""
    if rng.random() < 1 / 2:
        return str(rng.choice(_TOWNS))
    out = f"{rng.choice(_AREAS)}{rng.integers(1, 20)}"
    return f"{out} {rng.integers(1, 9)}{''.join(rng.choice(list('ABDEFHJNPQ'), 2))}"


def name(rng: Generator) -> str:
    """Return a first name with a surname that is invented."""
    first = rng.choice(["Anna", "Marco", "Giulia", "Paul", "Sarah", "Oliver"])
    return f"{first} {rng.choice(['Fontelume', 'Casavento', 'Larkrise', 'Thistle', 'Boscoforte'])}"


def first_name(rng: Generator) -> str:
    """Return a first name, one in three with a surname that is invented."""
    return name(rng) if rng.random() < 1 / 3 else name(rng).split()[0]


def birth_date(rng: Generator) -> str:
    """Return a day of the last century, as it is written in Italian or in English."""
    day, month, year = rng.integers(1, 29), rng.integers(0, 12), rng.integers(1940, 2000)
    return str(
        rng.choice(
            [
                f"{day}/{month + 1}/{year}", f"{day:02d}.{month + 1:02d}.{year}",
                f"{year}-{month + 1:02d}-{day:02d}", f"{day}-{month + 1}-{year}",
                f"{day} {_MONTHS[month]} {year}",
            ]
        )
    )  # fmt: skip


def keyed_link(rng: Generator) -> str:
    """Return a link that lets in whoever has it."""
    key = "".join(rng.choice(list("0123456789abcdef"), 16))
    return str(
        rng.choice(
            [
                f"https://shop.example.com/reset?token={key}", f"shop.example.com/login?t={key}",
                f"https://shop.example.com/unsubscribe?uid=8{key[:5]}&lang=it",
                f"https://shop.example.com/verify-email/12345{key}",
            ]
        )
    )  # fmt: skip


def disguised(rng: Generator, value: str) -> str:
    """Return a value as programs and people write it: another space, hyphen or digit, or unseen."""
    way = int(rng.integers(5))
    if way == 0:
        return value.replace(" ", str(rng.choice(list(_SPACES))))
    if way == 1:
        return value.replace("-", str(rng.choice(list(_HYPHENS))))
    if way == 2:
        place = len(value) // 2
        return value[:place] + str(rng.choice(list(_UNSEEN))) + value[place:]
    return value.translate(_FULL_WIDTH if way == 3 else _ARABIC)


def _grouped(rng: Generator, value: str, size: int) -> str:
    gap = str(rng.choice(["", " ", " ", "-", "."]))
    return gap.join(value[place : place + size] for place in range(0, len(value), size))


def _checked(
    rng: Generator, start: str, is_right: Callable[[str], bool], length: int | None = None
) -> str:
    """Return digits that begin so and whose last is right."""
    size = length or (15 if start == "37" else 16)
    body = start + "".join(map(str, rng.integers(0, 10, size - len(start) - 1)))
    return next(body + str(last) for last in range(10) if is_right(body + str(last)))


#: What makes a value of each kind; a card typed wrong and a plate of old only count after a cue.
KINDS: Mapping[str, Callable[[Generator], str]] = {
    "email": email,
    "phone": phone,
    "IBAN": iban,
    "card": card,
    "card, a digit wrong, cued": mistyped_card,
    "tax code": tax_code,
    "VAT number": vat_number,
    "number plate": plate,
    "old number plate, cued": old_plate,
    "identity document, cued": document,
    "IP address": ip_address,
    "profile link": link,
    "handle": handle,
    "order, cued": order,
    "tracking code": tracking,
    "Italian address": italian_address,
    "English address": english_address,
    "postcode": postcode,
    "name, cued": name,
    "name, greeted or signed": first_name,
    "birth date, cued": birth_date,
    "link with a key": keyed_link,
}
_HEAD = """
## Redaction: identifiers taken out, and numbers left alone

{values} invented values of each kind in sentences of a list, Italian and English; half of them are
disguised: another space, hyphen or digit of Unicode, or a character that is not seen. A cell is the
share of values of which no letter or digit is left, plain and disguised. The rules were written
with the first list in view, the second list afterwards. When it was first read, the least recall of
a kind was 0.835, and 2 of 53 harmless texts were altered; those sentences are in the first list
now, the rules were mended, and new sentences took their places, for which no rule was changed.

"""
_ALARMS = """
Texts whose numbers identify nobody, and how many of them were altered.

"""
_READING = """
- The lists are the kit's own, so these are not the shares of a shop's texts. What customers write
  in a way that neither list has may stay: a person reads a quote before it is published.
- A name counts here after a cue, or where it is greeted, thanked or signed with and is a common
  first name. A first name elsewhere, a rare one, or a surname that nothing tells to be one, stays
  unless the study lists it under `redact_always`.
"""


def section(*, values: int = VALUES) -> str:
    """Return the part of the page about redaction."""
    return (
        _HEAD.format(values=values)
        + recall_table(
            recalls(TEXTS["first"], values=values), recalls(TEXTS["check"], values=values)
        )
        + _ALARMS
        + alarm_table(false_alarms(TEXTS["first_harmless"]), false_alarms(TEXTS["check_harmless"]))
        + _READING
    )


def recall_table(first: Sequence[Recall], check: Sequence[Recall]) -> str:
    """Return one row per kind: its recall in both lists.

    Examples
    --------
    >>> print(recall_table([Recall("email", 20, 1.0, 0.9)], [Recall("email", 20, 0.95, 0.9)]))
    | kind | first list | second list |
    | --- | --- | --- |
    | email | 1.000 / 0.900 | 0.950 / 0.900 |
    <BLANKLINE>
    """
    rows = (
        (one.kind, *(f"{found.plain:.3f} / {found.is_disguised:.3f}" for found in (one, other)))
        for one, other in zip(first, check, strict=True)
    )
    return table(["kind", "first list", "second list"], rows)


def alarm_table(
    first: Mapping[str, tuple[int, Sequence[str]]], check: Mapping[str, tuple[int, Sequence[str]]]
) -> str:
    """Return one row per kind of harmless number: how many texts were altered in each list.

    Examples
    --------
    >>> print(alarm_table({"year": (6, [])}, {"year": (4, ["ordine 2024"])}))
    | numbers | first list | second list |
    | --- | --- | --- |
    | year | 0 of 6 | 1 of 4 |
    <BLANKLINE>
    """
    rows = (
        (kind, *(f"{len(altered)} of {count}" for count, altered in (first[kind], check[kind])))
        for kind in first
    )
    return table(["numbers", "first list", "second list"], rows)
