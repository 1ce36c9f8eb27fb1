"""The routes of a person's rights: to see all that is held, and to have it erased."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import Response

from checkout_saga.customers.domain.errors import CustomerNotFound
from checkout_saga.customers.schemas import CustomerId
from checkout_saga.customers.use_cases import find_customer, ids_of
from checkout_saga.customers.vault import Vault
from checkout_saga.privacy.domain.errors import CustomerBusy
from checkout_saga.privacy.erasure import Eraser
from checkout_saga.privacy.held_facts import HeldFacts
from checkout_saga.privacy.schemas import Erasure, ErasureReceipt, HeldFactView, show_held, show_receipt
from contracts.roles import ADMINS, SERVICES
from kernel.http.dependencies import Read, Write
from kernel.http.paging import Page, Paged
from kernel.http.requests import Int64
from kernel.http.results import Result
from kernel.http.route_tables import Route, RouteTable
from kernel.store.event_store import EventStore
from kernel.unit_of_work import UnitOfWork

PRIVATE = {"Cache-Control": "private, no-store"}


@dataclass(frozen=True, slots=True)
class _Handlers:
    vault: Vault
    eraser: Eraser
    held: HeldFacts

    async def list_personal_data(self, customer_id: CustomerId, read: Read, paging: Paged) -> Response:
        """All that is held about the person with this id, decrypted, in the order in which it was recorded:
        also what is held under the ids of linked guests."""
        (after,) = paging.after(Int64) or (0,)

        async def act(work: UnitOfWork) -> Result:
            is_known = (await find_customer(customer_id, work)).customer.exists
            ids = await ids_of(customer_id, work)
            streams = await self.held.streams(read.tenant, ids)
            facts = await self.held.facts(read.tenant, streams, after, paging.more)
            if not is_known and not facts and not after:
                raise CustomerNotFound("Nothing is known of this customer.")
            opener = await self.vault.reader(read.tenant, ids)
            return Result(
                paging.page(facts, key=lambda it: (it.position,), show=lambda it: show_held(it, opener))
            )

        response = await read.run(act)
        response.headers.update(PRIVATE)
        return response

    async def erase_customer(self, customer_id: CustomerId, body: Erasure, write: Write) -> Response:
        """Destroy the keys of the person's data, under all ids of the person, so that no copy can be
        decrypted any more. A repetition returns the same receipt, unless data was added since."""
        return await self._erase(customer_id, body.reason, write)

    async def delete_personal_data(self, customer_id: CustomerId, write: Write) -> Response:
        """The same as an erasure, without a reason."""
        return await self._erase(customer_id, None, write)

    async def _erase(self, customer_id: str, reason: str | None, write: Write) -> Response:
        async def erase() -> tuple[str, ...]:
            return await self.eraser.erase(write.context, customer_id, reason)

        async def count(ids: tuple[str, ...], _work: UnitOfWork) -> Result:
            return Result(show_receipt(await self.eraser.receipt(write.context, customer_id, ids)))

        return await write.run_after(erase, count)


TO_ERASE = (CustomerNotFound, CustomerBusy)


def table(store: EventStore, vault: Vault) -> RouteTable:
    do = _Handlers(vault, Eraser(store, vault), HeldFacts(store.pool))
    of_person = "/v1/customers/{customer_id}/personal-data"
    return RouteTable(
        "privacy",
        (
            Route("GET", of_person, do.list_personal_data, SERVICES, Page[HeldFactView], (CustomerNotFound,)),
            Route("DELETE", of_person, do.delete_personal_data, ADMINS, ErasureReceipt, TO_ERASE),
            Route(
                "POST",
                "/v1/customers/{customer_id}/erase",
                do.erase_customer,
                ADMINS,
                ErasureReceipt,
                TO_ERASE,
            ),
        ),
    )
