"""Who may do what on the broker, written down a second time."""

from __future__ import annotations

from contracts.kafka_access import KAFKA_USERS
from contracts.topology import GROUPS, SERVICE_NAMES, TOPICS

WRITE, READ, GROUP = {"Describe", "Read", "Write"}, {"Describe", "Read"}, {"Describe", "Read"}
TABLE = {
    ("cart", "topic", "cart.events"): WRITE,
    ("cart", "topic", "cart.commands"): READ,
    ("cart", "topic", "offer.events"): READ,
    ("cart", "topic", "checkout.events"): READ,
    ("cart", "group", "cart.catalogue"): GROUP,
    ("cart", "group", "cart.commands"): GROUP,
    ("cart", "group", "cart.counts"): GROUP,
    ("cart", "group", "cart.customers"): GROUP,
    ("offer", "topic", "offer.events"): WRITE,
    ("offer", "topic", "offer.commands"): READ,
    ("offer", "topic", "cart.events"): READ,
    ("offer", "topic", "checkout.events"): READ,
    ("offer", "group", "offer"): GROUP,
    ("offer", "group", "offer.shoppers"): GROUP,
    ("checkout-saga", "topic", "checkout.events"): WRITE,
    ("checkout-saga", "topic", "cart.commands"): WRITE,
    ("checkout-saga", "topic", "offer.commands"): WRITE,
    ("checkout-saga", "topic", "cart.events"): READ,
    ("checkout-saga", "topic", "offer.events"): READ,
    ("checkout-saga", "group", "checkout-saga"): GROUP,
    ("projections", "topic", "cart.events"): READ,
    ("projections", "topic", "checkout.events"): READ,
    ("projections", "topic", "offer.events"): READ,
    ("projections", "group", "projections"): GROUP,
    ("operator", "topic", "cart.events"): READ,
    ("operator", "topic", "offer.events"): READ,
    ("operator", "topic", "checkout.events"): READ,
    ("operator", "topic", "cart.commands"): READ,
    ("operator", "topic", "offer.commands"): READ,
    ("operator", "topic", "checkout.commands"): READ,
}


def test_each_user_may_do_what_the_table_says_and_nothing_else() -> None:
    rows = [(user.name, acl.resource, acl.name, acl.operations) for user in KAFKA_USERS for acl in user.acls]
    assert {row[:3]: set(row[3]) for row in rows} == TABLE
    assert len(rows) == len(TABLE), "a resource has one entry for each user"


def test_every_group_of_a_topic_has_an_owner_and_every_owner_is_a_service() -> None:
    assert {group for topic in TOPICS for group in topic.groups} == GROUPS.keys()
    assert {*GROUPS.values()} <= {*SERVICE_NAMES}


def test_every_topic_that_is_read_has_exactly_one_writer() -> None:
    for topic in (it for it in TOPICS if it.groups):
        may_write = [
            user.name
            for user in KAFKA_USERS
            for acl in user.acls
            if acl.name == topic.name and "Write" in acl.operations
        ]
        assert may_write == [topic.sender]
