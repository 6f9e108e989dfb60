"""A research kit for e-commerce customer experience (CX): every number is honest.

The doors, by the question they answer:

- :func:`open_study`: what data are there, and what became of every row?
- :func:`~cxresearch.findings`: where does it hurt, what does it cost, what is to be done?
- :func:`~cxresearch.journey_map`: what does the whole journey look like, stage by stage?
- :func:`table`: how does a data frame of my own become one of the kit's tables?
- :mod:`~cxresearch.kpis`: how is the shop doing?
- :mod:`~cxresearch.journeys`: where do customers go on, hesitate, or leave?
- :mod:`~cxresearch.experiments`: is the new checkout better, and may one say so?
- :mod:`~cxresearch.value`: who stays, and what are they worth?
- :mod:`~cxresearch.survey`: what do customers say when they are asked for a score?
- :mod:`~cxresearch.voc`: what do customers say in their own words?
- :mod:`~cxresearch.stats`: which statistic, from plain numbers?
- :mod:`~cxresearch.plots`: how does it look?
- :mod:`~cxresearch.report`: what does the reader of a report see?
- :mod:`~cxresearch.simulate`: does the kit find a truth that is known?

Sub-modules are loaded when they are first used, so that importing the kit costs little.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    __version__: str
    from cxresearch import (
        experiments,
        findings,
        journey_map,
        journeys,
        kpis,
        plots,
        report,
        simulate,
        stats,
        survey,
        value,
        voc,
    )
    from cxresearch.study import Study, open_study
    from cxresearch.study.data_frames import table

_LAZY_NAMES = {
    "Study": "cxresearch.study",
    "open_study": "cxresearch.study",
    "table": "cxresearch.study.data_frames",
}
_LAZY_MODULES = (
    "experiments",
    "findings",
    "journey_map",
    "journeys",
    "kpis",
    "plots",
    "report",
    "simulate",
    "stats",
    "survey",
    "value",
    "voc",
)

__all__ = [
    "Study",
    "__version__",
    "experiments",
    "findings",
    "journey_map",
    "journeys",
    "kpis",
    "open_study",
    "plots",
    "report",
    "simulate",
    "stats",
    "survey",
    "table",
    "value",
    "voc",
]


def __getattr__(name: str) -> Any:
    if name in _LAZY_NAMES:
        return getattr(importlib.import_module(_LAZY_NAMES[name]), name)
    if name in _LAZY_MODULES:
        return importlib.import_module(f"cxresearch.{name}")
    if name == "__version__":
        from importlib.metadata import version

        return version("cxresearch")
    raise AttributeError(f"module 'cxresearch' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
