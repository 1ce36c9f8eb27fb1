"""Metrics of HTTP requests: rate, errors, duration."""

from __future__ import annotations

from kernel.observability.metrics.declaring import Part, counter, gauge, histogram

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
"""Seconds."""
HELD_BUCKETS = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 300, 3600)
"""Seconds; a stream of events lasts longest."""

DURATION = histogram(
    Part.PROCESS,
    "feira_http_request_duration_seconds",
    "Duration of HTTP requests, in seconds, without those that were held open until something happened",
    BUCKETS,
    ("method", "route", "code"),
)
HELD = histogram(
    Part.PROCESS,
    "feira_http_held_seconds",
    "Duration, in seconds, of HTTP requests that were held open until something happened: long polls and"
    " streams of events. They are in no other duration",
    HELD_BUCKETS,
    ("method", "route", "code"),
)
IN_FLIGHT = gauge(
    Part.PROCESS, "feira_http_requests_in_flight", "HTTP requests in progress that are not held open"
)
RATE_LIMITED = counter(
    Part.PROCESS,
    "feira_rate_limited",
    "HTTP requests that were refused with 429, by the limit that they exceeded",
    ("limit",),
)
OLD_DURATION = histogram(
    Part.PROCESS,
    "feira_http_request_seconds",
    "The former name of feira_http_request_duration_seconds, with held requests and the label status."
    " Deprecated: the next release no longer has it",
    BUCKETS,
    ("method", "route", "status"),
)
