"""A snapshot holds no more personal data than the facts: what is encrypted there is encrypted here."""

from __future__ import annotations

from checkout_saga.customers.domain.customer import Contact, Customer, Profile
from contracts.topics import MESSAGES
from kernel.store.snapshots.fold import fold_of
from kernel.store.snapshots.state_codec import codec_of
from tests.unit.snapshots.histories import STREAM

SEALED = "what the vault has made of the name and the mailbox"


def test_the_state_of_a_customer_holds_the_ciphertext_of_the_facts_and_a_profile() -> None:
    customer = Customer.empty(STREAM)
    customer.create(SEALED, guest=True)
    customer.set_contact("customer-42", Contact(personal=SEALED, recovery=True))
    customer.collect_events()

    codec = codec_of(fold_of(Customer, MESSAGES))
    state = codec.to_bytes(customer)

    attributes = vars(codec.from_bytes(Customer, STREAM, 1, state))
    assert {name for name in attributes if not name.startswith("_")} == {
        "customer_id",
        "created",
        "is_guest",
        "personal",
        "registered",
        "profile",
        "automatic",
        "preferences",
        "contact",
        "linked",
        "account_id",
        "erased",
        "erased_ids",
        "is_blank",
    }
    assert attributes["personal"] == attributes["contact"].personal == SEALED
    assert attributes["profile"] == Profile()
