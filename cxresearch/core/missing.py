"""What could not be measured: it shows why by itself, wherever its result would have been shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import wraps
from html import escape
from typing import Any, Literal, TypeVar

from cxresearch.core.languages import Language

_Shown = TypeVar("_Shown", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Missing:
    """Stands for a result that a study cannot give; every part and answer of it is missing too.

    A page leaves out a section that shows nothing else, and names it under "Not measured".

    Parameters
    ----------
    why : str
        What it needs or lacks, an English message.
    values : mapping
        The values in its braces.

    Examples
    --------
    >>> waits = Missing("the study has no tickets")
    >>> bool(waits), waits["first_response"]
    (False, Missing(why='the study has no tickets', values={}))
    >>> waits.median.why
    'the study has no tickets'
    >>> waits.by_month(confidence=0.9).why
    'the study has no tickets'
    """

    why: str
    values: dict[str, Any] = field(default_factory=dict)

    def __bool__(self) -> Literal[False]:
        return False

    def __getitem__(self, name: object) -> Missing:
        return self

    def __iter__(self) -> Iterator[Missing]:
        yield self  # what goes through it says once why there is nothing

    def __getattr__(self, name: str) -> Missing:
        if name.startswith("_"):
            raise AttributeError(name)  # what Python and IPython ask of any object
        return self

    def __call__(self, *_: object, **__: object) -> Missing:
        """Return it as the answer of any of its methods."""
        return self

    def words(self, language: Language) -> str:
        """Return why in a language."""
        return language.text(self.why, **self.values)

    def _repr_html_(self) -> str:
        return f"<p>{escape(f'Not measured: {self.words(Language())}.')}</p>"


def or_missing(function: _Shown) -> _Shown:
    """Let a function return the first of its arguments that is missing, and not run.

    Examples
    --------
    >>> @or_missing
    ... def doubled(value):
    ...     return 2 * value
    >>> doubled(2), doubled(Missing("no orders")).why
    (4, 'no orders')
    """

    @wraps(function)
    def passed(*arguments: Any, **options: Any) -> Any:
        for one in (*arguments, *options.values()):
            if isinstance(one, Missing):
                return one
        return function(*arguments, **options)

    return passed  # type: ignore[return-value]
