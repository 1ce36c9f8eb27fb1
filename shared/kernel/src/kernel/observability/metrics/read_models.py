"""Metrics of read models, and of what ``feira verify`` has found."""

from __future__ import annotations

from kernel.observability.metrics.declaring import Part, counter, gauge

LAG = gauge(
    Part.READ_MODELS,
    "feira_read_model_lag_seconds",
    "How long, in seconds, the oldest record that the read model lacks has been in Kafka; 0: it lacks none",
    ("model",),
)
REBUILD_RUNS = counter(
    Part.READ_MODELS,
    "feira_rebuild_runs",
    "Rebuilds of read models that have ended in this process, by outcome",
    ("model", "outcome"),
)
VERSION = gauge(
    Part.READ_MODELS,
    "feira_read_model_version",
    "Version of the tables of the read model. Read from the database",
    ("model",),
)
VIOLATIONS = gauge(
    Part.VERIFY,
    "feira_verify_violations",
    "Violations that the last complete run of feira verify has found",
    ("check",),
)
VERIFIED_AT = gauge(
    Part.VERIFY,
    "feira_verify_last_success_timestamp_seconds",
    "Time of the last complete run of feira verify, in seconds since 1970",
)
