"""The key under which guests get their ids: it outlives every master key, for ids never change."""

from __future__ import annotations

from kernel.master_keys import MasterKeys
from kernel.service_pool import ServicePool

OWNER = b"names guests"
FIND = "SELECT wrapped FROM kept_secrets WHERE name = 'guests'"
KEEP = "INSERT INTO kept_secrets (name, wrapped) VALUES ('guests', $1) ON CONFLICT DO NOTHING"
ANY_CUSTOMER = """
    SELECT tenant, customer_id, wrapped_key FROM customer_keys WHERE wrapped_key IS NOT NULL LIMIT 1
"""


def owner_of(tenant: str, customer_id: object) -> bytes:
    """Whom a wrapped key belongs to: under another name it does not open."""
    return f"{tenant}\0{customer_id}".encode()


# failpoint: none needed (first-writer)
async def naming_key(pool: ServicePool, keys: MasterKeys) -> bytes:
    """As kept. Where it is not yet: as derived from the master key that was in use until then."""
    wrapped = await pool.fetchval(FIND)
    if wrapped is None:
        await pool.execute(KEEP, keys.wrap(await _until_then(pool, keys), OWNER))
        wrapped = await pool.fetchval(FIND)  # another process may have been the first
    return keys.unwrap(wrapped, OWNER)


async def _until_then(pool: ServicePool, keys: MasterKeys) -> bytes:
    customer = await pool.fetchrow(ANY_CUSTOMER)
    if customer is None:
        return keys.naming
    owner = owner_of(customer["tenant"], customer["customer_id"])
    return keys.naming_of_opener(customer["wrapped_key"], owner)
