"""News of the copy: what a transaction has changed in it, for the memories of all processes.

One notice for each transaction, sent by PostgreSQL with its commit: so a memory forgets all that changed
together in one step. It names tenants, kinds and ids; a kind with more than ``MAX_IDS`` is named alone, and
if even that is too long the notice is empty, which stands for everything."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias
from uuid import UUID

import orjson

from kernel.store.writing import Connection

CHANNEL = "catalogue"
NOTIFY = f"SELECT pg_notify('{CHANNEL}', $1)"
MAX_IDS = 100
MAX_BYTES = 7_900
"""PostgreSQL takes less than 8,000."""
EVERYTHING = ""

PRODUCT, PROMOTION, OFFER, CUSTOMER, GENERAL = "product", "promotion", "offer", "customer", "general"
"""The kinds. An upsell, a step and an experiment are news of their offer, and stock of its product; general
is what every excerpt of a tenant has: automatic promotions, tax rates, shipping rates, the pricing policy."""

Notice: TypeAlias = "Mapping[str, Mapping[str, Sequence[str]]]"
"""By tenant and kind the ids; none: all of that kind."""


class News:
    def __init__(self) -> None:
        self._ids: dict[str, dict[str, set[str]]] = {}
        self._whole: set[tuple[str, str]] = set()

    def add(self, tenant: str, kind: str, ids: Iterable[UUID | str]) -> None:
        self._ids.setdefault(tenant, {}).setdefault(kind, set()).update(map(str, ids))

    def add_all(self, tenant: str, kind: str) -> None:
        self.add(tenant, kind, ())
        self._whole.add((tenant, kind))

    # failpoint: none needed (consumer-batch)
    async def tell(self, connection: Connection) -> None:
        """Within the transaction that makes the changes."""
        if self._ids:
            await connection.execute(NOTIFY, self.notice())

    def notice(self) -> str:
        named = orjson.dumps(self._named(MAX_IDS)).decode()
        if len(named.encode()) > MAX_BYTES:
            named = orjson.dumps(self._named(0)).decode()
        return named if len(named.encode()) <= MAX_BYTES else EVERYTHING

    def _named(self, max_ids: int) -> Notice:
        return {
            tenant: {
                kind: [] if (tenant, kind) in self._whole or len(ids) > max_ids else sorted(ids)
                for kind, ids in kinds.items()
            }
            for tenant, kinds in self._ids.items()
        }


def read_notice(text: str) -> Notice | None:
    """None: anything may have changed."""
    return None if text == EVERYTHING else orjson.loads(text)
