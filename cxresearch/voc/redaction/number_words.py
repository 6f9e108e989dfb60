"""What numbers count and date, as parts of patterns."""

from __future__ import annotations

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
_DAY, _MONTH, YEAR = r"(?:0?[1-9]|[12]\d|3[01])", r"(?:0?[1-9]|1[0-2])", r"(?:19|20)\d\d"
#: A date in any of the orders people write it in.
DATE = "(?:{})".format(
    "|".join(
        [rf"{YEAR}{sign}{_MONTH}{sign}{_DAY}(?!\d|[-/.]\d)" for sign in ("-", "/", r"\.", " ")]
        + [
            rf"{_DAY}{sign}{_MONTH}{sign}(?:{YEAR}|\d\d)(?!\d|[-/.]\d)"
            for sign in ("-", "/", r"\.")
        ]
        + [rf"{_DAY} {_MONTH} {YEAR}(?![\d/.-])"]
    )
)
