"""Journeys."""

from cxresearch.journeys.prepare import prepare
from cxresearch.journeys.prepared import Prepared, Tally

__all__ = ["Prepared", "Tally", "prepare"]
