"""Limits below the application: headers without end, and headers that never come."""

from __future__ import annotations

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from kernel.parsing import LARGEST

BODY_GRACE_SECONDS = 1.0
"""The application refuses a slow body itself, in better words, if it has not answered already."""
MOST_HEADER_BYTES = 64 * 1024
MOST_HEADERS = 100
MOST_REQUEST_BYTES = 8 * LARGEST
"""With what the application never sees: the wrapping of small chunks, trailers, a body that nobody reads."""


class LimitedProtocol(HttpToolsProtocol):
    """What uvicorn does, with a limit to the size of headers and to the time they may take."""

    header_seconds: float
    body_seconds: float
    _header_bytes = 0
    _request_bytes = 0
    _reading_headers = True
    _too_large = False
    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(transport)
        self._expect_headers()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self.transport.is_closing():
            return
        if self._reading_headers:
            self._header_bytes += len(data)
        self._request_bytes += len(data)
        super().data_received(data)
        if self._request_bytes > MOST_REQUEST_BYTES:
            self.transport.close()
        if self._reading_headers and self._header_bytes > MOST_HEADER_BYTES:
            self._refuse(431, b"Request Header Fields Too Large")

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._request_bytes = 0
        self._expect_headers()

    def on_headers_complete(self) -> None:
        self._stop_waiting()
        size = len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
        self._too_large = size > MOST_HEADER_BYTES or len(self.headers) > MOST_HEADERS
        if self._too_large:
            # stops the parser, which then has a 400 sent
            raise ValueError("headers too large")
        super().on_headers_complete()
        # what is answered without its body being read may still be sent for ever
        self._deadline = self.loop.call_later(self.body_seconds + BODY_GRACE_SECONDS, self.transport.close)

    def on_message_complete(self) -> None:
        self._stop_waiting()
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        if self._too_large:
            self._refuse(431, b"Request Header Fields Too Large")
        else:
            super().send_400_response(msg)

    def _expect_headers(self) -> None:
        if self._deadline is None:
            self._reading_headers = True
            self._header_bytes = 0
            self._deadline = self.loop.call_later(self.header_seconds, self._refuse, 408, b"Request Timeout")

    def _stop_waiting(self) -> None:
        self._reading_headers = False
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _refuse(self, status: int, reason: bytes) -> None:
        """Nothing above knows of this request yet, so it is answered here."""
        self._stop_waiting()
        if not self.transport.is_closing():
            head = b"HTTP/1.1 %d %s\r\nconnection: close\r\n" % (status, reason)
            body = b"content-type: text/plain\r\ncontent-length: %d\r\n\r\n%s" % (len(reason), reason)
            self.transport.write(head + body)
            self.transport.close()


def limited(header_seconds: float, body_seconds: float) -> type[LimitedProtocol]:
    limits = {"header_seconds": header_seconds, "body_seconds": body_seconds}
    return type("Limited", (LimitedProtocol,), limits)
