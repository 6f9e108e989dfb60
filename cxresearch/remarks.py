"""What a reader must know before using a number, said in any language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from cxresearch.i18n import Language


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing a reader must know, which can be said in any language.

    Parameters
    ----------
    message : str
        A few words of English, the values in ``{braces}``.
    values : mapping
        The values: whole numbers, or words that are the same in every language.

    Examples
    --------
    >>> Remark("orders left out: {count}", {"count": 1234}).words(Language("en"))
    'orders left out: 1,234'
    """

    message: str
    values: Mapping[str, int | str] = field(default_factory=dict)

    def words(self, language: Language) -> str:
        """Return the remark in `language`."""
        return language.text(
            self.message,
            **{
                name: value if isinstance(value, str) else language.number(value)
                for name, value in self.values.items()
            },
        )


def in_words(remarks: Sequence[Remark], language: Language) -> str:
    """Return remarks as one note in `language`.

    Examples
    --------
    >>> in_words([Remark("no orders"), Remark("no customers")], Language("en"))
    'no orders; no customers'
    """
    return "; ".join(remark.words(language) for remark in remarks)
