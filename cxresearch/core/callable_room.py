"""A room that is asked as a whole: ``cx.findings(shop)``, ``cx.journey_map(shop)``."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

from cxresearch.core import validate


def answered_by(room: str, name: str) -> None:
    """Let a package be called as the function of that name in it, which takes a study.

    A folder and the function it is for have one name, and Python sets the folder in that name's
    place as soon as any file of it is imported: so the folder itself answers.

    Parameters
    ----------
    room : str
        The package's dotted name, ``__name__`` in its ``__init__``.
    name : str
        The function.
    """

    class Room(ModuleType):
        """A package that is called as one of its functions."""

        def __call__(self, *arguments: Any, **options: Any) -> Any:
            answer: Callable[..., Any] = getattr(self, name)
            for study in arguments[:1]:
                if not hasattr(study, "manifest"):
                    rule = "a study, from cx.open_study()"
                    raise validate.refused_type("study", rule, type(study).__name__)
            return answer(*arguments, **options)

        def __dir__(self) -> list[str]:
            return [*self.__all__]

    module = sys.modules[room]
    module.__class__ = Room
    # What JupyterLab shows while its arguments are typed.
    module.__signature__ = inspect.signature(getattr(module, name))  # type: ignore[attr-defined]
