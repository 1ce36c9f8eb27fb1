"""The numbers of exposures and conversions of each variant. They follow the service's own log."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from uuid import UUID

from contracts.offer import VariantConverted, VariantSelected
from kernel.postgres.service_pool import ServicePool
from kernel.store.event_store import EventStore
from kernel.store.log_follower import LogFollower, Recorded
from kernel.store.writing import Connection, columns
from pricing.significance import Count

ADD = """
    INSERT INTO experiment_counts AS c (tenant, experiment_id, variant_id, exposures, conversions)
    SELECT * FROM unnest($1::text[], $2::uuid[], $3::uuid[], $4::bigint[], $5::bigint[])
    ON CONFLICT (tenant, experiment_id, variant_id) DO UPDATE
    SET exposures = c.exposures + excluded.exposures, conversions = c.conversions + excluded.conversions
"""
READ = """
    SELECT variant_id, exposures, conversions FROM experiment_counts
    WHERE tenant = $1 AND experiment_id = ANY($2)
"""
PLACE = "experiment_counts_place"


def count_follower(store: EventStore) -> LogFollower:
    return LogFollower(PLACE, (VariantSelected, VariantConverted), add_counts, store)


# failpoint: none needed (store-transaction)
async def add_counts(connection: Connection, recorded: Sequence[Recorded]) -> None:
    exposures: Counter[tuple[str, UUID, UUID]] = Counter()
    conversions: Counter[tuple[str, UUID, UUID]] = Counter()
    for it in recorded:
        match it.fact:
            case VariantSelected(experiment_id=experiment_id, variant_id=variant_id):
                exposures[it.tenant, experiment_id, variant_id] += 1
            case VariantConverted(experiment_id=experiment_id, variant_id=variant_id):
                conversions[it.tenant, experiment_id, variant_id] += 1
    rows = [(*key, exposures[key], conversions[key]) for key in sorted({*exposures, *conversions})]
    await connection.execute(ADD, *columns(rows))


async def read_counts(pool: ServicePool, tenant: str, experiments: Iterable[UUID]) -> dict[UUID, Count]:
    """By variant; a variant without any is left out."""
    rows = await pool.fetch_for_tenant(tenant, READ, list(experiments))
    return {row["variant_id"]: Count(row["exposures"], row["conversions"]) for row in rows}
