"""Dashboard 1: rate, errors and duration of requests, and what is left of the error budgets."""

from __future__ import annotations

from deploy.observability.dashboards.panel import (
    RATE,
    SERVICE,
    Board,
    Kind,
    Panel,
    Query,
    Unit,
    quantile,
    rate,
)

REQUESTS = "feira_http_request_duration_seconds"
PUBLIC = f'{SERVICE},route=~"/v1/.+"'
FAILED = f'{PUBLIC},code=~"5.."'

BOARD = Board(
    uid="feira-golden-signals",
    title="Feira 1: golden signals",
    description="Whether customers are served, and how long the error budgets last.",
    panels=(
        Panel(
            "Error budget left",
            "The share of the error budget of the last 30 days that is left; below 0 it is overspent.",
            Unit.SHARE,
            (Query("min by (slo) (feira:slo_budget_left:ratio)", "{{slo}}"),),
            (
                "FeiraAvailabilityBurnRate",
                "FeiraLatencyBurnRate",
                "FeiraCheckoutBurnRate",
                "FeiraFreshnessBurnRate",
                "FeiraReadModelBurnRate",
            ),
            Kind.NUMBER,
            width=24,
        ),
        Panel(
            "Requests",
            "Answered requests of /v1 in a second.",
            Unit.REQUESTS,
            (Query(rate(f"{REQUESTS}_count", "service", PUBLIC), "{{service}}"),),
            ("FeiraServiceDown", "FeiraAbsent", "FeiraTargetDown"),
            is_key=True,
        ),
        Panel(
            "Errors",
            "The share of requests that were answered with 5xx.",
            Unit.SHARE,
            (
                Query(
                    f"({rate(f'{REQUESTS}_count', 'service', FAILED)}"
                    f" or 0 * {rate(f'{REQUESTS}_count', 'service', PUBLIC)})"
                    f" / ({rate(f'{REQUESTS}_count', 'service', PUBLIC)} > 0)",
                    "{{service}}",
                ),
            ),
            ("FeiraErrorRate", "FeiraAvailabilityBurnRate"),
            is_key=True,
        ),
        Panel(
            "Duration, 99th percentile",
            "99 of 100 requests were answered within this time. Held requests are left out.",
            Unit.SECONDS,
            (Query(quantile(REQUESTS, 0.99, "service", PUBLIC), "{{service}}"),),
            ("FeiraLatencyBurnRate",),
            is_key=True,
        ),
        Panel(
            "Duration by route, 95th percentile",
            "The slowest routes, by the time within which 95 of 100 requests were answered.",
            Unit.SECONDS,
            (
                Query(
                    f"topk(10, {quantile(REQUESTS, 0.95, 'service, route', PUBLIC)})", "{{service}} {{route}}"
                ),
            ),
            ("FeiraLatencyBurnRate",),
        ),
        Panel(
            "Responses by code",
            "Responses in a second, by status code.",
            Unit.REQUESTS,
            (Query(rate(f"{REQUESTS}_count", "service, code", PUBLIC), "{{service}} {{code}}"),),
            ("FeiraErrorRate",),
        ),
        Panel(
            "Requests in progress",
            "Requests that are being worked on, without long polls and event streams.",
            Unit.COUNT,
            (Query(f"sum by (service) (feira_http_requests_in_flight{{{SERVICE}}})", "{{service}}"),),
            ("FeiraLatencyBurnRate", "FeiraPoolExhausted"),
        ),
        Panel(
            "Held requests",
            "Long polls and event streams that have ended, in a second.",
            Unit.REQUESTS,
            (Query(rate("feira_http_held_seconds_count", "service, route"), "{{service}} {{route}}"),),
        ),
        Panel(
            "Refused by a rate limit",
            "Requests in a second that were refused with 429, by the limit that they exceeded.",
            Unit.REQUESTS,
            (
                Query(
                    f"sum by (service, limit) (rate(feira_rate_limited_total{{{SERVICE}}}{RATE}))",
                    "{{service}} {{limit}}",
                ),
            ),
        ),
    ),
)
