"""Appends are counted by what was stored, and conflicts by what two writers had in common."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest

from kernel.errors import Conflict, DuplicateRequest, KeyClaimed
from kernel.store.event_store import EventStore
from tests.integration.kernel.shelf import DEMO, Shelf, put_on_shelf
from tests.integration.kernel.store.test_group_commit import decide_everything, decided
from tests.support.exported import counted

APPENDED, BATCH = "feira_log_appended_total", "feira_append_batch_messages"


@pytest.fixture(autouse=True)
def _exported() -> None:
    from kernel.observability.metrics.declaring import Part, expose

    expose(Part.LOG)


async def test_a_group_commit_counts_its_messages_its_size_and_its_duration(store: EventStore) -> None:
    names = (BATCH + "_count", BATCH + "_sum", "feira_append_duration_seconds_count")
    before = [counted(it) for it in names]
    facts = counted(APPENDED, kind="fact")
    work = await store.begin(DEMO)
    shelf = await work.open(Shelf, uuid4())
    for quantity in range(1, 4):
        shelf.receive(quantity)
    await store.commit(work)
    assert counted(APPENDED, kind="fact") == facts + 3
    assert [counted(it) for it in names] == [before[0] + 1, before[1] + 3, before[2] + 1]


async def test_units_of_work_that_share_a_commit_are_one_batch(store: EventStore) -> None:
    works = [await decided(store, uuid4()) for _ in range(20)]
    batches, messages = counted(BATCH + "_count"), counted(BATCH + "_sum")
    await asyncio.gather(*map(store.commit, works))
    assert counted(BATCH + "_sum") == messages + 20
    assert counted(BATCH + "_count") <= batches + 2


@pytest.mark.parametrize(
    ("by", "error"),
    [("version", Conflict), ("claim", KeyClaimed), ("idempotency_key", DuplicateRequest)],
)
async def test_a_conflict_is_counted_once_by_its_kind(
    store: EventStore, by: str, error: type[Exception]
) -> None:
    shelf, taken = uuid4(), uuid4()
    await store.commit(await decide_everything(store, taken, "taken", "taken"))
    claim = "taken" if by == "claim" else "free"
    late = await decide_everything(store, shelf, claim, "taken" if by == "idempotency_key" else "free")
    if by == "version":
        await put_on_shelf(store, shelf, 1)
    before, facts = counted("feira_append_conflicts_total", by=by), counted(APPENDED, kind="fact")
    with pytest.raises(error):
        await store.commit(late)
    assert counted("feira_append_conflicts_total", by=by) == before + 1
    assert counted(APPENDED, kind="fact") == facts
