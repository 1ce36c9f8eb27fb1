"""Locks that keep the erasure of a subject and the copying of facts about it apart.

Both are read from different partitions, so that their transactions may run at once: without a lock neither
sees what the other writes, and the copy stays. Copying shares the lock, and so never waits for other copying.
"""

from __future__ import annotations

from kernel.postgres.advisory_locks import ERASED_SUBJECTS

_LOCK = """
    SELECT {function}({key}, part) FROM (
        SELECT DISTINCT hashtext(tenant || '/' || subject) & 63 AS part
        FROM unnest($1::text[], $2::text[]) AS n (tenant, subject) ORDER BY part
    ) AS parts
"""
"""64 parts, because each is an entry in PostgreSQL's lock table and a batch may hold many subjects. Sorted,
so that two transactions do not wait for each other."""
LOCK_ERASED = _LOCK.format(function="pg_advisory_xact_lock", key=ERASED_SUBJECTS)
LOCK_NOT_ERASED = _LOCK.format(function="pg_advisory_xact_lock_shared", key=ERASED_SUBJECTS)
