"""STUB"""

from dataclasses import dataclass

import numpy as np

from cxresearch.simulate.block import Campaigns, Messages

KINDS = ("sent", "delivered", "opened", "clicked", "unsubscribed")
CAMPAIGNS = {"nurture": "email"}


@dataclass(frozen=True, slots=True)
class MessagePlan:
    """Stub."""

    x: float = 0.0


def _none(n):
    e = np.zeros(0, dtype=np.int64)
    return Campaigns(Messages(e, e, e, e, e), e, e, e, e, np.zeros(n, dtype=bool), e, e)


def calendar(draws, people, consent, person, at, clock, plan):
    return _none(len(people))


def triggered(draws, people, consent, visits, orders, clock, plan):
    return _none(len(people))


def messages_table(parts, people):
    import pandas as pd

    return pd.DataFrame(
        {
            "message_id": [],
            "campaign": [],
            "channel": [],
            "customer_id": [],
            "ts": pd.to_datetime([], utc=True),
            "kind": [],
        }
    )
