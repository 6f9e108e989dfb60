"""Indicators of a shop: what came in, from whom, how it moved, and what was left in the cart.

Every function takes a study's frame (``shop.frame("orders")``, or any pandas, Polars, Arrow,
DuckDB or Spark frame with the same columns), computes in the frame's own engine, and returns a
:class:`Kpi` or a small pandas frame.

==============  ==========================================================================
kpi             an indicator, over all rows and in groups
revenue         gross and net revenue, orders
order_values    what an order is worth: mean, median and trimmed mean
refunds         what was cancelled, returned or refunded
customers       new against returning customers; repeat purchase and its frequency
loyalty         retention and churn, from period to period and by cohort
visits          conversion; where the sessions came from
carts           abandoned carts and checkouts
service         waits for an answer and a solution; tickets per order
deliveries      orders on time, days late, who comes back after a late one
business_hours  the hours in which somebody is there to answer
marketing       clicks per impression, the cost of a click
months          an indicator by month, its last change, its control chart; revenue by month
scorecard       the indicators of a study that are read together
board           the scorecard of one screen: level, changes, course, whether it is usual
breakdowns      the same by month, kind of customer, channel, period and cohort
==============  ==========================================================================
"""

from cxresearch.core.remarks import Remark
from cxresearch.kpis._orders import without_anonymous, without_largest
from cxresearch.kpis.board import Board, board, readable
from cxresearch.kpis.breakdowns import (
    after_late,
    arrivals_by,
    channels,
    churn_by_period,
    main_sources,
    orders_by_kind,
    orders_by_month,
    other_choices,
    sources,
    waits_by_channel,
    waits_by_hours,
)
from cxresearch.kpis.business_hours import BusinessHours
from cxresearch.kpis.carts import cart_abandonment, checkout_abandonment
from cxresearch.kpis.customers import (
    new_and_returning,
    purchase_frequency,
    repeat_purchase_rate,
    returning_order_value_difference,
    returning_revenue_share,
)
from cxresearch.kpis.deliveries import (
    AfterDelivery,
    again_after,
    days_late,
    deliveries_by,
    on_time_rate,
)
from cxresearch.kpis.kpi import Kpi, described
from cxresearch.kpis.loyalty import churn_rate, retention_rate, second_order_rate
from cxresearch.kpis.marketing import click_through_rate, cost_per_click, marketing_channels
from cxresearch.kpis.months import (
    by_month,
    change,
    control_chart,
    monthly,
    monthly_change,
    reconcile,
)
from cxresearch.kpis.order_values import (
    average_order_value,
    median_order_value,
    trimmed_order_value,
)
from cxresearch.kpis.refunds import cancellation_rate, refund_rate, return_rate
from cxresearch.kpis.revenue import gross_revenue, net_revenue, order_count
from cxresearch.kpis.scorecard import (
    abandonment,
    arrivals,
    clicks,
    conversion,
    definitions,
    money,
    returning,
    traffic,
    waits,
)
from cxresearch.kpis.service import (
    first_response_time,
    resolution_time,
    response_times,
    tickets_per_order,
)
from cxresearch.kpis.visits import conversion_rate, traffic_share, traffic_sources

__all__ = [
    "AfterDelivery",
    "Board",
    "BusinessHours",
    "Kpi",
    "Remark",
    "abandonment",
    "after_late",
    "again_after",
    "arrivals",
    "arrivals_by",
    "average_order_value",
    "board",
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
    "control_chart",
    "conversion",
    "conversion_rate",
    "cost_per_click",
    "days_late",
    "definitions",
    "deliveries_by",
    "described",
    "first_response_time",
    "gross_revenue",
    "main_sources",
    "marketing_channels",
    "median_order_value",
    "money",
    "monthly",
    "monthly_change",
    "net_revenue",
    "new_and_returning",
    "on_time_rate",
    "order_count",
    "orders_by_kind",
    "orders_by_month",
    "other_choices",
    "purchase_frequency",
    "readable",
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
    "second_order_rate",
    "sources",
    "tickets_per_order",
    "traffic",
    "traffic_share",
    "traffic_sources",
    "trimmed_order_value",
    "waits",
    "waits_by_channel",
    "waits_by_hours",
    "without_anonymous",
    "without_largest",
]


def __dir__() -> list[str]:
    return __all__
