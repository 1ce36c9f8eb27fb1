"""What reconciliations have found and not repaired, as kinds of attention; and runs that have failed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType

from checkout_saga.operations.attention.entries import Entry, List, Reader, Source
from checkout_saga.operations.attention.held import list_held
from checkout_saga.reconciliation.domain import codes
from checkout_saga.reconciliation.domain.difference import Difference
from checkout_saga.reconciliation.domain.index_keys import DIFFERENCE, FAILED, OPEN
from checkout_saga.reconciliation.domain.judging import Verdict
from checkout_saga.reconciliation.domain.run import Reconciliation
from checkout_saga.reconciliation.use_cases.running import RECONCILE
from contracts import reconciliation as facts
from kernel.store.loading import LOG_FOR_CALLERS

RECONCILIATION = "reconciliation"
CODES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "provider_mismatch": frozenset({codes.ANSWER_MISMATCH, Verdict.AMOUNT_DIFFERS.value}),
        "webhook": frozenset({codes.WEBHOOK_NOT_MATCHED, codes.WEBHOOK_UNREADABLE, codes.WEBHOOKS_REFUSED}),
        "clearing": frozenset({codes.CLEARING_NOT_EMPTY}),
    }
)
"""By kind of attention, the codes of its differences; all others are of the kind ``reconciliation``."""
ELSEWHERE = frozenset[str]().union(*CODES.values())

FOUND = f"""
    SELECT c.tenant, c.value, c.holder, convert_from(l.body, 'UTF8')::jsonb ->> 'code' AS code
    FROM claims c JOIN {{log}} l ON l.stream_id = c.holder
     AND l.type = '{facts.DifferenceFound.TYPE}'
    WHERE c.kind = '{DIFFERENCE}' AND starts_with(c.value, '{OPEN}/')
"""  # noqa: S608  # constants
"""The open differences with their codes. They are few, so a full read is cheap."""
LIST = f"""
    SELECT value, holder FROM ({FOUND.format(log=LOG_FOR_CALLERS)}) AS d
    WHERE tenant = $1 AND value > $2 AND (code = ANY($3)) = $4 ORDER BY value LIMIT $5
"""  # noqa: S608  # constants
COUNT = f"SELECT to_jsonb(count(*)) FROM ({FOUND.format(log='log')}) AS d WHERE "  # noqa: S608  # constants
COUNT_FAILED = f"SELECT count(*) FROM claims WHERE kind = '{FAILED}'"  # noqa: S608  # a constant


def _sources() -> Sequence[Source]:
    kinds = [
        Source(kind, _list_of(kind), f"{COUNT} code IN ({_literals(found)})", frozenset())
        for kind, found in CODES.items()
    ]
    others = f"{COUNT} code NOT IN ({_literals(ELSEWHERE)})"
    with_failed = f"SELECT to_jsonb(({others})::bigint + ({COUNT_FAILED}))"
    return [*kinds, Source(RECONCILIATION, _reconciliation, with_failed, frozenset({RECONCILE}))]


def _literals(found: Collection[str]) -> str:
    return ", ".join(f"'{it}'" for it in sorted(found))


def _list_of(kind: str) -> List:
    async def list_kind(reader: Reader, after: str, limit: int) -> Sequence[Entry]:
        return await _differences(reader, kind, CODES[kind], after, limit)

    return list_kind


async def _reconciliation(reader: Reader, after: str, limit: int) -> Sequence[Entry]:
    """Both are listed by their times, in keys of one form."""
    differences = await _differences(reader, RECONCILIATION, ELSEWHERE, after, limit, among=False)
    failed = await _failed_runs(reader, after, limit)
    return sorted((*differences, *failed), key=lambda it: it.position)[:limit]


async def _failed_runs(reader: Reader, after: str, limit: int) -> Sequence[Entry]:
    listed = await list_held(reader, FAILED, Reconciliation, after, limit)
    return [
        Entry(
            kind=RECONCILIATION,
            id=key.owner,
            since=run.completed_at or run.modified_on,
            code="RECONCILIATION_FAILED",
            detail=f"{run.gateway}: {run.failure}",
            tries=0,
            actions=(),
            position=key.value,
            timer=run.account_id,
        )
        for key, run in listed
    ]


async def _differences(
    reader: Reader, kind: str, found: Collection[str], after: str, limit: int, *, among: bool = True
) -> Sequence[Entry]:
    """``among``: those whose code is one of ``found``; False: all others."""
    rows = await reader.pool.fetch_for_tenant(reader.tenant, LIST, after, list(found), among, limit)
    opened = await reader.work.open_many(Difference, [row["holder"] for row in rows])
    return [
        Entry(
            kind=kind,
            id=row["holder"],
            since=difference.found_at,
            code=difference.code,
            detail=_detail_of(difference),
            tries=0,
            actions=("resolve",),
            position=row["value"],
            timer=row["holder"],
        )
        for row in rows
        for difference in [opened[row["holder"]]]
    ]


def _detail_of(difference: Difference) -> str:
    what = f"{difference.gateway}: {difference.kind} {difference.reference}"
    return f"{what}: {difference.detail}" if difference.detail else what


OF_DIFFERENCES = _sources()
