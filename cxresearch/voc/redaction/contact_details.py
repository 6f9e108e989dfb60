"""Phone numbers, mail and IP addresses, links and handles, and the numbers that are none."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from ipaddress import AddressValueError, IPv6Address
from itertools import pairwise

from cxresearch.voc.redaction.kinds import Span
from cxresearch.voc.redaction.number_words import DATE, UNITS, YEAR

_MONEY = r"\d{1,3}(?:[ .,']\d{3})+(?:[.,]\d{1,2})?|\d+(?:[.,]\d+)?"
_PLAIN = re.compile(
    "|".join(
        [
            rf"(?<!\d)(?<!\d[-/.]){DATE}(?:[T ]\d{{1,2}}:\d{{2}}(?::\d{{2}})?)?",
            r"(?<![\d:])\d{1,2}:\d{2}(?::\d{2})?(?:[.,]\d+)?(?![\d:])",
            rf"(?<![\d+])(?<!\d[ /.-]){YEAR}"
            rf"(?:[ ,/-]{{1,3}}(?:e |and |o |or )?{YEAR})+(?!\d|[ /.-]\d)",
            r"(?<![\d.])\d{1,2}\.[0-5]\d ?(?:-|alle|to) ?\d{1,2}\.[0-5]\d(?![\d.])",
            rf"(?i:[€£$] ?|(?<![a-z])(?:euro?|usd|gbp|chf) )(?:{_MONEY})(?!\d)",
            rf"(?<![\d.,+])[+-]?(?:{_MONEY})(?=(?i: ?{UNITS}))",
            # A part after the point: "3.14159", "45.4642035"; a dialling code begins with 0 or 3.
            r"(?<![\d.,/+-])-?(?:[1-9]\d?|0)[.,]\d{3,}(?![\d./-])",
            r"(?i:(?<![a-z])(?:versione?|version|ver|v|firmware|release|build|ios|android|windows|"
            r"macos|python)[ .:]{0,2})\d+(?:[.-]\d+)+(?!\d)",
            # A book or an article: "978-3-16-148410-0", "ISSN 0317-8471", "EAN 8 001234 567890".
            r"(?<![\d+])97[89][ -](?:\d{1,7}[ -]){3}\d(?!\d)",
            r"(?i:(?<![a-z])(?:isbn|issn|ean|gtin|upc|asin|sku)(?:-?1[03])?[ .:]{0,2})"
            r"\d[\d -]{6,16}[\dxX](?!\d)",
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


#: The digits of a phone number.
_FEWEST, _MOST = 6, 15
#: The numbers of a series, and the digits of each.
_FEWEST_OF_SERIES, YEAR_DIGITS = 3, 4
#: Digits in a row, however people part them.
_RUN = re.compile(r"(?<!\d)(?<!\d,)(?:\(?\+ ?|00)?\(?\d(?:[ ./()_-]{0,3}\d){5,}(?![,]\d)")
_CUE_WORDS = (
    r"tel|telefono|telefon\w*|tlf|cell|cellulare|cel|mobile|mob|phone|telephone|fax|whatsapp|"
    r"whats app|wa|sms|chiamat\w+|chiamar\w+|richiam\w+|contatta[rt]\w+|reperibile|"
    r"raggiung\w+|call|reach|ring|text|numero|number|num|recapito|contatto|ph"
)
_CUE = re.compile(rf"(?i:(?:(?<![a-z])(?:{_CUE_WORDS})\b[^;!?\d]{{0,20}}))$")
_GLUED = re.compile(
    rf"(?i:(?<![a-z])(?:(?:il )?mio|my)?(?:{_CUE_WORDS}|n|nr|t|m)|(?<=[\d\0])[oe])[.:]?$"
)
#: How far before a number a cue is looked for.
_BEFORE = 45
#: Thousands in groups: a quantity, where nothing says more.
_FEWEST_GROUPED = 9
_GROUPED = re.compile(r"\+?[1-9]\d{0,2}(?:([ .'])\d{3})(?:\1\d{3})*")
#: Numbers kept for fiction are of no plan, and are written all the same.
_BRITISH_MOBILE = re.compile(r"07\d{9}")
_UNIT = re.compile(rf"(?i: ?{UNITS})")
_GROUP = re.compile(r"\+?\d+")
_MOST_GROUPS = 12
#: Digits one by one are a phone number where many differ: "0 1 0 0 1 0" are marks.
_ONE_BY_ONE, _MANY = re.compile(r"\d(?:\D+\d)*"), 4
#: How numbers begin that are looked for among others.
_BEGINS = "03+"
#: "al3281234567"; what follows capitals is a code.
_WORD_BEFORE = re.compile(r"(?<![A-Z])[a-zà-ù]{2}$")
_PARTS = re.compile(r" ?/ ?| - |  +|\. ")
#: "3471234567grazie", and two numbers with "o" between; "3471234567kg" is none.
_LETTERS_AFTER = re.compile(r"[^\W\d_]{3,}|[oe]\d")


def phone_spans(text: str, regions: Sequence[str]) -> Iterator[Span]:
    """Yield where phone numbers begin and end."""
    text = blank_numbers(text)
    for run in _RUN.finditer(text):
        before = text[max(0, run.start() - _BEFORE) : run.start()]
        is_glued = before[-1:].isalpha()
        is_cued = bool(_GLUED.search(before) if is_glued else _CUE.search(before))
        is_of_code = is_glued and not (_WORD_BEFORE.search(before) or run[0].startswith("+"))
        if is_of_code and not is_cued:
            continue
        if _UNIT.match(text, run.end()) and not is_cued:
            continue
        if text[run.end() : run.end() + 1].isalpha() and not _LETTERS_AFTER.match(text, run.end()):
            continue
        yield from _within(run, is_cued, regions)


def _within(run: re.Match[str], is_cued: bool, regions: Sequence[str]) -> Iterator[Span]:
    """Yield a run of digits that is a phone number, else its parts that are."""
    if _is_phone(run[0], is_cued, regions):
        yield run.span()
        return
    start = 0
    for part in (*_PARTS.finditer(run[0]), None):
        end = part.start() if part else len(run[0])
        if end - start < len(run[0]) and _is_phone(run[0][start:end], is_cued, regions):
            yield run.start() + start, run.start() + end
        start = part.end() if part else end
    yield from _side_by_side(run, regions)


def _side_by_side(run: re.Match[str], regions: Sequence[str]) -> Iterator[Span]:
    """Yield numbers of a plan beside others: "347 1234567 348 7654321"."""
    groups = [found.span() for found in _GROUP.finditer(run[0])]
    if not 2 <= len(groups) <= _MOST_GROUPS:
        return
    first = 0
    while first < len(groups):
        start = groups[first][0]
        ends = (groups[last][1] for last in range(len(groups) - 1, first - 1, -1))
        end = run[0][start] in _BEGINS and next(
            (end for end in ends if _is_long(run[0][start:end], regions)), 0
        )
        if end:
            yield run.start() + start, run.start() + end
            first = next((k for k, group in enumerate(groups) if group[0] >= end), len(groups))
        else:
            first += 1


def _is_long(written: str, regions: Sequence[str]) -> bool:
    digits = sum(sign.isdigit() for sign in written)
    return digits >= _FEWEST_GROUPED and _is_phone(written, False, regions)


def _is_phone(written: str, is_cued: bool, regions: Sequence[str]) -> bool:
    digits = re.sub(r"\D", "", written)
    if not _FEWEST <= len(digits) <= _MOST or len(set(digits)) == 1:
        return False
    if _ONE_BY_ONE.fullmatch(written) and len(set(digits)) < _MANY:
        return False
    if written.lstrip("( ").startswith(("+", "00")):
        return is_cued or _is_international(written, digits)
    if _is_series(written):
        return False
    is_grouped = _GROUPED.fullmatch(written) and written[0] != "3"
    if is_cued and not (is_grouped and len(digits) < _FEWEST_GROUPED):
        return True
    if is_grouped:
        return False
    if "GB" in regions and _BRITISH_MOBILE.fullmatch(digits):
        return True
    return _is_of_plan(written, regions)


def _is_series(written: str) -> bool:
    """Return whether numbers only rise or fall, as sizes and years do: "38 40 42 44"."""
    parts = re.findall(r"\d+", written)
    if len(parts) < _FEWEST_OF_SERIES or len({len(part) for part in parts}) > 1 or parts[0] < "1":
        return False
    return len(parts[0]) <= YEAR_DIGITS and (
        all(a < b for a, b in pairwise(parts)) or all(a > b for a, b in pairwise(parts))
    )


def _is_international(written: str, digits: str) -> bool:
    """Return whether a number with a country's code is one, or may be one that is not in use."""
    import phonenumbers

    bare = digits.removeprefix("00") if "+" not in written else digits
    try:
        number = phonenumbers.parse("+" + bare)
    except phonenumbers.NumberParseException:
        return False
    if phonenumbers.is_valid_number(number):
        return True
    may_be = phonenumbers.is_possible_number(number)
    return may_be and len(bare) > 8 and not _GROUPED.fullmatch(written)


def _is_of_plan(written: str, regions: Sequence[str]) -> bool:
    """Return whether a number is one of a region's plan."""
    import phonenumbers

    for region in regions:
        try:
            number = phonenumbers.parse(written.replace("_", " "), region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(number):
            return True
    return False


#: How people write the sign: as it is, in brackets, between dashes, or as a word.
_AT = re.compile(
    r"(?i: ?(?:[\[({<] ?(?:@|at|chiocciol(?:a|ina)|arroba) ?[\])}>]|@|"
    r"(?<![a-z])(?:chiocciol(?:a|ina)|arroba)(?![a-z])|(?<=\w)[-_](?:at|chiocciola)[-_](?=\w)) ?)"
    r"|(?<=[a-z0-9])AT(?=[a-z0-9-]+\.[a-z]{2})"
)
_HAS_AT = re.compile(r"(?i:@|[\[({<_-] ?at ?[\])}>_-]|chiocciol|arroba)|[a-z0-9]AT[a-z0-9]")
_SPELT_AT = re.compile(
    r"(?i:\b[\w.+-]{2,64}(?: (?:dot|underscore|dash|hyphen) [\w.+-]{1,64}){0,3} at "
    r"[\w-]{2,63}(?: dot [\w-]{2,63})+\b(?! at\b)|"
    r"\be-?mail(?: address)?(?: is)?:? (?P<value>[\w.+-]{2,64} at [\w-]{2,63}\.[a-z]{2,12}))\b"
)
_DOT = r"(?: ?[\[({] ?(?:dot|punto|\.) ?[\])}] ?| (?:dot|punto|\.) )"
_LOCAL = re.compile(
    rf"(?i:[\w.%+'-]{{1,64}}(?:(?:{_DOT}| ?[\[({{]? ?(?:underscore|trattino) ?[\])}}]? ?)"
    r"[\w.%+-]{1,64}){0,3})$"
)
_LONGEST_LOCAL = 90
_ENDINGS = (
    r"(?:com|it|net|org|eu|info|co\.uk|org\.uk|ac\.uk|uk|fr|de|es|ch|at|nl|be|pt|ie|us|io|me|biz)"
)
_DOMAIN = re.compile(
    rf"(?i:[\w-]{{1,63}}(?:(?:\.|{_DOT})[\w-]{{1,63}}){{0,4}}?"
    rf"(?:\.[a-z]{{2,12}}(?![\w-]|\.[a-z]{{2}})|{_DOT}[a-z]{{2,12}}(?!{_DOT})\b|"
    rf"(?: ?[.,] ?){_ENDINGS}\b))"
)
#: "anna@gmail": no ending, and still where mail goes.
_NO_ENDING = re.compile(r"[A-Za-z][\w-]{2,62}")
_LETTER = re.compile(r"[^\W\d_]")
_SITES = (
    r"(?:facebook|fb|instagram|twitter|x|linkedin|tiktok|snapchat|pinterest|threads|twitch|github|"
    r"medium|vk|ok|onlyfans|vinted)"
)
#: Where profiles lie among other pages.
_PROFILES = (
    r"(?:youtube\.com/(?:@|c/|user/|channel/)|reddit\.com/u(?:ser)?/|open\.spotify\.com/user/|"
    r"trustpilot\.com/users/|tripadvisor\.(?:com|it|co\.uk)/profile/)"
)
_LINK = re.compile(
    rf"(?i:(?:https?://)?(?<![\w@-])(?:[a-z]{{1,5}}(?:-[a-z]{{2}})?\.)?(?:{_PROFILES}|"
    rf"(?:{_SITES}\.(?:com|net|it|co\.uk|ru|tv|me)|t\.me|wa\.me|m\.me|fb\.me|telegram\.me|"
    r"bsky\.app|linktr\.ee)/)[^\s<>\"'\0]{1,200})"
)
#: A link that lets in whoever has it, or says whose it is: "…/reset?token=9f8a7c6b".
_PERSONAL_LINK = re.compile(
    r"(?i:(?<![\w@.-])(?:https?://)?[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,4}/"
    r"[^\s<>\"'\0?]{0,200}?(?:[?][^\s<>\"'\0]{0,300}?(?<=[?&;])(?:\w*token|auth(?:key|code)?|"
    r"api_?key|secret|sig(?:nature)?|sess(?:ion)?(?:_?id)?|sid|jwt|pass(?:word|wd)?|pwd|otp|"
    r"e-?mail|(?:user|customer|account)(?:_?id|_?name)?|uid|login|phone|tel|t(?==.{12}))="
    r"[^\s&<>\"'\0]{4,}|(?<=/)(?:reset|verif\w+|confirm|conferma|activate|attiva|unsubscribe|"
    r"invite|magic|login|track(?:ing)?|orders?|ordin[ei])[\w-]*/(?=(?:[a-z_]*\d){4})\w{8,})"
    r"[^\s<>\"'\0]{0,2000})"
)
_HANDLE = re.compile(r"(?<![\w.@])@(?=[\w.]{0,30}[^\W\d])[\w][\w.]{1,30}(?<!\.)")
_CUED_HANDLE = re.compile(
    r"(?i:(?<![a-z])(?:instagram|insta|ig|facebook|telegram|tiktok|twitter|snapchat|"
    r"linkedin|skype|discord|nickname|nick|username|user|nome utente|utente|profilo|profile)"
    r" ?(?::|=|è|is|come|as|sono|con il nome)? ?@? ?)"
    r"(?P<value>(?=[\w.-]{0,30}[a-zA-Z])(?=[\w.-]{0,29}[\d_]|[a-zA-Z]+\.[a-zA-Z])"
    r"[A-Za-z0-9_][\w.-]{2,30}(?<![.-]))"
)
_OCTET = r"(?:25[0-5]|2[0-4]\d|[01]?\d?\d)"
_IPV4 = re.compile(rf"(?<![\d.])(?<!\d,){_OCTET}(?:\.{_OCTET}){{3}}(?![\d]|\.\d)")
_VERSION = re.compile(
    r"(?i:(?<![a-z])(?:versione?|version|ver|v|firmware|release|build|ios|android|windows|macos|"
    r"driver|app)[ .:]{0,2})$"
)
_IPV6 = re.compile(r"(?i:(?<![\w:.])[0-9a-f:]{3,39}(?::\d{1,3}(?:\.\d{1,3}){3})?(?![\w:]))")
_GROUPS_OF_IPV6 = 3


def email_spans(text: str) -> Iterator[Span]:
    """Yield where mail addresses begin and end."""
    if _HAS_AT.search(text):
        done = 0
        for at in _AT.finditer(text):
            first = max(done, at.start() - _LONGEST_LOCAL)
            local = _LOCAL.search(text[first : at.start()])
            domain = local and (_DOMAIN.match(text, at.end()) or _bare(text, at, local[0]))
            if local and domain:
                done = domain.end()
                yield first + local.start(), done
    if " at " in text or " AT " in text:
        for found in _SPELT_AT.finditer(text):
            yield found.span("value" if found["value"] else 0)


def _bare(text: str, at: re.Match[str], local: str) -> re.Match[str] | None:
    """Return a domain without an ending, where both sides hang on the sign."""
    if at[0] != "@" or len(local) < 2 or not _LETTER.search(local):
        return None
    return _NO_ENDING.match(text, at.end())


def link_spans(text: str) -> Iterator[Span]:
    """Yield where links to profiles, and those with a key or a name in them, begin and end."""
    if "/" in text:
        for pattern in (_LINK, _PERSONAL_LINK):
            for found in pattern.finditer(text):
                yield found.start(), found.start() + len(found[0].rstrip(".,;:!?)]"))


def handle_spans(text: str) -> Iterator[Span]:
    """Yield where the names people go by online begin and end."""
    if "@" in text:
        yield from (found.span() for found in _HANDLE.finditer(text))
    yield from (found.span("value") for found in _CUED_HANDLE.finditer(text))


def ip_spans(text: str) -> Iterator[Span]:
    """Yield where addresses of machines, IP version 4 and 6, begin and end."""
    for found in _IPV4.finditer(text):
        if not _VERSION.search(text[max(0, found.start() - 12) : found.start()]):
            yield found.span()
    if text.count(":") >= 2:
        for found in _IPV6.finditer(text):
            if _is_ipv6(found[0]):
                yield found.span()


def _is_ipv6(written: str) -> bool:
    """Return whether it is one; "10::30" is a time typed wrong."""
    groups = [group for group in written.split(":") if group]
    if len(groups) < _GROUPS_OF_IPV6 and not any(len(group) > 2 for group in groups):
        return False
    try:
        IPv6Address(written)
    except AddressValueError:
        return False
    return True
