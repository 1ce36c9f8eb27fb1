"""A verification while operators handle dead letters: handled records are applied once and in order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Any, cast
from uuid import UUID

from contracts.topics import MESSAGES
from kernel.messaging.inbound import InboundMessage
from kernel.projections.rebuild.deduplication import Classified, classify, read_heads
from kernel.projections.rebuild.shadow import Shadow
from kernel.projections.rebuild.shadow_loader import ShadowLoader
from kernel.projections.rebuild.skipped_records import message_id
from kernel.store.writing import Connection
from projections.models.orders.model import ORDERS
from projections.models.registry import REGISTRY
from tests.support.purchases import Happening, Purchase
from tests.unit.projections.purchase_strategies import DAYS

KNOWN = frozenset(it.encode() for it in ORDERS.types)


class FakeShadow:
    """Fake of the shadow and of the connection that reads the dead letters."""

    def __init__(self) -> None:
        self.model = ORDERS
        self.versions: dict[UUID, int] = {}
        self.applied: list[int] = []
        self.parked: list[Happening] = []

    async def seen(self, streams: Iterable[UUID]) -> dict[UUID, int]:
        return {stream: self.versions[stream] for stream in streams if stream in self.versions}

    async def record_seen(self, versions: Mapping[UUID, int]) -> None:
        self.versions.update(versions)

    async def apply(self, batch: list[InboundMessage]) -> None:
        self.applied += [message.version for message in batch]

    async def missing_streams(self) -> int:
        return 0

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[None]:
        yield

    async def fetch(self, _query: str, *_arguments: Any) -> list[dict[str, Any]]:
        facts = [
            (event.fact.originator_id, event.fact.originator_version, message_id(event.record()))
            for event in self.parked
        ]
        position = {"topic": "t", "part": 0, "record_offset": -1, "record_key": None, "digest": None}
        return [
            {
                **position,
                "stream_id": stream,
                "version": version,
                "message_id": message,
                "waits": True,
                "is_unread": True,
            }
            for stream, version, message in facts
        ]


def verify(*pages: tuple[list[Happening], list[Happening]]) -> list[int]:
    """The applied versions in order. Each page comes with the facts that are parked when it is read."""
    shadow = FakeShadow()
    loader = ShadowLoader(
        "verify", REGISTRY.topics_of(ORDERS), cast(Shadow, shadow), cast(Connection, shadow)
    )

    async def read(happened: list[Happening]) -> None:
        heads, invalid = read_heads([event.record() for event in happened], KNOWN, MESSAGES)
        page: Classified = classify(heads, await shadow.seen({head.fact[0] for head in heads}), invalid)
        await loader.load(page)

    async def run() -> None:
        for happened, parked in (*pages, ([], [])):
            shadow.parked = parked
            await loader.refresh_skipped()
            await read(happened)
        await loader.apply_released()
        await loader.check_complete()

    asyncio.run(run())
    return shadow.applied


def order_facts() -> list[Happening]:
    """The facts of one order by version."""
    purchase = Purchase(1, DAYS[0]).bought().refund(100)
    return [event for event in purchase.happened if event.fact.TYPE in ORDERS.types]


def test_a_dead_letter_handled_between_pages_is_applied_before_its_successors() -> None:
    first, second, third, *_ = order_facts()
    assert verify(([first, second], [second]), ([third], [])) == [1, 2, 3]


def test_a_handled_gap_is_applied_after_its_predecessors() -> None:
    first, second, third, *_ = order_facts()
    assert verify(([first, third], [third]), ([second], [])) == [1, 2, 3]


def test_a_gap_that_is_read_again_after_its_predecessors_is_applied_once() -> None:
    first, second, third, fourth, *_ = order_facts()
    assert verify(([first, third], [third]), ([second, third, fourth], [])) == [1, 2, 3, 4]


def test_a_waiting_dead_letter_is_skipped() -> None:
    first, second, third, *_ = order_facts()
    assert verify(([first, second, third], [second, third]), ([], [third])) == [1, 2, 3]
