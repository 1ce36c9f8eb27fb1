"""What a rebuild takes from the topics is what the live consumer has taken from them."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.topics import MESSAGES
from kernel.messaging import sifting as live
from projections.adapters.rebuild.deduplication import SeenSkipped, classify, read_heads, share_of
from projections.adapters.rebuild.errors import RunFailed
from projections.adapters.rebuild.skipped_records import SkippedRecords
from projections.read_models.model import ReadModel
from projections.read_models.registry import READ_MODELS
from tests.support.purchases import Purchase, Record
from tests.unit.projections.expected_rows import happened, interleavings
from tests.unit.projections.purchase_strategies import DAYS, purchases

NOTHING = SkippedRecords()
KNOWN = frozenset(it.encode() for model in READ_MODELS for it in model.types)


@pytest.mark.parametrize("model", READ_MODELS, ids=lambda it: it.name)
@given(data=st.data(), lived=purchases())
def test_repetitions_and_gaps_are_seen_as_the_live_consumer_sees_them(
    model: ReadModel[Any, Any], data: st.DataObject, lived: list[Purchase]
) -> None:
    once = data.draw(interleavings(happened(*lived)))
    again = data.draw(st.lists(st.sampled_from(once), max_size=len(once)))
    lost = data.draw(st.sets(st.integers(0, len(once) - 1), max_size=2))
    published = [it for n, it in enumerate(once) if n not in lost] + again + once
    records = [it.record(offset) for offset, it in enumerate(published)]
    theirs = live.sift(*live.read_all(records, MESSAGES), {})
    heads, unreadable = read_heads(records, KNOWN)
    ours = classify(heads, {}, unreadable)
    share = share_of(ours, model.types, NOTHING, SeenSkipped())
    assert [it.message_id for it in share.new] == [
        it.message_id for it in theirs.new if it.type in model.types
    ]
    assert (ours.versions, share.unreadable) == (theirs.versions, 0)
    assert len(share.gaps) == len(theirs.parked)


def test_a_record_that_cannot_be_read_is_never_skipped_unless_somebody_has_put_it_aside() -> None:
    (record, *_) = [it.record(7) for it in Purchase(1, DAYS[0]).begin().happened]
    broken = with_headers(record, [it for it in record.headers if it[0] != "ce_tenant"])
    heads, unreadable = read_heads([broken], KNOWN)
    assert heads == []
    found = classify(heads, {}, unreadable)
    for model in READ_MODELS:
        with pytest.raises(RunFailed, match=f"{record.topic}/{record.partition}, offset 7, cannot be read"):
            share_of(found, model.types, NOTHING, SeenSkipped())
        aside = SkippedRecords(places={place_of(broken): True})
        assert share_of(found, model.types, aside, SeenSkipped()).unreadable == 1


def test_what_is_put_aside_is_left_out_and_what_stands_in_the_way_fails() -> None:
    facts = happened(Purchase(1, DAYS[0]).begin().compensate("a").compensate("b"))
    model = READ_MODELS[2]
    records = [it.record(n) for n, it in enumerate(facts)]
    heads, _ = read_heads(records, KNOWN)
    second, message = heads[1].fact, id_of(records[1])
    found = classify(heads, {})
    share = share_of(found, model.types, SkippedRecords(facts={second: {message: True}}), SeenSkipped())
    assert [it.version for it in share.new] == [1, 3]
    assert [it.fact for it in share.left_out] == [second]
    with pytest.raises(RunFailed, match="parked for all read models"):
        share_of(found, model.types, SkippedRecords(facts={second: {message: False}}), SeenSkipped())


def test_a_fact_of_which_a_strangers_record_was_set_aside_is_taken_from_the_genuine_one_and_once() -> None:
    facts = happened(Purchase(1, DAYS[0]).begin().compensate("a").compensate("b"))
    model = READ_MODELS[2]
    records = [it.record(n) for n, it in enumerate(facts)]
    stranger = "00000000-0000-4000-8000-000000000001"
    forged = with_headers(
        records[1], [(name, stranger.encode() if name == "ce_id" else it) for name, it in records[1].headers]
    )
    heads, _ = read_heads([records[0], forged, records[1], records[2], records[1], forged], KNOWN)
    aside = SkippedRecords(facts={heads[1].fact: {stranger: True}})

    share = share_of(classify(heads, {}), model.types, aside, SeenSkipped())

    assert [it.version for it in share.new] == [1, 2, 3]
    assert id_of(share.new[1].record) == id_of(records[1])


def id_of(record: Record) -> str:
    return str(dict(record.headers)["ce_id"].decode())


def with_headers(record: Record, headers: list[Any]) -> Record:
    return replace(record, headers=tuple(headers))


def place_of(record: Record) -> tuple[str, int, int, bytes | None, bytes | None]:
    digest = sha256(record.value or b"").digest()
    return record.topic, record.partition, record.offset, record.key, digest
