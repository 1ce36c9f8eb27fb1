"""Keep a number of HTTP requests in flight over kept connections, with little CPU in the client."""

from __future__ import annotations

import selectors
import socket
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

READ_BYTES = 1 << 18
TIMEOUT = 30.0


@dataclass(slots=True)
class Load:
    """The result; times in seconds."""

    seconds: float = 0.0
    own_cpu: float = 0.0
    waited: list[float] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    @property
    def per_second(self) -> float:
        return len(self.waited) / self.seconds


@dataclass(slots=True)
class _Connection:
    socket: socket.socket
    sent_at: float = 0.0
    received: bytes = b""


def request(method: str, path: str, body: bytes, **headers: str) -> bytes:
    common = {"Host": "localhost", "Content-Type": "application/json", "Content-Length": str(len(body))}
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in (common | headers).items()]
    return "\r\n".join([f"{method} {path} HTTP/1.1", *lines, "", ""]).encode() + body


def drive(port: int, requests: Sequence[bytes], in_flight: int, *, keep: bool = False) -> Load:
    """Each connection sends its next request as soon as it has the response to its last one. An unsuccessful
    response fails the run. ``keep`` keeps the bodies, in no order."""
    load = Load()
    left = iter(requests)
    with selectors.DefaultSelector() as ready:
        lines = [_Connection(_connect(port)) for _ in range(min(in_flight, len(requests)))]
        try:
            for line in lines:
                ready.register(line.socket, selectors.EVENT_READ, line)
            began, cpu = time.perf_counter(), time.thread_time()
            for line in lines:
                _send_next(line, left)
            while len(load.waited) < len(requests):
                events = ready.select(TIMEOUT)
                if not events:
                    raise AssertionError(f"no response within {TIMEOUT:.0f} s")
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


def _connect(port: int) -> socket.socket:
    line = socket.create_connection(("127.0.0.1", port))
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return line


def _send_next(line: _Connection, left: Iterator[bytes]) -> None:
    next_request = next(left, None)
    if next_request is not None:
        line.sent_at = time.perf_counter()
        line.socket.sendall(next_request)


def _received(line: _Connection) -> bytes | None:
    """The body, once it is complete."""
    chunk = line.socket.recv(READ_BYTES)
    if not chunk:
        raise AssertionError("the server has closed a connection")
    line.received += chunk
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
