"""Numbers that identify nobody: dates, times, years, quantities, prices, sizes, versions."""

from __future__ import annotations

import re

#: What follows a quantity.
UNITS = (
    r"(?:€|£|\$|%|‰|°|(?:euro|eur|usd|gbp|dollar[is]?|dollars|pounds?|sterline|chf|"
    r"pezz[io]|pz|articol[io]|prodott[io]|items?|pieces?|pcs|units?|unità|copie|copies|coll[io]|scatol[ae]|box(?:es)?|confezion[ei]|paia|paio|pairs?|"
    r"giorn[io]|days?|or[ae]|hours?|hrs?|minut[io]|minutes?|mins?|second[io]|seconds?|sec|"
    r"mes[ei]|months?|settiman[ae]|weeks?|ann[io]|years?|volt[ae]|times|"
    r"kg|gr?|grammi|grams?|mg|lb|oz|ml|cl|lt?|litri|cm|mm|mt?|metri|metres|km|inch|pollici|"
    r"watt|w|kw|kwh|volt|v|hz|mhz|ghz|lumen|lm|gb|mb|tb|kb|mah|px|dpi|rpm|giri|passi|steps|abitanti|inhabitants|"
    r"punti|points|persone|people|clienti|customers|utenti|users|ordini|orders|visite|visits|"
    r"views|visualizzazioni|recensioni|reviews|follower|followers|stelle|stars|"
    r"mila|mln|milioni|millions?|al mese|l'anno|a month|a year)\b)"
)
_DAY, _MONTH, _YEAR = r"(?:0?[1-9]|[12]\d|3[01])", r"(?:0?[1-9]|1[0-2])", r"(?:19|20)\d\d"
#: A date in any of the orders people write it in.
DATE = "(?:{})".format(
    "|".join(
        [rf"{_YEAR}{sign}{_MONTH}{sign}{_DAY}(?!\d|[-/.]\d)" for sign in ("-", "/", r"\.", " ")]
        + [
            rf"{_DAY}{sign}{_MONTH}{sign}(?:{_YEAR}|\d\d)(?!\d|[-/.]\d)"
            for sign in ("-", "/", r"\.")
        ]
        + [rf"{_DAY} {_MONTH} {_YEAR}(?![\d/.-])"]
    )
)
_MONEY = r"\d{1,3}(?:[ .,']\d{3})+(?:[.,]\d{1,2})?|\d+(?:[.,]\d+)?"
_PLAIN = re.compile(
    "|".join(
        [
            rf"(?<!\d)(?<!\d[-/.]){DATE}(?:[T ]\d{{1,2}}:\d{{2}}(?::\d{{2}})?)?",
            r"(?<![\d:])\d{1,2}:\d{2}(?::\d{2})?(?:[.,]\d+)?(?![\d:])",
            rf"(?<![\d+])(?<!\d[ /.-]){_YEAR}"
            rf"(?:[ ,/-]{{1,3}}(?:e |and |o |or )?{_YEAR})+(?!\d|[ /.-]\d)",
            r"(?<![\d.])\d{1,2}\.[0-5]\d ?(?:-|alle|to) ?\d{1,2}\.[0-5]\d(?![\d.])",
            rf"(?i:[€£$] ?|(?<![a-z])(?:euro?|usd|gbp|chf) )(?:{_MONEY})(?!\d)",
            rf"(?<![\d.,+])[+-]?(?:{_MONEY})(?=(?i: ?{UNITS}))",
            # A part after the point: "3.14159", "45.4642035"; a dialling code begins with 0 or 3.
            r"(?<![\d.,/+-])-?(?:[1-9]\d?|0)[.,]\d{3,}(?![\d./-])",
            r"(?i:(?<![a-z])(?:versione?|version|ver|v|firmware|release|build|ios|android|windows|"
            r"macos|python)[ .:]{0,2})\d+(?:[.-]\d+)+(?!\d)",
        ]
    )
)


def blanked(text: str) -> str:
    r"""Return a text with a zero sign for each sign of the numbers that identify nobody.

    Examples
    --------
    >>> blanked("il 2026-03-29 alle 9:30, tel 347 1234567").replace("\0", ".")
    'il .......... alle ...., tel 347 1234567'
    """
    return _PLAIN.sub(lambda found: "\0" * len(found[0]), text)
