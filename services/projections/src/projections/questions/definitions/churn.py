"""Which share of the customers leaves in a month, and who is at risk."""

from __future__ import annotations

from projections.questions.definitions.customer_sales import (
    ABOUT_SILENCE,
    BY_DAY,
    EXPECTATIONS,
    OPEN_DAY,
    SEGMENT_OF_FIGURES,
    SEGMENTS,
    SILENCE,
    SILENT_DAYS,
    SOLD,
    SPANS,
    left_in,
    not_erased,
    segments_of,
)
from projections.questions.expressions import share
from projections.questions.question import Chart, Column, Param, Question


def _reason(condition: str, code: str, figure: str, limit: str) -> str:
    reason = f"'code', '{code}', 'figure', ({figure})::float8, 'limit', ({limit})::float8"
    return f"CASE WHEN {condition} THEN jsonb_build_array(jsonb_build_object({reason})) ELSE '[]' END"


SILENT_FOR = f"{OPEN_DAY} - last_order"
REFUNDED = "refunded::float8 / nullif(gross, 0)"
REASONS = " || ".join(
    (
        _reason(f"{SILENT_FOR} > silent_days", "silent", SILENT_FOR, "silent_days"),
        _reason("orders <= 1", "ordered_once", "orders", "1"),
        _reason(f"{REFUNDED} >= 0.5", "refunded", REFUNDED, "0.5"),
    )
)
"""SQL of the list: no aggregation for each customer, of whom there are many."""

AT_RISK = Question(
    name="at-risk",
    title="Customers at risk",
    schema="CustomerAtRisk",
    about="Customers by the probability of an order within 90 days, the least likely first, with the "
    "reasons. They are never ranked by the probability of being alive, which is 1 for everyone who ordered "
    "once. Customers whose personal data was erased are left out.",
    columns=(
        Column("customer_id", "text", "The customer.", "0b5f…"),
        Column("currency", "text", "The currency by ISO 4217.", "EUR", filter=True),
        Column(
            "probability_90d",
            "rate",
            "The probability of an order within 90 days.",
            0.04,
            formula="BG/NBD: P(alive) × (1 - ((alpha + T) / (alpha + T + t)) ^ (r + x))",
        ),
        Column("last_order", "day", "The day of the last order in UTC.", "2026-01-03"),
        Column(
            "segment",
            "text",
            "The segment; null before the first run.",
            "at_risk",
            nullable=True,
            filter=True,
        ),
        Column(
            "value_12m",
            "money",
            "What the next twelve months are expected to be worth; null where it could not be modelled.",
            nullable=True,
        ),
        Column(
            "reasons",
            "list",
            "What speaks for the risk.",
            schema="Reason",
            fields=(
                Column(
                    "code",
                    "text",
                    "One of silent: no order for longer than silent_days; ordered_once: has never come back; "
                    "refunded: at least half of what was paid has been refunded.",
                    "silent",
                ),
                Column(
                    "figure", "number", "Days without an order, number of orders, or share refunded.", 140
                ),
                Column("limit", "number", "From where on it is a reason.", 90),
            ),
        ),
    ),
    params=(SILENT_DAYS,),
    sql=f"""
        SELECT customer_id, currency, probability_90d, last_order, segment, value_12m,
               {REASONS} AS reasons
        FROM (
            SELECT customer_id COLLATE "C" AS customer_id, currency COLLATE "C" AS currency, probability_90d,
                   value_12m, (WITH {BY_DAY}, {SPANS}, {SILENCE} SELECT days FROM silence) AS silent_days
            FROM ({EXPECTATIONS}) AS expected WHERE {not_erased("expected")}
            ORDER BY probability_90d, customer_id, currency
        ) AS figures CROSS JOIN LATERAL (
            SELECT sum(orders) AS orders, sum(gross) AS gross, sum(refunded) AS refunded,
                   max(day) FILTER (WHERE has_ordered) AS last_order
            FROM ({SOLD}) AS by_day
            WHERE by_day.customer_id = figures.customer_id AND by_day.currency = figures.currency
        ) AS bought {SEGMENT_OF_FIGURES}
        WHERE last_order IS NOT NULL
    """,
    order=("probability_90d", "customer_id", "currency"),
    known=True,
    models=("products", "erased_customers", "customer_segments", "customer_value"),
    choices={
        "currency": "SELECT currency FROM public.model_run "
        "WHERE tenant = :tenant AND model = 'customer_value'",
        "segment": SEGMENTS,
    },
    drill={"customer_id": "customers/{customer_id}"},
)

CHURN = Question(
    name="churn",
    title="Churn",
    about="Which share of the customers without a contract has left in a month, in all and by the segment "
    f"that they were in when it began. {ABOUT_SILENCE} A customer who orders again is one again, and may "
    "leave a second time. The rate of a month that is not over is null.",
    columns=(
        Column("period", "day", "The first day of the month.", "2026-03-01"),
        Column(
            "segment",
            "text",
            "The segment at the beginning of the month; all stands for every customer, unknown for those "
            "without one.",
            "all",
            filter=True,
        ),
        Column("customers", "integer", "Number of customers who had not left when the month began.", 4195),
        Column("churned", "integer", "Number of those who left in it.", 1175),
        Column(
            "rate",
            "rate",
            "Share of those who left; null where the month is not over.",
            0.28,
            nullable=True,
            formula="churned / customers",
        ),
        Column(
            "silent_days", "integer", "After how many days without an order they have left.", 90, unit="days"
        ),
    ),
    params=(
        SILENT_DAYS,
        Param("at_risk", "Whether to list the customers at risk instead.", "boolean", default=False),
    ),
    sql=f"""
        WITH {BY_DAY}, {SPANS}, {SILENCE}, months AS (
            SELECT first::date, (first + interval '1 month')::date AS end
            FROM (SELECT min(day) AS day FROM by_day WHERE has_ordered) AS earliest,
                 generate_series(
                     date_trunc('month', earliest.day::timestamp), ({OPEN_DAY})::timestamp, '1 month'
                 ) AS first
            WHERE first >= :first AND first < :end
        ), found AS ({left_in("months")}), of_segments AS ({segments_of("found", "months")}), by_segment AS (
            SELECT first, segment, count(*) AS customers, count(*) FILTER (WHERE has_left) AS churned
            FROM of_segments GROUP BY first, segment
        ), counted AS (
            TABLE by_segment
            UNION ALL
            SELECT first, 'all', sum(customers)::bigint, sum(churned)::bigint FROM by_segment GROUP BY first
        )
        SELECT first AS period, segment, customers, churned,
               CASE WHEN (first + interval '1 month')::date <= {OPEN_DAY}
                   THEN {share("churned", "customers")} END AS rate,
               silence.days::bigint AS silent_days
        FROM counted, silence
    """,
    order=("period DESC", "segment"),
    ranged=True,
    known=True,
    instead={"at_risk": AT_RISK},
    models=("products", "customer_segments"),
    chart=Chart("line", x="period", y=("rate",), by="segment"),
    drill={"period": "churn?from={period}&to={period}", "segment": "churn?segment={segment}"},
)
