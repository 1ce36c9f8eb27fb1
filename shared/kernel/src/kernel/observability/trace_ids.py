"""The trace and the span in log lines, taken from a ``traceparent`` of W3C Trace Context."""

from __future__ import annotations

PARTS = 4


def trace_ids(traceparent: str | None) -> dict[str, str]:
    """The fields ``trace_id`` and ``span_id``; none without a trace."""
    parts = (traceparent or "").split("-")
    return {"trace_id": parts[1], "span_id": parts[2]} if len(parts) == PARTS else {}
