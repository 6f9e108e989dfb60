"""Streets, towns and postcodes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cxresearch.voc.redaction.kinds import Span
from cxresearch.voc.redaction.number_words import UNITS

_STREET = (
    r"(?:via|viale|v\.?le|piazza|p\.?z?za|piazzale|p\.?le|corso|c\.?so|largo|vicolo|strada|"
    r"lungomare|contrada|località|loc\.|frazione|fraz\.|borgo|salita|rione)"
)
_STREET_CAPITAL = r"[A-ZÀ-Ý][\w'.]*"
_SMALL = r"(?:d[aei]l?(?:l[aeo'])?|degli|dei|d'|san|santa|s\.|ss\.|\d{1,2})"
_NAME = rf"(?:{_SMALL}\s?){{0,2}}{_STREET_CAPITAL}(?:\s(?:{_SMALL}\s)?{_STREET_CAPITAL}){{0,3}}"
#: "via mail 3 volte" and "via PayPal in 2 minuti" are no streets.
_STREET_WORD = (
    r"(?!(?:e|ed|o|che|per|con|in|a|su|tra|ha|ho|mail|e-mail|email|pec|web|internet|sms|chat|"
    r"fax|telefono|paypal|whatsapp|app|bonifico)\b)[^\W\d_][\w'.]*"
)
_ANY_NAME = rf"{_STREET_WORD}(?:\s{_STREET_WORD}){{0,3}}"
_NUMBER = (
    r"(?:(?:\s?,\s?|\s)(?:n\.?|nr\.?|n°|num\.?|numero|civico|civ\.?)?\s?"
    r"\d{1,4}(?:\s?[/-]?\s?(?:[a-zA-Z]|bis|ter|quater)\b(?!\.?\s?\d))?"
    r"(?:,?\s(?:n\.?|civico|km)\s?\d{1,4}\b)?"
    r"(?!\d|[.,]\d|\s?%|\s?(?:€|euro|giorni|ore|min|km|metri|mt|m)\b))"
)
_DOOR = (
    r"(?i:(?:,?\s(?:scala|sc\.|interno|int\.?|piano|palazzina|pal\.|citofono)\s"
    r"(?:\d{1,3}|[a-z])\b){0,3})"
)
_TOWNS = (
    "Agrigento|Alessandria|Ancona|Aosta|Arezzo|Ascoli Piceno|Asti|Avellino|Bari|Barletta|Belluno|"
    "Benevento|Bergamo|Biella|Bologna|Bolzano|Brescia|Brindisi|Cagliari|Caltanissetta|Campobasso|"
    "Caserta|Catania|Catanzaro|Chieti|Como|Cosenza|Cremona|Crotone|Cuneo|Enna|Fermo|Ferrara|"
    "Firenze|Foggia|Forlì|Frosinone|Genova|Gorizia|Grosseto|Imperia|Isernia|L'Aquila|La Spezia|"
    "Latina|Lecce|Lecco|Livorno|Lodi|Lucca|Macerata|Mantova|Massa|Matera|Messina|Milano|Modena|"
    "Monza|Napoli|Novara|Nuoro|Oristano|Padova|Palermo|Parma|Pavia|Perugia|Pesaro|Pescara|"
    "Piacenza|Pisa|Pistoia|Pordenone|Potenza|Prato|Ragusa|Ravenna|Reggio Calabria|Reggio Emilia|"
    "Rieti|Rimini|Roma|Rovigo|Salerno|Sassari|Savona|Siena|Siracusa|Sondrio|Taranto|Teramo|Terni|"
    "Torino|Trapani|Trento|Treviso|Trieste|Udine|Varese|Venezia|Verbania|Vercelli|Verona|Vibo "
    "Valentia|Vicenza|Viterbo"
)
_TOWN = (
    rf"(?:,?\s(?:-\s)?(?:cap\s)?\d{{5}}(?:\s{_STREET_CAPITAL}(?:\s{_STREET_CAPITAL}){{0,2}})?"
    rf"(?:\s\([A-Z]{{2}}\))?|,\s(?i:{_TOWNS})\b(?:\s\([A-Z]{{2}}\))?)?"
)
#: A street with its number is an address in any case: "via roma 12".
_ITALIAN = re.compile(rf"(?i:\b{_STREET}\s(?:{_ANY_NAME})){_NUMBER}{_DOOR}{_TOWN}")
#: "v. Figura 3" is none: a street that short has its town.
_SHORTENED = re.compile(rf"\bv\.\s?{_NAME}{_NUMBER}{_TOWN.removesuffix('?')}")
#: Without a number it must be where somebody lives: a square is also just a square.
_LIVES = re.compile(
    r"(?i:\b(?:abito|abitiamo|vivo|viviamo|risiedo|residente|domiciliat[oa]|casa mia|"
    r"indirizzo(?: di \w+)?(?: è|:)?|"
    r"(?:spedi\w+|consegn\w+|recapit\w+)(?: il pacco| l'ordine)?)\s(?:in|a|al|è)?\s?)"
    rf"(?P<address>(?i:{_STREET})\s{_NAME}{_TOWN})"
)
_ENGLISH_STREET = (
    r"(?:Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Dr|Close|Way|Court|Ct|Square|Sq|Place|Pl|"
    r"Terrace|Boulevard|Blvd|Crescent|Gardens|Grove|Hill|Mews|Row|Walk|Parade|"
    r"Parkway|Pkwy|Highway|Hwy|Circle|Trail|Rise|Yard|Wharf|Quay|Heights|Alley|Turnpike|Plaza)"
)
#: The part of a British postcode after the space has none of C, I, K, M, O and V.
_POSTCODE = r"[A-Z]{1,2}\d[A-Z\d]?\s?\d[ABD-HJLNP-UW-Z]{2}"
_ENGLISH = re.compile(
    r"\b(?:(?i:flat|apartment|apt\.?|unit)\s\w{1,4},?\s)?\d{1,5}[A-Za-z]?,?\s"
    rf"(?:[A-Z][\w'.]*\s){{1,3}}{_ENGLISH_STREET}\b\.?"
    rf"(?:,\s[A-Z][A-Za-z']+(?:\s[A-Z][A-Za-z']+(?!\w))?(?!\w))?(?:,?\s{_POSTCODE}\b)?"
)
_ENGLISH_SMALL = re.compile(
    r"(?i:\b\d{1,5}\s(?:[a-z']+\s){1,2}(?:street|road|avenue|lane|crescent|terrace|gardens)\b)"
)
_SPACED_POSTCODE = re.compile(rf"\b{_POSTCODE}\b".replace(r"\s?", r"\s{1,2}"))
#: Where letters and digits in one may be a postcode without a cue (Royal Mail, postcode areas).
_UK_AREAS = (
    "AB AL BA BB BD BH BL BN BR BS BT CA CB CF CH CM CO CR CT CV CW DA DD DE DG DH DL DN DT DY EC "
    "EH EN EX FK FY GL GU GY HA HG HP HR HS HU HX IG IM IP IV JE KA KT KW KY LA LD LE LL LN LS LU "
    "ME MK NE NG NN NP NR NW OL OX PA PE PH PL PO PR RG RH RM SA SE SG SK SL SM SN SO SP SR SS ST "
    "SW SY TA TD TF TN TQ TR TS TW UB WA WC WD WF WN WR WS WV YO ZE"
)
_GLUED_POSTCODE = re.compile(
    rf"\b(?:{'|'.join(_UK_AREAS.split())})\d[A-Z\d]?\d[ABD-HJLNP-UW-Z]{{2}}\b"
)
_CUED_POSTCODE = re.compile(
    r"(?i:(?<![a-z])(?:c\.?a\.?p\.?|post ?codes?|postal code|zip(?: code)?|"
    r"codice (?:di avviamento )?"
    r"postale)(?:[ :=.]|è|e'|is|n\.?){0,4} ?"
    r"(?P<value>[a-z]{1,2}\d[a-z\d]? {0,2}\d[a-z]{2}|(?:I-?)?\d{5}(?:-\d{4})?)(?![a-z0-9]))"
    rf"(?P<town>(?: ?,)?\s{_STREET_CAPITAL}(?:\s{_STREET_CAPITAL}){{0,2}}(?:\s\([A-Z]{{2}}\))?)?"
)
#: The provinces of Italy, by their letters on an envelope.
_PROVINCES = (
    "AG AL AN AO AP AQ AR AT AV BA BG BI BL BN BO BR BS BT BZ CA CB CE CH CL CN CO CR CS CT CZ EN "
    "FC FE FG FI FM FR GE GO GR IM IS KR LC LE LI LO LT LU MB MC ME MI MN MO MS MT NA NO NU OR PA "
    "PC PD PE PG PI PN PO PR PT PU PV PZ RA RC RE RG RI RM RN RO SA SI SO SP SR SS SU SV TA TE TN "
    "TO TP TR TS TV UD VA VB VC VE VI VR VT VV"
)
_CAP = r"(?:I-)?[0-9]\d{4}"
_PROVINCE = rf"(?:{'|'.join(_PROVINCES.split())})"
#: A code of five digits is one beside a town: "20121 Milano", "Roma 00185", "21052 X (VA)".
_CAP_AND_TOWN = re.compile(
    rf"(?<![\d.,])(?:{_CAP},?\s(?:-\s)?(?:(?i:{_TOWNS})\b(?:,?\s\(?{_PROVINCE}\)?(?!\w))?|"
    rf"{_STREET_CAPITAL}(?:\s{_STREET_CAPITAL}){{0,2}},?\s(?:\({_PROVINCE}\)|{_PROVINCE}(?!\w)))|"
    rf"(?i:\b(?:{_TOWNS})),?\s(?:\(?{_PROVINCE}\)?,?\s)?(?:-\s)?{_CAP}(?![\d.,]\d|\d|(?i:\s?{UNITS})))"
)
_STATES = (
    "AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM "
    "NY NC ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY DC"
)
_ZIP = re.compile(rf"\b(?:{'|'.join(_STATES.split())})\s\d{{5}}(?:-\d{{4}})?(?![\d-])")
_PO_BOX = re.compile(r"(?i:\b(?:p\.? ?o\.? ?box|casella postale|c\.p\.)\s(?:n\.?\s)?\d{1,6}\b)")


def address_spans(text: str) -> Iterator[Span]:
    """Yield where addresses begin and end."""
    patterns = (_ITALIAN, _SHORTENED, _ENGLISH, _ENGLISH_SMALL, _CAP_AND_TOWN, _ZIP, _PO_BOX)
    for pattern in (*patterns, _SPACED_POSTCODE, _GLUED_POSTCODE):
        for found in pattern.finditer(text):
            yield found.span()
    for found in _CUED_POSTCODE.finditer(text):
        # After a British one a word with a capital begins the next sentence.
        yield (
            found.start("value"),
            found.end() if found["value"][-1:].isdigit() else found.end("value"),
        )


def home_spans(text: str) -> Iterator[Span]:
    """Yield where streets without a number begin and end, where somebody lives in them."""
    for found in _LIVES.finditer(text):
        yield found.span("address")
