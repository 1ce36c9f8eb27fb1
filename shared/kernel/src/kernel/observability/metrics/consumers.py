"""Metrics of consumers, and of the records that they have parked."""

from __future__ import annotations

from kernel.observability.metrics.declaring import Part, counter, gauge, histogram

RECORDS = counter(
    Part.CONSUMER,
    "feira_consumer_records",
    "Records consumed from Kafka, by outcome: handled, repeated, skipped or parked",
    ("group", "outcome"),
)
LAG_MESSAGES = gauge(
    Part.CONSUMER,
    "feira_consumer_lag_messages",
    "Records in Kafka that the group has not yet handled, for each partition that this process reads. NaN"
    " while the process does not know",
    ("group", "topic", "partition"),
)
LAG_SECONDS = gauge(
    Part.CONSUMER,
    "feira_consumer_lag_seconds",
    "For how long, in seconds, the oldest record that the group has not yet handled has been in Kafka; 0:"
    " there is none. It grows while the process cannot read",
    ("group", "topic", "partition"),
)
BATCH_DURATION = histogram(
    Part.CONSUMER,
    "feira_consumer_batch_duration_seconds",
    "Duration of the handling of a batch, in seconds, with its transaction",
    (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
    ("group",),
)
REBALANCES = counter(
    Part.CONSUMER,
    "feira_consumer_rebalances",
    "Assignments of partitions to this process by Kafka",
    ("group",),
)
PARKED_RECORDS = gauge(
    Part.CONSUMER,
    "feira_parked_records",
    "Parked records that wait for an operator. Read from the database",
    ("group", "reason"),
)
PARKED_OLDEST = gauge(
    Part.CONSUMER,
    "feira_parked_oldest_seconds",
    "Age of the oldest parked record that waits for an operator, in seconds; 0: there is none. Read from the"
    " database",
)
PARKED = counter(Part.CONSUMER, "feira_parked", "Records that this process has parked", ("group", "reason"))
