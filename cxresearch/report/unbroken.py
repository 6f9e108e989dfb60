"""Words of a page that stay on one line: a number and what belongs to it."""

from __future__ import annotations

import re

_NO_BREAK_SPACE, _WORD_JOINER = "\N{NO-BREAK SPACE}", "\N{WORD JOINER}"
#: "n 2,609" and "n = 2,609"; a day with its month and year; a minus before a currency.
_COUNT = re.compile(r"(?<![\w&-])n (= )?(?=\d)")
_DAY = re.compile(r"\b(\d{1,2}º?) ([^\W\d_]{3,4}) ((?:19|20)\d\d)\b")
_CODE = re.compile(r"(<pre\b.*?</pre>)", re.DOTALL)
_MINUS = re.compile("(?<=\N{MINUS SIGN})(?=[€$£])")


def unbroken(html: str) -> str:
    r"""Return HTML in which no line ends between a number and what it cannot be read without.

    Parameters
    ----------
    html : str
        HTML without scripts or styles of its own.

    Examples
    --------
    >>> unbroken("<p>since 1 Jun 2026, n 2,609</p>").replace("\N{NO-BREAK SPACE}", "~")
    '<p>since 1~Jun~2026, n~2,609</p>'

    Code stays as it is written, for it to run where it is pasted.

    >>> unbroken("<pre>n = 20</pre>") == "<pre>n = 20</pre>"
    True
    """
    return "".join(part if part.startswith("<pre") else _joined(part) for part in _CODE.split(html))


def _joined(html: str) -> str:
    html = _COUNT.sub(lambda found: found[0].replace(" ", _NO_BREAK_SPACE), html)
    html = _DAY.sub(lambda found: _NO_BREAK_SPACE.join(found.groups()), html)
    return _MINUS.sub(_WORD_JOINER, html)
