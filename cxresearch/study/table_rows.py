"""The rows of a study's table: a lazy frame that also shows itself and goes to pandas."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable
from typing import TYPE_CHECKING, Any, Self

import narwhals as nw

if TYPE_CHECKING:
    import pandas as pd

_SHOWN = 5


class Rows(nw.LazyFrame[Any]):
    """A lazy frame: every method of ``narwhals.LazyFrame``, and what follows.

    Nothing is read until it is collected, shown or turned into pandas.
    """

    #: Which ids may be blank in these rows; what is made of them does not know.
    maybe_blank: Callable[[], Collection[str]] | None = None
    #: What was asked of these rows, for :func:`cxresearch.engine.frames.once`.
    kept: dict[Hashable, Any] | None = None

    @classmethod
    def of(
        cls,
        frame: nw.LazyFrame[Any],
        maybe_blank: Callable[[], Collection[str]] | None = None,
        kept: dict[Hashable, Any] | None = None,
    ) -> Rows:
        """Return a lazy frame as rows that show themselves."""
        rows = cls(frame._compliant_frame, level="lazy")
        rows.maybe_blank, rows.kept = maybe_blank, kept
        return rows

    def filter(self, *predicates: Any, **constraints: Any) -> Self:
        """Return some of the rows; ids that are never blank are not blank in them either."""
        found = super().filter(*predicates, **constraints)
        found.maybe_blank = self.maybe_blank
        return found

    def _extract_compliant_frame(self, other: Any, /) -> Any:
        # Narwhals joins a frame only with one of its own class; rows join any lazy frame.
        return super()._extract_compliant_frame(_as_rows(other))

    def to_pandas(self) -> pd.DataFrame:
        """Return all rows as a frame of pandas."""
        return self.collect().to_pandas()

    def __repr__(self) -> str:
        return f"{self._first()}\n[first rows of a lazy frame; .to_pandas() reads all]"

    def _repr_html_(self) -> str:
        return f"{self._first().to_html(index=False)}<p>The first rows of a lazy frame.</p>"

    def _first(self) -> pd.DataFrame:
        return self.head(_SHOWN).collect().to_pandas()


def _as_rows(frame: Any) -> Any:
    return Rows.of(frame) if isinstance(frame, nw.LazyFrame) else frame
