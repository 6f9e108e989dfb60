"""The export formats the kit can read, each described once.

A format says what one row of its file is, what its columns are called, and how accepted rows
become a canonical table.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from cxresearch.study.loaders.rules import Rule
from cxresearch.study.schema import Column, Table


def _own_contract(table: Table) -> Table:
    return table


@dataclass(frozen=True, slots=True)
class Format:
    """One export format.

    Parameters
    ----------
    row_contract : callable
        The contract of a row of the file, given the canonical table that is wanted.
    aliases : Mapping of str to sequence of str
        Names under which a file of this format is known to give a column.
    rules : sequence of Rule
        Rules of this format's rows, after those of the row contract.
    shape : Mapping of str to str
        For each canonical table, the SQL that makes it of the accepted rows in ``rows``; a table
        not named here has the accepted rows as they are.
    expressions : Mapping of str to str
        SQL that mends a column after it was cast.
    """

    row_contract: Callable[[Table], Table] = _own_contract
    aliases: Mapping[str, Sequence[str]] = field(default_factory=dict)
    rules: Sequence[Rule] = ()
    shape: Mapping[str, str] = field(default_factory=dict)
    expressions: Mapping[str, str] = field(default_factory=dict)


#: Any table with a header: its columns are found by the manifest's mapping or by their own name.
MAPPED = Format()
#: Online Retail (UCI): invoice lines of a British gift shop, 2010-2011 and 2009-2011. An invoice
#: number that begins with C is a cancellation: a document of its own, with negative quantities. A
#: line without a customer is an anonymous sale. Source: Chen, D. (2015), Online Retail, UCI Machine
#: Learning Repository, dataset 352.
LINES = Table(
    "online_retail_lines",
    "one product on one invoice",
    (
        Column("order_id", required=True),
        Column("sku", required=True),
        Column("quantity", "count", required=True),
        Column("price", "number", required=True),
        Column("ts", "time", required=True),
        Column("description"),
        Column("customer_id"),
        Column("country"),
    ),
)

_REPEATED = (
    "count(*) OVER (PARTITION BY order_id, sku, description, quantity, price, ts,"
    " customer_id, country) > 1"
)

_ORDERS = """
    SELECT order_id, max(customer_id) AS customer_id, min(ts) AS ts,
           round(sum(quantity * price), 2) AS revenue, sum(quantity)::BIGINT AS items,
           CASE WHEN order_id LIKE 'C%' THEN 'cancelled' ELSE 'completed' END AS status
    FROM rows GROUP BY order_id ORDER BY min(_id)
"""

ONLINE_RETAIL = Format(
    row_contract=lambda _: LINES,
    aliases={
        "order_id": ("InvoiceNo", "Invoice"),
        "sku": ("StockCode",),
        "quantity": ("Quantity",),
        "price": ("UnitPrice", "Price"),
        "ts": ("InvoiceDate",),
        "description": ("Description",),
        "customer_id": ("CustomerID", "Customer ID"),
        "country": ("Country",),
    },
    # Spreadsheets turn a customer's number into "17850.0".
    expressions={"customer_id": "regexp_replace(customer_id, '\\.0$', '')"},
    rules=(
        Rule("cancelled", "flag", "order_id", "order_id LIKE 'C%'"),
        Rule("anonymous", "flag", "customer_id", "customer_id IS NULL"),
        Rule("quantity_not_positive", "flag", "quantity", "quantity <= 0"),
        Rule("price_not_positive", "flag", "price", "price <= 0"),
        Rule("repeated_line", "flag", "sku", _REPEATED),
    ),
    shape={
        "orders": _ORDERS,
        "order_lines": "SELECT order_id, sku, quantity, price FROM rows ORDER BY _id",
    },
)
