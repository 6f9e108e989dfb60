"""What a cell shows, in a notebook and outside of one."""

from __future__ import annotations

from typing import Any


def display(data: dict[str, str], metadata: dict[str, Any]) -> None:
    """Show an output of a notebook; in a plain script or a doctest, print its text.

    Parameters
    ----------
    data : dict of str to str
        The output by MIME type, ``"text/plain"`` among them.
    metadata : dict
        What the renderer needs beside it.
    """
    from IPython.core.getipython import get_ipython

    if get_ipython() is None:
        print(data["text/plain"])  # noqa: T201
        return
    from IPython.display import publish_display_data

    publish_display_data(data, metadata)  # type: ignore[no-untyped-call]
