"""The interval of a share that few units, or all but a few, have a part in."""

from __future__ import annotations

from cxresearch.core.results import Interval

METHOD = "Jeffreys, lengthened at the ends"

#: Below so many units with the property (or without it) the interval is lengthened; sizes that
#: are effective make one unit a little less or more than one.
_ONE = 1.5


def rare_share_interval(p: float, size: float, confidence: float) -> Interval:
    """Return the interval of Jeffreys, lengthened where it is known to be too short.

    Parameters
    ----------
    p : float
        The share, 0-1.
    size : float
        How many independent units it is of, above 0; an effective size may be a fraction.
    confidence : float
        Coverage of the interval, strictly between 0 and 1.

    Returns
    -------
    Interval
        Within 0-1, with `p` inside.

    Notes
    -----
    The quantiles of Beta(x + 1/2, size - x + 1/2), x = p size. With no unit the interval begins
    at 0; with one it begins at most at 1 - confidence**(1 / size), the share at which one is seen
    one time in twenty. The same holds of units without the property. Unlike an exact interval it
    covers now more, now less than it promises, and on average what it promises; least, .88, where
    2.5 units can be expected.

    References
    ----------
    Brown, Cai & DasGupta (2001), Stat. Sci. 16, 101-133, section 4.

    Examples
    --------
    >>> [round(end, 4) for end in rare_share_interval(0.0, 200, 0.95)]
    [0.0, 0.0125]
    >>> [round(end, 4) for end in rare_share_interval(0.005, 200, 0.95)]
    [0.0003, 0.0231]
    """
    from scipy.special import betaincinv

    x, tail = p * size, (1 - confidence) / 2
    low, high = (float(betaincinv(x + 0.5, size - x + 0.5, at)) for at in (tail, 1 - tail))
    one = 1 - confidence ** (1 / size)
    if x < _ONE:
        low = min(low, one if x else 0.0)
    if size - x < _ONE:
        high = max(high, 1 - one if x < size else 1.0)
    # A share of an effective size below one can lie outside the quantiles.
    return Interval(min(low, p), max(high, p))
