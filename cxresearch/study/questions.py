"""Which columns of a survey are its questions, and on which scale each is answered."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from cxresearch.core import validate
from cxresearch.study import column_names
from cxresearch.study.loaders import spss
from cxresearch.study.loaders.row_faults import NO_ANSWER
from cxresearch.study.schema import LABELS
from cxresearch.study.sniffing import Sniffed

#: So many of the answers to a question are numbers, or labelled ones.
_MOST = 0.9
#: What Qualtrics adds to the name of a question for the groups that it makes of its answers.
_GROUP = "_NPS_GROUP"
#: Answers of more words on average are texts.
_FEWEST_WORDS = 2.5
#: The scale that a question states: "(0-10)", "da 1 a 7", "1 to 5".
_STATED = re.compile(r"\b([01])\s*(?:-|\N{EN DASH}|/|a|to|al|e)\s*(5|7|10)\b")
_LABELS = tuple(re.compile(one.replace("[:alpha:]", "a-z")) for one in LABELS)
#: The numbers that tools write where nobody answered.
_NO_SCORES = {"-1", "-8", "-9", "-97", "-98", "-99", "97", "98", "99", "-999", "999"}
#: What a question says of a number of its scale: "1 = very satisfied".
_EQUALS = re.compile(r"\b(\d{1,2})\s*=\s*([^,;.()\d]*[^\s,;.()\d])")
#: The level of the scales in words between good and bad.
_MIDDLE = 3
#: So many different answers may be those of a scale.
_MOST_LEVELS = 11
#: How many answers a question shows.
_SHOWN = 5
#: Words of a question whose high answers may be the bad ones, and of answers that say they are not.
_HARD = {"effort", "difficult", "sforzo", "difficile", "fatica"}
_EASY = re.compile(r"(?i)\b(easy|facile|semplice)\b")
#: The scale on which each metric is asked unless the question or its answers say otherwise.
_USUAL = {"nps": (0, 10), "ces": (1, 7), "csat": (1, 5)}


def scale(values: Sequence[str], question: str = "") -> dict[str, str | int]:
    """Return the metric and the scale of a question; nothing where its answers are no scores.

    The words of the question decide, then the highest answer.

    Parameters
    ----------
    values : sequence of str
        Its answers, as written.
    question : str
        Its heading.

    Examples
    --------
    >>> scale(["10 - Extremely likely", "7", "0"]), scale(["4", "5", "1"])["metric"], scale(["x"])
    ({'metric': 'nps', 'scale_min': 0, 'scale_max': 10}, 'csat', {})
    >>> scale(["4", "5", "1"], "Quanto è stato facile, da 1 a 7?")
    {'metric': 'ces', 'scale_min': 1, 'scale_max': 7}
    """
    values = _answers(values)
    scores = [one for value in values if (one := _score(value)) is not None]
    if not scores or len(scores) < _MOST * len(values):
        return {}
    low, high = min(scores), max(scores)
    stated = _STATED.search(question)
    metric = column_names.sniffed_metric(question)
    if _good_end(values, question):
        return {}
    if low < 0 or high > 10 or (low == high and not metric and not stated):
        return {}
    if not metric:
        top = int(stated[2]) if stated else high
        metric = "csat" if top <= 5 and low else "ces" if top <= 7 and low else "nps"
    least, most = _USUAL[metric]
    if stated:
        least, most = int(stated[1]), int(stated[2])
    elif metric == "ces" and high <= 5 and len(set(scores)) == 5:
        most = 5
    # An answer that is not on the scale that a question states is rejected, and changes no other.
    if not stated and (low < least or high > most):
        least, most = min(low, 1), 10 if high > 7 else 7
    return {"metric": metric, "scale_min": least, "scale_max": most}


def _good_end(values: Sequence[str], question: str) -> str:
    """Return what says that the low end of a scale is the good one; empty where nothing does.

    Examples
    --------
    >>> _good_end(["1 - Molto soddisfatto", "5"], ""), _good_end(["1", "5"], "1 = easy, 5 = hard?")
    ('1 - Molto soddisfatto', '1 = easy')
    """
    said = {one: _score(one) for one in values if not one.isdigit()}
    said |= {f"{n} = {word}": int(n) for n, word in _EQUALS.findall(question)}
    place = {
        _said(one): n for levels in column_names.names()["scales"] for n, one in _levels(levels)
    }
    shown = {}
    for one, score in said.items():
        level = place.get(_said(re.sub(r"^\W*\d+\W*|\W*\d+\W*$", "", one)))
        if score is not None and level:
            shown[one] = score, level
    ends = sorted(shown, key=lambda one: shown[one][0])
    if not ends:
        return ""
    (low, worst), (high, best) = shown[ends[0]], shown[ends[-1]]
    turned = worst > best if high > low else low <= 1 and worst > _MIDDLE
    return ends[0] if turned else ""


def _levels(levels: Sequence[Sequence[str]]) -> list[tuple[int, str]]:
    return [(n, one) for n, level in enumerate(levels, 1) for one in level]


def _answers(values: Sequence[str]) -> list[str]:
    """Return the answers among some values, without what says that there is none.

    Examples
    --------
    >>> _answers(["5", "N/A", "-99", "Non so", "?", "Satisfied"])
    ['5', 'Satisfied']
    """
    return [
        one
        for one in values
        if one not in _NO_SCORES
        and any(unicodedata.category(sign) == "So" or sign.isalnum() for sign in one)
        and "".join(filter(str.isalpha, one.casefold())) not in NO_ANSWER
    ]


def _score(value: str) -> int | None:
    if re.fullmatch(r"\d{1,2}(?:[.,]0+)?", value):
        return int(re.split("[.,]", value)[0])
    found = next((one for label in _LABELS if (one := label.fullmatch(value))), None)
    return int(found[1]) if found and len(found[1]) < 3 else None


def asked(
    found: Sniffed, table: str, columns: Mapping[str, Sequence[str]], where: Sequence[Any]
) -> dict[str, Any]:
    """Return what a source says of the questions of a survey; nothing where its table takes none.

    Parameters
    ----------
    found : Sniffed
        The file.
    table : str
        ``surveys``, which takes those that are scored, or ``feedback``, the one answered in words.
    columns : Mapping of str to sequence of str
        The file's columns that are of the respondent.
    where : sequence
        Which rows count already.
    """
    taken = {name for names in columns.values() for name in names}
    others = [
        one
        for one in _answered(found)
        if one not in taken and not column_names.is_of_respondent(one)
    ]
    scales = {
        one: said for one in others if (said := scale(found.values([one]), found.question(one)))
    }
    worded = {one: by for one in others if (by := worded_scale(found.values([one])))}
    scales |= {one: _worded(found.question(one), said) for one, said in worded.items()}
    if table == "surveys":
        metrics = Counter(said["metric"] for said in scales.values())
        parts = [
            {
                "columns": {"score": one},
                "constants": said
                | (
                    {"touchpoint": validate.clipped(found.question(one))}
                    if metrics[said["metric"]] > 1
                    else {}
                ),
            }
            for one, said in scales.items()
        ]
        said_of = {text: n for by in worded.values() for text, n in by.items()}
        written = {text for one in scales for text in found.values([one])}
        none = dict.fromkeys(sorted(written - {*_answers([*written])}), "")
        values = {"values": {"score": said_of | none}} if said_of or none else {}
        return {"melt": parts} | values if parts else {}
    open_ones = {one: _mean_words(found.values([one])) for one in others if one not in scales}
    text = max(open_ones, key=lambda one: open_ones[one], default="")
    if not text or open_ones[text] < _FEWEST_WORDS:
        return {}
    return {"columns": {"text": text}, "where": [*where, {"column": text, "filled": True}]}


def guessed(entry: Mapping[str, Any], found: Sniffed) -> list[str]:
    """Return what has to be asked of questions: what nothing but digits shows, or may be turned."""
    asks = []
    for part in entry.get("melt", ()):
        heading, said = part["columns"].get("score"), part.get("constants", {})
        if not isinstance(heading, str) or "scale_max" not in said:
            continue
        question, values = found.question(heading), _answers(found.values([heading]))
        stated = column_names.sniffed_metric(question) or _STATED.search(question)
        hard = said["metric"] == "ces" and column_names.words(question) & _HARD
        if hard and not _EASY.search(" ".join([question, *values])):
            asks.append(f"{heading!r} may count effort: its highest answer must be the easiest")
        if not stated and all(map(str.isdigit, values)):
            asks.append(
                f"{heading!r} is read as {said['metric']} from {said['scale_min']} to "
                f"{said['scale_max']}, by its numbers alone: say what it is, or take it out"
            )
    return asks


def unread(found: Sniffed) -> list[str]:
    """Return what has to be asked of questions that ask for a score and are on no known scale."""
    asks = []
    for one in _answered(found):
        question, values = found.question(one), _answers(found.values([one]))
        # One word is a name: "Valuta" is a currency.
        asks_score = column_names.sniffed_metric(question) or _STATED.search(question)
        if len(question.split()) < 2 or not asks_score:
            continue
        if not values or scale(values, question) or worded_scale(values):
            continue
        seen = Counter(values)
        if good := _good_end(values, question):
            asks.append(
                f"{one!r} is not read: {good!r} is its good end, so that high is bad; turn it "
                "round by values: {score: ...} in a source of its own"
            )
        elif len(seen) <= _MOST_LEVELS and 2 * len(seen) <= len(values):
            some = ", ".join(f"{text!r} ({rows:,})" for text, rows in seen.most_common(_SHOWN))
            asks.append(
                f"{one!r} is not read: nobody says which numbers its answers are, {some}; a part "
                "of melt: and values: {score: ...} do"
            )
    return asks


def worded_scale(values: Sequence[str]) -> dict[str, int]:
    """Return the number that each answer of a scale in words has; nothing where one is on none.

    Examples
    --------
    >>> worded_scale(["Very satisfied", "Dissatisfied"]), worded_scale(["Very satisfied", "blue"])
    ({'Very satisfied': 5, 'Dissatisfied': 2}, {})
    """
    answers = list(dict.fromkeys(_answers(values)))
    for levels in column_names.names()["scales"] if answers else ():
        numbers = {_said(one): n for n, one in _levels(levels)}
        if all(_said(one) in numbers for one in answers):
            return {one: numbers[_said(one)] for one in answers}
    return {}


def _answered(found: Sniffed) -> list[str]:
    """Return the columns that may be questions: of codes and their labels at most one.

    Labels that are a scale in words say which end is the good one, and codes may run either way.
    Codes are scores only where the question says so: 1 may as well be a region.
    """
    labelled = [one for one in found.headings if f"{one}{spss.LABEL}" in found.headings]
    dropped = {f"{one}{spss.LABEL}" for one in labelled}
    dropped |= {f"{one}{_GROUP}" for one in found.headings}
    for one in labelled:
        label, question = f"{one}{spss.LABEL}", found.question(one)
        said = found.values([label])
        if len(said) == len(found.values([one])) and worded_scale(said):
            dropped ^= {label, one}
        elif not column_names.sniffed_metric(question) and not _STATED.search(question):
            dropped.add(one)
    return [one for one in found.headings if one not in dropped]


def _said(answer: str) -> str:
    return " ".join(answer.casefold().split())


def _worded(question: str, answers: Mapping[str, int]) -> dict[str, str | int]:
    easy = column_names.sniffed_metric(f"{question} {' '.join(answers)}") == "ces"
    return {"metric": "ces" if easy else "csat", "scale_min": 1, "scale_max": 5}


def _mean_words(values: Sequence[str]) -> float:
    return sum(len(value.split()) for value in values) / max(len(values), 1)


def survey_of(found: Sniffed) -> dict[str, dict[str, Any]]:
    """Return the tables that a survey of no known tool gives; none where it looks like no survey.

    It has a day and a question whose words or whose stated scale say what it measures.
    """
    called = column_names.names()["surveys"]
    shared = column_names.names()["shared"]
    by_question = {found.question(one): one for one in _answered(found)}
    every = [*found.headings, *by_question]
    own = {
        name: by_question.get(there[0], there[0])
        for name in called
        if (there := column_names.known_as([*called[name], *shared.get(name, [])], every))
    }
    stated = [
        one
        for question, one in by_question.items()
        if (column_names.sniffed_metric(question) or _STATED.search(question))
        and (scale(found.values([one]), question) or worded_scale(found.values([one])))
    ]
    if "ts" not in own or not stated:
        return {}
    columns: dict[str, Any] = {"response_id": "#row", **own}
    if "customer_id" in own and any("@" in one for one in found.values([own["customer_id"]])):
        columns["customer_id"] = {"first_of": [own["customer_id"]], "lower": True}
    where: list[dict[str, Any]] = []
    if found.records and len(found.values([own["ts"]])) < len(found.records):
        where.append({"column": own["ts"], "filled": True})
    given: dict[str, dict[str, Any]] = {}
    for table in ("surveys", "feedback"):
        said = asked(found, table, {name: [one] for name, one in own.items()}, where)
        if not said:
            continue
        mine = {"response_id": "text_id"} if table == "feedback" else {}
        kept = {
            mine.get(k, k): v for k, v in columns.items() if table == "surveys" or k != "order_id"
        }
        entry = {**found.written, "columns": {**kept, **said.pop("columns", {})}, **said}
        if where and "where" not in entry:
            entry["where"] = where
        if table == "feedback":
            entry["constants"] = {"source": "survey"}
        given[table] = entry
    return given if "surveys" in given else {}
