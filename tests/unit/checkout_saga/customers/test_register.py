"""One customer for each address: entered once, changed as a whole, and never found by a fact."""

from __future__ import annotations

from typing import Any

from checkout_saga.customers.domain.customer import customer_stream_id
from checkout_saga.customers.domain.errors import CustomerExists, CustomerIsGuest, CustomerNotFound
from checkout_saga.customers.domain.mailbox import mailbox_of
from checkout_saga.customers.register import CUSTOMER_EMAIL, Register, Registered
from checkout_saga.customers.use_cases import KnownCustomer, choose_messages, find_customer
from contracts import customer
from kernel.unit_of_work import UnitOfWork
from tests.support.scenario import Scenario, given, stamp
from tests.unit.checkout_saga.customers.plain_vault import PlainVault, sealed

ANN, BOB = "shopper/1", "shopper/2"
VAULT = PlainVault()
REGISTER = Register(VAULT)
ADDRESS, OTHER_ADDRESS = "Ann@mail.example", "ann@work.example"


def key(email: str) -> str:
    return VAULT.guest("demo", mailbox_of(email, test_environment=True).identity)


def stream(customer_id: str) -> dict[str, Any]:
    return stamp(customer_stream_id("demo", customer_id))


def created(customer_id: str = ANN, email: str = ADDRESS, **person: Any) -> customer.Created:
    personal = sealed(customer_id, customer={"email": email, **person})
    return customer.Created(**stream(customer_id), personal=personal, guest=False, customer_id=customer_id)


def changed(customer_id: str = ANN, *, registered: bool = True, **record: Any) -> customer.Changed:
    personal = sealed(customer_id, **record)
    return customer.Changed(
        **stream(customer_id), customer_id=customer_id, personal=personal, registered=registered
    )


def bought(customer_id: str, email: str = ADDRESS, *, guest: bool = False) -> customer.Created:
    record = {"customer": {"email": email}, "billing_address": {"city": "Porto"}}
    return customer.Created(**stream(customer_id), personal=sealed(customer_id, **record), guest=guest)


async def enter(asked: tuple[str | None, str], work: UnitOfWork) -> Registered:
    customer_id, email = asked
    mailbox = mailbox_of(email, test_environment=True)
    return await REGISTER.enter(customer_id, mailbox, {"name": "Ann"}, work)


async def change(changes: dict[str, Any], work: UnitOfWork) -> KnownCustomer:
    rest = {name: it for name, it in changes.items() if name != "email"}
    mailbox = mailbox_of(changes["email"], test_environment=True) if "email" in changes else None
    return await REGISTER.change(ANN, rest, mailbox, work)


async def hold_again(customer_id: str, work: UnitOfWork) -> None:
    known = await find_customer(customer_id, work)
    await REGISTER.hold_again(known.customer, work)


def erased() -> customer.Erased:
    return customer.Erased(**stream(ANN), customer_id=ANN, ids=(ANN,))


def entered() -> Scenario:
    return given().when(enter, (ANN, ADDRESS))


def test_a_person_is_entered_under_the_given_id_or_a_new_one() -> None:
    story = entered().then(created(name="Ann"))
    assert story.result.is_new
    story.then_holds(CUSTOMER_EMAIL, key(ADDRESS), customer_stream_id("demo", ANN))
    unnamed = given().when(enter, (None, ADDRESS))
    new_id = unnamed.result.known.customer_id
    unnamed.then(created(new_id, name="Ann"))


def test_a_known_address_is_that_customers_in_any_spelling() -> None:
    for asked in ((None, ADDRESS), (ANN, "ann@MAIL.example")):
        story = entered().when(enter, asked)
        story.then_nothing()
        assert (story.result.known.customer_id, story.result.is_new) == (ANN, False)


def test_a_known_address_is_not_entered_for_another_customer() -> None:
    entered().when(enter, (BOB, ADDRESS)).then_refused(CustomerExists)


def test_a_customer_with_an_address_gets_no_second_one_by_being_entered_again() -> None:
    entered().when(enter, (ANN, OTHER_ADDRESS)).then_refused(CustomerExists)


def test_a_customer_who_has_bought_keeps_the_addresses_of_the_first_checkout() -> None:
    story = given(bought(ANN)).when(enter, (ANN, OTHER_ADDRESS))
    person = {"email": OTHER_ADDRESS, "name": "Ann"}
    story.then(changed(customer=person, billing_address={"city": "Porto"})).then_holds(
        CUSTOMER_EMAIL, key(OTHER_ADDRESS), customer_stream_id("demo", ANN)
    )


def test_a_guest_is_not_entered_as_an_account() -> None:
    guest = key(ADDRESS)
    given().when(enter, (guest, ADDRESS)).then_refused(CustomerIsGuest)
    given(bought(BOB, guest=True)).when(enter, (BOB, OTHER_ADDRESS)).then_refused(CustomerIsGuest)


def test_a_change_keeps_what_is_left_out_and_removes_what_is_null() -> None:
    story = entered().when(change, {"phone": "+351912345678"})
    story.then(changed(customer={"email": ADDRESS, "name": "Ann", "phone": "+351912345678"}))
    story.when(change, {"name": None}).then(changed(customer={"email": ADDRESS, "phone": "+351912345678"}))


def test_a_change_of_nothing_leaves_no_fact() -> None:
    entered().when(change, {"name": "Ann", "phone": None, "email": ADDRESS}).then_nothing()


def test_a_person_who_has_only_bought_is_changed_without_holding_the_address() -> None:
    story = given(bought(ANN)).when(change, {"name": "Ann"})
    person = {"email": ADDRESS, "name": "Ann"}
    story.then(changed(registered=False, customer=person, billing_address={"city": "Porto"}))
    story.then_holds(CUSTOMER_EMAIL, key(ADDRESS), None)


def test_who_is_entered_as_already_known_from_a_checkout_is_recorded_as_registered() -> None:
    person = {"email": ADDRESS, "name": "Ann"}
    known = customer.Created(**stream(ANN), personal=sealed(ANN, customer=person), guest=False)
    story = given(known).when(enter, (ANN, ADDRESS)).then(changed(customer=person))
    story.when(enter, (ANN, ADDRESS)).then_nothing()


def test_a_recovered_customer_holds_the_address_that_was_registered_last() -> None:
    for past, holds in (
        ([created()], ADDRESS),
        ([created(), changed(customer={"email": OTHER_ADDRESS})], OTHER_ADDRESS),
        ([bought(ANN), changed(registered=False, customer={"email": ADDRESS})], None),
        ([bought(ANN), changed(customer={"email": ADDRESS})], ADDRESS),
        ([created(), erased()], None),
        ([created(), erased(), bought(ANN)], None),
    ):
        story = given(*past).when(hold_again, ANN).then_nothing()
        held = {value for kind, value in story.world.claims if kind == CUSTOMER_EMAIL}
        assert held == ({key(holds)} if holds else set())


def test_a_recovered_customer_whose_key_is_gone_holds_no_address() -> None:
    unreadable = sealed(BOB, customer={"email": ADDRESS})
    known = customer.Created(**stream(ANN), personal=unreadable, guest=False, customer_id=ANN)
    assert not given(known).when(hold_again, ANN).world.claims


def test_a_new_address_frees_the_old_one() -> None:
    story = entered().when(change, {"email": OTHER_ADDRESS})
    story.then(changed(customer={"email": OTHER_ADDRESS, "name": "Ann"}))
    story.then_holds(CUSTOMER_EMAIL, key(ADDRESS), None)
    assert story.when(enter, (BOB, ADDRESS)).result.is_new
    story.when(change, {"email": ADDRESS}).then_refused(CustomerExists)


def test_nobody_is_changed_who_was_not_entered_and_has_not_bought() -> None:
    given().when(change, {"name": "Ann"}).then_refused(CustomerNotFound)
    profile = customer.ProfileChanged(**stream(ANN), customer_id=ANN, segments=("press",))
    given(profile).when(change, {"name": "Ann"}).then_refused(CustomerNotFound)


def test_a_choice_of_messages_is_recorded_if_it_changes() -> None:
    async def choose(preferences: dict[str, bool], work: UnitOfWork) -> None:
        await choose_messages(ANN, preferences, work)

    chosen = {"cart_recovery": False}
    fact = customer.PreferencesChanged(**stream(ANN), customer_id=ANN, preferences=chosen)
    given().when(choose, chosen).then(fact).when(choose, chosen).then_nothing()
