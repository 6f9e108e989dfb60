"""Files that people write in YAML: how they are read, and how a fault in one is worded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from pydantic import ValidationError


class _UniqueKeyLoader(yaml.SafeLoader):
    """YAML in which a key given twice is a fault: PyYAML would keep the last one silently."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys: list[Any] = []
        for key, _ in node.value:
            name = self.construct_object(key, deep=deep)
            if name in keys:
                words = f"key given twice: {name}"
                raise yaml.constructor.ConstructorError(None, None, words, key.start_mark)
            keys.append(name)
        return super().construct_mapping(node, deep=deep)


def load(text: str) -> Any:
    """Return the content of a YAML text.

    Raises
    ------
    ValueError
        If it is not YAML, or gives a key twice.

    Examples
    --------
    >>> load("title: Shop")
    {'title': 'Shop'}
    """
    try:
        return yaml.load(text, Loader=_UniqueKeyLoader)
    except (yaml.YAMLError, ValueError) as error:  # a ValueError is a day that is none
        raise ValueError(f"not readable as YAML: {error}") from error


def faults(error: ValidationError) -> list[str]:
    """Return one sentence per fault that pydantic found, each with its key."""
    return [_fault(one) for one in error.errors()]


def _fault(error: Any) -> str:
    # Pydantic ends the place of a fault in a key itself with "[key]".
    key = ".".join(str(part) for part in error["loc"] if part != "[key]") or "the file"
    if error["type"] == "extra_forbidden":
        return f"{key}: unknown key"
    if error["type"] == "missing":
        return f"{key}: missing"
    words = f"{key}: {error['msg'].removeprefix('Value error, ')}"
    # What is wrong between the keys of a part is told by the words; the whole part tells nothing.
    return words if isinstance(error["input"], dict) else f"{words}; got {error['input']!r}"
