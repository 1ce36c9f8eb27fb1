"""What is known of a customer comes in any order: by a checkout, a profile or a contact."""

from checkout_saga.customers.domain.customer import Contact, Profile, customer_stream_id
from checkout_saga.customers.use_cases import change_profile, resolve_customer, set_contact
from contracts import customer
from kernel.unit_of_work import UnitOfWork
from tests.support.scenario import given, stamp

CUSTOMER = "shopper/7"
STREAM = customer_stream_id("demo", CUSTOMER)
VIP = Profile(("vip",), (), email_verified=True)
PROFILE = customer.ProfileChanged(
    **stamp(STREAM), customer_id=CUSTOMER, segments=("vip",), email_verified=True
)
CREATED = customer.Created(**stamp(STREAM), personal="sealed", guest=False)


async def profile(changed: Profile, work: UnitOfWork) -> None:
    await change_profile(CUSTOMER, changed, work)


async def purchase(personal: str, work: UnitOfWork) -> bool:
    return await resolve_customer(CUSTOMER, personal, work, guest=False)


def test_a_customer_with_a_profile_is_still_created_by_the_first_checkout() -> None:
    story = given(PROFILE).when(purchase, "sealed")
    story.then(CREATED)
    assert story.result is True


def test_a_later_checkout_keeps_the_record() -> None:
    story = given(CREATED, PROFILE).when(purchase, "sealed anew")
    story.then()
    assert story.result is False


def test_a_profile_is_recorded_if_something_changes() -> None:
    given(CREATED).when(profile, VIP).then(PROFILE)
    given(PROFILE).when(profile, VIP).then()
    given(PROFILE).when(profile, Profile()).then(
        customer.ProfileChanged(**stamp(STREAM), customer_id=CUSTOMER)
    )


def test_the_same_contact_encrypted_anew_leaves_no_fact() -> None:
    async def act(same_as: str | None, work: UnitOfWork) -> None:
        await set_contact(CUSTOMER, Contact("sealed anew", True, "en"), work, same_as=same_as)

    known = customer.ContactSet(
        **stamp(STREAM), customer_id=CUSTOMER, personal="sealed", recovery=True, locale="en"
    )
    given(known).when(act, "sealed").then()
    changed = known.model_copy(update={"personal": "sealed anew"})
    given(known).when(act, None).then(changed)
