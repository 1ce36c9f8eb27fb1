"""Extensions of uvicorn and its parser that limit how much is read."""

from __future__ import annotations

import httptools
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class HeldFlow(FlowControl):
    """Does not resume reading while ``held``: bytes that were read are still unparsed."""

    held = False

    def resume_reading(self) -> None:
        if not self.held:
            super().resume_reading()


class Room:
    """Bytes of large bodies whose response is not complete yet."""

    taken = 0


class _BodyOnly:
    def __init__(self, protocol: HttpToolsProtocol) -> None:
        self.on_body = protocol.on_body
        self.on_message_complete = protocol.on_message_complete


def body_parser(protocol: HttpToolsProtocol, framing: bytes) -> httptools.HttpRequestParser:
    """A parser for a body whose head another parser has read; anything after the body is an error."""
    parser = httptools.HttpRequestParser(_BodyOnly(protocol))
    parser.feed_data(b"POST / HTTP/1.1\r\nconnection: close\r\n" + framing + b"\r\n\r\n")
    return parser
