"""Which customers bought a product."""

from __future__ import annotations

from kernel.http.descriptions import euros
from projections.questions.definitions.customer_sales import not_erased
from projections.questions.question import Column, Question

PRODUCT_CUSTOMERS = Question(
    name="product-customers",
    title="Customers of products",
    about="Which customers bought a product, by product and currency, largest revenue first. A sale counts "
    "on the day on which its order was paid, a refund on its own day. A guest is a customer. Customers "
    "whose personal data was erased are in no list any more, while the sums of the product stay.",
    columns=(
        Column("product_id", "id", "The product.", "019a2b3c-0002-7000-8000-000000000002", filter=True),
        Column("customer_id", "text", "The customer.", "0b5f…", filter=True),
        Column("currency", "text", "The currency by ISO 4217.", "EUR", filter=True),
        Column("times_sold", "integer", "Number of the customer's orders with the product.", 2),
        Column("quantity", "integer", "Number of units.", 3),
        Column(
            "revenue",
            "money",
            "What was sold less what was refunded, each on its own day.",
            euros(30000),
            formula="total of the order lines, after discount and with tax, less their refunds",
        ),
    ),
    sql=f"""
        SELECT product_id, customer_id, currency, sum(times_sold)::bigint AS times_sold,
               sum(quantity)::bigint AS quantity, sum(revenue)::bigint AS revenue
        FROM public.product_customers
        WHERE tenant = :tenant AND day >= :first AND day < :end AND known <= :known
          AND {not_erased("product_customers")}
        GROUP BY product_id, customer_id, currency
        HAVING (sum(times_sold), sum(quantity), sum(revenue)) <> (0, 0, 0)
    """,
    order=("product_id", "revenue DESC", "customer_id", "currency"),
    ranged=True,
    known=True,
    models=("products", "erased_customers"),
    choices={"currency": "SELECT currency FROM public.sales WHERE tenant = :tenant GROUP BY currency"},
    drill={
        "product_id": "product-customers?product_id={product_id}",
        "customer_id": "customers/{customer_id}",
        "currency": "product-customers?currency={currency}",
    },
)
