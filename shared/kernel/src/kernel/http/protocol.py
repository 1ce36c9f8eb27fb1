"""Limits of a connection: size of heads and bodies, and how much is read ahead of the current request.

uvicorn's protocol does the work, but reads pipelined requests without limit, and takes trailers for headers.
"""

from __future__ import annotations

import asyncio

import httptools
from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from kernel.http.deadlines import ANSWER, BODY, HEAD, REQUEST, Limits, TimedProtocol
from kernel.http.reading import HeldFlow, Room, body_parser
from kernel.http.request_heads import BadRequest, check_head
from kernel.parsing import MAX_JSON_BYTES

MAX_HEADER_BYTES = 64 * 1024
MAX_HEADERS = 100
MAX_REQUEST_BYTES = 2 * MAX_JSON_BYTES
"""Includes what the application never sees: the framing of chunks, and a body that is not read."""
SMALL_BODY_BYTES = 64 * 1024
MAX_LARGE_BODY_BYTES = 32 * MAX_JSON_BYTES
"""In all connections together: callers without a key may send large bodies, too."""
LINGER_SECONDS = 2.0
HEAD_END = b"\r\n\r\n"
TOO_LARGE = BadRequest(431, "The request header is too large.")
NO_ROOM = BadRequest(503, "Too many large request bodies at the same time.")


class LimitedProtocol(TimedProtocol):
    """Parses no further than the next request: later ones stay unparsed, and reading is paused."""

    flow: HeldFlow
    room: Room
    _reserved = 0
    """Bytes of this connection in ``room``."""
    _unread: bytes = b""
    _parsed = 0
    """How many bytes of ``_unread`` have been parsed."""
    _body_bytes = 0
    _request_bytes = 0
    _idle_bytes = 0
    """Bytes since the last one that belonged to a head or a body."""
    _unused = 0
    """Bytes of the current piece that belong neither to a head nor to a body."""
    _framing: bytes | None = None
    _running: RequestResponseCycle | None = None
    _refusal: BadRequest | None = None
    _is_ending = False
    """Nothing more is parsed."""
    _has_refused = False
    """The refusal has been written."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(transport)
        self.flow = HeldFlow(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if self._running:
            # uvicorn signals the disconnect only to the last of several pipelined requests
            self._running.disconnected = True
            self._running.message_event.set()
        self.pipeline.clear()
        self._release_room()
        self._unread = b""

    def data_received(self, data: bytes) -> None:
        if self._has_refused:
            self._request_bytes += len(data)
            if self._request_bytes > MAX_REQUEST_BYTES:
                self.transport.abort()
            return
        self._unread = self._unread[self._parsed :] + data if self._unread else data
        self._parsed = 0
        self._read_on()

    def _read_on(self) -> None:
        """Parse until a request has to wait for the response to the one before it."""
        data = self._unread
        while self._parsed < len(data) and not self.pipeline and not self._is_ending:
            first = data.find(HEAD_END, self._parsed)
            second = data.find(HEAD_END, first + 4) if first >= 0 else -1
            begin, self._parsed = self._parsed, len(data) if second < 0 else first + 4
            self._parse(data[begin : self._parsed])
        if self._parsed == len(data):
            self._unread = b""
        if (self._unread or self.pipeline or self._is_ending) and not self._has_refused:
            self.flow.held = True
            self.flow.pause_reading()

    def _parse(self, piece: bytes) -> None:
        self._request_bytes += len(piece)
        self._idle_bytes += len(piece)
        self._unused = len(piece)
        try:
            self.parser.feed_data(piece)
        except httptools.HttpParserUpgrade as stop:
            self._ignore_upgrade(piece[stop.args[0] :])
        except httptools.HttpParserError as error:
            cause = error.__context__
            self._refuse(cause if isinstance(cause, BadRequest) else BadRequest(400, "Bad request."))
        if self._idle_bytes > MAX_HEADER_BYTES:
            self._refuse(TOO_LARGE)
        elif self._request_bytes > MAX_REQUEST_BYTES:
            self._is_ending = True
            self.transport.close()

    def _ignore_upgrade(self, rest: bytes) -> None:
        """Allowed by RFC 9110, 7.8. The parser would take a body for data of the other protocol, so a new
        parser reads the body."""
        if self._framing:
            self.cycle.keep_alive = False
            self.parser = body_parser(self, self._framing)
        if rest:
            self._parse(rest)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._body_bytes = 0
        self._request_bytes = self._idle_bytes = self._unused
        if self._phase is not HEAD:
            self._wait_for(HEAD)

    def on_header(self, name: bytes, value: bytes) -> None:
        # trailers must not be merged into headers: RFC 9110, 6.5.1
        if self._phase is HEAD:
            self.headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        size = len(self.url) + sum([len(name) + len(value) for name, value in self.headers])
        if size > MAX_HEADER_BYTES or len(self.headers) > MAX_HEADERS:
            raise TOO_LARGE
        version, method = self.parser.get_http_version(), self.parser.get_method()
        self._framing, self.expect_100_continue = check_head(version, method, self.url, self.headers)
        super().on_headers_complete()
        self._unused -= size
        self._wait_for(BODY)

    def on_body(self, body: bytes) -> None:
        self._idle_bytes = 0
        self._unused -= len(body)
        self._body_bytes += len(body)
        if self._body_bytes > SMALL_BODY_BYTES and not self.cycle.response_complete:
            self._reserved += len(body)
            self.room.taken += len(body)
            if self.room.taken > MAX_LARGE_BODY_BYTES:
                raise NO_ROOM
        super().on_body(body)

    def _release_room(self) -> None:
        self.room.taken -= self._reserved
        self._reserved = 0

    def on_message_complete(self) -> None:
        if self._framing and self.parser.should_upgrade():
            return
        super().on_message_complete()
        self._wait_for(REQUEST if self.cycle.response_complete else ANSWER)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        self._running = cycle
        super()._start_asgi_task(cycle, app)

    def on_response_complete(self) -> None:
        self.server_state.total_requests += 1
        self._running = None
        if self._reserved:
            self._release_room()
        if self.transport.is_closing():
            return
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())
        elif self._refusal:
            self._write_refusal(self._refusal)
            return
        elif self._phase is ANSWER:
            self._phase = REQUEST
        self._wait_for(self._phase)
        self.flow.held = False
        if self._unread:
            self._read_on()
        if self.flow.read_paused:
            self.flow.resume_reading()

    def _on_slow_head(self) -> None:
        self._refuse(BadRequest(408, "The request header did not arrive in time."))

    def _refuse(self, refusal: BadRequest) -> None:
        """Respond here, because the application does not know this request or cannot finish it; after the
        responses to the requests before it."""
        if self._is_ending:
            return
        self._is_ending = True
        refused = None
        if self._phase is BODY:
            refused = self.pipeline.popleft()[0] if self.pipeline else self.cycle
            if refused.response_started:
                self.transport.close()
                return
            refused.disconnected = True
            refused.message_event.set()
            self._release_room()
        if self._running is None or self._running is refused:
            self._write_refusal(refusal)
        else:
            self._refusal = refusal
            self._wait_for(ANSWER)

    def _write_refusal(self, refusal: BadRequest) -> None:
        """Then linger: a caller that is still sending would lose the response if the connection were closed
        at once (RFC 9112, 9.6)."""
        if self.transport.is_closing():
            return
        self.transport.write(refusal.response())
        self.transport.write_eof()
        self._has_refused = True
        self._unread = b""
        self._request_bytes = 0
        self._phase = REQUEST
        self._due = self.loop.time() + LINGER_SECONDS
        self.flow.held = False
        self.flow.resume_reading()


def limited(limits: Limits) -> type[LimitedProtocol]:
    return type("Limited", (LimitedProtocol,), {"limits": limits, "room": Room()})
