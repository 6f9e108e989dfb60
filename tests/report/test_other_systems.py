"""The kit runs where POSIX is not: nothing it needs at run time is of one system alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

#: Modules, signals and calls that Windows does not have.
MODULES = ("fcntl", "pwd", "grp", "termios", "resource", "pty", "tty")
SIGNALS = ("SIGHUP", "SIGVTALRM", "SIGALRM", "SIGUSR1", "SIGUSR2", "setitimer", "alarm")
CALLS = ("killpg", "getpgid", "setsid", "fork", "nice", "mkfifo")
#: Python runs a module of this name whenever it starts: so in the workers and the kernels too.
WITHOUT_POSIX = f"""
import asyncio, os, signal, sys
for name in {MODULES!r}:
    sys.modules[name] = None  # an import of it fails
for name in {SIGNALS!r}:
    delattr(signal, name)
for name in {CALLS!r}:
    delattr(os, name)
def refused(*_):
    raise NotImplementedError
asyncio.unix_events._UnixSelectorEventLoop.add_signal_handler = refused
"""
STUDY = """
title: {en: Shop, it: Bottega}
currency: EUR
time_zone: Europe/Rome
languages: [it, en]
tables:
  orders: {file: ordini.csv, delimiter: ";", encoding: cp1252, columns: {revenue: Totale €}}
  feedback: {file: testi.csv}
reports: {own: {notebook: own}}
"""
BOOK = """
name: Bottega
languages: [it, en]
themes:
  delivery:
    label: {it: Consegna, en: Delivery}
    definition: {it: La consegna, en: The delivery}
    regexes: {it: ['consegn.'], en: ['deliver.']}
"""
CELLS = (
    'study = "shop"\nlang = "it"\nconfidence = 0.95',
    "import cxresearch as cx\nfrom cxresearch import report\nshop = cx.open_study(study)\n"
    "report.begin(shop, lang=lang)\n"
    f"book = cx.voc.Codebook.parse({BOOK!r})\n"
    "told = cx.voc.tag(shop.frame('feedback').to_pandas()['text'], book)\n"
    "worth = cx.kpis.average_order_value(shop.frame('orders'), currency='EUR')\n"
    'report.headline("An order is worth {worth}.", worth=worth)',
    "report.provenance()",
)


def test_a_report_is_built_without_what_only_posix_has(tmp_path: Path):
    folder = tmp_path / "data" / "shop"
    (folder / "notebooks").mkdir(parents=True)
    rows = [f"{n};c{n};2026-01-0{n};1{n}" for n in range(1, 9)]
    (folder / "ordini.csv").write_text(
        "\n".join(["order_id;customer_id;ts;Totale €", *rows]), "cp1252"
    )
    texts = [f"{n},2026-01-0{n},review,La consegna è tardi" for n in range(1, 9)]
    (folder / "testi.csv").write_text("\n".join(["text_id,ts,source,text", *texts]), "utf-8")
    (folder / "study.yaml").write_text(STUDY, "utf-8")
    (folder / "notebooks" / "own.ipynb").write_text(_notebook(), "utf-8")
    (tmp_path / "reports").mkdir()
    (tmp_path / "sitecustomize.py").write_text(WITHOUT_POSIX, "utf-8")
    run = subprocess.run(
        [sys.executable, "-c", "from cxresearch.cli import app; app()", "report", "shop"],
        env={**os.environ, "CX_ROOT": str(tmp_path), "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    page = (tmp_path / "reports" / "shop" / "own.html").read_text("utf-8")
    assert "Un ordine vale" in page or "14,50" in page


def _notebook() -> str:
    def cell(source: str, tags: list[str]) -> dict[str, object]:
        return {
            "cell_type": "code",
            "id": f"c{len(source)}",
            "source": source,
            "metadata": {"tags": tags},
            "outputs": [],
            "execution_count": None,
        }

    parameters, *others = CELLS
    kernel = {"name": "cxresearch", "display_name": "cxresearch", "language": "python"}
    return json.dumps(
        {
            "cells": [
                {"cell_type": "markdown", "id": "t", "source": "# Ordini", "metadata": {}},
                cell(parameters, ["parameters"]),
                *(cell(one, []) for one in others),
            ],
            "metadata": {"kernelspec": kernel},
            "nbformat": 4,
            "nbformat_minor": 5,
        }
    )
