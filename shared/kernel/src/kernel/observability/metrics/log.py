"""Metrics of the log: what is appended, and what its relay publishes."""

from __future__ import annotations

from kernel.observability.metrics.declaring import Part, counter, gauge, histogram

APPENDED = counter(
    Part.LOG, "feira_log_appended", "Messages appended to the log, by kind: fact or command", ("kind",)
)
APPEND_DURATION = histogram(
    Part.LOG,
    "feira_append_duration_seconds",
    "Duration of group commits, in seconds: the transaction that stores a batch of units of work",
    (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
APPEND_BATCH = histogram(
    Part.LOG,
    "feira_append_batch_messages",
    "Messages that one group commit has appended",
    (0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000),
)
APPEND_CONFLICTS = counter(
    Part.LOG,
    "feira_append_conflicts",
    "Units of work that were not stored since another writer was first, by what they had in common: version,"
    " claim or idempotency_key",
    ("by",),
)
SNAPSHOTS = counter(Part.LOG, "feira_snapshots", "Snapshots of aggregates that were stored")

UNPUBLISHED = gauge(
    Part.LOG,
    "feira_outbox_unpublished_messages",
    "Messages in the log that are not yet published to Kafka. Read from the database",
)
OLDEST_UNPUBLISHED = gauge(
    Part.LOG,
    "feira_outbox_oldest_unpublished_seconds",
    "Age of the oldest message that is not yet published, in seconds; 0: none is. Read from the database",
)
RELAY_GENERATION = gauge(
    Part.LOG,
    "feira_relay_generation",
    "How often the relay has started again from the beginning of the log, since Kafka had lost records. Read"
    " from the database",
)
RELAY_LEADER = gauge(
    Part.LOG, "feira_relay_leader", "1 while the relay of this process publishes the log, otherwise 0"
)
RELAY_PUBLISHED = counter(
    Part.LOG, "feira_relay_published", "Messages that Kafka has acknowledged, by topic", ("topic",)
)
RELAY_RESTARTS = counter(
    Part.LOG,
    "feira_relay_restarts",
    "Runs of the relay that have ended by an error, by reason: fenced (another relay leads),"
    " broker_data_lost, kafka, database, or other",
    ("reason",),
)
RELAY_TOPICS_AHEAD = gauge(
    Part.LOG,
    "feira_relay_topics_ahead",
    "1 while a topic holds messages of this service that its log does not have, so that the relay does not"
    " publish; otherwise 0",
)
