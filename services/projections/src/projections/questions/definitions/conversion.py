"""How many checkouts of a day were completed."""

from __future__ import annotations

from kernel.http.descriptions import euros
from projections.questions.expressions import average, share
from projections.questions.question import Chart, Column, Question
from projections.questions.wilson import interval, interval_columns

CONVERSION = Question(
    name="conversion",
    title="Conversion",
    about="How many checkouts of a day were completed, and their revenue, by day and currency, most recent "
    "first. A checkout counts on the day on which it was started; money on the day on which it moved.",
    columns=(
        Column("day", "day", "The day in UTC.", "2026-03-01"),
        Column("currency", "text", "The currency by ISO 4217.", "EUR", filter=True),
        Column("checkouts", "integer", "Number of checkouts started on that day.", 20),
        Column("completed", "integer", "Number of those that were completed.", 15),
        Column(
            "rate",
            "rate",
            "Share of completed checkouts: from 0 to 1, or null if none was started.",
            0.75,
            nullable=True,
            formula="completed / checkouts",
        ),
        *interval_columns("rate", 0.531, 0.888),
        Column(
            "revenue",
            "money",
            "Captured less refunded money, each on its own day.",
            euros(150000),
            formula="captured - refunded",
        ),
        Column(
            "average_order_value",
            "money",
            "Of the orders created by that day's checkouts.",
            euros(10000),
            nullable=True,
            formula="total of the orders / completed, rounded half up to the minor unit",
        ),
    ),
    sql=f"""
        SELECT day, currency, checkouts, completed, {share("completed", "checkouts")} AS rate,
               {interval("completed", "checkouts", "rate")}, revenue,
               {average("ordered", "completed")} AS average_order_value
        FROM (
            SELECT day, currency, sum(checkouts)::bigint AS checkouts, sum(completed)::bigint AS completed,
                   sum(ordered)::bigint AS ordered, sum(revenue)::bigint AS revenue
            FROM public.checkout_conversion
            WHERE tenant = :tenant AND day >= :first AND day < :end AND known <= :known
            GROUP BY day, currency
        ) AS by_day
        WHERE (checkouts, completed, revenue) <> (0, 0, 0)
    """,
    order=("day DESC", "currency"),
    ranged=True,
    known=True,
    models=("conversion",),
    chart=Chart("line", x="day", y=("rate", "revenue")),
    drill={"day": "conversion?from={day}&to={day}", "currency": "conversion?currency={currency}"},
)
