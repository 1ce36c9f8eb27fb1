"""What the head of a request must say, so that everybody who reads it understands the same.

The parser refuses what is no HTTP at all; this is about what it lets pass. RFC 9110, RFC 9112.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from http import HTTPStatus
from typing import NamedTuple

HOST = re.compile(rb"(?:[A-Za-z0-9._~!$&'()*+,;=%-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{0,5})?")
TARGETS = (b"/", b"http://", b"https://")
"""A path, or a URL as proxies are sent it; besides, ``OPTIONS *``."""
CONTINUE = b"100-continue"
LOOKED_AT = frozenset({b"host", b"content-length", b"transfer-encoding", b"expect"})


class Unacceptable(Exception):
    """Told to the caller as it is."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason

    def answer(self) -> bytes:
        body = self.reason.encode()
        head = f"HTTP/1.1 {self.status} {HTTPStatus(self.status).phrase}\r\nconnection: close\r\n"
        head += f"content-type: text/plain\r\ncontent-length: {len(body)}\r\n\r\n"
        return head.encode() + body


class Head(NamedTuple):
    framing: bytes | None
    """The field that says how long the body is; None without a body."""
    expects_continue: bool
    """The body is sent once it is asked for."""


def examine(version: str, method: bytes, target: bytes, headers: Iterable[tuple[bytes, bytes]]) -> Head:
    """The names of ``headers`` are in small letters. Raises ``Unacceptable``."""
    if version not in ("1.1", "1.0"):
        raise Unacceptable(400, "Only HTTP/1.1 and HTTP/1.0 are spoken here")
    if (not target.startswith(TARGETS) and (method, target) != (b"OPTIONS", b"*")) or b"#" in target:
        raise Unacceptable(400, "The target is neither a path nor a URL")
    host = framing = expected = None
    for name, value in headers:
        if name not in LOOKED_AT:
            continue
        if name == b"host":
            if host is not None or not HOST.fullmatch(value):
                raise Unacceptable(400, "There must be one Host, and no more")
            host = value
        elif name == b"content-length":
            # the parser takes only one of these two, once, and of the first only digits
            framing = b"content-length: " + value if value.strip(b"0") else None
        elif name == b"transfer-encoding":
            if version != "1.1" or value.lower() != b"chunked":
                raise Unacceptable(400, "Only chunked may be the encoding of a transfer, and in HTTP/1.1")
            framing = b"transfer-encoding: chunked"
        elif name == b"expect" and version == "1.1":
            if expected or value.lower() != CONTINUE:
                raise Unacceptable(417, "Only 100-continue may be expected")
            expected = value
    if host is None and version == "1.1":
        raise Unacceptable(400, "There must be one Host, and no more")
    return Head(framing, expected is not None)
