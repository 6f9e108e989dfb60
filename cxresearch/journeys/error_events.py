"""Which events tell that something went wrong, by what they are called."""

from __future__ import annotations

import re

#: Words of what goes wrong, in the names of events or in their labels; also in other languages.
_ERROR = re.compile(
    r"err(or|eur|ore|ori)?(?![a-z])|errors|fail|declin|reject|refus|denied|time_?out|crash|exception"
    r"|(?<![a-z])bug(?![a-z])|invalid|broken|unavailable|not_found|out_of_stock|sold_out"
    r"|fallit|rifiut|respint|negat[ao]|scadut|non_(riuscit|valid|disponibil)|bloccat|esaurit"
    r"|fehler|fehlgeschlagen|abgelehnt|echec|échec|echou|échou|rechaz|fallo|fallid",
    re.IGNORECASE,
)


def tells_of_error(*names: str) -> bool:
    """Return whether the name of an event, or a label of it, says that something went wrong.

    Examples
    --------
    >>> tells_of_error("payment_error"), tells_of_error("ev7", "Pagamento rifiutato")
    (True, True)
    >>> tells_of_error("payment_step")
    False
    """
    return any(_ERROR.search(name) for name in names)
