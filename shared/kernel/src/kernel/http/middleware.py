"""Middleware of every request: correlation id, limits, one log line, metrics."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from types import MappingProxyType
from urllib.parse import parse_qsl, unquote_to_bytes

import structlog
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bind_contextvars, clear_contextvars

from kernel.http.correlation import begin_span, correlation_id, traceparent
from kernel.http.problems import REPEATED, Problem, card_number, invalid, respond
from kernel.http.request_meter import RequestMeter
from kernel.observability import tracing
from kernel.observability.logging import log_fast
from kernel.observability.trace_ids import trace_ids
from kernel.observability.tracing import Span
from kernel.parsing import MAX_JSON_BYTES
from kernel.security.card_numbers import holds_card_number

log = structlog.get_logger()

BODY_SECONDS = 10.0
PROBE_PATHS = frozenset({"/livez", "/readyz", "/metrics"})
CLIENT_DISCONNECTED = 499
"""The status in log and metrics of a request whose caller left before the response."""
SINGLE_HEADERS = (b"authorization", b"content-type", b"content-encoding", b"feira-occurred-at")
"""Headers that may not be repeated: some readers would use the first, others the last value."""
STORED_HEADERS = (b"idempotency-key", b"x-correlation-id")
"""Headers that are stored or logged as the caller wrote them."""
JSON = ("application/json",)
NO_MEDIA_TYPES: Mapping[str, Collection[str]] = MappingProxyType({})
METHODS_WITH_BODY = frozenset({"POST", "PUT", "PATCH", "DELETE"})


class RequestLogging:
    """Sets the correlation id, logs and measures how the request ended, and responds 500 to a defect."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        meter = RequestMeter()
        headers = dict(scope["headers"])
        state = scope.setdefault("state", {})
        state["correlation_id"] = correlation_id(headers.get(b"x-correlation-id"))
        parent = headers.get(b"traceparent")
        span = None
        if tracing.active and scope["path"] not in PROBE_PATHS:
            span = begin_span(scope["method"], parent)
        state["traceparent"] = span.traceparent if span else traceparent(parent)
        clear_contextvars()
        bind_contextvars(correlation_id=state["correlation_id"], **trace_ids(state["traceparent"]))
        status = 0

        # failpoint: none needed (response)
        async def send_with_ids(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [
                    *message.get("headers", ()),
                    (b"x-correlation-id", state["correlation_id"].encode()),
                    (b"traceparent", state["traceparent"].encode()),
                ]
            await send(message)

        try:
            await self.app(scope, receive, send_with_ids)
        except Exception:
            log.exception("request_failed", method=scope["method"], path=_route(scope))
            if status == 0:
                request = Request(scope)
                await respond(request, INTERNAL)(scope, receive, send_with_ids)
        finally:
            self._record(scope, status or CLIENT_DISCONNECTED, meter)
            if span:
                _end_span(span, scope, status or CLIENT_DISCONNECTED)

    @staticmethod
    def _record(scope: Scope, status: int, meter: RequestMeter) -> None:
        method, route = scope["method"], _route(scope)
        seconds = meter.end(method, route, status)
        if route not in PROBE_PATHS:
            log_fast("request", method=method, route=route, status=status, ms=round(seconds * 1000, 2))


def _end_span(span: Span, scope: Scope, status: int) -> None:
    method, route = scope["method"], _route(scope)
    span.describe(
        f"{method} {route}",
        {"http.request.method": method, "http.route": route, "http.response.status_code": status},
    )
    if status >= 500:
        span.fail(str(status))
    span.end()


class RequestLimits:
    """Refuses what no route should have to handle: bad headers; bodies too large, too slow or not JSON.

    ``media_types``: start of a path -> what its bodies are in place of JSON.
    """

    def __init__(
        self,
        app: ASGIApp,
        body_seconds: float = BODY_SECONDS,
        media_types: Mapping[str, Collection[str]] = NO_MEDIA_TYPES,
    ) -> None:
        self.app = app
        self._body_seconds = body_seconds
        self._media_types = media_types

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        problem = _find_problem(scope, self._media_types)
        if problem:
            await respond(Request(scope), problem)(scope, receive, send)
            return
        await self.app(scope, self._limited(receive), send)

    def _limited(self, receive: Receive) -> Receive:
        """Limits size and time of the body. After the body, waiting for a disconnect has no time limit."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._body_seconds
        size, is_complete = 0, False

        async def receive_limited() -> Message:
            nonlocal size, is_complete
            if is_complete:
                return await receive()
            try:
                async with asyncio.timeout_at(deadline):
                    message = await receive()
            except TimeoutError:
                raise _too_slow() from None
            size += len(message.get("body", b""))
            is_complete = not message.get("more_body", False)
            if size > MAX_JSON_BYTES:
                raise _too_large()
            return message

        return receive_limited


def _find_problem(scope: Scope, media_types: Mapping[str, Collection[str]]) -> Problem | None:
    if not _is_text(scope.get("raw_path") or scope["path"].encode()):
        return Problem(404, "NOT_FOUND", "There is nothing at this path.")
    if not _is_text(scope["query_string"]):
        return invalid("The query must be UTF-8 without NUL characters.", "", "query")
    headers = dict(reversed(scope["headers"]))  # of a repeated header the first value counts
    if len(headers) < len(scope["headers"]):
        names = [name for name, _ in scope["headers"]]
        for name in SINGLE_HEADERS:
            if names.count(name) > 1:
                return invalid(REPEATED, f"/{name.decode()}", "header")
    for name in STORED_HEADERS:
        if holds_card_number(headers.get(name, b"").decode("latin-1")):
            return card_number(f"/{name.decode()}", "header")
    for parameter, value in parse_qsl(scope["query_string"].decode("latin-1")):
        if holds_card_number(value) or holds_card_number(parameter):
            return card_number("" if holds_card_number(parameter) else f"/{parameter}", "query")
    length = headers.get(b"content-length", b"")
    if length.isdigit() and int(length[:20]) > MAX_JSON_BYTES:
        return _too_large()
    has_body = length not in {b"", b"0"} or b"transfer-encoding" in headers
    if scope["method"] in METHODS_WITH_BODY and has_body and not _is_json(headers):
        return None if _is_one_of(headers, _accepted(scope["path"], media_types)) else NOT_JSON
    return None


def _too_large() -> Problem:
    return Problem(
        413, "PAYLOAD_TOO_LARGE", f"The request body is larger than {MAX_JSON_BYTES} bytes.", headers=CLOSE
    )


def _too_slow() -> Problem:
    return Problem(408, "REQUEST_TIMEOUT", "The request body did not arrive in time.", headers=CLOSE)


def _is_json(headers: Mapping[bytes, bytes]) -> bool:
    return _is_one_of(headers, JSON)


def _accepted(path: str, media_types: Mapping[str, Collection[str]]) -> Collection[str]:
    return next((types for start, types in media_types.items() if path.startswith(start)), ())


def _is_one_of(headers: Mapping[bytes, bytes], media_types: Collection[str]) -> bool:
    media_type, _, parameters = headers.get(b"content-type", b"").lower().partition(b";")
    charset = parameters.replace(b" ", b"").replace(b'"', b"")
    is_plain = headers.get(b"content-encoding", b"identity").lower() == b"identity"
    return (
        is_plain
        and media_type.strip().decode("latin-1") in media_types
        and charset in {b"", b"charset=utf-8"}
    )


def _is_text(quoted: bytes) -> bool:
    raw = unquote_to_bytes(quoted) if b"%" in quoted else quoted
    try:
        return "\0" not in raw.decode()
    except UnicodeDecodeError:
        return False


def _route(scope: Scope) -> str:
    return getattr(scope.get("route"), "path", "unmatched")


CLOSE = {"Connection": "close"}
NOT_JSON = Problem(415, "UNSUPPORTED_MEDIA_TYPE", "The request body must be application/json in UTF-8.")
INTERNAL = Problem(500, "INTERNAL_ERROR", "The service failed because of a defect, which has been logged.")
