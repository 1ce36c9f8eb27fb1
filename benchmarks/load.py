"""Keep so many HTTP requests in flight over connections that stay open, at next to no cost of our own."""

from __future__ import annotations

import selectors
import socket
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

LARGEST_READ = 1 << 18
PATIENCE = 30.0


@dataclass(slots=True)
class Load:
    """What came of it; times in seconds."""

    seconds: float = 0.0
    own_cpu: float = 0.0
    waited: list[float] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    @property
    def per_second(self) -> float:
        return len(self.waited) / self.seconds


@dataclass(slots=True)
class _Line:
    socket: socket.socket
    sent_at: float = 0.0
    received: bytes = b""


def request(method: str, path: str, body: bytes, **headers: str) -> bytes:
    told = {"Host": "localhost", "Content-Type": "application/json", "Content-Length": str(len(body))}
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in (told | headers).items()]
    return "\r\n".join([f"{method} {path} HTTP/1.1", *lines, "", ""]).encode() + body


def drive(port: int, requests: Sequence[bytes], in_flight: int, *, keep: bool = False) -> Load:
    """Each connection sends its next request as soon as it has the answer to its last one. An answer that is
    no success fails the run. ``keep`` keeps the bodies, in no order."""
    load = Load()
    left = iter(requests)
    with selectors.DefaultSelector() as ready:
        lines = [_Line(_connected(port)) for _ in range(min(in_flight, len(requests)))]
        try:
            for line in lines:
                ready.register(line.socket, selectors.EVENT_READ, line)
            began, cpu = time.perf_counter(), time.thread_time()
            for line in lines:
                _send_next(line, left)
            while len(load.waited) < len(requests):
                events = ready.select(PATIENCE)
                if not events:
                    raise AssertionError(f"no answer within {PATIENCE:.0f} s")
                for key, _ in events:
                    body = _received(key.data)
                    if body is None:
                        continue
                    load.waited.append(time.perf_counter() - key.data.sent_at)
                    if keep:
                        load.bodies.append(body)
                    _send_next(key.data, left)
            load.seconds, load.own_cpu = time.perf_counter() - began, time.thread_time() - cpu
        finally:
            for line in lines:
                line.socket.close()
    return load


def _connected(port: int) -> socket.socket:
    line = socket.create_connection(("127.0.0.1", port))
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return line


def _send_next(line: _Line, left: Iterator[bytes]) -> None:
    following = next(left, None)
    if following is not None:
        line.sent_at = time.perf_counter()
        line.socket.sendall(following)


def _received(line: _Line) -> bytes | None:
    """The body, once it is whole."""
    more = line.socket.recv(LARGEST_READ)
    if not more:
        raise AssertionError("the server has closed a connection")
    line.received += more
    head, end, body = line.received.partition(b"\r\n\r\n")
    if not end:
        return None
    length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
    if len(body) < length:
        return None
    if not head.startswith(b"HTTP/1.1 2"):
        raise AssertionError((head + end + body).decode())
    line.received = b""
    return body
