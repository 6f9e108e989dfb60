"""Customer value: who stays, what they will bring, and what an experience is worth.

==============  ==================================================================
summary         each known customer in four numbers, in one scan of the orders
purchases       how often they buy again, and how many are still there
spend           what a purchase of each is worth
season          how busy each month is: the clock that the model runs on
holdout         what the same method foretold of days that are over
lifetime_value  what the customers of today will bring, all and by group
==============  ==================================================================
"""

from cxresearch.value.forecasts import (
    Holdout,
    LifetimeValue,
    first_order,
    geometric_value,
    holdout,
    lifetime_value,
)
from cxresearch.value.purchase_models import PurchaseModel, purchases
from cxresearch.value.seasons import Season, season
from cxresearch.value.spend_models import SpendModel, spend
from cxresearch.value.summaries import Summary, summary

__all__ = [
    "Holdout",
    "LifetimeValue",
    "PurchaseModel",
    "Season",
    "SpendModel",
    "Summary",
    "first_order",
    "geometric_value",
    "holdout",
    "lifetime_value",
    "purchases",
    "season",
    "spend",
    "summary",
]
