"""Numbers of orders, tickets and parcels."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from cxresearch.core import validate
from cxresearch.voc.redaction.kinds import Span
from cxresearch.voc.redaction.number_words import DATE, UNITS
from cxresearch.voc.texts.term_patterns import OvertimeError, seconds_allowed, time_limit

_ORDER_CUES = (
    r"ordin[ei]|orders?|ord(?=\.)|pratica|ticket|tracking|spedizion[ei]|shipment|reso|resi|pacco|collo|"
    r"fattura|ricevuta|scontrino|invoice|receipt|rma|bolla|ddt|ldv|lettera di vettura|awb|"
    r"waybill|consignment|parcel|reference|ref|rif|riferimento|reclamo|segnalazione|"
    r"(?:case|claim|caso)(?= (?:n\b|no\b|num|nr\b|ref|id\b|code|#))|"
    r"prenotazione|booking|contratto|polizza|tessera(?: fedeltà)?|loyalty card|"
    r"matricola|seriale|serial|imei|account|"
    r"(?:codice|numero|n\.?|id) ?(?:cliente|ordine|d'ordine|utente|spedizione|reso|tracking)|"
    r"customer(?: (?:number|code|id|no\.?))?|client (?:number|code|id)"
)
_ORDER_MARKS = r"(?:n\.|nr\.?|n°|no\.?|num\.?|numero|number|code|codice|id|n|#)"
#: Letters and digits in parts, three digits in a row or four in all.
_ORDER = (
    r"(?=[\w/-]{0,40}?\d{3}|(?:[A-Za-z/_-]{0,8}\d){4})"
    r"(?:(?:[A-Z]{1,4}[ -])?\d{2,4}(?:[ -]\d{3,4}){1,5}(?![\w-])|"
    r"[A-Za-z0-9]+(?:[-/_][A-Za-z0-9]+)*)"
)
#: Without a mark such as "n.", years and quantities are none: "ordini 2024", "un ordine 150 pezzi".
_NO_ORDER = (
    r"(?!(?:19|20)\d\d(?:[/-](?:19|20)?\d\d)*(?![\w/-]))(?!\d{1,2}/\d{1,2}h?(?![\w/]))"
    rf"(?!\d+(?:[.,]\d+)? ?(?i:{UNITS}))"
)

#: What an order, a ticket or a parcel is called by. A study with other ones gives its own.
ORDER_PATTERNS = (
    rf"(?i:(?<![A-Za-z])(?:n|nr|num|numero|id|cod)?[._ ]?(?:{_ORDER_CUES})"
    r"(?:[ _.-]{1,2}(?:number|numero|id|code|codice|di spedizione|d'ordine|tracking))?\.?"
    r" ?(?:è|e'|is|was|era)?[ _]?)"
    rf"[:=]? ?(?:(?i:{_ORDER_MARKS})(?:[ :]?(?i:{_ORDER_MARKS})){{0,2}}[:=]?[ _]?(?:è |is )?#?|"
    rf"{_NO_ORDER})"
    rf"(?!{DATE})(?!\d+[.,]\d)(?P<value>{_ORDER})(?!\w)",
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


def order_spans(text: str, patterns: Sequence[re.Pattern[str]]) -> Iterator[Span]:
    """Yield where numbers of orders begin and end."""
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
