"""Metrics that every process exposes at /metrics."""

from __future__ import annotations

from functools import cache

from prometheus_client import Counter, Gauge, Histogram

from kernel.observability.nonblocking_writer import NonBlockingWriter

HTTP_REQUESTS = Histogram(
    "feira_http_request_seconds",
    "Duration of HTTP requests, in seconds",
    ("method", "route", "status"),
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)


@cache
def http_requests(method: str, route: str, status: int) -> Histogram:
    """The child of one label set: labelled by route, not by path, so that their number is bounded."""
    return HTTP_REQUESTS.labels(method, route, str(status))


APPENDED = Counter("feira_log_appended", "Messages appended to the log", ("kind",))
RELAY_POSITION = Gauge("feira_relay_position", "Position in the log up to which everything is published")
RELAY_LAG = Gauge("feira_relay_lag", "Messages in the log that are not yet published")
CONSUMED = Counter("feira_consumed", "Records consumed from Kafka, by outcome", ("grp", "outcome"))
CONSUMER_LAG = Gauge(
    "feira_consumer_lag", "Records in Kafka that are not yet handled", ("grp", "topic", "part")
)
TIMERS_FIRED = Counter("feira_timers_fired", "Timers that came due and were handled", ("kind",))
CALLS = Counter("feira_calls", "Outbound calls, by outcome", ("kind", "outcome"))
LOG_WRITES_FAILED = Gauge(
    "feira_log_writes_failed", "Failed writes to the log file, for example on a full disk"
)
LOG_WRITES_FAILED.set_function(lambda: NonBlockingWriter.failures)
SNAPSHOTS = Counter("feira_snapshots", "Snapshots of aggregates that were stored")
FORGOTTEN = Counter("feira_forgotten", "Rows deleted by retention", ("what",))
LAST_BEAT = Gauge("feira_loop_beat_age_seconds", "Seconds since each loop's last heartbeat", ("loop",))
