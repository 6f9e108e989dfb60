"""What a notebook says while it runs: sentences, tables, figures, and the numbers it records.

A notebook calls these functions; JupyterLab shows what they display, and
:mod:`cxresearch.report.render` turns the same outputs into a page.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Protocol

from cxresearch.core import disclosure, phrasing, validate
from cxresearch.core.documented import documented
from cxresearch.core.languages import Language
from cxresearch.core.missing import Missing
from cxresearch.core.remarks import Said, Sentence
from cxresearch.core.results import Result
from cxresearch.report.sidecar import number_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from cxresearch.study import Study

_NOT_MEASURED = "Not measured: {why}."
HIDDEN = "Hidden: it is about fewer than {min_cell} people."


@dataclass(slots=True)
class _Page:
    """The page that the running notebook is writing: in its languages, the one shown first."""

    languages: tuple[Language, ...] = (Language(),)
    min_cell: int = 5
    study: Study | None = None
    headlines: dict[str, str] = field(default_factory=dict)
    numbers: dict[str, dict[str, Any]] = field(default_factory=dict)
    findings: dict[str, Any] | None = None
    stages: list[dict[str, Any]] | None = None
    lead: tuple[Said, Said, bool] | None = None
    is_led: bool = False


_page = _Page()


def min_cell() -> int:
    """Return the fewest people that a number of the page may tell about."""
    return _page.min_cell


def languages() -> tuple[Language, ...]:
    """Return the languages of the page, the one that is shown first."""
    return _page.languages


def recorded() -> tuple[dict[str, str], dict[str, dict[str, Any]], dict[str, Any] | None]:
    """Return the headline in each language, every recorded number by its name, the findings.

    The findings are None where the page did not look for any.
    """
    return _page.headlines, _page.numbers, _page.findings


def keep_findings(found: dict[str, Any]) -> None:
    """Keep findings for the page's record."""
    _page.findings = found


def stages() -> list[dict[str, Any]] | None:
    """Return the stages of the journey map that the page keeps; None where it has none."""
    return _page.stages


def keep_stages(found: list[dict[str, Any]]) -> None:
    """Keep the stages of a journey map for the page's record."""
    _page.stages = found


def lead_with(what: Said, footnote: Said, *, alone: bool = False) -> None:
    """Let a finding be the page's headline, with what stands under it; alone, it is all of it."""
    _page.lead = what, footnote, alone


def begin(study: Study | None = None, *, lang: str = "en", min_cell: int | None = None) -> None:
    """Begin a page, and forget what an earlier run recorded.

    Parameters
    ----------
    study : Study, optional
        Whose page it is: it is written in all languages of the study, with its labels.
    lang : str, default "en"
        The language that JupyterLab shows, a key of :data:`cxresearch.core.languages.LANGUAGES`.
    min_cell : int, optional
        The fewest people a row of a table may tell about; by default what the study says, else 5.

    Raises
    ------
    ValueError
        If `lang` is another language or `min_cell` is below 1.

    Examples
    --------
    >>> begin(lang="it")
    >>> say("{share} of customers", share=(0.25, "share"))
    25,0% of customers
    >>> begin()
    """
    global _page
    shown = Language(lang).code
    codes = dict.fromkeys([shown, *(study.languages if study else ())])
    if min_cell is None:
        min_cell = study.manifest.min_cell if study else _Page().min_cell
    validate.whole("min_cell", min_cell, low=1)
    labels = {code: study.labels(code) if study else {} for code in codes}
    _page = _Page(tuple(Language(code, labels[code]) for code in codes), min_cell, study)


def label(names: Mapping[str, Mapping[str, str]]) -> None:
    """Say what the page's readers call values of the data; it goes before the study's labels.

    What follows is shown by these names, until others are given; by no names, by the study's alone.

    Parameters
    ----------
    names : mapping
        The label of each value by language, by value: themes of a codebook. A language without
        one has the first.

    Examples
    --------
    >>> begin(lang="it")
    >>> label({"fit": {"en": "Fit", "it": "Taglia"}})
    >>> say("They write of {theme}.", theme="fit")
    They write of «Taglia».
    >>> begin()
    """
    study = _page.study
    _page.languages = tuple(
        Language(
            one.code,
            dict(study.labels(one.code) if study else {})
            | {value: Said(said).words(Language(one.code)) for value, said in names.items()},
        )
        for one in _page.languages
    )


@documented
def say(message: str | Sentence | list[Sentence] | Missing, /, **values: Any) -> None:
    """Display a sentence whose numbers come from results, or each of several.

    The interval and the n of its estimates stand in small under it. Where every estimate in it is
    undefined, or something in it could not be measured, what is displayed says why.

    Parameters
    ----------
    message : str, Sentence, list of Sentence or Missing
        The sentence in English, Markdown, with the values' names in braces; a sentence that a
        room has written has its values with it.
    **values
        As :func:`cxresearch.core.phrasing.word` takes them; they can never become markup.

    Raises
    ------
    %(message_values_error)s

    Examples
    --------
    >>> say("{n} orders were read, worth {worth}.", n=1200, worth=(54321.5, "EUR"))
    1,200 orders were read, worth €54,321.50.
    """
    if isinstance(message, list):
        for one in message:
            say(one)
        return
    if isinstance(message, Missing):
        message, values = "{missing}", {"missing": message}
    elif isinstance(message, Sentence):
        values, message = dict(message.values), message.message
    known = message
    message, values = _or_why_not(message, values)
    shown, _ = phrasing.or_why_not(message, values, _page.languages[0])
    _say(message, values, kind="say" if shown is known else "missing")


@documented
def headline(message: str | Sentence | Missing, /, **values: Any) -> None:
    """Display the answer in one sentence; the page puts it first, the index repeats it.

    Under it stand the interval, the n and the method of its estimates.

    Parameters
    ----------
    message : str, Sentence or Missing
        As in :func:`say`.
    **values
        As in :func:`say`.

    Raises
    ------
    %(message_values_error)s
    """
    if isinstance(message, Missing):
        message, values = "{missing}", {"missing": message}
    elif isinstance(message, Sentence):
        values, message = dict(message.values), message.message
    if _page.lead is not None:
        what, under, is_alone = _page.lead
        _page.lead, _page.is_led = None, True
        if not is_alone:
            say(message, **values)
        headline("{finding}", finding=what)
        _say("{footnote}", {"footnote": under}, kind="footnote")
        return
    message, values = _or_why_not(message, values)
    _page.headlines = {
        one.code: phrasing.plain(*_worded(message, values, one), one) for one in _page.languages
    }
    _say(message, values, kind="headline")
    estimates = [one for one in values.values() if isinstance(one, Result)]
    if estimates:
        methods = dict.fromkeys(
            method for one in estimates if (method := str(getattr(one, "method", "")))
        )
        display("footnote", lambda language: _small_print(message, values, methods, language))


@documented
def title(message: str | Sentence, /, **values: Any) -> None:
    """Say the page's question, where it is more than the notebook's title.

    Parameters
    ----------
    message : str or Sentence
        As in :func:`say`.
    **values
        As in :func:`say`.

    Raises
    ------
    %(message_values_error)s
    """
    if isinstance(message, Sentence):
        values, message = dict(message.values), message.message
    _say(message, values, kind="title")


@documented
def footnote(message: str | Sentence, /, **values: Any) -> None:
    """Display what stands in small under the headline: its interval, its n, how it is known.

    Where a finding leads the page, it has its own, and this one stands with the page's sentence.

    Parameters
    ----------
    message : str or Sentence
        As in :func:`say`.
    **values
        As in :func:`say`.

    Raises
    ------
    %(message_values_error)s
    """
    if isinstance(message, Sentence):
        values, message = dict(message.values), message.message
    if not any(isinstance(one, Missing) for one in values.values()):
        _say(message, values, kind="say" if _page.is_led else "footnote")


def _or_why_not(message: str, values: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return a sentence, or why something in it could not be measured."""
    missing = next((one for one in values.values() if isinstance(one, Missing)), None)
    return (message, values) if missing is None else (_NOT_MEASURED, {"why": missing})


def record(
    name: str | Mapping[str, Result] | Missing, result: Result | Missing | None = None
) -> None:
    """Keep a result under a name in the report's sidecar; nothing is displayed.

    Parameters
    ----------
    name : str, or mapping of str to Result
        The name of the quantity; a mapping, such as
        :class:`~cxresearch.core.table.Estimates`, has the names of several results.
    result : Result, optional
        The result. What is missing is not recorded.

    Raises
    ------
    TypeError
        If `result` is no :class:`Result`, or no estimate with an interval.
    ValueError
        If another result has this name already.
    """
    if isinstance(name, Missing) or isinstance(result, Missing):
        return
    if isinstance(name, Mapping):
        for each, one in name.items():
            record(each, one)
        return
    if not isinstance(result, Result):
        raise TypeError(f"result must be a Result; got {result!r}")
    kept = number_of(result, min_cell=_page.min_cell)
    if _page.numbers.setdefault(name, kept) != kept:
        raise ValueError(
            f"name must be new or its result the same; got {name!r}, recorded as "
            f"{_page.numbers[name]['value']} and now {kept['value']}"
        )


class Payload(Protocol):
    """What is displayed of something in one language."""

    def bundle(self) -> dict[str, str]:
        """Return the output by MIME type."""

    def about(self) -> dict[str, str]:
        """Return what the renderer needs beside it."""


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A sentence as Markdown and as text, and the small print of its estimates."""

    marked: str
    text: str
    small: str = ""

    def bundle(self) -> dict[str, str]:
        under = f"\n\n{phrasing.escaped(self.small)}" if self.small else ""
        return {"text/markdown": self.marked + under, "text/plain": f"{self.text}{under}"}

    def about(self) -> dict[str, str]:
        return {}


def end() -> None:
    """Say whose page it was and the days that its data cover."""
    if _page.study is None:
        return
    study = _page.study
    days = study.days_read()

    def made(language: Language) -> _Sentence:
        said = [study.manifest.title_in(language.code)]
        if days:
            first, last = map(language.day, days)
            said.append(f"{first} \N{EN DASH} {last}")
        elif study.manifest.as_of:
            day = date.fromisoformat(study.manifest.as_of)
            said.append(language.text("data to {day}", day=language.day(day)))
        words = " \N{MIDDLE DOT} ".join(said)
        return _Sentence(phrasing.escaped(words), words)

    display("shop", made)


def display(kind: str, made: Callable[[Language], Payload]) -> None:
    """Display something in the first language, with what it is in each for the renderer."""
    versions = {one.code: made(one) for one in _page.languages}
    shown = versions[_page.languages[0].code]
    blocks = {code: one.about() | {"data": one.bundle()} for code, one in versions.items()}
    _publish(shown.bundle(), {"cx": {"kind": kind, "languages": blocks}})


def _say(message: str, values: Mapping[str, Any], *, kind: str) -> None:
    def made(language: Language) -> _Sentence:
        said = _worded(message, values, language)
        small = phrasing.doubts(said[1], language) if kind == "say" else ""
        return _Sentence(phrasing.markdown(*said, language), phrasing.plain(*said, language), small)

    display(kind, made)


def _small_print(
    message: str, values: Mapping[str, Any], methods: Iterable[str], language: Language
) -> _Sentence:
    """Return what stands under a headline: the doubts of its estimates, and how they are known."""
    _, kept = _worded(message, values, language)
    doubts = phrasing.doubts(kept, language)
    known = (language.text(method) for method in methods)
    said = ". ".join([doubts, *(one[:1].upper() + one[1:] for one in known)]) if doubts else ""
    return _Sentence(phrasing.escaped(said), said)


def _worded(
    message: str, values: Mapping[str, Any], language: Language
) -> tuple[str, Mapping[str, Any]]:
    """Return what is said of a message: a number that is not defined has no sentence.

    Nor has one about too few people: what else is in the sentence may tell about the same ones.
    """
    message, values = phrasing.or_why_not(message, values, language)
    if any(disclosure.is_small(value, _page.min_cell) for value in values.values()):
        message, values = HIDDEN, {"min_cell": _page.min_cell}
    return message, values


def _publish(data: dict[str, str], metadata: dict[str, Any]) -> None:
    """Show an output of a notebook; in a plain script or a doctest, print its text."""
    from IPython.core.getipython import get_ipython

    if get_ipython() is None:
        print(data["text/plain"])  # noqa: T201
        return
    from IPython.display import publish_display_data

    publish_display_data(data, metadata)  # type: ignore[no-untyped-call]
