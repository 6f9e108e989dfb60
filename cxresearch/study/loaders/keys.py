"""What a loaded table is kept under: a digest of everything that decides its content."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

from cxresearch.core import disk
from cxresearch.study.manifest import Manifest


def key_of(table: str, manifest: Manifest, paths: Sequence[Path]) -> str:
    """Return the key of a canonical table.

    Parameters
    ----------
    table : str
        The table's name.
    manifest : Manifest
        What its study says.
    paths : sequence of Path
        The files it is loaded from, which are noted as read.
    """
    import duckdb

    decides = {
        "files": [disk.note_read(path) for path in paths],
        "source": manifest.tables[table].model_dump(mode="json"),
        "study": [manifest.currency, manifest.time_zone, manifest.as_of],
        "events": sorted(manifest.touchpoints),
        "code": _loader_code(),
        "duckdb": duckdb.__version__,
    }
    return hashlib.sha256(json.dumps(decides, sort_keys=True).encode()).hexdigest()[:16]


def _loader_code() -> str:
    """Return a digest of the code that decides what a loaded table holds."""
    paths = sorted(
        [
            *(disk.PACKAGE / name for name in ("study/schema.py", "engine/backends.py")),
            *Path(__file__).parent.glob("*.py"),
        ]
    )
    return hashlib.sha256("".join(map(disk.sha256, paths)).encode()).hexdigest()
