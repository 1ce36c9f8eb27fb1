"""Dashboard 2: checkouts from their start to their end, and the calls to the payment gateway."""

from __future__ import annotations

from deploy.observability.dashboards.panel import RATE, Board, Kind, Panel, Query, Unit, quantile, rate

CHECKOUT = 'saga="checkout"'

BOARD = Board(
    uid="feira-checkouts",
    title="Feira 2: checkouts",
    description="Whether purchases end, how, and what they wait for.",
    panels=(
        Panel(
            "Started and ended",
            "Checkouts that were started, and that ended, in a second.",
            Unit.PER_SECOND,
            (
                Query(f"sum(rate(feira_sagas_started_total{{{CHECKOUT}}}{RATE}))", "started"),
                Query(rate("feira_sagas_finished_total", "outcome", CHECKOUT), "{{outcome}}"),
            ),
            ("FeiraCheckoutBurnRate",),
            is_key=True,
        ),
        Panel(
            "Reasons of failure",
            "Checkouts that failed, in a second, by the code that the customer got.",
            Unit.PER_SECOND,
            (
                Query(
                    rate("feira_sagas_finished_total", "reason", f'{CHECKOUT},outcome!="completed"'),
                    "{{reason}}",
                ),
            ),
            ("FeiraCheckoutBurnRate",),
        ),
        Panel(
            "Duration",
            "How many checkouts took how long, with the time in which they waited for their customers.",
            Unit.SECONDS,
            (
                Query(
                    f"sum by (le) (increase(feira_saga_duration_seconds_bucket{{{CHECKOUT}}}{RATE}))",
                    "{{le}}",
                ),
            ),
            ("FeiraCheckoutBurnRate",),
            Kind.HEAT_MAP,
        ),
        Panel(
            "Duration of steps, 95th percentile",
            "The time within which 95 of 100 runs of a step were answered.",
            Unit.SECONDS,
            (Query(quantile("feira_saga_step_duration_seconds", 0.95, "step", CHECKOUT), "{{step}}"),),
            ("FeiraCheckoutBurnRate", "FeiraConsumerLag"),
        ),
        Panel(
            "Open, by state",
            "Checkouts that have not ended.",
            Unit.COUNT,
            (Query(f"max by (state) (feira_sagas_open{{{CHECKOUT}}})", "{{state}}"),),
            ("FeiraSagaStuck",),
            is_key=True,
        ),
        Panel(
            "Oldest open",
            "Age of the oldest checkout that has not ended and is not in the time of a wait.",
            Unit.SECONDS,
            (Query(f"max by (saga) (feira_saga_oldest_open_seconds{{{CHECKOUT}}})", "oldest"),),
            ("FeiraSagaStuck",),
            is_key=True,
        ),
        Panel(
            "Waiting for an operator",
            "Checkouts and refunds that the gateway has refused, lines, reviews and differences.",
            Unit.COUNT,
            (
                Query(f"max by (saga) (feira_sagas_needing_operator{{{CHECKOUT}}})", "checkouts"),
                Query("max by (kind) (feira_attention)", "{{kind}}"),
            ),
            ("FeiraNeedsOperator", "FeiraRefundNeedsOperator", "FeiraAttention"),
            is_key=True,
        ),
        Panel(
            "Compensations",
            "Steps that were undone, in a second.",
            Unit.PER_SECOND,
            (Query(rate("feira_compensations_total", "step", CHECKOUT), "{{step}}"),),
        ),
        Panel(
            "Gateway calls",
            "Calls to the payment gateway in a second; timeout, unknown and failed ones are made again.",
            Unit.PER_SECOND,
            (Query(f"sum by (kind, outcome) (rate(feira_calls_total{RATE}))", "{{kind}} {{outcome}}"),),
            ("FeiraGatewayFailing",),
            is_key=True,
        ),
        Panel(
            "Duration of gateway calls, 95th percentile",
            "The time within which 95 of 100 calls were answered, or given up.",
            Unit.SECONDS,
            (
                Query(
                    quantile("feira_call_duration_seconds", 0.95, "kind", 'service="checkout-saga"'),
                    "{{kind}}",
                ),
            ),
            ("FeiraGatewayFailing",),
        ),
        Panel(
            "Calls that are due",
            "Calls that are due or in progress.",
            Unit.COUNT,
            (Query("max by (service) (feira_calls_pending)", "{{service}}"),),
            ("FeiraGatewayFailing", "FeiraTimersOverdue"),
        ),
    ),
)
