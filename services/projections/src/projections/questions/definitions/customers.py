"""Customers: what they have bought, how they are segmented, and what is expected of them."""

from __future__ import annotations

from dataclasses import replace

from kernel.http.descriptions import euros
from projections.questions.definitions.customer_sales import (
    EXPECTED_OF_FIGURES,
    OPEN_DAY,
    SEGMENT_OF_FIGURES,
    SEGMENTS,
    SOLD,
    not_erased,
)
from projections.questions.expressions import average
from projections.questions.question import Chart, Column, Param, Question

SCORE = (
    "From 1 to 5 by {what}: 1 and the number of cut points below the value; null before the first model run."
)
COLUMNS = (
    Column("customer_id", "text", "The customer.", "0b5f…", filter=True),
    Column("currency", "text", "The currency by ISO 4217.", "EUR", filter=True),
    Column(
        "orders", "integer", "Number of orders, free ones included, without those cancelled afterwards.", 3
    ),
    Column(
        "revenue", "money", "What was sold less what was refunded.", euros(4990), formula="gross - refunded"
    ),
    Column(
        "average_order_value",
        "money",
        "Revenue per order; null without an order.",
        euros(1663),
        nullable=True,
        formula="revenue / orders, rounded half up to the minor unit",
    ),
    Column("first_order", "day", "The day of the first order in UTC; null without one.", nullable=True),
    Column("last_order", "day", "The day of the last order in UTC; null without one.", nullable=True),
    Column(
        "recency_days",
        "integer",
        "Days since the last order; null without one.",
        12,
        nullable=True,
        unit="days",
    ),
    Column("r", "integer", SCORE.format(what="recency, 5 being the most recent"), 4, nullable=True),
    Column("f", "integer", SCORE.format(what="number of orders"), 5, nullable=True),
    Column("m", "integer", SCORE.format(what="revenue in the currency"), 3, nullable=True),
    Column(
        "segment",
        "text",
        "The segment by the scores r and f; null before the first model run.",
        "loyal",
        nullable=True,
        filter=True,
    ),
    Column(
        "probability_90d",
        "rate",
        "The probability of an order within 90 days after the model's last day of sales; null without a fit.",
        0.42,
        nullable=True,
        formula="BG/NBD: P(alive) × (1 - ((alpha + T) / (alpha + T + t)) ^ (r + x))",
    ),
    Column("expected_orders_90d", "number", "Orders expected in these 90 days.", 0.61, nullable=True),
    Column(
        "value_12m",
        "money",
        "What the orders of the next twelve months are expected to be worth, discounted by 1 % a month.",
        euros(3120),
        nullable=True,
        formula="BG/NBD for orders, Gamma-Gamma for their value",
    ),
)

SQL = f"""
    SELECT customer_id, currency, orders, revenue, {average("revenue", "orders")} AS average_order_value,
           first_order, last_order, ({OPEN_DAY} - last_order)::bigint AS recency_days, r::bigint, f::bigint,
               m::bigint,
           segment, probability_90d, expected_orders_90d, value_12m
    FROM (
        SELECT customer_id, currency, sum(orders)::bigint AS orders,
               sum(gross - refunded)::bigint AS revenue,
               min(day) FILTER (WHERE has_ordered) AS first_order,
               max(day) FILTER (WHERE has_ordered) AS last_order
        FROM ({SOLD}) AS by_day WHERE {not_erased("by_day")}
        GROUP BY customer_id, currency
        ORDER BY revenue DESC NULLS LAST, customer_id, currency
    ) AS figures {EXPECTED_OF_FIGURES} {SEGMENT_OF_FIGURES}
"""
"""In the order of the list before anything is looked up: a page looks up what it shows, and nothing else."""

CUSTOMERS = Question(
    name="customers",
    title="Customers",
    about="Each customer's orders and revenue by currency, largest revenue first, with scores, segment and "
    "what is expected. Scores and segments are those of the last nightly run, cut at the shop's own 20, "
    "40, 60 and 80 % quantiles, so that equal customers have equal scores. A guest is a customer. A "
    "customer whose personal data was erased is in no list any more, while all sums stay.",
    columns=COLUMNS,
    sql=SQL,
    order=("revenue DESC", "customer_id", "currency"),
    known=True,
    models=("products", "erased_customers", "customer_segments", "customer_value"),
    choices={
        "currency": "SELECT currency FROM public.sales WHERE tenant = :tenant GROUP BY currency",
        "segment": SEGMENTS,
    },
    chart=Chart("table"),
    drill={
        "customer_id": "customers/{customer_id}",
        "segment": "customers?segment={segment}",
        "currency": "customers?currency={currency}",
    },
)

SEGMENT = (
    Column("currency", "text", "The currency by ISO 4217 in which the customer was scored.", "EUR"),
    Column("from", "day", "The day from which on the customer was in it.", "2026-03-01"),
    Column("segment", "text", "The segment.", "loyal"),
)

CUSTOMER = replace(
    CUSTOMERS,
    name="customer",
    title="Customer",
    schema="CustomerFigures",
    path="customers/{customer_id}",
    about="One customer's figures in the currency of most orders, or in the one asked for, and the "
    "segments so far.",
    columns=(
        *(replace(it, filter=False) for it in COLUMNS),
        Column(
            "segments",
            "list",
            "The segments so far, the latest first.",
            fields=SEGMENT,
            schema="CustomerSegment",
        ),
    ),
    params=(
        Param("customer_id", "The customer.", example="0b5f…"),
        Param("currency", "The currency by ISO 4217; by default that of most orders.", example="EUR"),
    ),
    sql=f"""
        SELECT customers.*, coalesce((
                   SELECT jsonb_agg(jsonb_build_object('currency', s.currency, 'from', s.from_day, 'segment',
                       s.segment)
                                    ORDER BY s.from_day DESC, s.currency)
                   FROM (
                       SELECT currency, from_day, segment,
                              lag(segment) OVER (PARTITION BY currency ORDER BY from_day) AS before
                       FROM public.customer_segment
                       WHERE tenant = :tenant AND customer_id = :customer_id AND from_day <= :known
                   ) AS s
                   WHERE s.segment IS DISTINCT FROM s.before
               ), '[]') AS segments
        FROM ({SQL}) AS customers
        WHERE customer_id = :customer_id AND (:currency IS NULL OR currency = :currency)
    """,
    order=("orders DESC", "revenue DESC", "currency"),
    single=True,
    no_row="There are no sales to this customer.",
    choices={},
    erased="""
        SELECT EXISTS (
            SELECT FROM public.erased_customers WHERE tenant = :tenant AND customer_id = :customer_id
        )
    """,
    drill={},
    view=False,
)
