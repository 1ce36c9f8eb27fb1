"""A customer's mail over a real SMTP server: requested with the fact, and not sent to whom was erased."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import pytest

from checkout_saga.customers.use_cases import resolve_customer
from checkout_saga.fulfillment.domain.shipment import Shipment, Tracking
from checkout_saga.notifications.use_cases.requesting import recovery_id
from checkout_saga.orders.domain.order import Order
from checkout_saga.privacy.erasure import Eraser
from contracts.shipment import ShippedUnits
from devstack.databases import Database
from kernel.unit_of_work import UnitOfWork
from tests.integration.checkout_saga.notifications.mailing import DEMO, Office, post_office
from tests.support.database import copied, service_pool
from tests.support.mailboxes import MailServer
from tests.support.running import running
from tests.support.waiting import until
from tests.unit.checkout_saga.examples import SALE

ENDS = {"sent", "failed", "unknown", "skipped"}


@pytest.fixture
async def idle(template: Database, server: MailServer) -> AsyncIterator[Office]:
    """It sends once ``calls`` run."""
    async with copied(template) as database, service_pool(database) as pool:
        yield await post_office(pool, server.port)


async def buys(office: Office, email: str) -> tuple[str, UUID]:
    """A customer with an order, and the order."""
    customer_id, order_id = f"customer-{uuid4().hex}", uuid4()
    (sealed,) = await office.vault.seal("demo", customer_id, {"customer": {"email": email, "name": "Zoë"}})

    async def act(work: UnitOfWork) -> None:
        await resolve_customer(customer_id, sealed, work, guest=False)
        work.create(Order, order_id).create(uuid4(), uuid4(), customer_id, None, None, SALE, number="F-1")

    await office.store.run(DEMO, act)
    return customer_id, order_id


async def ship(office: Office, customer_id: str, order_id: UUID) -> UUID:
    """Returns the notification that the dispatch calls for."""
    shipment_id = uuid4()

    async def act(work: UnitOfWork) -> None:
        units = [ShippedUnits(line_id="a", quantity=2)]
        work.create(Shipment, shipment_id).dispatch(
            order_id, customer_id, units, tracking=Tracking("Correio", "RR4711PT", None)
        )

    await office.store.run(DEMO, act)
    found: UUID = await office.store.pool.fetchval(
        """SELECT stream_id FROM log WHERE type = 'notification.requested'
           AND convert_from(body, 'UTF8')::jsonb->>'about' = $1""",
        str(shipment_id),
    )
    return found


async def ended(office: Office, notification: UUID) -> list[str]:
    async def has_ended() -> bool:
        return (await office.types(notification))[-1] in ENDS

    async with running(office.calls.run()):
        await until(has_ended)
    return await office.types(notification)


async def test_a_dispatch_is_told_by_one_mail(idle: Office, server: MailServer) -> None:
    address = f"ana+{uuid4().hex}@mail.test"
    mail = await ship(idle, *await buys(idle, address))
    assert await ended(idle, mail) == ["requested", "sending", "sent"]
    (taken,) = server.taken_for(address)
    assert taken["id"] == f"<{mail}@feira.test>"
    assert "is on its way" in taken["subject"]
    assert "RR4711PT" in taken["text"]


async def test_no_address_and_no_text_is_stored(idle: Office) -> None:
    address = f"ana+{uuid4().hex}@mail.test"
    mail = await ship(idle, *await buys(idle, address))
    await ended(idle, mail)
    for table in ("log", "timers", "claims"):
        text = await idle.store.pool.fetchval(f"SELECT string_agg(t::text, ' ') FROM {table} t")  # noqa: S608
        assert address not in (text or "")


@pytest.mark.parametrize("when", ["before the fact", "before the mail"])
async def test_an_erased_customer_gets_no_mail(idle: Office, server: MailServer, when: str) -> None:
    address = f"ana+{uuid4().hex}@mail.test"
    customer_id, order_id = await buys(idle, address)
    eraser = Eraser(idle.store, idle.vault)
    if when == "before the fact":
        await eraser.erase(DEMO, customer_id, None)
    mail = await ship(idle, customer_id, order_id)
    if when == "before the mail":
        await eraser.erase(DEMO, customer_id, None)
    assert await ended(idle, mail) == ["requested", "skipped"]
    assert server.taken_for(address) == []


async def test_the_cart_of_an_erased_customer_is_not_reminded_of(idle: Office, server: MailServer) -> None:
    customer_id, address = f"customer-{uuid4().hex}", f"ana+{uuid4().hex}@mail.test"
    await idle.agree(customer_id, address)
    due = await idle.due(customer_id)
    await Eraser(idle.store, idle.vault).erase(DEMO, customer_id, None)
    await idle.read(due)
    assert await ended(idle, recovery_id(due)) == ["requested", "skipped"]
    assert server.taken_for(address) == []
