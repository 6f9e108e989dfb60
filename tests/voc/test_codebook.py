"""Codebooks: read whole, or refused with every fault."""

from __future__ import annotations

import pytest

from cxresearch.errors import CodebookError
from cxresearch.study.stage_models import DEFAULT
from cxresearch.voc import Codebook, check_codebook
from cxresearch.voc.resources import resource

THEMES = (
    *("delivery", "returns", "checkout", "price", "quality", "fit", "site", "service", "account"),
    *("availability", "packaging", "loyalty", "store"),
)
SMALL = """
name: Small
languages: [en, it]
themes:
  delivery:
    label: {en: Delivery, it: Consegna}
    definition: {en: "How it comes.", it: "Come arriva."}
    terms: {it: [pacco, "spediz*"], en: [parcel]}
    lemmas: {it: [consegnare]}
    examples: {it: ["Il pacco c'è."]}
  damage:
    label: {en: Damage}
    definition: {en: "It came broken."}
    lemmas: {it: [rompere]}
    terms: {it: [pacco, rotto]}
    negated: drop
    counter_examples: {it: ["Non era rotto.", "Uno sconto rotto."]}
    exclusions: {it: [sconto rotto]}
"""


def test_the_shipped_one_covers_a_shop_in_both_languages():
    codebook = Codebook.load()
    assert tuple(codebook.themes) == THEMES
    for theme in codebook.themes.values():
        assert theme.stage in DEFAULT
        assert theme.touchpoint
        for part in (
            theme.label,
            theme.definition,
            theme.terms,
            theme.examples,
            theme.counter_examples,
        ):
            assert set(part) == {"en", "it"}
            assert all(part.values())


def test_the_shipped_one_does_what_it_says():
    assert check_codebook(Codebook.load()).to_dict("records") == []


def test_the_patterns_of_the_shipped_one_are_patterns():
    text = resource("codebooks", "ecommerce.yaml").read_text("utf-8")
    assert Codebook.parse(text) == Codebook.load()


def test_a_file_is_read(tmp_path):
    file = tmp_path / "small.yaml"
    file.write_bytes(b"\xef\xbb\xbf" + SMALL.encode())
    codebook = Codebook.load(file)
    assert codebook.name == "Small"
    assert codebook.themes["delivery"].rules == {
        "term": {"it": ["pacco", "spediz*"], "en": ["parcel"]},
        "lemma": {"it": ["consegnare"]},
        "regex": {},
        "in context": {},
    }


def test_files_that_cannot_be_read(tmp_path):
    with pytest.raises(CodebookError, match=r"gone.yaml has 1 fault:\n  no such file"):
        Codebook.load(tmp_path / "gone.yaml")
    file = tmp_path / "latin.yaml"
    file.write_bytes("name: è".encode("latin-1"))
    with pytest.raises(CodebookError, match="not readable as UTF-8"):
        Codebook.load(file)


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("name: Small", "nome: Small", "nome: unknown key"),
        ("name: Small", "name: Small\nname: Again", "key given twice: name"),
        ("languages: [en, it]", "languages: []", "languages: List should have at least 1 item"),
        (
            "  damage:",
            "  Damage:",
            "themes.Damage: must be small letters, digits and _, a letter first",
        ),
        (
            "negated: drop",
            "negated: maybe",
            "themes.damage.negated: must be 'keep' or 'drop'",
        ),
        ("[parcel]", "['par cel  x']", "themes.delivery.terms.en.0: must be words"),
        ("[parcel]", "['pa*']", "three letters and '*' are any ending; got 'pa*'"),
        ("[consegnare]", "['conseg*']", "themes.delivery.lemmas: must be dictionary forms"),
        ("negated: drop", "regexes: {it: ['(']}", "must be a regular expression (missing )"),
        ("negated: drop", "regexes: {it: ['a*']}", "that does not match an empty text"),
        ("en: [parcel]", "fr: [colis]", "themes.delivery.terms.fr: must be one of 'en', 'it'"),
        (
            'terms: {it: [pacco, "spediz*"], en: [parcel]}\n    lemmas: {it: [consegnare]}',
            "terms: {it: []}",
            "themes.delivery: must have terms, lemmas or regexes",
        ),
    ],
)
def test_a_fault_is_told_with_its_key(old, new, fault):
    assert old in SMALL
    with pytest.raises(CodebookError) as raised:
        Codebook.parse(SMALL.replace(old, new))
    assert fault in str(raised.value)


def test_all_faults_are_told_at_once():
    with pytest.raises(CodebookError) as raised:
        Codebook.parse("{name: '', languages: [it], themes: {a: {label: {it: A}}}, more: 1}")
    assert len(raised.value.faults) == 3


def test_a_review_finds_overlaps_missed_examples_and_found_counter_examples():
    found = check_codebook(Codebook.parse(SMALL))
    assert found[["finding", "theme", "entry"]].to_numpy().tolist() == [
        ["overlap", "delivery", "pacco"],
        ["overlap", "damage", "pacco"],
    ]
    worse = SMALL.replace("negated: drop", "negated: keep").replace("Il pacco c'è.", "La scatola.")
    found = check_codebook(Codebook.parse(worse))
    assert found[["finding", "theme", "entry", "detail"]].to_numpy().tolist()[2:] == [
        ["example missed", "delivery", "La scatola.", "no entry holds"],
        ["counter-example found", "damage", "Non era rotto.", "term 'rotto' holds"],
    ]


def test_a_review_finds_what_no_text_met():
    texts = ["Il pacco è stato consegnato", "si è rotto", "parcel"]
    found = check_codebook(Codebook.parse(SMALL), texts, ["it", "it", "en"])
    dead = found[found["finding"] == "dead"]
    assert dead[["theme", "language", "entry"]].to_numpy().tolist() == [
        ["delivery", "it", "spediz*"]
    ]


def test_entries_that_differ_by_accent_or_case_are_the_same():
    twice = SMALL.replace("[pacco, rotto]", "[rotto]").replace('[pacco, "spediz*"]', "[ROTTÒ]")
    found = check_codebook(Codebook.parse(twice.replace("Il pacco c'è.", "rotto")))
    assert found["finding"].tolist() == ["overlap", "overlap"]
