"""Metrics of read models, of statistical models, and of what ``feira verify`` has found."""

from __future__ import annotations

from kernel.observability.metrics.declaring import Part, counter, gauge, histogram

LAG = gauge(
    Part.READ_MODELS,
    "feira_read_model_lag_seconds",
    "How long, in seconds, the oldest record that the read model lacks has been in Kafka; 0: it lacks"
    " none; NaN: this process reads none of its partitions",
    ("model",),
)
REBUILD_RUNS = counter(
    Part.READ_MODELS,
    "feira_rebuild_runs",
    "Rebuilds of read models that this process has started and that have ended, by outcome:"
    " completed, failed, or interrupted (another worker takes the run over)",
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
MODEL_RUNS = counter(
    Part.MODELS,
    "feira_model_runs",
    "Runs of statistical models that this process has ended, by state: done, too_few or failed",
    ("model", "state"),
)
REPORT_MAILS = counter(
    Part.MODELS,
    "feira_report_mails",
    "Mails of reports, by outcome of an attempt: sent, retried (the server has not taken it, or not"
    " answered), or failed (it is not tried again)",
    ("outcome",),
)
MODEL_RUN_SECONDS = histogram(
    Part.MODELS,
    "feira_model_run_seconds",
    "How long a run of a statistical model took, with reading its input and storing its results",
    (0.1, 0.5, 1, 5, 15, 60, 300, 900),
    ("model",),
)
