"""Consumes the facts of plans and keeps the copy of them, a batch at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from contracts import plan
from kernel.messaging.inbound import InboundMessage
from kernel.store.pg_unit_of_work import PgUnitOfWork
from kernel.store.writing import Connection, columns

UPSERT = """
    INSERT INTO plan_copy AS c (tenant, plan_id, terms_version, version, terms)
    SELECT * FROM unnest($1::text[], $2::uuid[], $3::bigint[], $4::bigint[], $5::jsonb[])
    ON CONFLICT (tenant, plan_id, terms_version) DO UPDATE
    SET version = excluded.version, terms = excluded.terms WHERE c.version < excluded.version
"""
ARCHIVE = """
    UPDATE plan_copy c SET archived = true FROM unnest($1::text[], $2::uuid[]) AS gone (tenant, plan_id)
    WHERE (c.tenant, c.plan_id) = (gone.tenant, gone.plan_id)
"""
"""Terms that follow the end of a plan are not archived themselves: one archived row is enough."""


class PlanFacts:
    """Implements the protocol ``kernel.messaging.batch.Handler``."""

    scope = "checkout-saga.plans"
    types = frozenset({plan.Created.TYPE, plan.Changed.TYPE, plan.Archived.TYPE})

    # failpoint: none needed (consumer-batch), 2 calls
    async def handle(
        self,
        batch: Sequence[InboundMessage],
        work: PgUnitOfWork,  # noqa: ARG002  # it decides nothing
        connection: Connection,
    ) -> None:
        terms: dict[tuple[str, UUID, int], tuple[int, dict[str, Any]]] = {}
        archived: set[tuple[str, UUID]] = set()
        for message in batch:
            fact = message.fact()
            if isinstance(fact, plan.Archived):
                archived.add((message.tenant, fact.originator_id))
            elif isinstance(fact, plan.Created | plan.Changed):
                key = message.tenant, fact.originator_id, fact.terms_version
                written = fact.terms.model_dump(mode="json", exclude_none=True)
                terms[key] = fact.originator_version, written
        if terms:
            rows = [(*key, *row) for key, row in sorted(terms.items(), key=lambda pair: pair[0])]
            await connection.execute(UPSERT, *columns(rows))
        if archived:
            await connection.execute(ARCHIVE, *columns(sorted(archived)))
