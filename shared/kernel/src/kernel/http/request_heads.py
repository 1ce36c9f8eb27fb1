"""Checks of a request's head, so that proxies and services agree on its meaning (RFC 9110, RFC 9112).

The parser refuses what is not HTTP; this refuses ambiguous requests that it accepts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from http import HTTPStatus
from typing import NamedTuple

HOST = re.compile(rb"(?:[A-Za-z0-9._~!$&'()*+,;=%-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{0,5})?")
TARGETS = (b"/", b"http://", b"https://")
"""A path, or a URL as clients send it to proxies; ``OPTIONS *`` is allowed, too."""
CONTINUE = b"100-continue"
CHECKED_HEADERS = frozenset({b"host", b"content-length", b"transfer-encoding", b"expect"})


class BadRequest(Exception):
    """``reason`` is the body of the response."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason

    def response(self) -> bytes:
        body = self.reason.encode()
        head = f"HTTP/1.1 {self.status} {HTTPStatus(self.status).phrase}\r\nconnection: close\r\n"
        head += f"content-type: text/plain\r\ncontent-length: {len(body)}\r\n\r\n"
        return head.encode() + body


class Head(NamedTuple):
    framing: bytes | None
    """The header that gives the length of the body; None without a body."""
    expects_continue: bool
    """The caller sends the body only after a response 100."""


def check_head(version: str, method: bytes, target: bytes, headers: Iterable[tuple[bytes, bytes]]) -> Head:
    """The names of ``headers`` must be lower-case. Raises ``BadRequest``."""
    if version not in ("1.1", "1.0"):
        raise BadRequest(400, "Only HTTP/1.1 and HTTP/1.0 are supported.")
    if (not target.startswith(TARGETS) and (method, target) != (b"OPTIONS", b"*")) or b"#" in target:
        raise BadRequest(400, "The request target must be a path or a URL without a fragment.")
    host = framing = expected = None
    for name, value in headers:
        if name not in CHECKED_HEADERS:
            continue
        if name == b"host":
            if host is not None or not HOST.fullmatch(value):
                raise BadRequest(400, "The request must have exactly one valid Host header.")
            host = value
        elif name == b"content-length":
            # the parser accepts either this or transfer-encoding, once, and only digits as a length
            framing = b"content-length: " + value if value.strip(b"0") else None
        elif name == b"transfer-encoding":
            if version != "1.1" or value.lower() != b"chunked":
                raise BadRequest(400, "Only chunked is supported as Transfer-Encoding, and only in HTTP/1.1.")
            framing = b"transfer-encoding: chunked"
        elif name == b"expect" and version == "1.1":
            if expected or value.lower() != CONTINUE:
                raise BadRequest(417, "Only 100-continue is supported in Expect.")
            expected = value
    if host is None and version == "1.1":
        raise BadRequest(400, "The request must have exactly one valid Host header.")
    return Head(framing, expected is not None)
