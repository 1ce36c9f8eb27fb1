"""A rebuild takes the same facts from the topics as the live consumer."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.topics import MESSAGES
from kernel.messaging import deduplication as live
from kernel.projections.counters import CounterModel
from kernel.projections.rebuild.deduplication import RunShare, SeenSkipped, classify, read_heads, share_of
from kernel.projections.rebuild.errors import RunFailed
from kernel.projections.rebuild.skipped_records import SkippedRecords
from projections.models.orders.model import ORDERS
from projections.models.registry import REGISTRY
from tests.support.purchases import Purchase, Record
from tests.unit.projections.expected_rows import COUNTERS, facts_of, interleavings
from tests.unit.projections.purchase_strategies import DAYS, purchases

SKIP_NOTHING = SkippedRecords()
TOPICS = REGISTRY.topics
KNOWN = frozenset(it.encode() for model in COUNTERS for it in model.types)


@pytest.mark.parametrize("model", COUNTERS, ids=lambda it: it.name)
@given(data=st.data(), generated=purchases())
def test_repeats_and_gaps_are_classified_as_by_the_live_consumer(
    model: CounterModel[Any, Any], data: st.DataObject, generated: list[Purchase]
) -> None:
    once = data.draw(interleavings(facts_of(*generated)))
    again = data.draw(st.lists(st.sampled_from(once), max_size=len(once)))
    lost = data.draw(st.sets(st.integers(0, len(once) - 1), max_size=2))
    published = [event for n, event in enumerate(once) if n not in lost] + again + once
    records = [event.record(offset) for offset, event in enumerate(published)]
    expected = live.deduplicate(*live.read_envelopes(records, MESSAGES), {})
    heads, unreadable = read_heads(records, KNOWN, MESSAGES)
    page = classify(heads, {}, unreadable)
    share = share_of(page, model.types, TOPICS, SKIP_NOTHING, SeenSkipped())
    assert [message.message_id for message in share.new] == [
        message.message_id for message in expected.accepted if message.type in model.types
    ]
    assert (page.versions, share.unreadable) == (expected.versions, 0)
    assert len(share.gaps) == len(expected.parked)


def test_unreadable_records_and_gaps_of_topics_that_a_read_model_is_not_built_from_do_not_concern_it() -> (
    None
):
    locked = [event.record(7) for event in Purchase(1, DAYS[0]).lock().happened]
    without_headers = [with_headers(record, []) for record in locked]
    ahead = [
        with_headers(
            record, [(name, b"9" if name == "ce_version" else value) for name, value in record.headers]
        )
        for record in locked
    ]
    heads, unreadable = read_heads([*without_headers, *ahead], KNOWN, MESSAGES)
    page = classify(heads, {}, unreadable)
    assert (len(page.gaps), len(page.unreadable)) == (len(locked), len(locked))
    assert share_of(page, ORDERS.types, REGISTRY.topics_of(ORDERS), SKIP_NOTHING, SeenSkipped()) == RunShare()


def test_an_unreadable_record_is_skipped_only_if_it_was_parked_or_discarded() -> None:
    (record, *_) = [event.record(7) for event in Purchase(1, DAYS[0]).begin().happened]
    broken = with_headers(record, [header for header in record.headers if header[0] != "ce_tenant"])
    heads, unreadable = read_heads([broken], KNOWN, MESSAGES)
    assert heads == []
    page = classify(heads, {}, unreadable)
    for model in COUNTERS:
        with pytest.raises(RunFailed, match=f"{record.topic}/{record.partition}, offset 7, cannot be read"):
            share_of(page, model.types, TOPICS, SKIP_NOTHING, SeenSkipped())
        to_skip = SkippedRecords(positions={position_of(broken): True})
        assert share_of(page, model.types, TOPICS, to_skip, SeenSkipped()).unreadable == 1


def test_a_dead_letter_of_the_model_is_skipped_and_one_of_all_models_fails_the_run() -> None:
    facts = facts_of(Purchase(1, DAYS[0]).begin().compensate("a").compensate("b"))
    model = COUNTERS[2]
    records = [event.record(n) for n, event in enumerate(facts)]
    heads, _ = read_heads(records, KNOWN, MESSAGES)
    second, message = heads[1].fact, id_of(records[1])
    page = classify(heads, {})
    share = share_of(
        page, model.types, TOPICS, SkippedRecords(facts={second: {message: True}}), SeenSkipped()
    )
    assert [message.version for message in share.new] == [1, 3]
    assert [head.fact for head in share.skipped] == [second]
    with pytest.raises(RunFailed, match="parked and could not be read"):
        share_of(page, model.types, TOPICS, SkippedRecords(facts={second: {message: False}}), SeenSkipped())


def test_a_fact_with_a_skipped_forgery_is_taken_once_from_its_genuine_record() -> None:
    facts = facts_of(Purchase(1, DAYS[0]).begin().compensate("a").compensate("b"))
    model = COUNTERS[2]
    records = [event.record(n) for n, event in enumerate(facts)]
    forged_id = "00000000-0000-4000-8000-000000000001"
    forged = with_headers(
        records[1],
        [(name, forged_id.encode() if name == "ce_id" else value) for name, value in records[1].headers],
    )
    heads, _ = read_heads([records[0], forged, records[1], records[2], records[1], forged], KNOWN, MESSAGES)
    to_skip = SkippedRecords(facts={heads[1].fact: {forged_id: True}})

    share = share_of(classify(heads, {}), model.types, TOPICS, to_skip, SeenSkipped())

    assert [message.version for message in share.new] == [1, 2, 3]
    assert id_of(share.new[1].record) == id_of(records[1])


def id_of(record: Record) -> str:
    return str(dict(record.headers)["ce_id"].decode())


def with_headers(record: Record, headers: list[Any]) -> Record:
    return replace(record, headers=tuple(headers))


def position_of(record: Record) -> tuple[str, int, int, bytes | None, bytes | None]:
    digest = sha256(record.value or b"").digest()
    return record.topic, record.partition, record.offset, record.key, digest
