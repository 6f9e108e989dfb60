"""Numbers of orders, tickets and parcels: after a cue, or by their shape."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from cxresearch.core import validate
from cxresearch.voc.matching.term_patterns import OvertimeError, seconds_allowed, time_limit

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


def blank_numbers(text: str) -> str:
    r"""Return a text with a zero sign for each sign of the numbers that identify nobody.

    Examples
    --------
    >>> blank_numbers("il 2026-03-29 alle 9:30, tel 347 1234567").replace("\0", ".")
    'il .......... alle ...., tel 347 1234567'
    """
    return _PLAIN.sub(lambda found: "\0" * len(found[0]), text)


_CUES = (
    r"ordin[ei]|orders?|ord(?=\.)|pratica|ticket|tracking|spedizion[ei]|shipment|reso|resi|pacco|collo|"
    r"fattura|ricevuta|scontrino|invoice|receipt|rma|bolla|ddt|ldv|lettera di vettura|awb|"
    r"waybill|consignment|parcel|reference|ref|rif|riferimento|reclamo|segnalazione|"
    r"prenotazione|booking|contratto|polizza|tessera(?: fedeltà)?|loyalty card|"
    r"matricola|seriale|serial|imei|account|"
    r"(?:codice|numero|n\.?|id) ?(?:cliente|ordine|d'ordine|utente|spedizione|reso|tracking)|"
    r"customer(?: (?:number|code|id|no\.?))?|client (?:number|code|id)"
)
_MARKS = r"(?:n\.|nr\.?|n°|no\.?|num\.?|numero|number|code|codice|id|n|#)"
#: Letters and digits in parts, three digits in a row or four in all.
_VALUE = (
    r"(?=[\w/-]{0,40}?\d{3}|(?:[A-Za-z/_-]{0,8}\d){4})"
    r"(?:(?:[A-Z]{1,4}[ -])?\d{2,4}(?:[ -]\d{3,4}){1,5}(?![\w-])|"
    r"[A-Za-z0-9]+(?:[-/_][A-Za-z0-9]+)*)"
)
#: Without a mark such as "n.", years and quantities are none: "ordini 2024", "un ordine 150 pezzi".
_NO_VALUE = (
    r"(?!(?:19|20)\d\d(?:[/-](?:19|20)?\d\d)*(?![\w/-]))(?!\d{1,2}/\d{1,2}h?(?![\w/]))"
    rf"(?!\d+(?:[.,]\d+)? ?(?i:{UNITS}))"
)

#: What an order, a ticket or a parcel is called by. A study with other ones gives its own.
ORDER_PATTERNS = (
    rf"(?i:(?<![A-Za-z])(?:n|nr|num|numero|id|cod)?[._ ]?(?:{_CUES})"
    r"(?:[ _.-]{1,2}(?:number|numero|id|code|codice|di spedizione|d'ordine|tracking))?\.?"
    r" ?(?:è|e'|is|was|era)?[ _]?)"
    rf"[:=]? ?(?:(?i:{_MARKS})(?:[ :]?(?i:{_MARKS})){{0,2}}[:=]?[ _]?(?:è |is )?#?|{_NO_VALUE})"
    rf"(?!{DATE})(?!\d+[.,]\d)(?P<value>{_VALUE})(?!\w)",
    # Of couriers and shops: UPS, the Universal Postal Union's S10, Amazon.
    r"(?i:(?<![A-Za-z0-9])(?P<value>1Z(?:[ -]?[A-Z0-9]){16})(?![A-Za-z0-9]))",
    r"(?<![A-Za-z0-9])(?P<value>[A-Z]{2} ?\d{3} ?\d{3} ?\d{3} ?[A-Z]{2})(?![A-Za-z0-9])",
    r"(?<![\d-])(?P<value>\d{3}-\d{7}-\d{7})(?![\d-])",
    r"#(?P<value>(?!(?:19|20)\d\d(?!\w))[A-Z]{0,4}-?\d{4,})\b",
    r"\b(?P<value>(?!I-\d{5}\b|EUR|USD|GBP|CHF|ISO|IEC|DIN|UNI|CEI|RAL|EN\d)[A-Z]{1,4}-?\d{5,})\b",
    r"\b(?P<value>[A-Z]{2,4}(?:-\d{2,}){2,})\b",
    # No quantity has so many digits.
    r"(?<![\w.,+-])(?P<value>\d{14,24})(?![\d.,])",
)


def order_spans(text: str, patterns: Sequence[re.Pattern[str]]) -> Iterator[tuple[int, int]]:
    """Yield where numbers of orders begin and end.

    Raises
    ------
    ValueError
        If a pattern takes longer than a second over the text.
    """
    for pattern in patterns:
        part = "value" if "value" in pattern.groupindex else 0
        yield from (found.span(part) for found in _places(pattern, text))


def _places(pattern: re.Pattern[str], text: str) -> list[re.Match[str]]:
    try:
        with time_limit() as find:
            return find(pattern, text)
    except OvertimeError:
        most = f"{seconds_allowed(text):g} s"
        rule = f"patterns that each read a text of {len(text):,} letters in {most}"
        raise validate.refused("order_patterns", rule, pattern.pattern) from None
