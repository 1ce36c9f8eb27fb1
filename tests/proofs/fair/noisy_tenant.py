"""A tenant that takes all it can get of a service, over many connections.

It has a process of its own, so that the cost of sending requests does not slow the tenant that is measured:
``python -m tests.proofs.fair.noisy_tenant carts|streams …``
"""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from urllib.parse import urlsplit
from uuid import uuid4

METADATA = '{"note":"' + "x" * 16_000 + '"}'
COME_AGAIN = 10.0
"""Seconds until a stream that was refused, or has ended, is requested again."""
OPENED_A_SECOND = 750
HEAD = "{} {} HTTP/1.1\r\nHost: shop\r\nAuthorization: Bearer demo-storefront\r\n"


async def fill_carts(host: str, port: int) -> str:
    """Create carts with large metadata, one after the other, without end."""
    reader, writer = await asyncio.open_connection(host, port)
    while True:
        body = f'{{"session_id":"{uuid4().hex}","currency":"USD","metadata":{METADATA}}}'
        head = HEAD.format("POST", "/v1/carts") + "Content-Type: application/json\r\n"
        key = f"Idempotency-Key: {uuid4().hex}\r\nContent-Length: {len(body)}\r\n\r\n"
        writer.write(f"{head}{key}{body}".encode())
        answer = await reader.readuntil(b"\r\n\r\n")
        status = answer.split(b" ", 2)[1].decode()
        lengths = [it for it in answer.lower().split(b"\r\n") if it.startswith(b"content-length:")]
        await reader.readexactly(int(lengths[0].split(b":")[1]))
        ANSWERS[status] += 1


async def watch(host: str, port: int, path: str, number: int) -> None:
    """Read an event stream to its end, and open it again as a browser does."""
    await asyncio.sleep(number / OPENED_A_SECOND)
    while True:
        try:
            reader, writer = await asyncio.open_connection(host, port)
            writer.write((HEAD.format("GET", path) + "\r\n").encode())
            answer = await reader.readuntil(b"\r\n\r\n")
            ANSWERS[answer.split(b" ", 2)[1].decode()] += 1
            if b" 200 " in answer[:16]:
                while await reader.read(65_536):
                    pass
            writer.close()
        except OSError:
            pass
        await asyncio.sleep(COME_AGAIN)


ANSWERS: Counter[str] = Counter()


async def crowd(kind: str, url: str, many: int, path: str) -> None:
    host, port = urlsplit(url).hostname or "", urlsplit(url).port or 0
    async with asyncio.TaskGroup() as group:
        for number in range(many):
            if kind == "carts":
                group.create_task(fill_carts(host, port))
            else:
                group.create_task(watch(host, port, path, number))
        group.create_task(_tell())


async def _tell() -> None:
    while True:
        await asyncio.sleep(1)
        print(dict(ANSWERS), flush=True)


if __name__ == "__main__":
    asyncio.run(crowd(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4] if len(sys.argv) > 4 else ""))
