"""What campaigns sell, and what they cost."""

from __future__ import annotations

from kernel.http.descriptions import euros
from projections.questions.question import Chart, Column, Question

CAMPAIGNS = Question(
    name="campaigns",
    title="Campaigns",
    about="What was sold by each campaign in the range of days, and what it cost, by currency; largest "
    "revenue first. Orders and revenue count on the day of the payment, refunds on their own day. The "
    "cost is what sales have used of the budget: the base price less the campaign's price, and the discounts "
    "of its promotions. An order counts once, for the campaign of its last line; each line's revenue "
    "is of its own campaign.",
    columns=(
        Column("campaign_id", "id", "The campaign.", "019a2b3c-0004-7000-8000-000000000001", filter=True),
        Column("name", "text", "What the campaign is called now.", "Opening week", nullable=True),
        Column("currency", "text", "The currency by ISO 4217.", "EUR", filter=True),
        Column(
            "budget",
            "money",
            "What it may cost in all, for all days together; null if it has no limit in this currency.",
            euros(100000),
            nullable=True,
        ),
        Column("spent", "money", "What it cost in the range of days.", euros(12000)),
        Column("orders", "integer", "Number of paid orders that count for it.", 20),
        Column("revenue", "money", "What those orders brought by it, less refunds.", euros(150000)),
        Column("discount", "money", "What buyers were given by it.", euros(12000)),
    ),
    sql="""
        WITH label AS (
            SELECT id AS campaign_id, name, currency, budget FROM public.labels WHERE tenant = :tenant
        ), spent AS (
            SELECT campaign_id, currency, sum(used) AS spent FROM public.campaign_costs
            WHERE tenant = :tenant AND day >= :first AND day < :end AND known <= :known
            GROUP BY campaign_id, currency
        ), sold AS (
            SELECT campaign_id, currency, sum(orders) AS orders, sum(revenue) AS revenue,
                   sum(discount) AS discount
            FROM public.campaign_sales
            WHERE tenant = :tenant AND day >= :first AND day < :end AND known <= :known
            GROUP BY campaign_id, currency
        )
        SELECT campaign_id, name, figures.currency,
               CASE WHEN label.currency = figures.currency THEN budget END AS budget,
               spent, orders, revenue, discount
        FROM (
            SELECT campaign_id, currency, coalesce(spent, 0)::bigint AS spent,
                   coalesce(orders, 0)::bigint AS orders, coalesce(revenue, 0)::bigint AS revenue,
                   coalesce(discount, 0)::bigint AS discount
            FROM spent FULL JOIN sold USING (campaign_id, currency)
        ) AS figures LEFT JOIN label USING (campaign_id)
        WHERE (spent, orders, revenue, discount) <> (0, 0, 0, 0)
    """,
    order=("revenue DESC", "campaign_id", "currency"),
    ranged=True,
    known=True,
    models=("campaign_costs", "products", "labels"),
    chart=Chart("bar", x="name", y=("revenue", "spent"), mark="campaign_id"),
    drill={"campaign_id": "campaigns?campaign_id={campaign_id}", "currency": "campaigns?currency={currency}"},
)
