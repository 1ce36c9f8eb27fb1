"""For whom a request by a signed link acts: it has no API key."""

from __future__ import annotations

from fastapi import Request

from kernel.context import Context
from kernel.ids import new_id

ACTOR = "link"


def context_of(tenant: str, request: Request) -> Context:
    return Context(
        tenant=tenant,
        correlation_id=request.state.correlation_id,
        causation_id=str(new_id()),
        actor=ACTOR,
        traceparent=request.state.traceparent,
    )
