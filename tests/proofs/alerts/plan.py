"""The faults, in the order in which they are injected: each with the alerts that belong to it."""

from __future__ import annotations

from contracts.topology import PUBLISHERS
from tests.proofs.alerts.faults import (
    course_bought_twice,
    dead_gateway,
    dead_kafka,
    failing_requests,
    foreign_records,
    killed_service,
    locked_log,
    missing_target,
    no_leader,
    nothing,
    refund_by_hand,
    silent_gateway,
    stopped_postgres,
    stuck_loops,
    topics_ahead,
    waiting_customers,
    wrong_books,
)
from tests.proofs.alerts.world import Expected, Fault


def on(service: str, *alerts: str) -> tuple[Expected, ...]:
    return tuple(Expected(it, {"service": service}) for it in alerts)


STUCK_LOOPS = Fault(
    "a relay, a consumer, a lane and timers hang",
    stuck_loops,
    (
        Expected("FeiraOutboxStuck"),
        Expected("FeiraFreshnessBurnRate"),
        Expected("FeiraConsumerLag"),
        *on("cart", "FeiraTimersOverdue"),
        Expected("FeiraReadModelBurnRate"),
        Expected("FeiraLoopStale"),
    ),
)
SILENT_GATEWAY = Fault(
    "the gateway answers no call of one checkout",
    silent_gateway,
    (Expected("FeiraNeedsOperator"),),
    meanwhile=STUCK_LOOPS,
)
FAULTS = (
    # burn rates look back: those that other faults would cause as well come first
    Fault(
        "customers take more than a minute to act",
        waiting_customers,
        (Expected("FeiraSagaStuck"),),
        meanwhile=SILENT_GATEWAY,
    ),
    Fault("those customers have acted", nothing, (Expected("FeiraCheckoutBurnRate"),)),
    Fault(
        "half of the commands fail, appends are slow",
        failing_requests,
        (
            *on("cart", "FeiraErrorRate"),
            Expected("FeiraAvailabilityBurnRate"),
            Expected("FeiraLatencyBurnRate"),
        ),
    ),
    Fault(
        "a record that no consumer can read, 14 times",
        foreign_records,
        on("cart", "FeiraParked", "FeiraParkedGrows"),
    ),
    Fault("a refund is for people to pay back", refund_by_hand, (Expected("FeiraRefundNeedsOperator"),)),
    Fault(
        "a line is for people to hand over",
        course_bought_twice,
        (Expected("FeiraAttention", {"kind": "fulfillment"}),),
    ),
    Fault(
        "a service is killed again and again",
        killed_service,
        on("cart", "FeiraServiceDown", "FeiraTargetDown"),
    ),
    Fault("a service is missing from the targets", missing_target, on("offer", "FeiraAbsent")),
    Fault("a lock uses up all connections", locked_log, on("cart", "FeiraPoolExhausted")),
    Fault(
        "PostgreSQL is stopped",
        stopped_postgres,
        tuple(it for service in PUBLISHERS for it in on(service, "FeiraDatabaseDown")),
    ),
    Fault("no relay leads", no_leader, on("cart", "FeiraNoRelayLeader")),
    Fault("the gateway is killed again and again", dead_gateway, (Expected("FeiraGatewayFailing"),)),
    Fault("Kafka is killed again and again", dead_kafka, (Expected("FeiraKafkaDown"),), then_calm=False),
    Fault("Kafka has come back without its data", nothing, (Expected("FeiraGenerationRaised"),)),
    Fault("a verification finds a violation", wrong_books, (Expected("FeiraVerifyViolation"),)),
    Fault(
        "a topic holds a fact that its log lacks",
        topics_ahead,
        on("offer", "FeiraTopicsAheadOfLog"),
        then_calm=False,
    ),
)
