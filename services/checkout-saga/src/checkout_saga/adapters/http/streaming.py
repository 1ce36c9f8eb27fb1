"""Server-sent events: https://html.spec.whatwg.org/multipage/server-sent-events.html."""

from __future__ import annotations

from collections.abc import AsyncIterator

from checkout_saga.adapters.http.views import CheckoutView


async def as_events(first: CheckoutView, more: AsyncIterator[CheckoutView | None]) -> AsyncIterator[str]:
    yield _event(first)
    async for state in more:
        if state is not None:
            yield _event(state)


def _event(state: CheckoutView) -> str:
    return f"id: {state.version}\nevent: checkout\ndata: {state.model_dump_json()}\n\n"
