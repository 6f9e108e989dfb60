"""E-mails: who wrote what and when, without what is quoted."""

from __future__ import annotations

import csv
import mailbox
from email.message import EmailMessage
from pathlib import Path

import pytest

from cxresearch.study.loaders import export_reading, mails

SHOP = "aiuto@bottega.example.com"


def mail(sender: str, text: str, *, html: str = "", **headers: str) -> EmailMessage:
    one = EmailMessage()
    one["From"] = sender
    one["To"] = headers.pop("to", SHOP)
    one["Date"] = headers.pop("date", "Tue, 03 Feb 2026 10:00:00 +0100")
    for name, value in headers.items():
        one[name.replace("_", "-")] = value
    if text or not html:
        one.set_content(text)
    if html and text:
        one.add_alternative(html, subtype="html")
    elif html:
        one.set_content(html, subtype="html", charset="iso-8859-1")
    return one


def table(folder: Path, *written: EmailMessage) -> list[dict[str, str]]:
    """Return the rows of a mailbox of some mails."""
    path = folder / "box.mbox"
    box = mailbox.mbox(path)
    for one in written:
        box.add(one)
    box.close()
    return rows_of(path, folder)


def rows_of(path: Path, folder: Path) -> list[dict[str, str]]:
    with mails.as_text(path, folder / "out.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_mail_is_a_row_with_its_writer_and_its_time(tmp_path: Path):
    rows = table(
        tmp_path,
        mail(
            "Anna Rossi <Anna@Example.com>", "Dov'è?", Subject="Ordine è perso", Message_ID="<a@x>"
        ),
        mail("Luca <luca@example.com>", "Rotto", date="Wed, 4 Feb 2026 12:00:00 GMT"),
    )
    assert [(row["mail"], row["sent"], row["sender"]) for row in rows] == [
        ("a@x", "2026-02-03T10:00:00+01:00", "anna@example.com"),
        ("box 2", "2026-02-04T12:00:00+00:00", "luca@example.com"),
    ]
    assert rows[0]["subject"] == "Ordine è perso"
    assert [row["words"] for row in rows] == ["Dov'è?", "Rotto"]


def test_the_owner_of_a_mailbox_is_who_most_mails_name(tmp_path: Path):
    ours, auto = (
        mail(f"Bottega <{SHOP}>", "Vediamo", to="a@example.com"),
        {"Auto_Submitted": "auto-replied"},
    )
    rows = table(
        tmp_path,
        mail("a@example.com", "Dov'è?"),
        ours,
        mail("b@example.com", "In ferie", **auto),
        mail("c@example.com", "Rotto", Auto_Submitted="no"),
    )
    assert [row["by"] for row in rows] == ["", mails.OWNER, mails.MACHINE, ""]


def test_of_two_that_all_mails_name_nobody_is_the_owner(tmp_path: Path):
    rows = table(tmp_path, mail("a@example.com", "Dov'è?"), mail(SHOP, "Qui", to="a@example.com"))
    assert [row["by"] for row in rows] == ["", ""]


@pytest.mark.parametrize(
    ("body", "own"),
    [
        (
            "Grazie\n\nOn Tue, Feb 3, 2026 at 10:00 AM Shop\n<s@example.com> wrote:\n\n> Hi\n> x",
            "Grazie",
        ),
        (
            "Il giorno mar 3 feb 2026 alle ore 10 Anna ha scritto:\n> Dove?\nIn strada.",
            "In strada.",
        ),
        ("Rotto.\n\n-----Messaggio originale-----\nDa: Bottega\nEcco", "Rotto."),
        ("Broken.\n\nFrom: Shop <s@example.com>\nSent: Monday\nTo: me\n\nFixed", "Broken."),
        ("Rotto.\n\nDa: Bottega\nInviato: lunedì\nA: me\n\nEcco", "Rotto."),
        ("Rotto.\n\nInviato da iPhone", "Rotto."),
        ("Broken.\n\nSent from my Galaxy\n", "Broken."),
        ("Rotto.\n-- \nAnna\nVia Roma 1", "Rotto."),
        (
            "Il corriere mi ha scritto:\nconsegnato. Falso!",
            "Il corriere mi ha scritto:\nconsegnato. Falso!",
        ),
        (">From the start it was broken.", "From the start it was broken."),
        ("On Monday I wrote:\nno answer", "On Monday I wrote:\nno answer"),
        ("> solo una citazione", ""),
        ("", ""),
    ],
)
def test_what_is_quoted_or_signed_is_not_written_by_the_sender(body: str, own: str):
    assert mails.written(body) == own
    assert mails.written(body.replace("\n", "\r\n")) == own


def test_of_a_web_page_the_words_are_taken(tmp_path: Path):
    page = (
        "<head><title>t</title><style>p{}</style></head><p>La qualità <b>è</b> bassa.<br>Peccato."
        "</p><blockquote>Grazie dell'ordine</blockquote>"
    )
    outlook = (
        "<p>Rotto</p><div id=appendonsend></div><hr><div id=divRplyFwdMsg>Da: B</div><p>Ecco</p>"
    )
    both = mail("c@example.com", "Semplice", html="<p>Ricco</p>")
    rows = table(
        tmp_path,
        mail("a@example.com", "", html=page),
        mail("b@example.com", "", html=outlook),
        both,
    )
    assert [row["words"] for row in rows] == [
        "La qualità è bassa.\nPeccato.",
        "Rotto",
        "Semplice",
    ]


def test_one_mail_is_a_file_of_its_own(tmp_path: Path):
    path = tmp_path / "one.eml"
    path.write_bytes(
        b"From: a@example.com\r\nTo: s@example.com\r\nDate: Tue, 3 Feb 2026 10:00:00 -0000\r\n"
        b"Content-Type: text/plain; charset=x-unknown\r\n\r\nTroppo \xc3\xa8 troppo\r\n"
    )
    assert export_reading.file_format(path) == "mail"
    (row,) = rows_of(path, tmp_path)
    assert row["sent"] == "2026-02-03T10:00:00+00:00"
    assert (row["mail"], row["by"], row["words"]) == ("one 1", "", "Troppo è troppo")


@pytest.mark.parametrize(
    ("name", "content"), [("a.mbox", b""), ("a.eml", b""), ("b.mbox", b"x;y\n")]
)
def test_a_file_without_a_mail_is_refused(tmp_path: Path, name: str, content: bytes):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ValueError, match="there is no mail in it"):
        mails.as_text(tmp_path / name, tmp_path / "out.csv")


def test_a_time_that_cannot_be_read_stays_as_it_is_written(tmp_path: Path):
    (tmp_path / "one.eml").write_bytes(b"From: a@example.com\nDate: ieri alle 10\n\nRotto\n")
    (row,) = rows_of(tmp_path / "one.eml", tmp_path)
    assert (row["sent"], row["words"]) == ("ieri alle 10", "Rotto")


def test_a_packed_file_is_to_be_unpacked(tmp_path: Path):
    (tmp_path / "a.mbox.gz").write_bytes(b"\x1f\x8b")
    assert export_reading.file_format(tmp_path / "a.mbox.gz") == "mail"
    with pytest.raises(ValueError, match="unpack the file"):
        mails.as_text(tmp_path / "a.mbox.gz", tmp_path / "out.csv")


def test_a_mail_may_hold_anything(tmp_path: Path):
    path = tmp_path / "odd.eml"
    path.write_bytes(
        b"From: \xff<a@\r\nDate: \r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x--\r\n"
    )
    (row,) = rows_of(path, tmp_path)
    assert (row["sent"], row["words"], row["by"]) == ("", "", "")
