"""Texts as no one should have to read them: each is defined, and none takes minutes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cxresearch import voc
from cxresearch.voc.texts.raw_text import readable
from cxresearch.voc.texts.scores import NO_TEXT, NO_WORDS, OTHER_LANGUAGE

BOOK = voc.Codebook.load()
LATE = "La consegna è in ritardo"
#: What was written, what can be read of it, its language, its themes, why it has no sentiment.
TEXTS = [
    (None, "", "unknown", [], NO_TEXT),
    (float("nan"), "", "unknown", [], NO_TEXT),
    (pd.NA, "", "unknown", [], NO_TEXT),
    ("", "", "unknown", [], NO_TEXT),
    (" \n", " \n", "unknown", [], NO_TEXT),
    ("\x00\u200b\ufffe", "", "unknown", [], NO_TEXT),
    ("<br/><!-- ritardo -->", "  ", "unknown", [], NO_TEXT),
    ("😡👍🏽", "😡👍🏽", "unknown", [], NO_WORDS),
    ("12345 !!", "12345 !!", "unknown", [], NO_WORDS),
    (f"<p>{LATE}</p>", f" {LATE} ", "it", ["delivery"], ""),
    (f"<style>{'p {color: red} ' * 500}</style>{LATE}", f" {LATE}", "it", ["delivery"], ""),
    ("La conse\x00gna è in ritardo", LATE, "it", ["delivery"], ""),
    (f"\ud83d{LATE}", LATE, "it", ["delivery"], ""),
    (f"\u202e{LATE}\u202c", LATE, "it", ["delivery"], ""),
    (f"{LATE}, the parcel", f"{LATE}, the parcel", "it", ["delivery"], ""),
    ("המשלוח איחר מאוד", "המשלוח איחר מאוד", "other", [], OTHER_LANGUAGE),
    ("تأخر الطلب كثيرا", "تأخر الطلب كثيرا", "other", [], OTHER_LANGUAGE),
    ("快递太慢了", "快递太慢了", "other", [], OTHER_LANGUAGE),
    ("Niemand antwortet mir", "Niemand antwortet mir", "other", [], OTHER_LANGUAGE),
]
WROTE = [text for text, *_ in TEXTS]
OF_DELIVERY = [place for place, (*_, themes, _) in enumerate(TEXTS) if themes]


@pytest.fixture(scope="module")
def tags():
    return voc.tag(WROTE, BOOK)


def test_what_can_be_read():
    assert [readable(text) for text in WROTE if isinstance(text, str)] == [
        plain for text, plain, *_ in TEXTS if isinstance(text, str)
    ]


def test_the_language_of_each():
    assert voc.detect_language(WROTE).tolist() == [language for _, _, language, *_ in TEXTS]


def test_the_themes_of_each(tags):
    assert [tags.columns[row].tolist() for row in tags.to_numpy()] == [row[3] for row in TEXTS]
    assert set(voc.evidence(WROTE, BOOK)["text"]) == set(OF_DELIVERY)


def test_the_sentiment_of_each_or_why_there_is_none():
    found = voc.sentiment_table(WROTE)
    reasons = [row[4] for row in TEXTS]
    assert found["reason"].tolist() == reasons
    assert np.isnan(found["sentiment"]).tolist() == [bool(reason) for reason in reasons]
    late = found["sentiment"].to_numpy()[OF_DELIVERY]
    assert (late < -0.1).all()
    assert voc.sentiment(WROTE) == pytest.approx(found["sentiment"], nan_ok=True)


def test_the_sentiment_of_the_themes_of_each():
    found = voc.aspects(WROTE, voc.evidence(WROTE, BOOK))
    assert found["text"].tolist() == OF_DELIVERY
    assert (found["sentiment"] < -0.1).all()


def test_what_is_shown_of_each_can_be_written_to_a_file():
    redacted = voc.redact(WROTE)
    assert redacted == [plain for _, plain, *_ in TEXTS]
    assert "\n".join(redacted).encode("utf-8")


def test_each_has_a_vector():
    vectors = voc.encoder().encode([text for text in WROTE if isinstance(text, str)])
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-3)


def test_what_is_new_is_looked_for_among_them(tags):
    new = np.arange(len(WROTE) * 4) % 4 == 0
    often = [text for text in WROTE for _ in range(4)]
    # Every text is as often new as another, so nothing is.
    assert voc.emerging_terms(often, new, min_cell=1) == ()
    rows = tags.loc[np.repeat(tags.index, 4)]
    assert voc.emerging_clusters(often, new, rows, min_cell=1) == ()


def test_themes_are_learnt_from_them(tags):
    codes = tags[["delivery"]].astype(float)
    tagger = voc.learn(WROTE, tags, codes)
    assert tagger.tag(WROTE, tags)["delivery"].tolist() == tags["delivery"].tolist()


def test_they_are_quoted(tags):
    quoted = voc.theme_quotes(WROTE, tags, ["delivery"], count=20)["quote"]
    assert set(quoted) == {LATE, f"{LATE}, the parcel"}


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_they_are_coded(suffix, tmp_path):
    ids = [f"T{place:02d}" for place in range(len(WROTE))]
    feedback = pd.DataFrame({"text_id": ids, "text": pd.Series(WROTE, dtype=object)})
    full = [one for one, (*_, why) in zip(ids, TEXTS, strict=True) if why != NO_TEXT]
    sample = voc.draw_sample(feedback, len(full))
    assert sorted(sample["text_id"]) == full
    path = voc.coding_sheet(sample, BOOK, tmp_path / f"sheet{suffix}", coder="A")
    codes = voc.read_codes([path], BOOK)
    assert sorted(codes["text_id"]) == full
    assert codes[list(BOOK.themes)].isna().all(axis=None)


def test_no_texts_are_no_fault():
    none = voc.tag([], BOOK)
    assert none.shape == (0, 13)
    found = voc.evidence([], BOOK)
    assert found.empty
    assert voc.aspects([], found).empty
    assert voc.redact([]) == []
    assert voc.detect_language([]).shape == voc.sentiment([]).shape == (0,)
    assert voc.theme_quotes([], none, ["delivery"]).empty
    for looked_for in (
        lambda: voc.emerging_terms([], []),
        lambda: voc.emerging_clusters([], [], none),
    ):
        with pytest.raises(ValueError, match="number of new texts must be at least 1; got 0"):
            looked_for()


def filled(part, length):
    return (part * (length // len(part) + 1))[:length]


def test_words_without_end():
    long = filled(f"{LATE} e nessuno risponde. ", 300_000)
    assert voc.detect_language([long]).tolist() == ["it"]
    assert voc.tag([long], BOOK).loc[0, ["delivery", "service"]].all()
    assert voc.redact([long]) == [long]
    # The beginning stands for all of it.
    assert voc.sentiment([long]) == pytest.approx(voc.sentiment([long[:2000]]))


# What follows takes many minutes where time grows with the square of the length.


@pytest.mark.parametrize(
    "opening",
    ["<", "<!--", "<!-->", "<style>", "<style", "<a ", "</", "&", "&#1", "<style></style "],
)
def test_markup_that_never_ends(opening):
    assert len(readable(filled(opening, 300_000))) <= 300_000


@pytest.mark.parametrize(
    "part", ["a", "A", "aB", "0", "12 ", "(1", "1.", "@", "a@", "a@a.", ".", "a.", "é", "'", "- "]
)
def test_what_only_looks_like_personal_data_is_soon_read(part):
    long = filled(part, 100_000)
    assert voc.redact([long]) == [long]


@pytest.mark.parametrize("part", ["IT60 ", "via Roma ", "Anna ", "order n. ", "mi chiamo ", "tel "])
def test_what_begins_like_personal_data_is_soon_read(part):
    assert voc.redact([filled(part, 100_000)])


@pytest.mark.parametrize("part", ["a", "0", ".", "a.", "non ", "consegn", "no delivery "])
def test_long_texts_are_soon_tagged(part):
    long = filled(part, 100_000)
    assert voc.tag([long], BOOK)["delivery"].tolist() == [part in ("consegn", "no delivery ")]
