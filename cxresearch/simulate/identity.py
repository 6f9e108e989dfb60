"""STUB"""

from dataclasses import dataclass

import numpy as np

from cxresearch.simulate.block import Consent


@dataclass(frozen=True, slots=True)
class Consents:
    """Stub."""

    x: float = 0.0


def draw_consent(draws, people, clock, traits):
    e = np.full(len(people), -1)
    return Consent(people.arrived, e, e, e, e, e)


@dataclass(frozen=True, slots=True)
class Records:
    """Stub."""

    x: float = 0.0


def customers_tables(draws, people, consent, clock, traits):
    import pandas as pd

    t = pd.DataFrame({"source": "web", "record_id": people.ids, "customer_id": people.ids})[
        people.known
    ]
    return t, t.assign(person_id=t.customer_id)[["source", "record_id", "person_id"]]
