"""The figures that every process shows at /metrics."""

from __future__ import annotations

from functools import cache

from prometheus_client import Counter, Gauge, Histogram

from kernel.nonblocking_writer import NonBlockingWriter

HTTP_REQUESTS = Histogram(
    "feira_http_request_seconds",
    "How long requests took",
    ("method", "route", "status"),
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)


@cache
def http_requests(method: str, route: str, status: int) -> Histogram:
    """Those of one kind: there are as many as there are routes, not as many as there are paths."""
    return HTTP_REQUESTS.labels(method, route, str(status))


APPENDED = Counter("feira_log_appended", "Messages written to the log", ("kind",))
RELAY_POSITION = Gauge("feira_relay_position", "Position in the log up to which all is published")
RELAY_LAG = Gauge("feira_relay_lag", "Messages in the log that are not published yet")
CONSUMED = Counter("feira_consumed", "Records taken from Kafka, by how they ended", ("grp", "outcome"))
CONSUMER_LAG = Gauge("feira_consumer_lag", "Records on Kafka not handled yet", ("grp", "topic", "part"))
TIMERS_FIRED = Counter("feira_timers_fired", "Timers that came due and were handled", ("kind",))
CALLS = Counter("feira_calls", "Calls to the outside world, by how they ended", ("kind", "outcome"))
LOG_WRITES_FAILED = Gauge("feira_log_writes_failed", "Writes of the log that failed, as on a full disk")
LOG_WRITES_FAILED.set_function(lambda: NonBlockingWriter.failures)
FORGOTTEN = Counter("feira_forgotten", "Rows that nothing needed any more, and are deleted", ("what",))
LAST_BEAT = Gauge(
    "feira_loop_beat_age_seconds", "How long ago each loop last showed that it lives", ("loop",)
)
