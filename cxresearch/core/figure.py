"""A figure as one thing: what is drawn, its title, its words for who cannot see it, its data."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cxresearch.core import disclosure, phrasing
from cxresearch.core.languages import Language

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

#: A matplotlib artist whose gid begins so keeps its greys on a dark page: for surfaces whose colour
#: is data, and for what is written on them, since a page turns over the greys of everything else.
AS_DRAWN = "as-drawn"
_is_narrow = ContextVar("is_narrow", default=False)


def is_narrow() -> bool:
    """Return whether a figure is drawn for the width of a phone."""
    return _is_narrow.get()


@contextmanager
def narrow() -> Iterator[None]:
    """Have figures drawn for the width of a phone: as narrow as it, with letters as large."""
    token = _is_narrow.set(True)
    try:
        yield
    finally:
        _is_narrow.reset(token)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Figure:
    """A figure that is drawn when it is shown, in the language of its reader.

    Parameters
    ----------
    title : str
        What it shows, an English message.
    data : pandas.DataFrame
        The rows drawn; what tells about too few people is taken out before they are.
    draw : callable
        Given the rows and a :class:`~cxresearch.core.languages.Language`, returns the axes.
    describe : callable
        Given the same, returns the alternative text.
    values : mapping
        The values in the title's braces, as in :func:`cxresearch.core.phrasing.word`.
    people, within : optional
        Which columns of `data` count people, and which rows add up to a whole, as for
        :class:`cxresearch.core.table.Table`.
    written : sequence of str
        The columns of `data` that are written in the drawing and are no data of their own.
    """

    title: str
    data: pd.DataFrame
    draw: Callable[[pd.DataFrame, Language], Axes]
    describe: Callable[[pd.DataFrame, Language], str]
    values: Mapping[str, Any] = field(default_factory=dict)
    people: str | Sequence[str] | None = None
    within: Sequence[str] | None = None
    written: Sequence[str] = ()

    def to_frame(self) -> pd.DataFrame:
        """Return the rows behind the figure."""
        return self.data

    def axes(self, lang: str = "en") -> Axes:
        """Draw the figure and return its axes, to be drawn on further."""
        return self.draw(self.data, Language(lang))

    def alt(self, lang: str = "en") -> str:
        """Return the alternative text in a language."""
        return self.describe(self.data, Language(lang))

    def shown(self, min_cell: int) -> pd.DataFrame:
        """Return the rows in which no number tells about fewer than `min_cell` people."""
        return disclosure.enough(
            self.data, people=self.people, min_cell=min_cell, within=self.within
        )

    def __repr__(self) -> str:
        return f"<Figure: {phrasing.plain(self.title, self.values, Language())}>"

    def _repr_png_(self) -> bytes:
        import io

        from matplotlib import pyplot as plt

        figure = self.axes().get_figure(root=True)
        file = io.BytesIO()
        assert figure is not None, "an axes has a figure"
        figure.savefig(file, format="png", dpi=144, bbox_inches="tight")
        plt.close(figure)
        return file.getvalue()
