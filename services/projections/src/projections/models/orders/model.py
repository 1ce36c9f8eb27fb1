"""Sales by day and currency, of five kinds: by customer, by product, by product and customer, by offer and by
campaign.

All follow from the movements of an order (see ``movements``), and have among their keys the day since
which a movement is known. ``sales`` has the whole order, with shipping; the others have their lines' charges,
after discount and with tax, less what was refunded of them. Counts, units and discounts leave with a
cancelled order; gross, tax and shipping stay as they were sold, beside what was refunded.

The read model bears the name of the first of them, products.
"""

from __future__ import annotations

from typing import get_args

from kernel.projections.counters import CounterModel, CounterTable, Measures, RowDeltas, summed
from kernel.projections.folding import RowKey
from projections.models.orders.movements import by_lines, movements
from projections.models.orders.state import KnownFact, Order, fold, subject


def by_customer(state: Order) -> RowDeltas:
    totals, units = state.totals, sum(line.quantity for line in state.lines)
    parts: list[tuple[RowKey, Measures]] = []
    for moved in movements(state):
        counted, is_sale = moved.counted, int(moved.counted > 0)
        key = state.customer_id, state.currency, moved.day, moved.known
        money = counted * totals.discount, is_sale * totals.tax, is_sale * totals.shipping
        parts.append((key, (counted, counted * units, moved.gross, moved.refunded, *money)))
    return summed(parts)


def by_product(state: Order) -> RowDeltas:
    """A product that has several lines is sold once, under the names of the first."""
    parts: list[tuple[RowKey, Measures]] = []
    for product_id, moved, lines, revenue in by_lines(state, lambda line: line.product_id):
        first, quantity = lines[0], sum(line.quantity for line in lines)
        key = moved.day, state.currency, product_id, first.sku, first.name, moved.known
        parts.append((key, (moved.counted, moved.counted * quantity, revenue)))
    return summed(parts)


def by_product_and_customer(state: Order) -> RowDeltas:
    """The same as by product, for the customer whose order it was."""
    parts: list[tuple[RowKey, Measures]] = []
    for product_id, moved, lines, revenue in by_lines(state, lambda line: line.product_id):
        quantity = sum(line.quantity for line in lines)
        key = product_id, state.customer_id, state.currency, moved.day, moved.known
        parts.append((key, (moved.counted, moved.counted * quantity, revenue)))
    return summed(parts)


def by_offer(state: Order) -> RowDeltas:
    """A conversion is an order with lines of the offer."""
    parts: list[tuple[RowKey, Measures]] = []
    for offer_id, moved, lines, revenue in by_lines(state, lambda line: line.offer_id):
        quantity, discount = sum(line.quantity for line in lines), sum(line.discount for line in lines)
        key = offer_id, state.currency, moved.day, moved.known
        parts.append((key, (moved.counted, moved.counted * quantity, revenue, moved.counted * discount)))
    return summed(parts)


def by_campaign(state: Order) -> RowDeltas:
    """The discount is what the sale of these lines costs the campaign: its prices instead of others. An order
    of several campaigns counts once, for that of its last line; each line's revenue is its own campaign's."""
    latest = next((it.campaign_id for it in reversed(state.lines) if it.campaign_id is not None), None)
    parts: list[tuple[RowKey, Measures]] = []
    for campaign_id, moved, lines, revenue in by_lines(state, lambda line: line.campaign_id):
        discount = sum(line.campaign_saving for line in lines)
        key = campaign_id, state.currency, moved.day, moved.known
        counted = moved.counted if campaign_id == latest else 0
        parts.append((key, (counted, revenue, moved.counted * discount)))
    return summed(parts)


PRODUCT_SALES: CounterTable[Order] = CounterTable(
    name="product_sales",
    keys={
        "day": "date",
        "currency": "text",
        "product_id": "uuid",
        "sku": "text",
        "name": "text",
        "known": "date",
    },
    measures=("times_sold", "quantity", "revenue"),
    contributions=by_product,
)
SALES: CounterTable[Order] = CounterTable(
    name="sales",
    keys={"customer_id": "text", "currency": "text", "day": "date", "known": "date"},
    measures=("orders", "units", "gross", "refunded", "discount", "tax", "shipping"),
    contributions=by_customer,
)
PRODUCT_CUSTOMERS: CounterTable[Order] = CounterTable(
    name="product_customers",
    keys={"product_id": "uuid", "customer_id": "text", "currency": "text", "day": "date", "known": "date"},
    measures=("times_sold", "quantity", "revenue"),
    contributions=by_product_and_customer,
)
OFFER_SALES: CounterTable[Order] = CounterTable(
    name="offer_sales",
    keys={"offer_id": "uuid", "currency": "text", "day": "date", "known": "date"},
    measures=("conversions", "quantity", "revenue", "discount"),
    contributions=by_offer,
)
CAMPAIGN_SALES: CounterTable[Order] = CounterTable(
    name="campaign_sales",
    keys={"campaign_id": "uuid", "currency": "text", "day": "date", "known": "date"},
    measures=("orders", "revenue", "discount"),
    contributions=by_campaign,
)
ORDERS: CounterModel[Order, KnownFact] = CounterModel(
    name="products",
    version=6,
    facts=get_args(KnownFact),
    state=Order,
    subject=subject,
    fold=fold,
    counters=(PRODUCT_SALES, SALES, PRODUCT_CUSTOMERS, OFFER_SALES, CAMPAIGN_SALES),
)
