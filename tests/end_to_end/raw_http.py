"""HTTP as a stranger may speak it, byte by byte."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

PATIENCE = 30.0
"""Far more than any answer takes: only what hangs comes to it."""


@dataclass(frozen=True)
class Told:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def code(self) -> str | None:
        """Of the problem, if it is one and can be read."""
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


def exchange(url: str, *pieces: bytes, rest: Iterable[bytes] = ()) -> Told:
    """Send, and read until all is said; ``rest`` is sent for as long as the other side listens."""
    with _connected(url) as line:
        try:
            line.sendall(b"".join(pieces))
            for piece in rest:
                line.sendall(piece)
        except (BrokenPipeError, ConnectionResetError):
            pass  # it has heard enough
        return _read(line, has_body=not pieces[0].startswith(b"HEAD "))


def _connected(url: str) -> socket.socket:
    where = urlsplit(url)
    return socket.create_connection((where.hostname, where.port), timeout=PATIENCE)


def _read(line: socket.socket, *, has_body: bool) -> Told:
    raw = b""
    while b"\r\n\r\n" not in raw:
        raw += _more(line)
    first, _, rest = raw.partition(b"\r\n")
    top, _, body = rest.partition(b"\r\n\r\n")
    pairs = (it.decode("latin-1").partition(":") for it in top.split(b"\r\n"))
    headers = {name.lower(): value.strip() for name, _, value in pairs}
    while has_body and len(body) < int(headers.get("content-length", "0")):
        body += _more(line)
    return Told(int(first.split()[1]), headers, body)


def hangs_up(url: str, top: bytes, rest: Iterable[bytes]) -> bool:
    """Whether the other side ends the connection although it is sent more and more."""
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
        raise AssertionError("the connection was closed before all was said")
    return more
