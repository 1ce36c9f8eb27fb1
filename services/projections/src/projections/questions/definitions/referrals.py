"""What referral programs bring, and what their referrers are owed."""

from __future__ import annotations

from kernel.http.descriptions import euros
from projections.questions.question import Chart, Column, Question

REFERRALS = Question(
    name="referrals",
    title="Referrals",
    about="What each referral program brought in the range of days, and what its referrers are owed, by "
    "currency; largest revenue first. Everything counts on its own day: an attribution when it was made, an "
    "order when it was paid, a refund, a reward and its reversal each when they happened. An order with "
    "discounts of several programs is the merit of the latest attribution alone.",
    columns=(
        Column("program_id", "id", "The program.", "019a2b3c-0004-7000-8000-000000000001", filter=True),
        Column("name", "text", "What the program is called now.", "Bring a friend", nullable=True),
        Column(
            "currency",
            "text",
            "The currency of the orders and rewards by ISO 4217; null if there is none yet.",
            "EUR",
            nullable=True,
            filter=True,
        ),
        Column("attributed", "integer", "Number of people who were referred, in every currency.", 40),
        Column("confirmed", "integer", "Number of attributions that were confirmed, in every currency.", 35),
        Column("revoked", "integer", "Number of attributions that were revoked, in every currency.", 1),
        Column("orders", "integer", "Number of paid orders with a discount of the program.", 20),
        Column(
            "revenue",
            "money",
            "The totals of those orders less what was refunded of them, each on its own day.",
            euros(150000),
            nullable=True,
        ),
        Column(
            "discount",
            "money",
            "What the program's discounts were in those orders.",
            euros(15000),
            nullable=True,
        ),
        Column("rewards", "integer", "Number of rewards granted to referrers.", 20),
        Column("granted", "money", "The amount of those rewards.", euros(10000), nullable=True),
        Column(
            "reversed",
            "money",
            "What was reversed of rewards, because of refunds.",
            euros(500),
            nullable=True,
        ),
        Column(
            "issued",
            "money",
            "What was handed over as promotions: rewards after their time, less the referrers' debts.",
            euros(8000),
            nullable=True,
        ),
        Column(
            "owed",
            "money",
            "What the shop owes its referrers, or has given them.",
            euros(9500),
            nullable=True,
            formula="granted - reversed",
        ),
    ),
    sql="""
        WITH people AS (
            SELECT program_id, sum(attributed) AS attributed, sum(confirmed) AS confirmed,
                   sum(revoked) AS revoked
            FROM public.referral_people
            WHERE tenant = :tenant AND day >= :first AND day < :end GROUP BY program_id
        ), money AS (
            SELECT program_id, currency, sum(orders)::bigint AS orders, sum(revenue)::bigint AS revenue,
                   sum(discount)::bigint AS discount, sum(rewards)::bigint AS rewards,
                   sum(granted)::bigint AS granted, sum(reversed)::bigint AS reversed,
                   sum(issued)::bigint AS issued
            FROM public.referral_money
            WHERE tenant = :tenant AND day >= :first AND day < :end AND known <= :known
            GROUP BY program_id, currency
        )
        SELECT program_id, label.name, money.currency, coalesce(attributed, 0)::bigint AS attributed,
               coalesce(confirmed, 0)::bigint AS confirmed, coalesce(revoked, 0)::bigint AS revoked,
               coalesce(orders, 0) AS orders, revenue, discount, coalesce(rewards, 0) AS rewards, granted,
               reversed, issued, granted - reversed AS owed
        FROM people FULL JOIN money USING (program_id)
        LEFT JOIN public.labels AS label ON label.tenant = :tenant AND label.id = program_id
    """,
    order=("revenue DESC", "program_id", "currency"),
    ranged=True,
    known=True,
    models=("referrals", "labels"),
    chart=Chart("bar", x="name", y=("revenue", "owed")),
)
