"""What has become of the customers of each week or month."""

from __future__ import annotations

from projections.questions.definitions.customer_sales import BY_DAY, OPEN_DAY
from projections.questions.expressions import average
from projections.questions.question import Chart, Column, Param, Question

COHORTS = Question(
    name="cohorts",
    title="Cohorts",
    about="Customers by the week or month of their first order, and what they did in that period (number "
    "0) and in those after it. The first order is that of the whole history; from and to say which cohorts "
    "are shown. A week begins on Monday. A customer of two currencies counts in both. Retention is the "
    "share of the cohort that ordered in the period, revenue is what all of them paid in it less refunds, "
    "ltv the revenue up to the period's end per customer. The value of a period that is not over is null.",
    columns=(
        Column("cohort", "day", "The first day of the period of the first order.", "2026-03-01", filter=True),
        Column("currency", "text", "The currency by ISO 4217.", "EUR", filter=True),
        Column("size", "integer", "Number of customers in the cohort.", 120),
        Column("period", "integer", "Number of periods since the first one.", 1),
        Column(
            "value",
            "figure",
            "The value of the metric: a share from 0 to 1, or money; null while the period is not over.",
            0.1475,
            nullable=True,
            formula="retention: customers with an order in the period / size; revenue: gross - refunded; "
            "ltv: sum of the revenue of the periods so far / size, rounded half up to the minor unit",
        ),
    ),
    params=(
        Param("period", "The length of a period.", default="month", one_of=("week", "month")),
        Param("metric", "What is shown.", default="retention", one_of=("retention", "revenue", "ltv")),
        Param(
            "periods",
            "How many periods of each cohort are shown, the first one included; by default all up to now.",
            kind="integer",
            minimum=1,
            maximum=1000,
            example=18,
        ),
    ),
    sql=f"""
        WITH {BY_DAY}, first_order AS (
            SELECT customer_id, currency, date_trunc(:period, min(day)::timestamp)::date AS cohort
            FROM by_day WHERE has_ordered GROUP BY customer_id, currency
        ), cohorts AS (
            SELECT cohort, currency, count(*) AS size FROM first_order GROUP BY cohort, currency
        ), active AS (
            SELECT cohort, currency, first, count(*) FILTER (WHERE has_ordered) AS customers,
                   sum(revenue) AS revenue
            FROM (
                SELECT customer_id, currency, date_trunc(:period, day::timestamp)::date AS first,
                       bool_or(has_ordered) AS has_ordered, sum(gross - refunded) AS revenue
                FROM by_day GROUP BY customer_id, currency, date_trunc(:period, day::timestamp)
            ) AS of_customer JOIN first_order USING (customer_id, currency)
            GROUP BY cohort, currency, first
        ), cells AS (
            SELECT cohort, currency, size, first::date, (nth - 1)::bigint AS period,
                   (first + ('1 ' || :period)::interval)::date <= {OPEN_DAY} AS is_over
            FROM cohorts, generate_series(cohort::timestamp, ({OPEN_DAY} - 1)::timestamp,
                ('1 ' || :period)::interval)
                          WITH ORDINALITY AS periods (first, nth)
            WHERE :periods IS NULL OR nth <= :periods
        ), figures AS (
            SELECT cohort, currency, size, period, is_over, coalesce(customers, 0) AS customers,
                   coalesce(revenue, 0) AS revenue,
                   sum(coalesce(revenue, 0)) OVER (PARTITION BY cohort, currency ORDER BY period) AS so_far
            FROM cells LEFT JOIN active USING (cohort, currency, first)
        )
        SELECT cohort, currency, size, period,
               CASE WHEN is_over THEN
                   CASE :metric
                       WHEN 'retention' THEN to_jsonb(customers::float8 / size)
                       WHEN 'revenue' THEN jsonb_build_object('amount', revenue::bigint, 'currency', currency)
                       ELSE jsonb_build_object('amount', {average("so_far", "size")}, 'currency', currency)
                   END
               END AS value
        FROM figures
        WHERE cohort >= :first AND cohort < :end
    """,
    order=("cohort DESC", "currency", "period"),
    ranged=True,
    known=True,
    models=("products",),
    chart=Chart("heatmap", x="period", y=("value",), by="cohort", mark="cohort"),
    drill={"cohort": "cohorts?from={cohort}&to={cohort}"},
)
