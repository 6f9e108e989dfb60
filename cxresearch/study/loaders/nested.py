"""SQL for what a nested column has at a path: an object, a list of keys and values, JSON as text.

In ``event_params.page_location`` the column is a list of ``{key, value}``, as analytics exports
write it: the step is the key, and the value the one of its typed fields that is filled.
"""

from __future__ import annotations

from collections.abc import Sequence

from cxresearch.engine.backends import literal

_TYPED = ("string_value", "int_value", "double_value", "float_value", "value")
_PAIRS = """'[{"key":"VARCHAR","value":"JSON"}]'"""


def at(field: str, duckdb_type: str, path: Sequence[str]) -> str:
    """Return SQL for the text that a column has at a path; null where there is none.

    Parameters
    ----------
    field : str
        The column.
    duckdb_type : str
        Its type; a text is read as JSON where it is.
    path : sequence of str
        The steps, each a key.
    """
    json = _as_json(field, duckdb_type)
    for step in path[:-1]:
        json = _step(json, step)
    return f"({_step(json, path[-1])} ->> '$')"


def _as_json(field: str, duckdb_type: str) -> str:
    if duckdb_type in {"VARCHAR", "JSON"}:
        return f"CASE WHEN json_valid({field}) THEN {field}::JSON END"
    return f"to_json({field})"


def _step(json: str, step: str) -> str:
    """Return SQL for what a value has at a key, in JSON; the value is written out once."""
    key = _pointer(step)
    is_key = f"lambda pair: pair.key = {literal(step)}"
    typed = [_filled(f"(pair -> '$.{name}')") for name in _TYPED]
    scalar = "CASE WHEN json_type(pair) <> 'OBJECT' THEN pair END"
    pair = f"list_filter(from_json(j, {_PAIRS}), {is_key})[1].value"
    either = f"coalesce({', '.join([*typed, scalar])})"
    value = f"list_transform([{pair}], lambda pair: {either})[1]"
    found = f"CASE json_type(j) WHEN 'ARRAY' THEN {value} ELSE j -> {key} END"
    return f"list_transform([{json}], lambda j: {found})[1]"


def _filled(json: str) -> str:
    return f"CASE WHEN json_type({json}) <> 'NULL' THEN {json} END"


def elements(field: str, duckdb_type: str) -> str:
    """Return SQL for the elements of a list, each as JSON."""
    json = _as_json(field, duckdb_type)
    items = """from_json(j, '["JSON"]')"""
    found = f"CASE json_type(j) WHEN 'ARRAY' THEN {items} END"
    return f"list_transform([{json}], lambda j: {found})[1]"


def key(json: str, name: str) -> str:
    """Return SQL for the text that a JSON object has at a key; a nested one is written as JSON."""
    return f"({json} ->> {_pointer(name)})"


def _pointer(name: str) -> str:
    """Return SQL for the JSON pointer (RFC 6901) to a key, whatever signs it has, even none."""
    return literal("/" + name.replace("~", "~0").replace("/", "~1"))
