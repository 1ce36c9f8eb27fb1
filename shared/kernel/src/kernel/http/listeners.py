"""What a process answers on its two listeners, and how it says that it is about to end.

The admin listener serves probes and metrics and nothing else, so that a network rule can part them from what
the public listener serves. Where it is set, the public listener has no metrics.
"""

from __future__ import annotations

from starlette.responses import JSONResponse, PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

METRICS, READY = "/metrics", "/readyz"
ADMIN_PATHS = frozenset({"/livez", READY, METRICS})
STOPPING = JSONResponse({"status": "waiting", "missing": ["stopping"]}, 503)
NOT_HERE = PlainTextResponse("This listener does not serve this path.\n", 404)


class Listeners:
    """The application behind both listeners. ``draining``: the process accepts requests, is not ready, and
    asks the callers of each response to connect again elsewhere."""

    draining = False

    def __init__(self, app: ASGIApp, admin_port: int | None = None) -> None:
        self._app = app
        self._admin_port = admin_port

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._admin_port is not None:
            is_admin = scope["server"][1] == self._admin_port
            if scope["path"] not in ADMIN_PATHS if is_admin else scope["path"] == METRICS:
                return await NOT_HERE(scope, receive, send)
        if self.draining:
            if scope["path"] == READY:
                return await STOPPING(scope, receive, send)
            send = _closing(send)
        return await self._app(scope, receive, send)


def _closing(send: Send) -> Send:
    """Ends the connection with the response: a caller that keeps it would lose its next request."""

    # failpoint: none needed (response)
    async def closing(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", ()), (b"connection", b"close")]}
        await send(message)

    return closing
