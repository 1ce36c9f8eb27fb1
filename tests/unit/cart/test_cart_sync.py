"""A run brings the current prices into the open carts, page by page, and names those that it cannot."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any
from uuid import UUID

import pytest

from cart.carts.domain.cart import Cart
from cart.carts.domain.cart_sync import CartSync
from cart.carts.domain.errors import SyncNotFound
from cart.carts.use_cases.cart_access import record_prices
from cart.carts.use_cases.syncing import (
    RUNNING_SYNC,
    SYNC,
    THE_ONE,
    StartSync,
    find_sync,
    start_sync,
    sync_page,
)
from contracts import cart_sync as facts
from contracts.cart import CartFact, Created, ItemAdded
from tests.support.scenario import Scenario, given, stamp
from tests.unit.cart.catalogues import FakeCatalogue, product
from tests.unit.cart.facts import EXPIRES, LAMP, MUG, created, item_added, locked

SYNC_ID = UUID(int=900)
OFFER = UUID(int=801)
ALL = StartSync((), 24)
CATALOGUE = FakeCatalogue(product(MUG, 500), product(LAMP, 1999))


class Index:
    """Implements ``OpenCarts`` for carts with these numbers."""

    def __init__(self, *numbers: int) -> None:
        self.asked: list[tuple[str, Sequence[UUID]]] = []
        self._ids = [UUID(int=number) for number in numbers]

    async def after(
        self, tenant: str, offer_ids: Sequence[UUID], cart_id: UUID, limit: int
    ) -> Sequence[UUID]:
        self.asked.append((tenant, offer_ids))
        return [it for it in self._ids if it > cart_id][:limit]


def cart(number: int, unit_price: int, product_id: UUID = MUG) -> list[CartFact]:
    cart_id = UUID(int=number)
    begin, line = created(), item_added(unit_price=unit_price, product_id=product_id)
    return [
        Created.model_validate({**begin.model_dump(), **stamp(cart_id)}),
        ItemAdded.model_validate({**line.model_dump(), **stamp(cart_id)}),
    ]


def running(scenario: Scenario) -> CartSync:
    sync = scenario.when(start_sync, ALL).result
    assert isinstance(sync, CartSync)
    return sync


def one_page(scenario: Scenario, sync: CartSync, index: Index, limit: int = 500) -> None:
    scenario.when(partial(sync_page, limit=limit), sync.id, CATALOGUE, index)


def result(scenario: Scenario, sync: CartSync) -> tuple[int, int, int, bool]:
    it = scenario.when(find_sync, sync.id).result
    return it.processed, it.updated, it.errors, it.is_completed


def test_every_page_sets_the_next_one_until_the_end() -> None:
    scenario = given(*cart(1, 450), *cart(2, 500), *cart(3, 450))
    sync, index = running(scenario), Index(1, 2, 3)
    scenario.then_timer(SYNC, sync.id, scenario.now).then_holds(RUNNING_SYNC, THE_ONE, sync.id)
    one_page(scenario, sync, index, limit=2)
    scenario.then_timer(SYNC, sync.id, scenario.now)
    assert result(scenario, sync) == (2, 1, 0, False)
    one_page(scenario, sync, index, limit=2)
    scenario.then_holds(RUNNING_SYNC, THE_ONE, None)
    assert result(scenario, sync) == (3, 2, 0, True)
    one_page(scenario, sync, index)
    scenario.then_nothing()


def test_a_full_last_page_is_followed_by_an_empty_one() -> None:
    scenario = given(*cart(1, 450))
    sync = running(scenario)
    one_page(scenario, sync, Index(1), limit=1)
    one_page(scenario, sync, Index(1), limit=1)
    assert result(scenario, sync) == (1, 1, 0, True)


def test_a_second_start_is_answered_with_the_running_one() -> None:
    scenario = given()
    sync = running(scenario)
    assert scenario.when(start_sync, StartSync((OFFER,), 1)).then_nothing().result.id == sync.id
    one_page(scenario, sync, Index())
    assert running(scenario).id != sync.id


def test_the_index_is_asked_for_the_tenant_s_carts_with_these_offers() -> None:
    scenario = given()
    sync: CartSync = scenario.when(start_sync, StartSync((OFFER,), 1)).result
    index = Index()
    one_page(scenario, sync, index)
    assert index.asked == [("demo", (OFFER,))]


def test_carts_that_are_too_old_or_locked_are_left_out() -> None:
    scenario = given(*cart(1, 450), locked())
    sync = running(scenario)
    one_page(scenario, sync, Index(1))
    assert result(scenario, sync) == (0, 0, 0, True)
    scenario = given(*cart(1, 450)).after(hours=24)
    sync = running(scenario)
    one_page(scenario, sync, Index(1))
    assert result(scenario, sync) == (0, 0, 0, True)
    assert scenario.now < EXPIRES


def test_a_cart_that_cannot_be_priced_is_named_and_the_others_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails_for_one(cart: Cart, *rest: Any) -> Any:
        if cart.id == UUID(int=2):
            raise LookupError(cart.id)
        return record_prices(cart, *rest)

    monkeypatch.setattr("cart.carts.use_cases.syncing.record_prices", fails_for_one)
    scenario = given(*cart(1, 450), *cart(2, 450), *cart(3, 450))
    sync = running(scenario)
    one_page(scenario, sync, Index(1, 2, 3))
    pages = [it for it in scenario.work.facts if isinstance(it, facts.PageProcessed)]
    assert [it.failed for it in pages] == [(UUID(int=2),)]
    assert result(scenario, sync) == (3, 2, 1, True)


def test_another_tenant_s_run_is_not_found() -> None:
    given().when(find_sync, SYNC_ID).then_refused(SyncNotFound)
