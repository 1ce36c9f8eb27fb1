"""A verification beside operators: what they have handled meanwhile counts once, and in its turn."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Any, cast
from uuid import UUID

from kernel.messaging.received import Received
from kernel.store.writing import Connection
from projections.adapters.rebuild.deduplication import Classified, classify, read_heads
from projections.adapters.rebuild.shadow import Shadow
from projections.adapters.rebuild.shadow_loader import ShadowLoader
from projections.adapters.rebuild.skipped_records import message_id
from projections.read_models.products import PRODUCTS
from projections.read_models.registry import GROUP
from tests.support.purchases import Happening, Purchase
from tests.unit.projections.purchase_strategies import DAYS

KNOWN = frozenset(it.encode() for it in PRODUCTS.types)


class Tables:
    """Fulfils what filling asks of the shadow, and of the connection that shows what is parked."""

    def __init__(self) -> None:
        self.model = PRODUCTS
        self.versions: dict[UUID, int] = {}
        self.applied: list[int] = []
        self.parked: list[Happening] = []

    async def seen(self, streams: Iterable[UUID]) -> dict[UUID, int]:
        return {it: self.versions[it] for it in streams if it in self.versions}

    async def note(self, versions: Mapping[UUID, int]) -> None:
        self.versions.update(versions)

    async def apply(self, batch: list[Received]) -> None:
        self.applied += [it.version for it in batch]

    async def missing_streams(self, _group: str) -> int:
        return 0

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[None]:
        yield

    async def fetch(self, _query: str, *_arguments: Any) -> list[dict[str, Any]]:
        facts = [
            (it.fact.originator_id, it.fact.originator_version, message_id(it.record())) for it in self.parked
        ]
        place = {"topic": "t", "part": 0, "record_offset": -1, "record_key": None, "digest": None}
        return [
            {
                **place,
                "stream_id": stream,
                "version": version,
                "message_id": it,
                "waits": True,
                "for_all": True,
            }
            for stream, version, it in facts
        ]


def verified(*pages: tuple[list[Happening], list[Happening]]) -> list[int]:
    """The versions in the order of their applying; each page with what is parked when it is read. In the end
    nothing is."""
    tables = Tables()
    loader = ShadowLoader(GROUP, "verify", cast(Shadow, tables), cast(Connection, tables))

    async def read(happened: list[Happening]) -> None:
        heads, wrong = read_heads([it.record() for it in happened], KNOWN)
        found: Classified = classify(heads, await tables.seen({it.fact[0] for it in heads}), wrong)
        await loader.take(found)

    async def run() -> None:
        for happened, parked in (*pages, ([], [])):
            tables.parked = parked
            await loader.look_aside()
            await read(happened)
        await loader.settle()
        await loader.check()

    asyncio.run(run())
    return tables.applied


def facts() -> list[Happening]:
    """All of one order, in the order of their versions."""
    bought = Purchase(1, DAYS[0]).bought().refund(100)
    return [it for it in bought.happened if it.fact.TYPE in PRODUCTS.types]


def test_what_was_handled_meanwhile_is_taken_before_what_has_come_behind_it() -> None:
    first, second, third, *_ = facts()
    assert verified(([first, second], [second]), ([third], [])) == [1, 2, 3]


def test_what_had_come_too_early_and_was_handled_is_taken_in_its_turn() -> None:
    first, second, third, *_ = facts()
    assert verified(([first, third], [third]), ([second], [])) == [1, 2, 3]


def test_what_had_come_too_early_and_comes_again_in_its_turn_counts_once() -> None:
    first, second, third, fourth, *_ = facts()
    assert verified(([first, third], [third]), ([second, third, fourth], [])) == [1, 2, 3, 4]


def test_what_waits_still_is_left_out() -> None:
    first, second, third, *_ = facts()
    assert verified(([first, second, third], [second, third]), ([], [third])) == [1, 2, 3]
