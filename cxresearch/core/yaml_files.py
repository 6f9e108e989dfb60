"""Files that people write in YAML: how they are read, and how a fault in one is worded."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import yaml
from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
)
from pydantic_core import core_schema

from cxresearch.core import validate
from cxresearch.core.languages import LANGUAGES

if TYPE_CHECKING:
    from pydantic import ValidationError

#: People write no larger files; a program that reads them slowly need not be given one.
_LARGEST = 1_000_000
_DEEPEST = 50
#: How many values the text may stand for: with aliases, a few lines can stand for any number.
_VALUES = 100_000
#: What a value must be, by the name that pydantic gives to the fault.
_KINDS = {
    "string_type": "a text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "int_parsing": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "finite_number": "a number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "list_type": "a list",
    "tuple_type": "a list",
    "dict_type": "keys with their values",
    "model_type": "keys with their values",
    "greater_than_equal": "at least {ge:g}",
    "less_than_equal": "at most {le:g}",
    "greater_than": "above {gt:g}",
    "less_than": "below {lt:g}",
}
#: What pydantic adds to the place of a fault where a value may be of several types.
_OF_A_TYPE = re.compile(r"(dict|list|tuple|literal|function-\w+)\[.*\]", re.DOTALL)
_MERGE = "tag:yaml.org,2002:merge"
#: The loader in C, where PyYAML was built with it.
_FAST: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

#: How every part of the file is read: a key it does not know is a fault, never ignored.
STRICT = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


def as_list(value: object) -> object:
    """Take one text for a list of one."""
    return [value] if isinstance(value, str) else value


@dataclass(frozen=True, slots=True)
class Spelled:
    """How a text is spelled: a pattern for editors and for the check, words for people.

    Parameters
    ----------
    pattern : str
        What the whole text matches.
    words : str
        What it must be, as in "must be {words}".
    """

    pattern: str
    words: str

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> Any:
        """Return the schema of a text with this check after it."""
        return core_schema.no_info_after_validator_function(self._checked, handler(source))

    def __get_pydantic_json_schema__(self, schema: Any, handler: GetJsonSchemaHandler) -> Any:
        """Return the schema that editors read."""
        return handler(schema) | {"pattern": f"^({self.pattern})$"}

    def _checked(self, value: str) -> str:
        if not re.fullmatch(self.pattern, value):
            raise ValueError(f"must be {self.words}")
        return value


def _lang(value: str) -> str:
    if value not in LANGUAGES:
        raise ValueError(f"must be {validate.choice(LANGUAGES)}")
    return value


#: A language that reports can be in.
Lang = Annotated[str, AfterValidator(_lang)]


def _day(value: object) -> object:
    """Take a day with or without quotes: YAML reads 2026-01-31 as a date."""
    text = value.isoformat() if isinstance(value, date) else str(value)
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise ValueError("must be a day such as 2026-01-31") from None


#: A day of the calendar, as ISO 8601.
Day = Annotated[str, BeforeValidator(_day)]


class _UniqueKeyLoader(yaml.SafeLoader):
    """YAML in which a key given twice is a fault: PyYAML would keep the last one silently."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys: list[Any] = []
        for key, _ in node.value:
            if key.tag == _MERGE:
                raise _fault_at(key, "merge keys (<<) are not read; write the keys out")
            name = self.construct_object(key, deep=deep)
            if name in keys:
                raise _fault_at(key, f"key given twice: {validate.clipped(str(name))}")
            keys.append(name)
        return super().construct_mapping(node, deep=deep)

    def construct_scalar(self, node: yaml.ScalarNode | yaml.MappingNode) -> Any:
        value = super().construct_scalar(node)
        if isinstance(value, str) and ("\0" in value or not _is_text(value)):
            raise _fault_at(node, f"no text: {validate.short(value)}")
        return value

    def whole_number(self, node: yaml.ScalarNode) -> int:
        try:
            value: int = self.construct_yaml_int(node)
        except ValueError as error:
            raise _fault_at(node, f"no whole number: {validate.short(node.value)}") from error
        if not -(2**63) <= value < 2**63:
            raise _fault_at(node, f"a whole number beyond 64 bits: {validate.short(node.value)}")
        return value

    def moment(self, node: yaml.ScalarNode) -> Any:
        try:
            return self.construct_yaml_timestamp(node)
        except ValueError as error:
            raise _fault_at(node, str(error)) from error


_UniqueKeyLoader.add_constructor("tag:yaml.org,2002:int", _UniqueKeyLoader.whole_number)
_UniqueKeyLoader.add_constructor("tag:yaml.org,2002:timestamp", _UniqueKeyLoader.moment)


def _fault_at(node: yaml.Node, words: str) -> yaml.constructor.ConstructorError:
    return yaml.constructor.ConstructorError(None, None, words, node.start_mark)


def _is_text(value: str) -> bool:
    """Return whether a text has no half of a surrogate pair, which no file can hold."""
    return not any("\ud800" <= sign <= "\udfff" for sign in value)


def load(text: str) -> Any:
    """Return the content of a YAML text.

    Raises
    ------
    ValueError
        If it is not YAML, gives a key twice, or is too large or too deep to be written by hand.
        The message says where, and shows nothing else of the text.

    Examples
    --------
    >>> load("title: Shop")
    {'title': 'Shop'}
    """
    if len(text) > _LARGEST:
        raise ValueError(f"not readable as YAML: it is longer than {_LARGEST:,} characters")
    try:
        return _constructed(_UniqueKeyLoader(text))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f" (line {mark.line + 1}, column {mark.column + 1})" if mark else ""
        problem = (error.problem or "")[:200]
        raise ValueError(f"not readable as YAML: {problem}{place}") from error
    except RecursionError:
        raise ValueError("not readable as YAML: it is nested too deeply") from None
    except (yaml.YAMLError, ValueError) as error:
        raise ValueError(f"not readable as YAML: {str(error)[:200]}") from error


def load_own(text: str) -> Any:
    """Return the content of a file of the kit's own: it has no fault to word, so it is read fast.

    Examples
    --------
    >>> load_own("ends: [ciao, bye]")
    {'ends': ['ciao', 'bye']}
    """
    return yaml.load(text, Loader=_FAST)  # a safe loader


def _constructed(loader: _UniqueKeyLoader) -> Any:
    try:
        node = loader.get_single_node()
        if node is None:
            return None
        if _values(node, {}, 0) > _VALUES:
            raise ValueError(f"its aliases stand for more than {_VALUES:,} values")
        return loader.construct_document(node)
    finally:
        loader.dispose()


def _values(node: yaml.Node, known: dict[int, int], depth: int) -> int:
    """Return for how many values a node stands, each alias written out; `known` has what it was."""
    if depth > _DEEPEST:  # a node that is a part of itself as well
        raise RecursionError
    if id(node) not in known:
        if isinstance(node, yaml.MappingNode):
            parts = [part for pair in node.value for part in pair]
        else:
            parts = node.value if isinstance(node, yaml.SequenceNode) else []
        known[id(node)] = 1 + sum(_values(part, known, depth + 1) for part in parts)
    return known[id(node)]


def faults(
    error: ValidationError, content: Any = None, own: Iterable[str] = (), inner: Iterable[str] = ()
) -> list[str]:
    """Return one sentence per fault that pydantic found in `content`, each with its key.

    An unknown key is said with the nearest of the file's `own`, or of its parts' `inner` ones.
    """
    return [_fault(one, content, own if len(one["loc"]) < 2 else inner) for one in error.errors()]


def _place(loc: Iterable[Any], content: Any) -> Iterator[str]:
    """Yield the parts of a place as they were written: what stands for a list of one has no 0."""
    for part in loc:
        if part == "[key]":  # so pydantic ends the place of a fault in a key itself
            continue
        if part == 0 and isinstance(content, dict | str):
            continue
        if _OF_A_TYPE.fullmatch(str(part)) and not (isinstance(content, dict) and part in content):
            continue
        if isinstance(content, dict):
            content = content.get(part)
        elif isinstance(content, list) and isinstance(part, int) and part < len(content):
            content = content[part]
        else:
            content = None
        yield str(part)


def _fault(error: Any, content: Any, known: Iterable[str]) -> str:
    parts = _place(error["loc"], content)
    key = ".".join(map(validate.clipped, parts)) or "the file"
    if error["type"] == "extra_forbidden":
        return f"{key}: unknown key{validate.meant(str(error['loc'][-1]), known)}"
    if error["type"] == "missing":
        return f"{key}: missing"
    words = f"{key}: {_rule(error)}"
    # Of a fault between the keys of a part the words say all; the whole part says nothing more.
    if isinstance(error["input"], dict):
        return words
    allowed = re.findall(r"'([^']+)'", error["msg"])
    near = validate.meant(str(error["input"]), allowed)
    if error["type"] == "string_type" and isinstance(error["input"], bool):
        near = " (yes, no, on and off are true or false: write a word in quotes)"
    return f"{words}; got {validate.short(error['input'])}{near}"


def _rule(error: Any) -> str:
    """Return what a value must be."""
    if kind := _KINDS.get(error["type"]):
        return f"must be {kind.format(**error.get('ctx', {}))}"
    message = str(error["msg"]).removeprefix("Value error, ")
    return message.replace("Input should be ", "must be ")


def unknown(key: str, value: str, allowed: Iterable[str]) -> str:
    """Return the fault of a value that is none of those allowed.

    Examples
    --------
    >>> unknown("funnel.0", "view", ["home", "purchase"])
    "funnel.0: must be one of 'home', 'purchase'; got 'view'"
    """
    listed = list(allowed)
    near = validate.meant(value, map(str, listed))
    return f"{key}: must be {validate.choice(listed)}; got {validate.short(value)}{near}"
