"""Wait for a process that a test has started."""

from __future__ import annotations

import asyncio

import httpx


async def until_ready(
    client: httpx.AsyncClient, process: asyncio.subprocess.Process, path: str, within: float
) -> None:
    """Until it answers 200. ``within``: seconds. Raises ``AssertionError``, which says what it answered."""
    answered = "nothing"
    try:
        async with asyncio.timeout(within):
            while process.returncode is None:
                try:
                    answer = await client.get(path)
                except httpx.TransportError:
                    pass
                else:
                    if answer.status_code == 200:
                        return
                    answered = answer.text
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise AssertionError(f"{client.base_url} is not ready within {within} s: {answered}") from None
    raise AssertionError(f"{client.base_url} ended before it was ready")
