"""The report for those who lead the shop: key figures with their growth, and the last 30 days."""

from __future__ import annotations

from kernel.http.descriptions import euros
from projections.questions.definitions.customer_sales import (
    ABOUT_SILENCE,
    OPEN_DAY,
    SILENT_DAYS,
    SPANS,
    by_day_before,
    silence,
)
from projections.questions.definitions.windows import windows
from projections.questions.question import Chart, Column, Param, Question

DAYS = 30
MOVEMENTS = ("new", "expansion", "contraction", "churn", "reactivation")


def report(end: str, currency: str, silent_days: str) -> str:
    """SQL of the report whose window ends before the day ``end``, in this currency and with so many days of
    silence, if they are not null. Days from ``end`` on change nothing."""
    return f"""
    WITH {by_day_before(end)}, {SPANS}, {silence(silent_days)}, {windows(DAYS, end)},
    currencies AS MATERIALIZED (
        SELECT DISTINCT currency FROM by_day
    ), daily AS (
        SELECT currency, day::date, coalesce(orders, 0) AS orders, coalesce(revenue, 0) AS revenue
        FROM windows, generate_series(first::timestamp, windows.end - interval '1 day', '1 day') AS day
        CROSS JOIN currencies
        LEFT JOIN (
            SELECT currency, day, sum(orders) AS orders, sum(gross - refunded) AS revenue
            FROM by_day WHERE day >= (SELECT first FROM windows WHERE name = 'current')
            GROUP BY currency, day
        ) AS sold USING (currency, day)
        WHERE name = 'current'
    ), last_days AS (
        SELECT currency, sum(revenue)::bigint AS revenue, round(avg(revenue))::bigint AS daily_average,
               CASE WHEN avg(revenue) > 0
                    THEN round((1 - stddev_samp(revenue) / avg(revenue))::numeric, 4)::float8
               END AS stability,
               count(*) FILTER (WHERE orders > 0) AS active_days
        FROM daily GROUP BY currency
    ), shown AS (
        SELECT * FROM last_days WHERE {currency} IS NULL OR currency = {currency}
        ORDER BY revenue DESC, currency LIMIT 1
    ), figures AS (
        SELECT 1 AS nth, 'mrr' AS name, NULL AS currency, NULL::numeric AS value,
               NULL::numeric AS previous, 'no_subscriptions' AS reason
        UNION ALL SELECT 2, 'arr', NULL, NULL, NULL, 'no_subscriptions'
        UNION ALL
        SELECT 3, 'cac', currency, now.cac, before.cac,
               CASE WHEN now.spend IS NULL THEN 'no_spend'
                    WHEN now.customers = 0 THEN 'no_new_customers' END
        FROM (TABLE currencies UNION SELECT currency FROM spend) AS currencies
        LEFT JOIN (SELECT * FROM cac WHERE name = 'current') AS now USING (currency)
        LEFT JOIN (SELECT * FROM cac WHERE name = 'previous') AS before USING (currency)
        UNION ALL
        SELECT 4, 'ltv', currency, ltv.ltv, reported_ltv.ltv, CASE WHEN ltv.ltv IS NULL THEN 'no_model' END
        FROM currencies
        LEFT JOIN ltv USING (currency) LEFT JOIN reported_ltv USING (currency)
        UNION ALL
        SELECT 5, 'churn', NULL, now.rate::numeric, before.rate::numeric,
               CASE WHEN now.rate IS NULL THEN 'no_customers' END
        FROM leaving AS now, leaving AS before WHERE now.name = 'current' AND before.name = 'previous'
    ), grown AS (
        SELECT *, ((value - previous) / nullif(previous, 0))::float8 AS growth FROM figures
    )
    SELECT first AS first_day, windows.end - 1 AS last_day, shown.currency,
           (SELECT jsonb_agg(jsonb_build_object(
                'name', name, 'currency', currency, 'growth', growth, 'reason', reason,
                'value', CASE WHEN currency IS NULL THEN to_jsonb(value::float8) WHEN value IS NOT NULL
                         THEN jsonb_build_object('amount', value::bigint, 'currency', currency) END,
                'previous', CASE WHEN currency IS NULL THEN to_jsonb(previous::float8)
                            WHEN previous IS NOT NULL
                            THEN jsonb_build_object('amount', previous::bigint, 'currency', currency) END,
                'status', CASE WHEN growth IS NULL THEN 'unknown' WHEN growth = 0 THEN 'flat'
                          WHEN (growth > 0) = (name NOT IN ('cac', 'churn')) THEN 'up' ELSE 'down' END
            ) ORDER BY nth, currency) FROM grown) AS figures,
           jsonb_build_object('currency', shown.currency, 'revenue', revenue,
                              'daily_average', daily_average, 'stability', stability,
                              'active_days', coalesce(active_days, 0)) AS last_30_days,
           NULL::jsonb AS mrr_movements
    FROM windows LEFT JOIN shown ON true
    WHERE name = 'current'
    """


EXECUTIVE = Question(
    name="executive",
    title="Executive report",
    about=f"Key figures of the last {DAYS} whole days beside those of the {DAYS} days before, and the "
    "revenue of these days in one currency. Currencies are never added. cac is the marketing spend by the "
    "customers whose first order was in these days; without spend it is null, never 0. ltv is the mean of "
    "what customers are expected to spend in twelve months; its previous value is what the last report of "
    "the days before said. A customer is new once, in the currency of the first order. churn is the share "
    "of customers who left. "
    f"{ABOUT_SILENCE} mrr and arr are null while the shop has no subscriptions.",
    columns=(
        Column("first_day", "day", "The first day of the window.", "2026-06-01"),
        Column("last_day", "day", "The last day of the window.", "2026-06-30"),
        Column(
            "currency",
            "text",
            "The currency of last_30_days: the one asked for, or that of the largest revenue; null without "
            "sales.",
            "EUR",
            nullable=True,
        ),
        Column(
            "figures",
            "list",
            "The key figures, one for each currency where they are money.",
            schema="KeyFigure",
            fields=(
                Column("name", "text", "One of mrr, arr, cac, ltv and churn.", "cac"),
                Column(
                    "currency",
                    "text",
                    "The currency; null where the figure is no money.",
                    "EUR",
                    nullable=True,
                ),
                Column("value", "figure", "The value; null where it is unknown.", euros(1250), nullable=True),
                Column("previous", "figure", "The value of the days before.", euros(1000), nullable=True),
                Column(
                    "growth",
                    "rate",
                    "By which share it has grown; null where either value is unknown or the previous one "
                    "is 0.",
                    0.25,
                    nullable=True,
                    formula="(value - previous) / previous",
                ),
                Column(
                    "status",
                    "text",
                    "Either up (better than before, which for cac and churn means lower), down, flat or "
                    "unknown.",
                    "down",
                ),
                Column("reason", "text", "Why the value is null.", "no_spend", nullable=True),
            ),
        ),
        Column(
            "last_30_days",
            "object",
            f"The last {DAYS} whole days in one currency; days without sales count.",
            schema="LastDays",
            fields=(
                Column("currency", "text", "The currency.", "EUR", nullable=True),
                Column("revenue", "money", "Sold less refunded.", euros(7610930), nullable=True),
                Column("daily_average", "money", "Of a day.", euros(253698), nullable=True),
                Column(
                    "stability",
                    "number",
                    "How even the days are: 1 if all are equal; null where the average is 0 or less.",
                    0.6692,
                    nullable=True,
                    formula="1 - sample standard deviation of the daily revenue / daily average",
                ),
                Column("active_days", "integer", "Days with an order.", 30),
            ),
        ),
        Column(
            "mrr_movements",
            "object",
            "What has changed the monthly recurring revenue; null without subscriptions.",
            nullable=True,
            schema="MrrMovements",
            fields=tuple(Column(it, "number", f"By {it}.", 0, nullable=True) for it in MOVEMENTS),
        ),
    ),
    params=(
        Param(
            "currency",
            "The currency of last_30_days; by default that of the largest revenue in them.",
            example="EUR",
        ),
        SILENT_DAYS,
    ),
    sql=report(OPEN_DAY, ":currency", ":silent_days"),
    single=True,
    known=True,
    models=("products", "customer_value", "spend"),
    chart=Chart("tiles", y=("figures",)),
    view=False,
)
