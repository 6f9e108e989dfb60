"""Where somebody is found online: mail addresses, profiles, handles, and addresses of machines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import AddressValueError, IPv6Address

Span = tuple[int, int]

#: How people write the sign: as it is, in brackets, between dashes, or as a word.
_AT = re.compile(
    r"(?i: ?(?:[\[({<] ?(?:@|at|chiocciol(?:a|ina)|arroba) ?[\])}>]|@|"
    r"(?<![a-z])(?:chiocciol(?:a|ina)|arroba)(?![a-z])|(?<=\w)[-_](?:at|chiocciola)[-_](?=\w)) ?)"
    r"|(?<=[a-z0-9])AT(?=[a-z0-9-]+\.[a-z]{2})"
)
_HAS_AT = re.compile(r"(?i:@|[\[({<_-] ?at ?[\])}>_-]|chiocciol|arroba)|[a-z0-9]AT[a-z0-9]")
_SPELT_AT = re.compile(
    r"(?i:\b[\w.+-]{2,64} at [\w-]{2,63}(?: dot [\w-]{2,63})+\b|"
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
    """Yield where links to profiles begin and end."""
    if "/" in text:
        for found in _LINK.finditer(text):
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
