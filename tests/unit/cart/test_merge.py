"""At login the guest's cart is merged into the customer's: nothing is lost without a word."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from cart.carts.domain.errors import CartNotActive, CartNotFound, MergedIntoItself
from cart.carts.domain.line import item_id_of
from cart.carts.use_cases.expiry import expire_cart
from cart.carts.use_cases.index_keys import (
    ABANDONMENT,
    CART_EXPIRY,
    RECOVERY,
    SESSION,
    SESSION_CART,
    listed_under,
)
from cart.carts.use_cases.merging import MergeCarts, MergedCarts, merge_carts
from cart.carts.use_cases.shopping import show_cart
from contracts import cart as facts
from contracts.cart import CartFact
from contracts.offer import Component
from tests.support.scenario import Scenario, given, stamp
from tests.unit.cart.catalogues import FakeCatalogue, product, promotion
from tests.unit.cart.facts import CART, EXPIRES, LAMP, MUG, SAVE10, created, locked
from tests.unit.cart.offers import offer
from tests.unit.cart.policies import DEFAULT_POLICY

GUEST = UUID(int=2)
PEN, COURSE, MONTHLY, YEARLY, LICENCE = (UUID(int=number) for number in range(13, 18))
KIT = UUID(int=71)
SPRING = UUID(int=42)
CATALOGUE = FakeCatalogue(
    product(MUG, 1000),
    product(PEN, 300),
    product(LAMP, 1999),
    product(COURSE, 9900, type="course"),
    product(MONTHLY, 1900, type="subscription"),
    product(YEARLY, 19000, type="subscription"),
    product(LICENCE, 1500, type="team_license"),
    promotion(SAVE10, code="SAVE10"),
    promotion(SPRING, code="SPRING", value="20", conditions={"product_ids": [str(PEN)]}),
)
PORTS = CATALOGUE, DEFAULT_POLICY


def line(cart_id: UUID, product_id: UUID, quantity: int = 1, **more: Any) -> facts.ItemAdded:
    options = more.pop("options", {})
    known = CATALOGUE.products[product_id]
    return facts.ItemAdded(
        **stamp(cart_id),
        item_id=item_id_of(cart_id, product_id, options, more.get("offer_id")),
        product_id=product_id,
        product_type=known.details.type,
        sku=known.details.sku,
        name=known.details.name,
        quantity=quantity,
        unit_price=known.details.prices[0].amount,
        options=options,
        **more,
    )


def mine(*later: tuple[UUID, int]) -> list[CartFact]:
    return [created(), *(line(CART, *it) for it in later)]


def guests(*later: tuple[UUID, int], customer_id: str | None = None) -> list[CartFact]:
    begin = facts.Created(
        **stamp(GUEST),
        session_id="guest",
        customer_id=customer_id,
        currency="USD",
        cart_type="standard",
        expires_at=EXPIRES,
    )
    return [begin, *(line(GUEST, *it) for it in later)]


def merged(scenario: Scenario, strategy: str = "merge", catalogue: FakeCatalogue = CATALOGUE) -> MergedCarts:
    result = scenario.when(merge_carts, MergeCarts(CART, GUEST, strategy), catalogue, DEFAULT_POLICY).result
    assert isinstance(result, MergedCarts), scenario.refusal
    return result


def held(result: MergedCarts) -> dict[UUID, int]:
    return {it.product_id: it.quantity for it in result.priced.cart.lines.values()}


def left(result: MergedCarts) -> list[tuple[UUID, int, str]]:
    return [(it.product_id, it.quantity, it.reason) for it in result.merged.not_merged]


def test_e50_s8_quantities_add_up_to_the_limit_and_the_rest_is_named() -> None:
    result = merged(given(*mine((MUG, 6)), *guests((MUG, 7), (PEN, 2))))
    assert held(result) == {MUG: 10, PEN: 2}
    assert [it.quantity for it in result.merged.lines] == [4, 2]
    assert left(result) == [(MUG, 3, "MAX_ITEM_QUANTITY_EXCEEDED")]
    assert result.priced.sale.totals.total == 10_600


def test_e51_what_excludes_one_another_is_not_merged() -> None:
    result = merged(
        given(
            *mine((COURSE, 1), (MONTHLY, 1)),
            *guests((COURSE, 1), (YEARLY, 1), (LICENCE, 600)),
        )
    )
    assert held(result) == {COURSE: 1, MONTHLY: 1, LICENCE: 600}
    assert left(result) == [
        (COURSE, 1, "DUPLICATE_COURSE_IN_CART"),
        (YEARLY, 1, "MULTIPLE_SUBSCRIPTIONS_NOT_ALLOWED"),
    ]


def test_e51_seats_of_a_licence_add_up_to_a_thousand() -> None:
    result = merged(given(*mine((LICENCE, 600)), *guests((LICENCE, 600))))
    assert (held(result), left(result)) == (
        {LICENCE: 1000},
        [(LICENCE, 200, "MAX_ITEM_QUANTITY_EXCEEDED")],
    )


def test_e52_s8_lines_over_the_limit_of_a_cart_are_named() -> None:
    full = [created(), *(line(CART, MUG, options={"number": it}) for it in range(49))]
    result = merged(given(*full, *guests((PEN, 1), (LAMP, 1))))
    assert len(result.priced.cart.lines) == 50
    assert left(result) == [(LAMP, 1, "MAX_CART_ITEMS_EXCEEDED")]


def test_e53_s8_options_are_the_same_in_any_order_of_their_keys() -> None:
    past = [created(), line(CART, MUG, 2, options={"a": 1, "b": 2})]
    theirs = [*guests(), line(GUEST, MUG, 3, options={"b": 2, "a": 1})]
    result = merged(given(*past, *theirs))
    assert held(result) == {MUG: 5}
    assert len(result.priced.cart.lines) == 1


def test_e53_replace_takes_the_guest_s_lines_into_an_emptied_cart() -> None:
    result = merged(given(*mine((MUG, 6)), *guests((PEN, 2))), "replace")
    assert (held(result), left(result)) == ({PEN: 2}, [])


def test_e53_reject_takes_nothing() -> None:
    result = merged(given(*mine((MUG, 6)), *guests((PEN, 2))), "reject")
    assert (held(result), left(result)) == ({MUG: 6}, [(PEN, 2, "REJECTED")])
    assert result.priced.cart.id == CART


def test_s8_the_cart_keeps_its_owner() -> None:
    scenario = given(*mine((MUG, 1)), *guests((PEN, 1)))
    cart = merged(scenario).priced.cart
    assert (cart.customer_id, cart.session_id, cart.expires_at) == ("ann", "session", EXPIRES)


def test_s8_each_code_is_looked_at_on_the_result() -> None:
    past = [*mine((MUG, 2)), facts.DiscountApplied(**stamp(CART), code="SPRING", promotion_id=SPRING)]
    theirs = [
        *guests((MUG, 1)),
        facts.DiscountApplied(**stamp(GUEST), code="SAVE10", promotion_id=SAVE10),
        facts.DiscountApplied(**stamp(GUEST), code="GONE", promotion_id=UUID(int=99)),
        facts.DiscountApplied(**stamp(GUEST), code="spring", promotion_id=SPRING),
    ]
    result = merged(given(*past, *theirs))
    codes = result.merged.codes
    assert codes is not None
    assert (codes.kept, codes.added) == ((), ("SAVE10",))
    assert {(it.code, it.reason) for it in codes.dropped} == {
        ("SPRING", "conditions_not_met"),
        ("spring", "conditions_not_met"),
        ("GONE", "unknown"),
    }
    assert list(result.priced.cart.codes.values()) == ["SAVE10"]
    assert result.priced.sale.totals.discount == 300


def test_replace_names_the_cart_s_own_codes_as_replaced() -> None:
    past = [*mine((MUG, 2)), facts.DiscountApplied(**stamp(CART), code="SAVE10", promotion_id=SAVE10)]
    codes = merged(given(*past, *guests((PEN, 1))), "replace").merged.codes
    assert codes is not None
    assert [(it.code, it.reason) for it in codes.dropped] == [("SAVE10", "replaced")]


def test_what_is_not_sold_any_more_is_named() -> None:
    off = FakeCatalogue(product(MUG, 1000), product(PEN, status="archived"), product(LAMP, currency="EUR"))
    result = merged(given(*mine((MUG, 1)), *guests((PEN, 1), (LAMP, 1))), catalogue=off)
    assert left(result) == [(PEN, 1, "PRODUCT_NOT_FOUND"), (LAMP, 1, "CURRENCY_NOT_PRICED")]


def test_an_offer_comes_as_a_whole_or_not_at_all() -> None:
    parts = Component(product_id=MUG, position=0), Component(product_id=PEN, position=1, quantity=3)
    kit = offer(KIT, 1500, products=parts)
    catalogue = FakeCatalogue(*CATALOGUE.products.values(), kit)

    def theirs(quantity: int) -> list[CartFact]:
        return [
            *guests(),
            line(GUEST, MUG, quantity, offer_id=KIT),
            line(GUEST, PEN, quantity, offer_id=KIT, units=3),
        ]

    result = merged(given(*mine(), *theirs(2)), catalogue=catalogue)
    assert held(result) == {MUG: 2, PEN: 2}
    assert result.priced.sale.totals.total == 3000
    past = [*mine(), line(CART, MUG, 2, offer_id=KIT), line(CART, PEN, 2, offer_id=KIT, units=3)]
    result = merged(given(*past, *theirs(2)), catalogue=catalogue)
    assert held(result) == {MUG: 2, PEN: 2}
    assert {it[2] for it in left(result)} == {"MAX_ITEM_QUANTITY_EXCEEDED"}


def test_both_streams_say_it_and_the_guest_s_session_has_the_cart_from_now_on() -> None:
    scenario = given(*mine((MUG, 1)), *guests((PEN, 1)))
    scenario.claimed(SESSION, "session", CART).claimed(SESSION, "guest", GUEST)
    merged(scenario)
    streams = [it.originator_id for it in scenario.work.facts if isinstance(it, facts.Merged)]
    assert sorted(streams) == [CART, GUEST]
    scenario.then_holds(SESSION, "guest", CART).then_holds(SESSION, "session", CART)
    scenario.then_holds(SESSION_CART, listed_under("guest", CART), CART)
    scenario.then_no_timer(CART_EXPIRY, GUEST).then_no_timer(ABANDONMENT, GUEST)
    scenario.at(EXPIRES).when(expire_cart, CART, *PORTS)
    scenario.then_holds(SESSION, "guest", None).then_holds(SESSION, "session", None)


def test_the_same_call_again_gets_the_same_answer() -> None:
    scenario = given(*mine((MUG, 6)), *guests((MUG, 7)))
    first = merged(scenario)
    again = merged(scenario)
    scenario.then_nothing()
    assert again.merged == first.merged
    assert again.version == first.version
    other = MergeCarts(CART, GUEST, "replace")
    scenario.when(merge_carts, other, *PORTS).then_refused(CartNotActive, cart_status="merged")


def test_abandoned_carts_are_merged() -> None:
    def gone(cart_id: UUID) -> facts.Abandoned:
        return facts.Abandoned(**stamp(cart_id), currency="USD", value=1, items=1, last_activity_at=EXPIRES)

    scenario = given(*mine((MUG, 1)), gone(CART), *guests((PEN, 1)), gone(GUEST)).after(minutes=1)
    assert held(merged(scenario)) == {MUG: 1, PEN: 1}
    assert scenario.work.facts[0].TYPE == facts.Recovered.TYPE
    scenario.then_no_timer(RECOVERY, GUEST).then_no_timer(RECOVERY, CART)


def test_a_guest_s_destination_is_taken_if_the_cart_has_none() -> None:
    to_portugal = facts.DestinationSet(**stamp(GUEST), country="PT")
    cart = merged(given(*mine(), *guests((PEN, 1)), to_portugal)).priced.cart
    assert cart.country == "PT"
    to_spain = facts.DestinationSet(**stamp(CART), country="ES")
    assert merged(given(*mine(), to_spain, *guests((PEN, 1)), to_portugal)).priced.cart.country == "ES"


def test_a_cart_of_another_customer_or_tenant_is_not_found() -> None:
    command = MergeCarts(CART, GUEST, "merge")
    scenario = given(*mine((MUG, 1)), *guests((PEN, 1), customer_id="bob"))
    scenario.when(merge_carts, command, *PORTS).then_refused(CartNotFound)
    given(*mine((MUG, 1))).when(merge_carts, command, *PORTS).then_refused(CartNotFound)


@pytest.mark.parametrize("cart_id", [CART, GUEST])
def test_a_locked_cart_is_not_merged(cart_id: UUID) -> None:
    past = [*mine((MUG, 1)), *guests((PEN, 1)), locked(stream=cart_id)]
    given(*past).when(merge_carts, MergeCarts(CART, GUEST, "merge"), *PORTS).then_refused(CartNotActive)


def test_a_cart_is_not_merged_into_itself() -> None:
    command = MergeCarts(CART, CART, "merge")
    given(*mine((MUG, 1))).when(merge_carts, command, *PORTS).then_refused(MergedIntoItself)


def test_a_merged_cart_can_still_be_read() -> None:
    scenario = given(*mine((MUG, 1)), *guests((PEN, 1)))
    merged(scenario)
    assert scenario.when(show_cart, GUEST, CATALOGUE).result.cart.merged_into == CART


def test_the_flows_of_the_guests_cart_lead_to_the_surviving_one() -> None:
    flow_id = UUID(int=51)
    joined = facts.FlowJoined(**stamp(GUEST), flow_id=flow_id)
    scenario = given(*mine(), *guests((MUG, 1)), joined)
    scenario.when(merge_carts, MergeCarts(CART, GUEST, "merge"), *PORTS)
    assert scenario.result.priced.cart.flow_ids == {flow_id}
