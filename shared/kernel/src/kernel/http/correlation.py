"""The correlation id and the trace of a request: taken from its headers, or made here."""

from __future__ import annotations

import random
import re

from kernel import ids
from kernel.observability import tracing
from kernel.observability.tracing import TRACEPARENT, Span
from kernel.security.card_numbers import holds_card_number

MAX_LENGTH = 128
NOT_RECORDED = "00"
"""The flags of a trace of which nothing is recorded."""
PRINTABLE = re.compile(r"[\x21-\x7e]+")


def correlation_id(header: bytes | None) -> str:
    """The caller's id if it may stand in headers and logs; otherwise a new one."""
    text = (header or b"").decode("latin-1")
    valid = len(text) <= MAX_LENGTH and PRINTABLE.fullmatch(text) and not holds_card_number(text)
    return text if valid else str(ids.new_id())


def traceparent(header: bytes | None) -> str:
    """A new span, within the caller's trace if the header names a valid one."""
    match = TRACEPARENT.fullmatch((header or b"").decode("latin-1"))
    trace_id, _, flags = match.groups() if match else (_hex_digits(32), None, NOT_RECORDED)
    return f"00-{trace_id}-{_hex_digits(16)}-{flags}"


def begin_span(method: str, header: bytes | None) -> Span | None:
    """The span of a request, within the caller's trace or as the first one of its own; None unless the trace
    is recorded."""
    parent = (header or b"").decode("latin-1")
    if TRACEPARENT.fullmatch(parent):
        span = tracing.begin(method, "server", parent) if tracing.is_sampled(parent) else None
    else:
        span = tracing.begin_trace(method, "server")
    return span if span and span.is_recorded else None


def _hex_digits(count: int) -> str:
    """Not secret, and never all zeros."""
    return f"{random.randrange(1, 1 << 4 * count):0{count}x}"  # noqa: S311
