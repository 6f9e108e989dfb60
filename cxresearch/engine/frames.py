"""Any frame as a lazy one, and the sums over customers that the statistics need."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import narwhals as nw
from narwhals.exceptions import DuplicateError

from cxresearch.core import validate
from cxresearch.core.unit_sums import UnitSums, is_part, pairs, product
from cxresearch.engine import dialects
from cxresearch.errors import SchemaError

if TYPE_CHECKING:
    from narwhals.typing import IntoFrame
    from numpy.typing import NDArray

Frame = nw.LazyFrame[Any]
#: A frame of any library, or a study's own.
AnyFrame: TypeAlias = "IntoFrame | Frame"
_Told = TypeVar("_Told")

#: The column that names the independent unit a row belongs to.
CLUSTER = "cluster"
#: The columns that say whose or which a row is, where a blank says nothing.
IDS = ("customer_id", "session_id", "event_id", "order_id")
#: Whether a row names its customer.
KNOWN = ~nw.col("customer_id").is_null()
#: What is seen as nothing: every space of Unicode, and the marks of no width.
_BLANK = "".join(sign for sign in map(chr, range(0x3001)) if sign.isspace()) + (
    "\N{ZERO WIDTH SPACE}\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}\N{WORD JOINER}"
    "\N{ZERO WIDTH NO-BREAK SPACE}"
)
#: A text that begins with a sign of ASCII is not blank.
_FIRST_SIGN, _AFTER_LAST_SIGN = "!", "\x7f"
#: Engines add floats up in any order, so the last digits of a sum differ between two runs on the
#: same data; a record keeps the digits that do not.
_STABLE_DIGITS = 12


def lazy(frame: AnyFrame, table: str, needed: Iterable[str]) -> Frame:
    """Return any frame as a lazy one; a blank id in it is a missing one.

    Raises
    ------
    TypeError
        If it is no frame.
    SchemaError
        If it lacks one of the `needed` columns, or has two of one name.
    """
    found = opened(frame, table)
    names = found.collect_schema().names()
    missing = [name for name in needed if name not in names]
    if missing:
        raise SchemaError(table, [lacks(name, names) for name in missing])
    return without_blanks(found, IDS)


def opened(frame: AnyFrame, table: str) -> Frame:
    """Return any frame as a lazy one, as it is.

    Raises
    ------
    TypeError
        If it is no frame.
    SchemaError
        If two of its columns have one name.

    Examples
    --------
    >>> opened([1, 2], "orders")
    Traceback (most recent call last):
        ...
    TypeError: orders must be a frame of pandas, Polars, Arrow or DuckDB; got 'list'
    """
    try:
        found: Frame = nw.from_native(dialects.in_common_kinds(frame)).lazy()
        found.collect_schema()
    except DuplicateError as error:
        fault = "two columns have one name; name them apart, or select those that are needed"
        raise SchemaError(table, [fault]) from error
    except TypeError as error:
        rule = "a frame of pandas, Polars, Arrow or DuckDB"
        raise validate.refused_type(table, rule, type(frame).__name__) from error
    return found


def columns(given: Mapping[str, Any] | AnyFrame, what: str) -> Mapping[str, Any]:
    """Return the columns of a frame, or of a mapping, which is returned as it is.

    Raises
    ------
    TypeError
        If it is neither.
    """
    if isinstance(given, Mapping):
        return given
    table = opened(given, what).collect("pandas").to_native()
    return {str(name): table[name] for name in table.columns}


def lacks(name: str, names: Sequence[str]) -> str:
    """Return the fault of a column that a frame does not have, with the nearest it has."""
    there = [str(one) for one in names]
    has = ", ".join(there) or "none"
    return f"{name}: no such column{validate.meant(name, there)}; it has {has}"


def read_once(frame: Frame) -> Frame:
    """Return a frame whose rows are read now, for what asks for them several times."""
    return frame if frame.implementation.is_pandas() else frame.collect("pyarrow").lazy("duckdb")


def once(frame: AnyFrame, what: Hashable, ask: Callable[[], _Told]) -> _Told:
    """Return what is asked of some rows; those of a study keep the answer while it is open.

    It must be small, or a frame, which then keeps what is asked of it as well.
    """
    # A frame of pandas may have a column of that name.
    kept = getattr(frame, "kept", None) if isinstance(frame, nw.LazyFrame) else None
    if kept is None:
        return ask()
    if what not in kept:
        told = kept[what] = ask()
        if isinstance(told, nw.LazyFrame):
            told.kept = {}  # type: ignore[attr-defined]
    found: _Told = kept[what]
    return found


def without_blanks(frame: Frame, columns: Iterable[str]) -> Frame:
    """Return a frame with what is blank in some of its columns as missing.

    Blank is a text of spaces only or of nothing, and a number that is none (nan). A blank customer
    would be one person who is everybody without a name.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = nw.from_native(pd.DataFrame({"customer_id": ["A", "", "  ", None]})).lazy()
    >>> without_blanks(rows, IDS).collect()["customer_id"].is_null().to_list()
    [False, True, True, True]
    """
    # The rows of a study know which of their ids may be blank, and need not be looked at again.
    if known := getattr(frame, "maybe_blank", None):
        blank = set(known())
        columns = [name for name in columns if name not in IDS or name in blank]
        if not columns:
            return frame
    schema = frame.collect_schema()
    whole = {
        name: nw.when(_something(name, schema[name])).then(nw.col(name))
        for name in columns
        if name in schema and (_is_text(schema[name]) or schema[name].is_float())
    }
    return frame.with_columns(**whole) if whole else frame


def maybe_blank(frame: Frame, columns: Iterable[str]) -> list[str]:
    """Return the columns in which something may be blank, by the ends of their order: one pass.

    Where a frame is read several times, the others need not be looked at row by row.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = nw.from_native(pd.DataFrame({"customer_id": ["A", " "], "event": ["a", "b"]})).lazy()
    >>> maybe_blank(rows, ["customer_id", "event"])
    ['customer_id']
    """
    schema = frame.collect_schema()
    texts = [name for name in columns if name in schema and _is_text(schema[name])]
    if not texts:
        return list(columns)
    every = [nw.col(name).cast(nw.String) for name in texts]
    least = [text.min().alias(f"least_{place}") for place, text in enumerate(every)]
    most = [text.max().alias(f"most_{place}") for place, text in enumerate(every)]
    (ends,) = rows(frame.select(*least, *most))
    plain = {
        name
        for place, name in enumerate(texts)
        if ends[f"least_{place}"] is None
        or (ends[f"least_{place}"] >= _FIRST_SIGN and ends[f"most_{place}"] < _AFTER_LAST_SIGN)
    }
    return [name for name in columns if name not in plain]


def customer_codes(labels: Iterable[Any]) -> NDArray[Any]:
    """Return a number for each customer of a list of ids; a missing or blank one is one by itself.

    Examples
    --------
    >>> customer_codes(["A", "B", "A", " ", None]).tolist()
    [0, 1, 0, 2, 3]
    """
    import numpy as np
    import pandas as pd

    # The values of a series are read where they are: taken one by one they cost ten times as much.
    series = labels if isinstance(labels, pd.Series) else pd.Series(list(labels), dtype=object)
    codes, names = pd.factorize(series)
    is_named = [not isinstance(one, str) or bool(one.strip(_BLANK)) for one in names]
    # The last is of those who are missing, whose code is -1.
    known = np.append(np.where(is_named, np.cumsum(is_named, dtype=np.intp) - 1, -1), -1)
    codes = known[codes]
    alone = codes < 0
    codes[alone] = sum(is_named) + np.arange(alone.sum())
    return np.asarray(codes)


def _is_text(kind: Any) -> bool:
    return kind in (nw.String, nw.Categorical, nw.Enum)


def _something(name: str, kind: Any) -> nw.Expr:
    """Return whether a value is not missing and not blank."""
    column = nw.col(name)
    if not _is_text(kind):
        return ~column.is_null() & ~column.is_nan()
    text = column.cast(nw.String).fill_null("")
    # DuckDB takes 40 times as long to strip all texts as to compare them: most begin with a sign.
    is_plain = (text >= _FIRST_SIGN) & (text < _AFTER_LAST_SIGN)
    return nw.when(is_plain).then(nw.lit(value=True)).otherwise(text.str.strip_chars(_BLANK) != "")


def rows(frame: Frame) -> list[dict[str, Any]]:
    """Compute a frame and return its rows; only for frames that are small by then.

    A sum of whole numbers is an `int`, on DuckDB too, where it would be a `Decimal`.
    """
    found = frame.collect().rows(named=True)
    return [{name: _plain(value) for name, value in row.items()} for row in found]


def _plain(value: Any) -> Any:
    if not isinstance(value, Decimal):
        return value
    return int(value) if value == value.to_integral_value() else float(value)


def distinct(frame: Frame, *columns: str) -> Frame:
    """Return what some columns have together, each once.

    ``unique`` of Narwhals has DuckDB number the rows of each, which costs three times as much.

    Examples
    --------
    >>> import pandas as pd
    >>> met = nw.from_native(pd.DataFrame({"event": ["cart", None, "cart"]})).lazy()
    >>> distinct(met, "event").collect()["event"].to_list()
    ['cart', nan]
    """
    return frame.group_by(*columns).agg(cx_rows=nw.len()).select(*columns)


def count(frame: Frame, condition: nw.Expr) -> int:
    """Return the number of rows for which a condition holds."""
    (row,) = rows(frame.filter(condition).select(n=nw.len()))
    return int(row["n"])


def counts(frame: Frame, **conditions: nw.Expr) -> dict[str, int]:
    """Return the numbers of rows for which each of some conditions holds, in one pass."""
    (row,) = rows(frame.select(**{name: indicator(one).sum() for name, one in conditions.items()}))
    return {name: int(row[name] or 0) for name in conditions}


def one(condition: nw.Expr) -> nw.Expr:
    """Return the whole number 1 where a condition holds, else 0."""
    return nw.when(condition).then(1).otherwise(0)


def indicator(condition: nw.Expr) -> nw.Expr:
    """Return 1.0 where a condition holds, else 0.0."""
    return nw.when(condition).then(1.0).otherwise(0.0)


def stable(value: float) -> float:
    """Return a float without the digits that depend on the order of an addition.

    Examples
    --------
    >>> stable(0.1 + 0.2)
    0.3
    """
    return float(f"{value:.{_STABLE_DIGITS}g}")


def moments(frame: Frame, columns: Sequence[str]) -> UnitSums:
    """Return the moments of some columns over the clusters of a frame."""
    return moments_of_rows(_clusters(frame, columns), columns)


def moments_of_rows(frame: Frame, columns: Sequence[str]) -> UnitSums:
    """Return the moments of some columns of a frame that has one row per cluster."""
    sums = {name: part.sum() for name, part in _parts(columns).items()}
    (row,) = rows(frame.select(n=nw.len(), **sums))
    return _finite(row, columns)


def moments_by(
    frame: Frame, key: str, columns: Sequence[str], values: Iterable[Any]
) -> dict[Any, UnitSums]:
    """Return the moments of some columns for each of `values` of the column `key`.

    A value without rows has no clusters, and sums of 0.
    """
    return _sums_by(_clusters(frame, columns, key), key, columns, _parts(columns), values)


def moments_beside(
    clusters: Frame, key: str, columns: Sequence[str], other: Any, values: Iterable[Any]
) -> dict[Any, UnitSums]:
    """Return the moments of two columns for each of `values` of the key, beside one `other` of it.

    Parameters
    ----------
    clusters : frame
        One row per cluster and value of the key.
    key : str
        The column that has the values.
    columns : sequence of str
        The two columns.
    other : object
        The value that each is held beside: there are the products with what the same clusters have
        there, under :func:`beside` of the columns' names, and the number of these as `both`.
    values : iterable
        The values.
    """
    named = {beside(name): nw.col(name) for name in columns}
    there = clusters.filter(nw.col(key) == other).select(CLUSTER, both=nw.lit(1.0), **named)
    crossed = {product(*sorted((a, b))): nw.col(a) * nw.col(b) for a in columns for b in named}
    own = {product(a, b): nw.col(a) * nw.col(b) for a, b in pairs(sorted(columns))}
    parts = {**{name: nw.col(name) for name in (*columns, "both")}, **own, **crossed}
    joined = clusters.join(there, on=CLUSTER, how="left")
    return _sums_by(joined, key, columns, parts, values)


def beside(column: str) -> str:
    """Return the name of a column of the value that others are held beside."""
    return f"{column} there"


def _sums_by(
    clusters: Frame,
    key: str,
    columns: Sequence[str],
    parts: Mapping[str, nw.Expr],
    values: Iterable[Any],
) -> dict[Any, UnitSums]:
    grouped = clusters.with_columns(**parts).group_by(key)
    summed = rows(grouped.agg(nw.len().alias("n"), nw.col(*parts).sum()))
    found = {row.pop(key): _finite(row, columns) for row in summed}
    nothing = UnitSums(0, dict.fromkeys(parts, 0.0))
    return {value: found.get(value, nothing) for value in values}


def moments_side_by_side(frame: Frame, key: str, values: Sequence[Any]) -> UnitSums:
    """Return the moments of ``x0, y0, x1, y1``...: `x` and `y` where `key` has each of some values.

    They tell how a cluster that is in several groups ties these together.
    """
    marks = {place: indicator(nw.col(key) == value) for place, value in enumerate(values)}
    columns = {f"{of}{place}": nw.col(of) * mark for place, mark in marks.items() for of in "xy"}
    return moments(frame.with_columns(**columns), list(columns))


def _finite(row: dict[str, Any], columns: Sequence[str]) -> UnitSums:
    """Return the sums in a row, which say nothing where one of the values has no end."""
    endless = [name for name in columns if not math.isfinite(row[product(name, name)] or 0)]
    if endless:
        raise SchemaError("the rows", [f"{name}: infinite, or too large" for name in endless])
    return UnitSums.of(row)


def _clusters(frame: Frame, columns: Sequence[str], *keys: str) -> Frame:
    """Return one row per cluster (and key) with the columns summed."""
    floats = frame.with_columns(nw.col(*columns).cast(nw.Float64))
    return floats.group_by(*keys, CLUSTER).agg(nw.col(*columns).sum())


def _parts(columns: Sequence[str]) -> dict[str, nw.Expr]:
    """Return columns of clusters, the products of each two of them, and which of them are not 0."""
    floats = {name: nw.col(name).cast(nw.Float64) for name in columns}
    return {
        **floats,
        **{product(a, b): floats[a] * floats[b] for a, b in pairs(sorted(columns))},
        **{is_part(name): indicator(floats[name] != 0) for name in columns},
    }
