"""Names of people, where the words around them say so."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from cxresearch.voc.redaction.contact_details import Span
from cxresearch.voc.resources import content

#: A capital and small letters, with what names may hold: "D'Ambrisco", "McHale", "O'Neil".
_CAPITAL = r"(?:[A-ZÀ-Ý]'|(?:Ma?c|De|Di|Fitz)(?=[A-Z]))?[A-ZÀ-Ý][a-zà-ÿ]+(?:[-'][A-ZÀ-Ý][a-zà-ÿ]+)*"
#: What a surname may begin with; in small letters only what no sentence goes on with.
_PARTICLES = (
    r"(?:De|Di|Da|Del|Della|Dello|Dei|Dal|Dalla|Lo|La|Li|Mc|St\.?|"
    r"[Vv]an(?: de[nr]?)?|[Vv]on(?: der)?|de(?: la| los)?|dos|bin) "
)
_PARTICLE = re.compile(rf"{_PARTICLES}(?=[A-ZÀ-Ý])")
_SURNAME = f"(?:{_PARTICLES})?{_CAPITAL}"
#: Two or three of them.
_FULL = f"{_CAPITAL}(?: {_SURNAME}){{1,2}}"
_ONE_OR_MORE = f"{_SURNAME}(?: {_SURNAME}){{0,2}}"
#: The same in capitals only, as forms are filled in.
_SHOUT = r"[A-ZÀ-Ý]['A-ZÀ-Ý]+"
_SHOUTED = f"{_SHOUT}(?: {_SHOUT}){{0,2}}"
#: "G. Rossi", "M. T. Rossi".
_INITIALED = rf"(?:[A-ZÀ-Ý]\. ?){{1,2}}{_SURNAME}"
#: "Anna", "Anna Bianchi", "Anna B."
_SHORT = rf"{_CAPITAL}(?: (?:[A-ZÀ-Ý]\.|{_SURNAME}(?: {_SURNAME})?))?"
#: The same typed without capitals, or in capitals only.
_ANY_WORD = r"[^\W\d_]+(?:'[^\W\d_]+)?"

#: What a name has that is not the first word of a text.
_CAPITAL_WITHIN = re.compile(r"\s[A-ZÀ-Ý]")
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
    r"(?:avv|ing|geom|prof|rag)\.(?:ssa)?|avvocat[oa]|ingegner|geometra|professor(?:e|essa)?|"
    r"in the name of|under the name(?: of)?|signed,?|full name:?|name:|"
    r"mr\.?|mrs\.?|ms\.?|miss|dr\.?|professor|(?:a|da|con) un cert[oa]|"
    r"(?:destinatari|intestatari|beneficiari)[oa](?: è| e'|:)?|recipient(?: is|:)|"
    r"(?:citofono|campanello|buzzer|(?:door)?bell)"
    r"(?: con scritto| c'è scritto| says| reads| a nome)|"
    r"(?:cognome|citofono|surname|(?:first|last) name)(?: è| e'| is|:)|"
    r"made out to|addressed to|(?:account|card) ?holder(?: is|:)?|payee(?: is|:)?|"
    r"(?:agent|advisor|representative|rep|lady|woman|man|guy|girl|someone|somebody) "
    r"(?:called|named)))"
    rf"[,:]?\s+(?P<name>{_ONE_OR_MORE}|{_SHOUTED}(?![^\W\d_]))"
)
#: What only a letter ends with, so that any name may follow.
_FORMAL = (
    r"(?:(?:cordiali |distinti |cari |tanti )?saluti|cordialmente|"
    r"(?:kind |best |warm )?(?:regards|wishes)|(?:yours )?(?:sincerely|faithfully)|"
    r"yours(?: truly)?)"
)
_GREETINGS = re.compile(
    rf"(?i:\b(?:(?P<formal>{_FORMAL})|a presto|grazie(?: mille)?|"
    r"many thanks|thanks(?: in advance)?|thank you|cheers))"
    rf"(?:,?\s+|[.!]\s*\n\s*)(?P<name>{_INITIALED}|{_ONE_OR_MORE})[ .!]*$",
    re.MULTILINE,
)
#: "sono Marco Rossi", "I am Anna White"; "sono Molto Contenta" has no first name.
_I_AM = re.compile(
    r"(?:\b[Ss]ono|\bI am|\bI'm|\b[Tt]his is|\b[Qq]ui(?: è)?|"
    rf"\b[Ii]t(?:'s| is)(?=(?: \w+){{1,2}} (?:here|again|from)\b)) (?P<name>{_ONE_OR_MORE})"
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
#: Who speaks in a chat: "[14:02] Anna: ...", "Agente Luca: ...".
_SPEAKER = re.compile(
    r"^\W{0,2}(?:\d{1,2}[:.]\d\d(?:[:.]\d\d)?\W{1,3})?"
    r"(?i:(?:agente?|operat(?:ore|rice|or)|assist[ae]nte?|client[ei]|customer) )?"
    rf"(?P<name>{_SHORT}) ?:",
    re.MULTILINE,
)
#: A name alone on a line that is not the first, or after the last sentence.
_ALONE = re.compile(
    rf"(?:(?<=\n)[ >*~-]*(?P<line>{_SHORT})[ .!]*$|(?<=\w\w\w[.!?] )(?P<last>{_SHORT})[ .!]*\Z)",
    re.MULTILINE,
)
_RELATIVES = (
    r"marito|moglie|figli[oa]|fratello|sorella|madre|padre|mamma|papà|suocer[oa]|nipote|nonn[oa]|"
    r"zi[oa]|cognat[oa]|cugin[oa]|compagn[oa]|fidanzat[oa]|amic[oa]|collega|vicin[oa]|"
    r"(?:mother|father|brother|sister|son|daughter)-in-law|"
    r"husband|wife|son|daughter|brother|sister|mother|mum|mom|father|dad|partner|friend|"
    r"boyfriend|girlfriend|neighbou?r|colleague|nephew|niece|aunt|uncle"
)
_COLLEAGUES = (
    r"(?:collega|operatore|operatrice|consulente|responsabile|impiegat[oa]|commess[oa]|centralinista|"
    r"colleague|operator|agent|advis[eo]r|representative|rep|assistant|manager|supervisor|employee)"
)
#: What a name goes on with, and goods that are given to somebody do not.
_DOES = (
    r"(?:ha|è|e'|era|aveva|compie|aspetta\w*|vuole|voleva|vorrebbe|deve|doveva|può|poteva|non|mi|vi|ci|"
    r"has|had|is|was|will|can|could|does|did|turns|turned|wants|wanted|waits|ordered|bought|"
    r"received|pick\w*|collect\w*|called|told|said|hung|made|gave|never)"
)
_TEAM = (
    r"(?i:(?:dell'|del(?:la|lo)? )(?:vostr[oa] )?(?:servizio|assistenza|call ?center|help ?desk)|"
    r"(?:in|from|at|on) (?:your |the )?(?:customer |live )?(?:support|care|services?|team|chat))"
)
#: Who else is named after somebody: ", then Tom", " e poi con Ada".
_AND = re.compile(
    r"(?:,(?: (?:and|then|e|ed|poi|infine|finally))*|"
    r"(?: (?:and|then|e|ed|poi|infine|finally|or|o))+)"
    rf"(?: (?:con|a|da|to|with|by))? (?P<name>{_SHORT})"
)
#: Who helped or did not, who lives there: what stands before the name of a person only.
_SOMEBODY = re.compile(
    r"(?i:(?<!\w)(?:(?P<talk>parl(?:at[oa]|are|o|ato anche) con|(?:spoke|spoken|speak|speaking|"
    r"talked|talking|chatted|dealt|dealing) (?:to|with))|"
    r"(?:dett|scritt|chiest|spiegat|segnalat|mandat|inviat)o a(?:nche a)?|"
    r"(?:told|asked|emailed|messaged|phoned|rang|met)|(?:put )?through to|"
    r"(?:aiutat|seguit|assistit|servit|contattat|accolt|consigliat|ritirat|firmat)[oaie] d[ao]|"
    r"(?:helped|served|assisted|contacted|called|signed(?: for)?) by|"
    r"grazie(?: \w+){0,2}? a|grazie(?: mille)?,?|ringrazi\w+|complimenti a|"
    r"thanks(?: \w+){0,2}? to|thanks(?: so much)?,?|thank(?: you)?,?|saluti da|"
    r"(?:regards|love) from|"
    r"(?:kudos|props|shout ?out|hats off|thanks on) to|tale|un cert[oa]|"
    r"chiesto di|asked? for|(?:left|leave)(?: it)? with|(?:gave|given)(?: it)? to|"
    r"(?:lasciat|consegnat|dat)[oaie] a|"
    rf"(?P<sure>(?:mi[oa]|nostr[oa]|vostr[oa]|my|our|your) (?:{_RELATIVES}|{_COLLEAGUES})),?|"
    r"(?:portinai[oa]|custode|commess[oa]|consulente|corriere|fattorino|autista|tecnico|"
    r"operat(?:ore|rice)|"
    r"magazzinier[ea]|responsabile|titolare|"
    r"courier|driver|postman|operator|agent|assistant|adviser),?)"
    rf" )(?P<name>{_SHORT})(?:(?P<does> {_DOES}\b|, \d)|(?P<team> {_TEAM}\b))?"
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
    r"(?:helpful|kind|polite|patient|rude|courteous|knowledgeable|attentive|brilliant|professional|"
    r"friendly|efficient|useless|dismissive|gentil\w+|"
    r"disponibil\w+|cortes\w+|pazient\w+|scortes\w+|maleducat\w+|professional\w+|brav\w+|"
    r"preparat[oa]|competent\w+|incompetent\w+|aiutat[oa]|rispost[oa]|"
    r"seguit[oa]|richiamat[oa]|spiegat[oa])\b|"
    r"(?:bravissim|gentilissim|disponibilissim|cortesissim|preparatissim|competentissim)[oa]\b))"
)
#: A full name in capitals: the first word must be a common first name.
_FULL_SHOUTED = re.compile(
    rf"(?P<first>[A-ZÀ-Ý]{{4,}}) (?P<second>{_SHOUT})"
    r"(?=[^\S\n]*(?:[,;:.!?()\d\n-]|$|(?:VIA|VIALE|CORSO|PIAZZA|LARGO)\b))",
    re.MULTILINE,
)
#: What stands before one; another capital tells that everything is shouted.
_NOT_SHOUTED = re.compile(r"(?:^|[^A-ZÀ-Ý\s] |\b(?:A|DI|PER|TO|FOR) )$", re.MULTILINE)
#: "Il libro di", "the book by": after these it is of goods.
_GOODS_OF = re.compile(
    r"(?i:\b(?:libr[oi]|romanz[oi]|giall[oi]|album|film|cd|dvd|vinil[ei]|poster|biografia|"
    r"profum[oi]|fragranz[ae]|collezion[ei]|books?|novels?|records?|biography|perfumes?|"
    r"fragrances?|collections?) (?:di|da|by|of|from) )$"
)
_LONGEST_BEFORE, _LONGEST_CLOSE = 24, 150
#: A title, after which any name may stand in capitals.
_TITLE = re.compile(
    r"(?i:sig(?!n?ed|n,)|mr|ms|miss|dott|dr|avv|ing|geom|prof|nome|cognome|surname|name)"
)
#: "G. Rossi" alone on the last line, where no list is in letters.
_INITIALED_LAST = re.compile(rf"(?<=\n)[ >*~-]*(?P<name>{_INITIALED})[ .!]*\Z")


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
    if _CAPITAL_WITHIN.search(text):
        yield from _capitals(text)
    for found in _OF_THE_SHOP.finditer(text):
        if _is_often_first_name(found["name"].split()[0]):
            yield found.start("name"), found.start("name") + _before_no_name(found["name"])
    for pattern, start in ((_TO_IN_ANY_CASE, 0), (_FROM_IN_ANY_CASE, len(text) - _LONGEST_CLOSE)):
        for found in pattern.finditer(text, max(0, start)):
            if is_first_name(found["name"].split()[0]):
                yield found.start("name"), found.start("name") + _before_no_name(found["name"])


def _capitals(text: str) -> Iterator[Span]:
    """Yield names that are written as names are, and not the first word of the text."""
    for pattern in (_CUES, _BEFORE_ORDER):
        for found in pattern.finditer(text):
            if _may_be_name(found["name"]) and not _is_loud(found):
                yield found.span("name")
    for found in _GREETINGS.finditer(text):
        first, *rest = found["name"].split()
        may_be_rare = bool(rest) or found["formal"]
        if is_first_name(first) or (may_be_rare and _may_be_name(found["name"])):
            yield found.span("name")
    for found in _I_AM.finditer(text):
        if is_first_name(found["name"].split()[0]):
            yield found.span("name")
    for pattern in (_TO, _FROM, _SPEAKER):
        for found in pattern.finditer(text):
            if _is_often_first_name(found["name"].split()[0]):
                yield found.start("name"), found.start("name") + _before_no_name(found["name"])
    yield from _somebody(text)
    for found in _ALONE.finditer(text):
        part = "line" if found["line"] else "last"
        if is_first_name(found[part].split()[0]):
            yield found.span(part)
    if (last := _INITIALED_LAST.search(text)) and "A. " not in text:
        yield last.span("name")
    yield from _full_names(text)


def _is_loud(found: re.Match[str]) -> bool:
    """Return whether a name is in capitals because everything is, or is none: "signed COPY"."""
    if not found["name"].isupper():
        return False
    cue = found[0][: found.start("name") - found.start()]
    return cue.isupper() or not (
        _TITLE.match(cue) or any(map(is_first_name, found["name"].split()))
    )


def _somebody(text: str) -> Iterator[Span]:
    """Yield who helped or did not, and who is named after them: "Anna, then Tom"."""
    for found in _SOMEBODY.finditer(text):
        names = [found]
        while following := _AND.match(text, names[-1].end("name")):
            names.append(following)
        is_common = [_is_often_first_name(one["name"].split()[0]) for one in names]
        # A rare name is known by who it is, or by the company it is in.
        is_rare = found["team"] or (found["sure"] and found["does"])
        are_people = found["talk"] and any(is_common)
        for one, is_listed in zip(names, is_common, strict=True):
            is_first = one is found
            if is_listed or (
                (are_people or (is_first and is_rare)) and _may_be_name(one["name"].split()[0])
            ):
                yield one.start("name"), one.start("name") + _before_no_name(one["name"])


def _full_names(text: str) -> Iterator[Span]:
    """Yield first names with their surnames, where no other capital stands before them."""
    start = 0
    while found := _FULL_NAME.search(text, start):
        start = found.end("second")
        if is_first_name(found["first"]):
            start = found.end() if is_first_name(found["second"]) else start
            before = text[max(0, found.start() - _LONGEST_BEFORE) : found.start()]
            if not (before.endswith(("the ", "The ")) or _GOODS_OF.search(before)):
                yield found.start(), start
        elif not (_may_be_name(found["first"]) or found["first"] in _ARTICLES):
            start = found.end("first")
    for found in _FULL_SHOUTED.finditer(text):
        before = text[max(0, found.start() - _LONGEST_BEFORE) : found.start()]
        is_name = is_first_name(found["first"]) and _may_be_name(found["second"])
        if is_name and _NOT_SHOUTED.search(before):
            yield found.span()


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
    return next((start for start in _no_names(words) if start), len(words))


def _may_be_name(words: str) -> bool:
    """Return whether capitals after a cue may be a name: "Grazie Mille" is none."""
    return not any(True for _ in _no_names(words))


def _no_names(words: str) -> Iterator[int]:
    """Yield where words begin that are of no name, if they do not begin a surname: "Lo Presti"."""
    lists = (_words("ends"), _words("no_names"))
    for word in re.finditer(r"\S+", words):
        is_particle = _PARTICLE.match(words, word.start())
        if not is_particle and any(word[0].lower() in one for one in lists):
            yield word.start()


def _is_capital(word: str) -> bool:
    return word[:1].isupper()


@cache
def _words(part: str) -> frozenset[str]:
    """Return a list of ``names.yaml``."""
    return frozenset(content("names.yaml")[part])


@cache
def _no_people() -> re.Pattern[str]:
    """Return what finds brands and goods that are called as people are."""
    parts = (re.escape(one).replace(r"\ ", r"\s") for one in content("names.yaml")["no_people"])
    return re.compile(rf"(?i:(?<!\w)(?:{'|'.join(parts)})(?!\w))")
