"""What the executive report said on a day, beside what is known of the same days."""

from __future__ import annotations

from kernel.http.descriptions import euros
from projections.questions.definitions.executive import report
from projections.questions.question import Chart, Column, Param, Question

REPORTED_FIGURES = Question(
    name="reported-figures",
    title="Reported figures",
    about="What the executive report said on a day, kept soon after midnight in UTC, beside the same figures "
    "of the same days as they are known. They differ by facts and spend that arrived later. ltv is known of "
    "the latest model alone, so it is null once a later one has run.",
    columns=(
        Column("reported_on", "day", "The day on which it was said.", "2026-07-01"),
        Column("figure", "text", "One of mrr, arr, cac, ltv, churn and revenue.", "revenue", filter=True),
        Column(
            "currency", "text", "The currency by ISO 4217; null where it is no money.", "EUR", nullable=True
        ),
        Column("first_day", "day", "The first day that it counts.", "2026-06-01"),
        Column("last_day", "day", "The last day that it counts.", "2026-06-30"),
        Column(
            "reported", "figure", "As reported; null where it was unknown.", euros(7610930), nullable=True
        ),
        Column("known", "figure", "As known; null where it is unknown.", euros(7609930), nullable=True),
        Column(
            "is_late",
            "boolean",
            "Whether no process ran on that day, so that it was worked out later: of what had been recorded "
            "by the end of the day before. What a model had expected by then is unknown if it has run since.",
            False,
        ),
        Column("differs", "boolean", "Whether what is known is not what was reported.", True),
    ),
    params=(
        Param(
            "reported_on", "The day of the report; by default the latest one.", "day", example="2026-07-01"
        ),
    ),
    sql=f"""
        WITH chosen AS (
            SELECT max(reported_on) AS day FROM public.figures_reported
            WHERE tenant = :tenant AND (:reported_on IS NULL OR reported_on = :reported_on)
        ), said AS (
            SELECT reported_on, figure, nullif(currency, '') AS currency, first_day, last_day, value, is_late
            FROM public.figures_reported JOIN chosen ON reported_on = chosen.day
            WHERE tenant = :tenant
        ), report AS ({
        report(
            "(SELECT day FROM chosen)", "(SELECT currency FROM said WHERE figure = 'revenue')", "NULL::bigint"
        )
    }), known AS (
            SELECT it->>'name' AS figure, it->>'currency' AS currency, nullif(it->'value', 'null') AS value
            FROM report, jsonb_array_elements(figures) AS it
            UNION ALL
            SELECT 'revenue', currency,
                   jsonb_build_object('amount', last_30_days->'revenue', 'currency', currency)
            FROM report WHERE currency IS NOT NULL
        )
        SELECT reported_on, said.figure, said.currency, first_day, last_day,
               said.value AS reported, known.value AS known, is_late,
               said.value IS DISTINCT FROM known.value AS differs
        FROM said
        LEFT JOIN known ON known.figure = said.figure AND known.currency IS NOT DISTINCT FROM said.currency
    """,
    order=("figure", "currency"),
    known=True,
    models=("products", "customer_value", "spend"),
    chart=Chart("table"),
    view=False,
)
