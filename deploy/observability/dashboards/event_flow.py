"""Dashboard 3: the way of facts and commands from the log over Kafka to their consumers."""

from __future__ import annotations

from deploy.observability.dashboards.panel import SERVICE, Board, Panel, Query, Unit, newest, quantile, rate

BOARD = Board(
    uid="feira-event-flow",
    title="Feira 3: event flow",
    description="Whether what is recorded arrives, and where it waits.",
    panels=(
        Panel(
            "Appended",
            "Facts and commands that were appended to the logs, in a second.",
            Unit.PER_SECOND,
            (Query(rate("feira_log_appended_total", "service, kind"), "{{service}} {{kind}}"),),
        ),
        Panel(
            "Published",
            "Messages that Kafka has acknowledged, in a second.",
            Unit.PER_SECOND,
            (Query(rate("feira_relay_published_total", "topic"), "{{topic}}"),),
            ("FeiraOutboxStuck", "FeiraKafkaDown"),
        ),
        Panel(
            "Oldest unpublished message",
            "How long the oldest message that is not in Kafka has waited for the relay.",
            Unit.SECONDS,
            (Query(newest("feira_outbox_oldest_unpublished_seconds", "service"), "{{service}}"),),
            ("FeiraOutboxStuck", "FeiraFreshnessBurnRate"),
            is_key=True,
        ),
        Panel(
            "Unpublished messages",
            "Messages in the logs that are not in Kafka.",
            Unit.COUNT,
            (Query(newest("feira_outbox_unpublished_messages", "service"), "{{service}}"),),
            ("FeiraOutboxStuck",),
        ),
        Panel(
            "Leading relays",
            "One for each service; 0 while a new one takes over.",
            Unit.COUNT,
            (Query(f"sum by (service) (feira_relay_leader{{{SERVICE}}})", "{{service}}"),),
            ("FeiraNoRelayLeader",),
        ),
        Panel(
            "Relay restarts",
            "Runs of the relay that ended by an error, in a second, by reason.",
            Unit.PER_SECOND,
            (Query(rate("feira_relay_restarts_total", "service, reason"), "{{service}} {{reason}}"),),
            ("FeiraKafkaDown", "FeiraNoRelayLeader"),
        ),
        Panel(
            "Generation",
            "Rises when a relay publishes its log again, since Kafka had lost records.",
            Unit.COUNT,
            (Query(newest("feira_relay_generation", "service"), "{{service}}"),),
            ("FeiraGenerationRaised",),
        ),
        Panel(
            "Topics ahead of their log",
            "1: a topic holds facts that the database lacks, since it was brought back to an earlier moment.",
            Unit.YES_NO,
            (Query(newest("feira_relay_topics_ahead", "service"), "{{service}}"),),
            ("FeiraTopicsAheadOfLog",),
        ),
        Panel(
            "Lag of groups",
            "How long the oldest record that a group has not handled has been in Kafka.",
            Unit.SECONDS,
            (Query(newest("feira_consumer_lag_seconds", "service, group"), "{{group}}"),),
            ("FeiraConsumerLag", "FeiraFreshnessBurnRate"),
            is_key=True,
        ),
        Panel(
            "Lag by partition",
            "Records that a group has not handled, by partition.",
            Unit.COUNT,
            (
                Query(
                    newest("feira_consumer_lag_messages", "group, topic, partition"),
                    "{{group}} {{topic}}/{{partition}}",
                ),
            ),
            ("FeiraConsumerLag",),
        ),
        Panel(
            "Handled records",
            "Records that the groups have read, in a second, by what became of them.",
            Unit.PER_SECOND,
            (Query(rate("feira_consumer_records_total", "group, outcome"), "{{group}} {{outcome}}"),),
            ("FeiraConsumerLag",),
        ),
        Panel(
            "Duration of batches, 95th percentile",
            "The time within which 95 of 100 batches were handled and stored.",
            Unit.SECONDS,
            (Query(quantile("feira_consumer_batch_duration_seconds", 0.95, "group"), "{{group}}"),),
            ("FeiraConsumerLag",),
        ),
        Panel(
            "Rebalances",
            "Assignments of partitions to processes, in a second.",
            Unit.PER_SECOND,
            (Query(rate("feira_consumer_rebalances_total", "group"), "{{group}}"),),
        ),
        Panel(
            "Parked records",
            "Records that wait for an operator, by the group that could not handle them and the reason.",
            Unit.COUNT,
            (Query(newest("feira_parked_records", "service, group, reason"), "{{group}} {{reason}}"),),
            ("FeiraParked", "FeiraParkedGrows"),
            is_key=True,
        ),
    ),
)
