"""Which records a rebuild may leave out that other read models have parked."""

from __future__ import annotations

import pytest
from aiokafka.structs import ConsumerRecord

from kernel.projections.rebuild.errors import RunFailed
from kernel.projections.rebuild.skipped_records import load_skipped_records
from tests.support.database import Pool
from tests.unit.projections.expected_rows import COUNTERS

PARK = """
    INSERT INTO parked (grp, topic, part, record_offset, record_key, headers, body, reason, error)
    VALUES ('projections.another', 'checkout.events', 77, 5, 'key', '[]', '{}', 'headers', 'none')
"""


async def test_a_new_read_model_leaves_out_what_nothing_could_read_once_it_is_discarded_anywhere(
    pool: Pool,
) -> None:
    junk = ConsumerRecord("checkout.events", 77, 5, 0, 0, b"key", b"{}", None, 3, 2, ())
    async with pool.acquire() as connection:
        before = await load_skipped_records(COUNTERS[0], "rebuild", connection)
        assert not before.skips_unreadable(junk)

        await connection.execute(PARK)
        parked = await load_skipped_records(COUNTERS[0], "rebuild", connection)
        with pytest.raises(RunFailed, match="retry or discard it first"):
            parked.skips_unreadable(junk)

        await connection.execute(
            "UPDATE parked SET resolved_at = now(), resolution = 'discarded: junk' WHERE part = 77"
        )
        discarded = await load_skipped_records(COUNTERS[0], "rebuild", connection)
        assert discarded.skips_unreadable(junk)
