"""Exports that no text editor writes: sheets of OpenDocument, files of SPSS."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from datetime import date, datetime
from html import escape
from pathlib import Path
from typing import Any

import pandas as pd
import pyreadstat

_SPACES = " ".join(
    f'xmlns:{one}="urn:oasis:names:tc:opendocument:xmlns:{one}:1.0"'
    for one in ("office", "table", "text")
)
_SHEET_KIND = "application/vnd.oasis.opendocument.spreadsheet"
_MANIFEST = (
    '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
    f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{_SHEET_KIND}"/>'
    "</manifest:manifest>"
)


def ods(*rows: Sequence[Any], sheets: int = 1) -> bytes:
    """Write rows as the first sheet of an OpenDocument file; the others are empty."""
    cells = "".join(
        f"<table:table-row>{''.join(map(_cell, row))}</table:table-row>" for row in rows
    )
    names = ["Foglio1", *(f"Foglio{number + 2}" for number in range(sheets - 1))]
    tables = "".join(
        f'<table:table table:name="{name}">{cells if not i else ""}</table:table>'
        for i, name in enumerate(names)
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", _SHEET_KIND)
        archive.writestr("META-INF/manifest.xml", _MANIFEST)
        archive.writestr(
            "content.xml",
            f"<office:document-content {_SPACES}><office:body><office:spreadsheet>{tables}"
            "</office:spreadsheet></office:body></office:document-content>",
        )
    return out.getvalue()


def _cell(value: Any) -> str:
    match value:
        case None:
            return "<table:table-cell/>"
        case datetime() | date():
            said = f'office:value-type="date" office:date-value="{value.isoformat()}"'
            return f"<table:table-cell {said}/>"
        case int() | float():
            return f'<table:table-cell office:value-type="float" office:value="{value}"/>'
    text = f"<text:p>{escape(str(value))}</text:p>"
    return f'<table:table-cell office:value-type="string">{text}</table:table-cell>'


def sav(frame: pd.DataFrame, folder: Path, **said: Any) -> bytes:
    """Write a frame as a file of SPSS, with what `said` tells of its variables."""
    path = folder / "written.sav"
    pyreadstat.write_sav(frame, path, **said)
    data = path.read_bytes()
    path.unlink()
    return data
