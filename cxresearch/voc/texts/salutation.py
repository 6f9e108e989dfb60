"""How a message begins: whom it is to, which is not what it is about."""

from __future__ import annotations

import re

_CALL = (
    r"(?:gentil(?:e|i|issim[oaie])|gent\.?(?:m[oaie]|le|li)?\.?|egregi[oaie]?|spett(?:abil[ei]|\.?\s?le)|"
    r"stimat[oaie]|car(?:o|a|i|e|issim[oaie])|buon ?giorno|buona ?sera|salve|ciao|"
    r"dear|hi(?:ya)?|hey|hello|good (?:morning|afternoon|evening))"
)
#: Whom people call without a capital.
_CALLED = (
    r"(?:signor[aei]?|sig\.?(?:ra|ri|na)?|dott\.?(?:ssa)?|servizio|client[ie]|assistenza|staff|team|ditta|"
    r"azienda|redazione|negozio|ragazz[ei]|sir|madam|or|customer|service|services|care|support|"
    r"department|all|everyone|di|del|della|dell'|e)"
)
_NAMED = r"[A-ZÀ-Ý][a-zà-ÿ.'&-][\w.'&-]*"
#: "Gentile Servizio Clienti, il pacco ...", or what ends a line, as "Gentilissimi" does.
_SALUTATION = re.compile(
    rf"\s*(?i:{_CALL})(?:(?:,? (?:{_NAMED}|(?i:{_CALLED})))+(?:[,:!]|\s*-\s|\s*\n)|"
    r"(?: [\w.'-]+){0,3}[,;:]\s*\n|\s*\n)"
)


def end_of_salutation(text: str) -> int:
    """Return where the salutation that a text begins with ends; 0 where there is none.

    Examples
    --------
    >>> text = "Gentile Servizio Clienti, il pacco non arriva"
    >>> text[: end_of_salutation(text)]
    'Gentile Servizio Clienti,'
    >>> end_of_salutation("Gentile personale, spedizione veloce")
    0
    """
    found = _SALUTATION.match(text)
    return found.end() if found else 0
