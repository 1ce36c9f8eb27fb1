"""Readiness and liveness probes of a service over HTTP."""

import asyncio

PROBE_TIMEOUT_SECONDS = 5.0


async def is_ready(port: int, host: str = "127.0.0.1") -> bool:
    """Whether `GET /readyz` answers 200."""
    return await _status(port, host, "/readyz") == b"200"


async def is_live(port: int, host: str = "127.0.0.1") -> bool | None:
    """Whether `GET /livez` answers 200; None if there is no answer."""
    status = await _status(port, host, "/livez")
    return None if status is None else status == b"200"


async def _status(port: int, host: str, path: str) -> bytes | None:
    request = f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode()
    try:
        async with asyncio.timeout(PROBE_TIMEOUT_SECONDS):
            reader, writer = await asyncio.open_connection(host, port)
            try:
                writer.write(request)
                return next(iter((await reader.readline()).split()[1:2]), None)
            finally:
                writer.close()
    except (OSError, TimeoutError, ValueError):  # ValueError: a line longer than the reader's limit
        return None
