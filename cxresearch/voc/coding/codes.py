"""People code texts by hand: sheets out, codes in, disagreements settled, agreement measured."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cxresearch.engine import frames
from cxresearch.errors import SchemaError
from cxresearch.stats.agreement.coefficients import (
    cohen_kappa,
    gwet_ac1,
    krippendorff_alpha,
    percent_agreement,
)
from cxresearch.voc.coding import sheets
from cxresearch.voc.coding.sampling import RANDOM
from cxresearch.voc.coding.sheets import code, codes_of, is_code, repeat_faults, row_faults
from cxresearch.voc.matching.codebook import Codebook

if TYPE_CHECKING:
    import pandas as pd

_SHOWN = ("text_id", "text", "language")
_KEPT = ("coder", "probability", "drawn")
DECISION = "decision"


def coding_sheet(sample: pd.DataFrame, codebook: Codebook, path: str | Path, *, coder: str) -> Path:
    """Write a sheet on which one coder says which themes each text is of.

    Parameters
    ----------
    sample : pandas.DataFrame
        The texts, as :func:`cxresearch.voc.draw_sample` returns them.
    codebook : Codebook
        The themes: a column for each, to be filled in with 1 or 0.
    path : str or Path
        The file, .csv or .xlsx, which is not there yet.
    coder : str
        Who codes. For double coding write a second sheet of the same sample for another coder.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    FileExistsError
        If the file is there: somebody may have filled it in.
    SchemaError
        If `sample` lacks columns.
    ValueError
        If the file is neither CSV nor XLSX.
    """
    frames.lazy(sample, "sample", ("text_id", "text", "probability", "drawn"))
    themes = list(codebook.themes)
    rows = [row | {"coder": coder} for row in sample.to_dict("records")]
    columns = [*_SHOWN, *themes, "comment", *_KEPT]
    file = Path(path)
    sheets.write([_by_name(row) for row in rows], columns, themes, file)
    return file


def read_codes(paths: Iterable[str | Path], codebook: Codebook) -> pd.DataFrame:
    """Read back the sheets of one or more coders.

    Parameters
    ----------
    paths : iterable of str or Path
        The sheets.
    codebook : Codebook
        The codebook they were written with.

    Returns
    -------
    pandas.DataFrame
        A row per sheet's text: `text_id`, `coder`, `drawn`, `probability`, and per theme 1.0,
        0.0, or nan where the cell is empty.

    Raises
    ------
    SchemaError
        If sheets lack columns, hold codes that are none, or a coder coded a text twice: all
        faults at once, each with its file, row and value.

    Notes
    -----
    A code is 1, x, y, yes, s, si or true, or 0, n, no or false; an empty cell is no code, not 0.
    """
    import pandas as pd

    themes = list(codebook.themes)
    faults: list[str] = []
    codes: list[dict[str, Any]] = []
    seen: dict[tuple[str, str], str] = {}
    for path in map(Path, paths):
        rows = sheets.read(path)
        missing = [name for name in ("text_id", *themes, *_KEPT) if rows and name not in rows[0]]
        if missing or not rows:
            told = f"no such column: {', '.join(missing)}" if missing else "nothing in it"
            faults.append(f"{path.name}: {told}")
            continue
        for number, row in enumerate(rows, start=2):
            where = f"{path.name}, row {number}"
            faults += row_faults(row, themes, where)
            faults += repeat_faults(row, where, seen)
            codes.append(codes_of(row, themes))
    if faults:
        raise SchemaError("coding sheets", faults)
    columns = ["text_id", "coder", "drawn", "probability", *themes]
    numbers = dict.fromkeys(("probability", *themes), float)
    return pd.DataFrame(codes, columns=columns).astype(numbers)


def disagreements(codes: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    """Return where coders gave a text different codes.

    Parameters
    ----------
    codes : pandas.DataFrame
        As :func:`read_codes` returns them.
    codebook : Codebook
        The codebook.

    Returns
    -------
    pandas.DataFrame
        A row per text and theme: `text_id`, `theme`, and each coder's code.
    """
    import pandas as pd

    parts = []
    for theme in codebook.themes:
        table = _by_coder(codes, theme)
        differing = table[table.nunique(axis=1) > 1].reset_index()
        differing.insert(1, "theme", theme)
        parts.append(differing)
    found = pd.concat(parts, ignore_index=True)
    return found.rename_axis(columns=None).sort_values(["text_id", "theme"], ignore_index=True)


def adjudication_sheet(
    codes: pd.DataFrame, sample: pd.DataFrame, codebook: Codebook, path: str | Path
) -> Path:
    """Write a sheet on which the disagreements are settled, in a column `decision`.

    Parameters
    ----------
    codes : pandas.DataFrame
        As :func:`read_codes` returns them.
    sample : pandas.DataFrame
        The texts that were coded.
    codebook : Codebook
        The codebook.
    path : str or Path
        The file, .csv or .xlsx, which is not there yet.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    FileExistsError
        If the file is there.
    ValueError
        If the file is neither CSV nor XLSX.
    """
    found = disagreements(codes, codebook)
    texts = dict(zip(sample["text_id"].astype(str), sample["text"], strict=True))
    rows = [_by_name(row) | {"text": texts.get(row["text_id"])} for row in found.to_dict("records")]
    coders = [name for name in found.columns if name not in ("text_id", "theme")]
    columns = ["text_id", "text", "theme", *coders, DECISION]
    file = Path(path)
    sheets.write(rows, columns, [DECISION], file)
    return file


def gold_codes(
    codes: pd.DataFrame, codebook: Codebook, decisions: str | Path | None = None
) -> pd.DataFrame:
    """Return one code per text and theme: what coders agree on, and what was decided.

    Parameters
    ----------
    codes : pandas.DataFrame
        As :func:`read_codes` returns them.
    codebook : Codebook
        The codebook.
    decisions : str or Path, optional
        The sheet of :func:`adjudication_sheet`, filled in.

    Returns
    -------
    pandas.DataFrame
        A row per text: `text_id`, `drawn`, `probability`, and per theme 1.0, 0.0, or nan where
        nobody coded it or a disagreement was not settled.

    Raises
    ------
    SchemaError
        If the sheet lacks columns or holds codes that are none: all faults at once.
    """
    settled = _decisions(Path(decisions)) if decisions is not None else {}
    one = codes.drop_duplicates("text_id").set_index("text_id")[["drawn", "probability"]]
    for theme in codebook.themes:
        table = _by_coder(codes, theme)
        one[theme] = table.min(axis=1).where(table.nunique(axis=1) == 1)
        for text, decision in settled.items():
            if text[1] == theme and text[0] in one.index:
                one.loc[text[0], theme] = decision
    return one.reset_index()


def coder_agreement(
    codes: pd.DataFrame, codebook: Codebook, *, confidence: float = 0.95, seed: int = 0
) -> pd.DataFrame:
    """Measure how far the coders agree on each theme.

    Parameters
    ----------
    codes : pandas.DataFrame
        As :func:`read_codes` returns them; suggested texts are left out, for they are the hard
        ones.
    codebook : Codebook
        The codebook.
    confidence : float, default 0.95
        Coverage of the intervals, strictly between 0 and 1.
    seed : int, default 0
        The seed of the bootstrap.

    Returns
    -------
    pandas.DataFrame
        A row per theme and measure: `theme`, `measure` (percent, alpha, ac1, and kappa where
        there are two coders), `value`, `ci_low`, `ci_high`, `n` (texts with two codes), `note`.

    Notes
    -----
    Read them together: where a theme is rare, percent is high whatever the coders do, alpha and
    kappa are low however few texts differ, and AC1 is in between.
    """
    import pandas as pd

    rows = []
    at_random = codes[codes["drawn"] == RANDOM]
    for theme in codebook.themes:
        table = _by_coder(at_random, theme)
        units, options = table.to_numpy(), {"confidence": confidence, "rng": seed}
        both: dict[str, Any] = options | {"categories": (0.0, 1.0)}
        measures = {
            "percent": percent_agreement(units, **options),  # type: ignore[arg-type]
            "alpha": krippendorff_alpha(units, **both),
            "ac1": gwet_ac1(units, **both),
        }
        if units.shape[1] == 2:
            measures["kappa"] = cohen_kappa(units[:, 0], units[:, 1], **both)
        rows += [
            {"theme": theme, "measure": name, "value": found.value}
            | {"ci_low": found.ci.low, "ci_high": found.ci.high, "n": found.n, "note": found.note}
            for name, found in measures.items()
        ]
    return pd.DataFrame(rows)


def _by_coder(codes: pd.DataFrame, theme: str) -> pd.DataFrame:
    """Return a row per text and a column per coder."""
    return codes.pivot(index="text_id", columns="coder", values=theme)


def _by_name(row: dict[Any, Any]) -> dict[str, Any]:
    return {str(name): value for name, value in row.items()}


def _decisions(path: Path) -> dict[tuple[str, str], float]:
    """Return what was decided, by text and theme."""
    rows = sheets.read(path)
    needed = ("text_id", "theme", DECISION)
    faults = [
        f"{path.name}: no such column: {name}" for name in needed if rows and name not in rows[0]
    ]
    faults = faults or [
        f"{path.name}, row {number}, {DECISION}: must be 1, 0 or empty; got {row[DECISION]!r}"
        for number, row in enumerate(rows, start=2)
        if not is_code(row[DECISION])
    ]
    if faults:
        raise SchemaError("decisions", faults)
    return {(row["text_id"], row["theme"]): code(row[DECISION]) for row in rows if row[DECISION]}
