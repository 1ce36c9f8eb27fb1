"""Ask a service over HTTP whether it is ready."""

import asyncio

TIME_LIMIT_SECONDS = 5.0


async def is_ready(port: int, host: str = "127.0.0.1") -> bool:
    """Whether `GET /readyz` there answers 200."""
    request = f"GET /readyz HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode()
    try:
        async with asyncio.timeout(TIME_LIMIT_SECONDS):
            reader, writer = await asyncio.open_connection(host, port)
            try:
                writer.write(request)
                return b" 200 " in await reader.readline()
            finally:
                writer.close()
    except (OSError, TimeoutError):
        return False
