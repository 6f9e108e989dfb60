"""A notebook of one's own: one question of one study, begun with a first finding.

It lives with the study, in ``data/<study>/notebooks/``, is built with its reports, and need not
keep the rules of the kit's own notebooks: write in whatever language the readers speak.
"""

from __future__ import annotations

import json
import re
import unicodedata
from pathlib import Path
from typing import Any

from cxresearch.core import disk, validate
from cxresearch.errors import ManifestError
from cxresearch.study import manifest

FOLDER = "notebooks"
#: Of the first of these tables that a study has: what the first cell asks, and its code.
_FIRST = (
    (
        "orders",
        "What is an order worth, and does that differ by channel?",
        'orders = shop.frame("orders")\n'
        "worth = cx.kpis.average_order_value(\n"
        '    orders, currency=shop.currency, by="channel", confidence=confidence\n'
        ")",
    ),
    (
        "tickets",
        "How long do customers wait for an answer?",
        'tickets = shop.frame("tickets")\n'
        'worth = cx.kpis.first_response_time(tickets, by="channel", confidence=confidence)',
    ),
)
_SHOW = (
    "report.record({{{name!r}: worth}})\n"
    'report.say("{{value}}", value=worth)\n'
    "if len(worth.groups) > 1:\n"
    "    groups = worth.compare()\n"
    "    report.show(groups)\n"
    "    report.say(groups.answer)"
)
_WORDS = {
    "en": {
        "about": "Write here for whom the answer is, and what they will decide with it.",
        "answer": "Answer and limits",
        "headline": "{value} is what this shows so far.",
        "limits": "- What these numbers cannot say.",
    },
    "it": {
        "about": "Scrivi qui a chi serve la risposta e che cosa deciderà.",
        "answer": "Risposta e limiti",
        "headline": "Per ora si vede questo: {value}.",
        "limits": "- Quello che questi numeri non dicono.",
        "What is an order worth, and does that differ by channel?": (
            "Quanto vale un ordine, e cambia da un canale all'altro?"
        ),
        "How long do customers wait for an answer?": "Quanto aspettano i clienti una risposta?",
        "How many rows are there?": "Quante righe ci sono?",
    },
}


def write(study: str, question: str) -> Path:
    """Write a notebook for a question, and name it among the study's reports.

    Parameters
    ----------
    study : str
        A folder below ``data/``.
    question : str
        The question, which is its title.

    Returns
    -------
    Path
        The notebook.

    Raises
    ------
    ManifestError
        If there is no such study, or it has a notebook of that name.
    ValueError
        If the question has no letter.
    """
    content = manifest.read(study)
    name = _slug(question)
    if not name:
        raise validate.refused("question", "a question in words", question)
    folder = manifest.path_of(study).parent / FOLDER
    path = folder / f"{name}.ipynb"
    if path.exists() or name in content.reports:
        raise ManifestError(f"data/{study}", [f"it has a notebook {name} already"])
    text = _with_report(manifest.path_of(study).read_text("utf-8"), name)
    manifest.parse(text, name=f"data/{study}/{manifest.FILE_NAME}")
    folder.mkdir(exist_ok=True)
    with disk.replacing(path) as out:
        made = json.dumps(_notebook(study, question.strip(), content), indent=1, ensure_ascii=False)
        out.write_text(made + "\n", "utf-8")
    with disk.replacing(manifest.path_of(study)) as out:
        out.write_text(text, "utf-8")
    return path


def _slug(question: str) -> str:
    plain = unicodedata.normalize("NFKD", question.casefold())
    words = re.findall(r"[a-z0-9]+", plain.encode("ascii", "ignore").decode())
    return "_".join(words)[:60].strip("_")


def _with_report(text: str, name: str) -> str:
    """Return a manifest with one more report, before those it has, as its owner wrote the rest."""
    line = f"  {name}: {{notebook: {name}}}"
    found = re.search(r"^reports:[ \t]*(#.*)?$", text, flags=re.MULTILINE)
    if found:
        return f"{text[: found.end()]}\n{line}{text[found.end() :]}"
    return f"{text.rstrip()}\nreports:\n{line}\n"


def _notebook(study: str, question: str, content: manifest.Manifest) -> dict[str, Any]:
    lang = (content.languages or (content.language,))[0]
    words = _WORDS.get(lang, _WORDS["en"])
    table, asked, code = next((one for one in _FIRST if one[0] in content.tables), ("", "", ""))
    heading = words.get(asked, asked)
    show = _SHOW.format(name=heading.rstrip("?"))
    headline = f"report.headline({words['headline']!r}, value=worth)"
    if not table:
        heading, code = words.get("How many rows are there?", "How many rows are there?"), ""
        show, headline = "report.show(shop.summary())", ""
    parameters = f"study = {study!r}\nlang = {lang!r}\nconfidence = 0.95"
    opened = "shop = cx.open_study(study)\nreport.begin(shop, lang=lang)"
    cells = [
        _markdown(f"# {question}\n\n{words['about']}"),
        _code(parameters.replace("'", '"'), "parameters"),
        _code("import cxresearch as cx\nfrom cxresearch import report"),
        _code(opened),
        _markdown(f"## {heading}"),
        _code("\n".join(filter(None, [code, show]))),
        _markdown(f"## {words['answer']}"),
        *([_code(headline)] if headline else []),
        _markdown(words["limits"]),
        _code("report.provenance()"),
    ]
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
    kernel = {"display_name": "cxresearch", "language": "python", "name": "cxresearch"}
    return {
        "cells": cells,
        "metadata": {
            "cx": {"needs": [table] if table else []},
            "kernelspec": kernel,
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def _markdown(text: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": text.splitlines(keepends=True)}


def _code(text: str, *tags: str) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "execution_count": None,
        "metadata": {"tags": list(tags)} if tags else {},
        "outputs": [],
        "source": text.splitlines(keepends=True),
    }
