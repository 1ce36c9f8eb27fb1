"""How many carts were abandoned, and by which attempt they were brought back."""

from __future__ import annotations

from kernel.http.descriptions import euros
from projections.questions.expressions import share
from projections.questions.question import Chart, Column, Question
from projections.questions.wilson import interval, interval_columns

ABANDONMENT = Question(
    name="abandonment",
    title="Abandonment",
    about="How many carts were abandoned, and after which message to the customer they were bought, "
    "by attempt and currency. A cart counts once, on the day on which it was first abandoned; a second "
    "abandonment and the expiry are none. Attempt 0 is no message; attempt n begins when the n-th message is "
    "due, unless the cart was bought before. A cart is recovered by the attempt that it had come to when its "
    "checkout was completed, if that was within 7 days of the attempt: so it is recovered once. A guest's "
    "cart that was merged into a customer's does not count.",
    columns=(
        Column("attempt", "integer", "The message: 0 is none, then 1 to 3.", 1, filter=True),
        Column("currency", "text", "The currency of the carts by ISO 4217.", "EUR", filter=True),
        Column("abandoned", "integer", "Number of abandoned carts that came to this attempt.", 20),
        Column("recovered", "integer", "Number of those that were bought before the next attempt.", 5),
        Column(
            "rate",
            "rate",
            "Share of the recovered carts: from 0 to 1, or null if none came to the attempt.",
            0.25,
            nullable=True,
            formula="recovered / abandoned",
        ),
        *interval_columns("rate", 0.112, 0.469),
        Column("value", "money", "The totals of the carts when they were abandoned.", euros(200000)),
        Column(
            "revenue",
            "money",
            "The totals of the orders of the recovered carts. Refunds are not deducted.",
            euros(50000),
        ),
    ),
    sql=f"""
        SELECT attempt::bigint AS attempt, currency, sum(abandoned)::bigint AS abandoned,
               sum(recovered)::bigint AS recovered, {share("sum(recovered)", "sum(abandoned)")} AS rate,
               {interval("sum(recovered)", "sum(abandoned)", "rate")},
               sum(value)::bigint AS value, sum(revenue)::bigint AS revenue
        FROM public.abandonment
        WHERE tenant = :tenant AND day >= :first AND day < :end AND known <= :known
        GROUP BY attempt, currency HAVING sum(abandoned) <> 0 OR sum(recovered) <> 0
    """,  # an expression of column names
    order=("attempt", "currency"),
    ranged=True,
    known=True,
    models=("carts",),
    chart=Chart("bar", x="attempt", y=("abandoned", "recovered")),
    drill={"attempt": "abandonment?attempt={attempt}", "currency": "abandonment?currency={currency}"},
)
