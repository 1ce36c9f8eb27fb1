"""A fact is stored for ever: a mistake in it must fail before it is recorded.

The ``type: ignore`` comments are tests as well: mypy runs with ``warn_unused_ignores``, so each of them fails
the type check as soon as mypy no longer finds the mistake in its line.
"""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest
from pydantic import ValidationError

from cart.carts.domain.cart import Cart
from contracts import cart as facts

CART, ITEM = UUID(int=1), UUID(int=2)


def removed() -> facts.ItemRemoved:
    return facts.ItemRemoved(item_id=ITEM)


def test_a_field_that_the_fact_does_not_have_is_refused() -> None:
    with pytest.raises(ValidationError, match="helby"):
        facts.LockRefused(checkout_id=CART, step="LOCK_CART", code="C", detail="d", helby=ITEM)  # type: ignore[call-arg]


def test_a_required_field_that_is_missing_is_refused() -> None:
    with pytest.raises(ValidationError, match="item_id"):
        facts.ItemRemoved()  # type: ignore[call-arg]


def test_a_field_of_another_type_is_refused_and_not_converted() -> None:
    with pytest.raises(ValidationError, match="quantity"):
        facts.ItemQuantityChanged(item_id=ITEM, quantity="2")  # type: ignore[arg-type]


def test_an_unknown_field_of_a_nested_part_fails_the_type_check_and_the_constructor() -> None:
    with pytest.raises(ValidationError, match="colour"):
        facts.RepricedItem(item_id=ITEM, unit_price=1, previous_price=2, colour="red")  # type: ignore[call-arg]


def test_only_facts_are_recorded() -> None:
    with pytest.raises(AttributeError):
        Cart.empty(CART).record(object())  # type: ignore[arg-type]


def test_a_recorded_fact_is_the_next_of_its_stream_and_pending_until_the_commit() -> None:
    cart = Cart.empty(CART)
    fact = facts.CustomerSet(customer_id="c")

    cart.record(fact)

    assert (fact.originator_id, fact.originator_version) == (CART, 1)
    assert cart.modified_on == fact.timestamp
    assert cart.version == 1
    assert list(cart.collect_events()) == [fact]


def test_a_fact_is_recorded_once() -> None:
    cart, fact = Cart.empty(CART), facts.CustomerSet(customer_id="c")
    cart.record(fact)

    with pytest.raises(RuntimeError, match="CustomerSet has been recorded already"):
        cart.record(fact)

    assert list(cart.collect_events()) == [fact]


def test_a_copy_of_a_recorded_fact_can_be_recorded() -> None:
    cart, fact = Cart.empty(CART), facts.CustomerSet(customer_id="c")
    cart.record(fact)

    cart.record(fact.unrecorded())

    assert [it.originator_version for it in cart.collect_events()] == [1, 2]


def test_the_envelope_is_no_part_of_the_body() -> None:
    before = removed().body()
    cart = Cart.empty(CART)
    fact = facts.CustomerSet(customer_id="c")
    cart.record(fact)

    assert before == b'{"item_id":"00000000-0000-0000-0000-000000000002"}'
    assert fact.body() == b'{"customer_id":"c"}'


def test_a_fact_has_the_time_of_its_unit_of_work() -> None:
    cart, now = Cart.empty(CART), datetime(2027, 3, 1, tzinfo=UTC)
    cart.decide_at(now)
    fact = facts.CustomerSet(customer_id="c")

    cart.record(fact)

    assert fact.timestamp == cart.modified_on == now
