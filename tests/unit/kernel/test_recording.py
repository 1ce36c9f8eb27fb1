"""A fact is stored for ever: what was misspelt when it was written can never be put right."""

from __future__ import annotations

from uuid import UUID

import pytest
from pydantic import ValidationError

from cart.domain.cart import Cart
from contracts import cart as facts

CART, ITEM = UUID(int=1), UUID(int=2)


def test_a_field_that_the_fact_does_not_have_is_refused_and_nothing_is_recorded() -> None:
    cart = Cart.blank(CART)

    with pytest.raises(TypeError, match=r"ItemRemoved has no item_ids"):
        cart.trigger_event(facts.ItemRemoved, item_id=ITEM, item_ids=[ITEM])

    assert not cart.exists
    assert list(cart.collect_events()) == []


def test_a_field_that_is_missing_is_refused_and_nothing_is_recorded() -> None:
    cart = Cart.blank(CART)

    with pytest.raises(ValidationError, match="item_id"):
        cart.trigger_event(facts.ItemRemoved)

    assert not cart.exists
    assert list(cart.collect_events()) == []
