"""Invented names, addresses, e-mails and phone numbers, and the ways people mistype them."""

from __future__ import annotations

import random
import unicodedata

FIRST_NAMES = (
    *("Aurora", "Beatrice", "Chiara", "Dalila", "Elena", "Fabiola", "Giada", "Ilaria", "Lucia"),
    *("Martina", "Noemi", "Ottavia", "Serena", "Viola", "Andrea", "Bruno", "Corrado", "Dario"),
    *("Emanuele", "Flavio", "Gianni", "Leonardo", "Niccolò", "Oscar", "Pietro", "Samuele"),
    *("Tommaso", "Ugo", "Valerio", "Zoe"),
)
LAST_NAMES = (
    *("Bellorto", "Casavento", "Dallalba", "Fontelume", "Gattamora", "Lunardello", "Marechiari"),
    *("Nevedoro", "Olmobianco", "Passerotti", "Quercialta", "Roccadura", "Sassolino", "Torrelunga"),
    *(
        "Ulivastri",
        "Verdecampo",
        "Zampaforte",
        "Acquadolce",
        "Boscoforte",
        "Cantaluna",
        "Doriverde",
    ),
    *("Erbavoglio", "Fioralti", "Granellini", "Mezzacosta", "Nuvoletti", "Perlanera", "Solecchio"),
    *("Tramontini", "Ventolibero", "D'Ambrisco", "Còrvola"),
)
STREETS = ("Via dei Gelsi", "Via del Faro", "Corso Aurora", "Piazza delle Rondini", "Viale Lungo")


def full_name(rng: random.Random) -> str:
    """Return a first and a last name."""
    return f"{rng.choice(FIRST_NAMES)} {rng.choice(LAST_NAMES)}"


def email(name: str, number: int) -> str:
    """Return an address at example.com, a domain nobody can own.

    Examples
    --------
    >>> email("Niccolò D'Ambrisco", 7)
    'niccolo.dambrisco7@example.com'
    """
    plain = plain_letters(name).lower().replace("'", "").replace(" ", ".")
    return f"{plain}{number}@example.com"


def phone(number: int) -> str:
    """Return a mobile number of an invented range: 399 55 and five digits.

    Examples
    --------
    >>> phone(42)
    '+39 399 5500042'
    """
    return f"+39 399 55{number % 100_000:05d}"


def plain_letters(text: str) -> str:
    """Return `text` without its accents.

    Examples
    --------
    >>> plain_letters("Niccolò")
    'Niccolo'
    """
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()


def swapped(rng: random.Random, text: str) -> str:
    """Return `text` with two neighbouring letters in each other's place."""
    places = [i for i in range(1, len(text) - 1) if text[i].isalpha() and text[i + 1].isalpha()]
    if not places:
        return text
    i = rng.choice(places)
    return text[:i] + text[i + 1] + text[i] + text[i + 2 :]
