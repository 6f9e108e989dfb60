"""Names of people, where the words around them say so."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from cxresearch.voc.redaction.contact_details import Span
from cxresearch.voc.resources import content

#: A capital and small letters, with what names may hold: "D'Ambrisco", "McHale", "O'Neil".
_CAPITAL = r"(?:[A-ZÀ-Ý]'|(?:Ma?c|De|Di|Fitz)(?=[A-Z]))?[A-ZÀ-Ý][a-zà-ÿ]+(?:[-'][A-ZÀ-Ý][a-zà-ÿ]+)*"
_PARTICLE = r"(?:(?:De|Di|Da|Del|Della|Dello|Dei|Dal|Dalla|Lo|La|Li|Van|Von|Mc|St\.?) )?"
_SURNAME = f"{_PARTICLE}{_CAPITAL}"
#: Two or three of them.
_FULL = f"{_CAPITAL}(?: {_SURNAME}){{1,2}}"
_ONE_OR_MORE = f"{_CAPITAL}(?: {_SURNAME}){{0,2}}"
#: "Anna", "Anna Bianchi", "Anna B."
_SHORT = rf"{_CAPITAL}(?: (?:[A-ZÀ-Ý]\.|{_SURNAME}(?: {_SURNAME})?))?"
#: The same typed without capitals, or in capitals only.
_ANY_WORD = r"[^\W\d_]+(?:'[^\W\d_]+)?"

#: Where a cue leaves no doubt, a name may be typed in any way.
_SURE_CUES = re.compile(
    r"\b(?:mi chiamo|il mio nome (?:e cognome )?(?:è|e'|e(?! cognome))?|"
    r"my (?:full )?name is|my name's)"
    rf"[:\s]\s*(?P<name>{_ANY_WORD}(?:\s{_ANY_WORD}){{0,2}})",
    re.IGNORECASE,
)
#: Where it leaves some, what follows must be written as a name is; the cue may be in any case.
_CUES = re.compile(
    r"(?i:\b(?:intestat[oaie] a|a nome(?: di)?|firmato|in fede|nome e cognome:?|"
    r"nome:|cognome:|nominativo:?|di nome|"
    r"sig\.?(?:ra|na)?\.?|signor[ae]?|signorina|dott\.?(?:ssa)?\.?|dottor(?:e|essa)?|"
    r"in the name of|under the name(?: of)?|signed,?|full name:?|name:|"
    r"mr\.?|mrs\.?|ms\.?|miss|dr\.?|(?:a|da|con) un cert[oa]|"
    r"(?:destinatari|intestatari|beneficiari)[oa](?: è| e'|:)?|recipient(?: is|:)|"
    r"(?:agent|advisor|representative|rep|lady|woman|man|guy|girl|someone|somebody) "
    r"(?:called|named)))"
    rf"[,:]?\s+(?P<name>{_ONE_OR_MORE})"
)
_GREETINGS = re.compile(
    r"(?i:\b(?:(?:cordiali |distinti |cari |tanti )?saluti|cordialmente|a presto|grazie|"
    r"(?:kind |best |warm )?regards|yours sincerely|sincerely|yours|"
    r"many thanks|thanks|cheers))"
    rf"(?:,?\s+|[.!]\s*\n\s*)(?P<name>{_ONE_OR_MORE})\s*[.!]?\s*$"
)
#: "sono Marco Rossi", "I am Anna White"; "sono Molto Contenta" has no first name.
_I_AM = re.compile(
    rf"(?:\b[Ss]ono|\bI am|\bI'm|\b[Tt]his is|\b[Qq]ui(?: è)?) (?P<name>{_ONE_OR_MORE})"
)
#: "Anna Bianchi, ordine n. 123".
_BEFORE_ORDER = re.compile(rf"(?P<name>{_FULL}),? (?i:ordine|order)\b(?=[^\n]{{0,12}}\d)")
#: A first name with a surname, wherever they are.
_FULL_NAME = re.compile(rf"(?P<first>{_CAPITAL}) (?P<second>{_SURNAME})(?: {_SURNAME})?")

#: "The Jamie Oliver pan", "La Michael Kors": after these it is of goods.
_ARTICLES = ("The", "A", "An", "Il", "La", "Lo", "Le", "I", "Gli", "Un", "Una")
_GREETED = (
    r"(?<!\w)(?:ciao|salve|buon ?giorno|buona ?sera|buon pomeriggio|gentil(?:e|issim[oa])|"
    r"gent\.?(?:m[oa]|le)?\.?|car(?:o|a|issim[oa])|egregi[oa]|egr\.|stimatissim[oa]|"
    r"hi(?:ya)?|hey|hello|dear|good (?:morning|afternoon|evening)|morning|afternoon)"
    r"(?: (?:a te|di nuovo|car[oa]|again|there|dear))?,? "
)
#: Whom a letter is to.
_TO = re.compile(rf"(?i:{_GREETED})(?P<name>{_SHORT})")
#: The same in small letters or in capitals, before a stop: "ciao anna, ...".
_TO_IN_ANY_CASE = re.compile(
    rf"(?i:{_GREETED})(?<!ar[oa] )(?P<name>{_ANY_WORD})(?=\s*(?:[,;:!?]|$))", re.MULTILINE
)
_CLOSED = (
    r"(?:saluti|salutoni|un (?:caro |cordiale )?saluto|cordialmente|(?:un )?abbraccio|"
    r"abbracci|(?:un )?bac(?:io|ione)|baci|buona (?:giornata|serata|domenica|notte|continuazione)|"
    r"buon (?:lavoro|week-?end|pomeriggio)|alla prossima|(?:a )?(?:presto|risentirci)|ciao|"
    r"grazie|ringrazio|"
    r"(?:kind |best |warm )?(?:regards|wishes)|(?:lots of |with |much )?love|all the best|best|"
    r"take care|yours(?: (?:sincerely|faithfully|truly))?|speak soon|thanks|thank you|thx|cheers|"
    r"have a (?:lovely|good|nice|great) (?:day|evening|week-?end|one))"
    r"(?: (?:a tutti|in anticipo|ancora|mille|again|so much|in advance|everyone|all|da|from))?"
)
#: Whom it is from: a name that ends a line after a greeting.
_FROM = re.compile(
    rf"(?i:(?<!\w){_CLOSED}(?:[,.;:!-]{{0,3}}|(?: [a-zà-ù']+){{1,4}},)\s+)"
    rf"(?P<name>{_SHORT})(?:\s+[xX]+)?[^\w\n]*$",
    re.MULTILINE,
)
#: The same in small letters or in capitals, at the end: "saluti anna bianchi".
_FROM_IN_ANY_CASE = re.compile(
    rf"(?i:(?<!\w){_CLOSED}[,.;:!-]{{0,3}}\s+)(?P<name>{_ANY_WORD}(?: {_ANY_WORD})?)[^\w]*\Z"
)
#: A name alone on a line that is not the first, or after the last sentence.
_ALONE = re.compile(
    rf"(?:(?<=\n)[ >*~-]*(?P<line>{_SHORT})[ .!]*$|(?<=\w\w\w[.!?] )(?P<last>{_SHORT})[ .!]*\Z)",
    re.MULTILINE,
)
_RELATIVES = (
    r"marito|moglie|figli[oa]|fratello|sorella|madre|padre|mamma|papà|suocer[oa]|nipote|nonn[oa]|"
    r"zi[oa]|cognat[oa]|cugin[oa]|compagn[oa]|fidanzat[oa]|amic[oa]|collega|vicin[oa]|"
    r"husband|wife|son|daughter|brother|sister|mother|mum|mom|father|dad|partner|friend|"
    r"boyfriend|girlfriend|neighbou?r|colleague|nephew|niece|aunt|uncle"
)
#: Who helped or did not, who lives there: what stands before the name of a person only.
_SOMEBODY = re.compile(
    r"(?i:(?<!\w)(?:parl(?:at[oa]|are|o|ato anche) con|(?:spoke|spoken|speak|speaking|talked|"
    r"talking|chatted|dealt|dealing) (?:to|with)|"
    r"(?:aiutat|seguit|assistit|servit|contattat|accolt|consigliat|ritirat|firmat)[oaie] d[ao]|"
    r"(?:helped|served|assisted|contacted|called|signed(?: for)?) by|"
    r"grazie(?: \w+){0,2}? a|grazie(?: mille)?,?|ringrazi\w+|complimenti a|"
    r"thanks(?: \w+){0,2}? to|thanks(?: so much)?,?|thank(?: you)?,?|saluti da|"
    r"(?:regards|love) from|"
    r"(?:kudos|props|shout ?out|hats off|thanks on) to|tale|un cert[oa]|"
    r"chiesto di|asked? for|(?:left|leave)(?: it)? with|(?:gave|given)(?: it)? to|"
    r"(?:lasciat|consegnat|dat)[oaie] a|"
    rf"(?:mi[oa]|nostr[oa]|my|our) (?:{_RELATIVES}),?|"
    r"(?:portinai[oa]|custode|commess[oa]|consulente|corriere|fattorino|autista|tecnico|"
    r"operat(?:ore|rice)|"
    r"magazzinier[ea]|responsabile|titolare|"
    r"courier|driver|postman|agent|assistant|adviser),?)"
    rf" )(?P<name>{_SHORT})"
)
#: "Anna del servizio clienti", "Paul was so helpful", but not "the agent in St. Paul was rude".
_OF_THE_SHOP = re.compile(
    r"(?<![\w-])(?<!the )(?<!il )(?<!la )(?<!in )(?<!at )(?<!to )(?<!St\. )(?<!St )(?<!San )"
    rf"(?P<name>{_SHORT})(?i:,? (?:"
    r"(?:del(?:la|lo|l')?|dal|from) ?(?:(?:vostr[oa]|your|the) )?(?:servizio|assistenza|"
    r"call ?center|customer|support|live chat|help ?desk|reparto|ufficio|team)|"
    r"(?:from|in|on|at) (?:your|the|customer|live) (?:\w+ )?"
    r"(?:team|phones?|chat|support|service)\b|"
    rf"(?:mi[oa]|my) (?:{_RELATIVES})\b|"
    r"(?:was|is|has been|è stat[oa]|e' stat[oa]|è|mi ha|ci ha)(?: \w+){0,2}? "
    r"(?:helpful|kind|polite|patient|rude|courteous|knowledgeable|attentive|gentil\w+|"
    r"disponibil\w+|cortes\w+|pazient\w+|scortes\w+|maleducat\w+|aiutat[oa]|rispost[oa]|"
    r"seguit[oa]|richiamat[oa]|spiegat[oa])\b))"
)


def name_spans(text: str) -> Iterator[Span]:
    """Yield where names of people begin and end."""
    if names := list(_spans(text)):
        no_people = [found.span() for found in _no_people().finditer(text)]
        for start, end in names:
            if not any(start < last and first < end for first, last in no_people):
                yield start, end


def _spans(text: str) -> Iterator[Span]:
    for found in _SURE_CUES.finditer(text):
        if end := _end_of_name(found["name"]):
            yield found.start("name"), found.start("name") + end
    for pattern in (_CUES, _BEFORE_ORDER):
        for found in pattern.finditer(text):
            if _may_be_name(found["name"]):
                yield found.span("name")
    for found in _GREETINGS.finditer(text):
        first, *rest = found["name"].split()
        if is_first_name(first) or (rest and _may_be_name(found["name"])):
            yield found.span("name")
    for found in _I_AM.finditer(text):
        if is_first_name(found["name"].split()[0]):
            yield found.span("name")
    for pattern in (_TO, _FROM, _SOMEBODY, _OF_THE_SHOP):
        for found in pattern.finditer(text):
            if _is_often_first_name(found["name"].split()[0]):
                yield found.start("name"), found.start("name") + _before_no_name(found["name"])
    for pattern in (_TO_IN_ANY_CASE, _FROM_IN_ANY_CASE):
        for found in pattern.finditer(text):
            if is_first_name(found["name"].split()[0]):
                yield found.start("name"), found.start("name") + _before_no_name(found["name"])
    for found in _ALONE.finditer(text):
        part = "line" if found["line"] else "last"
        if is_first_name(found[part].split()[0]):
            yield found.span(part)
    yield from _full_names(text)


def _full_names(text: str) -> Iterator[Span]:
    """Yield first names with their surnames, where no other capital stands before them."""
    start = 0
    while found := _FULL_NAME.search(text, start):
        start = found.end("second")
        if is_first_name(found["first"]):
            start = found.end() if is_first_name(found["second"]) else start
            if not text[: found.start()].endswith(("the ", "The ")):
                yield found.start(), start
        elif not (_may_be_name(found["first"]) or found["first"] in _ARTICLES):
            start = found.end("first")


def is_first_name(word: str) -> bool:
    """Return whether a word is a common first name."""
    return any(word.lower() in _words(f"first_names_{language}") for language in ("it", "en"))


def _is_often_first_name(word: str) -> bool:
    """Return whether a word is a common first name, if it may be another word too."""
    return is_first_name(word) or word.lower() in _words("first_names_and_words")


def _end_of_name(words: str) -> int:
    """Return where the name in the words after a sure cue ends; 0 where there is none."""
    end = 0
    for word in re.finditer(r"\S+", words):
        if word[0].lower() in _words("ends"):
            break
        end = word.end()
        # A third word is a surname's only where it is written as one.
        if end < len(words) and not _is_capital(words[end:].split()[0]) and _is_capital(word[0]):
            break
    return end


def _before_no_name(words: str) -> int:
    """Return where capitals that begin with a first name go on as a sentence: "Anna Grazie"."""
    lists = (_words("ends"), _words("no_names"))
    for word in re.finditer(r" (\S+)", words):
        if any(word[1].lower() in one for one in lists):
            return word.start()
    return len(words)


def _is_capital(word: str) -> bool:
    return word[:1].isupper()


def _may_be_name(words: str) -> bool:
    """Return whether capitals after a cue may be a name: "Grazie Mille" is none."""
    lists = (_words("ends"), _words("no_names"))
    return not any(word.lower() in one for word in words.split() for one in lists)


@cache
def _words(part: str) -> frozenset[str]:
    """Return a list of ``names.yaml``."""
    return frozenset(content("names.yaml")[part])


@cache
def _no_people() -> re.Pattern[str]:
    """Return what finds brands and goods that are called as people are."""
    parts = (re.escape(one).replace(r"\ ", r"\s") for one in content("names.yaml")["no_people"])
    return re.compile(rf"(?i:(?<!\w)(?:{'|'.join(parts)})(?!\w))")
