"""The keys of the people who receive reports: addresses are encrypted under the key of the subscription's
owner, which is erased once the last API key of the owner has ended. Then nothing reads them any more, in
backups neither."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID, uuid5

from cryptography.exceptions import InvalidTag

from contracts.data_protection import SubjectKeys
from kernel.ids import NIL_ID
from kernel.postgres.service_pool import ServicePool
from kernel.security.master_keys import MasterKeys, subject_owner
from kernel.security.personal_data import PersonalData

KEYS = SubjectKeys(
    table="report_owner_key",
    subject_column="owner_id",
    wrapping_label=b"feira wraps report keys",
    secrets_table="",
    pseudonym_secret="",
    pseudonym_owner=b"",
    pseudonym_label=b"feira names no recipients",
)
STORED = "SELECT tenant, owner_id, wrapped_key FROM report_owner_key WHERE wrapped_key IS NOT NULL"
REPLACE = "UPDATE report_owner_key SET wrapped_key = $3 WHERE (tenant, owner_id, wrapped_key) = ($1, $2, $4)"
END_OWNERS = """
    WITH gone AS (
        SELECT DISTINCT s.tenant, s.owner_id FROM report_subscription s
        WHERE s.state <> 'ended' AND NOT EXISTS (
            SELECT FROM api_keys k WHERE k.tenant = s.tenant AND k.role || ':' || k.name = s.owner
              AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now()))
    ), erased AS (
        UPDATE report_owner_key o SET wrapped_key = NULL, erased_at = feira_now()
        FROM gone WHERE (o.tenant, o.owner_id) = (gone.tenant, gone.owner_id)
    )
    UPDATE report_subscription s SET state = 'ended', address = ''
    FROM gone WHERE (s.tenant, s.owner_id) = (gone.tenant, gone.owner_id)
"""


def owner_id(tenant: str, owner: str) -> UUID:
    return uuid5(NIL_ID, f"{tenant}\0{owner}")


def addresses_under(pool: ServicePool, link_keys: Sequence[bytes]) -> PersonalData:
    return PersonalData(pool, _master_keys(link_keys), b"")


async def open_address(addresses: PersonalData, row: Mapping[str, Any]) -> str | None:
    """The address of a subscription; None once it is erased, or if its key is wrapped under a link key that
    this process does not have."""
    try:
        opened = await addresses.decrypt(row["tenant"], row["owner_id"], row["address"])
    except InvalidTag:
        return None
    return opened["address"] if opened else None


def _master_keys(link_keys: Sequence[bytes]) -> MasterKeys:
    return MasterKeys(KEYS, link_keys[0], link_keys[1:])


# failpoint: none needed (rewrapping)
async def rewrap(pool: ServicePool, link_keys: Sequence[bytes]) -> None:
    """Wrap all keys under the current link key: an older one may then be forgotten."""
    keys = _master_keys(link_keys)
    for tenant, owner, wrapped in await pool.fetch(STORED):
        try:
            fresh = keys.rewrap(wrapped, subject_owner(tenant, owner))
        except InvalidTag:  # of a link key that is gone: its addresses cannot be read, see ``sending``
            continue
        if fresh is not None:
            await pool.execute(REPLACE, tenant, owner, fresh, wrapped)


# failpoint: none needed (report)
async def end_owners(pool: ServicePool) -> None:
    """End the subscriptions of owners without a valid API key, and erase their keys and addresses."""
    await pool.execute(END_OWNERS)
