"""Dashboard 4: read models: how old their figures are, rebuilds, and the queries on them."""

from __future__ import annotations

from deploy.observability.dashboards.panel import RATE, Board, Panel, Query, Unit, quantile

ANALYTICS = 'service="projections",route=~"/v1/.+"'

BOARD = Board(
    uid="feira-read-models",
    title="Feira 4: read models",
    description="Whether analysts and operators see figures of now.",
    panels=(
        Panel(
            "Lag",
            "How long the oldest record that a read model lacks has been in Kafka.",
            Unit.SECONDS,
            (Query("max by (model) (feira_read_model_lag_seconds)", "{{model}}"),),
            ("FeiraReadModelBurnRate",),
            is_key=True,
        ),
        Panel(
            "Version",
            "The version of the tables of each read model; it rises with a rebuild by newer code.",
            Unit.COUNT,
            (Query("max by (model) (feira_read_model_version)", "{{model}}"),),
        ),
        Panel(
            "Rebuilds that ended",
            "Within an hour, by outcome.",
            Unit.COUNT,
            (
                Query(
                    "sum by (model, outcome) (increase(feira_rebuild_runs_total[1h]))",
                    "{{model}} {{outcome}}",
                ),
            ),
        ),
        Panel(
            "Queries",
            "Answered queries of read models in a second.",
            Unit.REQUESTS,
            (
                Query(
                    f"sum by (route) (rate(feira_http_request_duration_seconds_count{{{ANALYTICS}}}{RATE}))",
                    "{{route}}",
                ),
            ),
        ),
        Panel(
            "Duration of queries, 95th percentile",
            "The time within which 95 of 100 queries were answered.",
            Unit.SECONDS,
            (Query(quantile("feira_http_request_duration_seconds", 0.95, "route", ANALYTICS), "{{route}}"),),
            ("FeiraLatencyBurnRate",),
        ),
        Panel(
            "Violations",
            "What the last run of feira verify has found, by check.",
            Unit.COUNT,
            (Query("max by (check) (feira_verify_violations)", "{{check}}"),),
            ("FeiraVerifyViolation",),
            is_key=True,
        ),
        Panel(
            "Time since the last verification",
            "Since the last complete run of feira verify.",
            Unit.SECONDS,
            (Query("time() - max(feira_verify_last_success_timestamp_seconds)", "since"),),
            ("FeiraVerifyStale",),
        ),
    ),
)
