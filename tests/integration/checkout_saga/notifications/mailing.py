"""The part of the service that sends mails, in a process of its own choice, and what it is asked to send."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, cast
from uuid import UUID, uuid4

import checkout_saga
from checkout_saga.customers.domain.customer import Contact
from checkout_saga.customers.use_cases import set_contact
from checkout_saga.customers.vault import Vault
from checkout_saga.notifications.cart_facts import CartFacts
from checkout_saga.notifications.mail_calls import MailCalls
from checkout_saga.notifications.slack import SlackPoster
from checkout_saga.notifications.use_cases.announcing import Announcer
from checkout_saga.notifications.use_cases.requesting import recovery_id
from checkout_saga.notifications.writing import Links
from contracts import cart
from contracts.customer_keys import CUSTOMER_KEYS
from contracts.envelope import Fact
from contracts.sale import Totals
from contracts.topics import MESSAGES
from kernel.context import Context
from kernel.mail.smtp import SmtpMailer, SmtpServer
from kernel.messaging.inbound import InboundMessage
from kernel.observability.health import Heartbeats
from kernel.scheduling.outbound_calls import OutboundCalls
from kernel.security.master_keys import MasterKeys
from kernel.security.personal_data import PersonalData
from kernel.security.pseudonyms import load_pseudonym_key
from kernel.store.clock import database_now
from kernel.store.event_store import EventStore
from tests.support.database import Pool

MIGRATIONS = Path(checkout_saga.__file__).parent / "migrations"
DEMO = Context(tenant="demo", correlation_id="c", causation_id="c", actor="tester")
KEYS = MasterKeys(CUSTOMER_KEYS, b"k" * 32)
SENDER = "Shop <shop@feira.test>"
SECONDS = 0.5
"""How long the server may take, before a transfer and for it."""


@dataclass(frozen=True)
class Office:
    store: EventStore
    vault: Vault
    calls: OutboundCalls

    async def agree(self, customer_id: str, email: str, *, recovery: bool = True) -> None:
        """The customer leaves an address."""
        (sealed,) = await self.vault.seal("demo", customer_id, {"email": email, "name": "Zoë"})
        contact = Contact(sealed, recovery, "pt-BR")
        await self.store.run(DEMO, lambda work: set_contact(customer_id, contact, work))

    async def read(self, *facts: Fact, has_channel: bool = True) -> None:
        """All of them in one batch of the consumer."""
        handler = CartFacts(has_channel=has_channel)
        async with self.store.pool.acquire() as connection, connection.transaction():
            work = self.store.begin_within(connection, await database_now(connection))
            await handler.handle([message(it) for it in facts], work, connection)
            await self.store.flush(work, connection)
        work.committed()

    async def types(self, notification_id: UUID) -> list[str]:
        rows = await self.store.pool.fetch(
            "SELECT type FROM log WHERE stream_id = $1 ORDER BY version", notification_id
        )
        return [row["type"].removeprefix("notification.") for row in rows]

    async def due(self, customer_id: str, cart_id: UUID | None = None, attempt: int = 1) -> cart.RecoveryDue:
        async with self.store.pool.acquire() as connection:
            now = await database_now(connection)
        return cart.RecoveryDue(
            originator_id=cart_id or uuid4(),
            originator_version=4 + attempt,
            timestamp=now,
            attempt=attempt,
            customer_id=customer_id,
            currency="EUR",
            totals=Totals(subtotal=1800, discount=0, shipping=0, tax=0, total=1800),
            lines=(cart.RecoveryLine(name="Mug", quantity=2, total=1800),),
            expires_at=now + timedelta(days=3),
        )

    async def asked_to_send(self, recipient: str) -> UUID:
        """The id of the notification that a new customer of this name is due."""
        customer_id = f"customer-{uuid4().hex}"
        await self.agree(customer_id, f"{recipient}+{uuid4().hex}@mail.test")
        fact = await self.due(customer_id)
        await self.read(fact)
        return recovery_id(fact)


async def post_office(pool: Pool, port: int, *, slack: SlackPoster | None = None, **server: Any) -> Office:
    store = EventStore(pool, MESSAGES)
    store.react(Announcer(has_mail=True).reactions())
    vault = Vault(PersonalData(pool, KEYS, await load_pseudonym_key(pool, KEYS)))
    described: dict[str, Any] = {"tls": "none", "seconds": SECONDS, "transfer_seconds": SECONDS, **server}
    mailer = SmtpMailer(SmtpServer("127.0.0.1", port, sender=SENDER, **described))
    links = Links("https://shop.test/v1/recover", b"l" * 32)
    callers = MailCalls(store, vault, mailer, links, slack).callers()
    return Office(store, vault, OutboundCalls("checkout-saga", callers, store, Heartbeats(), 8, 2))


def message(fact: Fact) -> InboundMessage:
    return InboundMessage(
        record=cast(Any, None),
        type=fact.TYPE,
        schema_version=fact.SCHEMA_VERSION,
        message_id=uuid4(),
        stream_id=fact.originator_id,
        version=fact.originator_version,
        source="/feira/cart",
        tenant="demo",
        correlation_id="correlation",
        causation_id="cause",
        traceparent=None,
        recorded_at=fact.timestamp,
        occurred_at=None,
        generation=1,
        messages=MESSAGES,
        parsed=fact,
    )
