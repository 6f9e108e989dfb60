"""Customer value: who stays, what they will bring, and what an experience is worth.

==================  ==============================================================
summary             each known customer in four numbers, in one scan of the orders
purchases           how often they buy again, and how many are still there
spend               what a purchase of each is worth
season              how busy each month is: the clock that the model runs on
holdout             what the same method predicted of days that are over
lifetime_value      what the customers of today will bring, all and by group
retention_triangle  who of each cohort buys in each later period
lapse_days          after how much silence a customer is to be called lapsed
cohort_values       whether newer customers go on to spend as much
rfm                 recency, frequency, monetary value, by what followed them
next_purchase       who buys in the next days, tried on a later window
worth_of            what customers spend after an experience
baskets             what goes together beyond the size of baskets
cross_sell_test     the plan of a test: offer one product to those who bought another
==================  ==============================================================
"""

from cxresearch.stats.survival.shifted_beta_geometric import geometric_value
from cxresearch.value.affinities import Baskets, baskets
from cxresearch.value.cohort_spend import CohortValues, cohort_values
from cxresearch.value.cross_selling import CrossSellTest, cross_sell_test
from cxresearch.value.experience_moments import Experience, moments
from cxresearch.value.experiences import Worth, side_by_side, worth_of
from cxresearch.value.forecasts import LifetimeValue, lifetime_value
from cxresearch.value.holdouts import Holdout, holdout
from cxresearch.value.next_orders import NextPurchase, next_purchase
from cxresearch.value.purchase_models import PurchaseModel, purchases
from cxresearch.value.retention import RetentionTriangle, lapse_days, retention_triangle
from cxresearch.value.rfm_scores import Rfm, rfm
from cxresearch.value.seasons import Season, season
from cxresearch.value.spend_models import SpendModel, spend
from cxresearch.value.study_sections import (
    Forecast,
    buying_next,
    experience_of,
    experiences_of,
    forecast,
    lapsed_after,
    newcomers,
    scored,
    staying,
    together,
)
from cxresearch.value.summaries import Summary, first_order, first_product, summary

__all__ = [
    "Baskets",
    "CohortValues",
    "CrossSellTest",
    "Experience",
    "Forecast",
    "Holdout",
    "LifetimeValue",
    "NextPurchase",
    "PurchaseModel",
    "RetentionTriangle",
    "Rfm",
    "Season",
    "SpendModel",
    "Summary",
    "Worth",
    "baskets",
    "buying_next",
    "cohort_values",
    "cross_sell_test",
    "experience_of",
    "experiences_of",
    "first_order",
    "first_product",
    "forecast",
    "geometric_value",
    "holdout",
    "lapse_days",
    "lapsed_after",
    "lifetime_value",
    "moments",
    "newcomers",
    "next_purchase",
    "purchases",
    "retention_triangle",
    "rfm",
    "scored",
    "season",
    "side_by_side",
    "spend",
    "staying",
    "summary",
    "together",
    "worth_of",
]


def __dir__() -> list[str]:
    return __all__
