"""What a restored database has brought back of erased persons, taken away again; and what the register holds.

An erasure destroys the key of the person's data, and a fact can only say that it did: the key itself comes
back with a database that is restored to a moment before it.
"""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

import orjson
import structlog
from cryptography.exceptions import InvalidTag

from checkout_saga.customers.domain.customer import Customer
from checkout_saga.customers.register import Register
from checkout_saga.customers.vault import Vault
from checkout_saga.privacy.domain.sealed import sealed_in
from checkout_saga.privacy.use_cases import release_numbers_of
from kernel.recovery.log_recovery import LogContradicts
from kernel.store.writing import Connection
from kernel.unit_of_work import UnitOfWork

LOG = structlog.get_logger()
ERASED_WITH_A_KEY = """
    SELECT held.tenant, held.customer_id AS stream_id, erased.version, erased.body
    FROM customer_keys held CROSS JOIN LATERAL (
        SELECT version, body FROM log
        WHERE stream_id = held.customer_id AND tenant = held.tenant AND type = 'customer.erased'
        ORDER BY version DESC LIMIT 1
    ) erased
    WHERE held.wrapped_key IS NOT NULL ORDER BY held.tenant, held.customer_id
"""
BEFORE = "SELECT body FROM log WHERE stream_id = $1 AND version < $2 AND kind = 'fact' ORDER BY version"
NO_MASTER_KEY = (
    "a key is wrapped by none of the configured master keys: give the older ones, too (FEIRA_MASTER_KEYS_OLD)"
)


class CustomersAgain:
    """One run of a recovery."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._register = Register(vault)
        self._erased: set[UUID] = set()

    async def repeat_erasures(self, connection: Connection) -> Collection[UUID]:
        """Destroy each key that decrypts what its customer's last erasure has put beyond reach. One that was
        made after that erasure decrypts nothing from before it, and is left. Returns the customers' streams.
        Raises ``LogContradicts`` if a key cannot be unwrapped."""
        for row in await connection.fetch(ERASED_WITH_A_KEY):
            stream, customer_id = row["stream_id"], orjson.loads(row["body"])["customer_id"]
            try:
                read = await self._vault.reader(row["tenant"], [customer_id])
            except InvalidTag:
                raise LogContradicts(NO_MASTER_KEY, [f"customer stream {stream}"]) from None
            facts = await connection.fetch(BEFORE, stream, row["version"])
            texts = (text for it in facts for text in sealed_in(orjson.loads(it["body"])))
            if any(read(it) is not None for it in texts):
                await self._vault.destroy(connection, row["tenant"], customer_id)
                self._erased.add(stream)
        LOG.info("erasures_repeated", customers=len(self._erased))
        return self._erased

    async def hold_again(self, customer: Customer, work: UnitOfWork) -> None:
        """The keys of a customer whose facts have been recovered, or whose erasure was repeated."""
        if customer.erased_ids:
            await release_numbers_of(customer.id, work)
        if customer.id in self._erased:
            return
        try:
            await self._register.hold_again(customer, work)
        except InvalidTag:
            raise LogContradicts(NO_MASTER_KEY, [f"customer stream {customer.id}"]) from None
