"""What was sold of each product."""

from __future__ import annotations

from kernel.http.descriptions import euros
from projections.questions.expressions import average
from projections.questions.question import Chart, Column, Question

PRODUCTS = Question(
    name="products",
    title="Products",
    schema="ProductPerformance",
    operation="get_product_performance",
    about="Sales by product and currency, largest revenue first. A sale counts on the day on which its "
    "order was paid, a refund on its own day. Later pages show the state as of the first.",
    columns=(
        Column("product_id", "id", "The product.", "019a2b3c-0002-7000-8000-000000000002", filter=True),
        Column("sku", "text", "The product's SKU at its latest sale.", "MUG-1", filter=True),
        Column("name", "text", "The product's name at its latest sale.", "Mug"),
        Column("currency", "text", "The currency by ISO 4217.", "EUR", filter=True),
        Column("times_sold", "integer", "Number of orders.", 12),
        Column("quantity", "integer", "Number of units.", 15),
        Column(
            "revenue",
            "money",
            "What was sold less what was refunded, each on its own day.",
            euros(150000),
            formula="total of the order lines, after discount and with tax, less their refunds",
        ),
        Column(
            "average_item_value",
            "money",
            "Revenue per unit.",
            euros(10000),
            nullable=True,
            formula="revenue / quantity, rounded half up to the minor unit",
        ),
    ),
    sql=f"""
        WITH later AS (
            SELECT product_id, currency, sum(times_sold) AS times_sold, sum(quantity) AS quantity,
                   sum(revenue) AS revenue
            FROM public.product_sales_change
            WHERE tenant = :tenant AND day >= :first AND day < :end AND known <= :known
              AND changed_at > :since - interval '10 minutes'
              AND NOT pg_visible_in_snapshot(changed_by, :seen::pg_snapshot)
            GROUP BY product_id, currency
        ), by_now AS (
            SELECT product_id, currency, (array_agg(sku ORDER BY day DESC, sku))[1] AS sku,
                   (array_agg(name ORDER BY day DESC, name))[1] AS name,
                   sum(times_sold) AS times_sold, sum(quantity) AS quantity, sum(revenue) AS revenue
            FROM public.product_sales
            WHERE tenant = :tenant AND day >= :first AND day < :end AND known <= :known
            GROUP BY product_id, currency
        ), as_seen AS (
            SELECT product_id, sku, name, currency,
                   (n.times_sold - coalesce(l.times_sold, 0))::bigint AS times_sold,
                   (n.quantity - coalesce(l.quantity, 0))::bigint AS quantity,
                   (n.revenue - coalesce(l.revenue, 0))::bigint AS revenue
            FROM by_now n LEFT JOIN later l USING (product_id, currency)
        )
        SELECT as_seen.*, {average("revenue", "quantity")} AS average_item_value,
               coalesce(:seen, pg_current_snapshot()::text) AS seen, coalesce(:since, now()) AS since
        FROM as_seen
        WHERE (times_sold, quantity, revenue) <> (0, 0, 0)
    """,
    order=("revenue DESC", "product_id", "currency"),
    ranged=True,
    known=True,
    as_of_first_page=True,
    models=("products",),
    chart=Chart("bar", x="name", y=("revenue",), mark="product_id"),
    drill={
        "product_id": "products?product_id={product_id}",
        "name": "product-customers?product_id={product_id}&{days}",
        "currency": "products?currency={currency}",
    },
)
"""Later pages subtract the changes made since the first: with a cursor over current figures, a product whose
revenue grows between two pages would be missed."""
