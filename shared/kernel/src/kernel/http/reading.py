"""What uvicorn and its parser lack for reading no more than can be dealt with."""

from __future__ import annotations

import httptools
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class HeldFlow(FlowControl):
    """Reading is not resumed while ``held``: something that was read still waits."""

    held = False

    def resume_reading(self) -> None:
        if not self.held:
            super().resume_reading()


class Room:
    """What large bodies take up until they are answered."""

    taken = 0


class _BodyAlone:
    def __init__(self, protocol: HttpToolsProtocol) -> None:
        self.on_body = protocol.on_body
        self.on_message_complete = protocol.on_message_complete


def body_parser(protocol: HttpToolsProtocol, framing: bytes) -> httptools.HttpRequestParser:
    """Reads a body whose head another parser has read; what comes behind it is an error."""
    parser = httptools.HttpRequestParser(_BodyAlone(protocol))
    parser.feed_data(b"POST / HTTP/1.1\r\nconnection: close\r\n" + framing + b"\r\n\r\n")
    return parser
