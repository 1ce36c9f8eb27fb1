"""The clocks of the other services of a stack, over HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kernel.clock.state import ClockState, Question
from kernel.instants import text_of

if TYPE_CHECKING:
    import httpx

PATH = "/v1/service-clock"
TIMEOUT_SECONDS = 10.0
MICROSECONDS = 1_000_000


class PeerUnavailable(OSError):
    """A service of the stack does not answer, or not as expected."""


class Peers:
    def __init__(self, urls: Mapping[str, str], secret: str) -> None:
        """``urls``: service -> its address."""
        self._urls = urls
        self._secret = secret
        self._client: httpx.AsyncClient | None = None

    async def state(self, name: str, question: Question) -> ClockState:
        known, *times = question
        params = {"known": known} | dict(zip(("reached", "until"), map(text_of, times), strict=True))
        return ClockState.model_validate(await self._call("GET", name, params=params))

    async def move(self, name: str, shift: int) -> None:
        seconds, microseconds = divmod(shift, MICROSECONDS)
        await self._call("POST", name, json={"seconds": seconds, "microseconds": microseconds})

    async def reset(self, name: str) -> bool:
        """False, and nothing is changed, if the service has recorded anything."""
        return bool((await self._call("POST", name, json={"reset": True}))["done"])

    async def close(self) -> None:
        if self._client is not None:
            client, self._client = self._client, None
            await client.aclose()

    # failpoint: none needed (stack-clock)
    async def _call(self, method: str, name: str, **options: Any) -> Any:
        import httpx

        client = self._client = self._client or self._new_client()
        try:
            response = await client.request(method, self._urls[name] + PATH, **options)
            response.raise_for_status()
            return response.json()
        except (httpx.HTTPError, ValueError) as error:
            raise PeerUnavailable(f"{name}: {error!r}") from error

    def _new_client(self) -> httpx.AsyncClient:
        import httpx

        headers = {"Authorization": f"Bearer {self._secret}"}
        return httpx.AsyncClient(headers=headers, timeout=TIMEOUT_SECONDS, trust_env=False)
