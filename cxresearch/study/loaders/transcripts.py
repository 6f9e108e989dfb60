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
_SPACES = str.maketrans(dict.fromkeys("\u00a0\u202f", " ") | dict.fromkeys("\ufeff\u200f"))
#: What stands before a text that the app wrote, not the author.
_OF_THE_APP = "\N{LEFT-TO-RIGHT MARK}"
_MESSAGE = re.compile(
    r"\[?(\d{1,4}[./-]\d{1,2}[./-]\d{1,4}),? (\d{1,2}[:.]\d{2}(?:[:.]\d{2})?)"
    r"( ?[AaPp]\. ?[Mm]\.| ?[AaPp][Mm])?(?:\]| -) (?:([^:]{1,80}): )?(.*)"
)
#: What the app writes for what is no text, and what it adds to one.
_NO_TEXT = re.compile(
    r"<[^<>]*\b(?:omess[aio]|omitted)>|.+ \(file (?:attached|allegato)\)|"
    r"<(?:attached|allegato): .*>|"
    r"(?:This message was deleted|You deleted this message|"
    r"Questo messaggio è stato eliminato|Hai eliminato questo messaggio)\.?"
)
_EDITED = re.compile(r" ?<(?:This message was edited|Questo messaggio è stato modificato)>$")
#: A turn of a call: a time of the recording where it is given, who speaks, what is said.
_TURN = re.compile(
    r"(?:[\[(]?(\d{1,2}:\d{2}(?::\d{2})?(?:[.,]\d+)?)[\])]?(?: -)? )?"
    r"([^\W\d][\w .'-]{0,40}?(?: \([^()\d]{1,30}\))?)(?: ?[\[(](\d{1,2}:\d{2}(?::\d{2})?)[\])])?"
    r" ?: (.+)"
)
#: Who speaks on a line of its own, with a time of the recording; what is said is below. One space
#: alone parts them only where the name is one word: "Broken at 10:30" is what somebody says.
_SPEAKER = re.compile(
    r"((?=[^\W\d][\w.'-]* [\[(\d]|.*(?:,|\t|  | [\[(]))"
    r"[^\W\d][\w .'-]{0,40}?(?: \([^()\d]{1,30}\))?),?[ \t]+[\[(]?(\d{1,2}:\d{2}(?::\d{2})?)[\])]?"
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
    if _SPEAKER.fullmatch(first[0]):
        said = [turn[1] for line in first if (turn := _SPEAKER.fullmatch(line))]
        enough = len(said) > 1
    else:
        said = [turn[2] for line in first if (turn := _TURN.fullmatch(line))]
        enough = len(said) >= _MOST * len(first)
    several = 1 < len(set(said)) < max(len(said), 3)
    return "transcript" if several and enough else ""


def _plain(line: str, encoding: str) -> str:
    if encoding == "cp1252":  # so that nothing is refused here; what is UTF-8 is read as that
        line = line.encode("cp1252", "replace").decode("utf-8", "replace")
    return line.translate(_SPACES).strip(f" {_OF_THE_APP}\n")


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
        found = _MESSAGE.fullmatch(line.lstrip(_OF_THE_APP))
        if found is None:
            if last and line:
                last[3] = f"{last[3]}\n{line.replace(_OF_THE_APP, '')}".lstrip("\n")
            continue
        if last:
            yield last
        day, clock, half, author, text = found.groups()
        half = f" {half.replace('.', '').replace(' ', '').upper()}" if half else ""
        if text.startswith(_OF_THE_APP) or _NO_TEXT.fullmatch(text):
            text = ""
        author = (author or "").strip(_OF_THE_APP)
        last = [f"{stem} {day}", f"{day} {clock}{half}", author, _EDITED.sub("", text)]
    if last:
        yield last


def _turns(said: Iterable[str]) -> Iterator[list[str]]:
    """Yield the turns of a call: when in the recording, who speaks, what is said."""
    last: list[str] = []
    cue = ""
    named: bool | None = None  # whether who speaks has a line of its own, as the first has
    for line in said:
        text = line.replace(_OF_THE_APP, "").strip()
        if found := _CUE.fullmatch(text):
            cue = found[1]
            continue
        if not text or text.isdecimal() or text.startswith(("WEBVTT", "NOTE")):
            continue
        head = _SPEAKER.fullmatch(text) if named is not False else None
        named = bool(head) if named is None else named
        if head:
            turn = [head[2], head[1].strip(), ""]
        elif named:
            last[2] = f"{last[2]}\n{text}".lstrip("\n")
            continue
        elif voice := _VOICE.fullmatch(text):
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
