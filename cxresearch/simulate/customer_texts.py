"""What customers write: clauses about themes, joined, and then typed as people type."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import yaml

from cxresearch.simulate import person_names
from cxresearch.simulate.planted import Texts

_SIDES: dict[int, str] = {-1: "negative", 0: "neutral", 1: "positive"}
_LINE_BREAK, _QUOTED, _LOWER = 0.06, 0.03, 0.15
_OPENING, _CLOSING = 0.55, 0.25
#: Where a text has a form of its own.
_FORMS = ("email", "chat", "call")
#: The emotions of a complaint and of praise, and how often each.
_EMOTIONS = {
    -1: {"anger": 5, "disappointment": 3, "worry": 2},
    1: {"joy": 5, "gratitude": 3, "trust": 2},
}
_NO_ACCENT = str.maketrans("àèéìòù", "aeeiou")


@dataclass(frozen=True, slots=True)
class Mention:
    """One theme that a text speaks of, and how: -1 complaint, 0 neither, 1 praise."""

    theme: str
    polarity: int


@dataclass(frozen=True, slots=True)
class Written:
    """A text, whether it holds invented personal data, and the goal and emotion it states."""

    text: str
    personal: bool
    goal: str = ""
    emotion: str = ""


@cache
def words(language: str) -> dict[str, Any]:
    """Return the words of a language, from its file beside this module."""
    file = resources.files("cxresearch.simulate") / "words" / f"{language}.yaml"
    content: dict[str, Any] = yaml.safe_load(file.read_text("utf-8"))
    return content


def themes() -> tuple[str, ...]:
    """Return the themes that texts can speak of.

    Examples
    --------
    >>> themes()[:3]
    ('delivery', 'returns', 'checkout')
    """
    return tuple(words("it")["themes"])


def compose(
    rng: random.Random,
    language: str,
    mentions: Sequence[Mention],
    sentiment: int,
    traits: Texts,
    form: str = "survey",
) -> Written:
    """Return a text that speaks of `mentions`, or a short answer when there are none.

    Parameters
    ----------
    rng : random.Random
        Source of the choices.
    language : {"it", "en"}
        The language.
    mentions : sequence of Mention
        At most two.
    sentiment : {-1, 0, 1}
        The feeling of the whole, 0 when mixed; it chooses the closing and the emoji, as the first
        mention chooses the opening.
    traits : Texts
        How often people mistype and the like.
    form : str
        Where it is written: an e-mail, a chat and a call have their own form, and may say what
        the customer wants.
    """
    vocabulary, side = words(language), _SIDES[sentiment]
    if not mentions:
        return Written(rng.choice(vocabulary["short"][side]), personal=False)
    text = _joined(rng, vocabulary, mentions)
    if rng.random() < _OPENING:
        text = rng.choice(vocabulary["openings"][_SIDES[mentions[0].polarity]]) + text
    text = _filled(rng, vocabulary, text)
    text = text[0].upper() + text[1:]
    if not text.endswith("?"):
        text += rng.choice((".", ".", ".", "!", "", "..."))
    if rng.random() < _CLOSING:
        closing = rng.choice(vocabulary["closings"][side])
        text += ("\n" if rng.random() < 0.2 else " ") + closing[0].upper() + closing[1:] + "."
    text = _typed(rng, text, language, traits)
    if rng.random() < traits.emoji:
        text += " " + rng.choice(vocabulary["emoji"][side])
    personal = rng.random() < traits.personal_data
    if personal:
        said = _filled(rng, vocabulary, rng.choice(vocabulary["personal"]))
        text = f"{text} {said[0].upper()}{said[1:]}."
    goal = emotion = ""
    if form in _FORMS and mentions[0].theme in vocabulary["goals"] and rng.random() < traits.goal:
        goal = mentions[0].theme
        text = _with_sentence(text, rng.choice(vocabulary["goals"][goal]))
    if sentiment and rng.random() < traits.emotion:
        names, weights = zip(*_EMOTIONS[sentiment].items(), strict=True)
        emotion = rng.choices(names, weights)[0]
        text = _with_sentence(text, rng.choice(vocabulary["emotions"][emotion]))
    if form in _FORMS:
        text = _in_form(rng, vocabulary, text, form)
    return Written(text, personal, goal, emotion)


def _with_sentence(text: str, said: str) -> str:
    end = "" if text.endswith((".", "!", "?")) else "."
    return f"{text}{end} {said[0].upper()}{said[1:]}."


def _in_form(rng: random.Random, vocabulary: dict[str, Any], text: str, form: str) -> str:
    """Return an e-mail with greeting and sign-off, or a conversation with who answers."""
    if form == "email":
        mail = vocabulary["email"]
        return f"{rng.choice(mail['greetings'])}\n{text}\n{rng.choice(mail['signoffs'])}"
    chat = vocabulary["chat"]
    customer, agent = chat["customer"], chat["agent"]
    said = rng.choice(vocabulary["call"]["fillers"]) + text if form == "call" else text
    turns = [
        agent + rng.choice(chat["openings"]),
        customer + said.replace("\n", " "),
        agent + rng.choice(chat["replies"]),
        customer + rng.choice(chat["endings"]),
    ]
    return "\n".join(turns)


def _joined(rng: random.Random, vocabulary: dict[str, Any], mentions: Sequence[Mention]) -> str:
    """Return the clauses in one sentence: "but" where the feeling turns, else "and"."""
    clauses = [
        rng.choice(vocabulary["themes"][one.theme][_SIDES[one.polarity]]) for one in mentions
    ]
    turns = len({one.polarity for one in mentions}) > 1
    joint: str = rng.choice(vocabulary["but" if turns else "and"])
    return joint.join(clauses).replace(f"?{joint}", "? ")


def _filled(rng: random.Random, vocabulary: dict[str, Any], text: str) -> str:
    """Return `text` with every {slot} filled, name and e-mail with those of one person."""
    name = person_names.full_name(rng)
    fillers: dict[str, Callable[[], str]] = {
        "product": lambda: rng.choice(vocabulary["products"]),
        "carrier": lambda: rng.choice(vocabulary["carriers"]),
        "city": lambda: rng.choice(vocabulary["cities"]),
        "intense": lambda: rng.choice(vocabulary["intense"]),
        "days": lambda: str(rng.randint(2, 20)),
        "hours": lambda: str(rng.choice((15, 20, 30, 40, 72, 90))),
        "percent": lambda: str(rng.choice((10, 15, 20, 30, 50))),
        "name": lambda: name,
        "email": lambda: person_names.email(name, rng.randint(1, 999)),
        "phone": lambda: person_names.phone(rng.randint(0, 99_999)),
        "order": lambda: f"O{rng.randint(1, 999_999):06d}",
    }
    return re.sub(r"\{(\w+)\}", lambda slot: fillers[slot[1]](), text)


def _typed(rng: random.Random, text: str, language: str, traits: Texts) -> str:
    """Return `text` as somebody in a hurry types it."""
    if language == "it" and rng.random() < traits.no_accents:
        text = text.translate(_NO_ACCENT)
    if rng.random() < traits.typo:
        text = person_names.swapped(rng, text)
    if rng.random() < traits.capitals:
        text = text.upper()
    elif rng.random() < _LOWER:
        text = text.lower().rstrip(".")
    if rng.random() < _LINE_BREAK:
        text = re.sub(r"([.!;]) ", r"\1\n", text, count=1)
    if rng.random() < _QUOTED:
        text = f'"{text}"'
    return text


def emotions() -> tuple[str, ...]:
    """Return the emotions that texts can state.

    Examples
    --------
    >>> emotions()
    ('anger', 'disappointment', 'worry', 'joy', 'gratitude', 'trust')
    """
    return tuple(name for names in _EMOTIONS.values() for name in names)
