"""A guest is linked with one account, an account with none: after any links an id has one person."""

from __future__ import annotations

import asyncio
from itertools import product
from typing import Any

from hypothesis import given as for_all
from hypothesis import strategies as st

from checkout_saga.customers.domain.customer import customer_stream_id
from checkout_saga.customers.domain.errors import CustomerExists, CustomerIsGuest
from checkout_saga.customers.linking import link_guest
from checkout_saga.customers.use_cases import ids_of, resolve_customer
from contracts import customer
from kernel.domain import Refused
from kernel.unit_of_work import UnitOfWork
from tests.support.in_memory_unit_of_work import InMemoryUnitOfWork
from tests.support.scenario import Scenario, given, stamp

ANN, BOB, GUEST, OTHER_GUEST = "shopper/1", "shopper/2", "guest-1", "guest-2"
PEOPLE = (ANN, BOB, GUEST, OTHER_GUEST)


def stream(customer_id: str) -> dict[str, Any]:
    return stamp(customer_stream_id("demo", customer_id))


def linked(account: str = ANN, guest: str = GUEST) -> tuple[customer.Linked, customer.Joined]:
    return (
        customer.Linked(**stream(account), customer_id=account, guest_id=guest),
        customer.Joined(**stream(guest), customer_id=guest, account_id=account),
    )


def erased(customer_id: str) -> customer.Erased:
    return customer.Erased(**stream(customer_id), customer_id=customer_id)


def bought(customer_id: str, *, guest: bool) -> customer.Created:
    return customer.Created(**stream(customer_id), personal="sealed", guest=guest)


async def link(pair: tuple[str, str], work: UnitOfWork) -> None:
    await link_guest(*pair, work)


def ids(story: Scenario, customer_id: str) -> tuple[str, ...]:
    return asyncio.run(ids_of(customer_id, InMemoryUnitOfWork(story.world, story.context, story.now)))


def test_a_guest_is_linked_whether_or_not_either_of_them_has_bought() -> None:
    given().when(link, (ANN, GUEST)).then(*linked())
    known = bought(ANN, guest=False), bought(GUEST, guest=True)
    given(*known).when(link, (ANN, GUEST)).then(*linked())


def test_the_same_link_again_changes_nothing() -> None:
    given(*linked()).when(link, (ANN, GUEST)).then_nothing()


def test_one_account_has_several_guests_and_each_id_stands_for_the_person() -> None:
    story = given(*linked()).when(link, (ANN, OTHER_GUEST))
    story.then(*linked(guest=OTHER_GUEST))
    assert {ids(story, it) for it in (ANN, GUEST, OTHER_GUEST)} == {(ANN, GUEST, OTHER_GUEST)}
    assert ids(story, BOB) == (BOB,)


def test_a_guest_of_another_account_is_refused() -> None:
    given(*linked()).when(link, (BOB, GUEST)).then_refused(CustomerExists)


def test_an_account_with_guests_of_its_own_is_not_linked_as_a_guest() -> None:
    given(*linked(GUEST, OTHER_GUEST)).when(link, (ANN, GUEST)).then_refused(CustomerExists)


def test_a_guest_is_no_account() -> None:
    given(bought(GUEST, guest=True)).when(link, (GUEST, OTHER_GUEST)).then_refused(CustomerIsGuest)
    given(*linked()).when(link, (GUEST, OTHER_GUEST)).then_refused(CustomerIsGuest)
    given().when(link, (GUEST, GUEST)).then_refused(CustomerIsGuest)


def test_the_erasure_of_the_account_ends_its_links_and_the_guest_can_be_linked_again() -> None:
    past = (*linked(), erased(ANN))
    story = given(*past).when(link, (BOB, GUEST))
    story.then(*linked(BOB))
    assert ids(story, ANN) == (ANN,)
    assert ids(story, GUEST) == (BOB, GUEST)


def test_a_link_that_is_made_again_after_an_erasure_keeps_other_accounts_from_the_guest() -> None:
    """Both streams change, so that a link of another account at the same moment is repeated, and refused."""
    story = given(*linked(), erased(ANN)).when(link, (ANN, GUEST))
    story.then(*linked())
    story.when(link, (BOB, GUEST)).then_refused(CustomerExists)


def test_the_first_checkout_of_a_linked_guest_keeps_the_link() -> None:
    async def checkout(customer_id: str, work: UnitOfWork) -> None:
        await resolve_customer(customer_id, "sealed", work, guest=True)

    story = given(*linked()).when(checkout, GUEST)
    story.then(bought(GUEST, guest=True))
    assert ids(story, ANN) == (ANN, GUEST)


@for_all(st.lists(st.sampled_from(list(product(PEOPLE, PEOPLE))), max_size=8))
def test_whatever_is_linked_each_id_belongs_to_one_person(pairs: list[tuple[str, str]]) -> None:
    story = given()
    for pair in pairs:
        work = InMemoryUnitOfWork(story.world, story.context, story.now)
        try:
            asyncio.run(link_guest(*pair, work))
        except Refused:
            continue
        work.commit()
    for one, other in product(PEOPLE, PEOPLE):
        assert (one in ids(story, other)) == (ids(story, one) == ids(story, other))
