"""The trace of an outbound call: its span, its log lines, and what its requests carry."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from structlog.contextvars import bind_contextvars

from kernel.observability import tracing
from kernel.observability.trace_ids import trace_ids
from kernel.scheduling.timers import DueTimer


@contextmanager
def traced_call(call: DueTimer) -> Iterator[None]:
    """For a task of its own, and so with a context of its own."""
    with tracing.span(
        f"call {call.kind}", "client", call.context.traceparent, attributes={"feira.call.kind": call.kind}
    ) as span:
        bind_contextvars(**trace_ids(span.traceparent))
        tracing.carried.set(span.traceparent)
        yield
