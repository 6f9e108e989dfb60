"""A codebook: the themes a researcher looks for, in words that people use, with examples."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from cxresearch.core import disk, yaml_files
from cxresearch.core.yaml_files import STRICT, Spelled
from cxresearch.errors import CodebookError
from cxresearch.voc.resources import content
from cxresearch.voc.texts.raw_text import fold

#: What an entry may hold beside letters: people write of "t-shirt", "l'ordine" and "24/7".
_PHRASE = re.compile(r"{0}( {0})*".format(r"(?:[\w'&%+/.-]+|\w{3,}\*)"))
_LANGUAGE = Spelled("[a-z]{2}", "a language in two small letters, such as it")
#: Says of a codebook that its patterns need not be tried.
_TESTED = "tested"
_KEY = Spelled("[a-z][a-z0-9_]*", "small letters, digits and _, a letter first")


def _phrase(value: str) -> str:
    if not _PHRASE.fullmatch(fold(value)):
        raise ValueError(
            "must be words, one space between them; three letters and '*' are any ending"
        )
    return value


def _regex(value: str, known: ValidationInfo) -> str:
    # To compile those of the kit takes a tenth of a second, and only unread texts need them.
    if known.context == _TESTED:
        return value
    try:
        found = re.compile(value)
    except re.error as error:
        raise ValueError(f"must be a regular expression ({error})") from None
    if found.match(""):
        raise ValueError("must be a regular expression that does not match an empty text")
    return value


Language = Annotated[str, _LANGUAGE]
Words = Annotated[str, Field(min_length=1)]
Phrases = dict[Language, list[Annotated[str, AfterValidator(_phrase)]]]
Regexes = dict[Language, list[Annotated[str, AfterValidator(_regex)]]]
Texts = dict[Language, list[Words]]


class _Part(BaseModel):
    """A part of a codebook."""

    model_config = STRICT


class Theme(_Part):
    """One theme: what it is, where on the journey it is met, and how people speak of it.

    Each list is given by language. Case, accents and apostrophes never matter.

    Parameters
    ----------
    label, definition : dict of str
        What a reader sees, and when a text is of this theme, by language.
    stage, touchpoint : str, optional
        Where on the journey it belongs.
    terms : dict of list of str
        Words and phrases as they are written; ``spediz*`` stands for any ending.
    lemmas : dict of list of str
        Words and phrases in their dictionary form, for any inflection.
    regexes : dict of list of str
        Patterns over the text in small letters without accents.
    in_context, context : dict of list of str
        Terms of several meanings, written as terms, that count only in a sentence where an entry
        of `context`, another of them or a rule of the theme holds as well: "cassa" is a till
        beside "pagare", and a loudspeaker or a watch's case elsewhere.
    exclusions : dict of list of str
        Phrases, written as terms, in which an entry above does not count.
    negated : {"keep", "drop"}
        Whether a theme counts where it is denied. "No problem with the delivery" speaks of the
        delivery: keep, the default. A theme such as "arrived broken" wants drop.
    examples, counter_examples : dict of list of str
        Texts that are of the theme, and texts that look like it and are not.
    """

    label: Annotated[dict[Language, Words], Field(min_length=1)]
    definition: Annotated[dict[Language, Words], Field(min_length=1)]
    stage: str | None = None
    touchpoint: str | None = None
    terms: Phrases = {}
    lemmas: Phrases = {}
    regexes: Regexes = {}
    in_context: Phrases = {}
    context: Phrases = {}
    exclusions: Phrases = {}
    negated: Literal["keep", "drop"] = "keep"
    examples: Texts = {}
    counter_examples: Texts = {}

    @field_validator("lemmas")
    @classmethod
    def _whole_lemmas(cls, value: Phrases) -> Phrases:
        for entries in value.values():
            for entry in entries:
                if "*" in entry:
                    raise ValueError(f"must be dictionary forms, without '*'; it has {entry!r}")
        return value

    @model_validator(mode="after")
    def _can_match(self) -> Theme:
        if not any(entries for part in self.rules.values() for entries in part.values()):
            raise ValueError("must have terms, lemmas or regexes")
        return self

    @property
    def rules(self) -> dict[str, dict[str, list[str]]]:
        """What makes a text be of the theme, each kind by language."""
        return {
            "term": self.terms,
            "lemma": self.lemmas,
            "regex": self.regexes,
            "in context": self.in_context,
        }


class Codebook(_Part):
    """The themes of a study.

    Parameters
    ----------
    name : str
        What it is called.
    languages : list of str
        The languages its rules are written in, by ISO 639-1 code.
    themes : dict of Theme
        By key, which names the theme's column.

    Examples
    --------
    >>> codebook = Codebook.load()
    >>> codebook.languages, len(codebook.themes)
    (['en', 'it'], 13)
    """

    name: Words
    languages: Annotated[list[Language], Field(min_length=1)]
    themes: Annotated[dict[Annotated[str, _KEY], Theme], Field(min_length=1)]

    def labels(self) -> dict[str, dict[str, str]]:
        """Return what a reader calls each theme in each language, for a page's labels."""
        return {key: dict(theme.label) for key, theme in self.themes.items()}

    @classmethod
    def load(cls, path: str | Path | None = None) -> Codebook:
        """Read a codebook from a YAML file.

        Parameters
        ----------
        path : str or Path, optional
            The file; by default the codebook for e-commerce that comes with the kit.

        Raises
        ------
        CodebookError
            If there is no such file or it has faults: all of them, each with its key.
        """
        if path is None:
            return _of_the_kit()
        file = Path(path)
        if not file.is_file():
            raise CodebookError(file.name, [f"no such file: {file}"])
        disk.note_read(file)
        try:
            text = file.read_text("utf-8-sig")
        except UnicodeDecodeError as error:
            raise CodebookError(file.name, [f"not readable as UTF-8: {error}"]) from error
        return _parsed(text, file.name)

    @classmethod
    def parse(cls, text: str, *, name: str = "codebook") -> Codebook:
        """Read a codebook from YAML.

        Raises
        ------
        CodebookError
            With every fault found, each with its key and what is allowed.

        Examples
        --------
        >>> Codebook.parse("{name: Shop, languages: [en], themes: {Delivery: {}}}")
        Traceback (most recent call last):
        cxresearch.errors.CodebookError: codebook has 3 faults:
          themes.Delivery: must be small letters, digits and _, a letter first; got 'Delivery'
          themes.Delivery.label: missing
          themes.Delivery.definition: missing
        """
        try:
            codebook = cls.model_validate(yaml_files.load(text))
        except ValueError as error:
            found = yaml_files.faults(error) if isinstance(error, ValidationError) else [str(error)]
            raise CodebookError(name, found) from None
        if faults := list(codebook._language_faults()):
            raise CodebookError(name, faults)
        return codebook

    def _language_faults(self) -> list[str]:
        """Return where a language is used that the codebook is not written in."""
        allowed = ", ".join(map(repr, self.languages))
        words = ("terms", "lemmas", "regexes", "in_context", "context", "exclusions")
        parts = ("label", "definition", *words, "examples", "counter_examples")
        return [
            f"themes.{key}.{part}.{language}: must be one of {allowed}; got {language!r}"
            for key, theme in self.themes.items()
            for part in parts
            for language in getattr(theme, part)
            if language not in self.languages
        ]


@cache
def _of_the_kit() -> Codebook:
    return Codebook.model_validate(content("codebooks", "ecommerce.yaml"), context=_TESTED)


@lru_cache(maxsize=4)
def _parsed(text: str, name: str) -> Codebook:
    """Read a codebook once, however many parts of a page ask for it."""
    return Codebook.parse(text, name=name)
