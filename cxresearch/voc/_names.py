"""Names of people, where the words around them say that they are names."""

from __future__ import annotations

import re
from collections.abc import Iterator

#: First names of both languages, so that "sono Marco" is told from "sono Deluso".
_FIRST_NAMES = frozenset(
    # Italian
    "alberto alessandra alessandro alessia alessio alfredo alice ambra andrea angela angelo anna "
    "annamaria antonella antonio arianna aurora barbara beatrice benedetta bruna bruno camilla carla "
    "carlo carmela carmen caterina cecilia chiara cinzia claudia claudio corrado cosimo cristian "
    "cristiano cristina dalila daniela daniele dario davide debora diego domenico donatella donato "
    "edoardo elena eleonora elisa elisabetta emanuela emanuele emilio emma enrica enrico enzo "
    "ernesto ettore eugenio fabio fabiola fabrizio federica federico ferdinando filippo filomena "
    "flavia flavio francesca francesco franco gabriele gabriella gaetano gaia giacomo giada gianluca "
    "gianni giorgia giorgio giovanna giovanni giulia giuliana giuliano giulio giuseppe giuseppina "
    "graziella greta guido ilaria irene isabella ivan ivano jacopo laura leonardo letizia liliana "
    "lorena lorenza lorenzo luca lucia luciano lucrezia luigi luigia luisa manuela marcella marcello "
    "marco margherita maria mariella marina mario marisa marta martina massimiliano massimo matilde "
    "matteo mattia maurizio mauro michela michele mirella monica nadia nicola nicole nicoletta "
    "niccolò noemi ornella oscar ottavia paola paolo pasquale patrizia pierluigi piero pietro "
    "raffaele raffaella renato renata riccardo rita roberta roberto romina rosanna rosaria rossana "
    "rossella sabrina salvatore samuele sandra sandro sara serena sergio silvana silvano silvia "
    "simona simone sofia stefania stefano susanna teresa tiziana tiziano tommaso ugo umberto "
    "valentina valeria valerio vanessa veronica vincenzo vittoria vittorio viviana walter zoe "
    # English
    "adam alan albert alex alexander alexandra alison amanda amber amy andrew angus ann anne anthony "
    "arthur ashley barry ben benjamin bernard beth betty brandon brenda brian bruce callum cameron "
    "carol caroline catherine charles charlie charlotte chloe chris christine christopher claire "
    "colin connor craig daisy daniel danielle darren david dean deborah dennis derek diana donald "
    "donna dorothy douglas duncan dylan edward eleanor elizabeth ellen ellie emily eric ethan evelyn "
    "fiona frances frank fred gareth gary gavin geoffrey george georgia gerald gillian gordon graham "
    "gregory hannah harold harriet harry hazel heather helen henry holly howard hugh ian isaac "
    "isabel jack jacob jacqueline james jamie jane janet jason jean jeffrey jennifer jeremy jessica "
    "jill jim joan joanna joe john jonathan joseph josh joshua joyce judith julia julie justin karen "
    "kate katherine kathleen katie keith kelly kenneth kevin kimberly kyle larry lauren lawrence "
    "leah lee leonard leslie lewis liam linda lisa louise lucy luke lynn maggie malcolm margaret "
    "martin mary matthew maureen megan melissa michael michelle mike molly nancy natalie nathan "
    "neil nicholas nigel noah norman oliver olivia oscar owen pamela patricia patrick paul peter "
    "philip phoebe rachel ralph raymond rebecca richard robert roger ronald rosemary rosie ross roy "
    "russell ruth ryan sally sam samantha samuel sandra sarah scott sean shannon sharon shaun sheila "
    "shirley simon sophie stephen steven stuart susan suzanne terence thomas timothy tina toby tom "
    "tony tracy victoria vincent wayne wendy william zachary".split()
)

#: A capital and small letters, with what names may hold: "D'Ambrisco", "De Luca", "O'Neil".
_CAPITAL = r"(?:[A-ZÀ-Ý]['’])?[A-ZÀ-Ý][a-zà-ÿ]+(?:[-'’][A-ZÀ-Ý][a-zà-ÿ]+)*"
_PARTICLE = r"(?:(?:De|Di|Da|Del|Della|Dello|Dei|Dal|Dalla|Lo|La|Li|Van|Von|Mc|St\.?) )?"
_SURNAME = f"{_PARTICLE}{_CAPITAL}"
#: Two or three of them.
_FULL = f"{_CAPITAL}(?: {_SURNAME}){{1,2}}"
_ONE_OR_MORE = f"{_CAPITAL}(?: {_SURNAME}){{0,2}}"
#: The same typed without capitals, or in capitals only.
_ANY_WORD = r"[^\W\d_]+(?:['’][^\W\d_]+)?"

#: Where a cue leaves no doubt, a name may be typed in any way.
_SURE_CUES = re.compile(
    r"\b(?:mi chiamo|il mio nome (?:e cognome )?(?:è|e'|e(?! cognome))?|my (?:full )?name is|my name['’]s)"
    rf"[:\s]\s*(?P<name>{_ANY_WORD}(?:\s{_ANY_WORD}){{0,2}})",
    re.IGNORECASE,
)
#: Where it leaves some, what follows must be written as a name is; the cue alone may be in any case.
_CUES = re.compile(
    r"(?i:\b(?:intestat[oaie] a|a nome(?: di)?|(?:a|di) nome e cognome|firmato|in fede|nome e cognome:?|"
    r"nome:|cognome:|nominativo:?|(?:l['’])?operat(?:ore|rice) (?:di nome )?|di nome|"
    r"sig\.?(?:ra|na)?\.?|signor[ae]?|signorina|dott\.?(?:ssa)?\.?|dottor(?:e|essa)?|"
    r"in the name of|under the name(?: of)?|signed,?|full name:?|name:|mr\.?|mrs\.?|ms\.?|miss|dr\.?|"
    r"(?:agent|advisor|representative|rep|lady|woman|man|guy|girl|someone|somebody) (?:called|named)))"
    rf"[,:]?\s+(?P<name>{_ONE_OR_MORE})"
)
_GREETINGS = re.compile(
    r"(?i:\b(?:(?:cordiali|distinti|cari|tanti) saluti|saluti|cordialmente|a presto|grazie|"
    r"(?:kind|best|warm) regards|regards|yours sincerely|sincerely|yours|many thanks|thanks|cheers))"
    rf"[,.!]?\s+(?P<name>{_ONE_OR_MORE})\s*[.!]?\s*$"
)
#: "sono Marco Rossi", "I am Anna White": "sono Molto Contenta" is no name, so a first name is asked.
_I_AM = re.compile(
    rf"(?:\b[Ss]ono|\bI am|\bI['’]m|\b[Tt]his is|\b[Qq]ui(?: è)?) (?P<name>{_ONE_OR_MORE})"
)
#: "Anna Bianchi, ordine n. 123".
_BEFORE_ORDER = re.compile(rf"(?P<name>{_FULL}),? (?i:ordine|order)\b")
#: A first name with a surname, wherever they are.
_FULL_NAME = re.compile(rf"(?P<name>(?P<first>{_CAPITAL}) {_SURNAME})")

#: Words after a sure cue that end the name.
_NO_NAME = frozenset(
    "e ed o ma ho ha sono vorrei volevo non il la lo le gli i un una di da del della con per che mi "
    "ti si ci vi in a al alla su sul cliente fuori fortunata fortunato così quindi scrivo cerco "
    "and or but i am is the a an of on in at with for from to not misspelled wrong my me we you it "
    "have had has was were would want wanted need bought ordered never still write called spelled "
    "avevo abbiamo ordine order acquistato comprato ordinato attendo aspetto chiedo potete please "
    "since because who which that attached missing above below".split()
)


def name_spans(text: str) -> Iterator[tuple[int, int]]:
    """Yield where names of people begin and end."""
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
    for found in _FULL_NAME.finditer(text):
        if is_first_name(found["first"]):
            yield found.span("name")


def is_first_name(word: str) -> bool:
    """Return whether a word is a common first name."""
    return word.lower() in _FIRST_NAMES


def _end_of_name(words: str) -> int:
    """Return where the name in the words after a sure cue ends; 0 where there is none."""
    end = 0
    for word in re.finditer(r"\S+", words):
        if word[0].lower() in _NO_NAME:
            break
        end = word.end()
        # A third word is a surname's only where it is written as one.
        if end < len(words) and not _is_capital(words[end:].split()[0]) and _is_capital(word[0]):
            break
    return end


def _is_capital(word: str) -> bool:
    return word[:1].isupper()


def _may_be_name(words: str) -> bool:
    """Return whether capitals after a cue may be a name: "Grazie Mille" is none."""
    return not any(word.lower() in _NO_NAME | _CAPITALISED for word in words.split())


#: What people write with a capital after a greeting or a title.
_CAPITALISED = frozenset(
    "mille tante infinite molte ancora comunque grazie saluti ciao buongiorno buonasera buona "
    "giornata serata amazon team staff servizio clienti assistenza responsabile negozio shop store "
    "again anyway advance lot guys all everyone customer service support manager black friday "
    "signora signore sig dott rewards mileage program plus".split()
)
