"""A chat or a call written down, as a table: one row per turn, with who said it and when.

WhatsApp's export stamps each message; a line without a stamp goes on with the one before. A call is
written down by lines that begin with who speaks, or by the cues of a caption file (VTT, SRT).
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from cxresearch.study.loaders.plain import lines

if TYPE_CHECKING:
    from cxresearch.study.sources import Written

_SUFFIXES = {".txt", ".vtt", ".srt"}
_SPACES = str.maketrans(dict.fromkeys("\u00a0\u202f", " ") | dict.fromkeys("\ufeff\u200e\u200f"))
_MESSAGE = re.compile(
    r"\[?(\d{1,4}[./-]\d{1,2}[./-]\d{1,4}),? (\d{1,2}[:.]\d{2}(?:[:.]\d{2})?)"
    r"( ?[AaPp]\. ?[Mm]\.| ?[AaPp][Mm])?(?:\]| -) (?:([^:]{1,80}): )?(.*)"
)
#: A turn of a call: a time of the recording where it is given, who speaks, what is said.
_TURN = re.compile(
    r"(?:[\[(]?(\d{1,2}:\d{2}(?::\d{2})?(?:[.,]\d+)?)[\])]?(?: -)? )?"
    r"([^\W\d][\w .'-]{0,40}?)(?: ?[\[(](\d{1,2}:\d{2}(?::\d{2})?)[\])])? ?: (.+)"
)
_CUE = re.compile(r"((?:\d{2}:)?\d{2}:\d{2}[.,]\d{3}) --> .*")
_VOICE = re.compile(r"<v(?:\.[^ >]*)? ([^>]+)>(.*)")
_TAG = re.compile(r"<[^>]*>")
_DAY = re.compile(r"((?:19|20)\d{2})[-_.]?([01]\d)[-_.]?([0-3]\d)")
#: How many of the first lines decide what a file is, and how many of these must be turns.
_LOOKED_AT, _MOST = 40, 0.6
#: The columns of the table; the day of a call is that in the name of its file.
CHAT = ("conversation", "time", "author", "message")
CALL = ("conversation", "day", "offset", "speaker", "words")


def kind(path: Path) -> str:
    """Return ``whatsapp`` or ``transcript`` where a text file is one, else nothing."""
    if path.suffix.lower() not in _SUFFIXES:
        return ""
    with path.open("rb") as file:
        began = file.read(2)
    encoding = "utf-16" if began in (b"\xff\xfe", b"\xfe\xff") else "cp1252"
    with path.open(encoding=encoding, errors="replace") as text:
        first = [kept for line in islice(text, _LOOKED_AT) if (kept := _plain(line, encoding))]
    if not first:
        return ""
    if first[0].startswith("WEBVTT") or any(map(_CUE.fullmatch, first)):
        return "transcript"
    if _MESSAGE.fullmatch(first[0]):
        return "whatsapp"
    said = [turn for line in first if (turn := _TURN.fullmatch(line))]
    several = 1 < len({turn[2] for turn in said}) < max(len(said), 3)
    return "transcript" if several and len(said) >= _MOST * len(first) else ""


def _plain(line: str, encoding: str) -> str:
    if encoding == "cp1252":  # so that nothing is refused here; what is UTF-8 is read as that
        line = line.encode("cp1252", "replace").decode("utf-8", "replace")
    return line.translate(_SPACES).strip()


def as_text(path: Path, source: Written, name: str, out: Path, *, form: str) -> Path:
    """Write a transcript as comma-separated text with a header.

    Parameters
    ----------
    path : Path
        The file.
    source : Written
        How it is written.
    name : str
        What it is called; a call is named by it, and a chat by it and the day.
    out : Path
        Where the table is written.
    form : {"whatsapp", "transcript"}
        Which of the two it is.
    """
    blocks = lines(path, source.encoding, done=lambda _: None)
    said = (
        one.decode("utf-8", "surrogateescape").translate(_SPACES).rstrip()
        for block in blocks
        for one in block.split(b"\n")
    )
    stem = Path(name).stem
    with out.open("w", encoding="utf-8", errors="surrogateescape", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(CHAT if form == "whatsapp" else CALL)
        if form == "whatsapp":
            writer.writerows(_messages(said, stem))
        else:
            day = "-".join(found.groups()) if (found := _DAY.search(stem)) else ""
            writer.writerows((stem, day, *turn) for turn in _turns(said))
    return out


def _messages(said: Iterable[str], stem: str) -> Iterator[list[str]]:
    """Yield the messages of a chat; those that the system wrote have no author."""
    last: list[str] = []
    for line in said:
        found = _MESSAGE.fullmatch(line)
        if found is None:
            if last and line:
                last[3] += f"\n{line}"
            continue
        if last:
            yield last
        day, clock, half, author, text = found.groups()
        half = f" {half.replace('.', '').replace(' ', '').upper()}" if half else ""
        last = [f"{stem} {day}", f"{day} {clock}{half}", author or "", text]
    if last:
        yield last


def _turns(said: Iterable[str]) -> Iterator[list[str]]:
    """Yield the turns of a call: when in the recording, who speaks, what is said."""
    last: list[str] = []
    cue = ""
    for line in said:
        text = line.strip()
        if found := _CUE.fullmatch(text):
            cue = found[1]
            continue
        if not text or text.isdecimal() or text.startswith(("WEBVTT", "NOTE")):
            continue
        if voice := _VOICE.fullmatch(text):
            turn = [cue, voice[1].strip(), _TAG.sub("", voice[2])]
        elif found := _TURN.fullmatch(_TAG.sub("", text)):
            turn = [found[1] or found[3] or cue, found[2].strip(), found[4]]
        elif last:
            last[2] += f"\n{_TAG.sub('', text)}"
            continue
        else:
            turn = [cue, "", text]
        if last:
            yield last
        last = turn
    if last:
        yield last
