"""Indicators of a shop: what came in, from whom, how it moved, and what was left in the cart.

Every function takes a study's frame (``shop.frame("orders")``, or any pandas, Polars, Arrow,
DuckDB or Spark frame with the same columns), computes in the frame's own engine, and returns a
:class:`Kpi` or a small pandas frame.

==============  ==================================================================
revenue         gross and net revenue, orders, order value
order_values    the median and the trimmed mean of an order
refunds         what was cancelled, returned or refunded
repeat          repeat purchase, purchase frequency
customers       new against returning customers
loyalty         retention and churn, from period to period and by cohort
visits          conversion; where the sessions came from
service         waits for an answer and a solution; tickets per order
business_hours  the hours in which somebody is there to answer
marketing       clicks per impression, the cost of a click
months          orders and revenue by month
trends          any indicator by month, its last change, its control chart
carts           abandoned carts and checkouts
sensitivity     the orders without a part, to see how far an answer moves
==============  ==================================================================
"""

from cxresearch.core.remarks import Remark
from cxresearch.kpis.breakdowns import (
    channels,
    churn_by_period,
    cohorts,
    orders_by_kind,
    orders_by_month,
    other_choices,
    sources,
    waits_by_channel,
)
from cxresearch.kpis.business_hours import BusinessHours
from cxresearch.kpis.carts import cart_abandonment, checkout_abandonment
from cxresearch.kpis.customers import (
    new_and_returning,
    returning_order_value_difference,
    returning_revenue_share,
)
from cxresearch.kpis.kpi import Kpi, described
from cxresearch.kpis.loyalty import churn_rate, cohort_retention, cohort_table, retention_rate
from cxresearch.kpis.marketing import click_through_rate, cost_per_click, marketing_channels
from cxresearch.kpis.months import monthly, monthly_change, reconcile
from cxresearch.kpis.order_values import median_order_value, trimmed_order_value
from cxresearch.kpis.refunds import cancellation_rate, refund_rate, return_rate
from cxresearch.kpis.repeat import purchase_frequency, repeat_purchase_rate
from cxresearch.kpis.revenue import (
    average_order_value,
    gross_revenue,
    net_revenue,
    order_count,
)
from cxresearch.kpis.scorecard import (
    abandonment,
    clicks,
    conversion,
    definitions,
    money,
    returning,
    waits,
    what_moved,
)
from cxresearch.kpis.sensitivity import without_anonymous, without_largest
from cxresearch.kpis.service import (
    first_response_time,
    resolution_time,
    response_times,
    tickets_per_order,
)
from cxresearch.kpis.trends import by_month, change, control_chart, tracked
from cxresearch.kpis.visits import conversion_rate, traffic_share, traffic_sources

__all__ = [
    "BusinessHours",
    "Kpi",
    "Remark",
    "abandonment",
    "average_order_value",
    "by_month",
    "cancellation_rate",
    "cart_abandonment",
    "change",
    "channels",
    "checkout_abandonment",
    "churn_by_period",
    "churn_rate",
    "click_through_rate",
    "clicks",
    "cohort_retention",
    "cohort_table",
    "cohorts",
    "control_chart",
    "conversion",
    "conversion_rate",
    "cost_per_click",
    "definitions",
    "described",
    "first_response_time",
    "gross_revenue",
    "marketing_channels",
    "median_order_value",
    "money",
    "monthly",
    "monthly_change",
    "net_revenue",
    "new_and_returning",
    "order_count",
    "orders_by_kind",
    "orders_by_month",
    "other_choices",
    "purchase_frequency",
    "reconcile",
    "refund_rate",
    "repeat_purchase_rate",
    "resolution_time",
    "response_times",
    "retention_rate",
    "return_rate",
    "returning",
    "returning_order_value_difference",
    "returning_revenue_share",
    "sources",
    "tickets_per_order",
    "tracked",
    "traffic_share",
    "traffic_sources",
    "trimmed_order_value",
    "waits",
    "waits_by_channel",
    "what_moved",
    "without_anonymous",
    "without_largest",
]
