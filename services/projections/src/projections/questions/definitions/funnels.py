"""How far carts come on the way to an order, and where they stop."""

from __future__ import annotations

from projections.models.carts.state import STEPS
from projections.questions.expressions import share
from projections.questions.question import Chart, Column, Question
from projections.questions.wilson import interval, interval_columns

NUMBERED = ", ".join(f"({number}, '{step}')" for number, step in enumerate(STEPS, 1))

FUNNELS = Question(
    name="funnels",
    title="Funnel",
    about="How many carts came to each step on the way to an order, and how many stopped there, of the carts "
    "that were created in the range of days. A cart counts once, on the day on which it was created, at the "
    "furthest step that it has reached: a checkout that is tried again is the same cart. A guest's cart that "
    "was merged into a customer's does not count. The carts that stopped and those that were completed add "
    "up to those that were created.",
    columns=(
        Column("position", "integer", "The number of the step, from 1.", 3),
        Column(
            "step",
            "text",
            "`cart_created`, `item_added`, `checkout_started`, `customer_and_shipping` (locked for the "
            "checkout, with customer, destination and way of shipping), `payment_asked` (held because money "
            "is asked for) or `completed`.",
            "checkout_started",
        ),
        Column("entered", "integer", "Number of carts that came to this step or a later one.", 40),
        Column("continued", "integer", "Number of those that went on, or were completed.", 30),
        Column("dropped", "integer", "Number of those that stopped here.", 10, formula="entered - continued"),
        Column(
            "rate",
            "rate",
            "Share of the carts that went on: from 0 to 1, or null if none came here.",
            0.75,
            nullable=True,
            formula="continued / entered",
        ),
        *interval_columns("rate", 0.598, 0.858),
    ),
    sql=f"""
        WITH step (position, step) AS (VALUES {NUMBERED}), stopped AS (
            SELECT step, sum(carts) AS carts FROM public.funnel
            WHERE tenant = :tenant AND day >= :first AND day < :end GROUP BY step
        ), reached AS (
            SELECT position, step, sum(coalesce(carts, 0)) OVER (ORDER BY position DESC) AS entered,
                   CASE WHEN position < {len(STEPS)} THEN coalesce(carts, 0) ELSE 0 END AS dropped
            FROM step LEFT JOIN stopped USING (step)
        )
        SELECT position::bigint AS position, step, entered::bigint AS entered,
               (entered - dropped)::bigint AS continued, dropped::bigint AS dropped,
               {share("entered - dropped", "entered")} AS rate,
               {interval("entered - dropped", "entered", "rate")}
        FROM reached
    """,  # the steps are constants
    order=("position",),
    ranged=True,
    models=("carts",),
    chart=Chart("funnel", x="step", y=("entered",)),
)
