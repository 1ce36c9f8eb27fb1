"""Erases a person: destroys the keys under which all personal data is encrypted, and proves it.

The keys, the names of the person and the facts of the erasure change in one transaction. The receipt is
counted afterwards, from what is stored then: so it can be asked for again, and is the same.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from checkout_saga.customers.domain.customer import customer_stream_id
from checkout_saga.customers.domain.errors import CustomerNotFound
from checkout_saga.customers.register import CUSTOMER_EMAIL, Register
from checkout_saga.customers.use_cases import find_customer, ids_of
from checkout_saga.customers.vault import Vault
from checkout_saga.privacy.domain.sealed import sealed_in, texts_in
from checkout_saga.privacy.held_facts import HeldFact, HeldFacts
from checkout_saga.privacy.use_cases import check_not_busy, end_subscriptions, release_counted_orders
from contracts import customer as facts
from kernel.context import Context
from kernel.store.conflict_retry import retry_on_conflict
from kernel.store.event_store import EventStore
from kernel.unit_of_work import UnitOfWork

PAGE = 500


class Receipt(NamedTuple):
    """What had been encrypted for the person until the erasure; ``readable`` is how many of these facts can
    be decrypted with the keys that are stored now."""

    customer_id: str
    erased_at: datetime
    streams: int
    facts: int
    readable: int


class Eraser:
    def __init__(self, store: EventStore, vault: Vault) -> None:
        self._store = store
        self._vault = vault
        self._register = Register(vault)
        self._held = HeldFacts(store.pool)

    async def erase(self, context: Context, customer_id: str, reason: str | None) -> tuple[str, ...]:
        """Erase the person with all their ids, and return these. If nothing has come since an erasure, it is
        left as it is. Raises ``CustomerNotFound`` and ``CustomerBusy``."""
        erased = await retry_on_conflict(lambda: self._erase(context, customer_id, reason))
        for it in erased:
            self._vault.forget(context.tenant, it)
        return erased

    async def receipt(self, context: Context, customer_id: str, ids: tuple[str, ...]) -> Receipt:
        """``ids``: those that were erased together, as ``erase`` returns them."""
        tenant, own = context.tenant, customer_stream_id(context.tenant, customer_id)
        read = await self._vault.reader(tenant, ids)
        streams = await self._held.streams(tenant, ids)
        seen: list[HeldFact] = []  # with encrypted data, since the last erasure that was met
        counted: list[HeldFact] = []
        erased_at, after = None, 0
        while page := await self._held.facts(tenant, streams, after, PAGE):
            after = page[-1].position
            for it in page:
                if any(sealed_in(it.body)):
                    seen.append(it)
                if it.type == facts.Erased.TYPE and it.stream_id == own:
                    counted, erased_at = [*counted, *seen], it.recorded_at
                    seen.clear()
        if erased_at is None:
            raise CustomerNotFound("This customer was not erased.")
        return Receipt(
            customer_id,
            erased_at,
            streams=len({it.stream_id for it in counted}),
            facts=len(counted),
            readable=sum(any(read(text) for text in texts_in(it.body)) for it in counted),
        )

    # failpoint: none needed (store-transaction)
    async def _erase(self, context: Context, customer_id: str, reason: str | None) -> tuple[str, ...]:
        async with self._store.transaction() as transaction:
            work = self._store.begin_within(transaction.connection, transaction.now, remember=False)
            work.switch_context(context)
            customer = (await find_customer(customer_id, work)).customer
            ids = await ids_of(customer_id, work)
            names = await self._names_of(ids, work)
            destroyed = [await self._vault.destroy(transaction.connection, context.tenant, it) for it in ids]
            if not any(destroyed):
                if not customer.exists:
                    raise CustomerNotFound("Nothing is known of this customer.")
                if customer.is_blank:
                    return customer.erased_ids
            await check_not_busy(ids, work)
            await end_subscriptions(ids, work)
            await release_counted_orders(ids, work)
            for name in names:
                work.release_key(CUSTOMER_EMAIL, name)
            for it in ids:
                (await find_customer(it, work)).customer.erase(it, ids, reason)
            await self._store.flush(work, transaction.connection)
            transaction.units_of_work.append(work)
        return ids

    async def _names_of(self, ids: tuple[str, ...], work: UnitOfWork) -> list[str]:
        """The unique keys of the addresses; the keys to decrypt them still stand."""
        found: list[str] = []
        for it in ids:
            known = await find_customer(it, work)
            name = await self._register.key_of(
                known.customer, await self._register.data_of(known, work), work
            )
            found += [name] if name else []
        return found
