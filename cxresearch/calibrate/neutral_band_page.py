"""The part of the page about the neutral band of the sentiment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cxresearch.calibrate.coverage_page import row
from cxresearch.stats.shares.proportions import proportion
from cxresearch.voc import band_errors
from cxresearch.voc.sentiment.scores import NEUTRAL

if TYPE_CHECKING:
    import pandas as pd

_HEAD = """
## Sentiment: what the neutral band calls a complaint

A text is called a complaint where its sentiment is below -{band:g}, praise where it is above
{band:g}, and neither between them. The sentences are those that nothing was learnt from, each rated
by people; neutral is a rating within an eighth of the middle of the scale, which goes from -1 to 1.
A cell is the share of the sentences of a row and its Wilson interval of 95 %.

"""
_READING = """
- Of the neutral sentences of all sets, {neutral:.0%} are called complaints; of the negative ones,
  {missed:.0%} are not. The band is wide on purpose: a page that shows a question as a complaint is
  worse than one that misses a mild complaint.
- 20 people rated each sentence of the reviews, which are one of four sets by which the band was
  chosen (`docs/decisions/012`). Sentences of one review are alike, so the intervals of the reviews
  are a little short. The invented sentences are the kit's own, rated by who wrote them, and few.
"""


def section() -> str:
    """Return the part of the page about the neutral band."""
    errors = band_errors()
    return (
        _HEAD.format(band=NEUTRAL)
        + band_table(errors)
        + _READING.format(neutral=called(errors, "neutral"), missed=1 - called(errors, "negative"))
    )


def called(errors: pd.DataFrame, rated: str) -> float:
    """Return the share of sentences of a rating, over all sets, that are called complaints.

    Examples
    --------
    >>> import pandas as pd
    >>> errors = pd.DataFrame({"rated": ["neutral"] * 2, "n": [30, 10], "complaint": [0.1, 0.5]})
    >>> called(errors, "neutral")
    0.2
    """
    rows = errors[errors["rated"] == rated]
    return float((rows["complaint"] * rows["n"]).sum() / rows["n"].sum())


def band_table(errors: pd.DataFrame) -> str:
    """Return one row per set of sentences and rating: what share is called what.

    Examples
    --------
    >>> import pandas as pd
    >>> print(band_table(pd.DataFrame({"sentences": ["reviews"], "rated": ["neutral"], "n": [10],
    ...     "complaint": [0.1], "praise": [0.0]})))
    | sentences | rated | n | called a complaint | called praise |
    | --- | --- | --- | --- | --- |
    | reviews | neutral | 10 | 0.100 (0.018 to 0.404) | 0.000 (0.000 to 0.278) |
    <BLANKLINE>
    """
    lines = [
        row("sentences", "rated", "n", "called a complaint", "called praise"),
        row(*["---"] * 5),
    ]
    lines += [
        row(
            str(one["sentences"]),
            str(one["rated"]),
            str(one["n"]),
            _share(one["complaint"], one["n"]),
            _share(one["praise"], one["n"]),
        )
        for one in errors.to_dict("records")
    ]
    return "".join(lines)


def _share(share: float, n: int) -> str:
    found = proportion(round(share * n), n)
    return f"{found.value:.3f} ({found.ci.low:.3f} to {found.ci.high:.3f})"
