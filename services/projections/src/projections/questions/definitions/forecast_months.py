"""The forecasts by month: one row for each month to come."""

from __future__ import annotations

from projections.questions.question import Chart, Column, Param, Question

SERIES = ("revenue", "new_customers", "active_customers", "churn", "seasonality")

FORECAST_MONTHS = Question(
    name="forecast-months",
    title="Forecast by month",
    about="What one series is expected to be in the months to come, with the interval that is to hold 80 % "
    "of what comes. The question forecasts says by which method, and how well that has foretold the past.",
    columns=(
        Column("period", "day", "The first day of the month.", "2026-07-01"),
        Column("currency", "text", "The currency by ISO 4217 of the sales behind it.", "EUR", filter=True),
        Column(
            "value",
            "number",
            "What is expected. Revenue is in minor units of the currency, churn a share from 0 to 1, and an "
            "index of 1 an average month.",
            120.5,
        ),
        Column("low", "number", "The lower end of the interval; null without one.", 100.1, nullable=True),
        Column("high", "number", "The upper end of the interval; null without one.", 140.9, nullable=True),
    ),
    params=(Param("series", "Which series is shown.", default="revenue", one_of=SERIES),),
    sql="""
        SELECT period, currency, value, low, high
        FROM public.forecast_point
        WHERE tenant = :tenant AND name = :series
    """,
    order=("period", "currency"),
    models=("forecasts",),
    chart=Chart("line", x="period", y=("value", "low", "high")),
)
