"""What offers achieve, from the first view to the revenue."""

from __future__ import annotations

from kernel.http.descriptions import euros
from projections.questions.expressions import share
from projections.questions.question import Chart, Column, Question
from projections.questions.wilson import interval, interval_columns

OFFERS = Question(
    name="offers",
    title="Offers",
    about="What each offer achieved in the range of days: views, what was put into carts, upsells, orders "
    "and revenue; largest revenue first. A session counts on the day of its first view of the offer; an "
    "item, a promotion and an upsell once for the cart or the order that they are about. An order counts on "
    "the day of its payment, a refund on its own day.",
    columns=(
        Column("offer_id", "id", "The offer.", "019a2b3c-0004-7000-8000-000000000001", filter=True),
        Column("name", "text", "What the offer is called now.", "From Python to SQL", nullable=True),
        Column("currency", "text", "The currency of its price by ISO 4217.", "EUR", filter=True),
        Column("views", "integer", "How often storefronts showed the offer.", 500),
        Column("sessions", "integer", "Number of sessions that saw it; some views have no session.", 300),
        Column("items_added", "integer", "Number of lines of the offer that were put into carts.", 80),
        Column(
            "promotions_applied",
            "integer",
            "Number of promotions that were applied to carts while they held the offer.",
            40,
        ),
        Column(
            "upsells_shown",
            "integer",
            "Number of upsells that were proposed, each once for a cart or an order.",
            120,
        ),
        Column("upsells_taken", "integer", "Number of those that were taken.", 30),
        Column(
            "take_rate",
            "rate",
            "Share of the upsells that were taken: from 0 to 1, or null if none was shown.",
            0.25,
            nullable=True,
            formula="upsells_taken / upsells_shown",
        ),
        *interval_columns("take_rate", 0.181, 0.334),
        Column("conversions", "integer", "Number of paid orders with a line of the offer.", 50),
        Column(
            "revenue",
            "money",
            "The totals of the offer's lines in those orders, less what was refunded of them on that day.",
            euros(250000),
        ),
    ),
    sql=f"""
        WITH label AS (SELECT id AS offer_id, name, currency FROM public.labels WHERE tenant = :tenant),
        seen AS (
            SELECT offer_id, currency, sum(views) AS views, sum(sessions) AS sessions,
                   sum(items_added) AS items_added, sum(promotions_applied) AS promotions_applied,
                   sum(upsells_shown) AS upsells_shown, sum(upsells_taken) AS upsells_taken
            FROM public.offer_activity JOIN label USING (offer_id)
            WHERE tenant = :tenant AND day >= :first AND day < :end
            GROUP BY offer_id, currency
        ), sold AS (
            SELECT offer_id, currency, sum(conversions) AS conversions, sum(revenue) AS revenue
            FROM public.offer_sales
            WHERE tenant = :tenant AND day >= :first AND day < :end AND known <= :known
            GROUP BY offer_id, currency
        ), figures AS (
            SELECT offer_id, currency, coalesce(views, 0)::bigint AS views,
                   coalesce(sessions, 0)::bigint AS sessions, coalesce(items_added, 0)::bigint AS items_added,
                   coalesce(promotions_applied, 0)::bigint AS promotions_applied,
                   coalesce(upsells_shown, 0)::bigint AS upsells_shown,
                   coalesce(upsells_taken, 0)::bigint AS upsells_taken,
                   coalesce(conversions, 0)::bigint AS conversions, coalesce(revenue, 0)::bigint AS revenue
            FROM seen FULL JOIN sold USING (offer_id, currency)
        )
        SELECT offer_id, name, figures.currency, views, sessions, items_added, promotions_applied,
               upsells_shown, upsells_taken, {share("upsells_taken", "upsells_shown")} AS take_rate,
               {interval("upsells_taken", "upsells_shown", "take_rate")}, conversions, revenue
        FROM figures LEFT JOIN label USING (offer_id)
        WHERE (views, items_added, promotions_applied, upsells_shown, conversions, revenue)
              <> (0, 0, 0, 0, 0, 0)
    """,  # an expression of column names
    order=("revenue DESC", "offer_id", "currency"),
    ranged=True,
    known=True,
    models=("offer_activity", "products", "labels"),
    chart=Chart("bar", x="name", y=("revenue",), mark="offer_id"),
    drill={"offer_id": "offers/{offer_id}"},
)
