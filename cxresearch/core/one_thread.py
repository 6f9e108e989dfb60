"""Linear algebra on one thread: on few numbers, several cost more than they do."""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from threadpoolctl import ThreadpoolController


def one_thread() -> AbstractContextManager[Any]:
    """Hold the libraries of linear algebra to one thread within a block.

    Examples
    --------
    >>> from threadpoolctl import threadpool_info
    >>> with one_thread():
    ...     {one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas"}
    {1}
    """
    held: AbstractContextManager[Any] = _libraries().limit(limits=1, user_api="blas")
    return held


@cache
def _libraries() -> ThreadpoolController:
    """Return the libraries, which are looked for once: that takes longer than most fits do."""
    import scipy.linalg  # noqa: F401  (SciPy has one of its own)
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()
