"""Where the credentials of payment accounts lie: encrypted under a key of the tenant.

The tenant's key stands among the keys of its customers, wrapped by the master key: so the rotation of master
keys covers it. Credentials are never changed in place: new ones get a row and an id of their own, and the
fact of the account names the id that counts. So a crash between the two leaves the old ones in force.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from cachetools import TTLCache

from checkout_saga.payments.accounts.domain import accounts_id
from checkout_saga.payments.accounts.health import AccountHealth
from kernel.ids import new_id
from kernel.postgres.service_pool import ServicePool
from kernel.security.personal_data import PersonalData

KEEP = "INSERT INTO payment_secrets (tenant, secrets_id, account_id, sealed) VALUES ($1, $2, $3, $4)"
FIND = "SELECT sealed, unhealthy_since FROM payment_secrets WHERE tenant = $1 AND secrets_id = $2"
DROP_OLDER = """
    DELETE FROM payment_secrets
    WHERE tenant = $1 AND account_id = $2 AND secrets_id <> $3 AND created_at < now() - interval '1 hour'
"""
CACHE_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Secrets:
    """``webhook`` has two for the time of a rotation."""

    credentials: Mapping[str, str] = field(repr=False)
    webhook: tuple[str, ...] = field(repr=False, default=())


class Safe:
    def __init__(self, pool: ServicePool, personal: PersonalData) -> None:
        self._pool = pool
        self._personal = personal
        self.health = AccountHealth(pool)
        self._known = TTLCache[tuple[str, UUID], Secrets](1000, CACHE_SECONDS)

    # failpoint: none needed (named-later)
    async def keep(self, tenant: str, account_id: UUID, secrets: Secrets) -> UUID:
        """Returns the id of the row. It counts once a fact names it."""
        key = await self._personal.key_for(tenant, accounts_id(tenant))
        body = {"credentials": dict(secrets.credentials), "webhook": list(secrets.webhook)}
        secrets_id = new_id()
        await self._pool.execute(KEEP, tenant, secrets_id, account_id, self._personal.encrypt(key, body))
        return secrets_id

    async def open(self, tenant: str, secrets_id: UUID) -> Secrets | None:
        """None: they are gone, or cannot be decrypted."""
        if known := self._known.get((tenant, secrets_id)):
            return known
        rows = await self._pool.fetch_for_tenant(tenant, FIND, secrets_id)
        opened = rows and await self._personal.decrypt(tenant, accounts_id(tenant), rows[0]["sealed"])
        if not opened:
            return None
        found = Secrets(opened["credentials"], tuple(opened["webhook"]))
        self._known[tenant, secrets_id] = found
        return found

    # failpoint: none needed (unused-rows)
    async def drop_older(self, tenant: str, account_id: UUID, current: UUID) -> None:
        """Those of the last hour stay: a change that is under way may be about to name them."""
        await self._pool.execute(DROP_OLDER, tenant, account_id, current)

    async def is_unhealthy(self, tenant: str, secrets_id: UUID) -> bool:
        rows = await self._pool.fetch_for_tenant(tenant, FIND, secrets_id)
        return not rows or rows[0]["unhealthy_since"] is not None
