"""Delivers a simulated provider's events to the endpoints of its customers: signed, again until one answers,
and badly on demand."""

from __future__ import annotations

import asyncio
import json
import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextlib import suppress
from typing import ClassVar

import httpx
from pydantic import BaseModel, ConfigDict, Field

from simulators.provider.ledger import Document, Ledger

MAX_TRIES = 25
TIMEOUT_SECONDS = 5.0
POLL_SECONDS = 0.05
MAX_PAUSE_SECONDS = 3600


class Misbehaviour(BaseModel):
    """For how many of the next deliveries each holds: lost without a retry; made twice; and how many due ones
    are waited for and made in reverse order."""

    model_config = ConfigDict(extra="forbid")
    drop: int = Field(default=0, ge=0)
    duplicate: int = Field(default=0, ge=0)
    reorder: int = Field(default=0, ge=0)


class Deliveries(ABC):
    """Due deliveries are documents of the kind ``delivery``: {event_id, endpoint_id, tries, at}."""

    endpoints: ClassVar[str]
    """The kind of the endpoints' documents."""
    keeps_back_seconds: ClassVar[float] = math.inf
    """The longest time for which deliveries wait for others that overtake them."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self.misbehaviour = Misbehaviour()

    @abstractmethod
    def content_of(self, event: Document) -> Document:
        """The event as it is sent."""

    @abstractmethod
    def signed(self, endpoint: Document, body: bytes) -> Mapping[str, str]:
        """The headers that sign the body for the endpoint."""

    async def run(self) -> None:
        async with httpx.AsyncClient(timeout=TIMEOUT_SECONDS, trust_env=False) as client:
            while True:
                await self._round(client)
                await asyncio.sleep(POLL_SECONDS)

    async def _round(self, client: httpx.AsyncClient) -> None:
        now = self._ledger.now().timestamp()
        due = [it for it in self._ledger.all("delivery") if it["at"] <= now]
        if wanted := self.misbehaviour.reorder:
            oldest = min((it["at"] for it in due), default=now)
            if len(due) < wanted and now - oldest < self.keeps_back_seconds:
                return
            self.misbehaviour.reorder = 0
            due.reverse()
        for delivery in due:
            await self._deliver(client, delivery)

    async def _deliver(self, client: httpx.AsyncClient, delivery: Document) -> None:
        name = f"{delivery['event_id']} {delivery['endpoint_id']}"
        event = self._ledger.get("event", delivery["event_id"])
        endpoint = self._ledger.get(self.endpoints, delivery["endpoint_id"])
        ended = event is None or endpoint is None or self._takes("drop")
        if event and endpoint and not ended:
            for _ in range(2 if self._takes("duplicate") else 1):
                ended = await self._post(client, endpoint, self.content_of(event))
        tries = delivery["tries"] + 1
        with self._ledger.transaction():
            if ended or tries >= MAX_TRIES:
                self._ledger.remove("delivery", name)
            else:
                again = self._ledger.now().timestamp() + min(2 ** (tries - 1), MAX_PAUSE_SECONDS)
                self._ledger.put("delivery", name, delivery | {"tries": tries, "at": again})

    async def _post(self, client: httpx.AsyncClient, endpoint: Document, event: Document) -> bool:
        body = json.dumps(event).encode()
        headers = {"Content-Type": "application/json", **self.signed(endpoint, body)}
        with suppress(httpx.HTTPError):
            return (await client.post(endpoint["url"], content=body, headers=headers)).is_success
        return False

    def _takes(self, kind: str) -> bool:
        left: int = getattr(self.misbehaviour, kind)
        if left:
            setattr(self.misbehaviour, kind, left - 1)
        return bool(left)
