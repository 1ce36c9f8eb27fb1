"""What one connection may cost: how large what is read may be, and how much of it waits its turn.

uvicorn's protocol does the work, but reads requests for as long as they come, and trailers as headers.
"""

from __future__ import annotations

import asyncio

import httptools
from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from kernel.http.deadlines import ANSWER, BODY, HEAD, REQUEST, Limits, TimedProtocol
from kernel.http.reading import HeldFlow, Room, body_parser
from kernel.http.request_heads import Unacceptable, examine
from kernel.parsing import MAX_JSON_BYTES

MOST_HEADER_BYTES = 64 * 1024
MOST_HEADERS = 100
MOST_REQUEST_BYTES = 2 * MAX_JSON_BYTES
"""With what the application never sees: the wrapping of small chunks, a body that nobody reads."""
SMALL_BODY = 64 * 1024
MOST_IN_LARGE_BODIES = 32 * MAX_JSON_BYTES
"""In all connections together: strangers may send them, too."""
LINGER_SECONDS = 2.0
HEAD_END = b"\r\n\r\n"
TOO_LARGE = Unacceptable(431, "Request Header Fields Too Large")
NO_ROOM = Unacceptable(503, "Too many large bodies at once")


class LimitedProtocol(TimedProtocol):
    """Parses bytes as far as the next request: others wait as bytes, and most of them with the caller."""

    flow: HeldFlow
    room: Room
    _taken = 0
    _unread: bytes = b""
    _at = 0
    """How far of ``_unread`` has been parsed."""
    _body_bytes = 0
    _request_bytes = 0
    _idle_bytes = 0
    """Since there was something of use in them."""
    _unused = 0
    """What there is in the piece at hand beside heads and bodies that were read."""
    _framing: bytes | None = None
    _running: RequestResponseCycle | None = None
    _refusal: Unacceptable | None = None
    _ends = False
    """Nothing more is parsed."""
    _told = False
    """The refusal has been written."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(transport)
        self.flow = HeldFlow(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if self._running:
            # uvicorn tells only the last of several requests that its caller is gone
            self._running.disconnected = True
            self._running.message_event.set()
        self.pipeline.clear()
        self._give_back_room()
        self._unread = b""

    def data_received(self, data: bytes) -> None:
        if self._told:
            self._request_bytes += len(data)
            if self._request_bytes > MOST_REQUEST_BYTES:
                self.transport.abort()
            return
        self._unread = self._unread[self._at :] + data if self._unread else data
        self._at = 0
        self._read_on()

    def _read_on(self) -> None:
        """Parse until a request has to wait for the answer to the one before it."""
        data = self._unread
        while self._at < len(data) and not self.pipeline and not self._ends:
            first = data.find(HEAD_END, self._at)
            second = data.find(HEAD_END, first + 4) if first >= 0 else -1
            begin, self._at = self._at, len(data) if second < 0 else first + 4
            self._parse(data[begin : self._at])
        if self._at == len(data):
            self._unread = b""
        if (self._unread or self.pipeline or self._ends) and not self._told:
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
        except httptools.HttpParserError as wrong:
            ours = wrong.__context__
            self._refuse(ours if isinstance(ours, Unacceptable) else Unacceptable(400, "Bad Request"))
        if self._idle_bytes > MOST_HEADER_BYTES:
            self._refuse(TOO_LARGE)
        elif self._request_bytes > MOST_REQUEST_BYTES:
            self._ends = True
            self.transport.close()

    def _ignore_upgrade(self, rest: bytes) -> None:
        """As RFC 9110, 7.8 has it. This parser would take a body for the other protocol."""
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
        # a trailer must not be taken for a header: RFC 9110, 6.5.1
        if self._phase is HEAD:
            self.headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        size = len(self.url) + sum([len(name) + len(value) for name, value in self.headers])
        if size > MOST_HEADER_BYTES or len(self.headers) > MOST_HEADERS:
            raise TOO_LARGE
        version, method = self.parser.get_http_version(), self.parser.get_method()
        self._framing, self.expect_100_continue = examine(version, method, self.url, self.headers)
        super().on_headers_complete()
        self._unused -= size
        self._wait_for(BODY)

    def on_body(self, body: bytes) -> None:
        self._idle_bytes = 0
        self._unused -= len(body)
        self._body_bytes += len(body)
        if self._body_bytes > SMALL_BODY and not self.cycle.response_complete:
            self._taken += len(body)
            self.room.taken += len(body)
            if self.room.taken > MOST_IN_LARGE_BODIES:
                raise NO_ROOM
        super().on_body(body)

    def _give_back_room(self) -> None:
        self.room.taken -= self._taken
        self._taken = 0

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
        if self._taken:
            self._give_back_room()
        if self.transport.is_closing():
            return
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())
        elif self._refusal:
            self._tell(self._refusal)
            return
        elif self._phase is ANSWER:
            self._phase = REQUEST
        self._wait_for(self._phase)
        self.flow.held = False
        if self._unread:
            self._read_on()
        if self.flow.read_paused:
            self.flow.resume_reading()

    def _too_slow(self) -> None:
        self._refuse(Unacceptable(408, "Request Timeout"))

    def _refuse(self, refusal: Unacceptable) -> None:
        """Nothing above knows of this request, or can finish it, so it is answered here; after the answers to
        those before it, which are other requests' answers."""
        if self._ends:
            return
        self._ends = True
        own = None
        if self._phase is BODY:
            own = self.pipeline.popleft()[0] if self.pipeline else self.cycle
            if own.response_started:
                self.transport.close()
                return
            own.disconnected = True
            own.message_event.set()
            self._give_back_room()
        if self._running is None or self._running is own:
            self._tell(refusal)
        else:
            self._refusal = refusal
            self._wait_for(ANSWER)

    def _tell(self, refusal: Unacceptable) -> None:
        """Who is still sending would lose the answer if the connection were closed at once: RFC 9112, 9.6."""
        if self.transport.is_closing():
            return
        self.transport.write(refusal.answer())
        self.transport.write_eof()
        self._told = True
        self._unread = b""
        self._request_bytes = 0
        self._phase = REQUEST
        self._due = self.loop.time() + LINGER_SECONDS
        self.flow.held = False
        self.flow.resume_reading()


def limited(limits: Limits) -> type[LimitedProtocol]:
    return type("Limited", (LimitedProtocol,), {"limits": limits, "room": Room()})
