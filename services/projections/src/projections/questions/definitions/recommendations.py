"""What to do about figures that are out of bounds."""

from __future__ import annotations

from projections.questions.definitions.customer_sales import (
    BY_DAY,
    OPEN_DAY,
    SILENCE,
    SILENT_DAYS,
    SPANS,
    segments_of,
)
from projections.questions.definitions.retention_strategies import STRATEGIES
from projections.questions.definitions.windows import windows
from projections.questions.question import Chart, Column, Question

DAYS = 90
MAX_CHURN = "0.05"
MAX_CHURN_OF_SEGMENT = "0.15"
MAX_CAC_BY_LTV = "0.3"
BY_SEGMENT = ", ".join(f"('{segment}', '{text}')" for segment, text in STRATEGIES.items())

RECOMMENDATIONS = Question(
    name="recommendations",
    title="Recommendations",
    about=f"Advice by rules over the last {DAYS} whole days. Retention, high: more than {MAX_CHURN} of the "
    f"customers have left. Retention of a segment, medium: more than {MAX_CHURN_OF_SEGMENT} of those have "
    "left who were in it when the window began; the advice is that of the segment. Acquisition, medium: "
    f"what a new customer has cost is more than {MAX_CAC_BY_LTV} of what one is expected to spend in twelve "
    "months, by currency. A figure that is unknown gives no advice.",
    columns=(
        Column("priority", "text", "Either high or medium.", "high"),
        Column("type", "text", "Either retention or acquisition.", "retention"),
        Column(
            "currency", "text", "The currency of the figures; null where none is money.", "EUR", nullable=True
        ),
        Column(
            "segment",
            "text",
            "The segment that the advice is about; null where it is about all customers.",
            "at_risk",
            nullable=True,
        ),
        Column("text", "text", "The advice.", "Begin a programme that brings customers back."),
        Column("as_of", "day", "The last day of the window.", "2026-06-30"),
        Column(
            "figures",
            "list",
            "The figures that it rests on.",
            schema="Evidence",
            fields=(
                Column("name", "text", "The figure.", "churn"),
                Column("value", "figure", "Its value.", 0.081),
                Column(
                    "threshold", "figure", "The value up to which there is no advice.", 0.05, nullable=True
                ),
                Column("evidence", "text", "Where it comes from.", "/v1/analytics/churn"),
            ),
        ),
        Column("expected_impact", "text", "What it may bring.", "2 to 3 percentage points less churn"),
        Column("timeline", "text", "In which time.", "30 to 60 days"),
    ),
    params=(SILENT_DAYS,),
    sql=f"""
        WITH {BY_DAY}, {SPANS}, {SILENCE}, {windows(DAYS, OPEN_DAY, compared=False)}, of_segments AS (
            {segments_of("found", "windows")}
        ), leaving_segments AS (
            SELECT segment, count(*) FILTER (WHERE has_left)::numeric / count(*) AS rate
            FROM of_segments GROUP BY segment
        ), strategy (segment, text) AS (VALUES {BY_SEGMENT})
        SELECT 'high' AS priority, 'retention' AS type, NULL AS currency, NULL AS segment,
               'More than 5 % of the customers have left: begin a programme that brings them back, ask '
               'those who left why, and look at the first weeks of new ones.' AS text,
               {OPEN_DAY} - 1 AS as_of,
               jsonb_build_array(jsonb_build_object(
                   'name', 'churn', 'value', rate, 'threshold', {MAX_CHURN},
                   'evidence', '/v1/analytics/churn')) AS figures,
               '2 to 3 percentage points less churn' AS expected_impact, '30 to 60 days' AS timeline
        FROM leaving WHERE rate > {MAX_CHURN}
        UNION ALL
        SELECT 'medium', 'retention', NULL, segment, text,
               {OPEN_DAY} - 1,
               jsonb_build_array(jsonb_build_object(
                   'name', 'churn', 'value', round(rate, 4), 'threshold', {MAX_CHURN_OF_SEGMENT},
                   'evidence', '/v1/analytics/churn?segment=' || segment)),
               'a churn of the segment below 15 %', '30 to 60 days'
        FROM leaving_segments JOIN strategy USING (segment) WHERE rate > {MAX_CHURN_OF_SEGMENT}
        UNION ALL
        SELECT 'medium', 'acquisition', currency, NULL,
               'A new customer costs more than 30 % of what one is expected to spend: compare the '
               'channels, and move spend from those that bring few.',
               {OPEN_DAY} - 1,
               jsonb_build_array(
                   jsonb_build_object('name', 'cac', 'value', jsonb_build_object('amount', cac, 'currency',
                       currency),
                                      'threshold', jsonb_build_object('amount',
                                          floor({MAX_CAC_BY_LTV} * ltv)::bigint,
                                                                      'currency', currency),
                                      'evidence', '/v1/analytics/spend'),
                   jsonb_build_object('name', 'ltv', 'value', jsonb_build_object('amount', ltv, 'currency',
                       currency),
                                      'threshold', NULL, 'evidence', '/v1/analytics/customers')),
               '15 to 25 % less cost of a new customer', '45 to 90 days'
        FROM cac JOIN ltv USING (currency) WHERE exact_cac > {MAX_CAC_BY_LTV} * exact_ltv
    """,
    order=("priority", "type", "currency", "segment"),
    known=True,
    models=("products", "customer_segments", "customer_value", "spend"),
    chart=Chart("table"),
    view=False,
)
