"""Rules for giving a session its cart."""

from typing import Any
from uuid import UUID

import pytest

from cart.carts.use_cases.expiry import expire_cart
from cart.carts.use_cases.index_keys import CART_EXPIRY, CUSTOMER_CART, SESSION, SESSION_CART, listed_under
from cart.carts.use_cases.shopping import CreateCart, SessionHasOverdueCart, create_cart
from contracts import cart as facts
from tests.support.scenario import Scenario, given, stamp
from tests.unit.cart.catalogues import USUAL_CATALOGUE
from tests.unit.cart.facts import CART, EXPIRES, created, item_added, locked
from tests.unit.cart.policies import DEFAULT_POLICY

COMMAND = CreateCart("session", "ann", "USD", "education", {"utm_source": "news"})


def create(command: CreateCart = COMMAND, past: Scenario | None = None) -> Scenario:
    return (past or given()).when(create_cart, command, USUAL_CATALOGUE, DEFAULT_POLICY)


def new_cart(scenario: Scenario) -> UUID:
    priced, is_new = scenario.result
    assert is_new
    cart_id: UUID = priced.cart.id
    return cart_id


def test_a_session_without_a_cart_gets_a_new_one_that_lasts_for_72_hours() -> None:
    scenario = create()
    cart_id = new_cart(scenario)
    scenario.then(
        facts.Created(
            **stamp(cart_id),
            session_id="session",
            customer_id="ann",
            currency="USD",
            cart_type="education",
            metadata={"utm_source": "news"},
            expires_at=EXPIRES,
        )
    ).then_timer(CART_EXPIRY, cart_id, EXPIRES)


def test_a_new_cart_is_found_by_its_session_and_by_its_customer() -> None:
    scenario = create()
    cart_id = new_cart(scenario)
    scenario.then_holds(SESSION, "session", cart_id)
    scenario.then_holds(SESSION_CART, listed_under("session", cart_id), cart_id)
    scenario.then_holds(CUSTOMER_CART, listed_under("ann", cart_id), cart_id)


@pytest.mark.parametrize("past", [[item_added()], [item_added(), locked()]])
def test_a_session_keeps_its_open_cart(past: list[Any]) -> None:
    scenario = create(past=given(created(), *past).claimed(SESSION, "session", CART)).then_nothing()
    priced, is_new = scenario.result
    assert priced.cart.id == CART
    assert not is_new


def test_an_overdue_cart_expires_before_the_session_gets_a_new_one() -> None:
    scenario = given(created(), item_added()).claimed(SESSION, "session", CART).after(hours=72)
    with pytest.raises(SessionHasOverdueCart):
        create(past=scenario)
    scenario.when(expire_cart, CART, USUAL_CATALOGUE, DEFAULT_POLICY).then_holds(SESSION, "session", None)
    assert new_cart(create(past=scenario)) != CART
