"""What a shop brings: its manifest, its tables and what became of every row of them."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cxresearch.study.opening import Study, open_study

__all__ = ["Study", "open_study"]


def __getattr__(name: str) -> Any:
    # The manifest takes half a second to import, and those who need the schema alone do not pay it.
    if name in __all__:
        return getattr(importlib.import_module("cxresearch.study.opening"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
