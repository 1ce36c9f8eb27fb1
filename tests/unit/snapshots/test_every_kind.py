"""For every kind of aggregate: a snapshot and the later facts give what the whole fold gives."""

from __future__ import annotations

from enum import Enum
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.topics import MESSAGES
from kernel.domain import Aggregate
from kernel.store.snapshots.fold import fold_of
from kernel.store.snapshots.state_codec import codec_of
from tests.unit.snapshots.histories import STREAM, Kind, fact_types, fold_into, folded, histories, kinds

KINDS = kinds()
SIMPLE = 5
"""A kind with fewer types of facts has few ways to go on: fewer histories meet them all."""


def examples(kind: Kind) -> settings:
    return settings(
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        deadline=None,
        derandomize=True,
        max_examples=30 if len(fact_types(kind)) < SIMPLE else 120,
    )


def parts(value: Any) -> Any:
    """A value with its types, down to what ``==`` compares; a class of our own may have no ``==``."""
    match value:
        case dict():
            return type(value), [(parts(key), parts(it)) for key, it in value.items()]
        case tuple() | list():
            return type(value), [parts(it) for it in value]
        case set() | frozenset():
            return type(value), value
        case Enum():
            return value
        case _ if hasattr(value, "__dict__"):
            return type(value), {name: parts(it) for name, it in vars(value).items()}
        case _ if hasattr(value, "__slots__") and hasattr(value, "__dataclass_fields__"):
            return type(value), [parts(getattr(value, name)) for name in value.__dataclass_fields__]
    return value


def test_the_kinds_of_all_services_are_found() -> None:
    assert {it.__name__ for it in KINDS} >= {"Cart", "Stock", "Promotion", "Checkout", "Order", "Payment"}


@pytest.mark.parametrize("kind", KINDS, ids=lambda it: it.__name__)
def test_a_snapshot_at_any_version_and_the_later_facts_give_the_whole_fold(kind: Kind) -> None:
    codec = codec_of(fold_of(kind, MESSAGES))
    seen: set[str] = set()

    @examples(kind)
    @given(st.data())
    def holds(data: st.DataObject) -> None:
        history = data.draw(histories(kind))
        seen.update(it.TYPE for it in history)
        version = data.draw(st.integers(0, len(history)))
        state = codec.to_bytes(folded(kind, history[:version]))

        restored = codec.from_bytes(kind, STREAM, version, state)
        assert codec.to_bytes(restored) == state
        fold_into(restored, history[version:])

        whole = folded(kind, history)
        assert parts(restored) == parts(whole)
        assert codec.to_bytes(restored) == codec.to_bytes(whole)

    holds()

    assert seen == {it.TYPE for it in fact_types(kind)}


@pytest.mark.parametrize("kind", KINDS, ids=lambda it: it.__name__)
def test_the_fold_covers_the_module_of_every_class_that_changes_the_state(kind: Kind) -> None:
    modules = fold_of(kind, MESSAGES).modules
    bases = {it.__module__ for it in kind.__mro__ if issubclass(it, Aggregate)}

    assert modules >= bases | {it.__module__ for it in fact_types(kind)}
