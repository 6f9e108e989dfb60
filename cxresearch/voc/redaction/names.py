"""Names of people, where the words around them say so."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cxresearch.voc.redaction.kinds import Span
from cxresearch.voc.redaction.name_words import (
    PARTICLES,
    before_no_name,
    end_of_name,
    is_first_name,
    is_often_first_name,
    may_be_name,
    no_people,
)

#: A capital and small letters, with what names may hold: "D'Ambrisco", "McHale", "O'Neil".
_CAPITAL = r"(?:[A-ZÀ-Ý]'|(?:Ma?c|De|Di|Fitz)(?=[A-Z]))?[A-ZÀ-Ý][a-zà-ÿ]+(?:[-'][A-ZÀ-Ý][a-zà-ÿ]+)*"
_SURNAME = f"(?:{PARTICLES})?{_CAPITAL}"
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


def _either(*ways: str) -> str:
    """Return a pattern of any of some ways, each of which begins with a letter, in any case.

    Grouped by that letter they are tried sooner.
    """
    by_letter: dict[str, list[str]] = {}
    for way in ways:
        by_letter.setdefault(way[0], []).append(way[1:])
    groups = (f"[{one}{one.upper()}](?i:{'|'.join(rest)})" for one, rest in by_letter.items())
    return f"(?:{'|'.join(groups)})"


_BE, _IS, _CALLED = r"(?: è| e'|:)?", r"(?: è| e'| is|:)", r" (?:called|named)"
_WRITTEN = r"(?: con scritto| c'è scritto| says| reads| a nome)"
_PAID = r" (?:a|to)(?-i:(?=\s[A-ZÀ-Ý]\S+ [A-ZÀ-Ý]))"
# fmt: off
#: Where it leaves some, what follows must be written as a name is; the cue may be in any case.
_CUES = re.compile(
    r"\b" + _either(
        r"intestat[oaie] a", r"a nome(?: di)?", r"firmato", r"in fede", r"nome e cognome:?",
        r"nome:", r"nominativo:?", r"di nome", r"sig\.?(?:ra|na)?\.?", r"signor[ae]?", r"signorina",
        r"dott\.?(?:ssa)?\.?", r"dottor(?:e|essa)?", r"avv\.", r"ing\.", r"geom\.",
        r"prof\.(?:ssa)?", r"rag\.", r"avvocat[oa]", r"ingegner", r"geometra",
        r"professor(?:e|essa)?", r"in the name of", r"under the name(?: of)?", r"signed,?",
        r"full name:?", r"name:", r"mr\.?", r"mrs\.?", r"ms\.?", r"miss", r"dr\.?",
        r"a un cert[oa]", r"da un cert[oa]", r"con un cert[oa]", rf"destinatari[oa]{_BE}",
        rf"intestatari[oa]{_BE}", rf"beneficiari[oa]{_BE}", r"recipient(?: is|:)",
        rf"citofono(?:{_WRITTEN}|{_IS})", rf"campanello{_WRITTEN}", rf"buzzer{_WRITTEN}",
        rf"doorbell{_WRITTEN}", rf"bell{_WRITTEN}", r"citofonare(?: a)?", rf"cognome{_IS}",
        rf"surname{_IS}", rf"first name{_IS}", rf"last name{_IS}", rf"bonifico{_PAID}",
        rf"rimborso{_PAID}", rf"transfer{_PAID}", rf"refund{_PAID}",
        r"ma[dk]e(?: it| the (?:invoice|receipt))? out to", r"addressed to",
        r"account ?holder(?: is|:)?", r"card ?holder(?: is|:)?", r"payee(?: is|:)?",
        rf"agent{_CALLED}", rf"advisor{_CALLED}", rf"representative{_CALLED}", rf"rep{_CALLED}",
        rf"lady{_CALLED}", rf"woman{_CALLED}", rf"man{_CALLED}", rf"guy{_CALLED}",
        rf"girl{_CALLED}", rf"someone{_CALLED}", rf"somebody{_CALLED}",
    ) + rf"[,:]?\s+(?P<name>{_ONE_OR_MORE}|{_SHOUTED}(?![^\W\d_]))"
)
# fmt: on
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
    r"\b[Ii]t(?:'s| is)(?=(?: \w+){1,2} (?:here|again|from)\b)|"
    rf"(?<=[,!] )it(?:'s| is)(?=(?: \w+){{1,2}}[^\w\n]*$)) (?P<name>{_ONE_OR_MORE})"
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
    r"(?:mi|ci) (?:ha|aveva) (?:dett|rispost|spiegat|promess|assicurat|aiutat|seguit|richiamat|"
    r"chiamat|assistit|accolt|consigliat|servit)[oa]|"
    r"(?:told|asked|emailed|messaged|phoned|rang|met)|(?:put )?through to|well done,?|brav[oa],?|"
    r"consegn\w+ a|lasci\w+ a|deliver(?:ed)? to|leav(?:e|ing) (?:it|them) with|"
    r"(?:aiutat|seguit|assistit|servit|contattat|accolt|consigliat|ritirat|firmat)[oaie] d[ao]|"
    r"(?:helped|served|assisted|contacted|called|signed(?: for)?) by|"
    r"grazie(?: \w+){0,2}? a|grazie(?: mille)?,?|ringrazi\w+|complimenti a|"
    r"thanks(?: \w+){0,2}? to|thanks(?: so much)?,?|thank(?: you)?,?|saluti da|"
    r"(?:regards|love) from|"
    r"(?:kudos|props|shout ?out|hats off|thanks on) to|tale|un cert[oa]|"
    r"chied\w+ di|chiesto di|ask(?:ed|ing)? for|"
    r"(?:left|leave)(?: it)? with|(?:gave|given)(?: it)? to|"
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
    r"from (?:your|the) (?:returns?|sales|billing|complaints|delivery) "
    r"(?:desk|team|department|office)|"
    rf"(?:mi[oa]|my) (?:{_RELATIVES})\b|"
    r"(?:was|is|has been|è stat[oa]|e' stat[oa]|è|mi ha|ci ha)(?: \w+){0,2}? "
    r"(?:helpful|kind|polite|patient|rude|courteous|knowledgeable|attentive|brilliant|professional|"
    r"friendly|efficient|useless|dismissive|gentil\w+|"
    r"disponibil\w+|cortes\w+|pazient\w+|scortes\w+|maleducat\w+|professional\w+|brav\w+|"
    r"preparat[oa]|competent\w+|incompetent\w+|aiutat[oa]|rispost[oa]|"
    r"seguit[oa]|richiamat[oa]|spiegat[oa])\b|"
    r"(?:che |who )?(?:said|told|answered|replied|helped|promised|explained|assured|apologi[sz]ed|"
    r"fixed|sorted|suggested|confirmed|claimed|insisted|laughed|wrote|rang|offered|"
    r"hung up|called (?:me|us)|(?:mi|ci) (?:ha|aveva|dice|disse|diceva)|"
    r"ha (?:dett|rispost|risolt|promess|spiegat|gestit|chius|richiamat|confermat|assicurat)o)\b|"
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
#: "A Steve Elderbrook novel" is too, and "San Biagio dei Librai" is a place.
_GOODS = re.compile(
    r"(?i:(?:'s)? (?:novels?|books?|cookbooks?|albums?|cds?|dvds?|vinyls?|films?|posters?|"
    r"biography|perfumes?|fragrances?|collections?|range)\b)| (?:dei|degli) [A-ZÀ-Ý]"
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
        goods = [found.span() for found in no_people().finditer(text)]
        for start, end in names:
            if not any(start < last and first < end for first, last in goods):
                yield start, end


def _spans(text: str) -> Iterator[Span]:
    for found in _SURE_CUES.finditer(text):
        if end := end_of_name(found["name"]):
            yield found.start("name"), found.start("name") + end
    if _CAPITAL_WITHIN.search(text):
        yield from _capitals(text)
    for found in _OF_THE_SHOP.finditer(text):
        if is_often_first_name(found["name"].split()[0]):
            yield found.start("name"), found.start("name") + before_no_name(found["name"])
    for pattern, start in ((_TO_IN_ANY_CASE, 0), (_FROM_IN_ANY_CASE, len(text) - _LONGEST_CLOSE)):
        for found in pattern.finditer(text, max(0, start)):
            if is_first_name(found["name"].split()[0]):
                yield found.start("name"), found.start("name") + before_no_name(found["name"])


def _capitals(text: str) -> Iterator[Span]:
    """Yield names that are written as names are, and not the first word of the text."""
    for pattern in (_CUES, _BEFORE_ORDER):
        for found in pattern.finditer(text):
            if may_be_name(found["name"]) and not _is_loud(found):
                yield found.span("name")
    for found in _GREETINGS.finditer(text):
        first, *rest = found["name"].split()
        may_be_rare = bool(rest) or found["formal"]
        if is_first_name(first) or (may_be_rare and may_be_name(found["name"])):
            yield found.span("name")
    for found in _I_AM.finditer(text):
        if is_first_name(found["name"].split()[0]):
            yield found.span("name")
    for pattern in (_TO, _FROM, _SPEAKER):
        for found in pattern.finditer(text):
            if is_often_first_name(found["name"].split()[0]):
                yield found.start("name"), found.start("name") + before_no_name(found["name"])
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
        is_common = [is_often_first_name(one["name"].split()[0]) for one in names]
        # A rare name is known by who it is, or by the company it is in.
        is_rare = found["team"] or (found["sure"] and found["does"])
        are_people = found["talk"] and any(is_common)
        for one, is_listed in zip(names, is_common, strict=True):
            is_first = one is found
            if is_listed or (
                (are_people or (is_first and is_rare)) and may_be_name(one["name"].split()[0])
            ):
                yield one.start("name"), one.start("name") + before_no_name(one["name"])


def _full_names(text: str) -> Iterator[Span]:
    """Yield first names with their surnames, where no other capital stands before them."""
    start = 0
    while found := _FULL_NAME.search(text, start):
        start = found.end("second")
        if is_first_name(found["first"]):
            start = found.end() if is_first_name(found["second"]) else start
            before = text[max(0, found.start() - _LONGEST_BEFORE) : found.start()]
            is_of_goods = _GOODS_OF.search(before) or _GOODS.match(text, start)
            if not (is_of_goods or before.endswith(("the ", "The "))):
                yield found.start(), start
        elif not (may_be_name(found["first"]) or found["first"] in _ARTICLES):
            start = found.end("first")
    for found in _FULL_SHOUTED.finditer(text):
        before = text[max(0, found.start() - _LONGEST_BEFORE) : found.start()]
        is_name = is_first_name(found["first"]) and may_be_name(found["second"])
        if is_name and _NOT_SHOUTED.search(before):
            yield found.span()
