"""The Italian catalogues say every message once, whole, and with the same values."""

from __future__ import annotations

import string
from collections import defaultdict
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po

import cxresearch
from cxresearch.core import catalogues, languages
from cxresearch.core.languages import Language
from tests import messages as said
from tests.messages import Id

LANGUAGES = [lang for lang in languages.LANGUAGES if lang != "en"]
FOLDER = Path(cxresearch.__file__).parent / "core" / "locale" / "it"


def messages(path: Path) -> list[Message]:
    with path.open("rb") as file:
        found = read_po(file, abort_invalid=True, locale=path.parent.name)
    return [message for message in found if message.id]


def braces(text: str) -> set[str | None]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def faults(message: Message) -> list[str]:
    """Return what is wrong with one message."""
    english = message.id[-1] if message.pluralizable else message.id
    forms = message.string if message.pluralizable else [message.string]
    found = []
    if not all(form.strip() for form in forms):
        found.append(f"{english!r}: no translation")
    # The form of one may say it in words; every other has the same values.
    elif braces(english) != braces(forms[-1]):
        found.append(f"{english!r}: other values in {forms[-1]!r}")
    elif any(braces(form) - braces(english) for form in forms):
        found.append(f"{english!r}: other values in {forms!r}")
    if message.fuzzy:
        found.append(f"{english!r}: fuzzy")
    return found


CATALOGUES = sorted(FOLDER.glob("*.po"))


def test_there_are_catalogues():
    assert CATALOGUES


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.name)
def test_every_message_is_whole(path: Path):
    found = messages(path)
    assert found
    assert [fault for message in found for fault in faults(message)] == []


def test_no_message_has_two_translations():
    ways_of = defaultdict(set)
    for path in CATALOGUES:
        for message in messages(path):
            if message.pluralizable:
                ways_of[message.id[-1]].add(message.string[-1])
            else:
                ways_of[message.id].add(message.string)
    assert {english: ways for english, ways in ways_of.items() if len(ways) > 1} == {}


@pytest.mark.parametrize(
    ("english", "italian", "fault"),
    [
        ("{n} orders", "{n} ordini", ""),
        ("a {{brace}}", "una {{graffa}}", ""),
        ("{n} orders", "{m} ordini", "other values"),
        ("{n} orders", "ordini", "other values"),
        ("orders", " ", "no translation"),
        (("{n} order", "{n} orders"), ("un ordine", "{n} ordini"), ""),
        (("{n} order", "{n} orders"), ("{n} ordine", ""), "no translation"),
        (("{n} order", "{n} orders"), ("{m} ordine", "{n} ordini"), "other values"),
        (("{n} order", "{n} orders"), ("un ordine", "ordini"), "other values"),
    ],
)
def test_a_faulty_message_is_found(english: Id, italian: Id, fault: str):
    found = " ".join(faults(Message(english, italian)))
    assert fault in found
    assert bool(fault) == bool(found)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_message_of_the_kit_is_translated(lang: str):
    """What a module, a template or a notebook says; ``make messages`` writes what is missing."""
    assert [(message.id, message.locations) for message in said.untranslated(lang)] == []


MODULE = """
from cxresearch.core.table import Column, Estimates, Table
from cxresearch.room.words import NO_ORDERS

_CAPTION = "A caption of the module"
_NAMES = {"wait": "A name of the module"}
_BY_DEFAULT, _OF_TWO = "A title by default", "A title of two"

def show(result, language, missing):
    columns = (Column("a_first", unit="share"), Column("b", "A heading", unit="long hours"),
               Column("cost", role="estimate", interval="An interval"))
    Table(frame=result, columns=columns, caption=_CAPTION)
    title = _BY_DEFAULT
    if result:
        title, row = _OF_TWO, 1
    Figure(title=title, data=None)
    Estimates(rows=result, names=_NAMES, caption="Of estimates", n="Somebody (n)")
    Figure(title="A title" if result else "Another title", data=None)
    Missing("it is missing")
    Missing(NO_ORDERS)
    Table(frame=result, nothing="No rows are there")
    Result(method="sum over all", note="it is a note" if result else "", kind="a kind of it")
    interval(method="wilson")
    Remark("a remark of {n}", {"n": 1})
    language.plural("{n} thing", "{n} things", 2)
    language.text("{value}", value="no message")
    print("not said", language.label("nor this"))
    told("an argument", result)
    told(result=result, message="an argument by name")
    for message, which in (("a row of a loop", 1), ("the other row", 2)):
        Remark(message, {"which": which})
    counts = {"a key of a mapping": 1}
    return [Remark(message, {"n": n}) for message, n in counts.items()]

def told(message, result):
    # says its argument
    return Remark(message, {"result": result})

class Shown:
    def say(self):
        return [self.said("an argument of a method"), *map(Remark, ())]

    def said(self, message):
        return Remark(message)
"""
SAID = {
    "A first", "A heading", "long hours", "Cost", "An interval", "A caption of the module",
    "A title by default", "A title of two", "A name of the module",
    "Of estimates", "Somebody (n)", "A title", "Another title",
    "it is missing", "no orders yet", "No rows are there", "sum over all", "it is a note",
    "a remark of {n}", ("{n} thing", "{n} things"),
    "an argument", "an argument by name", "an argument of a method",
    "a row of a loop", "the other row", "a key of a mapping",
}  # fmt: skip


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package of one module, with no catalogue yet."""
    package = tmp_path / "cxresearch"
    (package / "room").mkdir(parents=True)
    (package / "core" / "locale").mkdir(parents=True)
    (package / "room" / "shown.py").write_text(MODULE)
    (package / "room" / "words.py").write_text('NO_ORDERS = "no orders yet"\n')
    monkeypatch.setattr(said, "ROOT", tmp_path)
    monkeypatch.setattr(said, "PACKAGE", package)
    monkeypatch.setattr(said, "LOCALE", package / "core" / "locale")
    monkeypatch.setattr(said, "ONE", {})
    return tmp_path


@pytest.mark.usefixtures("copy")
def test_whatever_a_module_says_is_collected():
    assert {message.id for message in said.template() if message.id} == SAID


def test_what_a_language_lacks_is_written_to_be_translated_and_then_found_missing(copy: Path):
    assert len(said.untranslated("it")) == len(SAID)
    (written,) = said.write("it")
    assert written == copy / "cxresearch" / "core" / "locale" / "it" / "room.po"
    assert {message.id for message in messages(written)} == SAID
    assert all("no translation" in fault for one in messages(written) for fault in faults(one))
    assert len(said.untranslated("it")) == len(SAID)
    # What a translator has written stays as it is when more is added.
    text = written.read_text("utf-8").replace('"A heading"\nmsgstr ""', '"A heading"\nmsgstr "X"')
    written.write_text(text, "utf-8")
    assert len(said.untranslated("it")) == len(SAID) - 1
    module = copy / "cxresearch" / "room" / "shown.py"
    module.write_text(MODULE.replace("A heading", "A new heading"))
    said.write("it")
    after = written.read_text("utf-8")
    assert after.startswith(text.rstrip())
    assert said.unused("it") == ["A heading"]
    assert "A new heading" in {message.id for message in messages(written)}


def test_a_number_chooses_its_form(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    forms = 'msgid "{n} order of {who}"\nmsgid_plural "{n} orders of {who}"\n'
    (tmp_path / "it").mkdir()
    (tmp_path / "it" / "a.po").write_text(
        forms + 'msgstr[0] "un ordine di {who}"\nmsgstr[1] "{n} ordini di {who}"\n', "utf-8"
    )
    monkeypatch.setattr(catalogues, "_LOCALE", tmp_path)
    for kept in (catalogues.catalogue, catalogues.plurals):
        kept.cache_clear()
    try:
        one, many = "{n} order of {who}", "{n} orders of {who}"
        italian = [Language("it").plural(one, many, n, who="Anna") for n in (0, 1, 1200)]
        assert italian == ["0 ordini di Anna", "un ordine di Anna", "1.200 ordini di Anna"]
        english = [Language("en").plural(one, many, n, who="Anna") for n in (0, 1, 1200)]
        assert english == ["0 orders of Anna", "1 order of Anna", "1,200 orders of Anna"]
    finally:
        for kept in (catalogues.catalogue, catalogues.plurals):
            kept.cache_clear()


def test_one_of_a_unit_is_in_its_singular():
    assert Language("en").quantity(1, "days") == "1 day"
    assert Language("it").quantity(1, "days") == "1 giorno"
    assert Language("it").quantity(2, "days") == "2 giorni"
    assert Language("en").quantity(1, "days", 1) == "1.0 days"
