"""Every notebook builds where one of its results is empty, and its sentences follow the study."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
import yaml
from IPython.core.displaypub import CapturingDisplayPublisher
from IPython.core.interactiveshell import InteractiveShell

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
EVENTS = "customer_id,ts,event,device"
TEXTS = "text_id,ts,source,text,customer_id,language,touchpoint"
ORDERS = "order_id,customer_id,ts,revenue,status"
ANSWERS = "response_id,ts,metric,score,scale_min,scale_max,customer_id,touchpoint"
TICKETS = "ticket_id,opened,customer_id,first_response,resolved,channel,outcome"
MARKETING = "date,channel,impressions,clicks,cost"
STEPS = ["purchase", "delivery", "review_written"]
NOON = "2026-01-01 12:00:00"


@pytest.fixture
def said() -> Iterator[CapturingDisplayPublisher]:
    """What notebooks display while they run here."""
    shell = InteractiveShell.instance()
    before, shell.display_pub = shell.display_pub, CapturingDisplayPublisher()
    yield shell.display_pub
    shell.display_pub = before
    InteractiveShell.clear_instance()


def study(folder: Path, **tables: list[str]) -> Path:
    """Write a study of a shop whose funnel ends in a review."""
    manifest: dict[str, Any] = {
        "title": {"en": "Shop", "it": "Negozio"},
        "currency": "EUR",
        "time_zone": "UTC",
        "min_cell": 1,
        "tables": {name: {"file": f"{name}.csv"} for name in tables},
        "touchpoints": {step: {"touchpoint": step, "stage": "purchase"} for step in STEPS},
        "funnel": STEPS,
        "cart": dict(zip(("add", "checkout", "purchase"), STEPS, strict=True)),
    }
    for name, lines in tables.items():
        (folder / f"{name}.csv").write_text("\n".join([*lines, ""]))
    (folder / "study.yaml").write_text(yaml.safe_dump(manifest))
    return folder


def run(notebook: str, study: Path, said: CapturingDisplayPublisher, **parameters: Any) -> str:
    """Run the cells of a notebook, and return all that it displays as text."""
    cells = nbformat.read(NOTEBOOKS / f"{notebook}.ipynb", as_version=4).cells
    names: dict[str, Any] = {}
    for cell in cells:
        if cell.cell_type == "code":
            exec(compile(cell.source, cell.id, "exec"), names)
            if "parameters" in cell.metadata.get("tags", []):
                names |= {"study": study, **parameters}
    return "\n".join(output["data"].get("text/plain", "") for output in said.outputs)


def visit(customer: str, day: int, *events: str, device: str = "desktop") -> list[str]:
    return [
        f"{customer},2026-01-{day:02d} 10:{minute:02d}:00,{event},{device}"
        for minute, event in enumerate(events)
    ]


#: No transition inside a session, no driver, nobody at the last step.
ALONE = [EVENTS, *(line for day, step in enumerate(STEPS, 1) for line in visit(step, day, step))]
#: Too few customers for a difference or a driver.
FEW = [
    EVENTS,
    *visit("A", 1, *STEPS),
    *visit("B", 2, *STEPS, device="mobile"),
    *visit("C", 3, "purchase"),
]


@pytest.mark.parametrize("events", [ALONE, FEW], ids=["single events", "few customers"])
def test_the_funnel_page_is_built_and_takes_its_nouns_from_the_study(
    events: list[str], tmp_path: Path, said: CapturingDisplayPublisher
):
    words = run("03_funnel_and_paths", study(tmp_path, events=events), said)
    assert "of the sessions with purchase reach review_written." in words
    assert "No event before review_written sets apart" in words
    assert not re.search(r"\b(product|buys?|bought|buyers?|cart|checkout|leak)\b", words)


def test_the_funnel_page_speaks_italian_of_the_same_steps(
    tmp_path: Path, said: CapturingDisplayPublisher
):
    words = run("03_funnel_and_paths", study(tmp_path, events=FEW), said, lang="it")
    assert "Il 66,7% delle sessioni con purchase arriva a review_written." in words
    assert not re.search(r"\b(prodott|acquist|comprat|carrello|perdita)", words)


def test_a_step_that_never_happened_stops_the_funnel_page(
    tmp_path: Path, said: CapturingDisplayPublisher
):
    shop = study(tmp_path, events=[EVENTS, *visit("A", 1, "purchase", "delivery")])
    with pytest.raises(ValueError, match="steps must be among the events that happened; got 'rev"):
        run("03_funnel_and_paths", shop, said)


@pytest.mark.parametrize(
    "orders",
    [[], [f"1,A,{NOON},10,cancelled"], [f"1,,{NOON},10,completed"], [f"1,A,{NOON},10,completed"]],
    ids=["no order", "none kept", "no customer", "one order"],
)
def test_the_scorecard_is_built(orders: list[str], tmp_path: Path, said: CapturingDisplayPublisher):
    nothing = {"surveys": [ANSWERS], "tickets": [TICKETS], "marketing": [MARKETING]}
    shop = study(tmp_path, orders=[ORDERS, *orders], events=[EVENTS], **nothing)
    words = run("04_kpi_scorecard", shop, said)
    # Where no number is known the answer says why, never 0.
    assert "kept is worth" in words or "Not measured (undefined" in words


@pytest.mark.parametrize(
    "texts",
    [
        [],
        [f"1,{NOON},review,qwerty,A,en,"],
        [f"1,{NOON},review,Muito bom,A,pt,"],
        [f"1,{NOON},review,The parcel came late and broken,,en,delivery"],
    ],
    ids=["no text", "no theme", "another language", "no customer"],
)
def test_the_voice_page_is_built(texts: list[str], tmp_path: Path, said: CapturingDisplayPublisher):
    nothing = {"surveys": [ANSWERS], "tickets": [TICKETS], "orders": [ORDERS]}
    shop = study(tmp_path, feedback=[TEXTS, *texts], **nothing)
    assert run("05_voice_of_customer", shop, said)


@pytest.mark.parametrize(
    "texts",
    [
        [],
        [f"{n},{NOON},review,O produto chegou muito atrasado e quebrado,,pt," for n in range(30)],
        [f"{n},{NOON},review,O produto chegou muito atrasado e quebrado,,it," for n in range(30)],
        [f"{n},{NOON},review,   ,,it," for n in range(30)],
        [f"{n},no time,review,The parcel came late,,en," for n in range(30)],
    ],
    ids=["no text", "unreadable", "unreadable, said to be Italian", "blank", "all rejected"],
)
def test_the_voice_page_says_first_that_nothing_can_be_read(
    texts: list[str], tmp_path: Path, said: CapturingDisplayPublisher
):
    nothing = {"surveys": [ANSWERS], "tickets": [TICKETS], "orders": [ORDERS]}
    words = run("05_voice_of_customer", study(tmp_path, feedback=[TEXTS, *texts], **nothing), said)
    first = words.index("No text can be read")
    assert "Rows of the feedback files" not in words[:first]
    assert "comes first" not in words


@pytest.mark.parametrize("events", [[EVENTS], ALONE], ids=["no event", "events"])
def test_the_page_on_the_data_is_built(
    events: list[str], tmp_path: Path, said: CapturingDisplayPublisher
):
    shop = study(tmp_path, events=events, orders=[ORDERS])
    assert "Event rows in time: " in run("01_data_quality", shop, said)
