"""E-mails as a table: one row per mail, with who wrote it, when, and what that person wrote.

A mailbox (MBOX, as Gmail and Thunderbird export it) or one mail (EML). What a mail quotes of the
ones before is left out: it stands where it was written.
"""

from __future__ import annotations

import csv
import mailbox
import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from email import policy
from email.contentmanager import raw_data_manager
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.parser import BytesHeaderParser, BytesParser
from email.utils import getaddresses, parsedate_to_datetime
from pathlib import Path
from typing import IO, Any, cast

_Read = Callable[[IO[bytes]], EmailMessage]
#: The endings of the two kinds of files.
SUFFIXES = {".mbox", ".eml"}
#: The columns of the table.
MAIL = ("mail", "sent", "sender", "to", "subject", "by", "words")
#: Who wrote a mail that no customer did: a machine, or the address that most mails name.
MACHINE, OWNER = "machine", "owner"
#: The headers that name who a mail is from and for.
_PEOPLE = ("From", "To", "Cc", "Delivered-To")
#: The line, or two, with which Gmail and Apple begin what they quote, and how it is marked.
_INTRODUCED = re.compile(
    r"^[ \t]*(?:On|Il)\b(?=[^\n]*\d)[^\n]{5,}(?:\n[^\n]+)?(?:\bwrote|\bha scritto) ?:[ \t]*$",
    re.MULTILINE,
)
#: A mailbox marks a line of a text that begins as its mails do.
_ESCAPED = re.compile(r"^>+(?=From )", re.MULTILINE)
_MARKED = re.compile(r"^[ \t]*>.*\n?", re.MULTILINE)
#: From where on all is quoted: Outlook writes the mail before below its own, without marks.
_BELOW = re.compile(
    r"^[ \t]*(?:-{2,} ?(?:original message|messaggio originale|forwarded message|"
    r"messaggio inoltrato) ?-{2,}|"
    r"\*?(?:from|da):\*? [^\n]+\n\s*\*?(?:sent|date|to|inviato|data|a):).*",
    re.MULTILINE | re.DOTALL | re.IGNORECASE,
)
#: What is below two dashes is a signature; a phone signs in a line of its own.
_SIGNED = re.compile(r"^-- ?$.*", re.MULTILINE | re.DOTALL)
_PHONE = re.compile(
    r"^[ \t]*(?:inviato (?:da|dal mio)|sent from(?: my)?|get outlook for|ottieni outlook per)"
    r" [^\n]{2,40}$",
    re.MULTILINE | re.IGNORECASE,
)
_BLOCKS = ["p", "div", "tr", "li", "h1", "h2", "h3", "table"]
#: What a mail as a web page has beside what is written, and where Outlook begins to quote.
_BESIDE = "head, style, script, title, blockquote, .gmail_quote, .gmail_signature"
_QUOTED_FROM = "#appendonsend, #divRplyFwdMsg"
_GAPS = re.compile(r"\n\s*\n\s*")
#: Headers are decoded where they are asked for: the newer policy takes ten times as long.
_parsers = (kind(EmailMessage, policy=policy.compat32) for kind in (BytesParser, BytesHeaderParser))
_whole, _headers = (cast("_Read", parser.parse) for parser in _parsers)


def as_text(path: Path, out: Path) -> Path:
    """Write the mails of a file as comma-separated text with a header.

    The time is that of the mail with its offset, as ISO 8601; one that cannot be read stays as it
    is written. `by` says where a machine answered, or the owner of the mailbox wrote: the address
    that most of its mails are from or for.

    Raises
    ------
    ValueError
        If there is no mail in the file, or it is gzipped.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise ValueError("mails are not read while they are gzipped; unpack the file")
    with out.open("w", encoding="utf-8", errors="replace", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(MAIL)
        owner = _owner(path)
        for number, mail in enumerate(_mails(path), 1):
            writer.writerow(_row(mail, f"{path.stem} {number}", owner))
    return out


def _mails(path: Path, read: _Read = _whole) -> Iterator[EmailMessage]:
    if path.suffix.lower() == ".mbox":
        with closing(mailbox.mbox(path, factory=read, create=False)) as mails:  # type: ignore[arg-type]
            yield from mails  # type: ignore[misc]
        return
    with path.open("rb") as file:
        mail = read(file)
    if mail.keys():
        yield mail


def _owner(path: Path) -> str:
    """Return the address that most mails are from or for; nothing where that is not one alone."""
    named = [{*_addresses(mail, *_PEOPLE)} for mail in _mails(path, _headers)]
    if not named:
        raise ValueError("there is no mail in it")
    met = Counter(one for each in named for one in each)
    (most, times), (_, next_times) = [*met.most_common(2), ("", 0), ("", 0)][:2]
    return most if times > next_times and len(named) > 1 else ""


def _row(mail: EmailMessage, number: str, owner: str) -> list[str]:
    sender, to = (next(_addresses(mail, name), "") for name in ("From", "To"))
    is_automatic = _header(mail, "Auto-Submitted").casefold() not in {"", "no"}
    return [
        _header(mail, "Message-ID").strip("<> ") or number,
        _time(_header(mail, "Date")),
        *(sender, to, _header(mail, "Subject")),
        MACHINE if is_automatic else OWNER if sender and sender == owner else "",
        written(_body(mail)),
    ]


def _header(mail: EmailMessage, name: str) -> str:
    """Return a header in letters; nothing where it is missing."""
    there = mail.get(name, "")
    try:
        found = str(make_header(decode_header(there)))
    except (LookupError, ValueError):  # an unknown character set, or broken
        found = str(there)
    return " ".join(found.split())


def _addresses(mail: EmailMessage, *names: str) -> Iterator[str]:
    for _, address in getaddresses([_header(mail, name) for name in names]):
        if "@" in address:
            yield address.casefold()


def _time(header: str) -> str:
    try:
        sent = parsedate_to_datetime(header)
    except (TypeError, ValueError):
        return header
    return sent.isoformat() if sent.tzinfo else f"{sent.isoformat()}+00:00"


def _body(mail: EmailMessage) -> str:
    """Return the text of a mail; that of its web page where it has no plain one."""
    part: Any = mail.get_body(("plain", "html"))
    if part is None:
        return ""
    try:
        text = str(part.get_content(content_manager=raw_data_manager))
    except (LookupError, UnicodeError):  # an unknown character set
        text = (part.get_payload(decode=True) or b"").decode("utf-8", "replace")
    return _of_page(text) if part.get_content_subtype() == "html" else text


def _of_page(html: str) -> str:
    """Return what is written on a web page, without what it quotes."""
    from bs4 import BeautifulSoup

    page = BeautifulSoup(html, "html.parser")
    for begun in page.select(_QUOTED_FROM):
        for after in [*begun.find_next_siblings(), begun]:
            after.decompose()
    for beside in page.select(_BESIDE):
        beside.decompose()
    for line in page.find_all("br"):
        line.replace_with("\n")
    for block in page.find_all(_BLOCKS):
        block.append("\n")
    return page.get_text()


def written(body: str) -> str:
    r"""Return what the writer of a mail wrote: without what it quotes, and without a signature.

    Examples
    --------
    >>> written("Grazie, arrivato!\n\nIl giorno mar 3 feb 2026 Anna ha scritto:\n> Dov'è?\n")
    'Grazie, arrivato!'
    >>> written("Ancora nulla.\n-- \nAnna Rossi\nVia Roma 1")
    'Ancora nulla.'
    """
    text = body.replace("\r\n", "\n").replace("\u00a0", " ")
    for beside in (_BELOW, _INTRODUCED, _ESCAPED, _MARKED, _SIGNED, _PHONE):
        text = beside.sub("", text)
    return _GAPS.sub("\n\n", text).strip()
