"""Metrics of a process: its build, event loop, loops, pools of connections, and housekeeping."""

from __future__ import annotations

from kernel.observability.metrics.declaring import Part, counter, gauge, histogram
from kernel.observability.nonblocking_writer import NonBlockingWriter

BUILD_INFO = gauge(
    Part.PROCESS,
    "feira_build_info",
    "1, with the version and the commit of the program",
    ("version", "commit"),
)
EVENT_LOOP_LAG = gauge(
    Part.PROCESS,
    "feira_event_loop_lag_seconds",
    "Longest delay, in seconds, with which the event loop has run a timer of its own in the last 15 seconds",
)
LOOP_STALE = gauge(
    Part.PROCESS,
    "feira_loop_stale",
    "1 if the loop's last heartbeat is longer ago than its limit, so that /livez fails; otherwise 0",
    ("loop",),
)
LAST_BEAT = gauge(
    Part.PROCESS,
    "feira_loop_beat_age_seconds",
    "Seconds since each loop's last heartbeat; 0 for a loop without work",
    ("loop",),
)
GAUGES_AGE = gauge(
    Part.PROCESS,
    "feira_gauges_age_seconds",
    "Seconds since the gauges that are read from the database were read. They keep their values meanwhile",
)
POOL_IN_USE = gauge(
    Part.PROCESS,
    "feira_db_pool_in_use",
    "Connections in use, by pool: writers, or readers on behalf of callers",
    ("pool",),
)
POOL_SIZE = gauge(Part.PROCESS, "feira_db_pool_size", "Largest number of connections of each pool", ("pool",))
POOL_WAIT = histogram(
    Part.PROCESS,
    "feira_db_pool_wait_seconds",
    "Wait for a free connection of each pool, in seconds",
    (0.0001, 0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
    ("pool",),
)
FORGOTTEN = counter(Part.PROCESS, "feira_forgotten", "Rows deleted by retention", ("what",))
LOG_WRITES_FAILED = gauge(
    Part.PROCESS,
    "feira_log_writes_failed",
    "Failed writes of lines of the program's log, for example on a full disk",
)
LOG_WRITES_FAILED.set_function(lambda: NonBlockingWriter.failures)
