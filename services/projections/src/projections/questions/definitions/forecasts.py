"""What the next months are expected to bring, and how well the method has foretold the past."""

from __future__ import annotations

from projections.questions.question import Chart, Column, Question


def _shown(column: str) -> str:
    """SQL: money where the series is money, in whole minor units; else the number."""
    money = f"jsonb_build_object('amount', round({column})::bigint, 'currency', currency)"
    return f"CASE WHEN name = 'revenue' AND {column} IS NOT NULL THEN {money} ELSE to_jsonb({column}) END"


FORECASTS = Question(
    name="forecasts",
    title="Forecasts",
    about="Forecasts by month and currency: revenue for six months, new and active customers for three, "
    "churn for one, and the index of the season for twelve. For each series the method is taken that has "
    "foretold its own past best, month by month, among naive, seasonal naive, drift and Theta. The "
    "interval is to hold 80 % of what comes; its width is what the errors of the past were. A series that "
    "is too short has no method and no points, and says why. They are those of the last model run.",
    columns=(
        Column("name", "text", "The series.", "revenue", filter=True),
        Column(
            "currency",
            "text",
            "The currency by ISO 4217 of the sales that it is made from.",
            "EUR",
            filter=True,
        ),
        Column("method", "text", "The method; null where there is no forecast.", "theta", nullable=True),
        Column("reason", "text", "Why there is no forecast.", "5 months are too few", nullable=True),
        Column("trained_to", "day", "The last day of sales that the model has seen.", "2026-06-30"),
        Column(
            "backtest",
            "object",
            "How the method has foretold the past; null where there is no forecast.",
            nullable=True,
            schema="Backtest",
            fields=(
                Column(
                    "error",
                    "number",
                    "Symmetric mean absolute percentage error; null where all values are 0.",
                    6.475,
                    nullable=True,
                    formula="mean of 200 × |actual - forecast| / (|actual| + |forecast|)",
                    unit="per cent",
                ),
                Column("folds", "integer", "Number of months from which it was forecast.", 12),
                Column("mase", "number", "Mean error by that of a naive forecast.", 0.7, nullable=True),
                Column("wape", "number", "Sum of errors by sum of values.", 0.06, nullable=True),
                Column(
                    "coverage",
                    "rate",
                    "Share of the past within its interval.",
                    0.83,
                    nullable=True,
                    formula="months within their interval / months with one",
                ),
            ),
        ),
        Column(
            "points",
            "list",
            "The months to come.",
            schema="ForecastMonth",
            fields=(
                Column("period", "day", "The first day of the month.", "2026-07-01"),
                Column("value", "figure", "What is expected.", 120.5),
                Column("low", "figure", "The lower end of the interval.", 100.1, nullable=True),
                Column("high", "figure", "The upper end of the interval.", 140.9, nullable=True),
            ),
        ),
    ),
    sql=f"""
        WITH last_run AS (
            SELECT DISTINCT ON (currency) currency, trained_to, parameters, errors
            FROM public.model_run
            WHERE tenant = :tenant AND model = 'forecasts' AND state = 'done'
            ORDER BY currency, finished_at DESC
        ), points AS (
            SELECT name, currency, jsonb_agg(jsonb_build_object(
                       'period', period, 'value', {_shown("value")}, 'low', {_shown("low")}, 'high',
                           {_shown("high")}) ORDER BY period) AS points
            FROM public.forecast_point
            WHERE tenant = :tenant
            GROUP BY name, currency
        )
        SELECT series.key AS name, last_run.currency, series.value->>'method' AS method,
               series.value->>'reason' AS reason, trained_to,
               CASE WHEN errors -> series.key IS NOT NULL THEN jsonb_build_object(
                   'error', errors->series.key->'smape', 'folds', errors->series.key->'folds',
                   'mase', errors->series.key->'mase', 'wape', errors->series.key->'wape',
                   'coverage', errors->series.key->'coverage') END AS backtest,
               coalesce(points, '[]') AS points
        FROM last_run CROSS JOIN jsonb_each(parameters) AS series
        LEFT JOIN points ON points.name = series.key AND points.currency = last_run.currency
        WHERE jsonb_typeof(series.value) = 'object'
    """,
    order=("name", "currency"),
    models=("forecasts",),
    chart=Chart("table"),
    drill={"name": "forecast-months?series={name}"},
    view=False,
)
