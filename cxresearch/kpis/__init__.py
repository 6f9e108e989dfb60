"""Indicators of a shop: what came in, from whom, how it moved, and what was left in the cart.

Every function takes a study's frame (``shop.frame("orders")``, or any pandas, Polars, Arrow,
DuckDB or Spark frame with the same columns), computes in the frame's own engine, and returns a
:class:`Kpi` or a small pandas frame.

=============  ==================================================================
revenue        gross and net revenue, orders, order value, cancellations, returns
customers      repeat purchase; new against returning customers
months         the same by month, the change of the last one, the control chart
carts          abandoned carts and checkouts
choices        the orders without a part, to see how far an answer moves
tables         many indicators as one table, in the report's language
=============  ==================================================================
"""

from cxresearch.kpis.carts import cart_abandonment, checkout_abandonment
from cxresearch.kpis.choices import without_anonymous, without_largest
from cxresearch.kpis.customers import (
    new_and_returning,
    repeat_purchase_rate,
    returning_order_value_difference,
    returning_revenue_share,
)
from cxresearch.kpis.kpi import Kpi, Remark
from cxresearch.kpis.months import control_chart, monthly, monthly_change, reconcile
from cxresearch.kpis.revenue import (
    average_order_value,
    cancellation_rate,
    gross_revenue,
    net_revenue,
    order_count,
    return_rate,
)
from cxresearch.kpis.tables import definitions, scorecard

__all__ = [
    "Kpi",
    "Remark",
    "average_order_value",
    "cancellation_rate",
    "cart_abandonment",
    "checkout_abandonment",
    "control_chart",
    "definitions",
    "gross_revenue",
    "monthly",
    "monthly_change",
    "net_revenue",
    "new_and_returning",
    "order_count",
    "reconcile",
    "repeat_purchase_rate",
    "return_rate",
    "returning_order_value_difference",
    "returning_revenue_share",
    "scorecard",
    "without_anonymous",
    "without_largest",
]
