"""A notebook with one of everything a report can hold, hostile texts among it, run for real."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from jupyter_client.manager import KernelManager
from nbclient import NotebookClient
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from cxresearch.report import render
from cxresearch.report.sidecar import IndexEntry, Provenance

EVIL = "<script>alert(1)</script>"
FORMULA = '=HYPERLINK("http://example.com")'
MADE = Provenance(
    study="demo",
    report="sample",
    notebook="notebooks/99_sample.ipynb",
    notebook_sha256="ab" * 32,
    parameters={"study": "demo", "confidence": 0.95, "text": EVIL},
    data={"data/demo/orders.csv": "cd" * 32},
    versions={"cxresearch": "0.1.0", "python": "3.11.7"},
    lock_sha256="ef" * 32,
)

ENTRIES = [
    IndexEntry(
        "en",
        {"en": "What is an order worth?", "it": "Quanto vale un ordine?"},
        {"en": "It is worth €54.20.", "it": "Vale 54,20 €."},
        "built",
        {},
    ),
    IndexEntry(
        "it",
        {"it": f"Quanto vale? {EVIL}"},
        {"it": f"Vale 54,20 €. {EVIL}"},
        "failed",
        {"en": EVIL, "it": EVIL},
    ),
    IndexEntry("paths", {"en": "Where do visitors leave?"}, {}, "not run", {"en": "needs events"}),
]

SET_UP = """
import sys
import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from cxresearch import report
from cxresearch.core.languages import Language
from cxresearch.plots import heat_map
from cxresearch.core.results import Estimate, Interval
rng = np.random.default_rng(7)
report.begin(lang=lang)
"""

ESTIMATES = """
worth = Estimate(value=54.2, ci=Interval(53.8, 54.6), n=31204, unit="EUR", confidence=0.95,
                 method="linearised ratio over customers")
again = Estimate(value=0.312, ci=Interval(0.304, 0.32), n=12801, unit="share", confidence=0.95,
                 method="Wilson")
report.record("worth", worth)
report.say("A typical order is worth {worth}.", worth=worth)
"""

MONTHS = """
months = pd.date_range("2025-01-01", periods=12, freq="MS")
frame = pd.DataFrame({
    "month": months,
    "orders": rng.integers(800, 3000, 12),
    "revenue": rng.normal(150_000, 9_000, 12),
    "again": rng.uniform(0.28, 0.34, 12),
    "people": [900] * 11 + [3],
})
report.table(frame, caption="Orders by month", people="people",
             units={"month": "month", "revenue": "EUR", "again": "share"})
"""

FIGURES = """
frame = report.enough(frame, people="people")
fig, axes = plt.subplots(figsize=(6.4, 3.2))
axes.plot(months, frame["revenue"], label=evil + '&"')
axes.legend()
report.show(fig, caption="Revenue by month", alt="Revenue is between {low} and {high}.", data=frame,
            people="people", low=(frame["revenue"].min(), "EUR"),
            high=(frame["revenue"].max(), "EUR"))
fig, axes = plt.subplots(figsize=(6.4, 3.2))
axes.scatter(rng.normal(size=1500), rng.normal(size=1500))
report.show(axes, caption=evil, alt=evil)
for signed in [False, True]:
    cells = pd.DataFrame([[0.5, 0.02, np.nan], [-0.5, -0.04, 0.0]], index=["a", "b"])
    shown = cells if signed else cells.abs()
    axes = heat_map.draw(shown, Language("en"), label="Share", signed=signed)
    report.show(axes, caption="Shares", alt="Shares are large and small.")
"""

TEXTS = """
texts = pd.DataFrame({"order": [formula, "A-2", "A-3", "A-4", "A-5", "A-6"],
                      "text": [evil, "Too *slow* | late", "Corriere in ritardo " * 20, *"bcd"],
                      "score": [1, 3.5, None, 2, 9, 7]})
report.table(texts, caption=evil)
report.say("One wrote: {text}", text="# " + evil + " [x](javascript:alert(1)) $5 or $6")
report.table(texts.head(0), caption="Nothing")
"""

WIDE = """
wide = pd.DataFrame({f"measure_{i}": rng.normal(size=3) * 1000 for i in range(14)},
                    index=pd.Index(["app", "web", "store"], name="channel"))
report.table(wide, caption="A wide table")
print("plain output " * 40)
print("a warning", file=sys.stderr)
texts
"""

HEADLINE = (
    'report.headline("An order is worth {worth}; {again} buy again.", worth=worth, again=again)'
)
FORMULAS = (
    "## Average order value\n\nThe mean $\\bar{y}$, where $y_i$ is what customer $i$ spent:\n\n"
    "$$\\bar{y} = \\frac{\\sum_i y_i}{\\sum_i n_i} \\pm t \\sqrt{\\widehat{V}}"
    + " + x_1 + x_2 + x_3 + x_4" * 6
    + "$$"
)


def cells(lang: str) -> list[NotebookNode]:
    """Return the cells of the sample in a language."""
    parameters = new_code_cell(
        f"lang = {lang!r}\nevil = {EVIL!r}\nformula = {FORMULA!r}",
        metadata={"tags": ["parameters"]},
    )
    return [
        new_markdown_cell("# What is an order worth?\n\nThe head of customer experience decides."),
        parameters,
        new_code_cell(SET_UP),
        new_markdown_cell(FORMULAS),
        new_code_cell(ESTIMATES),
        new_code_cell(MONTHS),
        new_markdown_cell(
            "### Over time\n\n- one\n- two\n\n> quoted\n\n| a | b |\n|---|---|\n| 1 | 2 |"
        ),
        new_code_cell(FIGURES),
        new_markdown_cell(f"## What they wrote {EVIL}\n\n{EVIL}"),
        new_code_cell(TEXTS),
        new_code_cell(WIDE),
        new_code_cell("worth"),
        new_code_cell("long = [" + ", ".join(f"'{place:06}'" for place in range(60)) + "]"),
        new_code_cell(HEADLINE),
        new_markdown_cell("## Limits\n\nNone that a sample has."),
        new_code_cell("report.provenance()"),
    ]


def write_pages(folder: Path) -> dict[str, Path]:
    """Write the sample's pages from a process of its own, which leaves nothing elsewhere.

    The browser's driver has an event loop in this process that a notebook's client would meet.
    """
    variables = ["IPYTHONDIR", "MPLCONFIGDIR", "JUPYTER_RUNTIME_DIR"]
    environment = os.environ | {name: str(folder / name.lower()) for name in variables}
    environment["CX_REPORT_RECORD"] = str(folder / "record.json")
    command = [sys.executable, "-m", __name__, str(folder)]
    run = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return {path.stem: path for path in folder.glob("*.html")}


def main(folder: Path) -> None:
    """Run the sample in both languages and with an error; write its pages and an index."""
    failing = [*cells("en")[:8], new_code_cell("raise ValueError(evil)"), *cells("en")[8:]]
    notebooks = {"en": cells("en"), "it": cells("it"), "failed": failing}
    manager = KernelManager()
    manager.start_kernel(cwd=str(folder))
    try:
        for name, content in notebooks.items():
            notebook = new_notebook(cells=content)
            NotebookClient(notebook, km=manager, allow_errors=True).execute()
            lang = "it" if name == "it" else "en"
            failure = f"ValueError: {EVIL}" if name == "failed" else None
            page = render.page(notebook, MADE, lang=lang, failure=failure)
            (folder / f"{name}.html").write_text(page, "utf-8")
    finally:
        manager.shutdown_kernel(now=True)
    for lang in ["en", "it"]:
        page = render.index("Demo shop", ENTRIES, lang=lang)
        (folder / f"index-{lang}.html").write_text(page, "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
