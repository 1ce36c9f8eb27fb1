"""A raw HTTP client that sends any bytes."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

ANSWER_TIMEOUT = 30.0
"""Seconds; far more than any response takes."""


@dataclass(frozen=True)
class Response:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def code(self) -> str | None:
        """The code of problem details; None for any other response."""
        if not self.body or self.headers.get("content-type") != "application/problem+json":
            return None
        problem: dict[str, Any] = json.loads(self.body)
        assert problem["status"] == self.status
        return str(problem["code"])


def head(method: str, path: str, headers: Iterable[tuple[str, str | bytes]]) -> bytes:
    lines = [f"{method} {path} HTTP/1.1".encode()]
    for name, value in headers:
        lines.append(name.encode() + b": " + (value if isinstance(value, bytes) else value.encode()))
    return b"\r\n".join([*lines, b"", b""])


def exchange(url: str, *pieces: bytes, rest: Iterable[bytes] = ()) -> Response:
    """Send, and read the response; ``rest`` is sent until the server stops reading."""
    with _connected(url) as line:
        try:
            line.sendall(b"".join(pieces))
            for piece in rest:
                line.sendall(piece)
        except (BrokenPipeError, ConnectionResetError):
            pass  # the server has stopped reading
        return _read(line, has_body=not pieces[0].startswith(b"HEAD "))


def _connected(url: str) -> socket.socket:
    where = urlsplit(url)
    return socket.create_connection((where.hostname, where.port), timeout=ANSWER_TIMEOUT)


def _read(line: socket.socket, *, has_body: bool) -> Response:
    raw = b""
    while b"\r\n\r\n" not in raw:
        raw += _more(line)
    first, _, rest = raw.partition(b"\r\n")
    top, _, body = rest.partition(b"\r\n\r\n")
    pairs = (it.decode("latin-1").partition(":") for it in top.split(b"\r\n"))
    headers = {name.lower(): value.strip() for name, _, value in pairs}
    while has_body and len(body) < int(headers.get("content-length", "0")):
        body += _more(line)
    return Response(int(first.split()[1]), headers, body)


def hangs_up(url: str, top: bytes, rest: Iterable[bytes]) -> bool:
    """Whether the server ends the connection while it is sent endless data."""
    with _connected(url) as line:
        try:
            line.sendall(top)
            for piece in rest:
                line.sendall(piece)
        except (BrokenPipeError, ConnectionResetError):
            return True
    return False


def _more(line: socket.socket) -> bytes:
    more = line.recv(65536)
    if not more:
        raise AssertionError("the connection was closed before the end of the response")
    return more
